# A -> B -> C, where B works in ways that make it hard to say whose call it is: nothing is wrong at
# the default, and calls that B makes on its own carry nothing of any request.

load lib/bed
load lib/programs
load lib/chain

setup_file() { chain_start; }
teardown_file() { bed_stop; }
setup() { chain_test; }
teardown() {
    b_stop
    server_stop
}

threads_b() { b_start "$APPS/chain-threads" "$1" "$B_PORT" "$C_PORT"; }

none_of_its_own_wrong() {
    own_calls
    assert [ "$OWN" -gt 0 ]
    assert_equal "$OWN_WRONG" 0
}

# Many requests, and some whose answers take their time: nothing is wrong.
loads_not_wrong() { # N
    load_b n="$1" form=length
    none_wrong
    load_b n=$(($1 / 4)) form=length delay=10
    none_wrong
}

@test "threads that lend connections to one another keep all" {
    threads_b lent
    load_b n=2000 form=length
    all_kept
    load_b mode=mixed form=length
    all_kept
    load_b n=400 form=length delay=10
    all_kept
    none_of_its_own_wrong
}

@test "readers that hand over to workers" {
    threads_b handover
    loads_not_wrong 2000
    none_of_its_own_wrong
}

@test "workers that read bodies, and others that go on" {
    for _ in 1 2 3 4; do
        threads_b stages
        load_b n=300 form=length mode=late
        none_wrong
        load_b n=300 form=length mode=late delay=10
        none_wrong
        b_stop
    done
}

@test "handlers that start a thread for each call" {
    threads_b helper
    load_b n=1000 form=length
    none_wrong
    none_of_its_own_wrong
    b_stop
    b_settings 'confidence = "weak";'
    export B_NAME="$BATS_TEST_DESCRIPTION, at weak"
    threads_b helper
    load_b n=1000 form=length
    b_alive
    assert_equal "$FAILED" 0
    own_calls
}

@test "python handlers that give their calls to a pool" {
    b_start "$PYTHON" "$DATA/threads.py" "$B_PORT" "$C_URL" pool
    loads_not_wrong 400
}

@test "java's HttpClient, whose selector thread makes all calls" {
    need java default-jdk-headless
    b_start java -Xshare:auto -XX:TieredStopAtLevel=1 "$DATA/Chain.java" "$B_PORT" "$C_URL" client
    loads_not_wrong 1000
}

@test "one reader of all connections, workers that answer" {
    threads_b answer
    loads_not_wrong 2000
    load_b n=400 form=length mode=http10
    none_wrong
    none_of_its_own_wrong
}

@test "what a handler asks for when it has answered is its own" {
    threads_b after
    load_b n=2000 form=length
    all_kept
    load_b n=400 form=length mode=http10
    all_kept
    load_b n=400 form=length mode=pipelined
    none_wrong
    none_of_its_own_wrong
}

@test "a server that asks itself first" {
    b_start "$PYTHON" "$DATA/threads.py" "$B_PORT" "$C_URL" self
    load_b
    all_kept
}

@test "handlers that wait for the call of another one" {
    threads_b flight
    loads_not_wrong 1000
    none_of_its_own_wrong
}

@test "a connection that becomes another protocol's" {
    threads_b lent
    load_b n=400 form=length mode=upgrade
    none_wrong
    none_of_its_own_wrong
}

# store_b HOW [crumbs|greets]: with a store of its own; crumbs: its answers come in small parts;
# greets: it was spoken to before B listens.
store_b() {
    local redis greets=()
    [[ ${2:-} != greets ]] || greets=(greets)
    need redis-server redis-server
    redis=$(free_ports 1)
    server_start redis 30 "port_open $redis" -- redis-server --port "$redis" --bind 127.0.0.1 \
        --save "" --appendonly no
    if [[ ${2:-} == crumbs ]]; then
        server_start crumbs 30 "test -s '$T/crumbs.port'" -- \
            "$PYTHON" "$LIB/crumbs.py" "$T/crumbs.port" "$redis"
        redis=$(cat "$T/crumbs.port")
    fi
    b_start "$APPS/chain-store" "$1" "$B_PORT" "$C_PORT" "$redis" "${greets[@]}"
}

@test "one connection to a store: a thread reads, and wakes the handlers" {
    store_b wait
    load_b n=1500 form=length
    all_kept
    load_b n=400 form=length delay=10
    all_kept
}

@test "one connection to a store: a thread reads, and does the rest" {
    store_b callback
    loads_not_wrong 1500
}

@test "one connection to a store: a handler reads for all, and does the rest" {
    store_b leader
    loads_not_wrong 1500
}

@test "the same, with a store that was spoken to before there were requests" {
    local how
    for how in leader callback; do
        store_b "$how" greets
        loads_not_wrong 1500
        b_stop
        server_stop
    done
}

@test "handlers that lend connections to a store to one another keep all" {
    store_b lent
    load_b n=1500 form=length
    all_kept
    load_b n=400 form=length delay=10
    all_kept
}

# What is wrong would be among the first requests of a process.
@test "so they do, whatever parts the store's answers come in" {
    local how
    for how in wait lent; do
        store_b "$how" crumbs
        load_b n=600 form=length
        all_kept
        b_stop
        server_stop
        rm -f "$T/crumbs.port"
    done
    for how in callback leader leader leader leader; do
        store_b "$how" crumbs
        load_b n=200 form=length
        none_wrong
        b_stop
        server_stop
        rm -f "$T/crumbs.port"
    done
}

@test "fibers of a few threads, with a thread that polls for them" {
    b_start "$APPS/chain-fibers" "$B_PORT" "$C_PORT"
    loads_not_wrong 1500
    load_b n=400 form=length mode=http10
    none_wrong
    none_of_its_own_wrong
}

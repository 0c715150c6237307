# A -> B -> C, where B is a small C server over libcurl: whatever its clients do, each call of B's
# carries what the request that caused it came with.

load lib/bed
load lib/programs
load lib/chain

setup_file() { chain_start; }
teardown_file() { bed_stop; }
setup() { chain_test; }
teardown() { b_stop; }

server() {
    b_start "$APPS/curl-chain-server" "$1" "$B_PORT" "$C_URL"
}

@test "a thread per connection" {
    server threads
    load_b n=3000
    all_kept
}

@test "a process per connection" {
    server fork
    load_b n=2000
    all_kept
    load_b mode=http10
    all_kept
}

@test "a pool of threads that accept" {
    server pool
    load_b n=2000
    all_kept
    load_b mode=http10
    all_kept
}

@test "processes that accept" {
    server prefork
    load_b n=2000
    all_kept
    load_b mode=http10
    all_kept
}

@test "each kind of request" {
    local mode
    server threads
    for mode in bits http10 head post chunked expect early late half mixed; do
        load_b mode="$mode" n=800
        all_kept
    done
}

@test "pipelined requests: none wrong, and all where the immediate is enough" {
    server threads
    load_b mode=pipelined
    none_wrong
    b_stop
    b_settings 'confidence = "immediate";'
    server threads
    load_b mode=pipelined n=800
    all_kept
}

@test "baggage of 4 kB, in several lines" {
    server threads
    load_b size=4096 n=1000
    all_kept
}

@test "malformed members are dropped, and the others kept" {
    server threads
    load_b malformed=1 n=1000
    all_kept
}

@test "clients that break off, lose patience, or never read" {
    local mode
    server threads
    for mode in broken hasty deaf; do
        load_b mode="$mode" n=1000
        none_wrong
        assert_equal "part $PART missing $MISSING" "part 0 missing 0"
    done
    load_b
    all_kept
}

@test "answers that take their time, over connections that are kept" {
    server threads
    load_b delay=20 n=800 form=length
    all_kept
}

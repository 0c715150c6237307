# Which programs take part, what they say of themselves, and what those get that they start.

load lib/bed
load lib/programs

setup_file() { bed_start; }
teardown_file() { bed_stop; }
setup() {
    bed_test
    unset BAGGAGE
    AT="http://127.0.0.1:$HTTP_PORT"
}
teardown() { server_stop; }

CLIENTS=(curl wget python3)
GET='import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=60).read()'

# client NAME PATH: sets CLIENT to what it takes to ask.
client() {
    case $1 in
    curl) CLIENT=(curl -q -sS -o out "$AT$2") ;;
    wget) CLIENT=(wget --no-config --no-hsts --no-proxy -q -t 1 -T 60 -O out "$AT$2") ;;
    python3) CLIENT=("$PYTHON" -c "$GET" "$AT$2") ;;
    esac
}

# carried: of the requests since the mark, one a line, sorted.
carried() {
    since >shim.jsonl
    sent | cut -d' ' -f3- | sort
}

# assert_part PROGRAMS PATH WHO...: with these in "programs", these clients carry baggage there.
assert_part() {
    local name expect
    printf 'programs = { %s };\n' "$1" >p.conf
    timeout 20 "$BUILD/bellhop" check p.conf >check.out || fail "$(cat check.out)"
    for name in "${CLIENTS[@]}"; do
        expect=-
        [[ " ${*:3} " != *" $name "* ]] || expect=a=1
        client "$name" "$2"
        mark
        BAGGAGE=a=1 BELLHOP_CONFIG="$T/p.conf" shim "${CLIENT[@]}"
        assert_equal "$1: $name $(carried)" "$1: $name $2 $expect"
    done
}

@test "programs that are included, and excluded" {
    local wget
    wget=$(readlink -f "$(type -P wget)")
    assert_part '' /a curl wget python3
    assert_part 'include = [ "wget" ];' /a wget
    assert_part 'include = [ "c*l", "python3*" ];' /a curl python3
    assert_part 'include = [ "*" ]; exclude = [ "curl" ];' /a wget python3
    assert_part 'include = [ "curl", "wget" ]; exclude = [ "w*" ];' /a curl
    assert_part "exclude = [ \"$wget\" ];" /a curl python3
    assert_part "include = [ \"${wget%/*}/*\" ];" /a curl wget python3
    assert_part 'exclude = [ "/opt/*", "cur", "get" ];' /a curl wget python3
}

@test "programs by their arguments" {
    assert_part 'include = [ "* */in" ];' /in curl wget python3
    assert_part 'include = [ "* */in" ];' /out
    assert_part 'exclude = [ "curl *-o out*", "wget *-o out*", "python3* *urllib*" ];' /a wget
    assert_part 'include = [ "curl" ]; exclude = [ "curl *out" ];' /in curl
    assert_part 'include = [ "curl" ]; exclude = [ "curl *out" ];' /out
}

# shellcheck disable=SC2016 # it is the settings that expand ${...}
@test "what a program says of itself is so" {
    local name exe
    printf '%s\n' 'set = ( { key = "exe"; value = "${exe}"; }, { key = "pid"; value = "${pid}"; },
        { key = "host"; value = "${hostname}"; } );' >p.conf
    for name in "${CLIENTS[@]}"; do
        client "$name" /a
        exe=$(readlink -f "$(type -P "${CLIENT[0]}")")
        mark
        LD_PRELOAD="$SHIM" BELLHOP_CONFIG="$T/p.conf" "${CLIENT[@]}" 3>&- &
        wait $!
        assert_equal "$(carried)" "/a exe=${exe##*/},pid=$!,host=$(</proc/sys/kernel/hostname)"
    done
}

# spawner HOW SETTINGS: starts "$T/child PATH" for each request, which asks by the program that its path
# names.
spawner() {
    B_PORT=$(free_ports 1)
    printf '%s\n' "$2" >p.conf
    server_start spawner 30 "port_open $B_PORT" -- env LD_PRELOAD="$SHIM" BELLHOP_CONFIG="$T/p.conf" \
        "$APPS/chain-spawn" "$1" "$B_PORT" "$HTTP_PORT" "$T/child"
}

# child: what is started.
# shellcheck disable=SC2016 # it is the child that expands it
child() {
    local name
    {
        printf '#!/bin/bash\ncase $1 in\n'
        for name in "${CLIENTS[@]}"; do
            client "$name" /by/
            CLIENT[-1]+=$name
            printf '*%s*) %s ;;\n' "$name" "${CLIENT[*]@Q}"
        done
        printf 'esac\necho done\n'
    } >child
    chmod +x child
}

# ask PATH: of B, with two members.
ask() {
    mark
    run timeout 60 curl -q -sS --fail -H 'baggage: a=1,b=2' "http://127.0.0.1:$B_PORT$1"
    assert_success
}

@test "what is started gets what children may have, in each way to start it" {
    local how name
    child
    for how in system posix_spawn execve vfork popen; do
        spawner "$how" 'children = [ "a" ];'
        for name in "${CLIENTS[@]}"; do
            ask "/$name"
            assert_equal "$how $(carried)" "$how /by/$name a=1"
        done
        server_stop
    done
    # A fork is the same program.
    spawner fork 'children = [ "a" ];'
    ask /fork
    assert_equal "$(carried)" "/fork a=1,b=2"
    server_stop
    spawner execve 'children = [ ];'
    ask /curl
    assert_equal "$(carried)" "/by/curl -"
}

# shellcheck disable=SC2016 # it is the settings that expand ${...}
@test "what is started says what it is itself, and a fork what its parent is" {
    local name exe pid
    child
    for name in "${CLIENTS[@]}"; do
        spawner posix_spawn 'children = [ "*" ]; set = ( { key = "exe"; value = "${exe}"; } );'
        client "$name" /
        exe=$(readlink -f "$(type -P "${CLIENT[0]}")")
        ask "/$name"
        assert_equal "$(carried)" "/by/$name a=1,b=2,exe=${exe##*/}"
        server_stop
    done
    spawner fork 'set = ( { key = "pid"; value = "${pid}"; } );'
    pid=$(tail -1 servers | cut -d" " -f1)
    ask /fork
    assert_equal "$(carried)" "/fork a=1,b=2,pid=$pid"
}

@test "children of a program that is left alone are looked at anew" {
    local name
    child
    # The server reads no request then: what its children have is what it was started with.
    export BAGGAGE=own=1
    for name in "${CLIENTS[@]}"; do
        spawner posix_spawn 'programs = { exclude = [ "chain-spawn", "bash" ]; };'
        ask "/$name"
        assert_equal "$(carried)" "/by/$name own=1"
        server_stop
        spawner posix_spawn 'programs = { include = [ "chain-spawn", "bash", "wget" ]; };'
        ask "/$name"
        if [[ $name == wget ]]; then
            assert_equal "$(carried)" "/by/$name own=1,a=1,b=2"
        else
            assert_equal "$(carried)" "/by/$name -"
        fi
        server_stop
    done
}

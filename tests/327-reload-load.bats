# Thousands of reloads while many threads make and serve requests: each request carries one state of
# the settings, no connection goes back to one before, and memory stays what it was.
# shellcheck disable=SC2034 # read by bed.bash

bats_require_minimum_version 1.5.0
load lib/bed
load lib/control

setup() {
    control_setup
    unset BAGGAGE
    # The agent keeps what it is told beside its socket, and thousands of renames on a busy disk take
    # minutes.
    PLACE=$(mktemp -d /dev/shm/bellhop-XXXXXX)
    S="$PLACE/s"
    export BELLHOP_CONTROL="$S"
    start_agent
}
teardown() {
    control_teardown
    rm -rf "${PLACE:?}"
}

# start NAME COMMAND...: in the background, until its standard input ends; PORT is what it says
# first if it says something.
start() {
    local name=$1 fd
    shift
    mkfifo "$name.in"
    "$@" <"$name.in" >"$name.out" 2>"$name.err" 3>&- &
    PID=$!
    STARTED+=("$PID")
    exec {fd}>"$name.in"
    printf -v "IN_$name" %s "$fd"
}
port_of() {
    wait_for 20 test -s "$1.out"
    PORT=$(head -1 "$1.out")
}
end() { # NAME PID
    local in="IN_$1" fd
    fd=${!in}
    exec {fd}>&-
    wait "$2"
}

reloads() { timeout 250 /usr/bin/python3 "$LIB/reloads.py" "$S" "$@"; }
resident() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }
# A sum of the sink's: sum torn.
sum() { tail -1 sink.out | tr ' ' '\n' | sed -n "s/^$1=//p"; }
requests_of() { bellhop ps --pid "$1" --json | jq '[.processes[0].counters.injected[]] | add'; }
swaps_of() { bellhop ps --pid "$1" --json | jq '.processes[0].counters.control.settings_swapped'; }

# clients RELOADS THREADS: they ask the sink, on connections that they keep.
clients() {
    local sink client
    start sink "$APPS/reload" sink
    sink=$PID
    port_of sink
    start ask env BAGGAGE=in=1,g5=0 LD_PRELOAD="$SHIM" "$APPS/reload" ask "$PORT" "$2"
    client=$PID
    # shellcheck disable=SC2317
    asks() { [[ $(requests_of "$client") -gt 100 ]]; }
    wait_for 30 asks
    run reloads 1 "$(($1 / 10))"
    assert_output "$(($1 / 10))"
    BEFORE=$(resident "$client")
    run reloads "$(($1 / 10 + 1))" "$1"
    assert_output "$1"
    AFTER=$(resident "$client")
    SWAPS=$(swaps_of "$client")
    # The last state is what a request made now has.
    local done_by
    done_by=$(requests_of "$client")
    more_done() { [[ $(requests_of "$client") -gt $((done_by + 20)) ]]; }
    wait_for 30 more_done
    assert_equal "$(bellhop ps --pid "$client" --json | jq -r '.processes[0].settings')" current
    end ask "$client"
    end sink "$sink" || true
    cat sink.out sink.err
    assert_equal "torn $(sum torn) backwards $(sum backwards)" "torn 0 backwards 0"
    assert [ "$(sum g4)" -gt 100 ]
    assert [ "$SWAPS" -gt $(($1 / 20)) ]
}

@test "clients of many threads, and 2,000 reloads" {
    clients 2000 8
    echo "$BEFORE KB before, $AFTER KB after, $SWAPS swaps"
    assert [ "$((AFTER - BEFORE))" -lt 400 ]
}

# server RELOADS THREADS [HEAD...]: clients without the shim ask a server with it, which asks the sink for each.
server() {
    local sink server client
    start sink "$APPS/reload" sink in
    sink=$PID
    port_of sink
    start serve env LD_PRELOAD="$SHIM" "$APPS/reload" serve "$PORT"
    server=$PID
    port_of serve
    start ask "$APPS/reload" ask "$PORT" "$2" "baggage: in=1,g5=0" "x-h: v" "x-even: 1" "x-odd: 1"
    client=$PID
    # shellcheck disable=SC2317
    asks() { [[ $(requests_of "$server") -gt 100 ]]; }
    run reloads 0 0 # before it, there is no state
    wait_for 30 asks
    run reloads 1 "$(($1 / 10))"
    BEFORE=$(resident "$server")
    run reloads "$(($1 / 10 + 1))" "$1"
    assert_output "$1"
    AFTER=$(resident "$server")
    SWAPS=$(swaps_of "$server")
    end ask "$client"
    kill "$server" # which has the sink's standard input open as well
    wait "$server" || true
    end sink "$sink" || true
    cat sink.out sink.err
    assert_equal "torn $(sum torn) backwards $(sum backwards)" "torn 0 backwards 0"
    assert [ "$(sum g5)" -gt 100 ]
    assert [ "$(sum forwarded)" -gt 100 ]
    assert [ "$SWAPS" -gt $(($1 / 20)) ]
}

@test "a server of many threads, and 2,000 reloads: what it takes in is judged by the same state" {
    server 2000 8
    echo "$BEFORE KB before, $AFTER KB after, $SWAPS swaps"
    assert [ "$((AFTER - BEFORE))" -lt 400 ]
}

@test "clients under ASan and UBSan" {
    checker asan libasan.so
    clients 200 4
}

@test "a server under ASan and UBSan" {
    checker asan libasan.so
    server 200 4
    run ! grep -E 'Sanitizer|runtime error' serve.err
}

@test "clients under TSan" {
    checker tsan libtsan.so
    clients 100 4
}

@test "a server under TSan" {
    checker tsan libtsan.so
    server 100 4
    run ! grep Sanitizer serve.err
}

# The agent as a service: the socket that it is handed, and what it notifies. systemd is played by a
# script.
# shellcheck disable=SC2034,SC2154  # set and read by control.bash

bats_load_library bats-support
bats_load_library bats-assert
load lib/control

setup() { control_setup; }
teardown() { control_teardown; }

# start WAY [OPTION...]: the agent as a service at $S.
start() {
    /usr/bin/python3 "$BATS_TEST_DIRNAME/lib/systemd.py" "$1" "$S" "$BUILD/bellhop" agent \
        "${@:2}" >notified 2>agent.out 3>&- &
    MANAGER=$!
    STARTED+=("$MANAGER")
}

stop() {
    kill "$MANAGER"
    wait "$MANAGER"
}

serves() {
    local way=$1
    start "$way"
    wait_for 20 test -s notified
    assert_equal "$(cat notified)" READY=1
    # It is ready: the first question is answered, at the socket that systemd has bound.
    start_guest a
    assert_equal "$ATTACHED" attached
    bellhop set --all k=1
    sees a "k=1"
    stop
    assert_equal "$(cat notified)" $'READY=1\nSTOPPING=1'
    # The socket is systemd's, and stays for the next one.
    assert [ -S "$S" ]
}

@test "a socket that is handed over is served, and readiness notified" { serves path; }

@test "an abstract notify socket" { serves abstract; }

@test "sockets for another process are not taken" {
    start stale --control "$T/own"
    wait_for 20 test -s notified
    S="$T/own"
    wait_for 20 answers
    stop
}

@test "a socket of another kind is refused" {
    start stream
    local status=0
    wait "$MANAGER" || status=$?
    assert_equal "$status" 1
    assert_equal "$(cat notified)" ""
    grep -q "no Unix socket of sequential packets" agent.out
}

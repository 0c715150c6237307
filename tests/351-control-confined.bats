# Programs that confine themselves to some system calls (seccomp) go on when their agent dies: nothing
# new is called in them (P4).
# shellcheck disable=SC2034,SC2154  # read by bed.bash; set by control.bash

load lib/bed
load lib/control

setup_file() { bed_start; }
teardown_file() { bed_stop; }
setup() {
    bed_test
    control_setup
    unset BAGGAGE
    export BELLHOP_CONTROL="$S"
    start_agent
}
teardown() { control_teardown; }

start_sandbox() { # HOW
    mkfifo in out
    LD_PRELOAD="$SHIM" timeout 100 "$APPS/sandbox" "$HTTP_PORT" "$1" <in >out 3>&- &
    SANDBOX=$!
    STARTED+=("$SANDBOX")
    exec {IN_s}>in {OUT_s}<out
    more s
    assert_equal "$ANSWER" confined
}

last() { since >last.jsonl && wire sent baggage last.jsonl | tail -1 | cut -d' ' -f4-; }

goes_on() { # HOW
    bellhop set --all k=1
    start_sandbox "$1"
    assert_equal "$(last)" "k=1"
    # What is set is still seen.
    bellhop set --all k=2
    ask s a
    assert_equal "$ANSWER/$(last)" "asked/k=2"
    assert_equal "$(metric 'control_total{event="confined"}')" 1
    stop_agent KILL
    # Longer than it takes to miss an agent.
    sleep 2
    ask s a
    assert_equal "$ANSWER/$(last)" "asked/k=2"
    # A child would attach anew.
    ask s f
    assert_equal "$ANSWER" asked
    start_agent
    ask s a
    assert_equal "$ANSWER/$(last)" "asked/k=2"
    echo q >&"$IN_s"
    wait "$SANDBOX"
}

@test "a filter that prctl installs" { goes_on prctl; }

@test "a filter that a system call installs" { goes_on syscall; }

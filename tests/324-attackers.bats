# Those who mean harm get nothing, and nobody else notices.

bats_require_minimum_version 1.5.0
bats_load_library bats-support
bats_load_library bats-assert
load lib/control

setup() { control_setup; }
teardown() {
    control_teardown
    [[ -z ${PLACE:-} ]] || rm -rf "$PLACE"
}

attack() { timeout 120 /usr/bin/python3 "$BATS_TEST_DIRNAME/lib/attackers.py" "$S" "$@"; }

descriptors() { find "/proc/$AGENT/fd" -type l | wc -l; }

# The agent serves on, the guest has what was set.
assert_well() {
    bellhop set --pid "$PID" still=here
    sees a "still=here"
    bellhop clear --pid "$PID"
    kill -0 "$AGENT"
}

@test "messages that are none end the connection and nothing else" {
    start_agent
    start_guest a
    run attack malformed
    assert_success
    assert_equal "$(sort <<<"$output" | uniq -c | awk '{ $1 = $1; print }')" \
        "$(printf '%s\n' '1 error 1' '13 error 2')"
    assert_well
}

@test "random requests" {
    start_agent
    start_guest a
    run attack random_bytes 150
    assert_success
    bellhop clear --all
    bellhop enable --all
    assert_well
}

@test "members that are none, or too many, or split a header" {
    start_agent
    start_guest a
    run attack members
    assert_success
    refute_line --regexp "x: y.* end"
    assert_equal "$(grep -c ' - error' <<<"$output")" 9
    assert_line --regexp "a=1,,b=2.* - end"
    assert_well
}

@test "threads beyond those that there is room for" {
    start_agent
    start_guest a
    run attack threads
    assert_output "[('end 0 records', 32), ('error 6', 8)]"
    assert_well
}

@test "10,000 connections that stay" {
    start_agent
    start_guest a
    mkfifo stay crowd.out
    attack crowd 10000 <stay >crowd.out 3>&- &
    STARTED+=("$!")
    exec {hold}>stay {told}<crowd.out
    read -r -t 100 -u "$told" ANSWER
    assert_equal "$ANSWER" "10000 connections"
    assert_well
    start_guest b
    assert_equal "$ATTACHED" attached
    assert [ "$(descriptors)" -lt 1200 ]
    exec {hold}>&-
}

@test "one that asks and asks and reads no answer" {
    start_agent
    start_guest a
    mkfifo stay deaf.out
    attack deaf 20000 <stay >deaf.out 3>&- &
    STARTED+=("$!")
    exec {hold}>stay {told}<deaf.out
    read -r -t 100 -u "$told" ANSWER
    assert_equal "$ANSWER" asked
    assert_well
    assert [ "$(awk '/^VmRSS/ { print $2 }' "/proc/$AGENT/status")" -lt 100000 ]
    exec {hold}>&-
}

@test "settings come in a sealed memfd or not at all" {
    start_agent
    start_guest a
    answers
    local before
    before=$(descriptors)
    run attack descriptors
    assert_success
    assert_equal "$(sort <<<"$output" | uniq -c | awk '{ $1 = $1; print }')" "8 error 7"
    ask a settings
    assert_equal "$ANSWER" "none 0  "
    # None of them stayed.
    assert_equal "$(descriptors)" "$before"
    assert_well
}

@test "a process can spoil its own pages only, and the agent is none the worse" {
    start_agent
    start_guest a
    mkfifo go pages.out
    attack pages 12 <go >pages.out 3>&- &
    local attacker=$! i
    STARTED+=("$attacker")
    exec {next}>go {told}<pages.out
    for i in {1..12}; do
        read -r -t 60 -u "$told" ANSWER
        assert_equal "$ANSWER" scribbled
        bellhop ps --json | jq -e '.processes | length == 2' >/dev/null
        bellhop metrics | tail -1 | grep -qx '# EOF'
        bellhop set --exe 'python*' "k=$i"
        bellhop get --pid "$PID" >/dev/null
        echo >&"$next"
    done
    wait "$attacker"
    assert_well
}

@test "another user gets nothing of what is not theirs" {
    [[ $(id -u) == 0 ]] || skip "needs root, to be somebody else"
    PLACE=$(mktemp -d)
    chmod 755 "$PLACE"
    cp "$BATS_TEST_DIRNAME/lib/attackers.py" "$PLACE/"
    S="$PLACE/s"
    # Without a mode that says otherwise, they do not even get in.
    start_agent
    start_guest a
    # shellcheck disable=SC2317
    other() { setpriv --reuid nobody --clear-groups timeout 60 /usr/bin/python3 "$PLACE/attackers.py" "$S" "$@"; }
    run other orders "$PID"
    assert_failure
    assert_output --partial PermissionError
    stop_agent
    start_agent --mode 0666
    back() { ask a renew && [[ $(bellhop ps --json | jq -c '.processes[].attached') == true ]]; }
    wait_for 10 back
    run other orders "$PID"
    assert_success
    assert_equal "$output" "$(printf '%s\n' 'set - error 3' 'clear - error 3' 'disable - error 3' \
        'get - error 3' 'set all - end 0 records' 'set exe - error 4' 'disable all - end 0 records' \
        'ps - end 0 records' 'metrics - error 3' 'reload - error 3')"
    ask a read
    assert_equal "$ANSWER" "on "
    # A process of theirs attaches as itself, whatever it says that it is.
    run other members
    assert_success
    assert_line --regexp "a=1,,b=2.* - end"
    run bash -c "grep -c ^process.*65534 '$S.state'"
    assert_success
    assert_well
}

@test "who attaches under another's number does so under its own" {
    start_agent
    start_guest a
    bellhop set --pid "$PID" k=secret
    mkfifo stay forged.out
    attack forged "$PID" <stay >forged.out 3>&- &
    STARTED+=("$!")
    local hold told forger
    exec {hold}>stay {told}<forged.out
    for i in 1 2; do
        read -r -t 60 -u "$told" ANSWER
        assert_equal "$ANSWER" nothing
    done
    read -r -t 60 -u "$told" forger
    assert_equal "$(bellhop ps --json | jq -c '[.processes[] | [.pid, .attached]] | sort')" \
        "$(jq -cn "[[$PID, true], [$forger, true]] | sort")"
    bellhop set --pid "$forger" k=theirs
    sees a "k=secret"
    exec {hold}>&-
    bellhop clear --pid "$PID"
    assert_well
}

# A place that anybody gets to, and an agent that anybody may speak to.
open_place() {
    [[ $(id -u) == 0 ]] || skip "needs root, to be somebody else"
    PLACE=$(mktemp -d)
    chmod 755 "$PLACE"
    cp "$BATS_TEST_DIRNAME/lib/attackers.py" "$PLACE/"
    S="$PLACE/s"
    start_agent --mode 0666
}

@test "the command, as another user, shows nothing and changes nothing" {
    open_place
    cp "$BUILD/bellhop" "$PLACE/"
    start_guest a
    bellhop set --pid "$PID" k=secret
    # shellcheck disable=SC2317
    other() { BELLHOP_CONTROL="$S" setpriv --reuid nobody --clear-groups timeout 60 "$PLACE/bellhop" "$@"; }
    echo 'set = ( { key = "by"; value = "them"; } );' >"$PLACE/new.conf"
    for order in "set --pid $PID k=1" "set --pid $PID --tid $PID k=1" "unset --pid $PID k" \
        "clear --pid $PID" "disable --pid $PID" "get --pid $PID" metrics \
        "reload $PLACE/new.conf" "set --exe * k=1" "disable --exe *" "ps --pid $PID"; do
        set -f
        # shellcheck disable=SC2086 # words
        run -1 other $order
        set +f
        refute_output --partial secret
    done
    # For all of theirs, of which there are none.
    for order in "set --all k=1" "unset --all k" "clear --all" "disable --all"; do
        # shellcheck disable=SC2086
        run -0 other $order
    done
    for order in ps "ps --all" "top --times 1"; do
        # shellcheck disable=SC2086
        run other $order
        refute_output --partial "$PID"
        refute_output --partial secret
    done
    sees a "k=secret"
    bellhop clear --pid "$PID"
    assert_well
}

@test "a number that another user's process had before does not make it theirs" {
    open_place
    [[ -w /proc/sys/kernel/ns_last_pid ]] || skip "this kernel does not let us choose a number"
    mkfifo go a.in a.out
    timeout 100 /usr/bin/python3 "$PLACE/attackers.py" "$S" recycled "$TOOL" control guest "$S" \
        <a.in >a.out 2>a.err 9<go 3>&- &
    STARTED+=("$!")
    exec {IN_a}>a.in {OUT_a}<a.out {go}>go
    read -r -t 30 -u "$OUT_a" PID ATTACHED
    assert_equal "$ATTACHED" attached
    bellhop set --pid "$PID" k=secret
    sees a "k=secret"
    echo >&"$go"
    wait_for 20 test -s recycled
    assert_equal "$(cat recycled)" "True error 8"
    assert_equal "$(bellhop ps --json | jq -c '.processes[] | [.uid, .attached]')" "[0,true]"
    bellhop set --pid "$PID" k=more
    sees a "k=more"
    bellhop clear --pid "$PID"
    assert_well
    exec {IN_a}>&-
}

@test "the socket's place: no links, no files of others, no folders of others" {
    start_agent
    run timeout 20 "$BUILD/bellhop" agent --control "$S"
    assert_failure 1
    assert_output --partial "another agent listens"
    stop_agent KILL
    # What a dead one left is replaced; what is no socket is not.
    start_agent
    assert_equal "$(stat -c %a "$S")" 600
    stop_agent
    echo precious >victim
    ln -s victim s
    run timeout 20 "$BUILD/bellhop" agent --control "$S"
    assert_failure 1
    assert_output --partial "is no socket"
    rm s
    ln -sf victim s.state
    ln -sf victim s.lock
    run timeout 20 "$BUILD/bellhop" agent --control "$S"
    assert_failure 1
    rm s.lock
    ln -sf victim s.state.new
    start_agent
    assert_equal "$(cat victim)" precious
    [[ ! -L s.state ]]
    stop_agent
    chmod 777 .
    run timeout 20 "$BUILD/bellhop" agent --control "$S"
    assert_failure 1
    assert_output --partial "can be written to by others"
    run timeout 20 "$BUILD/bellhop" agent --control relative
    assert_failure 1
}

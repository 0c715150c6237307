# The agent dies, comes back, hangs, or is not what it says: processes go on.
# shellcheck disable=SC2154  # bats sets stderr

bats_require_minimum_version 1.5.0
bats_load_library bats-support
bats_load_library bats-assert
load lib/control

setup() { control_setup; }
teardown() {
    control_teardown
    [[ -z ${PLACE:-} ]] || rm -rf "$PLACE"
}

# The guest has found its agent (again).
back() {
    ask a renew
    [[ $ANSWER == attached ]] && [[ $(bellhop ps --json | jq -c '.processes[] |
        select(.pid == '"$PID"') | .attached') == true ]]
}

@test "killed: a process keeps what it has, and the next agent knows it at once" {
    start_agent
    start_guest a
    ask a thread
    local tid=$ANSWER
    bellhop set --all f=1
    bellhop set --pid "$PID" k=1
    bellhop set --pid "$PID" --tid "$tid" t=1
    stop_agent KILL
    sees a "f=1,k=1"
    start_agent
    # Known from before, and not back yet: it has made no request.
    run bash -c "BELLHOP_CONTROL=$S $BUILD/bellhop ps --json | jq -c '.processes[] |
        [.pid, .attached, .members[0].key, .thread_members[0].tid]'"
    assert_output "[$PID,false,\"k\",$tid]"
    # What is set meanwhile is there when it is back.
    bellhop set --pid "$PID" later=2
    sees a "f=1,k=1"
    wait_for 10 back
    sees a "f=1,k=1,later=2"
    ask a tread
    assert_equal "$ANSWER" "on f=1,k=1,later=2,t=1"
    bellhop clear --all
    sees a ""
}

@test "counters go on with the process, and are not told twice" {
    start_agent
    start_guest a
    echo "count 5" >&"$IN_a"
    sees a ""
    stop_agent KILL
    echo "count 2" >&"$IN_a"
    start_agent
    wait_for 10 back
    told() { bellhop metrics | grep -qx 'bellhop_requests_total{carrier="socket"} 7'; }
    wait_for 10 told
}

@test "counters of a process that loses sight of its agent, and of one that runs another program" {
    start_agent
    start_guest a
    echo "count 5" >&"$IN_a"
    sees a ""
    # The beat stops; the process attaches again when the agent goes on.
    kill -STOP "$AGENT"
    # shellcheck disable=SC2317
    stale() { ask a renew && ask a read && sleep 0.2 && ((++TRIES > 10)); }
    TRIES=0
    wait_for 20 stale
    kill -CONT "$AGENT"
    wait_for 20 answers
    wait_for 10 back
    sleep_over() { bellhop metrics | grep -qx 'bellhop_requests_total{carrier="socket"} 5'; }
    wait_for 10 sleep_over
    stop_agent
}

@test "an agent that goes on being told to go says so at once" {
    start_agent
    start_guest a
    stop_agent TERM
    [[ ! -e $S ]]
    ask a renew
    assert_equal "$ANSWER" attached # to nobody: what it has stays
    start_agent
    wait_for 10 back
}

@test "no agent, or one that hangs: a call waits little, and seldom" {
    start_guest a
    assert_equal "$ATTACHED" alone
    ask a often
    # 3 s of calls each ms: attempts at 0, 250, 750, 1750 ms and so on.
    read -r most failed <<<"$ANSWER"
    assert [ "${failed}" -ge 2 ] && assert [ "$failed" -le 7 ]
    start_agent
    wait_for 10 back
    kill -STOP "$AGENT"
    ask a often
    read -r most failed <<<"$ANSWER"
    kill -CONT "$AGENT"
    echo "a call waited for $most ms at most"
    # Two waits of 20 ms, and a machine that is busy.
    assert [ "${most%.*}" -lt 1000 ]
}

@test "a start waits little for an agent that hangs" {
    start_agent
    kill -STOP "$AGENT"
    local from=$EPOCHREALTIME
    start_guest a
    local took=$(((${EPOCHREALTIME/./} - ${from/./}) / 1000))
    kill -CONT "$AGENT"
    assert_equal "$ATTACHED" alone
    echo "a start took $took ms"
    assert [ "$took" -lt 2000 ]
    wait_for 10 back
}

@test "no descriptor stays open in a process" {
    start_agent
    start_guest a
    run ls -l "/proc/$PID/fd"
    refute_output --partial memfd
    refute_output --partial socket
    assert_equal "$(grep -c bellhop "/proc/$PID/maps")" 3
    # However often it attaches, it has two sets of mappings at most.
    for _ in 1 2 3; do
        stop_agent KILL
        start_agent
        wait_for 10 back
    done
    assert_equal "$(grep -c bellhop "/proc/$PID/maps")" 6
    run ls -l "/proc/$PID/fd"
    refute_output --partial memfd
}

@test "agents that are not: other files, wrong sizes, half messages, nothing" {
    local way expected sizes
    read -r -a sizes < <("$TOOL" control sizes)
    # The first one is as it must be, but for its page's age.
    for way in good nothing close half descriptor three short long swapped unsealed strange pipe \
        version garbage large flood; do
        expected=none
        [[ $way != good ]] || expected="on "
        rm -f "$S"
        /usr/bin/python3 "$BATS_TEST_DIRNAME/lib/agents.py" "$S" "$way" "${sizes[@]}" 3>&- &
        local fake=$!
        STARTED+=("$fake")
        wait_for 10 test -S "$S"
        run timeout 20 "$TOOL" control guest "$S" <<<read
        assert_success
        assert_line --index 1 "$expected"
        kill "$fake"
        wait "$fake" || true
    done
}

@test "an agent of another user has no say" {
    [[ $(id -u) == 0 ]] || skip "needs root, to be somebody else"
    PLACE=$(mktemp -d)
    chmod 755 "$PLACE"
    S="$PLACE/s"
    start_agent
    chmod 777 "$S"
    # Root's agent is good for anybody.
    run setpriv --reuid nobody --clear-groups timeout 20 "$TOOL" control guest "$S" <<<read
    assert_line --index 0 --regexp ' attached$'
    stop_agent
    rm -f "$S".*
    chown nobody "$PLACE"
    # shellcheck disable=SC2031
    setpriv --reuid nobody --clear-groups "$BUILD/bellhop" agent --control "$S" 3>&- 2>&1 &
    STARTED+=("$!")
    wait_for 20 test -S "$S"
    chmod 777 "$S"
    run setpriv --reuid nobody --clear-groups timeout 20 "$TOOL" control guest "$S" <<<read
    assert_line --index 0 --regexp ' attached$'
    run setpriv --reuid daemon --clear-groups timeout 20 "$TOOL" control guest "$S" <<<read
    assert_line --index 0 --regexp ' alone$'
    run --separate-stderr setpriv --reuid daemon --clear-groups "$BUILD/bellhop" ps --control "$S"
    assert_failure 3
    [[ $stderr == *"is another user's"* ]]
}

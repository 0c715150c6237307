# Many processes, many changes, and an agent that is killed meanwhile.

bats_require_minimum_version 1.5.0
bats_load_library bats-support
bats_load_library bats-assert
load lib/control

setup() { control_setup; }
teardown() {
    [[ -z ${hold:-} ]] || exec {hold}>&-
    control_teardown
}

# start_crowd N: CROWD processes that are attached, until `hold` is closed.
start_crowd() {
    mkfifo crowd.in crowd.out
    timeout 250 "$TOOL" control crowd "$S" "$1" <crowd.in >crowd.out 3>&- &
    STARTED+=("$!")
    exec {hold}>crowd.in {told}<crowd.out
    read -r -t 200 -u "$told" CROWD
}

# The agent's own time, in microseconds: that of others on the machine does not count.
agent_time() { awk '{ print int($1 / 1000) }' "/proc/$AGENT/schedstat"; }

# agent_takes COMMAND...: how long the agent worked for it: US.
agent_takes() {
    local before
    before=$(agent_time)
    bellhop "$@" >out
    US=$(($(agent_time) - before))
    echo "$*: $US us of the agent's time"
}

@test "2,000 processes: set for all within 50 ms of the agent, ps within 200, memory below 100 MB" {
    start_agent
    start_crowd 2000
    assert_equal "$CROWD" 2000
    agent_takes set --all k=1 user-id=user-12345
    assert [ "$US" -lt 50000 ]
    agent_takes ps --json
    assert [ "$US" -lt 200000 ]
    assert_equal "$(jq '.processes | length' out)" 2000
    agent_takes set --exe 'testtool' own=1
    agent_takes set --all k=2
    assert [ "$US" -lt 50000 ]
    agent_takes metrics
    assert [ "$(awk '/^VmRSS/ { print $2 }' "/proc/$AGENT/status")" -lt 100000 ]
    # One that is killed is replaced, and knows them.
    stop_agent KILL
    start_agent
    assert_equal "$(bellhop ps --json | jq '[.processes[] | select(.members[0].key == "own")] | length')" 2000
}

@test "a reader sees one of the states, while they change a thousand times a second" {
    start_agent
    start_guest a
    # shellcheck disable=SC2034
    local seen=0 i
    BELLHOP_CONTROL=$S timeout 100 /usr/bin/python3 "$BATS_TEST_DIRNAME/lib/attackers.py" "$S" \
        changes "$PID" 60000 >rate 3>&- &
    local changer=$!
    STARTED+=("$changer")
    while kill -0 "$changer" 2>/dev/null; do
        ask a read
        # Both members come and go together, and are of one change.
        [[ $ANSWER =~ ^on\ (a=([0-9]+),b=([0-9]+))?$ ]]
        assert_equal "${BASH_REMATCH[2]:-}" "${BASH_REMATCH[3]:-}"
        ((++seen))
    done
    wait "$changer"
    echo "$seen states seen, $(cat rate) changes a second"
    assert [ "$seen" -gt 20 ]
}

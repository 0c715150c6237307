# An agent, and guests: processes that attach to it and tell what they see. For suites about the
# control socket; bed.bash is not needed.
# shellcheck shell=bash

BUILD="${BELLHOP_BUILD:-$BATS_TEST_DIRNAME/../build}"
[[ $BUILD == /* ]] || BUILD=$(realpath "$BUILD")
TOOL="$BUILD/testtool"
# shellcheck source=tests/lib/pids.bash
source "$BATS_TEST_DIRNAME/lib/pids.bash"
unset BELLHOP_CONTROL BELLHOP_CONFIG BELLHOP_LOG BELLHOP_DISABLED BAGGAGE LD_PRELOAD XDG_RUNTIME_DIR

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS <= end)) || { echo "timed out: $*" && return 1; }
        sleep 0.02
    done
}

control_setup() {
    T="$BATS_TEST_TMPDIR"
    cd "$T" || return 1
    S="$T/s"
    STARTED=()
}

# control_bed [OPTION...]: as control_setup beside lib/bed, with an agent that programs are told of.
control_bed() {
    bed_test
    control_setup
    export BELLHOP_CONTROL="$S"
    start_agent "$@"
}

control_teardown() {
    local pid
    for pid in "${STARTED[@]}"; do
        if pid_is_child "$pid"; then
            kill -CONT "$pid" 2>/dev/null || true # before: it would let a leak check hang
            kill "$pid" 2>/dev/null || true
        fi
        wait "$pid" 2>/dev/null || true
    done
    # Sanitizer builds have a say.
    ! grep -aE 'Sanitizer|runtime error' agent.out ./*.err 2>/dev/null
}

bellhop() { BELLHOP_CONTROL="$S" timeout 60 "$BUILD/bellhop" "$@"; }

# Does somebody answer?
answers() { bellhop ps >/dev/null 2>&1; }

# start_agent [OPTION...]: AGENT is its pid.
start_agent() {
    "$BUILD/bellhop" agent --control "$S" "$@" 3>&- >>agent.out 2>&1 &
    AGENT=$!
    STARTED+=("$AGENT")
    wait_for 20 answers || { cat agent.out && return 1; }
}

stop_agent() { # [SIGNAL]
    kill "-${1:-TERM}" "$AGENT"
    wait "$AGENT" 2>/dev/null || true
}

# start_guest NAME [TOOL]: PID is its pid; ATTACHED what it said of itself.
# shellcheck disable=SC2034  # for the suites
start_guest() {
    local name=$1 fd
    mkfifo "$name.in" "$name.out"
    timeout 250 "${2:-$TOOL}" control guest "$S" <"$name.in" >"$name.out" 2>"$name.err" 3>&- &
    STARTED+=("$!")
    exec {fd}>"$name.in"
    printf -v "IN_$name" %s "$fd"
    exec {fd}<"$name.out"
    printf -v "OUT_$name" %s "$fd"
    read -r -t 30 -u "$fd" PID ATTACHED
}

# ask NAME WORD...: what the guest answers, in ANSWER; more with `more`.
ask() {
    local in="IN_$1"
    echo "${*:2}" >&"${!in}"
    more "$1"
}
more() {
    local out="OUT_$1"
    IFS= read -r -t 30 -u "${!out}" ANSWER
}

# sees NAME TEXT: what it would carry by order of the agent.
sees() {
    ask "$1" read
    assert_equal "$ANSWER" "on $2"
}

# metric SERIES: what the agent tells of it, as `bellhop_SERIES VALUE`; nothing: there is none.
metric() { bellhop metrics | awk -v name="bellhop_$1" '$1 == name { print $2 }'; }

# What the operator sets leaves with the requests of programs that are running: unmodified programs,
# from the shell's loops to servers.
# shellcheck disable=SC2034  # read by bed.bash

load lib/bed
load lib/control

setup_file() { bed_start; }
teardown_file() { bed_stop; }
setup() {
    control_bed
    unset BAGGAGE
    attaches || fail "the shim does not attach to an agent"
}
teardown() { control_teardown; }

attaches() {
    LD_PRELOAD="$SHIM" sleep 20 3>&- &
    local pid=$! status=0
    STARTED+=("$pid")
    # shellcheck disable=SC2317
    known() { bellhop ps --pid "$pid" >/dev/null 2>&1; }
    wait_for 2 known || status=1
    kill "$pid"
    return "$status"
}

# A program that makes a request for each word that it reads, on a connection that it keeps.
start_client() { # [PROGRAM...]
    cat >client.py <<'PY'
import http.client, os, sys
c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=60)
def ask(path):
    c.request("GET", path)
    c.getresponse().read()
ask("/first")
print(os.getpid(), flush=True)
for line in sys.stdin:
    word = line.split()[0]
    if word == "many":
        for i in range(int(line.split()[1])):
            ask("/many")
    elif word == "fork":
        if os.fork() == 0:
            c.close()
            ask("/child")
            os._exit(0)
        os.wait()
    else:
        ask("/" + word)
    print(word, flush=True)
PY
    mkfifo in out
    LD_PRELOAD="$SHIM" timeout 200 /usr/bin/python3 client.py "$HTTP_PORT" <in >out 3>&- &
    STARTED+=("$!")
    exec {IN_c}>in {OUT_c}<out
    read -r -t 60 -u "$OUT_c" PID
}

last() { since >last.jsonl && wire sent baggage last.jsonl | tail -1 | cut -d' ' -f4-; }

# client WORD...: what its request carried, in ANSWER.
client() {
    ask c "$@"
    ANSWER=$(last)
}

@test "a loop of curl, whose baggage changes while it runs" {
    local i
    for i in 1 2 3 4 5 6; do
        bellhop set --all "turn=$i" user-id=user-12345
        shim curl -q -sS "$(at_local)/$i"
        assert_equal "$(last)" "turn=$i,user-id=user-12345"
        ((i != 3)) || bellhop unset --all user-id
        ((i != 3)) || bellhop set --all user-id=user-12345
    done
    bellhop clear --all
    shim curl -q -sS "$(at_local)/none"
    assert_equal "$(last)" "-"
}

at_local() { echo "http://127.0.0.1:$HTTP_PORT"; }

@test "a process that keeps its connection: set, change, unset, off and on" {
    start_client
    assert_equal "$(last)" "-"
    bellhop set --pid "$PID" k=1
    client one
    assert_equal "$ANSWER" "k=1"
    bellhop set --all f=2
    client two
    assert_equal "$ANSWER" "f=2,k=1"
    bellhop set --pid "$PID" --tid "$PID" k=thread
    client three
    assert_equal "$ANSWER" "f=2,k=thread"
    bellhop disable --pid "$PID"
    client four
    assert_equal "$ANSWER" "-"
    bellhop enable --pid "$PID"
    client five
    assert_equal "$ANSWER" "f=2,k=thread"
    bellhop clear --all
    client six
    assert_equal "$ANSWER" "-"
}

@test "the environment is weaker, the rest of it stays" {
    BAGGAGE="k=env,e=env" start_client
    assert_equal "$(last)" "k=env,e=env"
    bellhop set --pid "$PID" k=set
    client one
    assert_equal "$ANSWER" "e=env,k=set"
    bellhop clear --pid "$PID"
    client two
    assert_equal "$ANSWER" "k=env,e=env"
}

@test "a fork child attaches with its first connection, with its parent's members" {
    start_client
    bellhop set --pid "$PID" k=1
    client fork
    assert_equal "$ANSWER" "k=1"
}

@test "every request carries one state, while it changes a thousand times a second" {
    start_client
    /usr/bin/python3 "$BATS_TEST_DIRNAME/lib/attackers.py" "$S" changes "$PID" 15000 >rate 3>&- &
    local changer=$!
    STARTED+=("$changer")
    while kill -0 "$changer" 2>/dev/null; do
        ask c many 100
    done
    wait "$changer"
    echo "$(cat rate) changes a second"
    since >all.jsonl
    wire sent baggage all.jsonl | cut -d' ' -f4- >states
    # "-" or both members of one change.
    assert_equal "$(grep -cvE '^(-|a=([0-9]+),b=\2)$' states)" 0
    assert [ "$(sort -u states | wc -l)" -gt 20 ]
    client after
    assert_equal "$ANSWER" "a=14999,b=14999"
}

@test "the agent is killed under load: no request is lost, and it is found again within 5 s" {
    start_client
    bellhop set --pid "$PID" k=1
    echo "many 3000" >&"$IN_c"
    stop_agent KILL
    more c
    assert_equal "$ANSWER" many
    client kept
    assert_equal "$ANSWER" "k=1"
    local from=$EPOCHREALTIME
    start_agent
    bellhop set --pid "$PID" k=2
    shows() { client new && [[ $ANSWER == k=2 ]]; }
    wait_for 10 shows
    local took=$(((${EPOCHREALTIME/./} - ${from/./}) / 1000))
    echo "found again after $took ms"
    assert [ "$took" -lt 5000 ]
    since >all.jsonl
    wire sent baggage all.jsonl | cut -d' ' -f3 | grep -c many >count
    assert_equal "$(cat count)" 3000
}

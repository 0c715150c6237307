# The agent, the commands, and the processes that are attached.
# shellcheck disable=SC2154  # bats sets stderr

bats_require_minimum_version 1.5.0
bats_load_library bats-support
bats_load_library bats-assert
load lib/control

setup() { control_setup; }
teardown() { control_teardown; }

@test "what is set is there when set returns, changes and goes" {
    start_agent
    start_guest a
    assert_equal "$ATTACHED" attached
    sees a ""
    bellhop set --pid "$PID" user-id=user-12345 'note=hello world;p=1'
    sees a "user-id=user-12345,note=hello%20world;p=1"
    bellhop set --pid "$PID" user-id=other
    sees a "note=hello%20world;p=1,user-id=other"
    bellhop unset --pid "$PID" note missing
    sees a "user-id=other"
    bellhop clear --pid "$PID"
    sees a ""
}

@test "a thread's members are stronger than its process's, and these than the fleet's" {
    start_agent
    start_guest a
    ask a thread
    local tid=$ANSWER
    bellhop set --all k=fleet f=1
    bellhop set --pid "$PID" k=process p=2
    bellhop set --pid "$PID" --tid "$tid" k=thread t=3
    ask a tread
    assert_equal "$ANSWER" "on f=1,p=2,k=thread,t=3"
    sees a "f=1,k=process,p=2"
    bellhop set --all f=4
    ask a tread
    assert_equal "$ANSWER" "on f=4,p=2,k=thread,t=3"
    bellhop unset --pid "$PID" k p
    sees a "k=fleet,f=4"
    bellhop clear --pid "$PID" --tid "$tid"
    ask a tread
    assert_equal "$ANSWER" "on k=fleet,f=4"
}

@test "clear of all leaves nothing anywhere" {
    start_agent
    start_guest a
    ask a thread
    local tid=$ANSWER
    bellhop set --all a=1 b=1
    bellhop set --pid "$PID" a=2
    bellhop set --pid "$PID" --tid "$tid" a=3
    bellhop unset --all a
    sees a "b=1"
    ask a tread
    assert_equal "$ANSWER" "on b=1"
    bellhop set --pid "$PID" --tid "$tid" a=3
    bellhop clear --all
    sees a ""
    ask a tread
    assert_equal "$ANSWER" "on "
}

@test "programs are chosen by name or path, and those that come later have the fleet's members" {
    start_agent
    start_guest a
    run --separate-stderr bellhop set --exe 'nothing*' k=1
    assert_failure 1
    assert_equal "$stderr" "bellhop set: no process of that description is attached"
    run bellhop set --json --exe 'test?ool' k=1
    assert_output '{"processes":1}'
    sees a "k=1"
    bellhop set --exe "$BUILD/*tool" k=2
    bellhop set --all all=1
    start_guest b
    sees b "all=1"
    sees a "all=1,k=2"
}

@test "disable and enable, of one and of all" {
    start_agent
    start_guest a
    local a=$PID
    start_guest b
    bellhop set --all k=1
    bellhop disable --pid "$a"
    ask a read
    assert_equal "$ANSWER" "off k=1"
    sees b "k=1"
    bellhop disable --all
    ask b read
    assert_equal "$ANSWER" "off k=1"
    bellhop enable --all
    sees a "k=1"
    sees b "k=1"
}

@test "a fork child attaches by itself, with the members of its parent, and counts for itself" {
    start_agent
    start_guest a
    bellhop set --pid "$PID" k=1
    ask a fork
    assert_equal "$ANSWER" "child 0: attached"
    more a
    assert_equal "$ANSWER" "child: on k=1"
    ask a read
    run bash -c "BELLHOP_CONTROL='$S' '$BUILD/bellhop' ps --json --pid $PID | jq -c '.processes[].counters.inbound'"
    assert_output 0
    # The child is gone, its counts are not.
    ended() { bellhop metrics | grep -qx 'bellhop_inbound_total 1000'; }
    wait_for 10 ended
}

@test "a process that ends is forgotten" {
    start_agent
    start_guest a
    local first=$PID
    start_guest b
    local left=$PID
    kill "$first"
    alone() { [[ $(bellhop ps --json | jq -c '[.processes[].pid]') == "[$left]" ]]; }
    wait_for 20 alone
    run --separate-stderr bellhop set --pid "$((PID + 100000))" k=1
    assert_failure 1
}

@test "threads that have ended leave their number to others, not their members" {
    start_agent
    start_guest a
    run --separate-stderr bellhop set --pid "$PID" --tid 1 k=1
    assert_failure 1
    assert_equal "$stderr" "bellhop set: the process has no such thread"
}

@test "limits: nothing changes when a list would be too long" {
    local long
    start_agent
    start_guest a
    bellhop set --pid "$PID" k=1
    long=$(printf 'x%.0s' {1..5000})
    bellhop set --pid "$PID" "a=$long"
    run --separate-stderr bellhop set --pid "$PID" "b=$long"
    assert_failure 1
    [[ $stderr == *"goes over a limit"* ]]
    sees a "k=1,a=$long"
    # What the fleet has gives way where both do not fit.
    bellhop set --all "f=$long" g=1
    sees a "g=1,k=1,a=$long"
}

@test "ps and get tell it for people and for programs" {
    start_agent
    start_guest a
    ask a thread
    local tid=$ANSWER
    bellhop set --all tenant=t
    bellhop set --pid "$PID" user=u%20v
    bellhop set --pid "$PID" --tid "$tid" user=w
    echo "count 5" >&"$IN_a"
    sees a "tenant=t,user=u%20v"
    run bellhop ps --pid "$PID"
    assert_success
    assert_line --index 0 --regexp '^ *PID +UID +AGE .* PROGRAM$'
    assert_line --index 1 --regexp "^ *$PID +$(id -u) +[0-9]+s +2 attached +5 +0 .* 1 $BUILD/testtool$"
    run bash -c "BELLHOP_CONTROL=$S $BUILD/bellhop ps --json | jq -c '.processes[] |
        [.pid, .threads, .attached, .enabled, .members[0].value, .thread_members[0].members[0].value, .counters.requests.socket]'"
    assert_output "[$PID,2,true,true,\"u v\",\"w\",5]"
    run bellhop get --pid "$PID"
    assert_output "$(printf '%-16s %-8s %s\n' all leaves tenant=t process leaves user=u%20v)"
    run bash -c "BELLHOP_CONTROL=$S $BUILD/bellhop get --pid $PID --tid $tid --json | jq -c"
    assert_output --partial '"source":"thread"'
}

@test "get tells what settings keep at home, and those that came by reload" {
    start_agent
    cat >settings.conf <<'CONF'
set = ( { key = "by"; value = "settings"; } );
default = ( { key = "tenant"; value = "none"; }, { key = "region"; value = "eu"; } );
outbound = ( { hosts = [ "in.test" ]; keys = [ "*" ]; }, { hosts = [ "*" ]; keys = [ "by" ]; } );
CONF
    start_guest a
    bellhop set --pid "$PID" tenant=t by=me
    bellhop reload settings.conf
    run --separate-stderr bellhop get --pid "$PID" --host in.test
    assert_output "$(printf '%-16s %-8s %s\n' 'settings default' leaves region=eu process leaves \
        tenant=t 'settings set' leaves by=settings)"
    run bellhop get --pid "$PID" --host http://out.test/x
    assert_line --regexp '^process +stays +tenant=t$'
    assert_line --regexp '^settings set +leaves +by=settings$'
}

@test "reload hands a whole file over, or nothing" {
    start_agent
    start_guest a
    echo 'default = ( { key = "a"; value = "1"; } ); set = ( { key = "b"; value = "2"; } );' >good.conf
    echo 'default = ( { key = "a b"; value = "1"; } );' >bad.conf
    ask a settings
    assert_equal "$ANSWER" "none 0  "
    run bellhop reload bad.conf
    assert_failure 1
    assert_line --partial "bad.conf:1: error:"
    ask a settings
    assert_equal "$ANSWER" "none 0  "
    run bellhop reload --json good.conf
    assert_output '{"processes":1,"taken":0,"next":1,"refused":0}'
    ask a settings
    assert_equal "$ANSWER" "some 1 b=2 a=1"
    start_guest b
    ask b settings
    assert_equal "$ANSWER" "some 1 b=2 a=1"
    run bellhop reload missing.conf
    assert_failure 1
}

@test "exit codes: the agent refuses, the command line is wrong, there is no agent" {
    run bellhop ps
    assert_failure 3
    assert_output --partial "there is no agent at"
    start_agent
    for words in 'set --all' 'set k=1' 'set --all --pid 3 k=1' 'set --tid 3 k=1' 'set --pid x k=1' \
        'set --all novalue' 'unset --all' 'unset --all a=b' 'ps too much' 'get' 'get --all' \
        'reload' 'metrics --json' 'enable' 'enable --pid 1 --tid 2' 'top --sort nothing' 'agent x'; do
        # shellcheck disable=SC2086
        run bellhop $words
        assert_failure 2
    done
    run bellhop set --pid 1 k=1
    assert_failure 1
}

@test "attribution: who caused the requests, of all processes" {
    start_agent
    start_guest a
    printf 'tenant a 100\ntenant a 50\ntenant b"\\ 1\n' >&"$IN_a"
    sees a ""
    run bellhop metrics
    assert_success
    assert_line 'bellhop_attributed_requests_total{key="tenant-id",value="a",direction="out"} 2'
    assert_line 'bellhop_attributed_bytes_total{key="tenant-id",value="a",direction="out"} 150'
    assert_line 'bellhop_attributed_requests_total{key="tenant-id",value="b\"\\",direction="out"} 1'
    assert_equal "${lines[-1]}" "# EOF"
}

@test "metrics are served for Prometheus, and only there" {
    local port
    port=$(/usr/bin/python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    start_agent --metrics "127.0.0.1:$port"
    start_guest a
    echo "count 7" >&"$IN_a"
    sees a ""
    run curl -q -sS --max-time 20 -D head "http://127.0.0.1:$port/metrics"
    assert_success
    assert_line 'bellhop_requests_total{carrier="socket"} 7'
    assert_equal "${lines[-1]}" "# EOF"
    grep -qi '^content-type: application/openmetrics-text' head
    run curl -q -s --max-time 20 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/"
    assert_output 404
    run curl -q -s --max-time 20 -o /dev/null -w '%{http_code}' -d x "http://127.0.0.1:$port/metrics"
    assert_output 405
    run bellhop agent --control "$T/other" --metrics nonsense
    assert_failure 1
    assert_output --partial "is no ADDRESS:PORT"
    # It ends with its agent.
    stop_agent KILL
    gone() { ! curl -q -s --max-time 5 -o /dev/null "http://127.0.0.1:$port/metrics"; }
    wait_for 20 gone
}

@test "top shows the busiest first" {
    start_agent
    start_guest a
    start_guest b
    echo "count 9" >&"$IN_b"
    sees b ""
    run bellhop top --times 1
    assert_success
    assert_line --index 0 --partial "2 programs, by requests"
    assert_line --index 2 --regexp "^ *$PID A .* 9 "
}

@test "top for programs: a document for each screen, with what changed since the one before" {
    start_agent
    start_guest a
    local first=$PID exe
    exe=$(readlink -f "$TOOL")
    start_guest b
    echo "count 9" >&"$IN_b"
    sees b ""
    bellhop disable --pid "$first"
    bellhop top --json --times 2 >told
    assert_equal "$(wc -l <told)" 2
    assert_equal "$(jq -c '[.sorted_by, (.processes[] | [.pid, .program, .attached, .enabled])]' told | uniq)" \
        "[\"requests\",[$PID,\"$exe\",true,true],[$first,\"$exe\",true,false]]"
    assert_equal "$(jq -c '.processes[0] | [.requests, .injected, .inbound] |
        [map(.total), (map(.per_second) | . == [null, null, null], . == [0, 0, 0])]' told)" \
        "$(printf '%s\n' '[[9,0,0],true,false]' '[[9,0,0],false,true]')"
    # Whoever reads it may see one line at once.
    bellhop top --json --sort inbound --times 600 | head -1 >told
    assert_equal "$(jq -r .sorted_by told)" inbound
    # Without a terminal there is one, as of the table.
    assert_equal "$(bellhop top --json | wc -l)" 1
}

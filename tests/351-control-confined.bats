# Programs that confine themselves to some system calls (seccomp) go on when their agent dies: nothing
# new is called in them (P4).
# shellcheck disable=SC2016,SC2034,SC2154  # the settings expand ${...}; read by bed.bash; set by control.bash

load lib/bed
load lib/control

setup_file() { bed_start; }
teardown_file() { bed_stop; }
setup() {
    control_bed
    unset BAGGAGE
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

# says VALUE: what the next request carries; it is made, and answered.
says() {
    ask s "${2:-a}"
    assert_equal "$ANSWER/$(last)" "asked/$1"
}

settings() {
    printf '%s\n' "$1" >new.conf
    bellhop reload new.conf
}

state_of() { bellhop ps --json | jq -r '.processes[] | select(.program | endswith("/sandbox")).settings'; }

@test "settings that are reloaded under a filter are taken over, large ones too" {
    local how i
    head -c 64 /dev/urandom | base64 -w0 >key
    for how in prctl syscall; do
        start_sandbox "$how"
        settings 'set = ( { key = "by"; value = "${exe}"; }, { key = "pid"; value = "x${pid}"; },
            { key = "host"; value = "${hostname}"; }, { key = "other"; value = "${HOME_OF_NOBODY:-none}"; } );'
        ask s a
        run last
        assert_output --regexp "^by=sandbox,pid=x[0-9]+,host=$(hostname),other=none$"
        # As many as there is room for former ones, and more; each with a thousand rules.
        for i in {1..12}; do
            settings "set = ( { key = \"by\"; value = \"$i\"; } ); forward = [ \"x-$i\" ];
                outbound = ( $(printf '{ hosts = [ "*.h%s.test" ]; off = true; }, ' {1..1000})
                             { hosts = [ \"*\" ]; keys = [ \"by\" ]; } );"
            says "by=$i"
        done
        assert_equal "$(state_of)" current
        # Its child, too, which attaches to no agent.
        says "by=12" f
        # What it cannot have leaves it with what it has.
        settings "tokens = ( { name = \"t\"; header = \"a\"; algorithm = \"HS256\"; key_file = \"$PWD/key\"; } );
            make = ( { key = \"k\"; token = \"t\"; claim = \"sub\"; } );"
        says "by=12"
        assert_equal "$(state_of)" verifier
        settings ''
        says -
        echo q >&"$IN_s"
        wait "$SANDBOX"
        exec {IN_s}>&- {OUT_s}<&-
        rm in out
        gone() { [[ $(bellhop ps --json | jq '.processes | length') == 0 ]]; }
        wait_for 20 gone
    done
}

@test "nothing is logged any more by a program that confines itself" {
    export BELLHOP_LOG="debug:$T/shim.log"
    start_sandbox prctl
    assert_equal "$(tail -1 shim.log | cut -d: -f2-)" \
        " the program confines itself: nothing is logged any more"
    local lines
    lines=$(wc -l <shim.log)
    settings 'set = ( { key = "by"; value = "one"; } );'
    says "by=one"
    says "by=one" f
    assert_equal "$(wc -l <shim.log)" "$lines"
    echo q >&"$IN_s"
    wait "$SANDBOX"
}

# A -> B -> C, where B's handlers start programs: the request goes on in the
# environment of the programs that its handler starts, and B's own stays as it was.

load lib/bed
load lib/programs
load lib/chain

setup_file() { chain_start; }
teardown_file() { bed_stop; }
setup() {
    chain_test
    unset BAGGAGE CHILD
}
teardown() { b_stop; }

WAYS=(execve execv execvp execvpe execl execlp execle fexecve execveat vfork posix_spawn
    posix_spawnp system popen)

spawner() { b_start "$APPS/chain-spawn" "$1" "$B_PORT" "$C_PORT" "$DATA/child.sh"; }

@test "a child that a handler forks asks C" {
    spawner fork
    load_b n=400 form=length
    all_kept
}

@test "a program that a handler starts asks C, in each way to start one" {
    local way
    for way in "${WAYS[@]}"; do
        spawner "$way"
        load_b n=32 form=length
        all_kept
        b_stop
    done
}

@test "its environment holds all of it" {
    local way
    export CHILD=env
    for way in "${WAYS[@]}"; do
        spawner "$way"
        load_b n=32 form=length
        all_kept
        b_stop
    done
    spawner execve
    load_b n=100 form=length size=4096
    all_kept
    load_b n=100 form=length malformed=1
    all_kept
}

@test "children of children, and wget" {
    local child
    for child in far wget; do
        export CHILD=$child
        spawner posix_spawn
        load_b n=64 form=length
        all_kept
        b_stop
    done
}

@test "but for that, the environment of a child is the one that it is given" {
    local way how
    export CHILD=report
    for way in "${WAYS[@]}"; do
        for how in bare shim; do
            export REPORT="$T/report"
            rm -f "$REPORT"
            if [[ $how == bare ]]; then BARE=1 spawner "$way"; else spawner "$way"; fi
            run curl -q -sS --max-time 20 -H "baggage: user-id=1" -H "tracestate: a=b" \
                -H "traceparent: 00-11111111111111111111111111111111-2222222222222222-01" \
                "http://127.0.0.1:$B_PORT/report"
            assert_output "done"
            grep -vE "^(_|BARE)=" "$REPORT" >"$T/$how.env"
            b_stop
        done
        # The two that the bed sets for B itself.
        grep -vE '^(BARE|LD_PRELOAD|BELLHOP_CONFIG|BAGGAGE|TRACEPARENT|TRACESTATE)=' "$T/shim.env" \
            >"$T/rest.env"
        diff "$T/bare.env" "$T/rest.env"
        assert_equal "$(grep -c '^LD_PRELOAD=' "$T/shim.env")" 1
        assert_equal "$(sed -n 's/^LD_PRELOAD=//p' "$T/shim.env")" "$SHIM"
        assert_equal "$(sed -n 's/^TRACEPARENT=//p' "$T/shim.env")" \
            "00-11111111111111111111111111111111-2222222222222222-01"
        assert_equal "$(sed -n 's/^TRACESTATE=//p' "$T/shim.env")" "a=b"
        run sed -n 's/^BAGGAGE=//p' "$T/shim.env"
        assert_output --partial "user-id=1"
    done
}

@test "what python starts: with vfork, with fork, a shell, popen" {
    local how
    for how in subprocess fork shell popen; do
        b_start "$PYTHON" "$DATA/children.py" "$B_PORT" "$how" "$DATA/child.sh"
        load_b n=64
        all_kept
        b_stop
    done
}

@test "what php starts" {
    need php php-cli
    export PROGRAM="$DATA/child.sh" HOW
    for HOW in shell_exec proc_open; do
        b_start php -S "127.0.0.1:$B_PORT" "$DATA/children.php"
        load_b n=64
        all_kept
        b_stop
    done
}

# A -> B -> C: a driver that is both A and C (chain.py), and the server under test between them.
# Load it after lib/bed and lib/programs.
# shellcheck disable=SC2034,SC2154 # the suites use what is set here
#
#   setup_file() { chain_start [tls]; }
#   teardown_file() { bed_stop; }
#   setup() { chain_test; }
#   teardown() { b_stop; }
#
#   b_start COMMAND...       B, with the shim and its settings; it listens on $B_PORT
#   load_b mode=keep n=400    A asks B; sets KEPT, PART, MISSING, WRONG, EMPTY, FAILED and prints them
#   all_kept, none_wrong     what the last load came to

DATA="$BATS_TEST_DIRNAME/data/chain"

chain_start() {
    export BED="$BATS_FILE_TMPDIR/bed"
    local tls=()
    mkdir -p "$BED"
    : >"$BED/pids"
    if [[ " $* " == *" tls "* ]]; then
        bed_tls || return 1
        tls=("$TLS/server.pem" "$TLS/server.key" "$CA")
    fi
    bed_server chain "$PYTHON" "$LIB/chain.py" "$BED/chain.port" "${tls[@]}"
    read -r C_PORT C_TLS_PORT < <(bed_port chain) || return 1
    export C_PORT C_TLS_PORT C_URL="http://127.0.0.1:$C_PORT" C_TLS_URL="https://localhost:$C_TLS_PORT"
}

chain_test() {
    T="$BATS_TEST_TMPDIR"
    cd "$T" || return 1
    B_PORT=$(free_ports 1)
    b_settings "# all else as shipped"
}

# b_settings LINE...: what B's settings file says besides the member that B adds.
b_settings() {
    printf '%s\n' 'set = ( { key = "service-b-processed"; value = "true"; } );' "$@" >"$T/b.conf"
}

# b_start COMMAND...: in a process group of its own, with $SHIM (none where BARE is set).
b_start() {
    local preload=(LD_PRELOAD="$SHIM" BELLHOP_CONFIG="$T/b.conf")
    [[ -z ${BARE:-} ]] || preload=(-u LD_PRELOAD)
    [[ -z ${B_LOG:-} ]] || preload+=(BELLHOP_LOG="debug:$B_LOG")
    setsid env "${preload[@]}" "$@" </dev/null >"$T/b.log" 2>&1 3>&- 4>&- &
    B_PID=$!
    B_BEGAN=$(pid_began "$B_PID")
    if ! wait_for 60 b_ready; then
        tail -50 "$T/b.log" >&2
        return 1
    fi
}

b_ready() {
    kill -0 "$B_PID" || return 0
    port_open "$B_PORT"
}

b_gone() {
    ! kill -0 -- "-$B_PID" 2>/dev/null
}

b_stop() {
    [[ -n ${B_PID:-} ]] || return 0
    # The number may be another's, but not while somebody of the group is left.
    [[ ! -e /proc/$B_PID ]] || pid_is "$B_PID" "$B_BEGAN" || return 0
    kill -- "-$B_PID" 2>/dev/null || true
    wait_for 10 b_gone 2>/dev/null || kill -9 -- "-$B_PID" 2>/dev/null || true
    wait "$B_PID" 2>/dev/null || true
    B_PID=''
}

# load_b OPTION=VALUE...: see chain.py. LOAD_SECONDS=250 is what it may take.
load_b() {
    local query="b=$B_PORT&set=1" option
    [[ -z ${BARE:-} ]] || query="b=$B_PORT"
    for option; do
        query+="&$option"
    done
    RESULT=$(curl -q -sS --max-time "${LOAD_SECONDS:-250}" "$C_URL/control/load?$query") || {
        b_look
        return 1
    }
    read -r _ KEPT _ PART _ MISSING _ WRONG _ EMPTY _ FAILED <<<"$RESULT"
    echo "# ${B_NAME:-$BATS_TEST_DESCRIPTION}${*:+, $*}: $(head -1 <<<"$RESULT")" >&3
    echo "$RESULT"
}

# b_look: what B's processes are at.
b_look() {
    ps -eo pgid,pid,ppid,stat,wchan:24,time,args | awk -v group="$B_PID" '$1 == group' | head -40
}

# own_calls: what B asked of itself meanwhile; sets OWN and OWN_WRONG.
own_calls() {
    read -r _ OWN _ OWN_WRONG < <(curl -q -sS --max-time 60 "$C_URL/control/own")
    echo "# ${B_NAME:-$BATS_TEST_DESCRIPTION}: $OWN calls of its own, $OWN_WRONG wrong" >&3
}

b_alive() {
    kill -0 "$B_PID" || { tail -50 "$T/b.log" && fail "B is gone"; }
}

none_wrong() {
    b_alive
    assert_equal "wrong $WRONG failed $FAILED" "wrong 0 failed 0"
    assert [ "$((KEPT + PART + MISSING + EMPTY))" -gt 0 ]
}

all_kept() {
    none_wrong
    assert_equal "part $PART missing $MISSING" "part 0 missing 0"
    assert [ "$KEPT" -gt 0 ]
}

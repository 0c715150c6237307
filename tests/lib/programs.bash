# For suites that run programs which were never made for tests. Load it after lib/bed.
#
#   carry [-u] COMMAND...    as `same`, and every request has the baggage exactly once, while the
#                            bytes of its head are those of a run without the shim
#   alike COMMAND...         the program does as it does without the shim, and the bytes that went
#                            through the tap are equal
# shellcheck disable=SC2034 # the suites use what is set here

B="user-id=user-12345,tenant-id=abcde"

# What these programs take from the environment would decide a test, too.
unset NODE_EXTRA_CA_CERTS NODE_OPTIONS JAVA_TOOL_OPTIONS _JAVA_OPTIONS PERL5OPT RUBYOPT PYTHONPATH
unset PERL_LWP_SSL_CA_FILE HTTPS_CA_FILE REQUESTS_CA_BUNDLE WGETRC PGHOST PGPORT PGUSER
export PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1

# need COMMAND PACKAGE: the test is skipped, and says so, where a program is not installed.
need() {
    [[ -n $(PATH=$PATH:/usr/sbin:/sbin type -P "$1") ]] || skip "$1 is not installed ($2)"
}

carry() {
    same "$@" || return 1
    wire_exact "$B" "$T/bare.jsonl" "$T/shim.jsonl" "$1"
}

# Heads are equal but for one insertion of VALUE.
wire_exact() {
    "$PYTHON" "$LIB/exact.py" "$1" "$2" "$3" "$4"
}

# The two ways to a server for programs that speak HTTP/1.1 alone.
BOTH=(http https)

# where PROTOCOL PATH: at localhost, the name that needs no resolver's help.
where() { url "$1" localhost "$2"; }

# tap_start TARGET: TAP_PORT leads to TARGET (a port, or a Unix socket's path), and what clients
# send there is kept, a file a connection.
tap_start() {
    TAP="$T/tap"
    rm -rf "$TAP"
    mkdir "$TAP"
    "$PYTHON" "$LIB/tap.py" "$TAP" "$1" </dev/null >"$T/tap.out" 2>&1 3>&- &
    TAP_PID=$!
    TAP_BEGAN=$(pid_began "$TAP_PID")
    wait_for 30 test -s "$TAP/port"
    TAP_PORT=$(cat "$TAP/port")
}

tap_stop() {
    [[ -n ${TAP_PID:-} ]] || return 0
    pid_end "$TAP_PID" "$TAP_BEGAN"
    TAP_PID='' TAP=''
}

tap_quiet() {
    ! compgen -G "$TAP/*.open" >/dev/null
}

# The connections since the last look, as lines of hexadecimal digits, in any order.
tap_take() {
    wait_for 20 tap_quiet || return 1
    cat "$TAP"/*.done 2>/dev/null | sort
    rm -f "$TAP"/*.done
}

# alike COMMAND...: leaves shim.out, shim.err, shim.rc as `same` does, and shim.tap. The tap's
# bytes are left out with ALIKE_BYTES=no, standard error with SAME_STDERR=no.
alike() {
    local how rc file
    for how in bare shim; do
        rc=0
        rm -rf "${T:?}/$how" "$T/$how".*
        mkdir -p "$T/$how"
        (cd "$T/$how" && "$how" "$@" </dev/null >"$T/$how.out" 2>"$T/$how.err") 3>&- || rc=$?
        echo "$rc" >"$T/$how.rc"
        [[ -z ${TAP:-} ]] || tap_take >"$T/$how.tap" || return 1
    done
    for file in rc out err tap; do
        [[ $file == err && ${SAME_STDERR:-} == no ]] && continue
        [[ $file == tap && (-z ${TAP:-} || ${ALIKE_BYTES:-} == no) ]] && continue
        cmp -s "$T/bare.$file" "$T/shim.$file" && continue
        echo "$file differs with the shim: $*"
        diff -a "$T/bare.$file" "$T/shim.$file" | head -20
        return 1
    done
    diff -r "$T/bare" "$T/shim"
}

# server_start NAME SECONDS PROBE -- COMMAND...: a server of this test, until server_stop, which
# answers once `PROBE` succeeds.
server_start() {
    local name=$1 seconds=$2 probe=$3
    shift 4
    "$@" </dev/null >"$T/$name.log" 2>&1 3>&- &
    pid_note $! >>"$T/servers"
    if ! wait_for "$seconds" eval "$probe"; then
        cat "$T/$name.log" >&2
        return 1
    fi
}

server_stop() {
    local pid began
    tap_stop
    [[ -f $T/servers ]] || return 0
    while read -r pid began; do
        pid_end "$pid" "$began"
    done <"$T/servers"
    rm -f "$T/servers"
}

# port_open PORT: somebody listens there.
port_open() {
    (exec 9<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# stub_start KIND: a small server of tests/lib/stubs.py; sets STUB_PORT.
stub_start() {
    rm -f "$T/$1.port"
    server_start "$1" 30 "test -s '$T/$1.port'" -- "$PYTHON" "$LIB/stubs.py" "$1" "$T/$1.port"
    STUB_PORT=$(cat "$T/$1.port")
}

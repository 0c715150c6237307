# The test bed: real servers on loopback that write down what reached them, and a way to run a
# program twice, without and with the shim, and to compare. Load it with: load lib/bed.
# shellcheck disable=SC2034 # the suites use what is set here
#
#   setup_file() { bed_start tls proxy git; }    what is needed besides the plain recorder
#   teardown_file() { bed_stop; }
#   setup() { bed_test; }

bats_load_library bats-support
bats_load_library bats-assert

LIB="$BATS_TEST_DIRNAME/lib"
# shellcheck source=tests/lib/pids.bash
source "$LIB/pids.bash"
BUILD="${BELLHOP_BUILD:-$BATS_TEST_DIRNAME/../build}"
[[ $BUILD == /* ]] || BUILD="$PWD/$BUILD"
APPS="$BUILD/apps"
SHIM="${BELLHOP_SHIM:-$BUILD/libbellhop.so}"
PYTHON=/usr/bin/python3

# Nothing of the caller's own environment may decide a test.
unset BAGGAGE TRACEPARENT TRACESTATE OTEL_PROPAGATORS OTEL_SDK_DISABLED LD_PRELOAD
unset BELLHOP_DISABLED BELLHOP_CONFIG BELLHOP_CONTROL BELLHOP_LOG AFTER
unset GIT_SSL_CAINFO GIT_DIR CURL_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR
unset http_proxy https_proxy all_proxy no_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY
export LC_ALL=C.UTF-8 CURL_HOME=/nonexistent HOME="${BATS_FILE_TMPDIR:-/nonexistent}"

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        if ((SECONDS > end)); then
            echo "waited in vain: $*" >&2
            return 1
        fi
        sleep 0.02
    done
}

# bed_server NAME COMMAND...: in the background, until bed_stop; its output goes to a file.
bed_server() {
    local name=$1
    shift
    # bats waits for everything that holds its descriptors.
    "$@" </dev/null >"$BED/$name.out" 2>&1 3>&- 4>&- &
    pid_note $! >>"$BED/pids"
}

bed_port() {
    if ! wait_for 30 test -s "$BED/$1.port"; then
        cat "$BED/$1.out" >&2
        return 1
    fi
    cat "$BED/$1.port"
}

bed_start() {
    export BED="$BATS_FILE_TMPDIR/bed" LOG="$BATS_FILE_TMPDIR/bed/log"
    local git_root=()
    mkdir -p "$BED"
    : >"$BED/pids"
    [[ " $* " != *" git "* ]] || git_root=("$BED/git")
    bed_server recorder "$PYTHON" "$LIB/recorder.py" "$LOG" "$BED/recorder.port" "${git_root[@]}"
    HTTP_PORT=$(bed_port recorder) || return 1
    export HTTP_PORT
    [[ " $* " != *" tls "* ]] || bed_nginx || return 1
    [[ " $* " != *" proxy "* ]] || bed_proxy || return 1
}

bed_stop() {
    local pid began
    [[ -f $BED/pids ]] || return 0
    while read -r pid began; do
        pid_end "$pid" "$began"
    done <"$BED/pids"
}

bed_proxy() {
    export PROXY_LOG="$BED/proxy.log"
    bed_server proxy "$PYTHON" "$LIB/proxy.py" "$PROXY_LOG" "$BED/proxy.port"
    PROXY_PORT=$(bed_port proxy) || return 1
    export PROXY_PORT
}

# A certificate authority and a certificate for the names of the tests, made once a build directory.
bed_tls() {
    export TLS="$BUILD/test-tls" CA="$BUILD/test-tls/ca.pem"
    local names="DNS:service-b.test,DNS:service-c.test,DNS:service-d.test,DNS:localhost"
    mkdir -p "$TLS"
    (
        flock 9
        [[ ! -e $TLS/done ]] || exit 0
        cd "$TLS" || exit 1
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
            -subj "/CN=bellhop test authority" -keyout ca.key -out ca.pem
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=service-b.test" \
            -keyout server.key -out server.csr
        openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 \
            -extfile <(echo "subjectAltName=$names") -out server.pem
        : >"$TLS/done"
    ) 9>"$TLS/lock" >"$BED/openssl.out" 2>&1
}

free_ports() {
    "$PYTHON" - "$1" <<'PY'
import socket, sys
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(s.getsockname()[1] for s in held))
PY
}

nginx_config() {
    [[ $(id -u) != 0 ]] || echo "user root;"
    cat <<CONF
daemon off;
worker_processes 1;
pid $BED/nginx.pid;
error_log $BED/nginx.error warn;
events { worker_connections 512; }
http {
    access_log off;
    client_body_temp_path $BED/nginx-body;
    proxy_temp_path $BED/nginx-proxy;
    fastcgi_temp_path $BED/nginx-fastcgi;
    uwsgi_temp_path $BED/nginx-uwsgi;
    scgi_temp_path $BED/nginx-scgi;
    client_max_body_size 0;
    large_client_header_buffers 8 64k;
    underscores_in_headers on;
    ignore_invalid_headers off;
    ssl_certificate $TLS/server.pem;
    ssl_certificate_key $TLS/server.key;
    server {
        listen 127.0.0.1:$TLS_PORT ssl http2;
        listen 127.0.0.1:$H2C_PORT http2;
        location / {
            proxy_pass http://127.0.0.1:$HTTP_PORT;
            proxy_http_version 1.1;
            proxy_set_header Host \$http_host;
            proxy_set_header X-Front \$server_protocol;
            proxy_set_header X-Front-Scheme \$scheme;
        }
    }
}
CONF
}

nginx_answers() {
    curl -sf -o "$BED/nginx.hello" --max-time 5 --cacert "$CA" "https://localhost:$TLS_PORT/ready"
}

# nginx with TLS and HTTP/2 stands before the recorder. Its ports were free a moment ago; if one is
# not any more, others are tried.
bed_nginx() {
    local attempt
    bed_tls || return 1
    for attempt in 1 2 3 4 5; do
        read -r TLS_PORT H2C_PORT < <(free_ports 2)
        export TLS_PORT H2C_PORT
        nginx_config >"$BED/nginx.conf"
        bed_server nginx nginx -p "$BED" -c "$BED/nginx.conf" -e "$BED/nginx.error"
        ! wait_for 10 nginx_answers || return 0
        echo "nginx, attempt $attempt" >&2
        cat "$BED/nginx.out" "$BED/nginx.error" >&2
    done
    return 1
}

bed_test() {
    T="$BATS_TEST_TMPDIR"
    export BAGGAGE="user-id=user-12345,tenant-id=abcde"
    cd "$T" || return 1
    mark
}

# From here on: what is recorded later is what `since` shows.
mark() {
    MARK=$(wc -l <"$LOG")
    PROXY_MARK=$(wc -l 2>/dev/null <"${PROXY_LOG:-/dev/null}")
}

since() {
    tail -n "+$((MARK + 1))" "$LOG"
}

proxied() {
    tail -n "+$((PROXY_MARK + 1))" "$PROXY_LOG"
}

# The program alone is preloaded: not timeout, nor env.
shim() {
    timeout 120 env LD_PRELOAD="$SHIM${AFTER:+:$AFTER}" "$@"
}

bare() {
    timeout 120 env -u LD_PRELOAD ${AFTER:+LD_PRELOAD="$AFTER"} "$@"
}

# may_open WANTED: sets FILES to as many descriptors as a program may be allowed here, up to so many,
# and says so where they are fewer.
may_open() {
    FILES=$1
    ! prlimit --nofile="$1:$1" true 2>/dev/null || return 0
    FILES=$(ulimit -Hn)
    echo "# $FILES descriptors instead of $1: the limit cannot be raised" >&3
}

# checker NAME RUNTIME: the shim of that build, and the runtime library before it.
checker() {
    local runtime
    runtime=$(gcc -print-file-name="$2")
    [[ -f $BUILD/$1/libbellhop.so ]] || fail "no $BUILD/$1: make san-builds"
    SHIM="$runtime:$BUILD/$1/libbellhop.so"
    export ASAN_OPTIONS=detect_leaks=0:abort_on_error=0:exitcode=98
    export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
    export TSAN_OPTIONS=report_bugs=1:exitcode=97
}

# One run of `same`: in a directory of its own, with its output, exit code and requests kept.
run_in() {
    local how=$1 rc=0
    shift
    mark
    rm -rf "${T:?}/$how" "$T/$how".*
    mkdir -p "$T/$how"
    (cd "$T/$how" && "$how" "$@" >"$T/$how.out" 2>"$T/$how.err") 3>&- || rc=$?
    echo "$rc" >"$T/$how.rc"
    [[ ${SAME_DATE:-} != no ]] || sed -i '/^date: /Id' "$T/$how.out"
    since >"$T/$how.jsonl"
    [[ -z ${PROXY_LOG:-} ]] || proxied >"$T/$how.proxy.jsonl"
}

# same [-u] COMMAND...: the program behaves and asks as it does without the shim, but for our own
# headers (-u: in any order). Leaves $T/shim.jsonl, shim.out, shim.err, shim.rc. SAME_STDERR=no
# leaves standard error out, for programs that print times or numbers that vary there, and
# SAME_DATE=no the server's Date lines.
same() {
    local order=() file
    [[ $1 != -u ]] || { order=(-u) && shift; }
    run_in bare "$@"
    run_in shim "$@"
    for file in rc out err; do
        [[ $file == err && ${SAME_STDERR:-} == no ]] && continue
        if ! cmp -s "$T/bare.$file" "$T/shim.$file"; then
            echo "$file differs with the shim: $*"
            diff -a "$T/bare.$file" "$T/shim.$file" | head -20
            return 1
        fi
    done
    diff -r --exclude=.git "$T/bare" "$T/shim" || return 1
    wire same "${order[@]}" "$T/bare.jsonl" "$T/shim.jsonl" || return 1
    if [[ -n ${PROXY_LOG:-} ]]; then
        wire same "${order[@]}" "$T/bare.proxy.jsonl" "$T/shim.proxy.jsonl" || return 1
    fi
    [[ ${SAME_LEGAL:-} == no ]] || wire legal "$T/shim.jsonl"
}

wire() {
    "$PYTHON" "$LIB/wire.py" "$@"
}

# What the program's last `same` run sent: "METHOD HOST PATH value" a request.
sent() {
    wire sent "${1:-baggage}" "$T/shim.jsonl"
}

# assert_sent [-h NAME] LINE...: exactly these requests, in this order.
assert_sent() {
    local name=baggage
    [[ $1 != -h ]] || { name=$2 && shift 2; }
    assert_equal "$(sent "$name")" "$(printf '%s\n' "$@")"
}

# assert_all_sent VALUE: every request (there is one at least) had this value of baggage.
assert_all_sent() {
    assert_equal "$(sent "${2:-baggage}" | cut -d' ' -f4- | sort -u)" "$1"
}

assert_exit() {
    assert_equal "$(cat "$T/shim.rc")" "$1"
}

# The three ways to a server that most tests try in turn.
PROTOCOLS=(http https h2)

# url PROTOCOL HOST PATH
url() {
    case $1 in
    http) echo "http://$2:$HTTP_PORT$3" ;;
    https | h2) echo "https://$2:$TLS_PORT$3" ;;
    h2c) echo "http://$2:$H2C_PORT$3" ;;
    esac
}

# at_b PATH, at_c PATH: at host B or C, over the protocol in $proto.
at_b() { url "${proto:-http}" service-b.test "$1"; }
at_c() { url "${proto:-http}" service-c.test "$1"; }

# RESOLVE: "name:port:address" for every name and port, one a word.
resolve_all() {
    local name port
    RESOLVE=()
    for name in service-b.test service-c.test service-d.test; do
        for port in "$HTTP_PORT" ${TLS_PORT:+"$TLS_PORT" "$H2C_PORT"}; do
            RESOLVE+=("$name:$port:127.0.0.1")
        done
    done
}

# curl_args PROTOCOL: sets ARGS to what leads the curl command to the bed.
curl_args() {
    local entry
    resolve_all
    ARGS=(-q -sS --max-time 90)
    for entry in "${RESOLVE[@]}"; do
        ARGS+=(--resolve "$entry")
    done
    [[ -z ${CA:-} ]] || ARGS+=(--cacert "$CA")
    case $1 in
    http | https) ARGS+=(--http1.1) ;;
    h2) ARGS+=(--http2) ;;
    h2c) ARGS+=(--http2-prior-knowledge) ;;
    esac
}

# app_env PROTOCOL: exports the same for the programs in tests/apps, pycurl and PHP.
app_env() {
    resolve_all
    APP_RESOLVE=$(IFS=,; echo "${RESOLVE[*]}")
    APP_CA=${CA:-}
    APP_HTTP2=
    [[ $1 != h2 ]] || APP_HTTP2=1
    export APP_RESOLVE APP_CA APP_HTTP2
}

# The last run used this protocol throughout.
assert_protocol() {
    local expect=HTTP/1.1
    [[ $1 != h2* ]] || expect=HTTP/2.0
    assert_equal "$(wire protos "$T/shim.jsonl")" "$expect"
}

# The settings at work: a server that knows nothing of baggage, and what the requests that it makes
# for others carry, over sockets, TLS and libcurl.

load lib/bed
load lib/programs

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() {
    bed_test
    unset BAGGAGE UNIX HOW HEADER WAY
    read -r B_PORT OPENSSL_PORT GNUTLS_PORT < <(free_ports 3)
    HTTP="http://127.0.0.1:$HTTP_PORT/c" HTTPS="https://localhost:$TLS_PORT/c"
}
teardown() { server_stop; }

# b_run NAME PROBE COMMAND...
b_run() {
    server_start "$1" 30 "$2" -- env LD_PRELOAD="$SHIM" BELLHOP_CONFIG="$T/b.conf" CA="$CA" \
        SSL_CERT_FILE="$CA" "${@:3}"
}

# b SETTINGS: B with these settings, in three programs: one asks by OpenSSL, one by GnuTLS, and Python
# over sockets, OpenSSL and libcurl.
b() {
    printf '%s\n' "$1" >b.conf
    b_run openssl "port_open $OPENSSL_PORT" "$APPS/ssl-rules" "$OPENSSL_PORT" "$CA"
    b_run gnutls "port_open $GNUTLS_PORT" "$APPS/gnutls-rules" "$GNUTLS_PORT" "$CA"
    b_run b "port_open $B_PORT" "$PYTHON" "$BATS_TEST_DIRNAME/data/policy/b.py" "$B_PORT"
}

unix_open() {
    "$PYTHON" -c 'import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])' "$1" 2>unix.err
}

# b_unix SETTINGS: the same, and as many that listen on Unix sockets.
b_unix() {
    b "$1"
    b_run unix-openssl "unix_open '$T/$OPENSSL_PORT'" "$APPS/ssl-rules" "$T/$OPENSSL_PORT" "$CA"
    b_run unix-gnutls "unix_open '$T/$GNUTLS_PORT'" "$APPS/gnutls-rules" "$T/$GNUTLS_PORT" "$CA"
    b_run unix-b "unix_open '$T/$B_PORT'" "$PYTHON" "$BATS_TEST_DIRNAME/data/policy/b.py" "$T/$B_PORT"
}

# ask PATH CURL-OPTIONS...: of B. WAY is the port of B, how it asks (plain, curl or post), and a URL.
# UNIX=yes: by the Unix socket instead.
ask() {
    local way=${WAY:-$B_PORT plain $HTTP}
    mark
    run timeout 60 curl -q -sS --fail "${@:2}" ${UNIX:+--unix-socket "$T/${way%% *}"} -H "X-Do: ${way#* }" "http://127.0.0.1:${way%% *}$1"
    assert_success
}

server_pid() { tail -1 "$T/servers" | cut -d" " -f1; }

# carried [HEADER]: what B's last request carried.
carried() {
    since >shim.jsonl
    "$PYTHON" "$LIB/wire.py" sent "${1:-baggage}" shim.jsonl | tail -1 | cut -d' ' -f4-
}

# assert_carried EXPECTED PATH CURL-OPTIONS...: in each way to ask. HEADER is which, if not baggage; with
# HOW=thread- a thread asks that is started for it.
assert_carried() {
    local WAY
    for WAY in "$B_PORT ${HOW:-}plain $HTTP" "$B_PORT ${HOW:-}plain $HTTPS" "$OPENSSL_PORT ${HOW:-}plain $HTTPS" \
        "$GNUTLS_PORT ${HOW:-}plain $HTTPS" "$B_PORT ${HOW:-}curl $HTTP" "$B_PORT ${HOW:-}curl $HTTPS"; do
        ask "${@:2}"
        assert_equal "$WAY $(carried "${HEADER:-}")" "$WAY $1"
    done
}

@test "headers that are named go on as they are" {
    b 'forward = [ "x-request-id", "x-b3-traceid" ];'
    local HEADER value
    for value in x-request-id:abc x-b3-traceid:- x-other:- baggage:a=1; do
        HEADER=${value%%:*}
        assert_carried "${value#*:}" / -H 'X-Request-ID: abc' -H 'x-other: 1' -H 'baggage: a=1'
    done
}

@test "keys have levels of their own" {
    b 'confidence = "live"; members = ( { keys = [ "a*" ]; confidence = "weak"; } );'
    assert_carried 'a=1,b=2' / -H 'baggage: a=1,b=2'
    HOW=thread- assert_carried 'a=1' / -H 'baggage: a=1,b=2'
}

@test "a token is verified by a library that only then is loaded" {
    head -c 64 /dev/zero | tr '\0' k >key
    b 'forward = [ "x-a" ];'
    run grep -c libbellhop-token "/proc/$(server_pid)/maps"
    assert_output 0
    server_stop
    b "tokens = ( { name = \"t\"; header = \"authorization\"; algorithm = \"HS256\"; key_file = \"$T/key\"; } );
       make = ( { key = \"user-id\"; token = \"t\"; claim = \"sub\"; } );"
    run grep -c libbellhop-token "/proc/$(server_pid)/maps"
    refute_output 0
    run grep -cE 'libconfig|libbellhop-settings' "/proc/$(server_pid)/maps"
    assert_output 0
}

@test "an edge drops what strangers bring, and makes members of the request" {
    head -c 64 /dev/zero | tr '\0' k >key
    b "edge = true; tokens = ( { name = \"t\"; header = \"authorization\"; algorithm = \"HS256\"; key_file = \"$T/key\"; } );
       make = ( { key = \"user-id\"; token = \"t\"; claim = \"sub\"; }, { key = \"tenant\"; path = \"/t/{}/**\"; },
                { key = \"c\"; cookie = \"c\"; }, { key = \"q\"; query = \"q\"; }, { key = \"h\"; header = \"X-H\"; },
                { key = \"peer\"; peer = true; } );"
    assert_carried 'user-id=u1,tenant=abc,c=1,h=a%20b,peer=127.0.0.1' /t/abc/ -H 'baggage: user-id=evil,x=1' \
        -H "authorization: Bearer $("$PYTHON" "$LIB/token.py" HS256 key '{"sub":"u1","exp":9999999999}')" \
        -H 'cookie: c=1' -H 'x-h: a b'
    assert_carried 'tenant=abc,peer=127.0.0.1' /t/abc/ -H 'baggage: user-id=evil,x=1' \
        -H "authorization: Bearer $("$PYTHON" "$LIB/token.py" none - '{"sub":"u1","exp":9999999999}')"
}

@test "who is trusted brings in what it may" {
    b "inbound = ( { peers = [ \"127.0.0.0/8\" ]; ports = [ $B_PORT, $OPENSSL_PORT, $GNUTLS_PORT ]; keys = [ \"a*\" ]; } );"
    assert_carried 'a=1,ab=2' / -H 'baggage: a=1,b=2' -H 'baggage: ab=2'
    server_stop
    b 'inbound = ( { peers = [ "10.0.0.0/8" ]; keys = [ "*" ]; } );'
    assert_carried - / -H 'baggage: a=1,b=2'
}

@test "clients on a Unix socket are peers of their own" {
    local UNIX=yes
    b_unix 'inbound = ( { peers = [ "127.0.0.0/8", "::/0" ]; keys = [ "tcp" ]; },
            { peers = [ "unix" ]; keys = [ "unix" ]; }, { keys = [ "*" ]; } );
        make = ( { key = "peer"; peer = true; }, { key = "h"; header = "X-H"; } );'
    assert_carried 'unix=2,h=4' / -H 'baggage: tcp=1,unix=2,other=3' -H 'x-h: 4'
    UNIX='' assert_carried 'tcp=1,peer=127.0.0.1,h=4' / -H 'baggage: tcp=1,unix=2,other=3' -H 'x-h: 4'
}

@test "a Unix socket has no port, and no address" {
    local UNIX=yes
    b_unix 'inbound = ( { ports = [ 1, 80, 443 ]; keys = [ ]; }, { peers = [ "0.0.0.0/0", "::/0" ]; keys = [ ]; },
        { peers = [ "*" ]; keys = [ "*" ]; } );'
    assert_carried 'a=1' / -H 'baggage: a=1'
    UNIX='' assert_carried - / -H 'baggage: a=1'
}

@test "methods and paths are told apart" {
    b 'outbound = ( { hosts = [ "*" ]; methods = [ "POST" ]; keys = [ "a" ]; },
        { hosts = [ "*" ]; paths = [ "/d/**" ]; keys = [ "b" ]; }, { hosts = [ "*" ]; keys = [ "*" ]; } );'
    assert_carried 'a=1,b=2' / -H 'baggage: a=1,b=2'
    local WAY
    for WAY in "$B_PORT post $HTTP" "$B_PORT post $HTTPS" "$OPENSSL_PORT post $HTTPS" "$GNUTLS_PORT post $HTTPS"; do
        ask / -H 'baggage: a=1,b=2'
        assert_equal "$WAY $(carried)" "$WAY a=1"
    done
    HTTP=${HTTP%c}d/e HTTPS=${HTTPS%c}d/e assert_carried 'b=2' / -H 'baggage: a=1,b=2'
}

@test "a member goes hashed, or with a fixed value" {
    b 'salt = "pepper"; outbound = ( { hosts = [ "*" ]; keys = [ "c" ]; hash = [ "a" ];
        fixed = ( { keys = [ "b" ]; value = "x y"; } ); } );'
    assert_carried "a=$(printf 1 | openssl dgst -sha256 -hmac pepper | sed 's/.* //'),b=x%20y,c=3" / \
        -H 'baggage: a=1,b=2,c=3,d=4'
}

@test "a host may be off, for trace context too" {
    b 'outbound = ( { hosts = [ "*" ]; off = true; } );'
    local HEADER
    for HEADER in baggage traceparent; do
        assert_carried - / -H 'baggage: a=1' -H 'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    done
}

@test "keys that never go stay home, without outbound rules too" {
    b 'members = ( { keys = [ "b" ]; never = true; } );'
    assert_carried 'a=1,c=3' / -H 'baggage: a=1,b=2,c=3'
}

@test "a list is cut to its limits, and some keys win" {
    b 'limits = { members = 2; first = [ "c" ]; };'
    assert_carried 'a=1,c=3' / -H 'baggage: a=1,b=2,c=3'
}

@test "programs that are excluded are left alone" {
    printf 'programs = { exclude = [ "*" ]; };\n' >b.conf
    BAGGAGE=a=1 BELLHOP_CONFIG="$T/b.conf" shim curl -q -sS "http://127.0.0.1:$HTTP_PORT/a" -o out
    printf 'programs = { exclude = [ "wget", "curl *other*" ]; };\n' >b.conf
    BAGGAGE=a=1 BELLHOP_CONFIG="$T/b.conf" shim curl -q -sS "http://127.0.0.1:$HTTP_PORT/a" -o out
    assert_equal "$(carried)" a=1
    BAGGAGE=a=1 BELLHOP_CONFIG="$T/b.conf" shim curl -q -sS "http://127.0.0.1:$HTTP_PORT/other" -o out
    assert_equal "$(carried)" -
}

@test "child processes get the keys that they may have" {
    printf 'children = [ "a" ];\n' >b.conf
    # shellcheck disable=SC2016 # it is the shell there that expands it
    BAGGAGE=a=1,b=2 BELLHOP_CONFIG="$T/b.conf" run shim "$PYTHON" -c \
        'import subprocess; subprocess.run(["/bin/sh", "-c", "echo $BAGGAGE"], check=True)'
    assert_output a=1
}

@test "what is made keeps to its pattern and length, is changed, and gives way or not" {
    b 'salt = "pepper"; make = (
        { key = "m"; header = "X-M"; match = "[a-z]*"; }, { key = "l"; header = "X-L"; max_length = 3; },
        { key = "low"; header = "X-Low"; lower = true; metadata = "source=edge;private"; },
        { key = "hash"; header = "X-H"; hash = true; }, { key = "v"; path = "/v/**"; value = "in v"; },
        { key = "k"; header = "X-K"; existing = "keep"; }, { key = "p"; header = "X-P"; existing = "prefer"; },
        { key = "r"; header = "X-R"; } );'
    local sum
    sum=$(printf 'user 1' | openssl dgst -sha256 -hmac pepper | sed 's/.* //')
    assert_carried "k=1,m=abc,l=123,low=a%20b;source=edge;private,hash=$sum,v=in%20v,p=new,r=new" /v/x \
        -H 'baggage: k=1,p=1,r=1' -H 'x-m: abc' -H 'x-l: 123' -H 'x-low: A B' -H 'x-h: user 1' \
        -H 'x-k: new' -H 'x-p: new' -H 'x-r: new'
    assert_carried "p=1,k=new" /x -H 'baggage: p=1,r=1' -H 'x-m: 1bc' -H 'x-l: 1234' -H 'x-k: new'
}

@test "what a request may not bring in does not hide what the program has" {
    BAGGAGE=c=own b 'inbound = ( { keys = [ "ok" ]; } ); default = ( { key = "a"; value = "default"; } );'
    assert_carried a=default,c=own,ok=1 / -H 'baggage: a=evil,c=evil,ok=1'
}

# Proxies that run with the shim: what they pass on keeps its baggage, and gets the proxy's own.
# No request of theirs is told apart yet, so the proxy's own is what its environment says.

load lib/bed
load lib/programs

OWN="proxy=1"

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() {
    bed_test
    unset BAGGAGE
    FRONT=$(free_ports 1)
}
teardown() { server_stop; }

front_open() { port_open "$FRONT"; }

# with_shim COMMAND...: the server under test; $OWN_BAGGAGE is its own.
with_shim() {
    server_start front 30 front_open -- env ${OWN_BAGGAGE:+BAGGAGE="$OWN_BAGGAGE"} \
        LD_PRELOAD="$SHIM" "$@"
}

start_haproxy() {
    cat >"$T/haproxy.cfg" <<CONF
global
    maxconn 200
defaults
    mode http
    timeout connect 20s
    timeout client 60s
    timeout server 60s
    option splice-auto
    http-reuse always
listen front
    bind 127.0.0.1:$FRONT
    server b 127.0.0.1:$HTTP_PORT
CONF
    with_shim haproxy -db -f "$T/haproxy.cfg"
}

start_nginx() {
    cat >"$T/nginx.conf" <<CONF
$([[ $(id -u) != 0 ]] || echo "user root;")
daemon off;
worker_processes 2;
pid $T/nginx.pid;
error_log $T/nginx.error warn;
events { worker_connections 128; }
http {
    access_log off;
    client_body_temp_path $T/nginx-body;
    proxy_temp_path $T/nginx-proxy;
    fastcgi_temp_path $T/nginx-fastcgi;
    uwsgi_temp_path $T/nginx-uwsgi;
    scgi_temp_path $T/nginx-scgi;
    client_max_body_size 0;
    upstream b { server 127.0.0.1:$HTTP_PORT; keepalive 8; }
    server {
        listen 127.0.0.1:$FRONT;
        location / {
            proxy_pass http://b;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }
    }
}
CONF
    with_shim nginx -p "$T" -c "$T/nginx.conf" -e "$T/nginx.error"
}

start_tinyproxy() {
    cat >"$T/tinyproxy.conf" <<CONF
Port $FRONT
Listen 127.0.0.1
Timeout 60
MaxClients 50
LogFile "$T/tinyproxy.log"
PidFile "$T/tinyproxy.pid"
ConnectPort $TLS_PORT
ConnectPort $HTTP_PORT
CONF
    with_shim tinyproxy -d -c "$T/tinyproxy.conf"
}

# ask CURL-OPTIONS...: the client has no shim; its answer is what the origin gives.
ask() {
    run timeout 60 curl -q -sS --fail "$@"
    assert_success
}

# passes_on URL CURL-OPTIONS...: requests with and without baggage, and a body that looks like
# requests.
passes_on() {
    local expected to=$1
    shift
    seq -f 'GET /%g HTTP/1.1' 20000 >"$T/big"
    mark
    ask "$@" "$to/a"
    ask -H "Baggage: user-id=1" "$@" "$to/b"
    ask -H "baggage: user-id=1" -H "X-Between: 1" --data-binary "@$T/big" -o "$T/back" \
        "$@" "$to/echo"
    cmp "$T/big" "$T/back"
    ask -H "Expect: 100-continue" -H "baggage: proxy=theirs" -T "$T/big" -o "$T/back" \
        "$@" "$to/echo"
    cmp "$T/big" "$T/back"
    ask -I "$@" "$to/head"
    ask "$@" "$to/chunked"
    assert_output $'one\ntwo\nthree'
    since >"$T/shim.jsonl"
    wire legal "$T/shim.jsonl"
    expected="- user-id=1 user-id=1 proxy=theirs - -"
    [[ -z ${OWN_BAGGAGE:-} ]] ||
        expected="$OWN user-id=1,$OWN user-id=1,$OWN proxy=theirs $OWN $OWN"
    assert_equal "$(sent | cut -d' ' -f4- | xargs)" "$expected"
}

# Many at once, over connections that the proxy keeps and gives to one request after the other.
passes_many_on() {
    mark
    run timeout 60 ab -q -n 300 -c 8 -k -H "Baggage: user-id=1" "http://127.0.0.1:$FRONT/many"
    assert_success
    assert_output --regexp "Failed requests: +0"
    since >"$T/shim.jsonl"
    assert_equal "$(sent | cut -d' ' -f1,3- | sort | uniq -c | sed 's/^ *//')" \
        "300 GET /many user-id=1${OWN_BAGGAGE:+,$OWN}"
}

@test "haproxy passes baggage on as it came" {
    start_haproxy
    passes_on "http://127.0.0.1:$FRONT"
    passes_many_on
}

@test "haproxy adds its own once" {
    OWN_BAGGAGE=$OWN
    start_haproxy
    passes_on "http://127.0.0.1:$FRONT"
    passes_many_on
}

@test "nginx passes baggage on as it came" {
    start_nginx
    passes_on "http://127.0.0.1:$FRONT"
    passes_many_on
}

@test "nginx adds its own once" {
    OWN_BAGGAGE=$OWN
    start_nginx
    passes_on "http://127.0.0.1:$FRONT"
    passes_many_on
}

@test "tinyproxy passes baggage on, and leaves a tunnel alone" {
    start_tinyproxy
    passes_on "http://localhost:$HTTP_PORT" -x "http://127.0.0.1:$FRONT"
    mark
    ask -p -x "http://127.0.0.1:$FRONT" "http://localhost:$HTTP_PORT/tunnel"
    ask -x "http://127.0.0.1:$FRONT" --cacert "$CA" "https://localhost:$TLS_PORT/tls"
    since >"$T/shim.jsonl"
    assert_sent "GET localhost /tunnel -" "GET localhost /tls -"
}

@test "tinyproxy adds its own once, and leaves a tunnel alone" {
    OWN_BAGGAGE=$OWN
    start_tinyproxy
    passes_on "http://localhost:$HTTP_PORT" -x "http://127.0.0.1:$FRONT"
    mark
    ask -x "http://127.0.0.1:$FRONT" --cacert "$CA" "https://localhost:$TLS_PORT/tls"
    since >"$T/shim.jsonl"
    assert_sent "GET localhost /tls -"
}

@test "a client's tunnel through a proxy carries its request, not the CONNECT before it" {
    start_tinyproxy
    export BAGGAGE=$B
    run timeout 60 env LD_PRELOAD="$SHIM" wget --no-config -q -O - -e use_proxy=yes \
        -e "https_proxy=http://127.0.0.1:$FRONT" --ca-certificate="$CA" \
        "https://localhost:$TLS_PORT/tls"
    assert_success
    since >"$T/shim.jsonl"
    assert_sent "GET localhost /tls $B"
}

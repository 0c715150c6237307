# A -> B -> C, where B is a proxy: what it forwards itself goes out exactly once, and nothing is wrong
# where it was told to drop it. How much of that comes back at each confidence is printed.

load lib/bed
load lib/programs
load lib/chain

setup_file() { chain_start; }
teardown_file() { bed_stop; }
setup() {
    chain_test
    LEVELS=(live immediate resumed sole weak)
}
teardown() { b_stop; }

# What a proxy forwards is its own word, which outranks the member that the settings add.
load_own() { load_b own=1 one=1 "$@"; }

# nginx_b [1.0] LINE...: two workers, connections to C that one request after the other is lent.
nginx_b() {
    local version=1.1
    [[ "${1:-}" != 1.0 ]] || { version=1.0 && shift; }
    local upstream="server 127.0.0.1:$C_PORT; keepalive 8;"
    cat >"$T/nginx.conf" <<CONF
$([[ $(id -u) != 0 ]] || echo "user root;")
daemon off;
worker_processes 2;
pid $T/nginx.pid;
error_log $T/nginx.error warn;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path $T/nginx-body;
    proxy_temp_path $T/nginx-proxy;
    fastcgi_temp_path $T/nginx-fastcgi;
    uwsgi_temp_path $T/nginx-uwsgi;
    scgi_temp_path $T/nginx-scgi;
    large_client_header_buffers 8 32k;
    client_max_body_size 0;
    upstream c { $upstream }
    server {
        listen 127.0.0.1:$B_PORT;
        location / {
            proxy_pass http://c;
            proxy_http_version $version;
            proxy_set_header Connection "";
            $(printf '%s\n' "$@")
        }
    }
}
CONF
    b_start nginx -p "$T" -c "$T/nginx.conf" -e "$T/nginx.error"
}

# haproxy_b LINE...: of the part that listens.
haproxy_b() {
    cat >"$T/haproxy.cfg" <<CONF
global
    maxconn 400
defaults
    mode http
    timeout connect 20s
    timeout client 60s
    timeout server 60s
    http-reuse always
listen front
    bind 127.0.0.1:$B_PORT
    server c 127.0.0.1:$C_PORT
$(printf '    %s\n' "$@")
CONF
    b_start haproxy -db -f "$T/haproxy.cfg"
}

# apache_b LINE...: as a proxy, with the threads and processes of its event module.
apache_b() {
    local modules=/usr/lib/apache2/modules
    need apache2 apache2
    cat >"$T/apache.conf" <<CONF
ServerRoot $T
ServerName b.test
Listen 127.0.0.1:$B_PORT
PidFile $T/apache.pid
ErrorLog $T/apache.error
DefaultRuntimeDir $T
LoadModule mpm_event_module $modules/mod_mpm_event.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule headers_module $modules/mod_headers.so
LoadModule proxy_module $modules/mod_proxy.so
LoadModule proxy_http_module $modules/mod_proxy_http.so
StartServers 2
ThreadsPerChild 25
ProxyPass / http://127.0.0.1:$C_PORT/
$(printf '%s\n' "$@")
CONF
    b_start apache2 -X -f "$T/apache.conf"
}

# Clients of every kind, many at once, long lists.
every_client() {
    load_own n=800
    "$@"
    load_own mode=mixed
    "$@"
    load_own size=4096
    "$@"
    load_own mode=broken
    none_wrong
}

hidden_at_each() { # SERVER LINE...
    local level
    for level in "${LEVELS[@]}"; do
        b_settings "confidence = \"$level\";"
        export B_NAME="$BATS_TEST_DESCRIPTION, at $level"
        "$@"
        load_own
        b_alive
        assert_equal "$FAILED" 0
        [[ $level != live ]] || assert_equal "$WRONG" 0
        b_stop
    done
}

NGINX_HIDES=('proxy_set_header baggage "";' 'proxy_set_header traceparent "";'
    'proxy_set_header tracestate "";')
HAPROXY_HIDES=("http-request del-header baggage" "http-request del-header traceparent"
    "http-request del-header tracestate")
APACHE_HIDES=("RequestHeader unset baggage" "RequestHeader unset traceparent"
    "RequestHeader unset tracestate")

@test "nginx forwards, and everything goes out once" {
    nginx_b
    every_client all_kept
    load_own mode=pipelined
    all_kept
    load_own one=0
    all_kept
}

@test "nginx with a connection for each request forwards" {
    nginx_b 1.0
    load_own n=800
    all_kept
}

@test "nginx that drops the headers: nothing is wrong" {
    nginx_b "${NGINX_HIDES[@]}"
    every_client none_wrong
    load_own mode=pipelined
    none_wrong
}

@test "nginx that drops the baggage alone: nothing is wrong" {
    nginx_b "${NGINX_HIDES[0]}"
    load_own
    none_wrong
}

@test "nginx that drops the headers, at each confidence" {
    hidden_at_each nginx_b "${NGINX_HIDES[@]}"
}

@test "haproxy that drops the headers, at each confidence" {
    hidden_at_each haproxy_b "${HAPROXY_HIDES[@]}"
}

@test "apache forwards, and everything goes out once" {
    apache_b
    every_client all_kept
}

@test "apache that drops the headers: nothing is wrong" {
    apache_b "${APACHE_HIDES[@]}"
    every_client none_wrong
}

@test "apache that drops the headers, at each confidence" {
    hidden_at_each apache_b "${APACHE_HIDES[@]}"
}

@test "haproxy forwards, and everything goes out once" {
    haproxy_b "option http-keep-alive"
    every_client all_kept
    load_own mode=pipelined
    all_kept
    load_own one=0
    all_kept
}

@test "haproxy with a connection for each request forwards" {
    haproxy_b "http-reuse never" "option httpclose"
    load_own n=800
    all_kept
}

@test "haproxy that drops the headers: nothing is wrong" {
    haproxy_b "${HAPROXY_HIDES[@]}"
    every_client none_wrong
    load_own mode=pipelined
    none_wrong
}

@test "socat as a relay: everything goes through" {
    need socat socat
    b_start socat "TCP-LISTEN:$B_PORT,bind=127.0.0.1,fork,reuseaddr,backlog=128" \
        "TCP:127.0.0.1:$C_PORT"
    every_client all_kept
    load_own mode=pipelined
    all_kept
}

@test "socat as a relay, at each confidence: nothing comes twice" {
    local level
    need socat socat
    for level in "${LEVELS[@]}"; do
        b_settings "confidence = \"$level\";"
        export B_NAME="$BATS_TEST_DESCRIPTION, at $level"
        b_start socat "TCP-LISTEN:$B_PORT,bind=127.0.0.1,fork,reuseaddr,backlog=128" \
            "TCP:127.0.0.1:$C_PORT"
        load_own
        all_kept
        b_stop
    done
}

# Through a proxy: what is for the server goes to the server, and the proxy's CONNECT stays curl's.

load lib/bed

B="user-id=user-12345,tenant-id=abcde"

setup_file() { bed_start tls proxy; }
teardown_file() { bed_stop; }
setup() {
    bed_test
    export TRACEPARENT=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 TRACESTATE=a=b
    X=(-x "http://127.0.0.1:$PROXY_PORT")
}

# Every CONNECT (there is one at least) is free of anything of ours.
assert_clean_connects() {
    local name
    grep -q '"method": "CONNECT"' "$T/shim.proxy.jsonl"
    for name in baggage traceparent tracestate; do
        run wire sent "$name" "$T/shim.proxy.jsonl"
        assert_equal "$(grep '^CONNECT' <<<"$output" | grep -v -- '-$')" ""
    done
    run jq -r 'select(.method == "CONNECT") | .raw' "$T/shim.proxy.jsonl"
    refute_output --regexp '[Bb]aggage|user-12345|traceparent'
}

@test "a plain request by way of a proxy carries the baggage to the server" {
    curl_args http
    same curl "${ARGS[@]}" "${X[@]}" "$(url http service-b.test /a)"
    assert_exit 0
    assert_sent "GET service-b.test /a $B"
}

@test "the CONNECT for an HTTPS request has nothing of ours, the request inside does" {
    local proto
    for proto in https h2; do
        curl_args "$proto"
        same curl "${ARGS[@]}" "${X[@]}" "$(at_b /a)"
        assert_exit 0
        assert_sent "GET service-b.test /a $B"
        assert_protocol "$proto"
        assert_clean_connects
    done
}

@test "a tunnel for plain HTTP (-p): CONNECT clean, the request inside carries it" {
    curl_args http
    same curl "${ARGS[@]}" "${X[@]}" -p "$(at_b /a)" "$(at_b /b)"
    assert_sent "GET service-b.test /a $B" "GET service-b.test /b $B"
    assert_clean_connects
}

@test "proxy headers and proxy credentials of the program reach the proxy as they would" {
    curl_args https
    same curl "${ARGS[@]}" "${X[@]}" --proxy-header "X-Proxy: 1" -U me:secret -H "X-Own: 2" \
        "$(url https service-b.test /a)"
    assert_sent -h x-own "GET service-b.test /a 2"
    assert_clean_connects
    assert_equal "$(wire sent x-proxy "$T/shim.proxy.jsonl")" \
        "CONNECT proxy service-b.test:$TLS_PORT 1"
}

# With one list for proxy and server (CURLHEADER_UNIFIED) nothing of ours can be in that list. What
# goes through the tunnel may still get it, where the shim sees the request itself.
@test "a header list that libcurl sends to the proxy too takes nothing of ours there" {
    local proto
    export APP_PROXY="http://127.0.0.1:$PROXY_PORT"
    for proto in "${PROTOCOLS[@]}"; do
        app_env "$proto"
        same "$APPS/curl-easy" unified "$(at_b /a)" \
            "$(at_b /b)"
        assert_clean_connects
        run sent
        assert_line --index 0 --regexp "^GET service-b.test /a (-|$B)$"
        assert_line --index 1 "GET service-b.test /b $B"
        run wire sent x-own "$T/shim.proxy.jsonl"
        assert_line --index 0 --regexp "^CONNECT proxy service-b.test:[0-9]+ unified$"
        assert_line --index 1 --regexp "^CONNECT proxy service-b.test:[0-9]+ -$"
    done
}

@test "a program's own baggage reaches the server merged, by way of a proxy too" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        same curl "${ARGS[@]}" "${X[@]}" -H "Baggage: own=1" "$(at_b /a)"
        assert_sent "GET service-b.test /a own=1,$B"
    done
}

@test "a redirect through a proxy is judged by each host" {
    local proto
    cat >"$T/rules.conf" <<'CONF'
outbound = ( { hosts = [ "service-b.test" ]; keys = [ "user-id" ]; },
             { hosts = [ "*" ]; keys = [ ]; } );
CONF
    export BELLHOP_CONFIG="$T/rules.conf"
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        same curl "${ARGS[@]}" "${X[@]}" -L \
            "$(at_b /hops/service-c.test/service-b.test/end)"
        assert_sent \
            "GET service-b.test /hops/service-c.test/service-b.test/end user-id=user-12345" \
            "GET service-c.test /hops/service-b.test/end -" \
            "GET service-b.test /end user-id=user-12345"
    done
}

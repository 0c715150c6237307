#!/usr/bin/env bats
# Where our bytes go (DESIGN.md section 4, STANDARD I), on the model of insertion in the test tool,
# which does nothing but follow the framer's events.

bats_load_library bats-support
bats_load_library bats-assert

BUILD="${BELLHOP_BUILD:-$BATS_TEST_DIRNAME/../build}"
TOOL="$BUILD/testtool"

# assert_stream EXPECTED STREAM OPTION...: printf escapes are read; line ends show when it fails.
assert_stream() {
    printf '%b' "$1" >"$BATS_TEST_TMPDIR/expected"
    printf '%b' "$2" | "$TOOL" http insert "${@:3}" --all >"$BATS_TEST_TMPDIR/got"
    cmp "$BATS_TEST_TMPDIR/expected" "$BATS_TEST_TMPDIR/got" || {
        cat -A "$BATS_TEST_TMPDIR/got"
        return 1
    }
}

OURS=(--field 'baggage=k=v')

@test "one line before the end of the head" {
    assert_stream 'GET / HTTP/1.1\r\nHost: a\r\nbaggage: k=v\r\n\r\n' \
        'GET / HTTP/1.1\r\nHost: a\r\n\r\n' "${OURS[@]}"
}

@test "one line behind a request line without fields" {
    assert_stream 'GET / HTTP/1.0\r\nbaggage: k=v\r\n\r\n' 'GET / HTTP/1.0\r\n\r\n' "${OURS[@]}"
}

@test "lines end as those of the request do" {
    assert_stream 'GET / HTTP/1.1\nHost: a\nbaggage: k=v\n\n' \
        'GET / HTTP/1.1\nHost: a\n\n' "${OURS[@]}"
}

@test "each request of a pipeline has one" {
    assert_stream 'GET /1 HTTP/1.1\r\nbaggage: k=v\r\n\r\nGET /2 HTTP/1.1\r\nbaggage: k=v\r\n\r\n' \
        'GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n' "${OURS[@]}"
}

@test "own baggage is merged with, in any case of its name (STANDARD I30)" {
    assert_stream 'GET / HTTP/1.1\r\nBaGGage: a=1,k=v\r\nHost: a\r\n\r\n' \
        'GET / HTTP/1.1\r\nBaGGage: a=1\r\nHost: a\r\n\r\n' "${OURS[@]}"
}

@test "blank own baggage is filled" {
    assert_stream 'GET / HTTP/1.1\r\nbaggage: k=v\r\n\r\n' \
        'GET / HTTP/1.1\r\nbaggage: \r\n\r\n' "${OURS[@]}"
}

@test "own baggage with a comma at its end stays a list, folded or not" {
    assert_stream 'GET / HTTP/1.1\r\nbaggage: a=1,k=v,\r\n b=2\r\n\r\n' \
        'GET / HTTP/1.1\r\nbaggage: a=1,\r\n b=2\r\n\r\n' "${OURS[@]}"
}

@test "of several own lines the first is merged with" {
    assert_stream 'GET / HTTP/1.1\r\nbaggage: a=1,k=v\r\nbaggage: b=2\r\n\r\n' \
        'GET / HTTP/1.1\r\nbaggage: a=1\r\nbaggage: b=2\r\n\r\n' "${OURS[@]}"
}

@test "other fields are added only when absent" {
    assert_stream 'GET / HTTP/1.1\r\nX-Tenant: 1\r\nTraceParent: p\r\ntracestate: ours\r\n\r\n' \
        'GET / HTTP/1.1\r\nX-Tenant: 1\r\nTraceParent: p\r\n\r\n' \
        --field x-tenant=2 --field traceparent=ours --field tracestate=ours
}

@test "bodies, trailers, CONNECT and what follows it are left alone (STANDARD I31)" {
    local head='POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n'
    local rest='\r\n12\r\nGET / HTTP/1.1\r\n\r\n\r\n0\r\nbaggage: x=y\r\n\r\n'
    rest+='CONNECT a:1 HTTP/1.1\r\nbaggage: a=1\r\n\r\nGET / HTTP/1.1\r\n\r\n'
    assert_stream "${head}baggage: k=v\r\n$rest" "$head$rest" "${OURS[@]}"
}

@test "a stream that is not HTTP is left alone" {
    local stream
    for stream in 'PING\r\nGET / HTTP/1.1\r\n\r\n' '\x16\x03\x01GET / HTTP/1.1\r\n\r\n' \
        'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' 'GET /\r\n' 'OPTIONS * RTSP/1.0\r\n\r\n'; do
        assert_stream "$stream" "$stream" "${OURS[@]}"
    done
}

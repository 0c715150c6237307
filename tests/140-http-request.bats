#!/usr/bin/env bats
# The request framer: where messages begin and end, what is told of them, and when it gives up
# (DESIGN.md section 4, STANDARD I).

bats_load_library bats-support
bats_load_library bats-assert

BUILD="${BELLHOP_BUILD:-$BATS_TEST_DIRNAME/../build}"
TOOL="$BUILD/testtool"
PYTHON=/usr/bin/python3
DATA="$BATS_TEST_DIRNAME/data/http"
SHIM_HTTP="$BATS_TEST_DIRNAME/../shim/http"

# events STREAM OPTION...: printf escapes in the stream are read.
events() { printf '%b' "$1" | "$TOOL" http request "${@:2}" --all; }

@test "each listed request stream gives its listed events, however it is cut" {
    run "$PYTHON" "$DATA/check.py" cases "$TOOL http" "$DATA/requests.cases"
    assert_success
    assert_output --regexp '^[0-9]{2,} cases$'
}

@test "the end of a head is told before its CR is taken" {
    run events 'GET / HTTP/1.1\r\nHost: a\r\n\r'
    assert_line '25 HEAD_END crlf host=a/80'
}

@test "the end of a field is told before its CR is taken" {
    run events 'GET / HTTP/1.1\r\nbaggage: a=1\r'
    assert_line '28 FIELD_END baggage last=1'
}

@test "a body is not looked at" {
    run events 'POST / HTTP/1.1\r\nContent-Length: 20\r\n\r\nGET / HTTP/1.1\r\n\r\n\r\n'
    assert_output '17 LINE other 1.1
37 HEAD_END crlf no-host
59 DONE'
}

@test "a body of 2^63 - 1 bytes that go by unseen is counted" {
    local head='PUT / HTTP/1.1\r\nContent-Length: 9223372036854775807\r\n\r\n'
    run events "${head}GET / HTTP/1.1\r\n\r\n" --at 55:skip=9223372036854775807
    assert_line '55 DONE'
    assert_line '73 DONE'
}

@test "a request with doubtful framing has no place for a line of ours" {
    local doubt
    for doubt in 'Content-Length: 1\r\nContent-Length: 2' 'Content-Length: x' \
        'Transfer-Encoding: chunked\r\nContent-Length: 2' 'Transfer-Encoding: x'; do
        run events "POST / HTTP/1.1\r\n$doubt\r\n\r\n"
        refute_output --partial HEAD_END
        assert_output --partial OPAQUE
    done
}

@test "CONNECT is never given a line or a member (STANDARD I31)" {
    run events 'CONNECT a:1 HTTP/1.1\r\nbaggage: a=1\r\nx: y\r\n\r\n' --forward x
    assert_output '22 LINE CONNECT 1.1
44 DONE'
}

@test "names of the framers' own, and what is no name, are refused by the table" {
    local name
    for name in baggage Host content-length TRANSFER-ENCODING connection upgrade expect \
        '' 'a b' 'a:' "$(printf 'x%.0s' {1..65})"; do
        run events 'GET / HTTP/1.1\r\n\r\n' --forward "$name"
        assert_failure 2
    done
}

@test "the table holds 23 names of up to 64 bytes, each once" {
    local options=() i long
    long=$(printf 'x%.0s' {1..64})
    for i in {1..22}; do options+=(--forward "x-$i"); done
    run events "GET / HTTP/1.1\r\nX-22: a\r\nx-10: d\r\n$long: b\r\n${long}x: c\r\n\r\n" \
        "${options[@]}" --forward "$long"
    assert_success
    assert_line '22 VALUE x-22 a'
    assert_line '31 VALUE x-10 d'
    assert_line "100 VALUE $long b"
    refute_line --regexp 'VALUE .* c$'
    run events 'GET / HTTP/1.1\r\n\r\n' "${options[@]}" --forward y --forward z
    assert_failure 2
    run events 'GET / HTTP/1.1\r\n\r\n' "${options[@]}" --forward X-1
    assert_failure 2
}

@test "the framers need nothing but memory functions, so they may run in a signal handler" {
    local own
    cc -D_GNU_SOURCE -I"$SHIM_HTTP/.." -std=gnu11 -O2 -fno-pic -no-pie -r -nostdlib \
        -o "$BATS_TEST_TMPDIR/http.o" "$SHIM_HTTP"/*.c "$SHIM_HTTP/../base/span.c"
    run nm -u "$BATS_TEST_TMPDIR/http.o"
    assert_success
    own=$(awk '$1 == "U" && $2 !~ /^mem(cpy|cmp|chr|set|move)$/' <<<"$output")
    assert_equal "$own" ""
    # And they keep nothing between calls.
    run bash -c "nm '$BATS_TEST_TMPDIR/http.o' | awk '\$2 ~ /^[bBdDcC]\$/'"
    assert_output ""
}

@test "no function of the framers takes 256 bytes of stack" {
    local file
    cd "$BATS_TEST_TMPDIR"
    for file in "$SHIM_HTTP"/*.c; do
        cc -D_GNU_SOURCE -I"$SHIM_HTTP/.." -std=gnu11 -O2 -fstack-usage -c "$file"
    done
    run awk -F '\t' '$2 >= 256 || $3 != "static" { print } END { print (NR > 20) }' ./*.su
    assert_output 1
}

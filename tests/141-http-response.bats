#!/usr/bin/env bats
# The response framer: whose response is read, where it ends, and what the connection's end means.

bats_load_library bats-support
bats_load_library bats-assert

BUILD="${BELLHOP_BUILD:-$BATS_TEST_DIRNAME/../build}"
TOOL="$BUILD/testtool"
PYTHON=/usr/bin/python3
DATA="$BATS_TEST_DIRNAME/data/http"

# events STREAM OPTION...: printf escapes in the stream are read.
events() { printf '%b' "$1" | "$TOOL" http response "${@:2}" --all; }

repeat() { printf "%.0s$2" $(seq "$1"); }

@test "each listed response stream gives its listed events, however it is cut" {
    run "$PYTHON" "$DATA/check.py" cases "$TOOL http" "$DATA/responses.cases"
    assert_success
    assert_output --regexp '^[0-9]{2,} cases$'
}

@test "64 outstanding requests are answered in order" {
    local stream
    stream=$(repeat 63 'HTTP/1.1 204 x\\r\\n\\r\\n')
    run events "${stream}HTTP/1.1 200 x\r\nContent-Length: 9\r\n\r\n" \
        --methods "$(repeat 63 G)H" --close
    assert_success
    assert_equal "$(grep -c DONE <<<"$output")" 64
    assert_line --index 192 '1171 CLOSE idle'
    refute_output --partial OPAQUE
}

@test "the 65th makes the stream opaque" {
    run events "HTTP/1.1 204 x\r\n\r\n" --methods "$(repeat 65 G)"
    assert_output '0 OPAQUE'
}

@test "the ring of outstanding requests goes round" {
    local i options=(--methods GGG) stream=""
    for i in {1..70}; do
        options+=(--at "$((i * 18)):expect=$( ((i % 3)) && echo G || echo H)")
        stream+='HTTP/1.1 204 x\r\n\r\n'
    done
    # Three more are outstanding; the 70th to come was a G, the 69th a HEAD, the 68th a G.
    stream+='HTTP/1.1 204 x\r\n\r\nHTTP/1.1 200 x\r\nContent-Length: 9\r\n\r\n'
    stream+='HTTP/1.1 204 x\r\n\r\n'
    run events "$stream" "${options[@]}" --close
    assert_success
    assert_equal "$(grep -c DONE <<<"$output")" 73
    assert_line --regexp ' CLOSE idle$'
}

@test "a response cut short is told from a complete one (R6)" {
    local head='HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n'
    run events "${head}1\r\nx\r\n0\r\n" --methods G --close
    assert_line '55 CLOSE cut'
    run events "${head}1\r\nx\r\n0\r\n\r\n" --methods G --close
    assert_line '57 CLOSE idle'
    run events 'HTTP/1.1 200 x\r\nFoo' --methods G --close
    assert_line '19 CLOSE cut'
}

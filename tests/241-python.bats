# Python carries baggage: its libraries, and sockets used directly.

load lib/bed
load lib/programs

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() { bed_test; }

python_does() {
    local mode=$1 proto
    shift
    for proto in "${@:-http}"; do
        carry "$PYTHON" "$BATS_TEST_DIRNAME/apps/prog-python.py" "$mode" "$(where "$proto" /)" \
            "$CA" || return 1
        assert_exit 0
    done
}

# The same, with requests in any order.
python_does_side_by_side() {
    local mode=$1 proto
    for proto in "${BOTH[@]}"; do
        carry -u "$PYTHON" "$BATS_TEST_DIRNAME/apps/prog-python.py" "$mode" \
            "$(where "$proto" /)" "$CA" || return 1
        assert_exit 0
    done
}

@test "http.client: five methods over one connection" {
    python_does client "${BOTH[@]}"
    assert_equal "$(sent | wc -l)" 5
}

@test "http.client: its own baggage is merged with" {
    local proto
    for proto in "${BOTH[@]}"; do
        same "$PYTHON" "$BATS_TEST_DIRNAME/apps/prog-python.py" own "$(where "$proto" /)" "$CA"
        assert_exit 0
        assert_sent "GET localhost /own own=1,$B" \
            "POST localhost /own user-id=mine,b=2;p=3,tenant-id=abcde"
    done
}

@test "http.client: a chunked upload with a request inside it" {
    python_does chunked "${BOTH[@]}"
    assert_equal "$(sent | wc -l)" 2
}

@test "urllib: GET, POST, a redirect, a refusal" {
    python_does urllib "${BOTH[@]}"
    assert_equal "$(sent | wc -l)" 5
}

@test "a raw socket: a head in single bytes, and one cut before its last line" {
    python_does pieces "${BOTH[@]}"
    assert_equal "$(sent | wc -l)" 2
}

@test "a raw socket: ten requests in one call" {
    python_does pipelined "${BOTH[@]}"
    assert_equal "$(sent | wc -l)" 10
}

@test "sendmsg, writev and write" {
    python_does vectors http
    assert_equal "$(sent | wc -l)" 3
}

@test "a socket's file object" {
    python_does file_object "${BOTH[@]}"
}

@test "a copy of the descriptor, opened as a file" {
    python_does fd_object http
    assert_equal "$(sent | wc -l)" 2
}

@test "socket.sendfile: the body goes past us, and the next request is found" {
    python_does sendfile "${BOTH[@]}"
    assert_equal "$(sent | wc -l)" 4
}

@test "a non-blocking socket with a small buffer" {
    python_does nonblocking "${BOTH[@]}"
}

@test "asyncio streams, five conversations at once" {
    python_does_side_by_side asyncio
    assert_equal "$(sent | wc -l)" 15
}

@test "eight threads" {
    python_does_side_by_side threads
    assert_equal "$(sent | wc -l)" 40
}

@test "fork: a connection that is shared, and one that is not" {
    python_does fork "${BOTH[@]}"
}

@test "programs that Python starts" {
    python_does children http
    assert_equal "$(sent | wc -l)" 4
}

@test "a number that is used again for a file, a Unix socket pair, a connection handed over" {
    same "$PYTHON" "$BATS_TEST_DIRNAME/apps/prog-python.py" descriptors "$(where http /)"
    assert_exit 0
    assert_equal "$(sent | head -1)" "GET localhost /before $B"
    assert_equal "$(head -1 "$T/shim/plain")" $'GET /file HTTP/1.1\r'
    refute grep -q user-id "$T/shim/plain" "$T/shim.out"
}

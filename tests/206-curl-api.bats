# Programs in C that use libcurl in every style: the handle, its list and its callbacks stay theirs.

load lib/bed

B="user-id=user-12345,tenant-id=abcde"

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() { bed_test; }

# easy SCENARIO PROTOCOL: with /a at host B and /b at host C.
easy() {
    app_env "$2"
    same "$APPS/curl-easy" "$1" "$(url "$2" service-b.test /a)" "$(url "$2" service-c.test /b)"
    assert_exit 0
}

@test "a handle used again and again carries it each time" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        easy reuse "$proto"
        assert_protocol "$proto"
        assert_equal "$(sent | wc -l)" 6
        assert_all_sent "$B"
    done
}

@test "a handle that goes through POST, GET, HEAD and PATCH" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        easy methods "$proto"
        assert_equal "$(sent | cut -d' ' -f1 | xargs)" "POST GET HEAD PATCH"
        assert_all_sent "$B"
    done
}

@test "a reset handle carries it, and nothing of the list it had" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        easy reset "$proto"
        assert_sent "GET service-b.test /a $B" "GET service-c.test /b $B" "GET service-b.test /a $B"
        assert_equal "$(sent x-own | cut -d' ' -f4 | xargs)" "before - -"
    done
}

@test "a copied handle carries it, and outlives the one it was copied from" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        easy duplicate "$proto"
        assert_equal "$(sent | wc -l)" 4
        assert_all_sent "$B"
        assert_equal "$(sent x-own | cut -d' ' -f4 | xargs)" "dup dup dup -"
    done
}

@test "a list that is freed between requests is not needed any more" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        easy list-free "$proto"
        assert_all_sent "$B"
        assert_equal "$(sent x-own | cut -d' ' -f4 | xargs)" "first - second"
    done
}

@test "a list that grows between requests is sent as it has become" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        easy list-append "$proto"
        assert_equal "$(sent x-more | cut -d' ' -f4 | xargs)" "- 2 2"
        assert_equal "$(sent | cut -d' ' -f4)" "$(printf '%s\n' "$B" "$B" "own=1,$B")"
    done
}

@test "a list entry that is changed in place is sent as it has become" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        easy list-edit "$proto"
        assert_equal "$(sent x-own | cut -d' ' -f4 | xargs)" "aaaa bbbb -"
        assert_equal "$(sent | cut -d' ' -f4)" \
            "$(printf '%s\n' "$B" "$B" "user-id=mine,tenant-id=abcde")"
    done
}

@test "one list on ten handles is not changed" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        easy list-shared "$proto"
        assert_equal "$(sent | wc -l)" 25
        assert_all_sent "own=1,$B"
        run cat "$T/shim.out"
        assert_line "untouched 1"
    done
}

@test "URLs given in parts or in a buffer that changes" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        easy parsed-url "$proto"
        assert_sent "GET service-c.test /b $B" "GET service-b.test /a $B" "GET service-c.test /b $B"
        easy copied-url "$proto"
        assert_sent "GET service-c.test /b $B"
    done
}

@test "uploads from a callback, chunked and with a length" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        easy upload "$proto"
        assert_sent "PUT service-b.test /a $B" "PUT service-b.test /a $B"
        assert_equal "$(jq -r .body_len "$T/shim.jsonl" | xargs)" "20000 7000"
    done
}

@test "connections shared between handles" {
    easy shared-connections http
    assert_equal "$(sent | wc -l)" 4
    assert_all_sent "$B"
}

@test "requests of a forked child, and of the parent after it" {
    easy fork http
    assert_sent "GET service-b.test /a $B" "GET service-c.test /b $B" "GET service-b.test /a $B"
}

@test "a request in an atexit handler" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        easy at-exit "$proto"
        assert_sent "GET service-b.test /a $B" "GET service-c.test /b $B"
    done
}

@test "what libcurl refuses, it refuses as before" {
    easy errors http
    assert_all_sent "$B"
}

@test "bytes that the program sends itself over libcurl's connection are not touched" {
    app_env http
    same "$APPS/curl-easy" connect-only "$(url http service-b.test /a)"
    assert_exit 0
    assert_equal "$(jq -r .raw "$T/shim.jsonl")" "$(printf 'NOTHTTP\r\n\r\n')"
}

@test "whose request it is does not depend on when its bytes go out (P7)" {
    local proto seed urls
    unset BAGGAGE
    export AFTER="$APPS/libshort.so" SHORT
    for proto in http https; do
        app_env "$proto"
        mapfile -t urls < <(for i in $(seq 12); do url "$proto" service-b.test "/$i"; done)
        for seed in $(seq 8); do
            SHORT=$seed
            run_in shim "$APPS/curl-late" "${urls[@]}"
            assert_exit 0
            assert_equal "$(sent | cut -d' ' -f3-)" "$(for i in $(seq 12); do echo "/$i who=$i"; done)"
        done
    done
}

# records LISTENER: answers each request there, and prints its baggage; two clients come, of which
# none is answered before both are there, and it ends when they are gone.
records() {
    timeout 60 "$PYTHON" -c '
import os, socket, sys, threading
both = threading.Barrier(2)
def serve(client):
    both.wait()
    for line in client.makefile("rb"):
        if line.lower().startswith(b"baggage:"):
            os.write(1, line.split()[1] + b"\n")
        if line == b"\r\n":
            client.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
print("listens", flush=True)
for _ in range(2):
    threading.Thread(target=serve, args=(listener.accept()[0],)).start()
' "$1"
}

@test "connections whose ends are the same, as those to a Unix socket, are not taken for each other" {
    local server
    records "$T/socket" >"$T/came" &
    server=$!
    until grep -q listens "$T/came"; do
        kill -0 "$server"
        sleep 0.02
    done
    BAGGAGE='' shim "$APPS/curl-alike" http://service-b.test/a "$T/socket" >"$T/out"
    wait "$server"
    assert_equal "$(sort "$T/came" | uniq -c | xargs)" "1 listens 3 who=first 3 who=second"
}

@test "each style of driving a multi handle" {
    local proto style urls
    for proto in "${PROTOCOLS[@]}"; do
        app_env "$proto"
        mapfile -t urls < <(for i in 1 2 3 4 5 6 7 8; do url "$proto" service-b.test "/n/$i"; done)
        for style in wait poll select socket; do
            same -u "$APPS/curl-multi" "$style" "${urls[@]}" "$(at_c /c)"
            assert_exit 0
            assert_equal "$(sent | wc -l)" 18
            assert_all_sent "$B"
        done
    done
}

@test "one list on all handles of a multi" {
    local proto style
    export APP_OWN="Baggage: own=1"
    for proto in "${PROTOCOLS[@]}"; do
        app_env "$proto"
        for style in wait socket; do
            same -u "$APPS/curl-multi" "$style" "$(at_b /a)" \
                "$(at_b /b)" "$(at_c /c)"
            assert_exit 0
            assert_equal "$(sent | wc -l)" 6
            assert_all_sent "own=1,$B"
        done
    done
}

@test "handles of eight threads, handles handed on, and a list for all threads" {
    local proto mode
    for proto in http h2; do
        app_env "$proto"
        for mode in each hand; do
            same -u "$APPS/curl-threads" "$mode" "$(at_b /a)"
            assert_exit 0
            assert_all_sent "$B"
        done
        same -u "$APPS/curl-threads" share "$(at_b /a)"
        assert_exit 0
        assert_equal "$(sent | wc -l)" 80
        assert_all_sent "own=1,$B"
    done
}

# --- the program has a callback of its own before each request ------------------------------

prereq() {
    app_env "$2"
    same "$APPS/curl-prereq" "$1" "$(url "$2" service-b.test /a)" "$(url "$2" service-c.test /b)"
    assert_exit 0
}

@test "the program's callback before a request is called as often, and may be taken back" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        prereq own "$proto"
        assert_equal "$(grep '^calls' "$T/shim.out" | xargs)" "calls 1 calls 1 calls 0 calls 1"
        assert_equal "$(sent | wc -l)" 4
        assert_all_sent "$B"
    done
}

@test "the program's callback may forbid a request" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        prereq abort "$proto"
        assert_sent "GET service-c.test /b $B"
        run cat "$T/shim.out"
        assert_line "result 42 status 0 redirects 0"
    done
}

@test "a copied handle has the callback, a reset one has not" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        prereq copies "$proto"
        assert_equal "$(grep '^calls' "$T/shim.out" | xargs)" "calls 1 calls 0"
        assert_all_sent "$B"
    done
}

@test "a list that the program sets in its callback is the one that is sent" {
    prereq sets-headers http
    assert_equal "$(sent x-late | cut -d' ' -f4 | sort -u)" 1
    assert_equal "$(sent | cut -d' ' -f4 | cut -d, -f1 | sort -u)" late=1
}

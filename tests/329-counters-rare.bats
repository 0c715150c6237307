# Counters of what seldom happens: two that send at once, an event loop, no memory, a header list that
# is too long.
# shellcheck disable=SC2034,SC2154  # read by bed.bash; set by control.bash

load lib/bed
load lib/control

setup_file() { bed_start; }
teardown_file() { bed_stop; }
setup() { control_bed; }
teardown() { control_teardown; }

# of FAMILY: its counters that are not zero.
of() {
    bellhop metrics | sed -n "s/^bellhop_$1_total{[a-z]*=\"\(.*\)\"}/\1/p" | grep -v ' 0$' | sort | paste -sd,
}

@test "opaque, concurrent: somebody else sends while a send waits" {
    cat >two.py <<'PY'
import os, select, socket, threading
server = socket.create_server(("127.0.0.1", 0))
c = socket.create_connection(server.getsockname())
peer = server.accept()[0]
body = b"x" * 50000000
head = b"POST / HTTP/1.1\r\nHost: b.test\r\nContent-Length: %d\r\n\r\n" % len(body)
def send():
    try:
        c.sendall(head + body)
    except OSError:
        pass
one = threading.Thread(target=send)
one.start()
# It waits for room once there is none, and there is something to read.
select.select([peer], [], [])
while select.select([], [c], [], 0.1)[1]:
    pass
try:
    c.send(b"x", socket.MSG_DONTWAIT)
except BlockingIOError:
    pass
peer.close()
one.join()
PY
    shim "$PYTHON" two.py
    assert_equal "$(of opaque)" "concurrent 1"
}

# A server that waits for its listening socket and for its connections at once. LOOP is its URL.
start_loop() {
    cat >loop.py <<'PY'
import selectors, socket, sys
s = selectors.DefaultSelector()
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
s.register(server, selectors.EVENT_READ)
while True:
    for key, _ in s.select():
        if key.fileobj is server:
            s.register(server.accept()[0], selectors.EVENT_READ)
            continue
        got = key.fileobj.recv(65536)
        if got:
            key.fileobj.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        else:
            s.unregister(key.fileobj)
            key.fileobj.close()
PY
    BAGGAGE='' LD_PRELOAD="$SHIM" "$PYTHON" loop.py >loop.port 2>loop.err 3>&- &
    STARTED+=("$!")
    wait_for 20 test -s loop.port
    LOOP="http://127.0.0.1:$(cat loop.port)/"
}

ask_loop() { BELLHOP_CONTROL='' curl -q -sS --max-time 60 -H 'baggage: a=1' "$LOOP"; }

# What is never live is passed over where nobody counts it (inbound_opaque, event_loop); an agent does.
@test "inbound, event loop: its connections are read along for an agent" {
    start_loop
    local i
    for i in {1..8}; do ask_loop; done
    assert_equal "$(metric inbound_total)" 8
    assert_equal "$(of inbound_opaque)" ""
}

@test "skipped, other: a header list of libcurl's that is too long to be read" {
    seq 5000 | sed 's/^/x: /' >many
    shim curl -q -sS --max-time 60 -H @many -o out "http://127.0.0.1:$HTTP_PORT/"
    assert_equal "$(of skipped)" "other 1"
    assert_equal "$(since | wire sent baggage /dev/stdin | cut -d' ' -f4-)" "-"
}

@test "skipped, memory and other: each allocation for a request of libcurl's fails, and it is made" {
    local n
    for n in {1..8}; do
        FAIL_FROM=$n LD_PRELOAD="$APPS/libfailshim.so:$SHIM" timeout 60 curl -q -sS --max-time 60 \
            -H 'baggage: own=1' -o out "http://127.0.0.1:$HTTP_PORT/$n"
    done
    assert_equal "$(since | wire sent baggage /dev/stdin | wc -l)" 8
    # Whatever was left out, what the program says was not.
    assert_equal "$(since | wire sent baggage /dev/stdin | cut -d' ' -f4- | cut -d, -f1 | sort -u)" "own=1"
    echo "$(of skipped); injected $(of injected)"
    assert_regex "$(of skipped)" '^memory [1-9],other [1-9]$'
    assert_equal "$(bellhop metrics | awk '/^bellhop_(skipped|injected)_total/ { n += $2 } END { print n }')" 8
}

# Who caused the traffic: `attribute_by` counts the requests and bytes of real programs, exactly.
# shellcheck disable=SC2034,SC2154  # read by bed.bash; set by control.bash

load lib/bed
load lib/control

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() {
    bed_test
    control_setup
    unset BAGGAGE
    echo 'attribute_by = [ "tenant-id", "user-id" ];' >by.conf
    export BELLHOP_CONTROL="$S" BELLHOP_CONFIG="$T/by.conf"
    start_agent
}
teardown() { control_teardown; }

# attributed VALUE DIRECTION [KEY]: requests, their bytes, and those of the answers.
attributed() {
    local of="{key=\"${3-tenant-id}\",value=\"$1\",direction=\"$2\"}"
    echo "$(metric "attributed_requests_total$of")" "$(metric "attributed_bytes_total$of")" \
        "$(metric "attributed_answer_bytes_total$of")"
}

# What the recorder got since `mark`: requests and bytes.
recorded() {
    since | "$PYTHON" -c 'import json, sys
all = [json.loads(line) for line in sys.stdin]
print(len(all), sum(len(r["raw"]) + r["body_len"] for r in all))'
}

# A server of Python's, with a thread for each connection. SERVER is its port.
start_server() {
    cat >server.py <<'PY'
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(2 * len(body)))
        self.end_headers()
        self.wfile.write(body + body)
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], file=open("server.port.new", "w"), flush=True)
import os
os.rename("server.port.new", "server.port")
server.serve_forever()
PY
    LD_PRELOAD="$SHIM" "$PYTHON" server.py 3>&- 2>server.err &
    SERVER_PID=$!
    STARTED+=("$SERVER_PID")
    wait_for 20 test -s server.port
    SERVER=$(cat server.port)
}

# Its threads have ended, with what they had to count: that comes after the call.
# shellcheck disable=SC2317
idles() { [[ $(find "/proc/$SERVER_PID/task" -maxdepth 1 -mindepth 1 | wc -l) == 1 ]]; }

# post PIECES SIZE VALUE...: on one connection, a request for each value, cut into pieces; prints the
# bytes that went out and came back.
post() {
    BELLHOP_CONFIG='' BELLHOP_CONTROL='' "$PYTHON" - "$SERVER" "$@" <<'PY'
import socket, sys, time
port, pieces, size = map(int, sys.argv[1:4])
c = socket.create_connection(("127.0.0.1", port))
c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
sent = got = 0
for value in sys.argv[4:]:
    head = "POST / HTTP/1.1\r\nHost: b\r\nbaggage: x=1,%s\r\nContent-Length: %d\r\n\r\n"
    whole = (head % (value, size)).encode() + b"y" * size
    step = -(-len(whole) // pieces)
    for i in range(0, len(whole), step):
        c.sendall(whole[i:i + step])
        time.sleep(0.01 if pieces > 1 else 0)  # so that they are read one by one
    sent += len(whole)
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += c.recv(65536)
    while len(answer) < answer.index(b"\r\n\r\n") + 4 + 2 * size:
        answer += c.recv(65536)
    got += len(answer)
print(sent, got)
PY
    wait_for 20 idles
}

@test "requests that are served: their bytes, and those of the answers, by value" {
    start_server
    read -r sent got <<<"$(post 1 1000 tenant-id=a tenant-id=a tenant-id=a)"
    assert_equal "$(attributed a in)" "3 $sent $got"
    read -r sent got <<<"$(post 7 5000 "tenant-id=b;p=1,user-id=u" "user-id=u,tenant-id=b")"
    assert_equal "$(attributed b in)" "2 $sent $got"
    assert_equal "$(attributed u in user-id)" "2 $sent $got"
    # Turns on one connection.
    local a b
    read -r a _ <<<"$(post 3 10 tenant-id=c)"
    read -r b _ <<<"$(post 3 10 tenant-id=d)"
    post 3 10 tenant-id=c tenant-id=d tenant-id=c nothing=1 >/dev/null
    assert_equal "$(attributed c in | cut -d' ' -f1,2)" "3 $((3 * a))"
    assert_equal "$(attributed d in | cut -d' ' -f1,2)" "2 $((2 * b))"
    assert_equal "$(attributed "" in "")" "0 0 0"
}

@test "the counts of a process that has ended, and of one that is killed, stay" {
    start_server
    read -r sent got <<<"$(post 1 10 tenant-id=a)"
    assert_equal "$(attributed a in)" "1 $sent $got"
    read -r more back <<<"$(post 1 20 tenant-id=a)"
    kill -KILL "$SERVER_PID"
    wait "$SERVER_PID" 2>/dev/null || true
    # shellcheck disable=SC2317
    gone() { [[ $(metric 'processes{state="attached"}') == 0 ]]; }
    wait_for 20 gone
    assert_equal "$(attributed a in)" "2 $((sent + more)) $((got + back))"
}

@test "requests that curl makes, over sockets and TLS, and their answers" {
    export BAGGAGE="tenant-id=a,user-id=u"
    curl_args http
    shim curl "${ARGS[@]}" -d "$(printf 'z%.0s' {1..3000})" "$(at_b /echo)" "$(at_b /echo)" >out
    read -r requests bytes <<<"$(recorded)"
    assert_equal "$requests" 2
    local answer=$'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3000\r\n\r\n'
    assert_equal "$(attributed a out)" "2 $bytes $((2 * (${#answer} + 3000)))"
    assert_equal "$(attributed u out user-id)" "2 $bytes $((2 * (${#answer} + 3000)))"
    export BAGGAGE="tenant-id=tls"
    proto=https curl_args https
    proto=https shim curl "${ARGS[@]}" -D head "$(proto=https at_b /x)" >out
    local received
    received=$(cat head out | wc -c)
    assert_equal "$(attributed tls out | cut -d' ' -f1,3)" "1 $received"
    # Over HTTP/2 requests are counted, and their bytes are not seen.
    export BAGGAGE="tenant-id=h2"
    curl_args h2
    shim curl "${ARGS[@]}" "$(proto=https at_b /1)" "$(proto=https at_b /2)" >out
    assert_equal "$(attributed h2 out)" "2 0 0"
}

@test "requests over plain sockets, and a member that may not leave" {
    cat >client.py <<'PY'
import http.client, sys
c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=60)
got = 0
for body in (b"", b"x" * 100, b"y" * 70000):
    c.request("POST", "/echo", body)
    answer = c.getresponse()
    got += len(answer.read())
print(got)
PY
    echo 'outbound = ( { hosts = [ "*" ]; keys = [ ]; } );' >>by.conf
    BAGGAGE="tenant-id=a" shim "$PYTHON" client.py "$HTTP_PORT" >got
    read -r requests bytes <<<"$(recorded)"
    assert_equal "$(wire sent baggage <(since) | cut -d' ' -f4- | sort -u)" "-"
    local head=$'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: \r\n\r\n'
    assert_equal "$(attributed a out)" "3 $bytes $((3 * ${#head} + 1 + 3 + 5 + $(cat got)))"
}

@test "nothing is counted without the setting, nor of requests without the member" {
    : >none.conf
    BELLHOP_CONFIG="$T/none.conf" BAGGAGE="tenant-id=a" shim curl -q -sS "$(at_b /)" --resolve \
        "service-b.test:$HTTP_PORT:127.0.0.1" >out
    BAGGAGE="other=a" shim curl -q -sS "$(at_b /)" --resolve \
        "service-b.test:$HTTP_PORT:127.0.0.1" >out
    assert_equal "$(recorded | cut -d' ' -f1)" 2
    assert_equal "$(metric attributions_total)" 0
    assert_equal "$(attributed "" out "")" "0 0 0"
}

@test "among thousands of values, those that cause most are told, and nothing ever gets less" {
    start_guest a
    start_guest b
    local round before=0 now other_before=0 other_now
    for round in 1 2 3; do
        awk -v r="$round" 'BEGIN { for (i = 0; i < 3000; i++)
            print "tenant", (i % 4 ? "v" r "-" i : "big" i % 12), 5 }' >words
        cat words >&"$IN_a"
        cat words >&"$IN_b"
        sees a ""
        sees b ""
        bellhop metrics >told
        assert [ "$(grep -c '^bellhop_attributed_requests_total.*"out"' told)" -le 257 ]
        now=$(awk '/^bellhop_attributed_requests_total.*"out"/ { n += $2 } END { print n }' told)
        assert_equal "$now" "$((before + 6000))"
        before=$now
        other_now=$(awk '/_requests_total{key="",.*"out"/ { print $2 }' told)
        assert [ "$other_now" -ge "$other_before" ]
        other_before=$other_now
        # big0, big4, big8: each a twelfth of all.
        assert [ "$(awk '/value="big[048]",direction="out"/ && /requests/ && $2 >= '"$round"' * 480' \
            told | wc -l)" = 3 ]
    done
}

@test "what was counted goes on with a process that finds another agent" {
    start_guest a
    printf 'tenant v %d\n' 1 2 3 >&"$IN_a"
    sees a ""
    stop_agent KILL
    start_agent
    # shellcheck disable=SC2317
    renewed() { ask a renew && [[ $(metric 'processes{state="attached"}') == 1 ]]; }
    wait_for 20 renewed
    assert_equal "$(attributed v out)" "3 6 0"
    echo "tenant v 4" >&"$IN_a"
    sees a ""
    assert_equal "$(attributed v out)" "4 10 0"
}

@test "hostile values keep their place in the document, and look like no other" {
    start_guest a
    printf 'tenant %s 1\n' 'q"uote' 'back\slash' $'bell\a' 'a{b="c"}' >&"$IN_a"
    sees a ""
    bellhop metrics >told
    assert_equal "$(grep -c 'value="q\\"uote",direction="out"} 1$' told)" 2
    assert_equal "$(grep -c 'value="back\\\\slash",direction="out"} 1$' told)" 2
    assert_equal "$(grep -c 'value="a{b=\\"c\\"}",direction="out"} 1$' told)" 2
    # No member can have such a byte: whoever wrote it there is not believed.
    assert_equal "$(attributed "" out "")" "1 1 0"
    assert_equal "$(cut -d' ' -f1 told | grep -v '^#' | sort | uniq -d)" ""
    assert_equal "$(LC_ALL=C grep -c '[^ -~]' told)" 0
}

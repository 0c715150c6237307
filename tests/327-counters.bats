# Every counter moves by exactly the right number, and no other one does, with programs that do what
# it counts. Each test lists all counters that are not zero.
# shellcheck disable=SC2034,SC2154  # read by bed.bash; set by control.bash

load lib/bed
load lib/control

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() { control_bed; }
teardown() { control_teardown; }

# with SETTINGS: for the programs that follow.
with() {
    printf '%s\n' "$1" >"$T/with.conf"
    export BELLHOP_CONFIG="$T/with.conf"
}

# talk PORT PIECE...: a client over a plain socket. A piece is what is sent, with \r\n and \xNN, and
# waits for some answer; @WORD does something else.
talk() {
    cat >talk.py <<'PY'
import os, socket, sys, threading
c = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=60)
def read():
    got = b""
    while b"\r\n\r\n" not in got:
        part = c.recv(65536)
        if not part:
            return
        got += part
for piece in sys.argv[2:]:
    if piece == "@sendfile":  # where no body is
        with open("/etc/hostname", "rb") as f:
            os.sendfile(c.fileno(), f.fileno(), 0, 4)
    elif piece == "@read":
        read()
    elif piece.startswith("@quiet "):
        c.sendall(piece[7:].encode().decode("unicode_escape").encode("latin-1"))
    else:
        c.sendall(piece.encode().decode("unicode_escape").encode("latin-1"))
        read()
c.close()
PY
    shim "$PYTHON" talk.py "$@"
}

# counted: all that moved, but for what every process counts, without the prefix.
counted() {
    bellhop metrics | sed -n 's/^bellhop_\(.*\)_total/\1/p' | sed 's/{[a-z]*="\(.*\)"}/ \1/' |
        grep -v -e '^attributed_' -e '^control ' -e ' 0$' | sort
}

assert_counted() { # LINE...
    assert_equal "$(counted)" "$(printf '%s\n' "$@" | sort)"
}

get() { printf 'GET %s HTTP/1.1\\r\\nHost: service-b.test\\r\\n%s\\r\\n' "$1" "${2-}"; }

added=$(printf '%s' $'baggage: user-id=user-12345,tenant-id=abcde\r\n' | wc -c)

@test "requests over plain sockets: added to, merged into, and both" {
    talk "$HTTP_PORT" "$(get /1)" "$(get /2)" "$(get /3 'baggage: own=1\r\n')"
    assert_counted "requests socket 3" "injected socket 3" "merged 1" \
        "added_bytes $((2 * added + added - 10))"
}

@test "one request into which two things go is one" {
    export TRACEPARENT=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
    talk "$HTTP_PORT" "$(get /1 'baggage: own=1\r\n')"
    assert_counted "requests socket 1" "injected socket 1" "merged 1" \
        "added_bytes $((added - 10 + 2 + ${#TRACEPARENT} + 13))"
}

@test "requests of curl, over TLS and HTTP/2, of OpenSSL and of GnuTLS" {
    curl_args https
    proto=https shim curl "${ARGS[@]}" "$(proto=https at_b /)" -o out
    # The socket beneath TLS carries no HTTP.
    assert_counted "requests curl 1" "injected curl 1" "added_bytes $added" "opaque not_http 1"
    curl_args h2
    proto=https shim curl "${ARGS[@]}" "$(proto=https at_b /)" -H 'baggage: own=1' -o out
    assert_counted "requests curl 2" "injected curl 2" "merged 1" "opaque not_http 2" \
        "opaque http2 1" "added_bytes $((2 * added - 10))"
    shim "$PYTHON" - "$TLS_PORT" "$CA" <<'PY'
import http.client, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[2])
c = http.client.HTTPSConnection("localhost", int(sys.argv[1]), context=context, timeout=60)
c.request("GET", "/")
c.getresponse().read()
PY
    assert_equal "$(counted | grep openssl)" $'injected openssl 1\nrequests openssl 1'
    SSL_CERT_FILE="$CA" shim wget -q -O out --ca-certificate="$CA" "https://localhost:$TLS_PORT/"
    assert_equal "$(counted | grep -e ssl -e tls | grep requests | cut -d' ' -f3 | paste -sd+ | bc)" 2
}

@test "further requests on a connection of curl's, which its stream puts in, are curl's" {
    local proto
    for proto in http https; do
        curl_args "$proto"
        shim curl "${ARGS[@]}" "$(at_b /[1-3])" -o out -H "X-One: 1"
    done
    assert_counted "requests curl 6" "injected curl 6" "added_bytes $((6 * added))" \
        "opaque not_http 1"
    proto=http
    curl_args http
    shim curl "${ARGS[@]}" "$(at_b /[1-3])" -o out -H "Baggage: own=1"
    assert_counted "requests curl 9" "injected curl 9" "merged 3" "opaque not_http 1" \
        "added_bytes $((9 * added - 30))" "opaque libcurl 1"
}

@test "skipped: nothing to send, host switched off, policy, all there already, no room, CONNECT" {
    BAGGAGE='' talk "$HTTP_PORT" "$(get /1)"
    assert_counted "requests socket 1" "skipped empty 1"
    with 'outbound = ( { hosts = [ "service-c.test" ]; off = true; },
                       { hosts = [ "service-d.test" ]; keys = [ "user-id" ]; },
                       { hosts = [ "*" ]; keys = [ ]; } );'
    talk "$HTTP_PORT" "$(get /1)" "GET / HTTP/1.1\r\nHost: service-c.test\r\n\r\n" \
        "GET / HTTP/1.1\r\nHost: service-d.test\r\nbaggage: user-id=own\r\n\r\n" \
        "GET / HTTP/1.1\r\nHost: service-d.test\r\n\r\n"
    assert_counted "requests socket 5" "skipped empty 1" "skipped policy 1" "skipped off 1" \
        "skipped present 1" "dropped outbound_policy $((2 + 2 + 1 + 1))" "dropped duplicate 1" \
        "injected socket 1" "added_bytes 29"
    with 'limits = { members = 1; };'
    talk "$HTTP_PORT" "$(get /1 'baggage: own=1\r\n')" "$(get /2)"
    assert_equal "$(counted | grep limit)" $'dropped limit 3\nskipped limit 1'
    with ''
    talk "$HTTP_PORT" "CONNECT service-c.test:443 HTTP/1.1\r\nHost: service-c.test\r\n\r\n"
    assert_equal "$(counted | grep -e tunnel -e requests)" $'requests socket 8\nskipped tunnel 1'
}

@test "skipped by curl: the same reasons" {
    curl_args http
    ask_b() { shim curl "${ARGS[@]}" "$(at_b /)" -o out "$@"; }
    BAGGAGE='' ask_b
    # What is libcurl's is left to it.
    assert_counted "requests curl 1" "skipped empty 1" "opaque libcurl 1"
    ask_b -H 'baggage: user-id=own,tenant-id=own'
    assert_counted "requests curl 2" "skipped empty 1" "skipped present 1" "dropped duplicate 2" \
        "opaque libcurl 2"
    with 'outbound = ( { hosts = [ "service-b.test" ]; off = true; } );'
    ask_b
    with 'outbound = ( { hosts = [ "*" ]; keys = [ ]; } );'
    ask_b
    with 'limits = { members = 1; };'
    ask_b -H 'baggage: own=1'
    assert_counted "requests curl 5" "opaque libcurl 5" "skipped empty 1" "skipped present 1" "dropped duplicate 2" \
        "skipped off 1" "skipped policy 1" "dropped outbound_policy 4" "skipped limit 1" \
        "dropped limit 2"
}

@test "skipped: what the operator switched off, and what is none of HTTP's" {
    bellhop disable --all
    talk "$HTTP_PORT" "$(get /1)"
    assert_counted "requests socket 1" "skipped disabled 1"
    bellhop enable --all
    # What FTP sends on its data connection looks like a request, and is a file.
    cat >ftp.py <<'PY'
import socket, threading
control = socket.create_server(("127.0.0.1", 0))
print(control.getsockname()[1], flush=True)
c, _ = control.accept()
f = c.makefile("rw", newline="\r\n")
def say(text):
    f.write(text + "\r\n")
    f.flush()
say("220 ready")
for line in f:
    word = line.split()[0].upper()
    if word == "PASV":
        data = socket.create_server(("127.0.0.1", 0))
        p = data.getsockname()[1]
        say("227 (127,0,0,1,%d,%d)" % (p >> 8, p & 255))
    elif word == "STOR":
        say("150 go")
        d, _ = data.accept()
        while d.recv(65536):
            pass
        say("226 stored")
    elif word == "QUIT":
        say("221 bye")
        break
    elif word == "PWD":
        say('257 "/"')
    else:
        say({"USER": "331 word", "PASS": "230 in", "TYPE": "200 ok"}.get(word, "502 no"))
PY
    BELLHOP_CONTROL='' "$PYTHON" ftp.py >ftp.port 3>&- &
    STARTED+=("$!")
    wait_for 20 test -s ftp.port
    printf 'GET / HTTP/1.1\r\nHost: service-b.test\r\n\r\n' >file
    shim curl -q -sS --max-time 60 --disable-epsv -T file "ftp://127.0.0.1:$(cat ftp.port)/file"
    assert_equal "$(counted | grep -e left_alone -e requests -e injected)" \
        $'requests socket 2\nskipped left_alone 1'
}

@test "opaque: not HTTP, HTTP/2, doubtful framing, an early answer, bytes that are not seen" {
    # A server that answers each piece, whatever it is.
    cat >any.py <<'PY'
import socket, sys, threading
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
def serve(c):
    while True:
        got = c.recv(65536)
        if not got:
            return
        if b"Upgrade: x" in got:
            c.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")
        else:
            c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
PY
    BELLHOP_CONTROL='' "$PYTHON" any.py >any.port 3>&- &
    STARTED+=("$!")
    wait_for 20 test -s any.port
    local port
    port=$(cat any.port)
    talk "$port" "EHLO there\r\n"
    assert_counted "opaque not_http 1"
    talk "$port" 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
    assert_counted "opaque not_http 1" "opaque http2 1"
    talk "$port" "$(get / 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n')"
    assert_counted "opaque not_http 1" "opaque http2 1" "opaque framing 1" "parse_errors request 1" \
        "requests socket 1" "skipped opaque 1"
    talk "$port" "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n" "tunnelled"
    assert_equal "$(counted | grep tunnel)" $'opaque tunnel 1\nskipped tunnel 1'
    talk "$port" "$(get / 'Upgrade: x\r\nConnection: upgrade\r\n')" "GET / HTTP/1.1\r\n\r\n"
    assert_equal "$(counted | grep upgrade)" "opaque upgrade 1"
    talk "$port" "$(get / 'Expect: 100-continue\r\nContent-Length: 5\r\n')" "hello"
    assert_equal "$(counted | grep early)" "opaque early_answer 1"
    talk "$port" @sendfile "$(get /)"
    assert_equal "$(counted | grep unseen)" "opaque unseen 1"
    # Seven streams, each for one reason.
    assert_equal "$(counted | awk '/^opaque/ { n += $3 } END { print n }')" 7
    assert_equal "$(counted | grep -e '^requests' -e '^injected')" \
        $'injected socket 2\nrequests socket 4'
}

@test "an answer that breaks its grammar" {
    BELLHOP_CONTROL='' "$PYTHON" -c '
import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
c, _ = s.accept()
c.recv(65536)
c.sendall(b"NONSENSE\r\n\r\n")
c.recv(65536)' >bad.port 3>&- &
    STARTED+=("$!")
    wait_for 20 test -s bad.port
    talk "$(cat bad.port)" "$(get /)"
    assert_counted "requests socket 1" "injected socket 1" "added_bytes $added" \
        "parse_errors response 1"
}

@test "what the environment brings: malformed, too many, too long" {
    BAGGAGE='a=1,b,c="x",d=2' shim true
    assert_counted "dropped malformed 2" "parse_errors baggage 1"
    BAGGAGE=$(seq -s, -f 'k%g=v' 70) shim true
    assert_counted "dropped malformed 2" "parse_errors baggage 1" "dropped too_many 6"
    BAGGAGE="a=$(printf 'x%.0s' {1..8000}),b=$(printf 'x%.0s' {1..400}),c=1" \
        TRACEPARENT=00-0-0-00 shim true
    assert_counted "dropped malformed 2" "parse_errors baggage 1" "dropped too_many 6" \
        "dropped too_long 1" "parse_errors trace 1"
}

# A server that asks the recorder for each request that it serves. SERVER is its port.
start_server() {
    cat >server.py <<'PY'
import http.client, http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/alone":
            c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=60)
            for _ in range(2):
                c.request("GET", "/")
                c.getresponse().read()
            c.close()
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *_):
        pass
class Server(http.server.ThreadingHTTPServer):
    address_family = __import__("socket").AF_INET
server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
    BAGGAGE='' LD_PRELOAD="$SHIM" "$PYTHON" server.py "$HTTP_PORT" >server.port 2>server.err 3>&- &
    SERVER_PID=$!
    STARTED+=("$SERVER_PID")
    wait_for 20 test -s server.port
    SERVER=$(cat server.port)
}

# Who counts does so before the answer is complete, but for the answer itself.
ask_server() { BELLHOP_CONTROL='' curl -q -sS --max-time 60 "http://127.0.0.1:$SERVER${1:-/}" "${@:2}"; }

@test "served: requests, what was taken over, and how sure it was" {
    start_server
    ask_server /alone
    assert_counted "inbound 1"
    ask_server / -H 'baggage: a=1'
    assert_counted "inbound 2" "extracted 1" "associated live 2" "requests socket 2" \
        "injected socket 2" "added_bytes 28"
    ask_server / -H 'x: nothing'
    assert_counted "inbound 3" "extracted 1" "associated live 4" "requests socket 4" \
        "injected socket 2" "added_bytes 28" "skipped empty 2"
}

@test "served: members that are not let in, malformed ones, too many, too long, a bad traceparent" {
    with 'inbound = ( { keys = [ "a", "k*" ]; } );'
    start_server
    ask_server / -H 'baggage: a=1,b=2' -H 'baggage: c=3'
    assert_equal "$(counted | grep -e dropped -e refused)" "dropped inbound_policy 2"
    ask_server / -H 'baggage: b=2'
    assert_equal "$(counted | grep -e dropped -e refused)" \
        $'dropped inbound_policy 3\nrefused untrusted 1'
    ask_server / -H 'baggage: b,"c"=1'
    assert_equal "$(counted | grep -e dropped -e refused -e errors)" \
        $'dropped inbound_policy 3\ndropped malformed 2\nparse_errors baggage 1\nrefused malformed 1\nrefused untrusted 1'
    ask_server / -H "baggage: $(seq -s, -f 'k%g=v' 70)" -H 'traceparent: 00-0-0-00'
    assert_equal "$(counted | grep -e too_ -e trace)" $'dropped too_many 6\nparse_errors trace 1'
    ask_server / -H "baggage: a=$(printf 'x%.0s' {1..8000}),k=$(printf 'x%.0s' {1..400}),k=1"
    assert_equal "$(counted | grep -e too_ -e trace)" \
        $'dropped too_long 1\ndropped too_many 6\nparse_errors trace 1'
    assert_equal "$(counted | grep -e inbound -e extracted)" \
        $'dropped inbound_policy 3\nextracted 5\ninbound 5'
}

@test "inbound streams that are given up" {
    start_server
    local what
    for what in 'EHLO there\r\n' 'PRI * HTTP/2.0\r\n\r\n' \
        'GET /alone HTTP/1.1\r\nContent-Length: x\r\n\r\n'; do
        BELLHOP_CONTROL='' bare "$PYTHON" -c 'import socket, sys
c = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=60)
c.sendall(sys.argv[2].encode().decode("unicode_escape").encode())
c.recv(65536)' "$SERVER" "$what"
    done
    assert_counted "inbound_opaque not_http 1" "inbound_opaque http2 1" "inbound_opaque framing 1" \
        "parse_errors request 1"
}

@test "a confidence that is too low is counted, and what it withholds" {
    start_server
    cat >child.py <<'PY'
import http.client, http.server, sys, threading
go = threading.Event()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        done = threading.Event()
        def work():
            c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=60)
            c.request("GET", "/")
            c.getresponse().read()
            done.set()
        threading.Thread(target=work).start()
        done.wait()
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
    BAGGAGE='' LD_PRELOAD="$SHIM" "$PYTHON" child.py "$HTTP_PORT" >child.port 2>child.err 3>&- &
    STARTED+=("$!")
    wait_for 20 test -s child.port
    SERVER=$(cat child.port)
    ask_server / -H 'baggage: a=1'
    assert_counted "inbound 1" "extracted 1" "associated sole 1" "withheld 1" "requests socket 1" \
        "skipped empty 1"
}

@test "requests are those that were added to and those that were not" {
    start_server
    curl_args http
    for what in / /alone; do ask_server "$what" -H 'baggage: a=1'; done
    talk "$HTTP_PORT" "$(get /1)" "$(get /2 'baggage: user-id=1,tenant-id=2\r\n')" \
        "@quiet $(get /3)$(get /4)$(get /5)" @read
    shim curl "${ARGS[@]}" "$(at_b /1)" "$(at_b /2)" -o out -o out
    shim wget -q -O out "http://127.0.0.1:$HTTP_PORT/"
    counted >all
    assert_equal "$(awk '/^requests/ { n += $NF } END { print n }' all)" \
        "$(awk '/^(injected|skipped)/ { n += $NF } END { print n }' all)"
    assert_equal "$(awk '/^requests/ { n += $NF } END { print n }' all)" 10
}

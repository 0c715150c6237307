# A server in Python, one in C and a loop of the shell run at the same time, while the members of
# each and of all are set, changed and removed, about a thousand times a second each (the rate is
# told, not asked for): each request carries one state of them, and none that is older than the last
# order that was answered when it was asked for.
# shellcheck disable=SC2034,SC2154  # read by bed.bash; set by control.bash

load lib/bed
load lib/control
load lib/programs

setup() {
    T="$BATS_TEST_TMPDIR"
    control_setup
    unset BAGGAGE
    export BELLHOP_CONTROL="$S"
    start_agent
    mkfifo live.in live.out loop.in loop.out
}
teardown() { control_teardown; }

# started PID PORT: it listens, and is attached.
started() { port_open "$2" && bellhop ps --pid "$1" >/dev/null 2>&1; }

start_python() { # SINK
    cat >server.py <<'PY'
import http.client, http.server, sys, threading
mine = threading.local()
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    def do_GET(self):
        if not hasattr(mine, "sink"):
            mine.sink = http.client.HTTPConnection("127.0.0.1", int(sys.argv[2]), timeout=60)
        mine.sink.request("GET", self.path)
        body = mine.sink.getresponse().read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
PY
    LD_PRELOAD="$SHIM" "$PYTHON" server.py "$PYTHON_PORT" "$1" 2>server.err 3>&- &
    PYTHON_PID=$!
    STARTED+=("$PYTHON_PID")
    wait_for 30 started "$PYTHON_PID" "$PYTHON_PORT"
}

start_c() { # SINK
    LD_PRELOAD="$SHIM" "$APPS/curl-chain-server" threads "$C_PORT" "http://127.0.0.1:$1" 3>&- &
    C_PID=$!
    STARTED+=("$C_PID")
    wait_for 30 started "$C_PID" "$C_PORT"
}

start_loop() { # SINK
    LD_PRELOAD="$SHIM" bash -c 'while read -r path; do
        curl -q -sS --max-time 60 -o loop.body "$1$path" && echo ok
    done' loop "http://127.0.0.1:$1" <loop.in >loop.out 3>&- &
    STARTED+=("$!")
}

@test "each request of three programs carries one state, of those since the last answered order" {
    local in out sink
    "$PYTHON" "$LIB/live.py" "$S" 500 <live.in >live.out 2>live.err 3>&- &
    local live=$!
    STARTED+=("$live")
    exec {in}>live.in {out}<live.out
    read -r -t 60 -u "$out" sink
    read -r PYTHON_PORT C_PORT < <(free_ports 2)
    start_python "$sink"
    start_c "$sink"
    start_loop "$sink"
    printf '%s\n' "python $PYTHON_PID $PYTHON_PORT" "c $C_PID $C_PORT" "shell - loop" "" >&"$in"
    cat <&"$out" >told
    grep '^#' told >&3
    cat told live.err
    assert_equal "$(grep -v '^#' told)" \
        "$(printf '%s\n' 'python answered asked many' 'c answered asked many' \
            'shell answered asked many' 'wrong 0')"
}

# Settings that change under programs that run: the first request after `bellhop reload` returned
# goes by the new ones, whatever the program is, and each request by one of the two.
# shellcheck disable=SC2016,SC2034 # the settings expand ${...}; read by bed.bash

bats_require_minimum_version 1.5.0
load lib/bed
load lib/control

setup_file() { bed_start; }
teardown_file() { bed_stop; }
setup() {
    control_bed
    unset BAGGAGE
}
teardown() { control_teardown; }

# last: what the last request carried.
last() { since >last.jsonl && wire sent baggage last.jsonl | tail -1 | cut -d" " -f4-; }

# settings TEXT: are in force for what follows.
settings() {
    printf '%s\n' "$1" >new.conf
    bellhop reload new.conf
}

# start_program NAME COMMAND...: makes a request for each line that it reads, and says so.
start_program() {
    local name=$1 fd
    shift
    mkfifo "$name.in" "$name.out"
    env LD_PRELOAD="$SHIM" "$@" <"$name.in" >"$name.out" 2>"$name.err" 3>&- &
    PID=$!
    STARTED+=("$PID")
    exec {fd}>"$name.in"
    printf -v "IN_$name" %s "$fd"
    exec {fd}<"$name.out"
    printf -v "OUT_$name" %s "$fd"
}

# carries NAME VALUE: its next request.
carries() {
    ask "$1" go
    assert_equal "$ANSWER $(last)" "done $2"
}

state_of() { bellhop ps --pid "$PID" --json | jq -r '.processes[0].settings'; }

# A client in Python, on one connection that it keeps.
start_python() {
    # Once: another one may be reading it.
    [[ -f client.py ]] || cat >client.py <<'PY'
import http.client, os, sys
c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=60)
for line in sys.stdin:
    if line == "fork\n" and os.fork() == 0:
        c.close()
        c.request("GET", "/child")
        c.getresponse().read()
        print("done", flush=True)
        os._exit(0)
    elif line != "fork\n":
        c.request("GET", "/a/b", headers={"x-own": "1"})
        c.getresponse().read()
        print("done", flush=True)
PY
    start_program "$1" "${@:2}" /usr/bin/python3 client.py "$HTTP_PORT"
}

@test "a program in Python: the first request on the connection that it has" {
    start_python p env BAGGAGE=user-id=u
    carries p user-id=u
    assert_equal "$(state_of)" start
    settings 'set = ( { key = "by"; value = "one"; } );'
    assert_equal "$(state_of)" next
    carries p user-id=u,by=one
    assert_equal "$(state_of)" current
    settings 'set = ( { key = "by"; value = "two"; } ); default = ( { key = "region"; value = "eu"; } );'
    carries p region=eu,user-id=u,by=two
    settings 'outbound = ( { hosts = [ "127.0.0.1" ]; keys = [ "none" ]; } );'
    carries p -
    settings 'outbound = ( { hosts = [ "127.0.0.1" ]; keys = [ ]; fixed = ( { keys = [ "user-id" ]; value = "someone"; } ); } );'
    carries p user-id=someone
    settings ''
    carries p user-id=u
}

@test "a file with an error, or none, changes nothing" {
    start_python p
    settings 'set = ( { key = "by"; value = "one"; } );'
    carries p by=one
    for bad in 'set = ( { key = "b y"; value = "1"; } );' 'set = (' 'nonsense = 1;' \
        'salt_file = "/nonexistent";' 'set = ( { key = "a"; value = "${"; } );'; do
        echo "$bad" >bad.conf
        run bellhop reload bad.conf
        assert_failure 1
        assert_output --partial bad.conf:
        carries p by=one
    done
    assert_equal "$(state_of)" current
    run bellhop get --pid "$PID"
    assert_output --regexp 'settings set +leaves +by=one'
}

@test "values that differ between programs: \${pid}, \${exe} and the environment of the start" {
    start_python p env ZONE=west
    start_python q env ZONE="a b" BAGGAGE=x=1
    settings 'set = ( { key = "who"; value = "${pid}/${exe}"; }, { key = "zone"; value = "${ZONE:-none}"; },
                      { key = "unset"; value = "${UNSET_HERE}"; }, { key = "host"; value = "${hostname}"; } );'
    local exe host
    exe=$(basename "$(readlink -f /usr/bin/python3)")
    host=$(hostname)
    carries q "x=1,who=$PID/$exe,zone=a%20b,host=$host"
    ask p go
    run last
    assert_output --regexp "^who=[0-9]+/$exe,zone=west,host=$host$"
}

@test "a C program that is linked with libcurl, in a loop" {
    start_program c "$APPS/curl-lines" "http://127.0.0.1:$HTTP_PORT/x"
    carries c -
    settings 'set = ( { key = "by"; value = "one"; } );'
    carries c by=one
    settings 'set = ( { key = "by"; value = "two"; } );'
    carries c by=two
}

@test "a loop of curl in a shell: each program has the newest, the shell too" {
    cat >loop.sh <<'SH'
while read -r _; do
    curl -q -sS -o /dev/null "$1" && echo done
done
SH
    start_program l bash loop.sh "http://127.0.0.1:$HTTP_PORT/x"
    carries l -
    settings 'set = ( { key = "by"; value = "${exe}"; } );'
    carries l by=curl
    settings 'set = ( { key = "by"; value = "two"; } );'
    carries l by=two
}

@test "children of a fork and of an exec have the newest" {
    start_python p
    settings 'set = ( { key = "by"; value = "one"; } );'
    carries p by=one
    settings 'set = ( { key = "by"; value = "two"; } );'
    ask p fork
    assert_equal "$(last)" by=two
    carries p by=two
}

@test "a program without BELLHOP_CONFIG, one with it, one whose file is broken" {
    echo 'set = ( { key = "by"; value = "file"; } );' >file.conf
    echo 'set = (' >broken.conf
    start_python p
    start_python q env BELLHOP_CONFIG="$PWD/file.conf"
    start_python r env BELLHOP_CONFIG="$PWD/broken.conf" BAGGAGE=a=1
    carries p -
    carries q by=file
    carries r -
    settings 'set = ( { key = "by"; value = "agent"; } );'
    carries p by=agent
    carries q by=agent
    carries r a=1,by=agent
    # Those that start now do not even read theirs.
    start_python t env BELLHOP_CONFIG="$PWD/file.conf"
    carries t by=agent
    assert_equal "$(state_of)" current
}

@test "programs that settings leave alone are left alone, and taken up again" {
    start_python p env BAGGAGE=a=1
    carries p a=1
    settings 'programs = { exclude = [ "python3*" ]; };'
    carries p -
    settings 'programs = { exclude = [ "*client.pi*", "python3* *client.py 1 2" ]; };'
    carries p a=1
    settings 'programs = { include = [ "curl" ]; };'
    carries p -
    start_python q env BAGGAGE=b=1
    carries q -
    settings 'programs = { include = [ "python3* *client.py *" ]; };'
    carries p a=1
    carries q b=1
}

@test "the agent dies: what was handed over stays; the next one has it again" {
    start_python p
    settings 'set = ( { key = "by"; value = "one"; } );'
    carries p by=one
    stop_agent KILL
    carries p by=one
    start_agent
    carries p by=one
    settings 'set = ( { key = "by"; value = "two"; } );'
    back() { ask p go && [[ $(last) == by=two ]]; }
    wait_for 10 back
    start_python q
    carries q by=two
    assert_equal "$(state_of)" current
}

@test "reload says how many have the settings, and how many will" {
    start_python p
    carries p -
    echo 'set = ( { key = "by"; value = "one"; } );' >f
    run bellhop reload --json f
    assert_output '{"processes":1,"taken":0,"next":1,"refused":0}'
    carries p by=one
    run bellhop ps --pid "$PID"
    assert_line --regexp " current +0 /.*python3"
    run bellhop reload f
    assert_output "1 programs: 0 have them, 1 take them with their next request"
}

@test "what a program cannot have leaves it with all that it had, and is told" {
    head -c 64 /dev/urandom | base64 -w0 >key
    start_python p env BIG="$(head -c 9000 /dev/zero | tr '\0' x)"
    settings 'set = ( { key = "by"; value = "one"; } );'
    carries p by=one
    settings "set = ( { key = \"by\"; value = \"two\"; } );
        tokens = ( { name = \"t\"; header = \"a\"; algorithm = \"HS256\"; key_file = \"$PWD/key\"; } );
        make = ( { key = \"k\"; token = \"t\"; claim = \"sub\"; } );"
    carries p by=one
    assert_equal "$(state_of)" verifier
    # One that starts with them loads what they need.
    start_python q
    carries q by=two
    assert_equal "$(state_of)" current
    settings 'set = ( { key = "by"; value = "three${BIG:-}"; } );'
    carries q by=three
    carries p by=one
    run bellhop ps
    assert_line --regexp " large +0 /.*python3"
    settings 'set = ( { key = "by"; value = "four"; } );'
    carries p by=four
}

@test "settings that are too large to be handed over are refused" {
    start_python p
    settings 'set = ( { key = "by"; value = "one"; } );'
    carries p by=one
    many() {
        printf 'outbound = ( { hosts = [ "*" ]; keys = [ %s "b" ]; } );' "$(printf '"a",%.0s' "$@")"
    }
    many {1..65000} >large.conf
    run bellhop reload large.conf
    assert_failure 1
    carries p by=one
    # The largest that can be are taken all the same.
    many {1..55000} >large.conf
    bellhop reload large.conf
    carries p -
}

# A client in Python that sends what its commands say, on as many connections as they name.
start_pieces() {
    cat >pieces.py <<'PY'
import http.client, socket, sys
to, open_ = ("127.0.0.1", int(sys.argv[1])), {}
for line in sys.stdin:
    name, _, rest = line.rstrip("\n").partition(" ")
    s = open_.get(name) or open_.setdefault(name, socket.create_connection(to, 60))
    s.sendall(rest.encode().decode("unicode_escape").encode())
    if rest.endswith("\\r\\n\\r\\n"):
        r = http.client.HTTPResponse(s)
        r.begin()
        r.read()
    print("done", flush=True)
PY
    start_program "$1" "${@:2}" /usr/bin/python3 pieces.py "$HTTP_PORT"
}

@test "the first rules that ask for a path, and a head in two pieces" {
    start_pieces p env BAGGAGE=user-id=u
    ask p 'a GET /x HTTP/1.1\r\nHost: h\r\n\r\n'
    assert_equal "$(last)" user-id=u
    settings 'outbound = ( { hosts = [ "*" ]; paths = [ "/public/**" ]; keys = [ "*" ]; },
                           { hosts = [ "*" ]; keys = [ ]; } );'
    ask p 'a GET /secret HTTP/1.1\r\n'
    ask p 'a X-From: /public/y z\r\nHost: h\r\n\r\n'
    assert_equal "$(last)" -
    ask p 'a GET /public/y HTTP/1.1\r\n'
    ask p 'a Host: h\r\n\r\n'
    assert_equal "$(last)" user-id=u
}

@test "the first rules that ask for a method, between two pieces of it" {
    start_pieces p env BAGGAGE=user-id=u
    ask p 'a G'
    settings 'outbound = ( { hosts = [ "*" ]; methods = [ "GET" ]; keys = [ ]; },
                           { hosts = [ "*" ]; keys = [ "*" ]; } );'
    ask p 'a ET /x HTTP/1.1\r\nHost: h\r\n\r\n'
    assert_equal "$(last)" -
    ask p 'a POST /x HTTP/1.1\r\nContent-Length: 0\r\nHost: h\r\n\r\n'
    assert_equal "$(last)" user-id=u
}

@test "a thread that goes by settings of eight former ones takes the newest once they are free" {
    local i
    start_pieces p env BAGGAGE=user-id=u
    for i in {1..8}; do
        settings "set = ( { key = \"by\"; value = \"$i\"; } );"
        ask p "c$i GET /$i HTTP/1.1\\r\\n"
    done
    settings 'set = ( { key = "by"; value = "new"; } );'
    ask p 'a GET /x HTTP/1.1\r\nHost: h\r\n\r\n'
    assert_equal "$(last)" user-id=u,by=8
    assert_equal "$(state_of)" crowded
    for i in {1..8}; do
        ask p "c$i Host: h\\r\\n\\r\\n"
        assert_equal "$(last)" "user-id=u,by=$i"
    done
    ask p 'a GET /x HTTP/1.1\r\nHost: h\r\n\r\n'
    assert_equal "$(last)" user-id=u,by=new
    assert_equal "$(state_of)" current
}

@test "a program that makes requests while it starts sends nothing that no settings let go" {
    local i
    echo 'outbound = ( { hosts = [ "other.example" ]; keys = [ "*" ]; } );' >file.conf
    # What the agent has cannot be used here, so that the file is read after that was found out.
    settings 'set = ( { key = "by"; value = "agent${BIG:-}"; } );'
    for i in {1..20}; do
        env EAGER_SEEN="$PWD/seen" BIG="$(head -c 9000 /dev/zero | tr '\0' x)" BAGGAGE=user-id=u \
            BELLHOP_CONFIG="$PWD/file.conf" LD_PRELOAD="$SHIM $APPS/libeager.so" /bin/true
    done
    cat seen
    assert_equal "$(wc -l <seen)" 20
    assert_equal "$(awk '{ made += $1; carried += $2 } END { print (made > 100), carried }' seen)" "1 0"
}

@test "a server takes the newest, however many connections wait since former ones" {
    local i
    cat >server.py <<'PY'
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(204)
        self.end_headers()
    def log_message(self, *args):
        pass
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(s.server_port, flush=True)
s.serve_forever()
PY
    start_program server /usr/bin/python3 server.py
    local server=$PID port
    more server
    port=$ANSWER
    cat >clients.py <<'PY'
import http.client, sys
kept = []
for line in sys.stdin:
    kept.append(http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=60))
    kept[-1].request("GET", "/")
    kept[-1].getresponse().read()
    print("done", flush=True)
PY
    start_program clients env -u LD_PRELOAD /usr/bin/python3 clients.py "$port"
    PID=$server
    ask clients go
    for i in {1..10}; do
        settings "set = ( { key = \"by\"; value = \"$i\"; } );"
        ask clients go
        assert_equal "$i $(state_of)" "$i current"
    done
}

@test "a transfer of libcurl's that goes on after a redirect goes by the newest there" {
    cat >redirects.py <<'PY'
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        print(self.path, self.headers["baggage"] or "-", flush=True)
        if self.path == "/hop":
            sys.stdin.readline()
        self.send_response(302 if self.path == "/hop" else 200)
        self.send_header("Location", "/end")
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *args):
        pass
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(s.server_port, flush=True)
s.serve_forever()
PY
    start_program server env -u LD_PRELOAD /usr/bin/python3 redirects.py
    local port
    more server
    port=$ANSWER
    for newest in "- outbound = ( { hosts = [ \"*\" ]; keys = [ ]; } );" "user-id=u,by=new set = ( { key = \"by\"; value = \"new\"; } );" \
        "- programs = { exclude = [ \"curl\" ]; };"; do
        settings ''
        BAGGAGE=user-id=u LD_PRELOAD="$SHIM" curl -q -sSL "http://127.0.0.1:$port/hop" 3>&- &
        STARTED+=("$!")
        more server
        assert_equal "$ANSWER" "/hop user-id=u"
        settings "${newest#* }"
        ask server go
        assert_equal "$ANSWER" "/end ${newest%% *}"
        wait "${STARTED[-1]}"
    done
}

@test "a vfork child that runs a program takes nothing over for its parent" {
    # A handler that runs a program when it is told so, and then makes a request.
    cat >server.py <<'PY'
import http.client, http.server, subprocess, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        for line in iter(sys.stdin.readline, "end\n"):
            if line == "run\n":
                subprocess.run(["/bin/true"])
            else:
                c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=60)
                c.request("GET", "/a")
                c.getresponse().read()
            print("done", flush=True)
        self.send_response(204)
        self.end_headers()
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(s.server_port, file=open("port", "w"), flush=True)
s.serve_forever()
PY
    start_program p /usr/bin/python3 server.py "$HTTP_PORT"
    wait_for 30 test -s port
    curl -sS -m 60 -H "baggage: user-id=u" "http://127.0.0.1:$(cat port)/" &
    local client=$!
    carries p user-id=u
    settings 'set = ( { key = "v"; value = "2"; } );'
    ask p run
    assert_equal "$ANSWER $(state_of)" "done next"
    carries p user-id=u,v=2
    assert_equal "$(state_of)" current
    local in=IN_p
    echo end >&"${!in}"
    wait "$client"
}

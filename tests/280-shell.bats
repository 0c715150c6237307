# system and popen: their children get the fields of the current request, and all else is as it is
# without the shim.

load lib/bed
load lib/programs

setup() {
    T="$BATS_TEST_TMPDIR"
    cd "$T" || return 1
}

OURS=(inbound attached none)

# as_without CASE: with a current request, with baggage that is attached, and with neither.
as_without() {
    local whose
    for whose in "${OURS[@]}"; do
        alike "$APPS/shell" "$whose" "$1"
        assert_equal "$(cat "$T/shim.rc")" 0
        assert [ -s "$T/shim.out" ]
    done
}

@test "children of system and popen get the current request's baggage, attached baggage, or none" {
    run shim "$APPS/shell" inbound fields
    assert_success
    assert_equal "$(grep -c "^user-id=user-12345,tenant-id=abcde||$SHIM\$" <<<"$output")" 3
    run shim "$APPS/shell" attached fields
    assert_success
    assert_equal "$(grep -c "^user-id=user-12345||$SHIM\$" <<<"$output")" 3
    run shim "$APPS/shell" none fields
    assert_success
    assert_equal "$(grep -c "^||$SHIM\$" <<<"$output")" 3
}

@test "the rest of the environment and the command line stay as they are" { as_without environment; }
@test "every end of a command has the status that it has without the shim" { as_without status; }
@test "streams of popen open, read, write and close as without the shim" { as_without streams; }
@test "children have the descriptors that they have without the shim" { as_without descriptors; }
@test "signals are blocked, ignored, kept and put back as without the shim" { as_without signals; }
@test "fork with an open stream" { as_without fork; }
@test "many threads call system and popen at once" { as_without threads; }
@test "calls that are cancelled or killed, beside others of libc and of ours" { as_without cancel; }

# --- programs ---------------------------------------------------------------------------------

teardown() { server_stop; }

# ask PORT COUNT: a request with baggage; each of COUNT children, no more, says it, and the next request,
# which has none, none.
ask() {
    local port=$1 count=$2
    run curl -q -sS --max-time 60 -H "baggage: $B" "http://127.0.0.1:$port/"
    assert_success
    assert_equal "$output" "$(for ((i = 0; i < count; i++)); do echo "<$B> 3"; done)"
    run curl -q -sS --max-time 60 "http://127.0.0.1:$port/"
    assert_equal "$output" "$(for ((i = 0; i < count; i++)); do echo "<> 3"; done)"
}

# serve COMMAND...: with the shim; it listens on $PORT.
serve() {
    server_start b 60 "port_open $PORT" -- env LD_PRELOAD="$SHIM" "$@"
}

@test "PHP: exec, shell_exec, system, passthru, popen, proc_open" {
    need php php-cli
    cat >b.php <<'PHP'
<?php
header('Content-Type: text/plain');
$c = 'printf "<%s>" "$BAGGAGE"; exit 3';
exec($c, $out, $rc);
echo $out[0], " $rc\n";
echo shell_exec($c), " 3\n";
system($c, $rc);
echo " $rc\n";
passthru($c, $rc);
echo " $rc\n";
$f = popen($c, 'r');
$text = fgets($f);
echo $text, ' ', pclose($f), "\n";
$p = proc_open($c, [1 => ['pipe', 'w']], $pipes);
echo fgets($pipes[1]);
fclose($pipes[1]);
echo ' ', proc_close($p), "\n";
PHP
    PORT=$(free_ports 1)
    serve php -n -S "127.0.0.1:$PORT" b.php
    ask "$PORT" 6
}

@test "Python: os.system and os.popen" {
    PORT=$(free_ports 1)
    cat >b.py <<'PY'
import http.server, os, sys
C = 'printf "<%s>" "$BAGGAGE"; exit 3'
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        rc = os.waitstatus_to_exitcode(os.system("(" + C + ") >out"))
        with open("out") as out:
            text = "%s %d\n" % (out.read(), rc)
        child = os.popen(C)
        text += child.read() + " %d\n" % os.waitstatus_to_exitcode(child.close())
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())
    def log_message(self, *args):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
PY
    serve "$PYTHON" b.py "$PORT"
    ask "$PORT" 2
}

@test "Perl: backticks, system, and a pipe" {
    need perl perl
    PORT=$(free_ports 1)
    cat >b.pl <<'PERL'
use IO::Socket::INET;
my $c = 'printf "<%s>" "$BAGGAGE"; exit 3';
my $l = IO::Socket::INET->new(LocalAddr => "127.0.0.1:$ARGV[0]", Listen => 8, ReuseAddr => 1) or die;
while (my $s = $l->accept) {
    while (my $line = <$s>) { last if $line =~ /^\r?\n/ }
    my $text = `$c` . " " . ($? >> 8) . "\n";
    my $rc = system("($c) >out") >> 8;
    open my $f, "<", "out";
    $text .= <$f> . " $rc\n";
    open my $p, "-|", $c;
    $text .= <$p>;
    close $p;
    $text .= " " . ($? >> 8) . "\n";
    print $s "HTTP/1.0 200 OK\r\n\r\n$text";
    close $s;
}
PERL
    serve perl b.pl "$PORT"
    ask "$PORT" 3
}

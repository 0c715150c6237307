# The sending side by itself: where ours goes into a stream, however the program cuts its bytes and
# however much of an offer is taken, against an oracle that reads whole buffers (P2, P3).

bats_load_library bats-support
bats_load_library bats-assert

BUILD="${BELLHOP_BUILD:-$BATS_TEST_DIRNAME/../build}"
ADVERSARY=(/usr/bin/python3 "$BATS_TEST_DIRNAME/lib/adversary.py")
CONTEXTS=(several one trace parent empty limits)
SEED=${ADVERSARY_SEED:-1}

setup() {
    export TMPDIR="$BATS_TEST_TMPDIR"
}

# cut LEAST THOROUGH SEEDS [--random SEED COUNT] KIND: under every context, at least so many cuts.
cut() {
    local least=$1 thorough=$2 seeds=$3 context
    shift 3
    for context in "${CONTEXTS[@]}"; do
        run "${ADVERSARY[@]}" "${@:1:$#-1}" "$context" "${*: -1}" "$BUILD/testtool" sender @ \
            "$thorough" "$seeds"
        assert_success
        [[ $output =~ ([0-9]+)\ cuts$ ]]
        assert [ "${BASH_REMATCH[1]}" -ge "$least" ]
    done
}

@test "every stream of the corpus, cut at every byte, and every part of each offer taken" {
    cut 100000 90 20 small
}

@test "streams made at random" {
    cut 50000 0 10 --random "$SEED" 30 small
}

@test "heads of 64 kB, bodies and lists near the limits (STANDARD E18, E19)" {
    CONTEXTS=(several limits)
    cut 10000 0 1 large
}

@test "baggage that the program names before the host goes nowhere that a rule could deny (P8)" {
    local rules=$BATS_TEST_TMPDIR/rules.conf request
    load lib/bed
    cat >"$rules" <<'CONF'
outbound = ( { hosts = [ "secret.test" ]; keys = []; }, { hosts = [ "*" ]; keys = [ "*" ]; } );
CONF
    cat >"$BATS_TEST_TMPDIR/once.py" <<'PY'
import socket, sys
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname())
peer, _ = server.accept()
client.sendall(sys.argv[1].encode().decode("unicode_escape").encode())
client.close()
data = b""
while more := peer.recv(65536):
    data += more
print(data.decode().replace("\r\n", "|"))
PY
    export BELLHOP_CONFIG="$rules" BAGGAGE="user-id=user-12345"
    request='GET / HTTP/1.1\r\nHost: secret.test\r\nbaggage: own=1\r\n\r\n'
    run shim "$PYTHON" "$BATS_TEST_TMPDIR/once.py" "$request"
    assert_output "GET / HTTP/1.1|Host: secret.test|baggage: own=1||"
    request='GET / HTTP/1.1\r\nbaggage: own=1\r\nHost: secret.test\r\n\r\n'
    run shim "$PYTHON" "$BATS_TEST_TMPDIR/once.py" "$request"
    assert_output "GET / HTTP/1.1|baggage: own=1|Host: secret.test||"
    request='GET / HTTP/1.1\r\nHost: open.test\r\nbaggage: own=1\r\n\r\n'
    run shim "$PYTHON" "$BATS_TEST_TMPDIR/once.py" "$request"
    assert_output "GET / HTTP/1.1|Host: open.test|baggage: own=1,user-id=user-12345||"
}

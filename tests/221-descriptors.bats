# The life of descriptors: numbers that come back without the shim's knowledge, copies, children, and
# many at once. A stale entry ends in pass-through, never in damage.

load lib/bed

setup() {
    T="$BATS_TEST_TMPDIR"
    export BAGGAGE="user-id=user-12345,tenant-id=abcde"
    cd "$T" || return 1
}

life() {
    run shim timeout 120 "$APPS/adversary-life" "$@"
    assert_success
}

@test "a file that gets the number of a stream closed by a system call keeps its bytes" {
    life files
    assert_output ""
}

@test "so do pipes, socket pairs, terminals and accepted connections" {
    life channels
    assert_output ""
}

@test "so do copies by dup, dup2, dup3 and fcntl, event and timer descriptors" {
    life stale-copies
    assert_output ""
}

@test "so do descriptors that come with a message" {
    life rights
    assert_output ""
}

@test "half a head by one copy and half by the other is one request, in every kind of copy" {
    life copies
    assert_output ""
}

@test "so it is with copies made before the socket is connected" {
    life early-copies
    assert_output ""
}

@test "close_range, closefrom and dup2 over a stream end it, and a copy lives on" {
    life closings
    assert_output ""
}

@test "a forked child goes on in the middle of a head" {
    life fork
    assert_output ""
}

@test "what a vfork child closes, copies and runs leaves its parent's streams alone" {
    life vfork
    assert_output ""
}

@test "what stdio writes is not seen, so nothing goes into what follows it" {
    life stdio
    assert_output ""
}

@test "plain bytes behind a TLS handshake, which the kernel would encrypt, are left alone" {
    life after-handshake
    assert_output ""
}

@test "a call that fails and is not repeated leaves nothing behind" {
    life less
    assert_output ""
}

@test "Python's subprocess, with close_fds and with a preexec function, disturbs no connection" {
    cat >"$T/children.py" <<'PY'
import os, socket, subprocess
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname())
peer, _ = server.accept()
request = b"GET /a HTTP/1.1\r\nHost: a.test\r\n\r\n"
must = request[:-2] + b"baggage: " + os.environb[b"BAGGAGE"] + b"\r\n\r\n"
for how in ({"close_fds": True}, {"close_fds": False, "pass_fds": ()}, {"preexec_fn": os.getpid},
            {"stdin": client, "stdout": client}, {"preexec_fn": lambda: client.close()}):
    client.sendall(request[:7])
    subprocess.run(["true"], check=True, **how)
    client.sendall(request[7:])
    got = b""
    while len(got) < len(must):
        got += peer.recv(len(must) - len(got))
    assert got == must, (how, got)
print("fine")
PY
    run shim timeout 60 "$PYTHON" "$T/children.py"
    assert_success
    assert_output "fine"
}

@test "connections in up to 100,000 descriptors cost 1 KB each at most, and all carry" {
    may_open 100100
    life many $((FILES / 2 - 60))
    assert_output --regexp '^[0-9]+ bytes a connection$'
    echo "# $((FILES / 2 - 60)) connections, $output" >&3
}

# numbers MODE LIMIT: from a limit of 1,000.
numbers() {
    run shim timeout 120 "$APPS/adversary-numbers" "$@"
    assert_success
    assert_output ""
}

@test "copies at the highest numbers there are, by dup2, dup3 and fcntl" {
    may_open "$(cat /proc/sys/fs/nr_open)"
    numbers high "$FILES"
}

@test "so it is when somebody else raised the limit" {
    may_open "$(cat /proc/sys/fs/nr_open)"
    numbers outside "$FILES"
}

@test "so it is at 1,048,575, where the limit is too low for the test above" {
    export AFTER="$APPS/libhigh.so"
    numbers pretended 1048576
}

@test "a limit that the program raises in forty steps, with all descriptors in use" {
    may_open 100100
    numbers steps "$FILES"
}

@test "with more connections than it was told of, each carries or is untouched" {
    may_open 20000
    numbers crowd "$FILES"
}

# Where the kernel does not allow so many, the table and the connections are filled without it.
@test "100,000 places of the table, half of them outbound and half inbound connections" {
    run timeout 120 "$BUILD/testtool" many 100000
    assert_success
    assert_output --regexp '^[0-9]+ bytes a descriptor$'
}

# Any moment, for a server: children, signal handlers, calls that never come back, small stacks,
# sandboxes, before start and after the end (P4, P5, P7). The programs play all parts.

load lib/bed

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

# moment PROGRAM MODE [OUTPUT]
moment() {
    run shim timeout 120 "$APPS/$1" "$2"
    assert_success
    assert_output "${3:-}"
}

@test "what a vfork child accepts, reads, answers and closes leaves its parent's requests alone" {
    moment inbound-moment vforks
}

@test "children that are forked while another thread reads serve what they accept" {
    moment inbound-moment forks
}

@test "siglongjmp out of accept, read, readv, recvmsg, poll, select, epoll_wait and write" {
    moment inbound-left jumps
}

@test "a thread that is cancelled in one of these" {
    moment inbound-left cancels
}

@test "handlers that read, write, close, serve, or jump away while hooks run on the connection" {
    moment inbound-moment signals survived
}

@test "the largest request, served on the smallest stack, and without asking for memory" {
    moment inbound-thin thread
}

@test "the same in a signal handler on the smallest stack" {
    moment inbound-thin signal
}

@test "a request on a descriptor beyond the limit that the shim was told of is its own" {
    ulimit -Sn 1024
    (($(ulimit -Hn) > 8200)) || skip "no more than $(ulimit -Hn) descriptors are allowed here"
    moment inbound-moment high-numbers
}

@test "all of it under AddressSanitizer and UBSan" {
    local what
    checker asan libasan.so
    for what in jumps cancels; do
        moment inbound-left "$what"
    done
    moment inbound-moment forks
    moment inbound-moment signals survived
}

# sandbox MODE: the server may make the system calls that it makes without the shim, and no others.
sandbox() {
    local -a numbers
    run bare strace -f -n -o "$T/trace" "$APPS/inbound-sandbox" "$1"
    [[ $output != *"ptrace"* ]] || skip "strace may not look at programs here"
    assert_output "0 with their own baggage, 1200 without"
    mapfile -t numbers < <(awk '/NO_NEW_PRIVS/ { on = 1; next }
        on && match($0, /\[ *[0-9]+\]/) { print substr($0, RSTART + 1, RLENGTH - 2) + 0 }' \
        "$T/trace" | sort -un)
    echo "# $1: ${#numbers[@]} system calls: ${numbers[*]}" >&3
    assert [ "${#numbers[@]}" -gt 8 ]
    echo 'confidence = "immediate";' >"$T/settings"
    BELLHOP_CONFIG="$T/settings" run shim "$APPS/inbound-sandbox" "$1" "${numbers[@]}"
    assert_success
    assert_output "1200 with their own baggage, 0 without"
}

@test "a sandboxed pool of threads makes no other kind of system call, with 1,200 requests at once" {
    T="$BATS_TEST_TMPDIR"
    sandbox pool
}

@test "so it is with a sandboxed loop" {
    T="$BATS_TEST_TMPDIR"
    sandbox loop
}

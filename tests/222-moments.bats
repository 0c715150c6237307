# Any moment: small stacks, signal handlers, calls that never come back, sandboxes, before start and
# after the end (P4, P5).

load lib/bed

setup() {
    T="$BATS_TEST_TMPDIR"
    export BAGGAGE="user-id=user-12345,tenant-id=abcde"
    cd "$T" || return 1
}

moment() {
    run shim timeout 120 "$APPS/adversary-moment" "$@"
    assert_success
}

@test "no hook of a socket asks for memory" {
    run shim timeout 60 "$APPS/adversary-nomem"
    assert_success
    assert_output ""
}

@test "a program whose sandbox allows one system call sends with it (write, writev, sendto ...)" {
    moment sandbox
    assert_output ""
}

@test "a limit is set by the system call that libc sets it by, where nothing is carried, too" {
    local bare off
    sets() {
        strace -f -o calls -e trace=setrlimit,prlimit64 env "$@" bash -c "ulimit -n 500"
        grep rlim_cur=500 calls | cut -d" " -f2-
    }
    bare=$(sets)
    [[ $bare == *limit*rlim_cur=500* ]]
    for off in false true; do
        assert_equal "$(sets BELLHOP_DISABLED="$off" LD_PRELOAD="$SHIM")" "$bare"
    done
}

@test "a thread with the smallest stack" {
    moment thread-stack
    assert_output ""
}

@test "a signal handler on the smallest stack" {
    moment signal-stack
    assert_output ""
}

@test "signal handlers that write, on other streams and on the one that is being written" {
    moment signals
    assert_output ""
}

@test "siglongjmp out of a blocked write" {
    moment jumps
    assert_output ""
}

@test "a thread that is cancelled in a blocked write" {
    moment cancels
    assert_output ""
}

@test "requests of an atexit handler carry" {
    moment exit
    assert_output ""
}

@test "hooks of clients and servers work before the shim's constructor and after destructors" {
    export AFTER="$APPS/libearly.so"
    EARLY=start run shim "$APPS/adversary-moment" exit
    assert_success
    assert_output "used at the start"
    EARLY=end run shim "$APPS/adversary-moment" exit
    assert_success
    assert_output "used at the end"
}

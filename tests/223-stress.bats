# Sixty-four threads, thousands of keep-alive connections, children and signals all the while; again
# with the checkers that come with the compilers.

load lib/bed

setup() {
    export BAGGAGE="user-id=user-12345,tenant-id=abcde"
}

# stress CONNECTIONS REQUESTS: of 64 threads; nothing is said but the count.
stress() {
    run shim timeout 120 "$APPS/stress" 64 "$1" "$2"
    assert_success
    assert_output "$(($1 / 64 * 64 * $2)) requests, forks, signals"
}

# connections: 10,000 and 200 more descriptors, or as many as are allowed: both ends are in this
# process.
connections() {
    may_open 20400
    CONNECTIONS=$((FILES / 2 - 200))
}

@test "each of 200,000 requests reaches the server with exactly one header, the right one" {
    connections
    stress "$CONNECTIONS" 20
}

@test "the same under ThreadSanitizer" {
    checker tsan libtsan.so
    connections
    stress "$CONNECTIONS" 4
}

@test "the same under AddressSanitizer and UBSan" {
    checker asan libasan.so
    stress 2048 20
}

@test "descriptors and moments under AddressSanitizer and UBSan" {
    local what
    checker asan libasan.so
    cd "$BATS_TEST_TMPDIR"
    for what in files channels stale-copies rights copies early-copies closings fork vfork stdio; do
        run shim timeout 120 "$APPS/adversary-life" "$what"
        assert_success
        assert_output ""
    done
    for what in signals jumps cancels exit; do
        run shim timeout 120 "$APPS/adversary-moment" "$what"
        assert_success
        assert_output ""
    done
}

@test "the adversary's streams under AddressSanitizer and UBSan" {
    local mode
    checker asan libasan.so
    export TMPDIR="$BATS_TEST_TMPDIR"
    for mode in pairs random many; do
        run "$PYTHON" "$LIB/adversary.py" --preload "$SHIM" limits small "$APPS/adversary" @ unix \
            "$mode" 20000 1
        assert_success
    done
}

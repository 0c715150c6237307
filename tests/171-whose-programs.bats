# Whose baggage applies, tried by simulated programs: each knows for itself which request it works
# for, and at every request that it makes the rules are asked. What they call live must be true
# (P7). BELLHOP_WHOSE_ROUNDS sets how many programs of each kind are run (300).

bats_load_library bats-support
bats_load_library bats-assert

BUILD="${BELLHOP_BUILD:-$BATS_TEST_DIRNAME/../build}"

# simulate TOOL ROUNDS: the table goes to the test's output when something is wrong.
simulate() {
    BELLHOP_WHOSE_ROUNDS=$2 run timeout 280 "$1" whose simulate
}

# live_share PROGRAM: the percentage of what it did for requests that the rules said so of, at live.
live_share() {
    awk -v program="$1" 'index($0, program) == 1 { split(substr($0, 35), f, " "); print int(f[3]) }' \
        <<<"$output"
}

@test "in no program that the rules can decide is anything wrong at live" {
    simulate "$BUILD/testtool" "${BELLHOP_WHOSE_ROUNDS:-300}"
    assert_success
    assert_line --regexp '^[0-9]{4,} events, nothing wrong$'
}

@test "threads that stay with what they read keep nearly all of it, at live" {
    local program least
    simulate "$BUILD/testtool" 100
    assert_success
    while read -r least program; do
        assert [ "$(live_share "$program")" -ge "$least" ]
    done <<'END'
90 thread a connection
95 prefork worker
90 pool that accepts
85 child a connection
100 CGI
60 pool that is handed connections
90 the same, and a thread reads it
END
}

@test "an event loop has nothing live" {
    local program
    simulate "$BUILD/testtool" 100
    assert_success
    for program in "loop  " "loop that selects" "proxy like nginx" "proxy like HAProxy"; do
        assert_equal "$(live_share "$program")" 0
    done
}

@test "the rules stand many threads at once" {
    local tool
    for tool in "$BUILD/testtool" "$BUILD/tsan/testtool" "$BUILD/asan/testtool"; do
        [[ -x $tool ]] || continue
        run timeout 200 "$tool" whose race
        assert_success
        assert_output "0 odd answers"
    done
}

@test "the simulated programs are clean under ASan and UBSan" {
    [[ -x $BUILD/asan/testtool ]] || skip "no sanitizer builds (make san-builds)"
    simulate "$BUILD/asan/testtool" 20
    assert_success
}

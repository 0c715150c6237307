# The receiving side of connections, from inside: what the first unanswered request carries, against
# an oracle that counts bytes. Nothing is left taken at the end.

load lib/bed

ORACLE="$BATS_TEST_DIRNAME/tool/inlet_oracle.py"

oracle() {
    run timeout 120 "$PYTHON" "$ORACLE" "$@"
    assert_success
}

@test "heads that are cut at every byte" {
    oracle "$BUILD/testtool" cuts
}

@test "random requests and answers, pipelined, folded, cut anywhere" {
    oracle "$BUILD/testtool" random 1000 1
    oracle "$BUILD/testtool" random 1000 "$RANDOM"
}

@test "the same, instrumented" {
    [[ -x $BUILD/asan/testtool ]] || skip "no sanitizer build: make san-builds"
    export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
    oracle "$BUILD/asan/testtool" random 200
}

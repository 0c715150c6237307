#!/usr/bin/env bats
# The codec against two others: what W3C and opentelemetry-go expect, vector by vector, and a second
# reading of the grammar, in Python, over seeded random input. All of it with each input and output
# beside a page that may not be touched, again with sanitizers, and again without SSE2.

bats_load_library bats-support
bats_load_library bats-assert

BUILD="${BELLHOP_BUILD:-$BATS_TEST_DIRNAME/../build}"
SEED=20250618

# The codec alone, built as the arguments say; `baggage` is an argument that the tool itself takes.
build_twin() {
    local to=$1
    shift
    cd "$BATS_TEST_DIRNAME/.." || return
    "${CC:-cc}" -D_GNU_SOURCE -Ishim -std=gnu11 -g "$@" -Dtool_baggage=main -o "$to" \
        tests/tool/baggage.c shim/baggage/*.c shim/base/span.c shim/base/buf.c
}

setup_file() {
    export TWIN="$BATS_FILE_TMPDIR/portable" SANE="$BATS_FILE_TMPDIR/sane"
    export UBSAN_OPTIONS=halt_on_error=1
    build_twin "$TWIN" -O2 -DBELLHOP_PORTABLE || return
    build_twin "$SANE" -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
}

# vectors TOOL...: every one of them.
vectors() {
    run /usr/bin/python3 -B "$BATS_TEST_DIRNAME/tool/baggage_vectors.py" \
        "$BATS_TEST_DIRNAME/data/baggage.vectors" "$@"
    assert_success
    assert_line '184 vectors, 0 failed'
}

# agree SUBJECT COUNT: all three builds with the oracle.
agree() {
    local tool
    for tool in "$BUILD/testtool baggage" "$TWIN" "$SANE"; do
        # shellcheck disable=SC2086 # a command and its argument
        run timeout 250 /usr/bin/python3 -B "$BATS_TEST_DIRNAME/tool/baggage_random.py" \
            "$1" "$SEED" "$2" $tool
        assert_success
        assert_line --regexp '^[1-9][0-9]* answers as expected$'
    done
}

@test "every vector of W3C and opentelemetry-go, and those derived from the text" {
    vectors "$BUILD/testtool" baggage
}

@test "every vector, with sanitizers" {
    vectors "$SANE"
}

@test "every vector, without SSE2" {
    vectors "$TWIN"
}

@test "members, drops and bytes of random lists are those of the oracle" {
    agree lists 6000
}

@test "random lists about the limits are cut as the oracle cuts them" {
    agree limits 250
}

@test "lists put together out of others keep the limits" {
    agree additions 2500
}

@test "lines that lie side by side in memory are still two lines" {
    agree neighbours 2500
}

@test "look-ups, merges, and sets of members are those of the oracle" {
    agree lookups 5000
}

@test "escapes decode and encode as the oracle's, and UTF-8 survives both" {
    agree escapes 4000
}

@test "composed members are those of the oracle" {
    agree compositions 4000
}

@test "what is sent is legal and reads as what was read; lines are parts of one list" {
    agree laws 3000
}

@test "no function of the codec needs more than 256 bytes of stack" {
    cd "$BATS_TEST_DIRNAME/.."
    for source in shim/baggage/*.c shim/base/span.c shim/base/buf.c; do
        gcc -D_GNU_SOURCE -Ishim -std=gnu11 -O2 -fPIC -fstack-usage -c -o "$BATS_TEST_TMPDIR/x.o" \
            "$source"
        cat "$BATS_TEST_TMPDIR"/x.su >>"$BATS_TEST_TMPDIR/all"
        rm "$BATS_TEST_TMPDIR/x.su"
    done
    run grep -c . "$BATS_TEST_TMPDIR/all"
    assert [ "$output" -gt 10 ]
    run awk -F '\t' '$2 > 256 || $3 != "static"' "$BATS_TEST_TMPDIR/all"
    assert_output ''
}

@test "the codec calls nothing but memory functions that a signal handler may call" {
    cd "$BATS_TEST_DIRNAME/.."
    for source in shim/baggage/*.c shim/base/span.c shim/base/buf.c; do
        gcc -D_GNU_SOURCE -Ishim -std=gnu11 -O2 -fPIC -c -o "$BATS_TEST_TMPDIR/x.o" "$source"
        nm --undefined-only "$BATS_TEST_TMPDIR/x.o" >>"$BATS_TEST_TMPDIR/all"
        nm --defined-only --extern-only "$BATS_TEST_TMPDIR/x.o" >>"$BATS_TEST_TMPDIR/own"
    done
    run grep -v -w -F -f <(awk '{ print $3 }' "$BATS_TEST_TMPDIR/own"; echo _GLOBAL_OFFSET_TABLE_) \
        "$BATS_TEST_TMPDIR/all"
    assert_output
    run grep -v -E ' U (memcpy|memchr|memrchr|memcmp|memmove|memset|strlen)$' <<<"$output"
    assert_output ''
}

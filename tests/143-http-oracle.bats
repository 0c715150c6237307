#!/usr/bin/env bats
# The framers against another reading of RFC 9112, in Python and on whole buffers, over seeded
# random streams; every stream is cut in two at each place, cut everywhere and cut at random, and
# every piece ends beside a page that cannot be read. Again with sanitizers, and with the loops that
# do not know the order of bytes.

bats_load_library bats-support
bats_load_library bats-assert

BUILD="${BELLHOP_BUILD:-$BATS_TEST_DIRNAME/../build}"
TOOL="$BUILD/testtool http"
PYTHON=/usr/bin/python3
CHECK="$BATS_TEST_DIRNAME/data/http/check.py"
SEED=${HTTP_SEED:-9112}
COUNT=${HTTP_COUNT:-2000}

# The tool's area alone, built as the arguments say.
build_twin() {
    local to=$1
    shift
    cd "$BATS_TEST_DIRNAME/.." || return
    "${CC:-cc}" -D_GNU_SOURCE -Ishim -Itests/tool -std=gnu11 -g "$@" -Dtool_http=main -o "$to" \
        tests/tool/http*.c shim/http/*.c shim/base/span.c
}

@test "random request streams" {
    run "$PYTHON" "$CHECK" request "$TOOL" "$SEED" "$COUNT"
    assert_success
}

@test "random response streams" {
    run "$PYTHON" "$CHECK" response "$TOOL" "$SEED" "$COUNT"
    assert_success
}

@test "random insertion: its own bytes remain, and ours are where they belong (P2)" {
    run "$PYTHON" "$CHECK" insert "$TOOL" "$SEED" $((COUNT / 4))
    assert_success
}

@test "the same with sanitizers" {
    build_twin "$BATS_TEST_TMPDIR/twin" -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
    local kind
    for kind in request response insert; do
        run "$PYTHON" "$CHECK" "$kind" "$BATS_TEST_TMPDIR/twin" $((SEED + 50000)) $((COUNT / 8))
        assert_success
    done
}

@test "the same with the loops that do not know the order of bytes" {
    build_twin "$BATS_TEST_TMPDIR/twin" -O2 -DBELLHOP_PORTABLE
    local kind
    for kind in request response; do
        run "$PYTHON" "$CHECK" "$kind" "$BATS_TEST_TMPDIR/twin" "$SEED" $((COUNT / 4))
        assert_success
    done
}

@test "the oracle's streams are worth it: many are whole, many are in doubt" {
    run "$PYTHON" "$CHECK" stats "$SEED" "$COUNT" request
    assert_success
    assert_output --regexp "'opaque': [0-9]{3,}"
    assert_output --regexp "'open': [0-9]{3,}"
    assert_output --regexp "'HEAD_END': [0-9]{4,}"
}

@test "what the fuzzers have kept holds still" {
    local kind
    cat >"$BATS_TEST_TMPDIR/replay.c" <<'C'
#include <stdint.h>
#include <stdio.h>
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int main(int argc, char **argv)
{
    static uint8_t data[1 << 16];
    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");
        if (!f)
            return 1;
        LLVMFuzzerTestOneInput(data, fread(data, 1, sizeof data, f));
        fclose(f);
    }
    printf("%d inputs\n", argc - 1);
}
C
    cd "$BATS_TEST_DIRNAME/.."
    for kind in request response; do
        "${CC:-cc}" -D_GNU_SOURCE -Ishim -std=gnu11 -g -fsanitize=address,undefined \
            -fno-sanitize-recover=all -o "$BATS_TEST_TMPDIR/$kind" "$BATS_TEST_TMPDIR/replay.c" \
            "tests/fuzz/http-$kind.c" shim/http/*.c shim/base/span.c
        run "$BATS_TEST_TMPDIR/$kind" "tests/fuzz/corpus/http-$kind"/*
        assert_success
        assert_output --regexp '^[0-9]{2,} inputs$'
    done
}

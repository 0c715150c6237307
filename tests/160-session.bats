# TLS sessions, without TLS: whatever the library takes or refuses, it is offered the same again,
# and what it took is the program's bytes with ours in their places.

bats_load_library bats-support
bats_load_library bats-assert

BUILD="${BELLHOP_BUILD:-$BATS_TEST_DIRNAME/../build}"
PYTHON=/usr/bin/python3

# session [--preload LIB] CONTEXT KIND SEEDS FAILURES
session() {
    local preload=()
    [[ $1 != --preload ]] || { preload=(--preload "$2") && shift 2; }
    TMPDIR="$BATS_TEST_TMPDIR" run "$PYTHON" "$BATS_TEST_DIRNAME/lib/adversary.py" \
        "${preload[@]}" "$1" "$2" "$BUILD/testtool" session @ "$3" "$4"
    assert_success
    assert_line --regexp '^[0-9]+ streams, [0-9]{6,} calls$'
}

@test "every stream goes into OpenSSL and GnuTLS as it must, whatever they refuse" {
    local context
    for context in several one trace parent empty; do
        session "$context" small 100 0
    done
}

@test "ours may be longer than a record" { session limits small 30 0; }

@test "long heads, bodies and many requests" {
    session several large 2 0
    session limits large 1 0
}

@test "without memory the program's bytes go out, and nothing of ours in part" {
    session --preload "$BUILD/apps/libfailmalloc.so" several small 10 6
    session --preload "$BUILD/apps/libfailmalloc.so" limits small 5 6
}

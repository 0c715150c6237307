# Compiled programs: C's stdio, C++ streams, Rust's standard library.

load lib/bed
load lib/programs
load lib/rust

setup_file() {
    bed_start
    # The directory, with a mark if there is a compiler.
    export MADE="$BATS_FILE_TMPDIR/made"
    mkdir "$MADE"
    if type -P g++ >/dev/null; then
        g++ -O1 -pthread -o "$MADE/cxx" "$BATS_TEST_DIRNAME/apps/prog-cxx.cpp"
    fi
    rust_build "$BATS_TEST_DIRNAME/apps/prog-rust.rs" "$MADE/rust"
}
teardown_file() { bed_stop; }
setup() { bed_test; }
teardown() { server_stop; }

@test "C: write on a socket that stdio reads" {
    carry "$APPS/prog-stdio" write "$HTTP_PORT"
    assert_exit 0
}

@test "C: stdio's own writes pass the hooks by, and are undisturbed" {
    local way
    for way in fdopen unbuffered dprintf; do
        same "$APPS/prog-stdio" "$way" "$HTTP_PORT"
        assert_exit 0
        assert_equal "$(sent | wc -l)" 1
    done
}

@test "C: a connection that stdio may write to is left alone in other calls, too" {
    same "$APPS/prog-stdio" both "$HTTP_PORT"
    assert_exit 0
    assert_sent "POST localhost /echo -" "GET localhost /last -"
}

@test "C++: a stream over a socket is undisturbed, and a thread's own request carries it" {
    [[ -x $MADE/cxx ]] || skip "no g++"
    same "$MADE/cxx" "$HTTP_PORT"
    assert_exit 0
    assert_sent "POST localhost /echo -" "GET localhost /thread $B"
}

@test "stdio's and C++ streams' bytes go over the wire as without the shim, each of them" {
    local way
    tap_start "$HTTP_PORT"
    for way in fdopen unbuffered dprintf; do
        alike "$APPS/prog-stdio" "$way" "$TAP_PORT"
        assert [ -s "$T/shim.tap" ]
    done
    [[ ! -x $MADE/cxx ]] || alike "$MADE/cxx" "$TAP_PORT" stream
}

@test "Rust: pieces, a buffered writer, vectors, a kept connection, a file" {
    need_rust
    carry "$MADE/rust" "$HTTP_PORT"
    assert_exit 0
    assert_equal "$(sent | wc -l)" 11
}

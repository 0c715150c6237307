# A -> B -> C, where B is a server by Rust's standard library: everything is kept.

load lib/bed
load lib/programs
load lib/chain
load lib/rust

setup_file() {
    chain_start
    export MADE="$BATS_FILE_TMPDIR/made"
    mkdir "$MADE"
    rust_build "$BATS_TEST_DIRNAME/data/chain/threads.rs" "$MADE/threads"
}
teardown_file() { bed_stop; }
setup() { chain_test; }
teardown() { b_stop; }

# served MODE: in every way that clients have.
served() {
    need_rust
    b_start "$MADE/threads" "$B_PORT" "$C_URL" "$1"
    load_b n=1500
    all_kept
    load_b mode=http10 n=200
    all_kept
    load_b mode=bits n=200
    all_kept
    load_b mode=pipelined n=200
    none_wrong
}

@test "std::thread, one for each connection" { served threads; }

@test "a pool that is handed connections through a channel" { served pool; }

@test "scoped threads that accept" { served scoped; }

# A server of threads and one of children under load, with the checkers that come with the compilers.

load lib/bed
load lib/programs
load lib/chain

setup_file() { chain_start; }
teardown_file() { bed_stop; }
setup() { chain_test; }
teardown() { b_stop; }

# checker NAME RUNTIME: the shim of that build, and the runtime library before it. What they find
# is in their log.
checker() {
    local runtime
    runtime=$(gcc -print-file-name="$2")
    [[ -f $BUILD/$1/libbellhop.so ]] || skip "no $BUILD/$1: make san-builds"
    export SHIM="$runtime:$BUILD/$1/libbellhop.so"
    export ASAN_OPTIONS=detect_leaks=0:log_path=$T/found UBSAN_OPTIONS=log_path=$T/found
    export TSAN_OPTIONS=log_path=$T/found
}

nothing_found() {
    b_stop
    run cat "$T"/found.* "$T/b.log"
    refute_output --partial "ERROR: AddressSanitizer"
    refute_output --partial "runtime error"
    refute_output --partial "WARNING: ThreadSanitizer"
}

served() {
    b_start "$APPS/curl-chain-server" "$1" "$B_PORT" "$C_URL"
    load_b n="$2"
    all_kept
}

@test "threads under ThreadSanitizer" {
    checker tsan libtsan.so
    served threads 400
    nothing_found
}

@test "a pool under ThreadSanitizer" {
    checker tsan libtsan.so
    served pool 400
    nothing_found
}

@test "threads, and children, under AddressSanitizer and UBSan" {
    checker asan libasan.so
    served threads 400
    nothing_found
    served fork 200
    nothing_found
}

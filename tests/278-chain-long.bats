# A -> B -> C for as long as an hour's worth: memory flat, no descriptor more than without the shim.
# CHAIN_REQUESTS=1000000 LOAD_SECONDS=3000 BATS_TEST_TIMEOUT=4000 runs all of it, 30000 are a share.

load lib/bed
load lib/programs
load lib/chain

setup_file() { chain_start; }
teardown_file() { bed_stop; }
setup() { chain_test; }
teardown() { b_stop; }

fds_of_b() {
    local fds=("/proc/$B_PID/fd"/*)
    echo "${#fds[@]}"
}

# How many are left once all of its connections are gone.
left_fds() {
    local last=-1 calm=0 now
    while ((calm < 5)); do
        sleep 0.1
        now=$(fds_of_b)
        if ((now == last)); then ((++calm)); else calm=0; fi
        last=$now
    done
    echo "$last"
}

kb_of_b() {
    awk '/^VmRSS/ { print $2 }' "/proc/$B_PID/status"
}

@test "memory stays flat, and descriptors are as many as without" {
    local bare before after number=${CHAIN_REQUESTS:-30000}
    export B_NAME="B"
    BARE=1 b_start "$APPS/curl-chain-server" threads "$B_PORT" "$C_URL"
    BARE=1 load_b n=1000
    bare=$(left_fds)
    b_stop
    b_start "$APPS/curl-chain-server" threads "$B_PORT" "$C_URL"
    load_b n=10000
    all_kept
    assert_equal "$(left_fds)" "$bare"
    before=$(kb_of_b)
    load_b n="$number"
    all_kept
    assert_equal "$(left_fds)" "$bare"
    after=$(kb_of_b)
    echo "# memory of B: $before KB after 10000 requests, $after KB after $number more" >&3
    assert [ "$((after - before))" -le 1024 ]
}

@test "so they do when each request has a connection, and clients break off" {
    local bare before after i
    # With an arena for each of many threads, malloc itself is not flat.
    export MALLOC_ARENA_MAX=1
    export B_NAME="B"
    BARE=1 b_start "$APPS/curl-chain-server" threads "$B_PORT" "$C_URL"
    BARE=1 load_b n=500
    bare=$(left_fds)
    b_stop
    b_start "$APPS/curl-chain-server" threads "$B_PORT" "$C_URL"
    for i in 1 2 3; do
        [[ $i != 2 ]] || before=$(kb_of_b)
        load_b n=2000 mode=http10
        all_kept
        load_b n=1500 mode=broken
        none_wrong
        load_b n=500 mode=hasty
        none_wrong
        assert_equal "$(left_fds)" "$bare"
    done
    after=$(kb_of_b)
    echo "# memory of B: $before KB, then $after KB" >&3
    assert [ "$((after - before))" -le 3072 ]
}

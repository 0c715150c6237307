# The judge of A -> B -> C itself: what a B that forwards by hand does wrong is seen.

load lib/bed
load lib/programs
load lib/chain

setup_file() { chain_start; }
teardown_file() { bed_stop; }
setup() { chain_test; }
teardown() { b_stop; }

# mixer HOW: one request at a time, so that what goes wrong is known.
mixer() {
    export BARE=1
    b_start "$PYTHON" "$DATA/mixer.py" "$B_PORT" "$C_URL" "$1"
    load_b n=100 conns=1 seed=1
    b_alive
}

@test "a program that forwards by hand keeps everything" {
    mixer right
    all_kept
    assert_equal "$((KEPT + EMPTY))" 100
}

@test "one that forwards nothing misses everything" {
    mixer drop
    none_wrong
    assert_equal "kept $KEPT part $PART" "kept 0 part 0"
    assert_equal "$((MISSING + EMPTY))" 100
}

@test "one that forwards a part of it is seen" {
    mixer half
    none_wrong
    assert [ "$PART" -gt 30 ]
}

@test "one that doubles, changes, or takes another request's is wrong" {
    local how
    for how in doubled changed swapped; do
        mixer "$how"
        b_stop
        assert [ "$WRONG" -gt 90 ]
        assert_equal "kept $KEPT" "kept 0"
    done
}

@test "a request's baggage on a call of B's own is wrong" {
    mixer own
    own_calls
    assert_equal "$OWN" 100
    assert [ "$OWN_WRONG" -gt 90 ]
}

# An adversary sends streams over real sockets: cut at every byte and at random, by every function that
# sends, into the smallest buffers, to a slow reader. What arrives is held against an oracle (P2), and
# what each call returns against what a program may expect (P3).
#
# ADVERSARY_SCALE=10 for ten times as many calls; ADVERSARY_SEED for others.

load lib/bed

SCALE=${ADVERSARY_SCALE:-1}
SEED=${ADVERSARY_SEED:-1}

setup() {
    export TMPDIR="$BATS_TEST_TMPDIR"
}

# attack SENDS CONTEXT KIND FAMILY MODE: at least so many calls.
attack() {
    local sends=$(($1 * SCALE))
    run "$PYTHON" "$LIB/adversary.py" --preload "$SHIM${AFTER:+:$AFTER}" "$2" "$3" \
        "$APPS/adversary" @ "$4" "$5" "$sends" "$SEED"
    assert_success
    [[ $output =~ ([0-9]+)\ sends$ ]]
    assert [ "${BASH_REMATCH[1]}" -ge "$sends" ]
}

@test "two calls, cut at every byte" {
    for family in unix tcp; do
        attack 100000 several small "$family" pairs
        attack 50000 trace small "$family" pairs
        attack 30000 empty small "$family" pairs
    done
}

@test "a call a byte" {
    for family in unix tcp; do
        attack 100000 several small "$family" bytes
        attack 50000 limits small "$family" bytes
    done
}

@test "pieces at random, bodies by sendfile and splice" {
    for family in unix tcp; do
        attack 60000 several small "$family" random
        attack 60000 parent small "$family" random
        attack 60000 limits small "$family" random
        attack 20000 several large "$family" random
    done
}

@test "fifty connections that take turns" {
    for family in unix tcp; do
        attack 50000 several small "$family" many
        attack 50000 limits small "$family" many
    done
}

@test "streams that end at every byte" {
    for family in unix tcp; do
        attack 40000 several small "$family" halves
    done
}

@test "blocking sockets and a slow reader" {
    attack 50000 several small unix blocking
    attack 20000 limits small unix blocking
    attack 10000 several small tcp blocking
    attack 3000 limits small tcp blocking
}

@test "a kernel that takes any part of what it is offered, or nothing" {
    local mode
    export AFTER="$APPS/libshort.so" SHORT="$SEED"
    for mode in pairs bytes random many halves blocking; do
        attack 40000 several small unix "$mode"
        attack 30000 trace small unix "$mode"
        attack 30000 limits small unix "$mode"
    done
    attack 20000 limits large unix random
}

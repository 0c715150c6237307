# A -> B -> C, where B is an event loop: whose call it is cannot be told for sure, so nothing goes at
# the default, and nothing is ever wrong; how much would be kept at other settings is printed.

load lib/bed
load lib/programs
load lib/chain

setup_file() { chain_start; }
teardown_file() { bed_stop; }
setup() { chain_test; }
teardown() { b_stop; }

LEVELS=(live immediate resumed sole weak)

# at_each LOAD-OPTIONS -- COMMAND...: zero wrong as shipped; then each confidence is measured.
at_each() {
    local level options=()
    while [[ $1 != -- ]]; do
        options+=("$1")
        shift
    done
    shift
    export B_NAME="$BATS_TEST_DESCRIPTION, as shipped"
    b_start "$@"
    load_b "${options[@]}"
    none_wrong
    own_calls
    assert_equal "$OWN_WRONG" 0
    b_stop
    for level in "${LEVELS[@]}"; do
        b_settings "confidence = \"$level\";"
        export B_NAME="$BATS_TEST_DESCRIPTION, at $level"
        b_start "$@"
        load_b "${options[@]}"
        b_alive
        assert_equal "$FAILED" 0
        own_calls
        [[ $level != live ]] || assert_equal "wrong $WRONG $OWN_WRONG" "wrong 0 0"
        b_stop
    done
}

@test "node's http, a connection for each call" {
    need node nodejs
    at_each n=600 -- node "$DATA/node.js" "$B_PORT" "$C_URL"
}

@test "node's http, with an agent that lends connections" {
    need node nodejs
    at_each n=600 -- node "$DATA/node.js" "$B_PORT" "$C_URL" agent
}

@test "asyncio, a connection for each call" {
    at_each n=600 form=length -- "$PYTHON" "$DATA/loop.py" "$B_PORT" "$C_URL" each
}

@test "asyncio, with connections that are lent" {
    at_each n=600 form=length -- "$PYTHON" "$DATA/loop.py" "$B_PORT" "$C_URL" lent
}

@test "asyncio, handlers that wait for one another's answer" {
    at_each n=600 form=length -- "$PYTHON" "$DATA/loop.py" "$B_PORT" "$C_URL" flight
}

@test "node's http, answers that take their time" {
    need node nodejs
    at_each n=300 delay=10 -- node "$DATA/node.js" "$B_PORT" "$C_URL" agent
}

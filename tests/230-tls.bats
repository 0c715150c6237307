# OpenSSL and GnuTLS under the shim: request streams cut in every way, by every function that
# writes, where writes are refused; and the lives of sessions.

load lib/bed

# Ten times as many calls, or others: as for the adversary of sockets.
SCALE=${ADVERSARY_SCALE:-1}
SEED=${ADVERSARY_SEED:-1}

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() { bed_test; }

# adversary APP CONTEXT KIND MODE CALLS
adversary() {
    TMPDIR="$T" run timeout 280 "$PYTHON" "$LIB/adversary.py" --preload "$SHIM" "$2" "$3" \
        "$APPS/$1-adversary" @ "$4" $(($5 * SCALE)) "$SEED"
    assert_success
    [[ $output =~ \ ([0-9]+)\ calls,\ ([0-9]+)\ refused$ ]]
    assert [ "${BASH_REMATCH[1]}" -ge $(($5 * SCALE)) ]
    assert [ "${BASH_REMATCH[2]}" -ge $(($5 * SCALE / 100)) ]
}

@test "streams leave through OpenSSL's functions as they must, cut at every byte" {
    adversary ssl several small pairs 10000
    adversary ssl several small bytes 50000
    adversary ssl empty small pairs 2000
}

@test "streams leave through OpenSSL's functions as they must, cut at random" {
    adversary ssl several small random 5000
    adversary ssl trace small random 3000
    adversary ssl limits small random 3000
    adversary ssl several large random 500
}

@test "streams leave through GnuTLS's functions as they must, cut at every byte" {
    adversary gnutls several small pairs 30000
    adversary gnutls several small bytes 50000
    adversary gnutls empty small pairs 5000
}

@test "streams leave through GnuTLS's functions as they must, cut at random" {
    adversary gnutls several small random 20000
    adversary gnutls limits small random 10000
    adversary gnutls trace large random 1000
}

life() {
    run shim "$APPS/ssl-life" "$1"
    assert_success
}

@test "a session that its BIO freed leaves nothing to the next one at its address" {
    life reuse
    assert_equal "$(grep -c '^new: .* with baggage$' <<<"$output")" 20
    refute_line "0 at the same address"
}

@test "a cleared session begins anew, and a copied one is another" {
    life cleared
    assert_line --regexp '^cleared: .* with baggage$'
    life duplicated
    assert_line --regexp '^copy: .* with baggage$'
}

@test "a session that connects again without being cleared begins anew" {
    life again
    assert_line --regexp '^again: .* with baggage$'
}

@test "a buffer whose flush shakes hands keeps its place in the stream" {
    life flushed
    assert_line --regexp '^flushed: .* with baggage$'
    assert_line "in the body: 33 bytes, without"
}

@test "a session goes on after one of its references is gone" {
    life referred
    assert_line "in the body: 33 bytes, without"
}

@test "what a server writes is never touched" {
    life answers
    assert_line "server: 33 bytes, as they were"
}

@test "a tunnel and the session in it are told apart" {
    life tunnel
    assert_line --regexp '^tunnel: .* without$'
    assert_line --regexp '^raw: .* without$'
    assert_line --regexp '^inside: .* with baggage$'
}

@test "1,500 sessions leave no memory in use" {
    life memory
    assert_output "flat"
}

@test "valgrind finds nothing in the lives of sessions" {
    local scenario
    [[ $SHIM != *:* ]] || skip "not together with a sanitizer"
    for scenario in reuse cleared referred duplicated tunnel; do
        run env LD_PRELOAD="$SHIM" valgrind -q --error-exitcode=99 --leak-check=full \
            --errors-for-leak-kinds=definite "$APPS/ssl-life" "$scenario"
        assert_success
    done
}

@test "curl over HTTPS has one baggage line, and none where it is switched off" {
    curl_args https
    same curl "${ARGS[@]}" "$(url https service-b.test /a)"
    assert_sent "GET service-b.test /a $BAGGAGE"
    for proto in http https; do
        curl_args "$proto"
        same curl "${ARGS[@]}" -H 'baggage:' "$(at_b /a)"
        assert_sent "GET service-b.test /a -"
    done
}

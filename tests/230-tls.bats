# OpenSSL and GnuTLS under the shim: request streams cut in every way, by every function that
# writes, where writes are refused; and the lives of sessions.

load lib/bed

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() { bed_test; }

# adversary APP CONTEXT KIND STEP SEEDS
adversary() {
    TMPDIR="$T" run timeout 200 "$PYTHON" "$LIB/adversary.py" --preload "$SHIM" "$2" "$3" \
        "$APPS/$1-adversary" @ "$4" "$5"
    assert_success
    assert_line --regexp '^[0-9]+ streams, [0-9]{2,} passes'
}

@test "streams leave through OpenSSL's functions as they must, however they are cut" {
    adversary ssl several small 29 10
    adversary ssl trace small 0 5
    adversary ssl limits small 0 2
    adversary ssl empty small 0 2
}

@test "long heads and bodies leave through OpenSSL as they must" { adversary ssl several large 0 1; }

@test "streams leave through GnuTLS's functions as they must, however they are cut" {
    adversary gnutls several small 3 10
    assert_line --partial "refused often"
    adversary gnutls limits small 0 10
    adversary gnutls empty small 0 5
}

@test "long heads and bodies leave through GnuTLS as they must" {
    adversary gnutls trace large 0 2
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

#!/usr/bin/env bats
# SHA-256 by the vectors of FIPS 180-4 (NIST's examples) and HMAC by those of RFC 4231, and against
# openssl at every length around a block.

load lib/settings

sha() { "$TOOL" rules - sha256 "$@"; }

@test "SHA-256 of the standard's messages" {
    assert_equal "$(printf abc | sha)" ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
    assert_equal "$(sha </dev/null)" e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    assert_equal "$(printf abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq | sha)" \
        248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1
    assert_equal "$(printf abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu | sha)" \
        cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1
    assert_equal "$(head -c 1000000 /dev/zero | tr '\0' a | sha)" \
        cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0
}

@test "HMAC of the RFC's messages" {
    assert_equal "$(printf 'Hi There' | sha "$(printf '\x0b%.0s' {1..20})")" \
        b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7
    assert_equal "$(printf 'what do ya want for nothing?' | sha Jefe)" \
        5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843
    assert_equal "$(printf 'Test Using Larger Than Block-Size Key - Hash Key First' | sha "$(printf '\xaa%.0s' {1..131})")" \
        60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54
}

@test "every length is as openssl has it" {
    local len
    for len in {0..3} {54..57} {62..66} {118..122} {126..130} 1000 4097; do
        head -c "$len" /dev/zero | tr '\0' x >message
        assert_equal "$len $(sha <message)" "$len $(openssl dgst -sha256 <message | sed 's/.* //')"
        assert_equal "$len $(sha "$(head -c $((len + 1)) /dev/zero | tr '\0' k)" <message)" \
            "$len $(openssl dgst -sha256 -hmac "$(head -c $((len + 1)) /dev/zero | tr '\0' k)" <message | sed 's/.* //')"
    done
}

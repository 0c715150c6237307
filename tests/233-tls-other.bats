# Other ways than plain writes: data before the handshake is over, and files.

load lib/bed

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() { bed_test; }

# twice COUNT PROGRAM...: the same calls return the same, and the same arrives, but for COUNT baggage
# lines.
twice() {
    local count=$1
    shift
    run_in bare "$@"
    run_in shim "$@"
    assert_equal "$(cat "$T/bare.rc" "$T/shim.rc")" $'0\n0'
    assert_equal "$(grep -v '^baggage: ' "$T/shim.out")" "$(cat "$T/bare.out")"
    assert_equal "$(grep -c '^baggage: user-id=user-12345,tenant-id=abcde.$' "$T/shim.out")" "$count"
}

@test "OpenSSL: early data carries it when the server takes so much" {
    twice 2 "$APPS/ssl-early" accepted
    assert_equal "$(grep -c "was accepted" "$T/shim.out")" 1
    twice 2 "$APPS/ssl-early" pieces
    twice 2 "$APPS/ssl-early" half
}

@test "OpenSSL: early data that is refused at first goes on" {
    twice 2 "$APPS/ssl-early" refused
    assert_equal "$(grep -c "refused before" "$T/shim.out")" 1
}

@test "OpenSSL: early data does not become more than the server takes" {
    twice 0 "$APPS/ssl-early" limited
    assert_equal "$(grep -c "was accepted" "$T/shim.out")" 1
}

@test "OpenSSL: a request that is sent again when its early data was for nothing" {
    twice 1 "$APPS/ssl-early" rejected
    assert_equal "$(grep -c "not accepted" "$T/shim.out")" 1
}

@test "GnuTLS: early data, and what follows it, is left alone" {
    twice 0 "$APPS/gnutls-life" early "$TLS/server.pem" "$TLS/server.key"
    assert_equal "$(grep -c "^33 bytes were early" "$T/shim.out")" 1
}

@test "GnuTLS: a file is a body, whatever it holds" {
    twice 2 "$APPS/gnutls-life" file
    twice 2 "$APPS/gnutls-life" pieces
    twice 2 "$APPS/gnutls-life" position
}

@test "GnuTLS: nothing is known behind a file that was not sent as a whole" {
    twice 1 "$APPS/gnutls-life" refused
}

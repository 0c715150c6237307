# TLS servers in many threads, with clients that keep their connections: every call that a request
# causes carries its baggage, and none does behind the answer.

load lib/bed

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

# serve APP THREADS CONNECTIONS REQUESTS [file]
serve() {
    run shim timeout 120 "$APPS/$1-serve" "${@:2}"
    assert_success
    assert_output "$(($2 * $3 * $4)) with their own baggage, 0 without"
}

@test "OpenSSL" { serve ssl 32 4 40; }

@test "GnuTLS: answers that go as a whole, or corked" { serve gnutls 32 4 40; }

@test "GnuTLS: answers from files" { serve gnutls 16 4 40 file; }

@test "the same under ThreadSanitizer" {
    checker tsan libtsan.so
    serve ssl 16 2 20
    serve gnutls 16 2 20
    serve gnutls 16 1 20 file
}

@test "the same under AddressSanitizer and UBSan" {
    checker asan libasan.so
    serve ssl 16 2 20
    serve gnutls 16 2 20
    serve gnutls 16 1 20 file
}

@test "a TLS server whose connections outlive a thousand others" {
    serve ssl 8 130 1
    serve gnutls 8 130 1
}

# scarce APP SHARE: of the shim's own calls for memory one in SHARE fails.
scarce() {
    FAIL_SHARE=$2 FAIL_SEEN="$BATS_TEST_TMPDIR/seen" run timeout 120 env \
        LD_PRELOAD="$APPS/libfailshim.so:$SHIM" "$APPS/$1-serve" 8 10 5
    assert_success
    [[ $output =~ ^([0-9]+)\ with\ their\ own\ baggage,\ ([0-9]+)\ without$ ]]
    assert_equal "$((BASH_REMATCH[1] + BASH_REMATCH[2]))" 400
    assert [ "$(cat "$BATS_TEST_TMPDIR/seen")" -gt 5 ]
}

@test "where the shim gets no memory, a call carries its request's baggage, or none" {
    local app share
    for app in ssl gnutls; do
        for share in 1 2 7; do
            scarce "$app" "$share"
        done
    done
}

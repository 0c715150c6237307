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

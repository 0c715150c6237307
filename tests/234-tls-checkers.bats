# TLS in many threads, over slow connections, without memory, and under the checkers that come with the
# compilers.

load lib/bed

setup() {
    T="$BATS_TEST_TMPDIR"
    export BAGGAGE="user-id=user-12345,tenant-id=abcde"
}

# threads REQUESTS: of eight threads, in every way to share sessions or not.
threads() {
    local mode
    for mode in own handed halves dark locked; do
        run shim "$APPS/ssl-threads" "$mode" 8 "$1"
        assert_success
        # What goes out stops being requests half-way.
        [[ $mode != dark ]] || assert_output "$((8 * $1)) requests, $((4 * $1)) baggage lines"
        [[ $mode == dark ]] || assert_output "$((8 * $1)) requests, $((8 * $1)) baggage lines"
    done
}

# adversary APP CONTEXT MODE CALLS
adversary() {
    TMPDIR="$T" run timeout 280 "$PYTHON" "$LIB/adversary.py" --preload "${BEFORE:+$BEFORE:}$SHIM" \
        "$2" small "$APPS/$1-adversary" @ "$3" "$4" 1
    assert_success
    assert_output --regexp '^[0-9]+ streams, [0-9]+ calls, [0-9]+ refused$'
}

# both_ways REQUESTS: GnuTLS's sessions, with a thread that sends and one that receives.
both_ways() {
    run shim "$APPS/gnutls-threads" 8 "$1"
    assert_success
    assert_output "$((4 * $1)) baggage lines"
}

@test "sessions in eight threads, one's own, handed on, and shared" {
    threads 500
    both_ways 1000
}

@test "the same under ThreadSanitizer" {
    checker tsan libtsan.so
    threads 50
    both_ways 100
}

@test "streams and lives under AddressSanitizer and UBSan" {
    local what
    checker asan libasan.so
    for what in reuse cleared referred duplicated tunnel again flushed; do
        run shim "$APPS/ssl-life" "$what"
        assert_success
    done
    for what in accepted rejected refused pieces half; do
        run shim "$APPS/ssl-early" "$what"
        assert_success
    done
    run shim "$APPS/ssl-results"
    assert_success
    run shim "$APPS/gnutls-results"
    assert_success
    threads 30
    both_ways 100
    adversary ssl limits random 1000
    adversary gnutls limits random 2000
}

# slow APP: over real sockets with the smallest buffers.
slow() {
    run shim "$APPS/$1-slow" waiting 3000
    assert_success
    assert_output "3000 calls, waited often"
    run shim "$APPS/$1-slow" blocking 3000
    assert_success
    assert_output --partial "3000 calls"
}

@test "OpenSSL over sockets with the smallest buffers, to a slow reader" { slow ssl; }

@test "GnuTLS over sockets with the smallest buffers, to a slow reader" { slow gnutls; }

@test "a write that was left by siglongjmp leaves nothing to the sessions after it" {
    local how
    for how in write bio; do
        run shim "$APPS/ssl-jump" "$how"
        assert_success
        assert_equal "$(grep -c '^20 calls' <<<"$output")" 3
    done
}

@test "where the shim gets no memory, of ours nothing goes out, or all" {
    local app
    export BEFORE="$APPS/libfailshim.so" ADVERSARY_SPARE=1 FAIL_SHARE FAIL_SEEN="$T/seen"
    for app in ssl gnutls; do
        for FAIL_SHARE in 1 2 7; do
            adversary "$app" several random 1000
            assert [ "$(cat "$FAIL_SEEN")" -gt 20 ]
            adversary "$app" several bytes 1000
        done
    done
}

# Perl carries baggage: LWP, HTTP::Tiny, and sockets used directly.

load lib/bed
load lib/programs

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() {
    bed_test
    # The order of headers is that of a hash.
    export PERL_HASH_SEED=0 PERL_PERTURB_KEYS=0
}

perl_does() {
    carry perl "$BATS_TEST_DIRNAME/apps/prog-perl.pl" "$1" "$(where "$proto" /)" "$CA" || return 1
    assert_exit 0
}

@test "LWP with kept connections, an upload in chunks, a redirect" {
    local proto
    for proto in "${BOTH[@]}"; do
        perl_does lwp
        assert_equal "$(sent | wc -l)" 7
    done
}

@test "LWP's own baggage is merged with" {
    local proto
    for proto in "${BOTH[@]}"; do
        perl_does own
        assert_sent "GET localhost /own own=1,$B"
    done
}

@test "HTTP::Tiny" {
    local proto
    for proto in "${BOTH[@]}"; do
        perl_does tiny
        assert_equal "$(sent | wc -l)" 6
    done
}

@test "IO::Socket::INET and IO::Socket::SSL: print, syswrite, bare line feeds" {
    local proto
    for proto in "${BOTH[@]}"; do
        perl_does raw
        assert_equal "$(sent | wc -l)" 3
    done
}

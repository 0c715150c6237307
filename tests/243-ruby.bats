# Ruby carries baggage: Net::HTTP, open-uri, and sockets used directly.

load lib/bed
load lib/programs

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() {
    bed_test
    RUBY=(ruby --disable=gems "$BATS_TEST_DIRNAME/apps/prog-ruby.rb")
}

@test "Net::HTTP: a session with uploads of known and unknown length" {
    local proto
    for proto in "${BOTH[@]}"; do
        carry "${RUBY[@]}" net "$(where "$proto" /)" "$CA"
        assert_exit 0
        assert_equal "$(sent | wc -l)" 5
    done
}

@test "Net::HTTP: its own baggage is merged with" {
    local proto
    for proto in "${BOTH[@]}"; do
        carry "${RUBY[@]}" own "$(where "$proto" /)" "$CA"
        assert_sent "GET localhost /own own=1,$B"
    done
}

@test "open-uri, with a redirect" {
    local proto
    for proto in "${BOTH[@]}"; do
        carry "${RUBY[@]}" open "$(where "$proto" /)" "$CA"
        assert_exit 0
        assert_equal "$(sent | wc -l)" 3
    done
}

@test "TCPSocket and SSLSocket: write of several strings, print, write_nonblock" {
    local proto
    for proto in "${BOTH[@]}"; do
        carry "${RUBY[@]}" raw "$(where "$proto" /)" "$CA"
        assert_exit 0
        assert_equal "$(sent | wc -l)" 3
    done
}

@test "six threads" {
    local proto
    for proto in "${BOTH[@]}"; do
        carry -u "${RUBY[@]}" threads "$(where "$proto" /)" "$CA"
        assert_exit 0
        assert_equal "$(sent | wc -l)" 18
    done
}

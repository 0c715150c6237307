# PHP's own streams carry baggage, without its curl extension.

load lib/bed
load lib/programs

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() {
    bed_test
    PHP=(php -n "$BATS_TEST_DIRNAME/apps/prog-php.php")
}

@test "file_get_contents and copy" {
    local proto
    for proto in "${BOTH[@]}"; do
        carry "${PHP[@]}" streams "$(where "$proto" /)" "$CA"
        assert_exit 0
        assert_equal "$(sent | wc -l)" 7
    done
}

@test "a script's own baggage is merged with" {
    local proto
    for proto in "${BOTH[@]}"; do
        carry "${PHP[@]}" own "$(where "$proto" /)" "$CA"
        assert_sent "GET localhost /own own=1,$B"
    done
}

@test "fsockopen, and requests in pieces" {
    local proto
    for proto in "${BOTH[@]}"; do
        carry "${PHP[@]}" socket "$(where "$proto" /)" "$CA"
        assert_exit 0
        assert_equal "$(sent | wc -l)" 3
    done
}

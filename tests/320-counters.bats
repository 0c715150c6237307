# Counters and cost attribution: exact, whoever counts at the same time.

bats_load_library bats-support
bats_load_library bats-assert

BUILD="${BELLHOP_BUILD:-$BATS_TEST_DIRNAME/../build}"

tool() { timeout 100 "$BUILD/testtool" control "$@"; }

# sums: of each column of what `attribute` printed.
sums() { awk '{ for (i = 2; i <= 5; i++) s[i] += $i } END { print s[2], s[3], s[4], s[5] }'; }

@test "every counter has a name and a family of its own place" {
    run tool counters
    assert_success
    assert [ "${#lines[@]}" -gt 40 ]
    assert_equal "$(cut -d' ' -f1 <<<"$output" | sort | uniq -d)" ""
    assert_equal "$(cut -d' ' -f2- <<<"$output" | sort | uniq -d)" ""
    # A family stands together, as its carriers are counted from its first.
    assert_equal "$(cut -d' ' -f2 <<<"$output" | uniq | sort | uniq -d)" ""
    for family in requests injected; do
        assert_equal "$(awk -v f="$family" '$2 == f { printf "%s ", $4 }' <<<"$output")" \
            "curl socket openssl gnutls "
    done
}

@test "no count is lost between threads" {
    run tool count 8 2000
    assert_success
    assert_equal "$(cut -d' ' -f2 <<<"$output" | sort -u)" 16000
}

@test "requests and bytes are told for each value, in and out" {
    run tool attribute 1 <<<$'a 10\na 5\nb 1\na 2'
    assert_success
    assert_line "tenant-id=a 1 10 2 7"
    assert_line "tenant-id=b 1 1 0 0"
    assert_line "other 0 0 0 0"
}

@test "those that cause most are told among many others, and all of it adds up" {
    awk 'BEGIN { for (i = 0; i < 40000; i++) print (i % 3 ? "big" i % 20 : "v" i), 3 }' \
        >"$BATS_TEST_TMPDIR/in"
    run tool attribute 1 <"$BATS_TEST_TMPDIR/in"
    assert_success
    assert [ "${#lines[@]}" -le 257 ]
    assert_equal "$(sums <<<"$output")" "20000 60000 20000 60000"
    assert_equal "$(grep -c '^tenant-id=big' <<<"$output")" 20
    # Nothing of theirs was ever counted elsewhere but before they came in.
    assert_equal "$(awk '/=big/ && $2 + $4 < 1300' <<<"$output")" ""
}

@test "it adds up with many threads, too" {
    awk 'BEGIN { for (i = 0; i < 20000; i++) print (i % 2 ? "big" i % 30 : "v" i % 999), 7 }' \
        >"$BATS_TEST_TMPDIR/in"
    run tool attribute 8 <"$BATS_TEST_TMPDIR/in"
    assert_success
    assert_equal "$(sums <<<"$output")" "80000 560000 80000 560000"
}

@test "long values are cut, and stay apart" {
    local long
    long=$(printf 'x%.0s' {1..80})
    run tool attribute 1 <<<"${long}a 1"$'\n'"${long}b 1"$'\n'"${long}a 1"
    assert_success
    assert_equal "$(grep -c '^tenant-id=x*x ' <<<"$output")" 2
    assert_line --regexp ' 1 1 1 1$|^tenant-id=x+ 2 2 0 0$'
}

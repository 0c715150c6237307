# The pages that a process and its agent share: whole texts, at every moment, without a lock.

bats_load_library bats-support
bats_load_library bats-assert

BUILD="${BELLHOP_BUILD:-$BATS_TEST_DIRNAME/../build}"

@test "a reader sees one whole text, and none that is older than the last change" {
    run timeout 200 "$BUILD/testtool" control litmus 3 30000
    assert_success
    assert_output --regexp '^[0-9]{5,} reads, [0-9]+ gave up, 0 torn$'
}

@test "a writer that is killed at any instant leaves a whole text behind" {
    run timeout 200 "$BUILD/testtool" control killed 400
    assert_success
    assert_output "400 reads, 0 gave up, 0 torn"
}

@test "the pages have no data race" {
    [[ -x $BUILD/tsan/testtool ]] || skip "no sanitizer build (make san-builds)"
    run timeout 250 "$BUILD/tsan/testtool" control litmus 3 2000
    assert_success
    refute_output --partial "data race"
    run timeout 250 "$BUILD/tsan/testtool" control attribute 4 <<<$'a 1\nb 2\nc 3\na 4'
    assert_success
    refute_output --partial "data race"
}

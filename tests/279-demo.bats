# The demo shows what it promises.

bats_load_library bats-support
bats_load_library bats-assert

setup() {
    BUILD="${BELLHOP_BUILD:-$BATS_TEST_DIRNAME/../build}"
}

# part FROM TO: the lines between two lines of the demo.
part() {
    awk -v from="$1" -v to="$2" 'index($0, to) == 1 { on = 0 } on; index($0, from) == 1 { on = 1 }' \
        <<<"$output"
}

@test "the demo: what came to B goes on to C" {
    local parent=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
    run timeout 120 "$BATS_TEST_DIRNAME/demo" "$BUILD"
    assert_success
    assert_equal "$(part "without bellhop" "with bellhop")" \
        "  service B received
    baggage: user-id=user-12345,tenant-id=abcde
    traceparent: $parent
  service C received
    baggage: (none)
    traceparent: (none)"
    local all
    all=$(part "with bellhop" "the difference" | sed -n '/service C/,$p')
    assert_equal "$(sed -n 's/^ *baggage: //p' <<<"$all" | tr , '\n' | sort)" \
        $'service-b-processed=true\ntenant-id=abcde\nuser-id=user-12345'
    assert_equal "$(sed -n 's/^ *traceparent: //p' <<<"$all")" "$parent"
    assert_line --regexp "^    > baggage: .*user-id=user-12345"
}

@test "the demo: single programs carry what they are given" {
    run timeout 120 "$BATS_TEST_DIRNAME/demo" "$BUILD"
    assert_success
    assert_line --regexp "^  curl +\(none\) +user-id=user-12345,tenant-id=abcde$"
    assert_line --regexp "^  curl, with .* tenant-id=own,cart=7 +tenant-id=own,cart=7,user-id=user-12345$"
    assert_line --regexp "^  wget +\(none\) +user-id=user-12345,tenant-id=abcde$"
}

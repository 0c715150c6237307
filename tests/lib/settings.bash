# For the suites about settings files: what `bellhop check` says.
bats_load_library bats-support
bats_load_library bats-assert

BUILD="${BELLHOP_BUILD:-$BATS_TEST_DIRNAME/../build}"
[[ $BUILD == /* ]] || BUILD="$PWD/$BUILD"
BELLHOP="$BUILD/bellhop"
TOOL="$BUILD/testtool"
# shellcheck disable=SC2034 # for the suites
ROOT="$BATS_TEST_DIRNAME/.."

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

# check [TEXT]: the file f with this text, or with standard input.
check() {
    if (($#)); then printf '%s' "$1" >f; else cat >f; fi
    timeout 20 "$BELLHOP" check f 2>&1
}

# refuses TEXT MESSAGE...: an error each, in this order, and no others.
refuses() {
    run check "$1"
    assert_failure 1
    assert_output "$(printf '%s\n' "${@:2}")"
}

# accepts TEXT [WARNING...]
accepts() {
    run check "$1"
    assert_success
    assert_output "$(printf '%s\n' "${@:2}" 'f: ok' | sed '/^$/d')"
}

# ask SETTINGS QUESTION...: what the policy of these settings answers.
ask() {
    printf '%s' "$1" >f
    timeout 20 "$TOOL" rules f "${@:2}"
}

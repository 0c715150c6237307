#!/usr/bin/env bats
# The command as such: help, version, usage; and parse and format.
# shellcheck disable=SC2154  # bats sets stderr

bats_require_minimum_version 1.5.0
bats_load_library bats-support
bats_load_library bats-assert

BUILD="${BELLHOP_BUILD:-$BATS_TEST_DIRNAME/../build}"
[[ $BUILD == /* ]] || BUILD="$PWD/$BUILD"
BELLHOP="$BUILD/bellhop"
PYTHON=/usr/bin/python3
COMMANDS=(run parse format check explain doctor agent set unset clear get ps top metrics reload
    enable disable)

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

# parse LINE...: as JSON; printf escapes are read.
parse() { printf '%b\n' "$@" | "$BELLHOP" parse --json; }

# assert_parse EXPECTED LINE...
assert_parse() {
    run parse "${@:2}"
    assert_success
    assert_output "$1"
}

format() { printf '%s' "$1" | "$BELLHOP" format --json; }

@test "--help lists every command, and each has its own" {
    local name
    run "$BELLHOP" --help
    assert_success
    for name in "${COMMANDS[@]}"; do
        assert_line --regexp "^  $name "
        run "$BELLHOP" "$name" --help
        assert_success
        assert_line --index 0 --partial "Usage: bellhop $name "
        assert_output --partial 'Exit codes: '
        run "$BELLHOP" --help
    done
    assert_equal "$(grep -c '^  [a-z]' <<<"$output")" "${#COMMANDS[@]}"
}

@test "--version prints one line" {
    run "$BELLHOP" --version
    assert_success
    assert_output --regexp '^bellhop [0-9]+\.[0-9]+\.[0-9]+$'
}

@test "a wrong command line is told on standard error, with exit code 2" {
    local args
    for args in '' frobnicate '--frobnicate' 'parse --frobnicate' 'parse x' 'format' \
        'format --json x' \
        'format --frobnicate' 'check' 'check --frobnicate' 'run' 'run --frobnicate' \
        'run --baggage' 'run --' 'doctor' 'doctor --frobnicate' 'doctor a b'; do
        # shellcheck disable=SC2086  # words
        "$BELLHOP" $args >out 2>err </dev/null && return 1
        assert_equal "$args: $?" "$args: 2"
        assert_equal "$(cat out)" ""
        grep -q "Try 'bellhop.* --help'" err || { echo "of: $args" && return 1; }
    done
}

@test "output that cannot be written is an error" {
    run bash -c "printf 'a=1\n' | '$BELLHOP' parse --json >/dev/full"
    assert_failure 1
    assert_output --partial 'cannot write standard output'
    run bash -c "'$BELLHOP' --help >/dev/full"
    assert_failure 1
}

@test "parse: members with decoded values and metadata as sent, compact and in this order" {
    assert_parse \
        '{"members":[{"key":"a","value":"1 ü","metadata":""},{"key":"b","value":"","metadata":"p;q=%20"}],"dropped":0,"bytes":23}' \
        'a=1%20%C3%BC , b = ; p ;; q = %20 ;'
    assert_parse '{"members":[],"dropped":0,"bytes":0}' ''
    run "$BELLHOP" parse --json </dev/null
    assert_output '{"members":[],"dropped":0,"bytes":0}'
}

@test "parse: several lines are one list, also without a last newline (D14)" {
    assert_parse \
        '{"members":[{"key":"a","value":"1","metadata":""},{"key":"a","value":"2","metadata":""}],"dropped":0,"bytes":7}' \
        'a=1' '' 'a=2'
    run bash -c "printf 'a=1' | '$BELLHOP' parse --json"
    assert_output --partial '"key":"a"'
}

@test "parse: a carriage return makes a member malformed, it is no white space (F21)" {
    assert_parse \
        '{"members":[{"key":"b","value":"2","metadata":""}],"dropped":1,"bytes":3}' 'b=2,a=1\r'
}

@test "parse: NUL and other control characters of a value are JSON escapes (B10)" {
    assert_parse \
        '{"members":[{"key":"a","value":"\u0000\r\n,\"\\","metadata":""}],"dropped":0,"bytes":20}' \
        'a=%00%0D%0A%2C%22%5C'
    run bash -c "printf 'a=x%%00%%ff%%c0y\n' | '$BELLHOP' parse --json | '$PYTHON' -c '
import json, sys
print(ascii(json.load(sys.stdin)[\"members\"][0][\"value\"]))'"
    assert_output "'x\\x00\\ufffd\\ufffdy'"
}

@test "parse: with -0 a value ends with NUL, and a newline in it is malformed" {
    run bash -c "printf 'a=1\0b=2\nc=3,d=4\0' | '$BELLHOP' parse -0 --json"
    assert_output \
        '{"members":[{"key":"a","value":"1","metadata":""},{"key":"d","value":"4","metadata":""}],"dropped":1,"bytes":7}'
}

@test "parse: a table for people, in which nothing steers the terminal" {
    run bash -c \
        "printf 'user=J%%C3%%BCrgen;p=1,x=%%1b[2J%%c2%%9b%%00%%7f%%5c,broken\n' | '$BELLHOP' parse"
    assert_success
    assert_output 'user                     Jürgen  (p=1)
x                        \x1b[2J\x9b\x00\x7f\x5c
2 members, 44 bytes, 1 dropped'
}

@test "parse: any amount of input is read to its end, and the limits are kept (E20)" {
    run bash -c "head -c 3000000 /dev/zero | tr '\0' 'a' | '$BELLHOP' parse --json"
    assert_success
    assert_output --partial '{"members":[],"dropped":'
    run bash -c "seq -f 'k%g=1' 100 | '$BELLHOP' parse --json | '$PYTHON' -c '
import json, sys
got = json.load(sys.stdin)
print(len(got[\"members\"]), got[\"dropped\"])'"
    assert_output '64 36'
}

@test "format: the header value, encoded; what parse prints comes back" {
    run format \
        '{"members":[{"key":"a","value":"1 ü,%;\u0000"},{"key":"b","value":"","metadata":"p=1;q"}]}'
    assert_success
    assert_output 'a=1%20%C3%BC%2C%25%3B%00,b=;p=1;q'
    run bash -c \
        "printf 'a=1%%20x;p;;q = 2, b=%%C3%%BC,a=2\n' | '$BELLHOP' parse --json | '$BELLHOP' format --json"
    assert_output 'a=1%20x;p;q=2,b=%C3%BC,a=2'
}

@test "format: a member that cannot be sent is left out and named, the rest is printed (A2)" {
    run --separate-stderr format '{"members":[{"key":"a b","value":"1"},{"key":"c","value":"2"},
        {"key":"d","value":"","metadata":"x y"},{"key":"e","value":1},{"value":""},"x",
        {"key":"\u001b[2J","value":""}],"dropped":3}'
    assert_success
    assert_output 'c=2'
    assert_equal "$stderr" 'bellhop format: "a b" is left out: it is no valid key
bellhop format: "d" is left out: it has metadata that cannot be sent
bellhop format: "e" is left out: it needs "key", "value" and, if any, "metadata", all strings
bellhop format: "" is left out: it needs "key", "value" and, if any, "metadata", all strings
bellhop format: "" is left out: it needs "key", "value" and, if any, "metadata", all strings
bellhop format: "?[2J" is left out: it is no valid key'
}

@test "format: nothing to send prints nothing (D17)" {
    run format '{"members":[]}'
    assert_success
    assert_output ''
}

@test "format: whole members above the limits are left out, and named ten times at most (E19)" {
    "$PYTHON" -c \
        'import json; print(json.dumps({"members": [{"key": f"k{i}", "value": "v"} for i in range(90)]}))' \
        >many
    run --separate-stderr bash -c "'$BELLHOP' format --json <many"
    assert_success
    assert_equal "$(tr ',' '\n' <<<"$output" | wc -l)" 64
    assert_equal "$(wc -l <<<"$stderr")" 11
    assert_equal "${stderr_lines[-1]}" "bellhop format: 26 members are left out in all"
    "$PYTHON" -c \
        'import json; print(json.dumps({"members": [{"key": "a", "value": "x" * 8190}, {"key": "b", "value": " " * 3000}, {"key": "c", "value": ""}]}))' \
        >long
    run --separate-stderr bash -c "'$BELLHOP' format --json <long"
    assert_success
    assert_equal "${#output}" 8192
    assert_equal "$(wc -l <<<"$stderr")" 2
}

@test "format: what is no such JSON is an error with its place" {
    local text
    for text in '' '{' '[]' '{}' '{"members":{}}' '{"members":[]} x' 'null' \
        '{"members":[{"key":"a","value":"\ud800"}]}' \
        "$(printf '[%.0s' {1..5000})"; do
        run format "$text"
        assert_failure 1
        assert_output --partial 'bellhop format: '
    done
    run format $'{"members":\n[}'
    assert_output --partial 'line 2, column'
}

@test "format: members of the command line; what is legal stays, what is not is encoded" {
    run "$BELLHOP" format a=1 'b=x y;p=1;q' 'c=100%' 'd=%41' 'e=Jürgen' 'f=' 'g=a=b' ' h = v ; p ' \
        'i=a, b' 'j=a"b'
    assert_success
    assert_output 'a=1,b=x%20y;p=1;q,c=100%25,d=%41,e=J%C3%BCrgen,f=,g=a=b,h=v;p,i=a%2C%20b,j=a%22b'
    local bad
    for bad in novalue =1 'a b=1' 'a=1;x y' 'a=1,b=2' 'ä=1'; do
        run "$BELLHOP" format "$bad"
        assert_failure 2
        assert_output --partial "'${bad%%=*}' " # its key: values are nobody's to read
        [[ $bad != *=* ]] || refute_output --partial "'$bad"
    done
}

@test "every vector of the codec holds through parse and format" {
    run "$PYTHON" "$BATS_TEST_DIRNAME/tool/cli_vectors.py" \
        "$BATS_TEST_DIRNAME/data/baggage.vectors" "$BELLHOP"
    assert_success
    assert_line --index 0 --regexp '^[0-9]{3,} vectors, 0 failed$'
}

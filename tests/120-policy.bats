#!/usr/bin/env bats
# Which member may leave for which host (DESIGN.md 1, P8), asked of the policy alone.

bats_load_library bats-support
bats_load_library bats-assert

BUILD="${BELLHOP_BUILD:-$BATS_TEST_DIRNAME/../build}"
[[ $BUILD == /* ]] || BUILD="$PWD/$BUILD"
TOOL="$BUILD/testtool"
PYTHON=/usr/bin/python3
B="user-id=1,tenant-id=2,tenant-name=3"

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

# decide HOST PORT ADDRESS RULE...: the deciding rule's number and what may go; - for an empty field.
decide() {
    printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$B" |
        "$TOOL" policy decide "${@:4}" | tr '\t' ' '
}

# assert_decide EXPECTED HOST PORT ADDRESS RULE...
assert_decide() {
    run decide "${@:2}"
    assert_output "$1"
}

# split HOW TEXT: "host port" or "-".
split() { printf '%s\n' "$2" | "$TOOL" policy "$1" | tr '\t' ' '; }

# assert_split HOW EXPECTED TEXT...
assert_split() {
    local text
    for text in "${@:3}"; do
        assert_equal "$text: $(split "$1" "$text")" "$text: $2"
    done
}

# hosts PATTERN...: what is wrong with each.
hosts() { printf '%s\n' "$@" | "$TOOL" policy hosts; }

@test "without rules everything goes everywhere" {
    assert_decide "open $B" service-b 80 -
    assert_decide "open $B" - 0 -
}

@test "the first rule that matches wins, and no match means nothing" {
    local rules=("a=user-id" "*.example=tenant-*" "a,b=*")
    assert_decide "0 user-id=1" a 80 - "${rules[@]}"
    assert_decide "1 tenant-id=2,tenant-name=3" x.example 80 - "${rules[@]}"
    assert_decide "2 $B" b 80 - "${rules[@]}"
    assert_decide "none " c 80 - "${rules[@]}"
}

@test "a rule without keys sends nothing, also before a rule that would" {
    assert_decide "0 " a 80 - "a=" "*=*"
    assert_decide "1 $B" b 80 - "a=" "*=*"
}

@test "a name matches in any letter case and with a trailing dot on either side" {
    local host pattern
    for host in service-b.example SERVICE-B.example service-b.example.; do
        for pattern in service-b.example Service-B.EXAMPLE service-b.example.; do
            assert_decide "0 $B" "$host" 80 - "$pattern=*"
        done
    done
    assert_decide "none " service-b 80 - "service-b.example=*"
}

@test "*.example.com is every name below, at any depth, and nothing else" {
    local host
    for host in a.example.com b.a.Example.com a.example.com.; do
        assert_decide "0 $B" "$host" 80 - "*.example.com=*"
    done
    for host in example.com xexample.com a.example.com.evil a.example.org .example.com; do
        run decide "$host" 80 - "*.example.com=*"
        assert_output "none " || { echo "of: $host" && return 1; }
    done
}

@test "an address matches by value, however it is spelled" {
    local host
    for host in 127.0.0.1 127.1 0x7f.1 0177.0.0.1 2130706433 0x7f000001 ::ffff:127.0.0.1 \
        '[::ffff:7f00:1]' 0.0.0.0; do
        assert_decide "0 " "$host" 80 - "127.0.0.1=" "*=*"
        assert_decide "0 " "$host" 80 - "127.0.0.0/8=" "*=*"
        assert_decide "0 " "$host" 80 - "::ffff:127.0.0.1=" "*=*"
    done
    for host in ::1 0:0:0:0:0:0:0:1 '[::1]' ::0001 ::; do
        assert_decide "0 " "$host" 80 - "::1=" "*=*"
        assert_decide "1 $B" "$host" 80 - "127.0.0.1=" "*=*"
    done
}

@test "a network holds its addresses to the bit, and IPv4 is not in ::/0" {
    assert_decide "0 $B" 10.255.255.255 80 - "10.0.0.0/8=*"
    assert_decide "none " 11.0.0.0 80 - "10.0.0.0/8=*"
    assert_decide "0 $B" 10.0.0.129 80 - "10.0.0.128/25=*"
    assert_decide "none " 10.0.0.127 80 - "10.0.0.128/25=*"
    assert_decide "0 $B" fd00::1 80 - "fd00::/9=*"
    assert_decide "0 $B" fd7f::1 80 - "fd00::/9=*"
    assert_decide "none " fd80::1 80 - "fd00::/9=*"
    assert_decide "none " 10.0.0.1 80 - "::/0=*"
    assert_decide "none " ::1 80 - "0.0.0.0/0=*"
    assert_decide "0 $B" ::1 80 - "::/0=*"
}

@test "a name matches a network by the address that its connection goes to" {
    assert_decide "0 $B" service-b 80 10.1.2.3 "10.0.0.0/8=*"
    assert_decide "0 $B" service-b 80 ::ffff:10.1.2.3 "10.0.0.0/8=*"
    assert_decide "none " service-b 80 11.1.2.3 "10.0.0.0/8=*"
    assert_decide "1 $B" service-b 80 11.1.2.3 "10.0.0.0/8=" "*=*"
    assert_decide "0 $B" service-b 80 fe80::1%eth0 "fe80::/10=*"
}

@test "where the address is not known, a member goes only if it may in both cases" {
    assert_decide "1 " service-b 80 - "10.0.0.0/8=" "*=*"
    assert_decide "1 user-id=1" service-b 80 - "10.0.0.0/8=user-id" "*=*"
    assert_decide "1 user-id=1" service-b 80 - "10.0.0.0/8=*" "*=user-id"
    assert_decide "none " service-b 80 - "10.0.0.0/8=*"
    # A rule that decides earlier leaves no doubt.
    assert_decide "0 $B" service-b 80 - "service-b=*" "10.0.0.0/8="
}

@test "a port in a pattern must be the target's" {
    assert_decide "0 $B" a 8080 - "a:8080=*"
    assert_decide "none " a 80 - "a:8080=*"
    assert_decide "0 $B" ::1 8080 - "[::1]:8080=*"
    assert_decide "none " ::1 80 - "[::1]:8080=*"
    assert_decide "0 $B" fd00::5 8080 - "[fd00::/8]:8080=*"
    assert_decide "0 $B" 10.9.9.9 8080 - "10.0.0.0/8:8080=*"
    assert_decide "1 user-id=1" 10.9.9.9 80 - "10.0.0.0/8:8080=*" "*:80=user-id"
}

@test "a port that is not known is a doubt, for a pattern with one only" {
    assert_decide "0 $B" a 0 - "a=*"
    assert_decide "none " a 0 - "a:80=*"
    assert_decide "1 user-id=1" a 0 - "a:80=user-id" "*=*"
}

@test "a request that names another port than its connection has may be for either" {
    assert_decide "0 $B" a 80 10.1.2.3@8080 "a=*"
    assert_decide "1 user-id=1" a 80 10.1.2.3@8080 "a:8080=user-id" "*=*"
    assert_decide "1 user-id=1" a 80 10.1.2.3@8080 "a:80=user-id" "*=*"
    assert_decide "1 user-id=1" a 80 10.1.2.3@8080 "*:8080=user-id" "*=*"
    assert_decide "1 $B" a 80 10.1.2.3@8080 "a:8081=user-id" "*=*"
    # What is said of an address is said of the connection.
    assert_decide "0 user-id=1" a 80 10.1.2.3@8080 "10.0.0.0/8:8080=user-id" "*=*"
    assert_decide "1 user-id=1" a 80 10.1.2.3@8080 "10.0.0.0/8:80=user-id" "*=*"
    assert_decide "1 $B" a 80 10.1.2.3@8080 "10.0.0.0/8:8081=user-id" "*=*"
    assert_decide "1 user-id=1" 10.1.2.4 80 10.1.2.3@8080 "10.1.2.4:80=user-id" "*=*"
    assert_decide "0 user-id=1" 10.1.2.3 80 10.1.2.3@8080 "10.1.2.3:8080=user-id" "*=*"
    assert_decide "0 user-id=1" a 8080 10.1.2.3@8080 "a:8080=user-id" "*=*"
}

@test "a host that is not ASCII, or not a host at all, gets what every rule by name lets go" {
    local host
    for host in bücher.example 'b%c3%bccher.example' 'a@b' 'a b' -; do
        run decide "${host}" 80 - "xn--bcher-kva.example=" "*=*"
        assert_output "1 " || { echo "of: $host" && return 1; }
        run decide "${host}" 80 - "*.example=user-id" "*=*"
        assert_output "1 user-id=1" || { echo "of: $host" && return 1; }
        run decide "${host}" 80 - "xn--bcher-kva.example=*"
        assert_output "none "
    done
    assert_decide "0 $B" bücher.example 80 - "*=*"
}

@test "keys match exactly or by prefix, in their own letter case" {
    assert_decide "0 user-id=1" a 80 - "a=user-id"
    assert_decide "0 " a 80 - "a=User-Id"
    assert_decide "0 " a 80 - "a=user"
    assert_decide "0 tenant-id=2,tenant-name=3" a 80 - "a=tenant-*"
    assert_decide "0 user-id=1" a 80 - "a=user-id*"
    assert_decide "0 $B" a 80 - "a=*"
}

@test "all members with one key are judged alike (D16)" {
    B="k=1,other=2,k=3"
    assert_decide "0 k=1,k=3" a 80 - "a=k"
}

@test "64 members are judged, each for itself" {
    B=$(printf 'k%d=v,' {1..63})last=1
    assert_decide "0 k9=v,last=1" a 80 - "a=last,k9"
    assert_decide "0 $B" a 80 - "a=*"
}

@test "random rules and targets are decided as a second implementation decides them" {
    run "$PYTHON" "$BATS_TEST_DIRNAME/tool/policy_oracle.py" "$TOOL" 7 400
    assert_success
}

@test "URLs: host and port, with the scheme's default" {
    assert_split url "a 80" http://a http://a/ http://a:80/x HTTP://a 'http://a?x' 'http://a#x' \
        ws://a \
        http://a:/ http://u:p@a/ http://a./
    assert_split url "a 443" https://a wss://a/ https://a:443
    assert_split url "a 8080" http://a:8080 'https://u@a:8080/x:9?y@z'
    assert_split url "=00000000000000000000000000000001 80" 'http://[::1]/' \
        'http://[::1%25lo]:80/' \
        'http://[0:0::0:1]'
    assert_split url "Service_B.example 80" http://Service_B.example
}

@test "URLs that have been read in two ways are refused" {
    # shellcheck disable=SC1003  # a backslash, no escape
    assert_split url "-" '' / /path '*' a:80 //a/ http: http:/ http:/a/ http:// http:/// \
        'http:\\a\' \
        'http://good@evil@third/' 'http://good\@evil/' 'http://a\b/' 'http://a b/' 'http:// a/' \
        'http://a%2eb/' 'http://%61/' 'http://a:b/' 'http://a:80:81/' 'http://a:65536/' \
        'http://a:0/' 'http://a:-1/' 'http://a:+80/' 'http://[::1' 'http://[::1]x/' 'http://[a]/' \
        'http://[127.0.0.1]/' 'http://::1/' 'http://a..b/' 'http://.a/' 'http://a../' \
        'http://127.0.0.1./' 'ftp://a/' 'mailto:a@b' 'http://@/' $'http://a\t/' 'http://a;b/' \
        'http://a*/'
}

@test "tricks with user names, fragments and backslashes do not pass for another host" {
    assert_split url "evil 80" http://good@evil/ http://good:80@evil/ http://good%2f@evil/
    assert_split url "good 80" 'http://good#@evil/' 'http://good?@evil/' 'http://good/@evil/' \
        'http://good/\@evil'
}

@test "authorities: host, and port or the default" {
    assert_split authority "a 80" a a:80 a: a.
    assert_split authority "a 8080" a:8080
    assert_split authority "=00000000000000000000000000000001 8080" '[::1]:8080'
    assert_split authority "-" '' : :80 ::1 u@a a/b 'a b' ' a' '[::1]8080' '[::1]x:80' '[]' 'a:b' \
        'a,b'
}

@test "URLs without a scheme: libcurl's way, with the port unknown" {
    assert_split bare "a 0" a a/ a/b 'a?x' u@a
    assert_split bare "localhost 8080" localhost:8080 localhost:8080/x
    assert_split bare "-" '' /a //a http:/a http://a a: a:b mailto:x
}

@test "libcurl never goes to another host than the one that is judged" {
    run "$PYTHON" "$BATS_TEST_DIRNAME/tool/policy_urls.py" "$TOOL" "$BUILD/apps/curl-urlparse" \
        3 20000
    assert_success
}

@test "a pattern that cannot match what it seems to is refused in words" {
    run hosts 'a' '*' '*.a' '*:80' '10.0.0.0/8' '[::1]:80' '::1' 'fd00::/8' '[fd00::/8]:80' 'a_b.c.'
    refute_line --regexp '^[^o]'
    run hosts '' 'http://a/' 'a:0' 'a:99999' 'a:x' '*a' 'a.*' '**' 'ä' 'a b' 'a/8' '10.0.0.0/33' \
        '10.1.0.0/8' '127.1' '1.2.3.256' '0x7f.1' '[a]' '[::1' '[::1]80' 'a..b' '*.' '[10.0.0.1]' \
        '::1/129'
    refute_line ok
    assert_equal "${#lines[@]}" 23
    run hosts "$(printf 'a%.0s' {1..254})"
    assert_output --partial "longer"
}

@test "key patterns are tokens with a * at the end at most" {
    local keys
    keys=$(printf '%s\n' 'a' 'a*' '*' "!#\$%&'+-.^_\`|~9Z" | "$TOOL" policy keys | sort -u)
    assert_equal "$keys" "ok"
    keys=$(printf '%s\n' '' 'a*b' '**' 'a b' 'ä' 'a=b' 'a,b' '"a"' | "$TOOL" policy keys |
        grep -c '^ok$' || true)
    assert_equal "$keys" 0
}

# members LINE...: the answers, then `set`, then `default`.
members() { printf '%b\n' "$@" | "$TOOL" policy members; }

@test "set and default hold members that are encoded and legal" {
    run members 'set\ta\tplain text, 100 %\t' 'default\tb\tü\tp=1;q' 'set\tc\t\t' 'set\td\t1\r2\t'
    assert_output "ok
ok
ok
ok
a=plain%20text%2C%20100%20%25,c=,d=1%0D2
b=%C3%BC;p=1;q"
}

@test "a bad member leaves the lists as they were" {
    run members 'set\ta\t1\t' 'set\ta\t2\t' 'set\t\t1\t' 'set\tb c\t1\t' 'set\tb\t1\tx y=\x22' \
        'default\ta\t3\t'
    assert_output "ok
EEXIST
EINVAL
EINVAL
EINVAL
ok
a=1
a=3"
}

@test "set and default together keep to one list's limits (E18)" {
    local lines=() i
    for i in {1..33}; do lines+=("set\ts$i\t$i\t" "default\td$i\t$i\t"); done
    run members "${lines[@]}"
    assert_equal "$(grep -c '^ok$' <<<"$output")" 64
    assert_equal "$(grep -c '^E2BIG$' <<<"$output")" 2
    local long
    long=$(printf 'x%.0s' {1..8190})
    run members "set\ta\t$long\t" "default\tb\t\t"
    assert_equal "${lines[0]} ${lines[1]}" "ok E2BIG"
    run members "set\ta\t${long}xxx\t" "default\tb\t\t"
    assert_equal "${lines[0]} ${lines[1]}" "E2BIG ok"
}

@test "a thousand rules decide in microseconds" {
    run "$TOOL" policy duration 1000
    assert_success
    # About 7 here; the bound leaves room for a slow machine and sanitizers.
    ((output < 200000))
}

@test "the sanitizers find nothing on the way" {
    local tool="$BUILD/asan/testtool"
    run "$PYTHON" "$BATS_TEST_DIRNAME/tool/policy_oracle.py" "$tool" 11 80
    assert_success
    run "$PYTHON" "$BATS_TEST_DIRNAME/tool/policy_urls.py" "$tool" "$BUILD/apps/curl-urlparse" \
        5 3000
    assert_success
    printf '%s\n' '' '*' '[' '[]' '[::1' '[::1]:' '/' ':' ':80' '.' '*.' '10.0.0.0/' '[::/0]:1' >in
    "$tool" policy hosts <in
    "$tool" policy keys <in
    printf 'set\ta\t1\t\ndefault\tb\t2\tp;q=1\nset\t\t\t\n' | "$tool" policy members
}

@test "when any allocation fails, there is no policy and no harm" {
    local n end=0
    for n in {1..40}; do
        run env FAIL_AT="$n" LD_PRELOAD="$BUILD/apps/libnomem.so" "$TOOL" policy decide \
        "a,*.b=user-id" \
            "10.0.0.0/8=*,k*" "*=" <<<$'a\t80\t-\tuser-id=1'
        if [[ $output == *"no memory"* ]]; then
            assert_equal "$status" 3
        else
            assert_success
            assert_output $'0\tuser-id=1'
            end=$n
            break
        fi
    done
    # Some failed, then one ran to its end.
    ((end > 3))
}

#!/usr/bin/env bats
# How sure a request has to be before its baggage leaves (DESIGN.md 5), and which headers are carried
# on as they are: what settings say, and what is built in.

load lib/settings
B="user-id=1,tenant-id=2,tenant-name=3,region=4"

# levels SETTINGS EXE...: the level of each.
levels() { ask "$1" confidence "${@:2}" | cut -f1 | paste -sd' '; }

# released SETTINGS LEAST: "level list" of each level.
released() { ask "$1" released "$2" "$B" | tr '\t' ' '; }

@test "without settings a program is live, but for those that are known" {
    run "$TOOL" rules - confidence /usr/bin/php /usr/bin/php8.2 /usr/sbin/php-fpm8.2 php-cgi7.4 \
        /usr/bin/python3 phpx php-8 /usr/bin/php/other '' nginx haproxy
    assert_success
    assert_equal "$(cut -f1 <<<"$output" | paste -sd' ')" \
        "immediate immediate immediate immediate live live live live live live live"
    assert_line --regexp $'^immediate\t.+'
}

@test "confidence says it for all programs, auto for none" {
    assert_equal "$(levels 'confidence = "sole";' /usr/bin/php python3)" "sole sole"
    assert_equal "$(levels 'confidence = "live";' /usr/bin/php python3)" "live live"
    assert_equal "$(levels 'confidence = "auto";' /usr/bin/php python3)" "immediate live"
}

@test "the first profile that has the program wins, before confidence and what is built in" {
    local settings='confidence = "sole"; profiles = (
        { programs = [ "php7*", "/opt/*/bin/node" ]; confidence = "live"; },
        { programs = [ "php*", "node" ]; confidence = "weak"; } );'
    assert_equal "$(levels "$settings" /usr/bin/php7.4 /usr/bin/php8.2 /opt/a/bin/node \
        /usr/bin/node node ruby)" "live weak live weak weak sole"
}

@test "program patterns know *, ?, sets and backslashes" {
    local program pattern
    while read -r pattern program; do
        run levels "profiles = ( { programs = [ \"$pattern\" ]; confidence = \"weak\"; } );" \
            "$program"
        assert_output weak
    done <<'CASES'
*                      a
a*b*c                  aXbXbc
a*b*c                  abc
?b                     ab
[a-c]x[^0-9]           bxy
[]]                    ]
[^]]                   x
a\\*                   a*
[\\]a]                 a
/usr/*/b               /usr/x/y/b
CASES
    while read -r pattern program; do
        run levels "profiles = ( { programs = [ \"$pattern\" ]; confidence = \"weak\"; } );" \
            "$program"
        assert_output live
    done <<'CASES'
a                      ab
a*b                    abc
?                      ab
[a-c]                  d
[^a-c]                 b
a\\*                   aa
/usr/b                 b
CASES
}

@test "a pattern of many stars ends in no time on a long name" {
    local program pattern
    program=/$(printf 'a%.0s' {1..60000})
    pattern=$(printf '*a%.0s' {1..100})b
    assert_equal \
        "$(levels "profiles = ( { programs = [ \"$pattern\" ]; confidence = \"weak\"; } );" \
            "$program")" live
}

@test "a request's members apply from the process's level on" {
    local level below=1
    for level in none weak sole resumed immediate live; do
        [[ $level == none ]] && continue
        run released '' "$level"
        assert_equal "$(grep -c "$B" <<<"$output")" $((6 - below))
        below=$((below + 1))
        assert_line "$level $B"
        assert_line "none "
    done
}

@test "a key may have a level of its own, higher or lower" {
    run released 'members = ( { keys = [ "tenant-id" ]; confidence = "live"; },
        { keys = [ "tenant-*", "region" ]; confidence = "weak"; } );' resumed
    assert_output "none 
weak tenant-name=3,region=4
sole tenant-name=3,region=4
resumed user-id=1,tenant-name=3,region=4
immediate user-id=1,tenant-name=3,region=4
live $B"
}

@test "members of one key are judged alike, 64 of them too (D16)" {
    local i many=""
    for i in {1..32}; do many+="a=$i,b=$i,"; done
    printf 'members = ( { keys = [ "b" ]; confidence = "weak"; } );' >f
    run "$TOOL" rules f released live "${many%,}"
    assert_equal "$(sed -n 's/^weak\t//p' <<<"$output" | tr ',' '\n' | sort | uniq -c | wc -l)" 32
    assert_equal "$(sed -n 's/^weak\t//p' <<<"$output" | tr -cd a)" ""
    assert_equal "$(sed -n 's/^live\t//p' <<<"$output")" "${many%,}"
}

@test "without forward there is nothing to look for; with it, the headers that it names" {
    assert_equal "$(ask '' watch)" ""
    assert_equal "$("$TOOL" rules - watch)" ""
    assert_equal "$(ask 'forward = [ "X-Request-ID", "x-b3-traceid" ];' watch)" \
        ">X-Request-ID
>x-b3-traceid"
}

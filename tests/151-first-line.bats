#!/usr/bin/env bats
# Outbound rules that ask for method and path, as the sending side answers them: the same for every
# cut, every part of an offer that is taken, and after offers that were not taken.

load lib/settings

BAGGAGE="user-id=1,tenant-id=2"
export BAGGAGE

# went STREAM: "METHOD TARGET baggage" for each request of it (with escapes), however cut.
went() {
    printf %b "$1" | timeout 120 "$TOOL" line rules 2>ways >wire || { cat wire && return 1; }
    [[ $(cat ways) =~ ^[0-9]{3,}\ ways$ ]]
    tr -d '\r' <wire | awk '
        / HTTP\/1\.[01]$/ { if (line) print line, (found ? found : "-"); line = $1 " " $2; found = "" }
        tolower($1) == "baggage:" { found = $2 }
        END { print line, (found ? found : "-") }'
}

# rules RULE...: the settings.
rules() {
    local IFS=,
    echo "outbound = ( $* );" >rules
}

# each EXPECTED METHOD TARGET...: one request each.
each() {
    local target
    for target in "${@:3}"; do
        assert_equal "$(went "$2 ${target//\\/\\\\} HTTP/1.1\r\nHost: h\r\n\r\n")" "$2 $target $1"
    done
}

@test "a method is itself, in its own letters, and any token" {
    rules '{ hosts = [ "*" ]; methods = [ "GET", "X-1" ]; keys = [ "user-id" ]; }' \
        '{ hosts = [ "*" ]; keys = [ "tenant-id" ]; }'
    local method
    for method in GET X-1; do each user-id=1 "$method" / '*' http://h/; done
    for method in get GETS GE POST HEAD X-12 '#' OPTIONS MKCOL; do each tenant-id=2 "$method" /; done
}

@test "a path is told apart from its query, in origin and in absolute form" {
    rules '{ hosts = [ "*" ]; paths = [ "/a/*", "/top" ]; keys = [ "user-id" ]; }' \
        '{ hosts = [ "*" ]; keys = [ "tenant-id" ]; }'
    each user-id=1 GET /a/b /a/ '/a/b?c=/d' '/a/b?' '/a/b#c' /top '/top?/../' http://h/a/b \
        'http://u@h:80/top?x' HTTPS://h/a/b
    each tenant-id=2 GET / /a /a/b/c '/?/a/b' http://h/ http://h 'http://h?/a/b' /TOP /top/
}

@test "a path that can be read in two ways, and no path, get what goes in both cases" {
    rules '{ hosts = [ "*" ]; paths = [ "/a/**" ]; keys = [ "user-id" ]; }' \
        '{ hosts = [ "*" ]; keys = [ "user-id", "tenant-id" ]; }'
    each user-id=1 GET /x/../a /x/./a //a /b/%61 '/b\a' /b%2fa /b/%2e%2e/a /% /b/%6 \
        /caf%c3%a9 http://h/../a '*' a/b $'/caf\xc3\xa9'
    each "$BAGGAGE" GET /caf%C3%A9 /b%20c
    rules '{ hosts = [ "*" ]; paths = [ "/a/**" ]; keys = [ ]; }' '{ hosts = [ "*" ]; keys = [ "*" ]; }'
    each - GET /x/../a '*' a/b
}

@test "each request of a connection is judged by its own line" {
    rules '{ hosts = [ "*" ]; methods = [ "GET" ]; paths = [ "/a/**" ]; keys = [ "user-id" ]; }' \
        '{ hosts = [ "*" ]; methods = [ "POST" ]; keys = [ "tenant-id" ]; }' \
        '{ hosts = [ "*" ]; keys = [ ]; }'
    run went 'GET /a/1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /a/1 HTTP/1.1\r\nContent-Length: 22\r\nHost: h\r\n\r\nGET /a/2 HTTP/1.1\r\n\r\n\r\n\r\n\r\nGET /b?/a/3 HTTP/1.0\nHost: h\n\nGET /a/4 HTTP/1.1\nHost: h\n\n'
    assert_output 'GET /a/1 user-id=1
POST /a/1 tenant-id=2
GET /a/2 -
GET /b?/a/3 -
GET /a/4 user-id=1'
}

@test "members that are merged into the program's own are judged by its line as well" {
    rules '{ hosts = [ "*" ]; methods = [ "PUT" ]; paths = [ "/a" ]; keys = [ "user-id" ]; }' \
        '{ hosts = [ "*" ]; keys = [ "tenant-id" ]; }'
    run went 'PUT /a HTTP/1.1\r\nHost: h\r\nBaggage: o=1\r\nContent-Length: 0\r\n\r\nGET /a HTTP/1.1\r\nHost: h\r\nbaggage: o=2\r\n\r\n'
    assert_output 'PUT /a o=1,user-id=1
GET /a o=2,tenant-id=2'
    # Who names baggage before the host gets what goes everywhere.
    run went 'PUT /a HTTP/1.1\r\nbaggage: o=1\r\nHost: h\r\n\r\n'
    assert_output 'PUT /a o=1'
}

@test "a tunnel gets nothing, and neither does what is no HTTP" {
    rules '{ hosts = [ "*" ]; methods = [ "CONNECT", "GET" ]; keys = [ "*" ]; }'
    run went 'GET / HTTP/1.1\r\nHost: h\r\n\r\nCONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n'
    assert_output "GET / $BAGGAGE
CONNECT h:443 -
GET / -"
    run went 'GET / HTTP/2.0\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n'
    assert_output "GET / -"
}

# long LENGTH: a request for a path of so many bytes.
long() { printf '%s' "GET /$(printf "%0$(($1 - 1))d" 0) HTTP/1.1\r\nHost: h\r\n\r\n"; }

@test "a path that is too long to keep is unknown, cut or not; a query may be of any length" {
    rules '{ hosts = [ "*" ]; paths = [ "/a" ]; keys = [ ]; }' '{ hosts = [ "*" ]; keys = [ "user-id" ]; }'
    # Method, path, and what ends it, are 1012 bytes.
    run went "$(long 1007)"
    assert_output --partial " user-id=1"
    run went "$(long 1008)"
    assert_output --partial " -"
    run went "GET /b?$(printf '%01500d' 0) HTTP/1.1\r\nHost: h\r\n\r\n"
    assert_output --partial " user-id=1"
    run went "GET /a?$(printf '%01500d' 0) HTTP/1.1\r\nHost: h\r\n\r\n"
    assert_output --partial " -"
    # The method is known all the same.
    rules '{ hosts = [ "*" ]; methods = [ "POST" ]; paths = [ "/a" ]; keys = [ ]; }' \
        '{ hosts = [ "*" ]; methods = [ "GET" ]; keys = [ "user-id" ]; }'
    run went "$(long 1100)"
    assert_output --partial " user-id=1"
}

@test "more heads on their way than can be kept: what is unknown is held back, and nothing else" {
    rules '{ hosts = [ "*" ]; paths = [ "/b" ]; keys = [ ]; }' '{ hosts = [ "*" ]; keys = [ "*" ]; }'
    run "$TOOL" line rules 500 <<<$'GET /abc HTTP/1.1\r\nHost: h\r\n\r'
    assert_output "500 of 500"
    run "$TOOL" line rules 2000 <<<$'GET /abc HTTP/1.1\r\nHost: h\r\n\r'
    assert_output "512 of 2000"
    run "$TOOL" line rules 2000 <<<$'GET /b HTTP/1.1\r\nHost: h\r\n\r'
    assert_output "0 of 2000"
}

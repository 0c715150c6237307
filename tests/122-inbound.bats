#!/usr/bin/env bats
# What comes in with a request (`inbound`, `edge`), and which members are made of it (`make`).

load lib/settings
B="user-id=1,tenant-id=2,tenant-name=3"

# serve SETTINGS PEER PORT TARGET LINE...: "in ...", "made ..." and "lines ...".
serve() {
    printf '%s' "$1" >f
    {
        printf 'GET %s HTTP/1.1\n' "$4"
        printf '%s\n' "${@:5}"
    } | timeout 20 "$TOOL" rules f inbound "$2" "$3"
}

# trust SETTINGS PEER PORT: what of $B is let in.
trust() { serve "$1" "$2" "$3" / "baggage: $B" | sed -n 's/^in //p'; }

# make_of RULE LINE...: what a rule (without its key k) makes of a head.
make_of() { serve "make = ( { key = \"k\"; $1 } );" 192.0.2.1 80 / "${@:2}" | sed -n 's/^made //p'; }

# made_from TARGET RULE: the same of a target.
made_from() { serve "make = ( { key = \"k\"; $2 } );" - 0 "$1" | sed -n 's/^made //p'; }

@test "without rules everything comes in" {
    assert_equal "$(trust '' 192.0.2.1 80)" "$B"
    assert_equal "$(trust 'inbound = ( ); edge = false;' - 0)" "$B"
}

@test "the first trust rule for the peer and the port wins, and no rule means nothing" {
    local rules='inbound = ( { peers = [ "10.0.0.0/8", "::1" ]; keys = [ "user-id" ]; },
        { ports = [ 8080, 8081 ]; keys = [ "tenant-*" ]; },
        { peers = [ "unix" ]; keys = [ "*" ]; },
        { peers = [ "192.0.2.1" ]; ports = [ 80 ]; keys = [ "*" ]; } );'
    assert_equal "$(trust "$rules" 10.1.2.3 8080)" "user-id=1"
    assert_equal "$(trust "$rules" ::ffff:10.1.2.3 80)" "user-id=1"
    assert_equal "$(trust "$rules" ::1 1)" "user-id=1"
    assert_equal "$(trust "$rules" 192.0.2.1 8081)" "tenant-id=2,tenant-name=3"
    assert_equal "$(trust "$rules" 192.0.2.1 80)" "$B"
    assert_equal "$(trust "$rules" 192.0.2.1 81)" ""
    assert_equal "$(trust "$rules" unix 0)" "$B"
}

@test "what is not known of the peer or the port only takes away (P8)" {
    local rules='inbound = ( { peers = [ "10.0.0.0/8" ]; keys = [ "user-id" ]; },
        { ports = [ 80 ]; keys = [ "*" ]; }, { keys = [ "user-id", "tenant-id" ]; } );'
    assert_equal "$(trust "$rules" - 80)" "user-id=1"
    assert_equal "$(trust "$rules" - 0)" "user-id=1"
    assert_equal "$(trust "$rules" 192.0.2.1 0)" "user-id=1,tenant-id=2"
    assert_equal "$(trust 'inbound = ( { peers = [ "10.0.0.0/8" ]; keys = [ "*" ]; } );' - 80)" ""
    assert_equal "$(trust 'inbound = ( { peers = [ "10.0.0.0/8" ]; keys = [ ]; },
        { peers = [ "*" ]; keys = [ "*" ]; } );' - 80)" ""
    assert_equal "$(trust 'inbound = ( { peers = [ "10.0.0.0/8" ]; keys = [ ]; },
        { keys = [ "*" ]; } );' rubbish 80)" ""
}

@test "an edge lets nothing in, and makes members all the same" {
    run serve 'edge = true; make = ( { key = "user-id"; header = "X-User-ID"; } );' 10.0.0.1 80 / \
        "baggage: $B" 'x-user-id: u7'
    assert_line "in "
    assert_line "made user-id=u7"
}

@test "a header becomes a member, encoded as it must be" {
    assert_equal "$(make_of 'header = "X-User-ID";' 'x-uSER-id: u 7,;"=%')" "k=u%207%2C%3B%22=%25"
    assert_equal "$(make_of 'header = "X-User-ID";' 'X-User: u')" ""
    assert_equal "$(make_of 'header = "X-User-ID";' 'X-User-ID: ')" ""
    assert_equal "$(make_of 'header = "X-User-ID";' $'X-User-ID: \xff\x01')" "k=%FF%01"
}

@test "a header that is there twice makes a member only if both say the same" {
    assert_equal "$(make_of 'header = "x";' 'x: 1' 'X: 1')" "k=1"
    assert_equal "$(make_of 'header = "x";' 'x: 1' 'X: 2')" ""
    assert_equal "$(make_of 'header = "x";' 'x: 1' 'X: 2' 'X: 1')" ""
}

@test "a cookie becomes a member, wherever it stands" {
    local cookies='Cookie: a=1; tenant="t 7"; b=x=y'
    assert_equal "$(make_of 'cookie = "tenant";' "$cookies")" "k=t%207"
    assert_equal "$(make_of 'cookie = "b";' "$cookies")" "k=x=y"
    assert_equal "$(make_of 'cookie = "A";' "$cookies")" ""
    assert_equal "$(make_of 'cookie = "c";' "$cookies" 'cookie: c=9')" "k=9"
    assert_equal "$(make_of 'cookie = "a";' "$cookies" 'cookie: a=2')" ""
    assert_equal "$(make_of 'cookie = "a";' 'Cookie: a' 'Cookie: ;;; =;a ;')" ""
    # Cookies and the header that brings them, at once.
    assert_equal "$(serve 'make = ( { key = "c"; cookie = "a"; }, { key = "h"; header = "cookie"; } );' \
        - 0 / 'cookie: a=1' | sed -n 's/^made //p')" "c=1,h=a=1"
}

@test "a parameter of the query becomes a member, decoded once" {
    local rule='query = "ten ant";'
    assert_equal "$(made_from '/p?x=1&ten+ant=a%20b%2Bc+d#f' "$rule")" "k=a%20b+c%20d"
    assert_equal "$(made_from '/p?ten%20%61nt=%2541' "$rule")" "k=%2541"
    assert_equal "$(made_from '/p?ten%20ant=1&ten+ant=1' "$rule")" "k=1"
    assert_equal "$(made_from '/p?ten%20ant=1&ten+ant=2' "$rule")" ""
    assert_equal "$(made_from 'http://host/p?ten+ant=7' "$rule")" "k=7"
    assert_equal "$(made_from '/p?ten+ant=%zz%0a' "$rule")" "k=%25zz%0A"
    assert_equal "$(made_from '/p?ten+ant' "$rule")" ""
    assert_equal "$(made_from '/p#?ten+ant=1' "$rule")" ""
}

@test "a part of the path becomes a member" {
    local rule='path = "/tenants/{}/**";'
    assert_equal "$(made_from /tenants/abc "$rule")" "k=abc"
    assert_equal "$(made_from /tenants/abc/orders/7?x=1 "$rule")" "k=abc"
    assert_equal "$(made_from http://host:80/tenants/a%20c/ "$rule")" "k=a%20c"
    assert_equal "$(made_from /tenants/ "$rule")" ""
    assert_equal "$(made_from /tenant/abc "$rule")" ""
    assert_equal "$(made_from '*' "$rule")" ""
    assert_equal "$(made_from tenants/abc "$rule")" ""
    assert_equal "$(made_from /v2/t/x-1/end 'path = "/v*/t/{}/end";')" "k=x-1"
    assert_equal "$(made_from /v2/t/x-1/end/ 'path = "/v*/t/{}/end";')" ""
    assert_equal "$(made_from /checkout/a/b 'path = "/checkout/**"; value = "yes";')" "k=yes"
    assert_equal "$(made_from / 'path = "/"; value = "root";')" "k=root"
}

@test "a path that can be read in two ways makes nothing" {
    local path
    for path in /tenants/a/../b /tenants/./a /tenants//a //tenants/a /tenants/a%2fb /tenants/%61 \
        '/tenants/a\b' /tenants/a%2e%2e/ '/tenants/..;x/a' /tenants/a%zz $'/tenants/a\x01' /tenants/a%00; do
        run made_from "$path" 'path = "/tenants/{}/**";'
        assert_output "" || { echo "of: $path" && return 1; }
    done
}

@test "the peer's address becomes a member" {
    local rules='make = ( { key = "client"; peer = true; } );'
    assert_equal "$(serve "$rules" 192.0.2.1 80 / | sed -n 's/^made //p')" "client=192.0.2.1"
    assert_equal "$(serve "$rules" 2001:db8::1 80 / | sed -n 's/^made //p')" "client=2001:db8::1"
    assert_equal "$(serve "$rules" unix 0 / | sed -n 's/^made //p')" ""
    assert_equal "$(serve "$rules" - 0 / | sed -n 's/^made //p')" ""
}

@test "a value must match its pattern and keep to its length" {
    assert_equal "$(make_of 'header = "x"; match = "u-[0-9][0-9]*";' 'x: u-12')" "k=u-12"
    assert_equal "$(make_of 'header = "x"; match = "u-[0-9][0-9]*";' 'x: u-1')" ""
    assert_equal "$(make_of 'header = "x"; max_length = 4;' 'x: 1234')" "k=1234"
    assert_equal "$(make_of 'header = "x"; max_length = 4;' 'x: 12345')" ""
    assert_equal "$(make_of 'header = "x";' "x: $(printf 'a%.0s' {1..256})" | wc -c)" 259
    assert_equal "$(make_of 'header = "x";' "x: $(printf 'a%.0s' {1..257})")" ""
    assert_equal "$(make_of 'header = "x"; match = "1"; value = "on, yes";' 'x: 1')" \
        "k=on%2C%20yes"
    assert_equal "$(make_of 'header = "x"; match = "1"; value = "on";' 'x: 0')" ""
}

@test "a value is put into lower case, or hashed with the salt" {
    assert_equal "$(make_of 'header = "x"; lower = true;' 'x: ABC-Ü')" "k=abc-%C3%9C"
    local sum
    sum=$(printf 'user-12345' | openssl dgst -sha256 -hmac 'pepper and salt' | sed 's/.* //')
    printf 'pepper and salt\n' >salt
    for salt in 'salt = "pepper and salt";' "salt_file = \"$PWD/salt\";"; do
        assert_equal "$(serve "make = ( { key = \"u\"; header = \"x\"; hash = true; lower = true; } );
            $salt" - 0 / 'x: User-12345' | sed -n 's/^made //p')" "u=$sum"
    done
}

# existing MODE CAME LINE...: what is in and made with a rule for user-id from X-User.
existing() {
    serve "make = ( { key = \"user-id\"; header = \"X-User\"; existing = \"$1\"; } );" \
        - 0 / "baggage: $2" "${@:3}" | sed -n 's/^in //p; s/^made //p' | paste -sd'|'
}

@test "what came in under the key is replaced, gives way, or is kept" {
    local came="user-id=1,a=2,user-id=3"
    assert_equal "$(existing replace "$came" 'x-user: 7')" "a=2|user-id=7"
    assert_equal "$(existing replace "$came")" "a=2|"
    assert_equal "$(existing replace "$came" 'x-user: 7' 'x-user: 8')" "a=2|"
    assert_equal "$(existing prefer "$came" 'x-user: 7')" "a=2|user-id=7"
    assert_equal "$(existing prefer "$came")" "$came|"
    assert_equal "$(existing keep "$came" 'x-user: 7')" "$came|"
    assert_equal "$(existing keep a=2 'x-user: 7')" "a=2|user-id=7"
    # What was not let in does not count.
    run serve 'inbound = ( { keys = [ ]; } ); make = ( { key = "user-id"; header = "X-User";
        existing = "keep"; } );' 192.0.2.1 80 / "baggage: $came" 'x-user: 7'
    assert_line "made user-id=7"
}

@test "of several rules with one key the first that finds something counts" {
    local rules='make = ( { key = "u"; header = "a"; },
{ key = "v"; header = "c"; },
{ key = "u"; header = "b"; } );'
    run serve "$rules" - 0 / 'a: 1' 'b: 2' 'c: 3'
    assert_line "made u=1,v=3"
    assert_line "lines 1 2"
    run serve "$rules" - 0 / 'b: 2'
    assert_line "made u=2"
    assert_line "lines 3"
}

@test "what does not fit is left out whole, and 64 are enough" {
    local rules
    rules="make = ( $(printf '{ key = "k%d"; header = "x"; max_length = 512; }, ' {1..8}) { key = \"z\"; header = \"y\"; } );"
    run serve "$rules" - 0 / "x: ä$(printf '\x01%.0s' {1..500})" "y: 1"
    assert_line --regexp '^made .*,z=1 \(cut\)$'
    assert [ "$(sed -n 's/^made \(.*\) (cut)/\1/p' <<<"$output" | tr -d '\n' | wc -c)" -le 8192 ]
    rules="make = ( $(printf '{ key = "k%d"; header = "x"; }, ' {1..65}) { key = \"z\"; header = \"y\"; } );"
    run serve "$rules" - 0 / "x: 1" "y: 1"
    assert_equal "$(sed -n 's/^made //p' <<<"$output" | tr ',' '\n' | wc -l)" 64
}

@test "only what rules ask for is kept of a request" {
    run serve 'make = ( { key = "k"; header = "x"; } );' - 0 /
    assert_line wants
    run serve 'make = ( { key = "k"; query = "x"; } );' - 0 /
    assert_line "wants target"
    run serve 'make = ( { key = "k"; path = "/{}"; } );' - 0 /
    assert_line "wants target"
    run serve 'make = ( { key = "k"; peer = true; } );' - 0 /
    assert_line "wants peer"
    run serve 'inbound = ( { keys = [ ]; } );' - 0 /
    assert_line "wants peer"
    assert_equal "$(ask 'forward = [ "a" ]; make = ( { key = "k"; header = "A"; }, { key = "l";
        header = "b"; }, { key = "m"; cookie = "c"; }, { key = "n"; cookie = "d"; } );' watch)" \
        ">a
b
cookie"
}

@test "8 kB of garbage cost microseconds, however many rules look at it" {
    local rules garbage
    garbage=$(head -c 8000 /dev/zero | tr '\0' ';')
    rules="make = ( $(seq 30 | sed 's/.*/{ key = "k&"; cookie = "c&"; },/') { key = \"z\"; cookie = \"c\"; } );"
    run timeout 5 bash -c "$(declare -f serve); TOOL='$TOOL'; serve '$rules' - 0 / 'cookie: $garbage'"
    assert_success
    assert_line "made "
}

@test "what is made has the properties that the rule gives it" {
    assert_equal "$(make_of 'header = "x"; metadata = "ttl=30;source=edge";' 'x: a b')" "k=a%20b;ttl=30;source=edge"
    assert_equal "$(make_of 'header = "x"; metadata = " ttl = 30 ;; private; ";' 'x: a')" "k=a;ttl=30;private"
    assert_equal "$(make_of 'header = "x"; metadata = "";' 'x: a')" "k=a"
    run serve 'make = ( { key = "a"; header = "x"; metadata = "p=1"; }, { key = "a"; header = "y"; },
        { key = "b"; header = "y"; metadata = "q"; } );' - 0 / 'x: 1' 'y: 2'
    assert_line "made a=1;p=1,b=2;q"
    # A list that is full ends with a whole member.
    run serve "make = ( $(printf '{ key = "k%d"; header = "x"; max_length = 512; metadata = "p=1"; }, ' {1..20})
        { key = \"z\"; header = \"y\"; metadata = \"p=1\"; } );" - 0 / "x: $(printf '%0500d' 0)" "y: 1"
    assert_output --regexp 'made k1=0+;p=1,.*;p=1 \(cut\)'
    refute_output --regexp 'made.*[^1] \(cut\)'
}

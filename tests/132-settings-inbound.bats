#!/usr/bin/env bats
# The settings about what comes in: salt, edge, inbound, make. What is wrong with them, and how it is
# said.

load lib/settings

# refuses_make RULE MESSAGE...: of a rule without its braces.
refuses_make() { refuses "make = ( { $1 } );" "${@:2}"; }

@test "every form is accepted" {
    accepts 'salt = "x"; edge = true; inbound = ( ); make = ( );'
    accepts 'inbound = ( { peers = ( "unix", "*", "::1", "10.0.0.0/8" );
        ports = ( 1, 65535 ); keys = ( "*" ); }, { keys = [ ]; } ); edge = false;'
    accepts 'salt = "x"; make = ( { key = "a"; header = "X-A"; match = "[a-z]*"; max_length = 512;
        lower = true; hash = true; existing = "keep"; }, { key = "a"; cookie = "b"; },
        { key = "c"; query = "d"; existing = "prefer"; }, { key = "e"; path = "/x/{}/**"; },
        { key = "f"; path = "/x*/y"; value = ""; }, { key = "g"; peer = true; metadata = "a=1;b"; } );'
}

@test "a trust rule needs keys, and peers and ports that can be" {
    refuses 'inbound = ( { } );' \
        'f:1: error: a rule without "keys"; write keys = [ ]; for none, keys = [ "*" ]; for all'
    refuses 'inbound = ( { keys = [ ]; peers = [ ]; ports = [ ]; } );' \
        'f:1: error: a rule with no peers at all never matches; leave "peers" out for all' \
        'f:1: error: a rule with no ports at all never matches; leave "ports" out for all'
    refuses 'inbound = ( { keys = [ ]; ports = ( 0, 65536, "80" ); } );' \
        'f:1: error: a port must be a number from 1 to 65535' \
        'f:1: error: a port must be a number from 1 to 65535' \
        'f:1: error: a port must be a number from 1 to 65535, not a string'
    refuses 'inbound = ( { keys = [ ]; ports = 80; } );' \
        'f:1: error: "ports" must be a list of numbers, [ 80, 8080 ], not a number'
    refuses 'inbound = ( { keys = [ ]; peers = [ "a.example", "*.a", "10.0.0.1:80", "10.1.0.0/8" ]; } );' \
        'f:1: error: the peer "a.example" is a name; a peer is known by its address alone, or as "unix"' \
        'f:1: error: the peer "*.a" is a name; a peer is known by its address alone, or as "unix"' \
        'f:1: error: the peer "10.0.0.1:80" has a port; write ports = [ ... ]; for those of this program' \
        "f:1: error: the peer \"10.1.0.0/8\" has bits set after its prefix; write the network's first address"
}

@test "an edge leaves nothing for inbound to say" {
    refuses 'edge = true; inbound = ( { keys = [ ]; } );' \
        'f:1: error: with edge = true nothing is let in, whatever "inbound" says'
    accepts 'edge = true; inbound = ( );'
    refuses 'edge = "yes";' 'f:1: error: "edge" must be true or false, not a string'
}

@test "a make rule has a key and one place to look at" {
    refuses_make 'header = "x";' \
        "f:1: error: a rule that cannot be a key (letters, digits and !#\$%&'*+-.^_\`|~ are allowed)"
    refuses_make 'key = "a b"; header = "x";' \
        "f:1: error: the key \"a b\" cannot be a key (letters, digits and !#\$%&'*+-.^_\`|~ are allowed)"
    refuses_make 'key = "a";' 'f:1: error: a rule that takes its value from nowhere'
    refuses_make 'key = "a"; peer = false;' 'f:1: error: a rule that takes its value from nowhere'
    refuses_make 'key = "a"; header = "x"; cookie = "y";' \
        'f:1: error: a rule that takes its value from more than one place'
    refuses_make 'key = "a"; header = "baggage";' \
        'f:1: error: the header "baggage" is carried by itself'
    refuses_make 'key = "a"; header = "Host";' \
        'f:1: error: the header "Host" belongs to one connection or message, and cannot be carried'
    refuses_make 'key = "a"; cookie = "";' 'f:1: error: the cookie "" is empty'
    refuses_make 'key = "a"; header = "x"; headr = "y";' \
        'f:1: error: unknown setting "headr"; did you mean "header"?'
}

@test "a path pattern is one" {
    local pattern fault
    while IFS='|' read -r pattern fault; do
        refuses_make "key = \"a\"; value = \"v\"; path = \"$pattern\";" \
            "f:1: error: the path \"$pattern\" $fault"
    done <<'CASES'
|does not begin with /
a/b|does not begin with /
/a//b|has an empty part between two slashes
/a/**/b|has a ** that is not its last part
/{}/{}|has more than one {}
/a{}|has a { that is no part of its own, as in "/tenants/{}/**"
/a?b=c|has a ?; a path ends before its query
/[a|has a [ that no ] closes
CASES
    refuses_make 'key = "a"; path = "/x/*";' \
        'f:1: error: the path "/x/*" takes nothing out of the path; write {} for the part to take, or add a "value"'
}

@test "what else a rule may say has to make sense" {
    refuses_make 'key = "a"; header = "x"; match = "";' 'f:1: error: the match "" is empty'
    refuses_make 'key = "a"; header = "x"; max_length = 513;' \
        'f:1: error: "max_length" must be a number from 1 to 512'
    refuses_make 'key = "a"; header = "x"; max_length = "9";' \
        'f:1: error: "max_length" must be a number from 1 to 512, not a string'
    refuses_make 'key = "a"; header = "x"; existing = "drop";' \
        'f:1: error: "existing" is one of replace, prefer, keep, not "drop"'
    refuses_make 'key = "a"; header = "x"; lower = 1;' \
        'f:1: error: "lower" must be true or false, not a number'
    refuses_make 'key = "a"; header = "x"; value = "v"; lower = true;' \
        'f:1: error: value is sent as it is; "lower" and "hash" have no effect'
}

@test "a hash needs a salt, out of the file or another one" {
    refuses_make 'key = "a"; header = "x"; hash = true;' \
        'f:1: error: hash needs a "salt", or hashes of what can be guessed are no secret'
    accepts 'make = ( { key = "a"; header = "x"; hash = true; } ); salt = "s";'
    refuses 'salt_file = "missing";' \
        'f:1: error: the file "missing": cannot be opened: No such file or directory'
    : >empty
    refuses 'salt_file = "empty";' 'f:1: error: the file "empty" is empty'
    head -c 20000 /dev/zero >large
    refuses 'salt_file = "large";' \
        'f:1: error: the file "large": the file is longer than 16384 bytes'
    mkfifo pipe
    refuses 'salt_file = "pipe";' 'f:1: error: the file "pipe": this is no regular file'
    echo s >good
    refuses 'salt_file = "good"; salt = "s";' \
        'f:1: error: "salt" and "salt_file" are two answers to one question'
    accepts 'salt_file = "good";'
}

@test "more than 4096 rules or 32 names are too many" {
    refuses "make = ( $(printf '{ key = "a"; cookie = "c%d"; }, ' {1..32}) { key = \"a\"; query = \"q\"; } );" \
        'f:1: error: too many rules (4096), claims (16), names of headers (23) or of all (32)'
    refuses "make = ( $(printf '{ key = "a"; header = "c%d"; }, ' {1..23}) { key = \"a\"; header = \"q\"; } );" \
        'f:1: error: too many rules (4096), claims (16), names of headers (23) or of all (32)'
    accepts "make = ( $(printf '{ key = "a"; header = "x"; match = "%d"; }, ' {1..4095}) { key = \"a\"; header = \"x\"; } );"
}

@test "no value of a member stands in an error" {
    local meta
    for meta in 'a b' 'a=b,c' 'a="b"' '=a' 'a=é' "$(printf '%0600d' 1)"; do
        refuses_make "key = \"a\"; header = \"x\"; metadata = \"${meta//\"/\\\"}\";" \
            "f:1: error: metadata cannot be sent, or is longer than 512 bytes; write it as in \"ttl=60;private\", other characters as %20"
    done
    refuses_make 'key = "a"; header = "x"; value = "secret"; hash = true;' \
        'f:1: error: value is sent as it is; "lower" and "hash" have no effect'
    # shellcheck disable=SC2016 # it is the settings that expand it
    run check 'set = ( { key = "a b"; value = "secret"; }, { key = "c"; value = "secret ${"; },
        { key = "d"; value = "secret"; metadata = "a b"; }, { key = "e"; value = "secret"; vale = ""; } );
        salt = "secret"; salt_file = "x";'
    assert_failure
    refute_output --partial secret
}

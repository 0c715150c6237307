#!/usr/bin/env bats
# The settings about what leaves, child processes, programs, and ${...} in values: what is wrong with
# them, and how it is said.
# shellcheck disable=SC2016 # it is the settings that expand ${...}

load lib/settings

@test "every form is accepted" {
    accepts 'salt = "s"; outbound = ( { hosts = [ "*.a" ]; keys = [ "a" ]; methods = [ "GET" ];
        paths = [ "/a/**" ]; hash = [ "b" ]; fixed = ( { keys = [ "c" ]; value = "d"; } ); off = false; } );'
    accepts 'outbound = ( { hosts = [ "a" ]; off = true; }, { hosts = [ "a" ]; paths = [ "/" ];
        methods = [ "GET" ]; off = true; } );' \
        'f:1: warning: the host "a" has no effect: the rule of line 1 comes first and covers it'
    accepts 'outbound = ( { hosts = [ "a" ]; methods = [ "GET" ]; keys = [ ]; }, { hosts = [ "a" ];
        paths = [ "/x" ]; keys = [ ]; }, { hosts = [ "a" ]; keys = [ ]; } );'
    accepts 'limits = { members = 64; bytes = 8192; first = [ "a", "b*" ]; }; children = [ "*" ];
        programs = { include = [ "a", "b *c" ]; exclude = [ ]; }; log_values = true;
        members = ( { keys = [ "a" ]; never = true; } );'
}

# refuses_out PARTS MESSAGE...: of a rule for all hosts with all keys.
refuses_out() { refuses "outbound = ( { hosts = [ \"*\" ]; keys = [ \"*\" ]; $1 } );" "${@:2}"; }

@test "methods, paths and changes must make sense" {
    refuses_out 'methods = [ ]; paths = [ ];' \
        'f:1: error: a rule with no methods at all never matches; leave "methods" out for all' \
        'f:1: error: a rule with no paths at all never matches; leave "paths" out for all'
    refuses_out 'methods = [ "G T" ];' \
        'f:1: error: the method "G T" is no method, as "GET" or "POST" (upper and lower case differ)'
    refuses_out 'paths = [ "a", "/{}" ];' 'f:1: error: the path "a" does not begin with /' \
        'f:1: error: the path "/{}" has a {}, but nothing is taken out of it here'
    refuses_out 'paths = [ "/é", "/a/../b", "/." ];' \
        'f:1: error: the path "/é" is not ASCII; in paths other characters are escaped, as in "/caf%C3%A9"' \
        'f:1: error: the path "/a/../b" has a part . or .., which makes every path doubtful' \
        'f:1: error: the path "/." has a part . or .., which makes every path doubtful'
    refuses_out 'hash = [ "a" ];' \
        'f:1: error: the key "a" cannot be hashed without a "salt": hashes of what can be guessed are no secret'
    refuses_out 'fixed = ( { value = "a"; } );' 'f:1: error: a group without "keys"'
    refuses_out 'fixed = ( { keys = [ "a" ]; } );' 'f:1: error: a group without "value"'
    refuses_out 'off = true;' \
        'f:1: error: a rule that is off sends nothing, whatever "keys" says'
}

@test "the rest must make sense" {
    refuses 'limits = { members = 65; bytes = 0; };' \
        'f:1: error: "members" must be a number from 1 to 64' \
        'f:1: error: "bytes" must be a number from 1 to 8192'
    refuses 'limits = [ ];' \
        'f:1: error: "limits" must be a group, { members = 20; bytes = 2000; first = [ ... ]; }, not an array [ ]'
    refuses 'children = "a";' \
        'f:1: error: "children" must be a list of strings, [ "a", "b" ], not a string'
    refuses 'programs = { include = [ "a [" ]; exclude = [ "" ]; };' \
        'f:1: error: the program "a [" has a [ that no ] closes' \
        'f:1: error: the program "" is empty'
    refuses 'programs = [ ];' \
        'f:1: error: "programs" must be a group, { include = [ ... ]; exclude = [ ... ]; }, not an array [ ]'
    refuses 'log_values = 1;' 'f:1: error: "log_values" must be true or false, not a number'
}

# value TEXT: what a member with this value becomes.
value() {
    printf 'set = ( { key = "k"; value = "%s"; } );' "$1" >f
    "$TOOL" rules f members
}

@test "values hold what the environment, the host and the process say" {
    export TENANT="a b" EMPTY=""
    assert_equal "$(value '${TENANT}')" "k=a%20b"
    assert_equal "$(value 'x-${TENANT}-${TENANT}-$')" "k=x-a%20b-a%20b-\$"
    assert_equal "$(value '${NOT_SET:-other}')" "k=other"
    assert_equal "$(value '${EMPTY:-}')" "k="
    assert_equal "$(value '$TENANT $${TENANT} $$')" "k=\$TENANT%20\${TENANT}%20\$\$"
    assert_equal "$(value '${hostname}')" "k=$(hostname)"
    assert_equal "$(value '${exe}')" "k=testtool"
    assert_regex "$(value '${pid}')" '^k=[0-9]+$'
    # What stands in a variable is not looked at again.
    TENANT='${pid}' run value '${TENANT}'
    assert_output 'k=${pid}'
}

@test "a member whose variable is not set is left out, with a warning" {
    unset NOT_SET
    accepts 'set = ( { key = "a"; value = "1"; }, { key = "b"; value = "${NOT_SET}"; }, { key = "c"; value = "3"; } );
default = ( { key = "x"; value = "${NOT_SET}"; },
            { key = "c"; value = "4"; } );' \
        'f:1: warning: "b" is left out: NOT_SET is not set here' \
        'f:2: warning: "x" is left out: NOT_SET is not set here' \
        'f:3: warning: the default of "c" has no effect: "set" has the same key'
    assert_equal "$("$TOOL" rules f members 2>/dev/null)" "a=1,c=3"
}

@test "what is no variable is an error" {
    local text
    for text in '${' '${}' '${A' '${1A}' '${A B}' '${A:x}' '${host-name}'; do
        printf 'set = ( { key = "k"; value = "%s"; } );' "$text" >f
        run "$BELLHOP" check f
        assert_output 'f:1: error: the value of "k" has a ${ that is none of ${hostname}, ${pid}, ${exe}, ${NAME}, ${NAME:-DEFAULT}; write $${ for a plain one'
    done
    LONG=$(printf 'x%.0s' {1..9000}) run check 'set = ( { key = "k"; value = "${LONG}"; } );'
    assert_output 'f:1: error: the value of "k" is too long'
}

@test "a key that is sent nowhere is a warning" {
    local rules='outbound = ( { hosts = [ "x" ]; keys = [ "a*" ]; fixed = ( { keys = [ "f" ]; value = ""; } ); },
        { hosts = [ "y" ]; keys = [ "b" ]; } );'
    accepts 'set = ( { key = "ab"; value = ""; }, { key = "f"; value = ""; },
{ key = "c"; value = ""; } ); default = ( { key = "b"; value = ""; },
{ key = "d"; value = ""; } );
make = ( { key = "a"; header = "x"; },
{ key = "e"; header = "x"; } );'"$rules" \
        'f:2: warning: the key "c" is sent nowhere: "outbound" keeps it home' \
        'f:3: warning: the key "d" is sent nowhere: "outbound" keeps it home' \
        'f:5: warning: the key "e" is sent nowhere: "outbound" keeps it home'
    accepts 'set = ( { key = "c"; value = ""; } ); members = ( { keys = [ "c" ]; never = true; } );' \
        'f:1: warning: the key "c" is sent nowhere: "members" keeps it home'
}

@test "a wildcard that reaches the public internet is a warning" {
    local host
    for host in '*' '*:443' 0.0.0.0/0 ::/0 8.0.0.0/5; do
        accepts "outbound = ( { hosts = [ \"$host\" ]; keys = [ \"a\" ]; } );" \
            "f:1: warning: the host \"$host\" reaches the public internet, and \"keys\" is not empty"
        accepts "outbound = ( { hosts = [ \"$host\" ]; keys = [ ]; } );"
        accepts "outbound = ( { hosts = [ \"$host\" ]; off = true; } );"
    done
    accepts 'outbound = ( { hosts = [ "*.example.com", "10.0.0.0/8", "fd00::/8" ]; keys = [ "*" ]; } );'
}

@test "a trust rule that never decides is a warning" {
    accepts 'inbound = ( { peers = [ "10.0.0.0/8", "unix" ]; keys = [ ]; },
{ peers = [ "10.1.0.0/16" ]; ports = [ 80 ]; keys = [ ]; },
{ peers = [ "unix", "10.2.0.1" ]; keys = [ ]; },
{ peers = [ "10.2.0.1", "11.0.0.0/8" ]; keys = [ ]; },
{ ports = [ 80 ]; keys = [ ]; },
{ keys = [ ]; },
{ peers = [ "*" ]; keys = [ ]; } );' \
        'f:2: warning: the rule never decides: that of line 1 comes first' \
        'f:3: warning: the rule never decides: that of line 1 comes first' \
        'f:7: warning: the rule never decides: that of line 6 comes first'
}

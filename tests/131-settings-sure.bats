#!/usr/bin/env bats
# The settings about how sure a request has to be: confidence, profiles, members; and forward. What
# is wrong with them, and how it is said.

load lib/settings

@test "every form is accepted" {
    accepts 'confidence = "auto"; profiles = ( ); members = ( ); forward = [ ];'
    accepts 'profiles = ( { programs = [ "php*" ]; confidence = "immediate"; },
        { confidence = "weak"; programs = ( "/usr/bin/x", "y" ); } );'
    accepts 'members = ( { keys = [ "a", "b*" ]; confidence = "live"; } ); forward = ( "x-a" );'
    local level
    for level in live immediate resumed sole weak; do accepts "confidence = \"$level\";"; done
}

@test "a confidence is one of five words" {
    local words='it is one of live, immediate, resumed, sole, weak'
    refuses 'confidence = "Live";' "f:1: error: the confidence \"Live\" is none; $words"
    refuses 'confidence = "none";' "f:1: error: the confidence \"none\" is none; $words"
    refuses 'confidence = 5;' 'f:1: error: "confidence" must be a string in quotes, not a number'
    refuses 'profiles = ( { programs = [ "a" ]; confidence = "auto"; } );' \
        "f:1: error: the confidence \"auto\" is none; $words"
    refuses 'members = ( { keys = [ "a" ]; confidence = ""; } );' \
        "f:1: error: the confidence \"\" is none; $words"
}

@test "a profile needs programs and a confidence" {
    refuses 'profiles = ( { confidence = "live"; } );' \
        'f:1: error: a profile without "programs"'
    refuses 'profiles = ( { programs = [ "a" ]; } );' \
        'f:1: error: a profile without "confidence"'
    refuses 'profiles = ( { programs = [ ]; confidence = "live"; } );' \
        'f:1: error: a profile with no programs at all is of no use'
    refuses 'profiles = ( "php" );' \
        'f:1: error: a profile must be a group, { programs = [ ... ]; confidence = "..."; }, not a string'
    refuses 'profiles = { };' \
        'f:1: error: "profiles" must be a list of profiles, ( { programs = [ ... ]; confidence = "..."; } ), not a group { }'
    refuses 'profiles = ( { program = [ "a" ]; confidence = "live"; programs = [ "b" ]; } );' \
        'f:1: error: unknown setting "program"; did you mean "programs"?'
}

@test "a bad program pattern is quoted, with the reason" {
    local pattern fault long
    long=$(printf 'x%.0s' {1..257})
    while IFS='|' read -r pattern fault; do
        refuses "profiles = ( { programs = [ \"$pattern\" ]; confidence = \"live\"; } );" \
            "f:1: error: the program \"$(printf '%b' "$pattern" | cut -c-80)\" $fault"
    done <<CASES
|is empty
[a|has a [ that no ] closes
[]|has a [ that no ] closes
[^|has a [ that no ] closes
[b-a]|has a range in [ ] whose end comes before its beginning
a\\\\|ends in a \\ that nothing follows
$long|is longer than a pattern can be (256 bytes)
CASES
}

@test "members need keys, and confidence is all that is known of them" {
    refuses 'members = ( { confidence = "live"; } );' 'f:1: error: a group without "keys"'
    refuses 'members = ( { keys = [ ]; } );' \
        'f:1: error: a group with no keys at all is of no use'
    refuses 'members = ( { keys = [ "a b" ]; } );' \
        "f:1: error: the key \"a b\" has characters that no key can have (letters, digits and !#\$%&'*+-.^_\`|~ are allowed)"
}

@test "forward takes names of headers that may be carried, each once, and 23 of them" {
    local name
    for name in baggage Traceparent TRACESTATE; do
        refuses "forward = [ \"$name\" ];" "f:1: error: the header \"$name\" is carried by itself"
    done
    for name in host content-length connection TE proxy-authorization trailer; do
        refuses "forward = [ \"$name\" ];" \
            "f:1: error: the header \"$name\" belongs to one connection or message, and cannot be carried"
    done
    for name in '' 'a b' a: ü "$(printf 'x%.0s' {1..65})"; do
        refuses "forward = [ \"$name\" ];" \
            "f:1: error: the header \"$name\" is not the name of a header (letters, digits and -, up to 64 characters)"
    done
    refuses 'forward = [ "x-a", "X-A" ];' 'f:1: error: the header "X-A" stands here twice'
    accepts "forward = [ $(printf '"x-%d", ' {1..22}) \"x-23\" ];"
    refuses "forward = [ $(printf '"x-%d", ' {1..23}) \"x-24\" ];" \
        'f:1: error: too many headers (23 is the limit)'
    refuses 'forward = "x-a";' \
        'f:1: error: "forward" must be a list of strings, [ "a", "b" ], not a string'
}

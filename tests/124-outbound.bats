#!/usr/bin/env bats
# What else outbound rules look at: methods and paths; and what they do to a member: hashed, fixed,
# never. Limits, child processes, programs.

load lib/settings
B="user-id=u1,tenant-id=2,tenant-name=3"

# out SETTINGS HOST PORT ADDRESS METHOD PATH: the rule and what goes, on one line.
out() { ask "$1" outbound "${@:2}" "$B" | sed '$d' | paste -sd' ' | sed 's/ *$//'; }

# fit SETTINGS BAGGAGE: what of it fits.
fit() { ask "$1" outbound a 80 - GET / "$2" | sed -n 's/^fit //p'; }

@test "a rule with methods is for those" {
    local rules='outbound = ( { hosts = [ "*" ]; methods = [ "GET", "HEAD" ]; keys = [ "user-id" ]; },
        { hosts = [ "*" ]; keys = [ "tenant-*" ]; } );'
    assert_equal "$(out "$rules" a 80 - GET /)" "0 user-id=u1"
    assert_equal "$(out "$rules" a 80 - HEAD /)" "0 user-id=u1"
    assert_equal "$(out "$rules" a 80 - get /)" "1 tenant-id=2,tenant-name=3"
    assert_equal "$(out "$rules" a 80 - POST /)" "1 tenant-id=2,tenant-name=3"
    # Not known: what may go in both cases.
    assert_equal "$(out "$rules" a 80 - - /)" "1"
}

@test "a rule with paths is for those" {
    local path rules='outbound = ( { hosts = [ "a" ]; paths = [ "/v*/users/**", "/x" ]; keys = [ "user-id" ]; },
        { hosts = [ "*" ]; keys = [ "*" ]; } );'
    for path in /v1/users /v2/users/7?x=1 /x '/x?y#z' http://a/x http://other:80/v1/users/; do
        assert_equal "$(out "$rules" a 80 - GET "$path")" "0 user-id=u1"
    done
    for path in / /v1 /y /xx /v1/user /X '/?/x'; do
        assert_equal "$(out "$rules" a 80 - GET "$path")" "1 $B"
    done
    assert_equal "$(out "$rules" b 80 - GET /x)" "1 $B"
    # Not known, or read in two ways.
    for path in - '*' /v1/users/../../y /y/..%2fx //x '/%78' '/y\..\x' /y/%2e%2e/x /y/%c3%A9 /é; do
        assert_equal "$path $(out "$rules" a 80 - GET "$path")" "$path 1 user-id=u1"
    done
}

@test "a rule that is off lets nothing of ours go there" {
    local rules='outbound = ( { hosts = [ "*.s3.example", "10.0.0.0/8" ]; off = true; },
        { hosts = [ "*" ]; keys = [ "*" ]; } );'
    assert_equal "$(out "$rules" a.s3.example 443 192.0.2.1 GET /)" "0 off"
    assert_equal "$(out "$rules" a 443 192.0.2.1 GET /)" "1 $B"
    # It may be one of these.
    assert_equal "$(out "$rules" a 443 - GET /)" "0 off"
}

@test "a member is sent with its hash" {
    local sum rules
    sum=$(printf 'u1' | openssl dgst -sha256 -hmac pepper | sed 's/.* //')
    rules='salt = "pepper"; outbound = ( { hosts = [ "a" ]; keys = [ "*" ]; hash = [ "user-*" ]; },
        { hosts = [ "b" ]; keys = [ ]; hash = [ "user-id" ]; } );'
    assert_equal "$(out "$rules" a 80 - GET /)" "0 tenant-id=2,tenant-name=3  user-id=$sum"
    assert_equal "$(out "$rules" b 80 - GET /)" "1   user-id=$sum"
    # The hash is the value's, however it is written, and the properties stay home.
    B="user-id=%75%31;p=1"
    assert_equal "$(out "$rules" b 80 - GET /)" "1   user-id=$sum"
}

@test "a member is sent with a fixed value" {
    local rules='outbound = ( { hosts = [ "a" ]; keys = [ "*" ];
        fixed = ( { keys = [ "user-id" ]; value = "some one"; }, { keys = [ "tenant-*" ]; value = ""; } ); } );'
    assert_equal "$(out "$rules" a 80 - GET /)" "0   user-id=some%20one tenant-id= tenant-name="
}

@test "where it is not known which rule counts, the one that gives less away counts" {
    local sum salt='salt = "pepper";' last='{ hosts = [ "*" ]; keys = [ "*" ]; }'
    sum=$(printf 'u1' | openssl dgst -sha256 -hmac pepper | sed 's/.* //')
    local net='hosts = [ "10.0.0.0/8" ]; keys = [ "tenant-id" ];'
    assert_equal "$(out "$salt outbound = ( { $net hash = [ \"user-id\" ]; }, $last );" a 80 - GET /)" \
        "1 tenant-id=2  user-id=$sum"
    assert_equal "$(out "$salt outbound = ( { $net }, { hosts = [ \"*\" ]; keys = [ ];
        hash = [ \"*\" ]; } );" a 80 - GET / | sed 's/=[0-9a-f]\{64\}$/=HASH/')" "1   tenant-id=HASH"
    assert_equal "$(out "outbound = ( { $net fixed = ( { keys = [ \"user-id\" ]; value = \"x\"; } ); },
        $last );" a 80 - GET /)" "1 tenant-id=2"
    assert_equal "$(out "outbound = ( { $net }, { hosts = [ \"*\" ]; keys = [ \"user-id\" ];
        fixed = ( { keys = [ \"tenant-*\" ]; value = \"x\"; } ); } );" a 80 - GET /)" "1   tenant-id=x"
}

@test "a key that never goes goes nowhere, with rules or without" {
    local never='members = ( { keys = [ "tenant-*" ]; confidence = "live"; },
        { keys = [ "tenant-name", "user-*" ]; never = true; } );'
    assert_equal "$(out "$never" a 80 - GET /)" "-1 tenant-id=2"
    assert_equal "$(out "$never" - 0 - - -)" "-1 tenant-id=2"
    assert_equal "$(out "$never salt = \"s\"; outbound = ( { hosts = [ \"*\" ]; keys = [ \"*\" ];
        hash = [ \"user-id\" ]; } );" a 80 - GET /)" "0 tenant-id=2"
}

@test "a list keeps to its limits, and some keys win" {
    local list="a=1,b=2,c=3,d=4,e=5"
    assert_equal "$(fit '' "$list")" "$list"
    assert_equal "$(fit 'limits = { members = 2; };' "$list")" "a=1,b=2"
    assert_equal "$(fit 'limits = { bytes = 11; };' "$list")" "a=1,b=2,c=3"
    assert_equal "$(fit 'limits = { bytes = 10; };' "$list")" "a=1,b=2"
    assert_equal "$(fit 'limits = { members = 2; first = [ "d", "c*" ]; };' "$list")" "c=3,d=4"
    assert_equal "$(fit 'limits = { bytes = 7; first = [ "e" ]; };' "aa=1,b=2,e=5")" "b=2,e=5"
    assert_equal "$(fit 'limits = { first = [ "e" ]; };' "$list")" "$list"
    # Of two with one key both go or, beyond the limit, the first.
    assert_equal "$(fit 'limits = { members = 2; first = [ "b" ]; };' "a=1,b=1,b=2")" "b=1,b=2"
    # A hash is longer than what it stands for.
    assert_equal "$(fit 'limits = { bytes = 69; }; salt = "s"; outbound = ( { hosts = [ "*" ];
        keys = [ "*" ]; hash = [ "a" ]; } );' "$list")" "a=1"
    assert_equal "$(fit 'limits = { bytes = 66; first = [ "b" ]; }; salt = "s"; outbound = ( { hosts = [ "*" ];
        keys = [ "*" ]; hash = [ "a" ]; } );' "$list")" "b=2,c=3,d=4,e=5"
}

@test "child processes get the keys that they may have" {
    assert_equal "$(ask '' children "$B")" "$B"
    assert_equal "$(ask 'children = [ ];' children "$B")" ""
    assert_equal "$(ask 'children = [ "tenant-*" ];' children "$B")" "tenant-id=2,tenant-name=3"
}

@test "the shim stays out of programs that are known, named, or not named" {
    local program settings
    for program in /usr/bin/gdb /usr/bin/strace /usr/sbin/sshd; do
        run "$TOOL" rules - program "$program"
        refute_output yes
    done
    assert_equal "$("$TOOL" rules - program /usr/bin/curl)" yes
    settings='programs = { exclude = [ "wget", "/opt/*", "python3* *manage.py migrate*" ]; };'
    assert_equal "$(ask "$settings" program /usr/bin/curl)" yes
    assert_equal "$(ask "$settings" program /usr/bin/wget)" '"exclude" of "programs" has it'
    assert_equal "$(ask "$settings" program /opt/a/b/curl)" '"exclude" of "programs" has it'
    assert_equal "$(ask "$settings" program /usr/bin/python3.11 python3 ./manage.py migrate --all)" \
        '"exclude" of "programs" has it'
    assert_equal "$(ask "$settings" program /usr/bin/python3.11 python3 ./manage.py runserver)" yes
    assert_equal "$(ask "$settings" program /usr/bin/python3.11 python3)" yes
    settings='programs = { include = [ "python*", "gdb" ]; exclude = [ "* *migrate*" ]; };'
    assert_equal "$(ask "$settings" program /usr/bin/python3 python3 a)" yes
    assert_equal "$(ask "$settings" program /usr/bin/python3 python3 migrate)" \
        '"exclude" of "programs" has it'
    assert_equal "$(ask "$settings" program /usr/bin/curl)" '"include" of "programs" does not have it'
    refute [ "$(ask "$settings" program /usr/bin/gdb)" = yes ]
    assert_equal "$(ask "$settings" program python3 python3 "$(printf 'x%.0s' {1..5000})" migrate)" yes
}

#!/usr/bin/env bats
# The settings file: what is right, what is wrong, and how it is said (bellhop check). And what the
# environment says.

load lib/settings

# refuses_rule HOSTS KEYS MESSAGE...
refuses_rule() {
    refuses "outbound = ( { hosts = [ $1 ]; keys = [ $2 ]; } );" "${@:3}"
}

@test "the default settings are valid, set nothing, and so are the examples" {
    local file
    mkdir etc
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 2>/dev/null |
        openssl pkey -pubout >etc/login.pem
    echo pepper >etc/salt
    for file in "$ROOT"/conf/bellhop.conf "$ROOT"/conf/examples/*.conf; do
        # That one is nginx's.
        [[ $file != */nginx-* ]] || continue
        sed "s,/etc/bellhop/,etc/," "$file" >"${file##*/}"
        run "$BELLHOP" check "${file##*/}"
        assert_success
        assert_output "${file##*/}: ok"
    done
    run bash -c "sed 's/#.*//' '$ROOT/conf/bellhop.conf' | tr -d ' \n'"
    assert_output 'set=();default=();salt="";edge=false;inbound=();tokens=();make=();outbound=();forward=[];confidence="auto";profiles=();members=();limits={};children=["*"];programs={};attribute_by=[];log_values=false;'
}

@test "what bellhop.conf shows in its comments is valid too" {
    sed -n 's/^#     \( *\([a-z]* = .*\|[{})].*\)\)$/\1/p' "$ROOT/conf/bellhop.conf" >f
    assert [ "$(grep -c '^[a-z]* = ' f)" -gt 5 ]
    accepts "$(cat f)"
}

@test "every form of settings is accepted" {
    accepts ''
    accepts '# nothing'
    accepts \
        $'set = ( { key = "a"; value = "b"; metadata = "p=1;q"; }, { key = "c"; value = ""; } );\r\n'
    accepts 'default : ( { metadata = "" value = "ü \" \\ \n" key = "a" } )'
    accepts \
        'outbound = ( { hosts = ( "a", "*.b:1" ); keys = ( ); }, { keys = [ "*" ] hosts = [ "c" ] } );'
    accepts 'set = ( ); default = ( ); outbound = ( );'
}

@test "an unknown setting is an error, and a slip gets a suggestion" {
    refuses 'sett = ( );' 'f:1: error: unknown setting "sett"; did you mean "set"?'
    refuses 'Outbound = ( );' 'f:1: error: unknown setting "Outbound"; did you mean "outbound"?'
    run check $'\n\nnonsense = ( );'
    assert_failure 1
    assert_output --regexp '^f:3: error: unknown setting "nonsense" \(known here: set, .*, outbound'
    refuses 'set = ( { key = "a"; value = "b"; meta = ""; } );' \
        'f:1: error: unknown setting "meta" (known here: key, value, metadata)'
    refuses $'outbound = ( { hosts = [ "a" ];\n keys = [ ]; host = [ ]; } );' \
        'f:2: error: unknown setting "host"; did you mean "hosts"?'
}

@test "all faults of a file are told in one go, each with its line" {
    run check <<'CONF'
set = ( { key = "a b"; value = "1"; },
        { key = "a"; value = 1; } );
tset = 1;
outbound = ( { hosts = [ "a:0",
                         "*a" ];
               keys = [ "x*y" ]; } );
CONF
    assert_failure 1
    assert_equal "$(cut -d: -f1-3 <<<"$output")" "$(printf 'f:%d: error\n' 1 2 3 4 5 6)"
}

@test "members need a key that can be sent, a value, and legal properties" {
    refuses 'set = ( { value = "1"; } );' 'f:1: error: a member without "key"'
    refuses 'set = ( { key = "k"; } );' 'f:1: error: a member without "value"'
    refuses 'default = ( { key = ""; value = ""; } );' \
        "f:1: error: \"\" cannot be a key (letters, digits and !#\$%&'*+-.^_\`|~ are allowed)"
    refuses 'set = ( { key = "ü"; value = ""; } );' \
        "f:1: error: \"ü\" cannot be a key (letters, digits and !#\$%&'*+-.^_\`|~ are allowed)"
    refuses 'set = ( { key = "k"; value = ""; metadata = "a b"; } );' \
        'f:1: error: the metadata of "k" cannot be sent; write it as in "ttl=60;private", other characters as %20'
    refuses $'set = ( { key = "k"; value = ""; },\n { key = "k"; value = ""; } );' \
        'f:2: error: the key "k" stands in this list already'
}

@test "wrong types are told with what they should be" {
    local member='{ key = "a"; value = "b"; }' rule='{ hosts = [ ... ]; keys = [ ... ]; }'
    refuses \
        'set = "a=b";' "f:1: error: \"set\" must be a list of members, ( $member ), not a string"
    refuses 'set = { a = "b"; };' \
        "f:1: error: \"set\" must be a list of members, ( $member ), not a group { }"
    refuses 'set = ( "a=b" );' "f:1: error: a member must be a group, $member, not a string"
    refuses 'set = ( { key = "a"; value = true; } );' \
        'f:1: error: "value" must be a string in quotes, not a boolean'
    refuses 'set = ( { key = "a"; value = ( ); } );' \
        'f:1: error: "value" must be a string in quotes, not a list ( )'
    refuses 'outbound = true;' \
        "f:1: error: \"outbound\" must be a list of rules, ( $rule ), not a boolean"
    refuses 'outbound = ( ( ) );' "f:1: error: a rule must be a group, $rule, not a list ( )"
    refuses 'outbound = ( { hosts = "a"; keys = [ 1, 2 ]; } );' \
        'f:1: error: "hosts" must be a list of strings, [ "a", "b" ], not a string' \
        'f:1: error: a key must be a string in quotes, not a number' \
        'f:1: error: a key must be a string in quotes, not a number'
}

@test "a rule needs hosts and keys" {
    refuses 'outbound = ( { keys = [ ]; } );' \
        'f:1: error: a rule without "hosts"; write hosts = [ "*" ]; for all'
    refuses 'outbound = ( { hosts = [ "a" ]; } );' \
        'f:1: error: a rule without "keys"; write keys = [ ]; for none, keys = [ "*" ]; for all'
    refuses_rule '' '' 'f:1: error: a rule with no hosts at all never matches'
}

@test "a bad pattern is quoted, with the reason" {
    refuses_rule '"http://a/"' '"*"' \
        'f:1: error: the host "http://a/" is a URL; write the host alone, as in "api.example.com:8080"'
    refuses_rule '"10.1.0.0/8"' '"*"' \
        "f:1: error: the host \"10.1.0.0/8\" has bits set after its prefix; write the network's first address"
    refuses_rule '"a"' '"a b"' \
        "f:1: error: the key \"a b\" has characters that no key can have (letters, digits and !#\$%&'*+-.^_\`|~ are allowed)"
}

@test "what has no effect is a warning, and the file is good" {
    accepts 'set = ( { key = "a"; value = "1"; } ); default = ( { key = "a"; value = "2"; } );' \
        'f:1: warning: the default of "a" has no effect: "set" has the same key'
    accepts 'outbound = ( { hosts = [ "*" ]; keys = [ ]; },
{ hosts = [ "a" ]; keys = [ ]; } );' \
        'f:2: warning: the host "a" has no effect: the rule of line 1 comes first and covers it'
    accepts 'outbound = ( { hosts = [ "*.a", "10.0.0.0/8", "b:80", "c" ]; keys = [ ]; },
{ hosts = [ "x.a:1",
            "10.1.0.0/16",
            "b:80",
            "C.",
            "a", "10.0.0.0/7", "b", "::/0", "d" ]; keys = [ ]; } );' \
        'f:2: warning: the host "x.a:1" has no effect: the rule of line 1 comes first and covers it' \
        'f:3: warning: the host "10.1.0.0/16" has no effect: the rule of line 1 comes first and covers it' \
        'f:4: warning: the host "b:80" has no effect: the rule of line 1 comes first and covers it' \
        'f:5: warning: the host "C." has no effect: the rule of line 1 comes first and covers it'
    accepts 'outbound = ( { hosts = [ "a", "A" ]; keys = [ ]; } );' \
        'f:1: warning: the host "A" has no effect: the same rule of line 1 comes first and covers it'
}

@test "set and default together keep to 64 members and 8192 bytes (E18)" {
    local i list=""
    for i in {1..64}; do list+="{ key = \"k$i\"; value = \"v\"; },"; done
    accepts "set = ( ${list%,} );"
    refuses "set = ( ${list%,} ); default = ( { key = \"a\"; value = \"\"; } );" \
        'f:1: error: with "a", set and default together are over the limit of 64 members or 8192 bytes'
    local long
    long=$(printf 'x%.0s' {1..8190})
    accepts "set = ( { key = \"a\"; value = \"$long\"; } );"
    refuses "set = ( { key = \"a\"; value = \"x$long\"; } );" \
        'f:1: error: with "a", set and default together are over the limit of 64 members or 8192 bytes'
    # Encoding counts.
    refuses "set = ( { key = \"a\"; value = \"${long//x/ }\"; } );" \
        'f:1: error: with "a", set and default together are over the limit of 64 members or 8192 bytes'
}

@test "a syntax error is told with its line" {
    refuses $'set = (\n  { key = "a"; value = "b"; }\n  { key = "c"; value = "d"; } );' \
        'f:3: error: syntax error (is a ";" or "," or bracket missing, here or before?)'
    refuses $'\nset = "a\n' 'f:2: error: a string is not closed with "'
    refuses $'/* a\n' 'f:1: error: a comment is not closed with */'
    refuses 'set = ( ); set = ( );' \
        'f:1: error: duplicate setting name (is a ";" or "," or bracket missing, here or before?)'
}

@test "no other file is read, however @include is written" {
    printf 'set = ( );\n' >included
    mkfifo pipe
    for name in included pipe; do
        refuses "@include \"$name\"" 'f:1: error: @include is not supported'
        refuses $'\n \t@include "'$name'"' 'f:2: error: @include is not supported'
        refuses $'/*\n@include "'$name$'"\n*/' 'f:2: error: @include is not supported'
    done
    refuses 'set = ( ); @include "included"' \
        'f:1: error: syntax error (is a ";" or "," or bracket missing, here or before?)'
}

@test "hostile text ends in an error, not in an exit, a wait or a lot of memory" {
    run check < <(printf 'set = ( );\n\0garbage')
    assert_output 'f:2: error: the file holds a NUL byte'
    refuses 'set = ( { key = "a\x00b"; value = ""; } );' \
        'f:1: error: a string cannot hold a NUL character'
    for bracket in '(' '[' '{ a = '; do
        run check "set = $(printf "$bracket%.0s" {1..9000})"
        assert_output 'f:1: error: brackets are nested too deep'
    done
    run check "set = ( { $(printf 'a%d = 1; ' {1..20000}) } );"
    assert_output 'f:1: error: too many settings in one group'
    run check "$(head -c 2000000 /dev/zero | tr '\0' ' ')"
    assert_output 'f: error: the file is longer than 1048576 bytes'
    run check "outbound = ( $(printf '{ hosts = [ "h%d" ]; keys = [ ]; }, ' {1..4096}) { } );"
    assert_line 'f:1: error: too many rules or patterns (4096 and 65536 are the limits)'
    # Control characters of a file do not reach the terminal.
    refuses $'set = ( { key = "a\e[2J"; value = ""; } );' \
        "f:1: error: \"a?[2J\" cannot be a key (letters, digits and !#\$%&'*+-.^_\`|~ are allowed)"
}

@test "what is no regular file is refused at once" {
    mkfifo pipe
    for file in pipe . /dev/null /dev/zero; do
        run timeout 20 "$BELLHOP" check "$file"
        assert_failure 1
        assert_output "$file: error: this is no regular file"
    done
    run "$BELLHOP" check missing
    assert_failure 1
    assert_output 'missing: error: cannot be opened: No such file or directory'
}

@test "a file whose size the system does not tell is read all the same" {
    run "$BELLHOP" check /proc/self/status
    assert_failure 1
    assert_output --partial '/proc/self/status:1: error: '
}

@test "4096 rules are read in a moment" {
    local file
    file="outbound = ( $(printf '{ hosts = [ "host-%d.example.com" ]; keys = [ "a", "b*" ]; },\n' {1..4095})
{ hosts = [ \"*\" ]; keys = [ ]; } );"
    accepts "$file"
}

@test "several files are checked in one call" {
    echo 'set = ( );' >good
    echo 'set = 1;' >bad
    run "$BELLHOP" check good bad good
    assert_failure 1
    assert_equal "$(grep -c '^good: ok$' <<<"$output")" 2
    assert_line --partial 'bad:1: error: '
}

@test "the settings library exports its two loaders alone, and needs libc alone" {
    run bash -c "nm -D --defined-only '$BUILD/libbellhop-settings.so' | sed -n 's/.* T //p'"
    assert_output $'bellhop_settings_load\nbellhop_settings_load_text'
    run bash -c "readelf -d '$BUILD/libbellhop-settings.so' | grep NEEDED"
    assert_output --regexp '^[^[]*\[libc\.so\.6\]$'
    refute [ -n "$(readelf -d "$BUILD/libbellhop-settings.so" | grep TEXTREL)" ]
}

# env_says VARIABLE=VALUE...: with nothing else in the environment.
env_says() { env -i "$@" "$TOOL" settings env; }

@test "an empty environment: both propagators, and nothing set (G24)" {
    run env_says
    assert_output "disabled=0 baggage=1 trace=1
unknown=
baggage=
traceparent=
tracestate=
config=unset
control=unset
log=unset"
}

@test "variables are read under their exact names, and empty means unset (G22)" {
    run env_says BAGGAGE=a=1 TRACEPARENT=00-x TRACESTATE=y=z BELLHOP_CONFIG=/c BELLHOP_CONTROL=/s \
        BELLHOP_LOG=debug:/l
    assert_line baggage=a=1
    assert_line traceparent=00-x
    assert_line tracestate=y=z
    assert_line config=/c
    assert_line control=/s
    assert_line log=debug:/l
    run env_says baggage=a=1 Baggage=a=1 traceparent=00-x tracestate=y=z bellhop_config=/c
    assert_output "$(env_says)"
    run env_says BAGGAGE= TRACEPARENT= TRACESTATE= BELLHOP_CONFIG= BELLHOP_CONTROL= BELLHOP_LOG= \
        OTEL_PROPAGATORS= BELLHOP_DISABLED=
    assert_output "$(env_says)"
}

@test "attribute_by names whole keys, and not too many" {
    accepts 'attribute_by = [ "tenant-id", "user-id" ];'
    accepts 'attribute_by = ( );'
    refuses 'attribute_by = [ "tenant-*", "a b", "" ];' \
        'f:1: error: the key "tenant-*" is a pattern; whole keys are counted by' \
        "$(printf '%s' 'f:1: error: the key "a b" has characters that no key can have (letters,' \
            ' digits and !#$%&'"'"'*+-.^_`|~ are allowed)')" \
        'f:1: error: the key "" is empty'
    refuses 'attribute_by = [ "a", "a" ];' 'f:1: error: the key "a" stands here twice'
    refuses 'attribute_by = [ "a", "b", "c", "d", "e" ];' 'f:1: error: too many keys (4 is the limit)'
    refuses 'attribute_by = "a";' \
        'f:1: error: "attribute_by" must be a list of strings, [ "a", "b" ], not a string'
    refuses "attribute_by = [ \"$(printf 'k%.0s' {1..49})\" ];" "$(printf '%s%s' \
        "f:1: error: the key \"$(printf 'k%.0s' {1..49})\" is too long to be counted by" \
        ' (48 bytes are the limit)')"
}

# propagators LIST: "baggage trace unknown"
propagators() {
    env_says "OTEL_PROPAGATORS=$1" |
        sed -n 's/^disabled=0 baggage=\(.\) trace=\(.\)/\1 \2/p; s/^unknown=/unknown /p' |
        paste -sd' '
}

@test "OTEL_PROPAGATORS names what is carried (G24)" {
    assert_equal "$(propagators baggage)" "1 0 unknown "
    assert_equal "$(propagators tracecontext)" "0 1 unknown "
    assert_equal "$(propagators 'baggage,tracecontext,baggage')" "1 1 unknown "
    assert_equal "$(propagators ' Baggage , TraceContext ')" "1 1 unknown "
    assert_equal "$(propagators none)" "0 0 unknown "
    assert_equal "$(propagators 'none,baggage')" "0 0 unknown "
    assert_equal "$(propagators 'b3,baggage,jaeger')" "1 0 unknown b3"
    assert_equal "$(propagators xray)" "0 0 unknown xray"
    assert_equal "$(propagators ',,baggage,')" "1 0 unknown "
}

@test "only BELLHOP_DISABLED=true disables, OTEL_SDK_DISABLED does not (G24)" {
    local value
    for value in true TRUE True; do
        run env_says BELLHOP_DISABLED=$value
        assert_line 'disabled=1 baggage=1 trace=1'
    done
    for value in 1 yes false ' true' truee; do
        run env_says "BELLHOP_DISABLED=$value" OTEL_SDK_DISABLED=true
        assert_line 'disabled=0 baggage=1 trace=1'
    done
}

@test "the sanitizers find nothing in good files and bad ones" {
    # libconfig 1.5 forgets a string that it was reading when it meets a syntax error.
    echo 'leak:libconfig.so' >suppressions
    run env LSAN_OPTIONS="suppressions=$PWD/suppressions:print_suppressions=0" timeout 120 \
        "$BUILD/asan/bellhop" check "$ROOT"/conf/bellhop.conf \
        "$BATS_TEST_DIRNAME"/fuzz/corpus/settings-file/*
    assert_failure 1
    assert_line --partial 'bellhop.conf: ok'
    refute_output --partial Sanitizer
    refute_output --partial 'runtime error'
}

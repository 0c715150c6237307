#!/usr/bin/env bats
# Policies that are handed over: what is made of an image is the policy that it was made of, and
# what no agent wrote breaks nothing.
# shellcheck disable=SC2016 # it is the settings that expand ${...}

load lib/settings
bats_require_minimum_version 1.5.0

# A file with every setting.
all() {
    cat >all.conf <<'CONF'
set = ( { key = "by"; value = "${NAME:-x}-${pid}"; metadata = "p=1"; }, { key = "h"; value = "${hostname}"; } );
default = ( { key = "region"; value = "eu"; }, { key = "none"; value = "${UNSET_HERE}"; } );
salt = "pepper";
inbound = ( { peers = [ "10.0.0.0/8", "unix" ]; ports = [ 8080 ]; keys = [ "a*", "tenant-id" ]; },
            { keys = [ "b" ]; } );
tokens = ( { name = "t"; header = "authorization"; unverified = true; } );
make = ( { key = "sub"; claim = "org.id"; token = "t"; }, { key = "sid"; cookie = "sid"; hash = true; },
         { key = "tenant-id"; header = "x-tenant"; match = "[a-z]*"; lower = true; },
         { key = "order"; path = "/v1/orders/{}"; }, { key = "q"; query = "q"; value = "yes"; },
         { key = "peer"; peer = true; metadata = "ttl=60;private"; } );
attribute_by = [ "tenant-id" ];
forward = [ "x-request-id" ];
members = ( { keys = [ "secret*" ]; never = true; }, { keys = [ "plan" ]; confidence = "immediate"; } );
outbound = ( { hosts = [ "*.example.com:443", "10.0.0.0/8" ]; keys = [ "tenant-id", "a*" ]; hash = [ "user-id" ];
               methods = [ "GET" ]; paths = [ "/v1/**" ]; fixed = ( { keys = [ "b" ]; value = "x y"; } ); },
             { hosts = [ "no.test" ]; off = true; }, { hosts = [ "*" ]; keys = [ "by" ]; } );
profiles = ( { programs = [ "my*" ]; confidence = "resumed"; } );
limits = { members = 20; first = [ "tenant-id" ]; };
children = [ "by", "region" ];
programs = { exclude = [ "cat", "python3 *manage.py*" ]; };
CONF
}

# For suites that ask the tool what a policy says, it is as good as the file.
@test "by way of an image the suites about policy find what they find in a file" {
    RULES_BY_IMAGE=1 BELLHOP_BUILD="$BUILD" run timeout 280 bats --tap \
        "$BATS_TEST_DIRNAME"/{121-confidence,122-inbound,132-settings-inbound,133-settings-outbound}.bats
    assert_success
}

# Nothing of the agent's memory gets out: neither an address nor what lay between two members.
@test "two processes make the same image of a file, whatever their addresses are" {
    local file i
    all
    for file in all.conf "$ROOT"/conf/bellhop.conf "$ROOT"/conf/examples/{allow-list,inner,preview}.conf; do
        "$TOOL" image "$file" 2>/dev/null >first
        for i in 1 2 3 4 5; do
            env -i "PADDING=$(head -c $((i * 1000)) /dev/zero | tr "\0" x)" "$TOOL" image "$file" 2>/dev/null >again
            cmp first again
        done
        run "$TOOL" image adopt <first
        assert_output good
    done
}

@test "values that differ between programs are expanded where they are carried" {
    echo 'set = ( { key = "a"; value = "${WHO:-nobody}/${exe}"; }, { key = "b"; value = "$${x}"; },
                { key = "c"; value = "${UNSET_HERE}"; } );
        default = ( { key = "d"; value = "1"; } );' >f
    export RULES_BY_IMAGE=1
    run --separate-stderr "$TOOL" rules f members
    assert_output $'a=nobody/testtool,b=${x}'
    WHO="me & you" run --separate-stderr "$TOOL" rules f members
    assert_output $'a=me%20&%20you/testtool,b=${x}'
    # Too long here, so that this program cannot have them.
    WHO=$(head -c 9000 /dev/zero | tr "\0" x) run --separate-stderr "$TOOL" rules f members
    assert_failure 1
}

@test "an image that is cut, too long, of another version or not one at all is refused" {
    local len
    all
    "$TOOL" image all.conf 2>/dev/null >made
    len=$(stat -c %s made)
    adopt() { "$TOOL" image adopt; }
    for at in 0 7 100 1000 $((len - 8)) $((len - 1)); do
        assert_equal "$at $(head -c "$at" made | adopt)" "$at broken"
    done
    assert_equal "$( (cat made && printf 12345678) | adopt)" broken
    assert_equal "$(head -c "$len" /dev/zero | adopt)" broken
    assert_equal "$(head -c "$len" /dev/urandom | adopt)" broken
    assert_equal "$( (head -c 4 made && printf '\x63' && tail -c +6 made) | adopt)" foreign
    assert_equal "$( (head -c 5000 made && printf '\x7f\x7f' && tail -c +5003 made) | adopt)" broken
}

@test "tokens that must be verified are refused by a program that has no verifier" {
    head -c 64 /dev/urandom | base64 -w0 >key
    echo "tokens = ( { name = \"t\"; header = \"a\"; algorithm = \"HS256\"; key_file = \"$PWD/key\"; } );
        make = ( { key = \"k\"; token = \"t\"; claim = \"sub\"; } );" >f
    "$TOOL" image f >made
    run "$TOOL" image adopt <made
    assert_output verifier
}

@test "hostile images, with right sums: the sanitizers find nothing, and nothing illegal is sent" {
    all
    export ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=halt_on_error=1
    run --separate-stderr timeout 250 "$BUILD/asan/testtool" image hostile 20000 all.conf \
        "$ROOT"/conf/examples/{allow-list,batch,inner,preview}.conf
    assert_success
    assert_output --regexp '^[0-9]{4,} taken, [0-9]{4,} refused$'
}

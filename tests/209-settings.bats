# What a settings file adds to a program's requests, and what happens when the file is no good.

load lib/bed

B="user-id=user-12345,tenant-id=abcde"

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() {
    bed_test
    export BELLHOP_CONFIG="$T/test.conf"
}

# get [CURL OPTION...]: one request as in `same`; leaves its members, sorted, in MEMBERS.
get() {
    curl_args "${PROTO:-http}"
    same curl "${ARGS[@]}" "$@" "$(url "${PROTO:-http}" service-b.test /)"
    assert_exit 0
    assert_equal "$(sent | wc -l)" 1
    MEMBERS=$(sent | cut -d' ' -f4- | tr , '\n' | sort | xargs)
}

@test "set adds a member, and replaces one that came" {
    local PROTO
    echo 'set = ( { key = "service-b-processed"; value = "true"; },
                  { key = "tenant-id"; value = "mine"; } );' >"$T/test.conf"
    for PROTO in "${PROTOCOLS[@]}"; do
        get
        assert_equal "$MEMBERS" "service-b-processed=true tenant-id=mine user-id=user-12345"
    done
    unset BAGGAGE
    get
    assert_equal "$MEMBERS" "service-b-processed=true tenant-id=mine"
}

@test "default adds a member, and gives way to one that came" {
    echo 'default = ( { key = "region"; value = "eu"; },
                      { key = "tenant-id"; value = "none"; } );' >"$T/test.conf"
    get
    assert_equal "$MEMBERS" "region=eu tenant-id=abcde user-id=user-12345"
    unset BAGGAGE
    get
    assert_equal "$MEMBERS" "region=eu tenant-id=none"
}

@test "the program's own header outranks set and default" {
    echo 'set = ( { key = "k"; value = "set"; } );
          default = ( { key = "d"; value = "default"; } );' >"$T/test.conf"
    unset BAGGAGE
    get -H "Baggage: k=own, d=own"
    assert_equal "$(sent | cut -d' ' -f4- | tr -d ' ')" "k=own,d=own"
}

@test "values are encoded on their way out (STANDARD B6)" {
    # shellcheck disable=SC2028 # libconfig reads the escapes
    echo 'set = ( { key = "k"; value = "a b,c;d\"e\\f%41\r\nX-Evil: 1"; } );' >"$T/test.conf"
    unset BAGGAGE
    get
    assert_equal "$(sent | cut -d' ' -f4-)" "k=a%20b%2Cc%3Bd%22e%5Cf%2541%0D%0AX-Evil:%201"
    assert_equal "$(sent x-evil | cut -d' ' -f4-)" "-"
}

@test "members that the file adds obey the outbound rules as well" {
    curl_args http
    echo 'set = ( { key = "service-b-processed"; value = "true"; } );
          outbound = ( { hosts = [ "service-c.test" ]; keys = [ "service-*" ]; } );' >"$T/test.conf"
    same curl "${ARGS[@]}" "$(url http service-b.test /)" "$(url http service-c.test /)"
    assert_sent "GET service-b.test / -" "GET service-c.test / service-b-processed=true"
}

@test "an empty file changes nothing, and an empty name is no name" {
    : >"$T/test.conf"
    get
    assert_equal "$(sent | cut -d' ' -f4-)" "$B"
    BELLHOP_CONFIG="" get
    assert_equal "$(sent | cut -d' ' -f4-)" "$B"
}

@test "with a broken file the program runs on, in silence, without baggage" {
    local text
    for text in 'outbound = (' 'nonsense = true;' 'outbound = ( { host = [ "x" ]; } );' \
        'set = ( { key = "no token"; value = "x"; } );' 'set = "x";' $'\x01\x02\xff' \
        '@include "test.conf"' "$(printf '(%.0s' $(seq 1 20000))"; do
        printf '%s\n' "$text" >"$T/test.conf"
        get
        assert_equal "$(sent | cut -d' ' -f4-)" "-"
    done
}

@test "a file that is missing, unreadable or no file at all: the same" {
    get
    assert_equal "$(sent | cut -d' ' -f4-)" "-"
    mkdir "$T/test.conf"
    get
    assert_equal "$(sent | cut -d' ' -f4-)" "-"
    rmdir "$T/test.conf"
    mkfifo "$T/test.conf"
    get
    assert_equal "$(sent | cut -d' ' -f4-)" "-"
    rm "$T/test.conf"
    ln -s test.conf "$T/test.conf"
    get
    assert_equal "$(sent | cut -d' ' -f4-)" "-"
    BELLHOP_CONFIG=/dev/zero get
    assert_equal "$(sent | cut -d' ' -f4-)" "-"
}

@test "a broken file is told to the log, if there is one, with its line" {
    printf '\n\noutbound = oops;\n' >"$T/test.conf"
    export BELLHOP_LOG="error:$T/log"
    get
    run cat "$T/log"
    assert_output --partial "test.conf:3"
}

@test "without the settings library beside it the shim sends nothing and harms nothing" {
    echo 'set = ( { key = "k"; value = "v"; } );' >"$T/test.conf"
    cp "$BUILD/libbellhop.so" "$T/libbellhop.so"
    SHIM="$T/libbellhop.so" get
    assert_equal "$(sent | cut -d' ' -f4-)" "-"
    unset BELLHOP_CONFIG
    SHIM="$T/libbellhop.so" get
    assert_equal "$(sent | cut -d' ' -f4-)" "$B"
}

# reason PROGRAM [ARGUMENTS...]: why the shim stays out of it, or "ready".
reason() {
    rm -f "$T/start.log"
    LD_PRELOAD="$SHIM" BELLHOP_LOG="info:$T/start.log" "$@"
    sed -n 's/^.* \(ready\|a debugger\).*/\1/p' "$T/start.log"
}

@test "programs that are left alone are known by their own name, however they are started" {
    unset BELLHOP_CONFIG
    mkdir "$T/bin" "$T/tools"
    cp /bin/true "$T/bin/gdb"
    cp "$(command -v perl)" "$T/tools/gdb"
    printf '#!%s/tools/gdb\n' "$T" >"$T/bin/script"
    printf '#!%s\n' "$(command -v perl)" >"$T/script-gdb"
    mv "$T/script-gdb" "$T/gdb"
    chmod 755 "$T/bin/script" "$T/gdb"
    assert_equal "$(reason /bin/true)" "ready"
    assert_equal "$(reason "$T/bin/gdb")" "a debugger"
    assert_equal "$(cd "$T/bin" && reason ./gdb)" "a debugger"
    assert_equal "$(PATH="$T/bin:$PATH" reason gdb)" "a debugger"
    # Of a script it is the interpreter.
    assert_equal "$(reason "$T/bin/script")" "a debugger"
    assert_equal "$(reason "$T/gdb")" "ready"
    # An argument that says the same is none.
    assert_equal "$(reason "$T/bin/gdb" "$T/bin/gdb")" "a debugger"
    assert_equal "$(reason /bin/true "$T/bin/gdb")" "ready"
}

@test "a start without settings looks at nothing in /proc" {
    unset BELLHOP_CONFIG
    run strace -f -e trace=readlink,readlinkat,open,openat,openat2 env LD_PRELOAD="$SHIM" /bin/true
    assert_success
    refute_output --partial '"/proc'
}

@test "a program's own functions of libconfig's and BearSSL's names are not called for them" {
    local archive
    for archive in libconfig.a libbearssl.a; do
        nm -g --defined-only "$(gcc -print-file-name=$archive)" 2>nm.err |
            sed -n 's/.* T \(.*\)/void \1(void) { __builtin_trap(); }/p'
    done | sort -u >names.c
    grep -q config_init names.c
    gcc -w -shared -fPIC -o names.so names.c
    head -c 64 /dev/zero | tr '\0' k >key
    echo "set = ( { key = \"k\"; value = \"set\"; } );
          tokens = ( { name = \"t\"; header = \"authorization\"; algorithm = \"HS256\"; key_file = \"$T/key\"; } );
          make = ( { key = \"user-id\"; token = \"t\"; claim = \"sub\"; } );" >"$T/test.conf"
    unset BAGGAGE
    AFTER="$T/names.so" get
    assert_equal "$MEMBERS" "k=set"
}

@test "lighttpd, which exports a config_init of its own, starts with a settings file" {
    type -P lighttpd /usr/sbin/lighttpd >/dev/null || skip "lighttpd is not installed (lighttpd)"
    echo 'set = ( { key = "k"; value = "set"; } );' >"$T/test.conf"
    same env PATH="$PATH:/usr/sbin" lighttpd -V
    assert_exit 0
    run cat "$T/shim.out"
    assert_output --partial lighttpd/
}

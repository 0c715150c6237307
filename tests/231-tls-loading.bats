# Ways in which a TLS library comes into a process: by dlopen and dlsym, or not at all.

load lib/bed

B="user-id=user-12345,tenant-id=abcde"

setup_file() {
    bed_start tls
    export FAKES="$BATS_FILE_TMPDIR/fakes"
    fakes
}
teardown_file() { bed_stop; }
setup() { bed_test; }

# Libraries that look like OpenSSL 1.1 and later ones, with their names and versions of symbols, and
# programs that need them.
fakes() {
    local from="$BATS_TEST_DIRNAME/data/tls" ssl="$FAKES/libssl.so.1.1"
    local crypto="$FAKES/libcrypto.so.1.1"
    local -a build=(gcc -D_GNU_SOURCE -std=gnu11 -O1 "-Wl,-rpath,$FAKES")
    local -a shared=("${build[@]}" -shared -fPIC)
    mkdir -p "$FAKES"
    "${shared[@]}" -Wl,-soname,libcrypto.so.1.1 -Wl,--version-script="$from/fake-crypto.map" \
        -o "$crypto" "$from/fake-crypto.c" &&
        "${shared[@]}" -Wl,-soname,libssl.so.1.1 -Wl,--version-script="$from/fake-ssl.map" \
            -o "$ssl" "$from/fake-ssl.c" "$crypto" &&
        "${shared[@]}" -o "$FAKES/plugin.so" "$from/real-plugin.c" -lssl -lcrypto &&
        "${build[@]}" -o "$FAKES/program" "$from/fake-program.c" "$ssl" "$crypto" &&
        "${build[@]}" -o "$FAKES/serve" "$from/fake-serve.c" "$ssl" "$crypto" &&
        "${build[@]}" -o "$FAKES/both" "$from/fake-both.c" "$ssl" "$crypto" -pthread
}

# tls MODE: one request over a library that was loaded so.
tls() {
    same "$APPS/dltls" "$1" "$TLS_PORT"
    assert_exit 0
    assert_equal "$(sent | wc -l)" 1
    assert_all_sent "$B"
}

@test "OpenSSL by dlopen and dlsym, RTLD_LOCAL" { tls local; }
@test "OpenSSL by dlopen and dlsym, RTLD_GLOBAL" { tls global; }
@test "OpenSSL by dlopen and dlsym, RTLD_DEEPBIND" { tls deepbind; }

@test "a program that asks for TLS libraries where there are none finds none" {
    same "$APPS/dltls" probe
    assert_exit 0
    assert_equal "$(grep -c ': not found' "$T/shim.out")" 5
}

@test "an extension that Python loads with a scope of its own" {
    same /usr/bin/python3 -c "
import http.client, ssl
c = http.client.HTTPSConnection('127.0.0.1', $TLS_PORT, context=ssl._create_unverified_context())
for path in '/a', '/b':
    c.request('GET', path)
    answer = c.getresponse()
    print(answer.status, len(answer.read()))"
    assert_exit 0
    assert_equal "$(sent | wc -l)" 2
    assert_all_sent "$B"
}

# fake WAY [WITHIN]: what goes out this way has the baggage, and is the program's own but for that.
fake() {
    run_in bare "$FAKES/program" "$1"
    run_in shim "$FAKES/program" "$1"
    assert_equal "$(cat "$T/bare.rc" "$T/shim.rc")" $'0\n0'
    assert_equal "$(grep -c '^baggage: ' "$T/shim.out")" "${2:-1}"
    assert_equal "$(grep -v '^baggage: ' "$T/shim.out")" "$(cat "$T/bare.out")"
}

@test "functions of OpenSSL 1.1.0, 1.1.1, 3.0 and 3.3 are met under their versions" {
    run readelf -W --dyn-syms "$FAKES/program"
    assert_output --partial "SSL_write@OPENSSL_1_1_0"
    assert_output --partial "SSL_write_ex@OPENSSL_1_1_1"
    assert_output --partial "SSL_write_ex2@OPENSSL_3_3_0"
    fake write
    fake write_ex
    fake write_ex2
    fake puts
    fake printf
}

@test "what SSL_sendfile sends counts as a body" {
    fake sendfile 2
    assert_equal "$(tail -n 2 "$T/shim.out" | head -c 8)" "baggage:"
}

@test "what a server sends by SSL_sendfile counts as its answer" {
    BAGGAGE="" FAKE_SERVER=1 run shim "$FAKES/serve"
    assert_success
    assert_output "100 with their own baggage, 0 without"
}

@test "two OpenSSLs in one process are never mixed" {
    local mode
    for mode in local deepbind; do
        run_in bare "$FAKES/both" "$FAKES/plugin.so" "$mode"
        run_in shim "$FAKES/both" "$FAKES/plugin.so" "$mode"
        assert_equal "$(cat "$T/bare.out")" "fake 0, real 0"
        assert_equal "$(cat "$T/shim.out" "$T/shim.err")" "fake 100, real 100"
    done
}

@test "a second OpenSSL whose functions are asked for by name is left alone" {
    run_in bare "$FAKES/both" "$FAKES/plugin.so" symbols
    run_in shim "$FAKES/both" "$FAKES/plugin.so" symbols
    assert_equal "$(cat "$T/bare.out")" $'-1\nfake 0, real 0'
    assert_equal "$(cat "$T/shim.out" "$T/shim.err")" $'-1\nfake 100, real 100'
}

@test "functions that the loaded OpenSSL does not have are not there" {
    ! nm -D "$(ldd "$APPS/ssl-life" | awk '/libssl/ { print $3 }')" | grep -q SSL_write_ex2 ||
        skip "this OpenSSL has it"
    same /usr/bin/python3 -c "
import ctypes, ssl
print(hasattr(ctypes.CDLL('libssl.so.3'), 'SSL_write_ex2'), ssl.OPENSSL_VERSION)"
    assert_exit 0
}

# instructions COUNT: what so many calls from each of 64 places take.
instructions() {
    env LD_PRELOAD="$SHIM" valgrind --tool=callgrind --callgrind-out-file=/dev/null \
        "$APPS/ssl-sites" "$1" 2>&1 | awk '/Collected/ { print $4 }'
}

# Two places that took each other's memory made a program fifty times slower, in one run of thirty.
@test "which library is meant is found out once for each place that calls it" {
    [[ $SHIM != *:* ]] || skip "not together with a sanitizer"
    assert [ $((($(instructions 40) - $(instructions 20)) / 20 / 64)) -lt 20000 ]
}

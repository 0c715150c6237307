# Ways in which a TLS library comes into a process: by dlopen and dlsym, or not at all.

load lib/bed

B="user-id=user-12345,tenant-id=abcde"

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() { bed_test; }

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

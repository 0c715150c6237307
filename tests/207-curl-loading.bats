# Ways in which libcurl comes into a process: by dlopen, twice, of two kinds, or not at all.

load lib/bed

B="user-id=user-12345,tenant-id=abcde"

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() { bed_test; }

# dl MODE REQUESTS [TLS...]: that many requests went out; the libraries were of these kinds.
dl() {
    local proto
    for proto in http https; do
        app_env "$proto"
        same "$APPS/dlcurl" "$1" "$(at_b /a)"
        assert_exit 0
        assert_equal "$(sent | wc -l)" "$2"
        assert_all_sent "$B"
        assert_equal "$(sed -n 's/^TLS: //p' "$T/shim.out" | xargs)" "${*:3}"
    done
}

@test "libcurl by dlopen and dlsym, RTLD_LOCAL" { dl local 2 OpenSSL; }
@test "libcurl by dlopen and dlsym, RTLD_GLOBAL and lazy" { dl global 2 OpenSSL; }
@test "libcurl by dlopen and dlsym, RTLD_DEEPBIND" { dl deepbind 2 OpenSSL; }
@test "libcurl-gnutls by dlopen and dlsym" { dl gnutls 2 GnuTLS; }
@test "libcurl and libcurl-gnutls in one process, each with its own handles" {
    dl both 8 OpenSSL GnuTLS OpenSSL GnuTLS
}
@test "one library unloaded, then another loaded" { dl again 4 OpenSSL GnuTLS; }

@test "a program linked with libcurl that also loads libcurl-gnutls" {
    local proto
    for proto in http https; do
        app_env "$proto"
        same "$APPS/curl-both" "$(at_b /a)"
        assert_exit 0
        assert_equal "$(sent | wc -l)" 6
        assert_all_sent "$B"
        assert_equal "$(sed -n 's/^TLS: //p' "$T/shim.out" | xargs)" "OpenSSL GnuTLS OpenSSL"
    done
}

@test "a program that asks for libcurl where there is none finds none" {
    same "$APPS/dlcurl" probe
    assert_exit 0
    assert_equal "$(grep -c ': not found' "$T/shim.out")" 6
}

@test "requests before the shim's constructor and after its destructor do no harm" {
    export EARLY_URL="http://127.0.0.1:$HTTP_PORT/early"
    AFTER="$APPS/libcurlearly.so" same perl -e 'print "middle\n"'
    assert_exit 0
    assert_equal "$(cat "$T/shim.out")" "$(printf '%s\n' "GET /early" "early 0" middle \
        "GET /early" "late 0")"
    assert_equal "$(sent | cut -d' ' -f1-3 | uniq -c | xargs)" "2 GET 127.0.0.1 /early"
    # Which of the two finds the shim ready is not promised, only that it is all or nothing.
    assert_equal "$(sent | cut -d' ' -f4 | grep -vxF -e "$B" -e -)" ""
}

@test "python's ctypes finds libcurl's functions and carries baggage" {
    app_env http
    cat >"$T/ctypes-app.py" <<'PY'
import ctypes, os, sys
curl = ctypes.CDLL("libcurl.so.4")
for name in ("curl_easy_init", "curl_slist_append"):
    getattr(curl, name).restype = ctypes.c_void_p
easy = ctypes.c_void_p(curl.curl_easy_init())
names = None
for entry in os.environ["APP_RESOLVE"].split(","):
    names = ctypes.c_void_p(curl.curl_slist_append(names, entry.encode()))
curl.curl_easy_setopt(easy, 10002, ctypes.c_char_p(sys.argv[1].encode()))
curl.curl_easy_setopt(easy, 10203, names)
print(curl.curl_easy_perform(easy))
curl.curl_easy_cleanup(easy)
PY
    same "$PYTHON" "$T/ctypes-app.py" "$(url http service-b.test /a)"
    assert_exit 0
    assert_sent "GET service-b.test /a $B"
}

@test "symbol lookups give what they give without the shim" {
    cat >"$T/lookups.py" <<'PY'
import ctypes
libc = ctypes.CDLL(None)
for name in ("curl_easy_perform", "SSL_write", "gnutls_record_send", "no_such_function", "printf"):
    print(name, hasattr(libc, name))
for name in ("libcurl.so.4", "libcurl-gnutls.so.4", "libc.so.6"):
    lib = ctypes.CDLL(name)
    for symbol in ("curl_easy_perform", "curl_easy_setopt", "curl_easy_header", "curl_no", "send"):
        print(name, symbol, hasattr(lib, symbol))
PY
    same "$PYTHON" "$T/lookups.py"
    assert_exit 0
    run cat "$T/shim.out"
    assert_line "curl_easy_perform False"
    assert_line "libcurl.so.4 curl_easy_perform True"
    assert_line "libc.so.6 curl_easy_perform False"
}

# apt carries baggage: its http and https methods are programs of their own, which pipeline requests
# and give up root for a user of their own.

load lib/bed
load lib/programs

setup_file() {
    bed_start
    bed_tls
    local fields="Package: bellhop-probe
Version: 1
Architecture: all
Maintainer: Nobody <nobody@example.test>
Description: nothing" ports
    # The user _apt has no way into the tests' own directories.
    PLACE=$(mktemp -d /tmp/bellhop-apt.XXXXXX)
    export PLACE
    chmod 755 "$PLACE"
    cp "$CA" "$PLACE/ca.pem"
    chmod 644 "$PLACE/ca.pem"
    mkdir -p "$PLACE/repo" "$BED/probe/DEBIAN"
    echo "$fields" >"$BED/probe/DEBIAN/control"
    dpkg-deb -b "$BED/probe" "$PLACE/repo/probe.deb"
    {
        echo "$fields"
        echo "Filename: ./probe.deb"
        echo "Size: $(stat -c %s "$PLACE/repo/probe.deb")"
        echo "SHA256: $(sha256sum "$PLACE/repo/probe.deb" | cut -d' ' -f1)"
    } >"$PLACE/repo/Packages"
    gzip -k "$PLACE/repo/Packages"
    ports=$(free_ports 2)
    export REPO_HTTP=${ports% *} REPO_HTTPS=${ports#* }
    repo_config >"$BED/repo.conf"
    bed_server repo nginx -p "$BED" -c "$BED/repo.conf" -e "$BED/repo.error"
    wait_for 20 curl -sf -o /dev/null --cacert "$CA" "https://localhost:$REPO_HTTPS/ready"
}
teardown_file() {
    bed_stop
    rm -rf "${PLACE:?}"
}
setup() { bed_test; }
teardown() { server_stop; }

repo_config() {
    [[ $(id -u) != 0 ]] || echo "user root;"
    cat <<CONF
daemon off;
pid $BED/repo.pid;
error_log $BED/repo.error warn;
events { worker_connections 64; }
http {
    log_format seen '\$request_method \$uri \$http_baggage';
    access_log $BED/repo.log seen;
    client_body_temp_path $BED/nginx-body;
    proxy_temp_path $BED/nginx-proxy;
    fastcgi_temp_path $BED/nginx-fastcgi;
    uwsgi_temp_path $BED/nginx-uwsgi;
    scgi_temp_path $BED/nginx-scgi;
    server {
        listen 127.0.0.1:$REPO_HTTP;
        listen 127.0.0.1:$REPO_HTTPS ssl;
        ssl_certificate $TLS/server.pem;
        ssl_certificate_key $TLS/server.key;
        location = /ready { access_log off; return 200; }
        location / { root $PLACE/repo; }
    }
}
CONF
}

# apt_runs URL OPTION...: as `alike`; leaves in $T/how.log what the server saw of each run.
apt_runs() {
    local how
    for how in bare shim; do
        : >"$BED/repo.log"
        run "$how" "$BATS_TEST_DIRNAME/apps/prog-apt.sh" "$PLACE/tree" "$@"
        assert_success
        refute_output --partial "unsandboxed"
        echo "$output" >"$T/$how.out"
        sed "s| [^ ]*$||" "$BED/repo.log" | sort >"$T/$how.asked"
        cp "$BED/repo.log" "$T/$how.log"
    done
    diff "$T/bare.out" "$T/shim.out" || return 1
    diff "$T/bare.asked" "$T/shim.asked" || return 1
    assert_equal "$(sed 's|.* ||' "$T/bare.log" | sort -u)" -
    assert_equal "$(sed 's|.* ||' "$T/shim.log" | sort -u)" "$B"
    run cat "$T/shim.log"
    assert_line "GET /probe.deb $B"
    assert_line "GET /Packages.gz $B"
}

@test "update and download over HTTP" {
    apt_runs "http://localhost:$REPO_HTTP"
}

@test "update and download over HTTPS" {
    apt_runs "https://localhost:$REPO_HTTPS" -o "Acquire::https::CaInfo=$PLACE/ca.pem"
}

@test "its methods go on under apt's seccomp filter" {
    apt_runs "http://localhost:$REPO_HTTP" -o APT::Sandbox::Seccomp=true
}

@test "the bytes of its requests are its own but for the baggage" {
    tap_start "$REPO_HTTP"
    ALIKE_BYTES=no alike "$BATS_TEST_DIRNAME/apps/prog-apt.sh" "$PLACE/tree" \
        "http://localhost:$TAP_PORT"
    assert_exit 0
    "$PYTHON" "$LIB/exact.py" -x "$B" "$T/bare.tap" "$T/shim.tap"
}

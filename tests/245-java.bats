# Java carries baggage over plain HTTP. Its TLS is Java code, which no preloaded library can see:
# there it is undisturbed.

load lib/bed
load lib/programs

setup_file() {
    bed_start tls
    export CLASSES="$BATS_FILE_TMPDIR/classes"
    javac -d "$CLASSES" "$BATS_TEST_DIRNAME/apps/prog-java.java"
}
teardown_file() { bed_stop; }
setup() {
    bed_test
    JAVA=(java -Xshare:auto -XX:TieredStopAtLevel=1 -XX:-UsePerfData -cp "$CLASSES" ProgJava)
}
teardown() { server_stop; }

@test "HttpURLConnection: kept connections, a chunked upload, a redirect" {
    carry "${JAVA[@]}" connection "$(where http /)"
    assert_exit 0
    assert_equal "$(sent | wc -l)" 6
}

@test "HttpURLConnection: its own baggage is merged with" {
    carry "${JAVA[@]}" own "$(where http /)"
    assert_sent "GET localhost /own own=1,$B"
}

@test "HttpClient, which offers to upgrade to HTTP/2" {
    carry "${JAVA[@]}" client "$(where http /)"
    assert_exit 0
    assert_equal "$(sent | wc -l)" 4
    run jq -r .raw "$T/shim.jsonl"
    assert_output --partial "Upgrade: h2c"
}

@test "HttpClient: twelve requests at once" {
    carry -u "${JAVA[@]}" many "$(where http /)"
    assert_exit 0
    assert_equal "$(sent | wc -l)" 13
}

@test "HttpClient: the upgrade to HTTP/2 that a server accepts is left alone" {
    local port
    port=$(free_ports 1)
    cat >"$T/apache.conf" <<CONF
ServerRoot $T
PidFile $T/apache.pid
ServerName localhost
DefaultRuntimeDir $T
Listen 127.0.0.1:$port
LoadModule mpm_worker_module /usr/lib/apache2/modules/mod_mpm_worker.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule http2_module /usr/lib/apache2/modules/mod_http2.so
LoadModule alias_module /usr/lib/apache2/modules/mod_alias.so
KeepAliveTimeout 60
Protocols h2c http/1.1
ErrorLog $T/apache.error
LogFormat "%H %{baggage}i" plain
CustomLog $T/apache.log plain
DocumentRoot $T/www
AliasMatch "^/" "$T/www/page"
CONF
    mkdir "$T/www"
    echo page >"$T/www/page"
    chmod 755 "$T" "$T/www"
    server_start apache 30 "port_open $port" -- /usr/sbin/apache2 -X -f "$T/apache.conf"
    alike "${JAVA[@]}" series "http://127.0.0.1:$port/"
    assert_exit 0
    assert_equal "$(cat "$T/shim.out")" "$(printf 'HTTP_2 page\n%.0s' 1 2 3 4 5)"
    # The request with the offer is written down twice, before and after the change of protocol.
    wait_for 20 eval "[[ \$(wc -l <'$T/apache.log') == 12 ]]"
    assert_equal "$(grep -c " $B\$" "$T/apache.log")" 2
}

@test "sockets: single bytes, and a channel's vectors" {
    carry "${JAVA[@]}" sockets "$(where http /)"
    assert_exit 0
    assert_equal "$(sent | wc -l)" 2
}

@test "over HTTPS, by HTTP/2, nothing is disturbed" {
    same "${JAVA[@]}" client "$(where https /)" "$CA"
    assert_exit 0
    assert_equal "$(sent | wc -l)" 4
    run cat "$T/shim.out"
    assert_line HTTP_2
}

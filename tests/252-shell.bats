# Programs that other programs start: by shells, make, xargs, cron's bare environment, CGI, sudo.

load lib/bed
load lib/programs

setup_file() { bed_start; }
teardown_file() { bed_stop; }
setup() {
    bed_test
    TO="http://127.0.0.1:$HTTP_PORT"
    FETCH="wget --no-config --no-hsts --no-proxy -t 1 -T 60 -q -O -"
}

@test "sh -c, a pipeline, a subshell, a program in the background" {
    carry sh -c "$FETCH $TO/one; ($FETCH $TO/two) | cat; $FETCH $TO/three & wait; exec $FETCH $TO/4"
    assert_exit 0
    assert_equal "$(sent | wc -l)" 4
}

@test "bash and dash" {
    local shell
    for shell in bash dash; do
        carry "$shell" -c "$FETCH $TO/$shell; curl -q -sS $TO/curl"
        assert_exit 0
        assert_equal "$(sent | wc -l)" 2
    done
}

@test "xargs, four at a time" {
    # shellcheck disable=SC2016 # expanded by the inner shell
    carry -u sh -c 'seq 8 | xargs -P 4 -I {} $1 -O out{} $2/{}' sh "$FETCH" "$TO"
    assert_exit 0
    assert_equal "$(sent | wc -l)" 8
}

@test "make, with two jobs" {
    printf 'all: a b c\na b c:\n\t@%s %s/$@ >$@\n' "$FETCH" "$TO" >"$T/Makefile"
    carry -u make -s -j2 -f "$T/Makefile"
    assert_exit 0
    assert_equal "$(sent | wc -l)" 3
}

@test "a CGI program that a server starts with a changed environment" {
    mkdir "$T/cgi-bin"
    printf '#!/bin/sh\nprintf "Content-Type: text/plain\\r\\n\\r\\n"\n%s %s/cgi\n' "$FETCH" "$TO" \
        >"$T/cgi-bin/ask"
    chmod 755 "$T" "$T/cgi-bin" "$T/cgi-bin/ask"
    local port
    port=$(free_ports 1)
    cat >"$T/httpd.conf" <<CONF
ServerRoot $T
PidFile $T/httpd.pid
ServerName localhost
DefaultRuntimeDir $T
Listen 127.0.0.1:$port
LoadModule mpm_prefork_module /usr/lib/apache2/modules/mod_mpm_prefork.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule alias_module /usr/lib/apache2/modules/mod_alias.so
LoadModule cgi_module /usr/lib/apache2/modules/mod_cgi.so
LoadModule env_module /usr/lib/apache2/modules/mod_env.so
PassEnv LD_PRELOAD BAGGAGE
ErrorLog $T/httpd.error
ScriptAlias /cgi-bin/ $T/cgi-bin/
CONF
    server_start httpd 30 "port_open $port" -- env LD_PRELOAD="$SHIM" /usr/sbin/apache2 -X \
        -f "$T/httpd.conf"
    mark
    run curl -q -sS --fail --max-time 60 "http://127.0.0.1:$port/cgi-bin/ask"
    assert_success
    assert_output "GET /cgi"
    since >"$T/shim.jsonl"
    assert_sent "GET 127.0.0.1 /cgi $B"
}
teardown() { server_stop; }

@test "an environment as cron's carries it, as far as it names it" {
    run_in shim env - PATH="$PATH" LD_PRELOAD="$SHIM" BAGGAGE="$B" SHELL=/bin/sh \
        sh -c "$FETCH $TO/cron"
    assert_exit 0
    assert_sent "GET 127.0.0.1 /cron $B"
}

@test "an empty environment carries nothing, and disturbs nothing" {
    same env -i PATH="$PATH" sh -c "$FETCH $TO/bare"
    assert_exit 0
    assert_sent "GET 127.0.0.1 /bare -"
}

@test "a program that runs with the rights of another user ignores the shim" {
    [[ $(id -u) == 0 ]] || skip "only root can make one"
    local place fetch
    place=$(mktemp -d /tmp/bellhop-setuid.XXXXXX)
    chmod 755 "$place"
    cp "$(type -P wget)" "$place/wget"
    chown nobody "$place/wget"
    chmod 4755 "$place/wget"
    read -r -a fetch <<<"$FETCH"
    SAME_STDERR=no same "$place/wget" "${fetch[@]:1}" "$TO/setuid" || return 1
    rm -r "${place:?}"
    assert_exit 0
    assert_sent "GET 127.0.0.1 /setuid -"
}

@test "su, passwd and mount run as ever" {
    [[ $(id -u) == 0 ]] || skip "only root may su without a password"
    # shellcheck disable=SC2016 # expanded by the inner shell
    same su nobody -s /bin/sh -c 'id -un; echo "${BAGGAGE:-none}"'
    assert_equal "$(head -1 "$T/shim.out")" nobody
    same passwd -S root
    assert_exit 0
}

# Stores and their clients run as ever: redis, memcached, PostgreSQL.

load lib/bed
load lib/programs

setup() {
    T="$BATS_TEST_TMPDIR"
    export BAGGAGE=$B
    cd "$T" || return 1
}
teardown() {
    server_stop
    [[ -z ${PLACE:-} ]] || rm -rf "${PLACE:?}"
}

# A server with the shim and without it, in turn: HOW is shim or bare.
redis_start() {
    REDIS_PORT=$(free_ports 1)
    local preload=()
    [[ $1 != shim ]] || preload=(env LD_PRELOAD="$SHIM")
    server_start redis 30 "redis-cli -p $REDIS_PORT ping" -- "${preload[@]}" redis-server \
        --port "$REDIS_PORT" --bind 127.0.0.1 --save "" --appendonly no --dir "$T"
}

redis_commands() {
    printf '%s\n' "SET a 1" "APPEND a 'GET / HTTP/1.1'" "GET a" "INCR n" "LPUSH l x y z" \
        "LRANGE l 0 -1" "GET / HTTP/1.1" "DEL a n l" "STRLEN big"
}

@test "redis-cli: commands, a pipe, inline text that is almost a request" {
    local how
    need redis-server redis-server
    redis_commands >"$T/commands"
    for how in bare shim; do
        redis_start "$how"
        tap_start "$REDIS_PORT"
        # shellcheck disable=SC2016 # expanded by the inner shell
        alike sh -c 'redis-cli -p "$1" <"$2"
            head -c 200000 /dev/zero | redis-cli -p "$1" -x set big
            redis-cli -p "$1" strlen big
            redis-cli -p "$1" del big' sh "$TAP_PORT" "$T/commands"
        assert_exit 0
        run cat "$T/shim.out"
        assert_line 200000
        # It ends its stream with a number made up, so that these bytes are not compared.
        # shellcheck disable=SC2016 # expanded by the inner shell
        ALIKE_BYTES=no alike sh -c 'yes "GET / HTTP/1.1" | head -500 | redis-cli -p "$1" --pipe' \
            sh "$TAP_PORT"
        refute grep -q 757365722d6964 "$T/shim.tap" # "user-id", as the tap writes it
        server_stop
    done
}

@test "redis-benchmark" {
    need redis-benchmark redis-tools
    redis_start shim
    run timeout 60 env LD_PRELOAD="$SHIM" redis-benchmark -p "$REDIS_PORT" -n 2000 -c 20 -P 8 -q \
        -t set,get,lpush
    assert_success
    assert_output --partial "SET:"
    refute_output --partial "rror"
}

@test "memcached and its text protocol" {
    need memcached memcached
    local how port user=()
    [[ $(id -u) != 0 ]] || user=(-u nobody)
    for how in bare shim; do
        port=$(free_ports 1)
        local preload=()
        [[ $how != shim ]] || preload=(env LD_PRELOAD="$SHIM")
        server_start memcached 30 "port_open $port" -- "${preload[@]}" memcached -l 127.0.0.1 \
            -p "$port" "${user[@]}"
        tap_start "$port"
        # shellcheck disable=SC2016 # expanded by the inner shell
        alike sh -c 'printf "set k 0 0 18\r\nGET / HTTP/1.1\r\n\r\n\r\nget k\r\nquit\r\n" | \
            nc -w 20 127.0.0.1 "$1"' sh "$TAP_PORT"
        run cat "$T/shim.out"
        assert_line --partial STORED
        assert_line --partial "VALUE k 0 18"
        assert_line --partial "GET / HTTP/1.1"
        server_stop
    done
}

@test "psql and a PostgreSQL server, over TCP and a Unix socket" {
    local bin how port preload user=()
    bin=$(compgen -G "/usr/lib/postgresql/*/bin" | sort | tail -1)
    [[ -x $bin/initdb ]] || skip "PostgreSQL is not installed (postgresql)"
    PLACE=$(mktemp -d /tmp/bellhop-pg.XXXXXX)
    [[ $(id -u) != 0 ]] || chown postgres "$PLACE"
    [[ $(id -u) != 0 ]] || user=(setpriv --reuid postgres --regid postgres --init-groups)
    cd /
    "${user[@]}" "$bin/initdb" -D "$PLACE/data" -A trust -U probe --no-sync >"$T/initdb" 2>&1
    cat >"$T/work.sql" <<'SQL'
CREATE TABLE t (n int, s text);
INSERT INTO t SELECT n, 'GET /' || n || E' HTTP/1.1\r\n\r\n' FROM generate_series(1, 3000) n;
SELECT count(*), md5(string_agg(s, ',' ORDER BY n)) FROM t;
\copy t TO 'out.csv' CSV
\copy t FROM 'out.csv' CSV
SELECT count(*) FROM t;
SELECT 1/0;
DROP TABLE t;
SQL
    for how in bare shim; do
        port=$(free_ports 1)
        preload=()
        [[ $how != shim ]] || preload=(env LD_PRELOAD="$SHIM" BAGGAGE="$B")
        cd /
        server_start postgres 60 "psql -h 127.0.0.1 -p $port -U probe -l" -- \
            "${user[@]}" "${preload[@]}" "$bin/postgres" -D "$PLACE/data" -p "$port" -k "$PLACE" \
            -h 127.0.0.1 -c fsync=off
        cd "$T"
        tap_start "$port"
        alike psql -X -h 127.0.0.1 -p "$TAP_PORT" -U probe -f "$T/work.sql" postgres
        assert_exit 0
        run cat "$T/shim.out"
        assert_line --partial "6000"
        tap_stop
        alike psql -X -h "$PLACE" -p "$port" -U probe -f "$T/work.sql" postgres
        assert_exit 0
        run cat "$T/shim.out"
        assert_line --partial "6000"
        server_stop
    done
}

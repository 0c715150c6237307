# Other versions of OpenSSL than the system's: those that are unpacked, with their headers, in the
# folders below $OPENSSL_VERSIONS (README, Hacking, says how to get them). The same programs, built
# for each.

load lib/bed

# build_for ROOT NAME: the programs below $VERSIONS/NAME; where a libc lies beside it, with that.
build_for() {
    local root=$1 to="$VERSIONS/$2" lib app
    local -a old=() loader=()
    lib=$(dirname "$(find "$root/" -name 'libssl.so.*' -print -quit)")
    [[ $lib != . ]] || return 1
    [[ ! -e $lib/libssl.so.1.1 ]] || old=(-include "$BATS_TEST_DIRNAME/data/tls/openssl-1.1.h")
    [[ ! -e $lib/libc.so.6 ]] ||
        loader=("-Wl,--dynamic-linker=$lib/ld-linux-x86-64.so.2" "-Wl,--allow-shlib-undefined")
    mkdir -p "$to"
    for app in "$BATS_TEST_DIRNAME"/apps/ssl-*.c; do
        gcc -D_GNU_SOURCE -std=gnu11 -O1 "${old[@]}" -I"$BATS_TEST_DIRNAME/../include" \
            -I"$root/usr/include" -I"$root/usr/include/$(gcc -print-multiarch)" -o \
            "$to/$(basename "$app" .c)" "$app" -pthread "-Wl,-rpath,$lib" "${loader[@]}" -L"$lib" \
            -lssl -lcrypto || return 1
    done
}

setup_file() {
    local root
    bed_start tls
    export VERSIONS="$BATS_FILE_TMPDIR/versions"
    mkdir "$VERSIONS"
    [[ -n ${OPENSSL_VERSIONS:-} ]] || return 0
    for root in "$OPENSSL_VERSIONS"/*/; do
        build_for "${root%/}" "$(basename "$root")" || return 1
    done
    ls "$VERSIONS" >&2
    [[ -n $(ls "$VERSIONS") ]]
}

teardown_file() { bed_stop; }

setup() {
    [[ -n ${OPENSSL_VERSIONS:-} ]] ||
        skip "OPENSSL_VERSIONS names no folder with other versions of OpenSSL"
    bed_test
}

# of_each FUNCTION: with APPS set to each version's.
of_each() {
    for APPS in "$VERSIONS"/*; do
        echo "of $(basename "$APPS")"
        "$@" || return 1
    done
}

uses_its_own() {
    local root version
    version=$(basename "$APPS")
    root=$OPENSSL_VERSIONS/$version
    run shim ldd "$APPS/ssl-life"
    assert_success
    assert_line --regexp "libssl\.so\..* => ($root|$(readlink -f "$root"))/"
    assert_line --partial "$SHIM"
}

@test "programs are run by the libraries that they were built for" { of_each uses_its_own; }

# adversary CONTEXT MODE CALLS
adversary() {
    TMPDIR="$T" run timeout 280 "$PYTHON" "$LIB/adversary.py" --preload "$SHIM" "$1" small \
        "$APPS/ssl-adversary" @ "$2" "$3" 1
    assert_success
    [[ $output =~ \ ([0-9]+)\ calls,\ ([0-9]+)\ refused$ ]]
    assert [ "${BASH_REMATCH[1]}" -ge "$3" ]
    assert [ "${BASH_REMATCH[2]}" -ge $(($3 / 100)) ]
}

@test "streams cut at every byte" {
    of_each adversary several pairs 10000
    of_each adversary several bytes 20000
}

@test "streams cut at random" {
    of_each adversary several random 3000
    of_each adversary limits random 2000
    of_each adversary trace random 2000
}

# twice COUNT PROGRAM...: the same arrives, but for COUNT baggage lines.
twice() {
    local count=$1 app=$2
    shift 2
    run_in bare "$APPS/$app" "$@"
    run_in shim "$APPS/$app" "$@"
    assert_equal "$(cat "$T/bare.rc" "$T/shim.rc")" $'0\n0'
    assert_equal "$(grep -v '^baggage: ' "$T/shim.out")" "$(cat "$T/bare.out")"
    assert_equal "$(grep -c '^baggage: user-id=user-12345,tenant-id=abcde.$' "$T/shim.out")" "$count"
}

@test "early data: accepted, in pieces, refused, limited, rejected" {
    of_each twice 2 ssl-early accepted
    of_each twice 2 ssl-early pieces
    of_each twice 2 ssl-early half
    of_each twice 2 ssl-early refused
    of_each twice 0 ssl-early limited
    of_each twice 1 ssl-early rejected
}

results() {
    export SEEN="$T/seen"
    rm -f "$SEEN" "$SEEN.all"
    # shellcheck disable=SC2016 # expanded by the inner shell
    same sh -c '"$0" "$SEEN"; rc=$?; cat "$SEEN" >>"$SEEN.all"; exit $rc' "$APPS/ssl-results"
    assert_exit 0
    [[ $(tr '\n' ' ' <"$SEEN.all") =~ ^0\ [1-9][0-9]+\ $ ]]
}

@test "results, errors and errno in every state in which it refuses" { of_each results; }

life() {
    run shim "$APPS/ssl-life" "$1"
    assert_success
    [[ -z ${2:-} ]] || assert_line --regexp "$2"
}

@test "the lives of sessions" {
    of_each life reuse
    of_each life cleared '^cleared: .* with baggage$'
    of_each life duplicated '^copy: .* with baggage$'
    of_each life again '^again: .* with baggage$'
    of_each life flushed '^flushed: .* with baggage$'
    of_each life referred '^in the body: 33 bytes, without$'
    of_each life answers '^server: 33 bytes, as they were$'
    of_each life tunnel '^inside: .* with baggage$'
    of_each life memory '^flat$'
}

threads() {
    local mode
    for mode in own handed halves locked; do
        run shim "$APPS/ssl-threads" "$mode" 8 300
        assert_success
        assert_output "2400 requests, 2400 baggage lines"
    done
}

@test "sessions in eight threads" { of_each threads; }

slow() {
    run shim "$APPS/ssl-slow" "$1" 1000
    assert_success
    assert_output --partial "1000 calls"
}

@test "sockets with the smallest buffers, to a slow reader, and writes that are left" {
    of_each slow waiting
    of_each slow blocking
    run shim "$APPS/ssl-jump" write
    assert_success
}

serve() {
    BAGGAGE="" run shim "$APPS/ssl-serve" 16 2 20
    assert_success
    assert_output "640 with their own baggage, 0 without"
}

@test "servers in sixteen threads" { of_each serve; }

# The tree itself: layers, exports, what the shim needs, and the size of things.

bats_load_library bats-support
bats_load_library bats-assert

setup() {
    ROOT="$BATS_TEST_DIRNAME/.."
    BUILD="${BELLHOP_BUILD:-$ROOT/build}"
    SO="$BUILD/libbellhop.so"
    CORE="$BUILD/libcore.a"
    cd "$ROOT" || return 1
}

# code FILE: without comments and blank lines.
code() {
    cpp -fpreprocessed -dD -E -P "$1" 2>/dev/null
}

@test "a folder of the shim includes only itself and what lies below it" {
    run /usr/bin/python3 tests/lib/layers.py shim
    assert_success
}

@test "the layer test sees an include that points upward" {
    local bad="$BATS_TEST_TMPDIR/shim"
    mkdir -p "$bad/base" "$bad/policy" "$bad/cli"
    echo '#include "policy/policy.h"' >"$bad/base/span.c"
    echo '#include "base/span.h"' >"$bad/policy/policy.c"
    echo '#include "hooks/real.h"' >"$bad/cli/main.c"
    run /usr/bin/python3 tests/lib/layers.py "$bad"
    assert_failure
    assert_line --partial "base/span.c"
    assert_line --partial "cli/main.c"
    refute_line --partial "policy/policy.c"
}

@test "only hooks/ and init.c look symbols up" {
    local file found=""
    while read -r file; do
        ! code "$file" | grep -qE '\bdl(sym|vsym|open|addr|_iterate_phdr)\b|RTLD_' ||
            found+=" $file"
    done < <(find shim -name '*.[ch]' -not -path 'shim/hooks/*' -not -path shim/init.c)
    assert_equal "$found" ""
    run nm -u "$CORE"
    assert_success
    refute_output --regexp '\bdl(sym|vsym|open|addr|_iterate_phdr)\b'
}

@test "only hooks/ exports" {
    # A symbol of the core with default visibility would be an export of everything that links it.
    run readelf -Ws "$CORE"
    assert_success
    assert_equal "$(awk '$5 ~ /GLOBAL|WEAK/ && $6 == "DEFAULT" && $7 != "UND"' <<<"$output")" ""
    run grep -rnE 'visibility *\( *"default"' shim --include='*.[ch]'
    refute_line --regexp '^shim/(base|baggage|http|policy|context|carrier|control|cli)/'
}

@test "the shim exports the hooks of hooks.def and its API, nothing else" {
    run nm -D --defined-only --format=posix "$SO"
    assert_success
    assert_equal "$(awk '{ print $1 }' <<<"$output" | sort)" \
        "$({ echo bellhop_api && sed -n 's/^HOOK( *[a-z0-9_]*, *\([A-Za-z0-9_]*\) *).*/\1/p' \
            shim/hooks/hooks.def; } | sort)"
    assert [ "$(wc -l <<<"$output")" -gt 5 ]
}

@test "no hook stands in hooks.def twice" {
    assert_equal "$(sed -n 's/^HOOK(.*, *\(.*\)).*/\1/p' shim/hooks/hooks.def | sort | uniq -d)" ""
}

@test "exports have no version node, or programs that ask for a version would pass them by" {
    run readelf -WV "$SO"
    assert_success
    refute_output --partial "Version definition section"
}

@test "the shim needs libc and nothing else" {
    run readelf -Wd "$SO"
    assert_success
    assert_equal "$(sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' <<<"$output" | grep -v '^ld-linux')" \
        libc.so.6
    refute_output --partial TEXTREL
    refute_output --partial RUNPATH
}

@test "the shim uses nothing that ends, prints, starts threads, or changes signals and limits" {
    run nm -D -u --format=posix "$SO"
    assert_success
    for name in abort exit _exit quick_exit __assert_fail printf fprintf puts perror __printf_chk \
        __fprintf_chk getenv setenv unsetenv putenv signal sigaction sigprocmask pthread_sigmask \
        pthread_create setrlimit prctl system popen fork; do
        refute_line --regexp "^$name(@| )"
    done
}

@test "little is looked up and relocated at each start" {
    local imports relocations
    imports=$(nm -D -u --format=posix "$SO" | wc -l)
    relocations=$(readelf -Wr "$SO" | grep -c _RELATIVE)
    echo "$imports imports, $relocations relocations"
    ((imports <= 24 && relocations <= 100))
}

# within_page ADDRESS SIZE: no byte of it lies on another page; both in hexadecimal.
within_page() { ((0x$1 / 4096 == (0x$1 + 0x$2 - 1) / 4096)); }

@test "what the loader and each start write lies on two pages: constants, and the rest" {
    run readelf -Wl "$SO"
    [[ $output =~ GNU_RELRO\ +0x[0-9a-f]+\ 0x([0-9a-f]+)\ 0x[0-9a-f]+\ 0x[0-9a-f]+\ 0x([0-9a-f]+) ]]
    assert within_page "${BASH_REMATCH[@]:1}"
    run readelf -WS "$SO"
    [[ $output =~ \ \.data\ +PROGBITS\ +([0-9a-f]+)\ [0-9a-f]+\ ([0-9a-f]+) ]]
    assert within_page "${BASH_REMATCH[@]:1}"
}

@test "what each start runs lies on the first 64 KB, which the kernel maps in one piece" {
    local name
    for name in init settings_env_read symbols_start policy_wants_program policy_confidence \
        process_start regime_start whose_start fds_reserve fds_inherited pool_grow mmap strncmp; do
        run awk -v name="$name" '$3 == name { print $1 }' <(nm "$SO")
        assert [ -n "$output" ]
        assert [ $((0x$output)) -lt 65536 ]
    done
}

@test "the codec and the framers are pure: no memory of their own, no calls but memcpy and such" {
    local own
    own=$(nm --defined-only --format=posix "$CORE" | awk 'NF > 2 { print $1 }' | sort -u)
    for folder in baggage http; do
        run bash -c "nm -u --format=posix $BUILD/obj/shim/$folder/*.o"
        assert_success
        assert_equal "$(awk 'NF > 1 { print $1 }' <<<"$output" | sort -u |
            comm -23 - <(echo "$own") |
            grep -vE '^(mem[a-z]+|str[a-z]+|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_)$')" ""
        run bash -c "size -A $BUILD/obj/shim/$folder/*.o"
        assert_equal "$(awk '$1 ~ /^\.t?(data|bss)$/ && $2 != 0' <<<"$output")" ""
    done
}

@test "lines of code fit into 100 columns and files into 400 lines" {
    run find shim include tests '(' -name '*.[ch]' -o -name '*.def' ')' -exec awk '
        length($0) > 100 { print FILENAME ":" FNR ": " length($0) " columns" }
        FNR == 401 { print FILENAME ": over 400 lines" }' '{}' +
    assert_success
    assert_output ""
}

@test "functions are short, and no #if stands within one" {
    run /usr/bin/python3 tests/lib/functions.py shim
    assert_success
}

@test "the top level holds what the design says, and nothing else" {
    run bash -c 'if git rev-parse >/dev/null 2>&1; then git ls-files -co --exclude-standard
        else find . -type f -not -path "./build/*" | sed "s,^\./,,"; fi | cut -d/ -f1 | sort -u'
    assert_success
    for name in "${lines[@]}"; do
        case $name in
        Makefile | README.md | LICENSE | .ci | .clang-format | .editorconfig | .gitignore) ;;
        include | conf | shim | tests) ;;
        *) fail "$name does not belong there" ;;
        esac
    done
}

@test "nothing in the tree names a machine's own paths" {
    run grep -rnIE '(^|[^A-Za-z}])/(work|home|root)/' \
        --exclude-dir=build --exclude-dir=.git \
        --exclude=400-tree.bats .
    assert_equal "$output" ""
}

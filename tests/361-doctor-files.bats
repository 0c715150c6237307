#!/usr/bin/env bats
# bellhop doctor: libraries are found as the loader finds them, and broken files do no harm.
# shellcheck disable=SC2154,SC2016,SC2030,SC2031  # bats sets stderr; $ORIGIN is the loader's

load lib/doctor

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

# The libraries that the loader itself takes, as NAME PATH; the path of one that is not found is
# "not found".
by_loader() {
    timeout 20 env LD_TRACE_LOADED_OBJECTS=1 "$1" |
        sed -n 's/^\t\([^ ]*\) => \(not found\|[^ ]*\).*/\1 \2/p' | while read -r name path; do
        [[ $path != /* ]] || path=$(realpath "$path")
        echo "$name $path"
    done | sort -u
}

by_doctor() {
    jq -r '.libraries[] | select(.needed_by and (.at_run_time | not) and (.name | startswith("ld-linux") | not))
        | "\(.name) \(.path // "not found")"' <<<"$json" | while read -r name path; do
        [[ $path != /* ]] || path=$(realpath "$path")
        echo "$name $path"
    done | sort -u
}

# same_libraries PROGRAM
same_libraries() {
    json=$(bellhop doctor --json "$1") || true
    diff <(by_loader "$1") <(by_doctor)
}

@test "real programs: the libraries are those that the loader takes" {
    local program
    for program in curl wget perl openssl git nginx haproxy gnutls-cli ssh gcc; do
        program=$(PATH=$PATH:/usr/sbin type -P "$program") || continue
        file -L "$program" 2>/dev/null | grep -q script && continue
        same_libraries "$program"
    done
}

@test "real programs: the functions that are met are those that nm shows" {
    local file
    for file in curl wget perl openssl; do
        file=$(type -P "$file")
        json=$(bellhop doctor --json "$file") || true
        diff <(nm -D -u --format=posix "$file" | sed 's/[@ ].*//' | sort -u |
            comm -12 - <(sed -n 's/^HOOK(.*, *\(.*\)).*/\1/p' \
                "$BATS_TEST_DIRNAME/../shim/hooks/hooks.def" | sort -u)) \
            <(jq -r --arg name "${file##*/}" \
                '.hooks[] | to_entries[] | select(.value | index($name)) | .key' <<<"$json" | sort -u)
    done
}

# Two libraries of one name, in folders a and b, and one that needs it.
two_places() {
    library leaf leaf
    mkdir -p a b c
    cp libleaf.so a/
    cp libleaf.so b/
    rm libleaf.so
}

@test "RUNPATH, RPATH, \$ORIGIN and LD_LIBRARY_PATH, in the loader's order" {
    two_places
    export SOURCE='int leaf(); int main() { return leaf(); }'
    local tags
    for tags in --enable-new-dtags --disable-new-dtags; do
        program "p$tags" -Lb -lleaf "-Wl,$tags" '-Wl,-rpath,$ORIGIN/b:/nowhere'
        same_libraries "./p$tags"
        says "any(.libraries[]; .path | strings | endswith(\"/b/libleaf.so\"))"
        LD_LIBRARY_PATH="$PWD/a" same_libraries "./p$tags"
        LD_LIBRARY_PATH="/nowhere;$PWD/a" same_libraries "./p$tags"
        program "q$tags" -Lb -lleaf "-Wl,$tags" '-Wl,-rpath,${ORIGIN}/../'"${PWD##*/}/a"
        same_libraries "./q$tags"
        ln -sf "../q$tags" "c/link$tags"
        same_libraries "./c/link$tags"
    done
}

@test "an RPATH counts for what its libraries need, a RUNPATH does not" {
    two_places
    library middle middle -Lb -Wl,--no-as-needed -lleaf
    mv libmiddle.so b/
    export SOURCE='int middle(); int main() { return middle(); }'
    program old -Lb -lmiddle -Wl,-rpath-link,b -Wl,--disable-new-dtags -Wl,-rpath,"$PWD/b"
    same_libraries ./old
    program new -Lb -lmiddle -Wl,-rpath-link,b -Wl,--enable-new-dtags -Wl,-rpath,"$PWD/b"
    same_libraries ./new
    report 1 ./new
    says 'any(.libraries[]; .name == "libleaf.so" and .state == "not found")'
    assert_line --regexp 'not carried: anything, as long as libleaf.so is not found, which libmiddle'
    # One with a RUNPATH of its own does not ask those above it.
    library middle middle -Lb -Wl,--no-as-needed -lleaf -Wl,--enable-new-dtags '-Wl,-rpath,$ORIGIN/../a'
    mv libmiddle.so b/
    same_libraries ./old
}

@test "\$ORIGIN of a library is where it was found, not where a link leads" {
    two_places
    library middle middle -Lb -Wl,--no-as-needed -lleaf '-Wl,-rpath,$ORIGIN/../a'
    mkdir -p d/c d/a
    cp a/libleaf.so d/a/
    mv libmiddle.so c/
    ln -s ../../c/libmiddle.so d/c/libmiddle.so
    export SOURCE='int middle(); int main() { return middle(); }'
    program prog -Lc -lmiddle -Wl,-rpath-link,b '-Wl,-rpath,$ORIGIN/d/c'
    same_libraries ./prog
    says 'any(.libraries[]; .path | strings | endswith("/d/c/../a/libleaf.so"))'
    program prog -Lc -lmiddle -Wl,-rpath-link,b '-Wl,-rpath,d/c'
    same_libraries ./prog
}

@test "libraries for another machine are passed by, as are folders" {
    two_places
    export SOURCE='int leaf(); int main() { return leaf(); }'
    program prog -Lb -lleaf -Wl,-rpath,"$PWD/a:$PWD/b"
    printf '\x03\x00' | dd of=a/libleaf.so bs=1 seek=18 conv=notrunc status=none
    same_libraries ./prog
    rm a/libleaf.so
    mkdir a/libleaf.so
    # There the loader ends its search as well.
    run -127 ./prog
    report 1 ./prog
    says 'any(.libraries[]; .name == "libleaf.so" and .state == "no ELF file")'
}

@test "a name with a slash is a path" {
    library leaf leaf
    echo 'int slash(void) { return 1; }' | "$CC" -shared -fPIC -x c -o libslash.so - \
        -Wl,-soname,./libslash.so
    SOURCE='int slash(); int main() { return slash(); }' program prog -L. -lslash
    report 0 ./prog
    says 'any(.libraries[]; .name == "libslash.so" and .path == "./libslash.so")'
    mkdir c
    cd c
    json=$(bellhop doctor --json ../prog) || true
    says 'any(.libraries[]; .name == "libslash.so" and .path == null)'
}

@test "libraries that need each other, and themselves" {
    library one one
    library two two -L. -Wl,--no-as-needed -lone
    library one one -L. -Wl,--no-as-needed -ltwo -lone
    SOURCE='int one(); int main() { return one(); }' program prog -L. -lone -Wl,-rpath-link,. -Wl,-rpath,"$PWD" \
        -Wl,--disable-new-dtags
    same_libraries ./prog
    report 0 ./prog
    says '[.libraries[] | select(.name == "libone.so" or .name == "libtwo.so")] | length == 2'
}

@test "a library that may not be read is told" {
    [[ $(id -u) == 0 ]] || skip "needs root to be somebody else"
    two_places
    SOURCE='int leaf(); int main() { return leaf(); }' program prog -Lb -lleaf -Wl,-rpath,"$PWD/b"
    chmod 600 b/libleaf.so
    mkdir -p own/bin
    cp "$BUILD/bellhop" "$BUILD/libbellhop.so" own/bin/
    chmod -R a+rX .
    chmod 600 b/libleaf.so
    chmod a+x "$BATS_RUN_TMPDIR" "$(dirname "$BATS_TEST_TMPDIR")" "$BATS_TEST_TMPDIR"
    run setpriv --reuid 65534 --regid 65534 --clear-groups timeout 20 "$PWD/own/bin/bellhop" doctor \
        "$PWD/prog"
    assert_failure 1
    assert_line --partial 'not carried: what libleaf.so does, as far as it is unknown: the file is not readable'
}

# A small program and a small library, and the sanitized command beside a shim.
hostile() {
    local folder="$PWD/$1" file code
    export SOURCE='int SSL_write(void); int send(void); int main(void) { return SSL_write() + send(); }'
    program base -Os -fPIC -nostartfiles -Wl,-z,noseparate-code -Wl,--unresolved-symbols=ignore-all \
        -Wl,-e,main '-Wl,-rpath,$ORIGIN/x'
    mkdir -p "$folder"
    "$PYTHON" "$LIB/elf_hostile.py" base "$folder" "$1"
    for file in "$folder"/*; do
        code=0
        timeout 60 "$BUILD/asan/bellhop" doctor "$file" >out 2>&1 || code=$?
        if ((code > 4)) || grep -qE 'Sanitizer|runtime error' out; then
            cat out
            fail "$file: $code"
        fi
    done
}

@test "files that are cut short: no fault, no wait" {
    hostile cuts
}

@test "files with changed bytes: no fault, no wait" {
    hostile flips
}

@test "tables that point anywhere: no fault, no wait" {
    hostile tables
}

@test "string tables of gigabytes are not read" {
    hostile huge
    report 1 ./huge/huge
    assert_line --partial 'damaged'
}

@test "a library that is broken is told, and the rest of the report stands" {
    library leaf leaf
    SOURCE="$SENDER int leaf(); int x() { return leaf(); }" program prog -L. -lleaf -Wl,-rpath,"$PWD"
    head -c 700 libleaf.so >cut-short
    mv cut-short libleaf.so
    report 1 ./prog
    says '.ways.sockets == ["prog"]'
    assert_line --regexp 'not carried: what libleaf.so does, .*: the file is damaged'
    echo 'GROUP ( libc.so.6 )' >libleaf.so
    report 1 ./prog
    says 'any(.libraries[]; .name == "libleaf.so" and .state == "no ELF file")'
}

@test "a library that is a pipe or a device keeps nobody waiting" {
    library leaf leaf
    SOURCE='int leaf(); int main() { return leaf(); }' program prog -L. -lleaf -Wl,-rpath,"$PWD"
    rm libleaf.so
    mkfifo libleaf.so
    run timeout 20 "$BUILD/bellhop" doctor ./prog
    assert_failure 1
    rm libleaf.so
    ln -s /dev/zero libleaf.so
    run timeout 20 "$BUILD/bellhop" doctor ./prog
    assert_failure 1
}

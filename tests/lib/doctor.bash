# For the suites of `bellhop doctor`: the command beside a shim, programs made for a test, and what
# the report says. Load it with: load lib/doctor.
# shellcheck disable=SC2034 # the suites use what is set here

bats_require_minimum_version 1.5.0
bats_load_library bats-support
bats_load_library bats-assert

LIB="$BATS_TEST_DIRNAME/lib"
BUILD="${BELLHOP_BUILD:-$BATS_TEST_DIRNAME/../build}"
[[ $BUILD == /* ]] || BUILD="$PWD/$BUILD"
CC=${CC:-cc}
PYTHON=/usr/bin/python3

unset BAGGAGE LD_PRELOAD LD_LIBRARY_PATH BELLHOP_CONFIG BELLHOP_DISABLED BELLHOP_LOG
export LC_ALL=C.UTF-8

bellhop() { timeout 60 "$BUILD/bellhop" "$@"; }

# report CODE ARGUMENT...: its lines in $output, and its JSON in $json.
report() {
    local code=$1
    shift
    run "-$code" --separate-stderr bellhop doctor "$@"
    # shellcheck disable=SC2154 # bats sets it
    assert_equal "$stderr" ''
    json=$(bellhop doctor --json "$@") || assert_equal "$?" "$code"
    jq -e . <<<"$json" >/dev/null
}

# says FILTER: jq finds that true of the JSON.
says() {
    jq -e "$1" <<<"$json" >/dev/null || fail "not so: $1
$json"
}

# found ID [EVIDENCE]: that mark is in the report.
found() {
    says "any(.found[]; .id == \"$1\" and .evidence == \"${2:-certain}\")"
}

# need COMMAND: the test is skipped, and says so, where a program is not installed.
need() {
    [[ -n $(PATH=$PATH:/usr/sbin:/sbin type -P "$1") ]] || skip "$1 is not installed"
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS <= end)) || fail "waited in vain: $*"
        sleep 0.02
    done
}

# program NAME CC_OPTION...: out of $SOURCE, or one that sends over a socket.
program() {
    "$CC" -w -x c -o "$1" - "${@:2}" <<<"${SOURCE:-$SENDER}"
}

SENDER='#include <sys/socket.h>
int main(void)
{
    int s = socket(AF_INET, SOCK_STREAM, 0);
    return connect(s, 0, 0) != 0 && send(s, "", 0, 0) >= 0;
}'

# library NAME FUNCTION CC_OPTION...: lib NAME .so with one function.
library() {
    echo "int $2(void) { return 1; }" |
        "$CC" -shared -fPIC -Wl,-soname,"lib$1.so" -x c -o "lib$1.so" - "${@:3}"
}

# A directory where setuid counts.
suid_dir() {
    local dir
    for dir in "$PWD" "$BUILD"; do
        [[ ,$(findmnt -no OPTIONS -T "$dir"), == *,nosuid,* ]] || { echo "$dir" && return; }
    done
    return 1
}

#!/usr/bin/env bats
# The baggage codec, one rule of the standard a test. `show` prints a list for people to read.

bats_load_library bats-support
bats_load_library bats-assert

BUILD="${BELLHOP_BUILD:-$BATS_TEST_DIRNAME/../build}"
TOOL="$BUILD/testtool"

# show LINE...: the lines of one request; printf escapes in them are read.
show() {
    local line
    for line in "$@"; do printf '%b\n' "$line"; done | "$TOOL" baggage show
}

# ask OPERATION...: one answer each.
ask() { printf '%s\n' "$@" | "$TOOL" baggage batch; }

hex() { printf '%b' "$1" | od -An -v -tx1 | tr -d ' \n' | sed 's/^$/-/'; }

# keys: of what show printed, in order, on one line.
keys() { awk '$1 == "member" { printf "%s%s", sep, $2; sep = " " } END { print "" }'; }

@test "the examples of the specification are read (A)" {
    run show "key1=value1;property1;property2, key2 = value2, key3=value3; \
propertyKey=propertyValue"
    assert_output "\
members=3 dropped=0 bytes=81
member key1 raw=value1 decoded=value1 sent=key1=value1;property1;property2
  property property1
  property property2
member key2 raw=value2 decoded=value2 sent=key2=value2
member key3 raw=value3 decoded=value3 sent=key3=value3;propertyKey=propertyValue
  property propertyKey raw=propertyValue"
}

@test "a key is a token, case-sensitive, and never decoded (A2)" {
    run show '%41=1,A=2,a=3'
    assert_line --partial 'member %41 raw=1'
    assert_line --partial 'member A raw=2'
    assert_line --partial 'member a raw=3'
}

@test "each byte is allowed in a key and in a value, or is not, as the grammar says (A, A2, A5)" {
    local long_key long_value byte char code key value
    long_key=$(printf '6b%.0s' {1..20})
    long_value=$(printf '76%.0s' {1..18})
    local in_key="!#\$%&'*+-.^_\`|~" operations=() expected=()
    for code in $(seq 0 255); do
        printf -v byte '%02x' "$code"
        key=0 value=0
        if ((code > 0x20 && code < 0x7F)); then
            printf -v char '%b' "\\x$byte"
            [[ $char == [0-9A-Za-z] || $in_key == *"$char"* ]] && key=1
            [[ $char != [\",\;\\] ]] && value=1
        fi
        # k<byte>k=1 and k=v<byte>v, in a first and in a later block of sixteen.
        operations+=("parse 6b${byte}6b3d31" "parse 6b3d76${byte}76"
            "parse $long_key${byte}6b3d${long_value}" "parse 6b3d$long_value${byte}$long_value")
        # A separator makes other members, or a property, of these bytes.
        case $char$byte in
        =3d) expected+=("1 0" "1 0" "1 0" "1 0") ;;
        ,2c) expected+=("1 1" "1 1" "1 1" "1 1") ;;
        \;3b) expected+=("0 1" "1 0" "0 1" "1 0") ;;
        *) expected+=("$key $((1 - key))" "$value $((1 - value))"
            "$key $((1 - key))" "$value $((1 - value))") ;;
        esac
        char=
    done
    assert_equal "${#operations[@]}" 1024
    run diff <(printf '%s\n' "${expected[@]}") <(ask "${operations[@]}" | cut -d' ' -f1,2)
    assert_success
}

@test "an empty value is one, and a value may hold the sign of equality (A3)" {
    run show 'k=,l==,m=a=b=,n = ;p'
    assert_line 'member k raw= decoded= sent=k='
    assert_line 'member l raw== decoded== sent=l=='
    assert_line 'member m raw=a=b= decoded=a=b= sent=m=a=b='
    assert_line 'member n raw= decoded= sent=n=;p'
}

@test "spaces and tabs around separators are no part of anything, and are not sent (A4)" {
    run show ' \t a \t = \t 1 \t ; \t p \t = \t q \t ; r \t , \t b=2 \t '
    assert_line --index 0 'members=2 dropped=0 bytes=13'
    assert_line 'member a raw=1 decoded=1 sent=a=1;p=q;r'
    assert_line '  property p raw=q'
    assert_line 'member b raw=2 decoded=2 sent=b=2'
}

@test "other white space is an error, not white space (A4, B10)" {
    for byte in '\v' '\f' '\r' '\xa0' '\xc2\xa0' '\0' '\x85'; do
        run show "a=${byte}1,b${byte}=1,ok=1"
        assert_line --index 0 'members=1 dropped=2 bytes=4'
    done
    run show 'a=1\r'
    assert_output 'members=0 dropped=1 bytes=0'
}

@test "percent-encoding keeps what may stay and encodes the rest over bytes (B6)" {
    all="$(for c in $(seq 0 127); do printf '%02x' "$c"; done)"
    run ask "encode 1000 $all"
    printf -v controls '%%%02X' $(seq 0 31)
    legal="$controls%20!%22#\$%25&'()*+%2C-./0123456789:%3B<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    legal+="[%5C]^_\`abcdefghijklmnopqrstuvwxyz{|}~%7F"
    assert_output "$(printf '%s' "$legal" | od -An -v -tx1 | tr -d ' \n')"
    run ask "encode 9 $(hex '\xe2\x82\xac')"
    assert_output "$(hex '%E2%82%AC')"
}

@test "a plus is a plus, and hex digits come in either case (B7)" {
    run show 'k=a+b%2b%2B%c3%A9'
    assert_line --partial 'decoded=a+b++\xc3\xa9 '
}

@test "what is not UTF-8 becomes one U+FFFD for each maximal subpart (B8)" {
    # From Unicode 15, table 3-8 to 3-11, and the ends of the ranges.
    local fffd=efbfbd
    run ask "decode 99 c0afe080bff0818241" "decode 99 eda080edbfbfedaf41" \
        "decode 99 f4919293ff4180bf42" "decode 99 e180e2f09192f1bf41" "decode 99 f48fbfbff5808080" \
        "decode 99 $(hex '%e2%82x%F0%9F\x92%a9%ff')"
    assert_output "\
$fffd$fffd$fffd$fffd$fffd$fffd$fffd${fffd}41
$fffd$fffd$fffd$fffd$fffd$fffd$fffd${fffd}41
$fffd$fffd$fffd$fffd${fffd}41$fffd${fffd}42
$fffd$fffd$fffd${fffd}41
f48fbfbf$fffd$fffd$fffd$fffd
${fffd}78f09f92a9$fffd"
}

@test "a malformed escape is forwarded as it is and shown literally (B9)" {
    run show 'a=%,b=%2,c=%GG,d=%%41,e=%4%41'
    assert_line --index 0 'members=5 dropped=0 bytes=29'
    assert_line --partial 'raw=%2 decoded=%2 sent=b=%2'
    assert_line --partial 'raw=%GG decoded=%GG sent=c=%GG'
    assert_line --partial 'raw=%%41 decoded=%A sent=d=%%41'
    assert_line --partial 'raw=%4%41 decoded=%4A sent=e=%4%41'
}

@test "decoded values may hold NUL, line ends and commas, and what is sent does not (B10, B11)" {
    run show 'k=a%00b%0D%0AX-Evil:1%2Cevil%3D1%3b'
    assert_line --partial 'decoded=a\x00b\x0d\x0aX-Evil:1,evil=1; '
    assert_line --partial 'sent=k=a%00b%0D%0AX-Evil:1%2Cevil%3D1%3b'
}

@test "properties keep their order, their duplicates and their escapes (C12)" {
    run show 'k=v;p=%41;p;%41=b;p=%41'
    assert_output "\
members=1 dropped=0 bytes=23
member k raw=v decoded=v sent=k=v;p=%41;p;%41=b;p=%41
  property p raw=%41
  property p
  property %41 raw=b
  property p raw=%41"
}

@test "empty properties are tolerated and not sent (C13)" {
    run show 'a=1;,b=2;;p,c=3; ;\t; q;;,d=4;p=' 'e=5 ; '
    assert_line --index 0 'members=5 dropped=0 bytes=26'
    assert_line --partial 'sent=b=2;p'
    assert_line --partial 'sent=c=3;q'
    assert_line --partial 'sent=d=4;p='
    assert_line 'member e raw=5 decoded=5 sent=e=5'
}

@test "a malformed property drops its member and no other (C, F21)" {
    run show 'a=1;p q,b=2;=v,c=3;k\\\\=v,d=4;"p",e=5;p=a b,f=6;p=\x01,g=7;p ok=1,ok=1'
    assert_line --index 0 'members=1 dropped=7 bytes=4'
    assert_line 'member ok raw=1 decoded=1 sent=ok=1'
}

@test "all lines are one list in order, and empty elements are skipped (D14, D15)" {
    run show ',a=1, ,\t,b=2,' '' ' , ' 'c=3'
    assert_line --index 0 'members=3 dropped=0 bytes=11'
    run keys <<<"$output"
    assert_output 'a b c'
}

@test "duplicate keys are kept in order, and a look-up finds the last (D16)" {
    run ask "parse $(hex 'a=1,b=2,a=3,A=4')" "find 61 $(hex 'a=1,b=2') $(hex 'a=3,A=4')" \
        "find 62 $(hex 'a=1,b=2')" "find 63 $(hex 'a=1,b=2')" "find - $(hex 'a=1')"
    assert_line --index 0 --regexp "^4 0 15 15 $(hex 'a=1,b=2,a=3,A=4') "
    assert_line --index 1 2
    assert_line --index 2 1
    assert_line --index 3 -- -1
    assert_line --index 4 -- -1
}

@test "merging adds the members whose keys are missing, after those that are there (E19)" {
    run ask "join $(hex 'a=weak,b=2;p,b=3,C=4') $(hex 'x=1 , a=1') $(hex 'c=1')"
    assert_output "e e $(hex 'x=1,a=1,c=1,b=2;p,b=3,C=4')"
    run ask "join $(hex 'b=2') -" "join - $(hex 'a=1')" "join $(hex 'a=2') $(hex 'a=1')"
    assert_output "1 1 $(hex 'b=2')
0 0 $(hex 'a=1')
0 0 $(hex 'a=1')"
}

@test "sixty-four members pass and the later ones are dropped (E18, E19)" {
    line=$(seq -s, -f 'k%g=v' 1 70)
    run show "$line"
    assert_line --index 0 'members=64 dropped=6 bytes=374'
    assert_line --index 64 'member k64 raw=v decoded=v sent=k64=v'
    run ask "join $(hex 'own=1') $(hex "$(seq -s, -f 'k%g=v' 1 63)")" \
        "join $(hex 'own=1') $(hex "$(seq -s, -f 'k%g=v' 1 64)")"
    assert_line --index 0 --partial '1 1 '
    assert_line --index 1 --partial '1 0 '
}

@test "8192 bytes as sent pass, white space not counted, commas counted (E18)" {
    x=$(printf 'x%.0s' $(seq 8190))
    run show "  k  =  $x  "
    assert_line --index 0 'members=1 dropped=0 bytes=8192'
    run show "k=${x}x"
    assert_output 'members=0 dropped=1 bytes=0'
    run show "k=${x:4}" "a=1"
    assert_line --index 0 'members=2 dropped=0 bytes=8192'
    run show "k=${x:3}" "a=1"
    assert_line --index 0 'members=1 dropped=1 bytes=8189'
}

@test "a member too long to be sent takes no other with it (E19)" {
    run show "a=1,big=$(printf 'x%.0s' $(seq 8190)),b=2"
    assert_line --index 0 'members=2 dropped=1 bytes=7'
}

@test "input beyond 64 KiB over all lines is not looked at, nor is the member that it cuts (E20)" {
    commas=$(printf ',%.0s' $(seq 65530))
    run show "$commas,a=1" 'b=2' # 65534 bytes: the second line would need 3
    assert_line --index 0 'members=1 dropped=1 bytes=3'
    run show "${commas}a=1,bc=23" # 65536 bytes end within the second member
    assert_line --index 0 'members=1 dropped=1 bytes=3'
    run show "${commas}a=1,b=" # 65536 bytes and the end
    assert_line --index 0 'members=2 dropped=0 bytes=6'
    run show "${commas}a=1,b=2" # "b=" alone would be another member
    run keys <<<"$output"
    assert_output 'a'
}

@test "hostile lists cost no more than their length" {
    # Eight hundred lists of 64 KiB; the bound is far above what they take on a loaded machine.
    run timeout 60 /usr/bin/python3 -B - "$TOOL" <<'EOF'
import subprocess, sys, time
full = 65536
kinds = [b"," * full, b" " * full, b"a=" + b";" * (full - 2), b"a" * full, b"a=1," * (full // 4),
         b"a" + b"\t" * (full - 1), b"bad," * (full // 4), b"=" * full,
         b"a=1;p=" + b"%" * (full - 6),
         b",".join([b"k" * 60 + b"%02d" % i + b"=" + b"v" * 60 for i in range(64)])]
batch = "".join(f"join {k.hex()} {k.hex()}\n" for k in kinds * 20)
start = time.monotonic()
run = subprocess.run([sys.argv[1], "baggage", "batch"], input=batch, text=True, check=True,
                     stdout=subprocess.PIPE)
spent = time.monotonic() - start
assert len(run.stdout.splitlines()) == 200, len(run.stdout.splitlines())
assert spent < 20, spent
EOF
    assert_success
}

@test "a malformed member leaves a good one of the same key as it was (F21)" {
    run show 'a=good,a="bad",a=b\x01d,a'
    assert_output "\
members=1 dropped=3 bytes=6
member a raw=good decoded=good sent=a=good"
}

@test "a composed member is encoded, and its properties are tidied (B6, C13)" {
    run ask "compose 99 6b $(hex 'a b,c') $(hex ' p = q ;; r')" "compose 99 6b - -" \
        "compose 11 6b $(hex 'a b%c') -" "compose 10 6b $(hex 'a b%c') -"
    assert_output "$(hex 'k=a%20b%2Cc;p=q;r')
$(hex 'k=')
$(hex 'k=a%20b%25c')
none"
}

@test "a key that is no token, or properties that are none, compose nothing (A2)" {
    run ask "compose 99 - 31 -" "compose 99 $(hex 'a b') 31 -" "compose 99 $(hex 'é') 31 -" \
        "compose 99 61 31 $(hex 'p q')" "compose 99 61 31 $(hex 'p,b=2')" \
        "compose 99 61 31 $(hex '=1')" "compose 99 61 31 $(hex 'p=\r\n')"
    assert_output "$(printf 'none\n%.0s' {1..7})"
}

#!/bin/sh
# B as what inetd starts: a request on standard input, its answer on standard output.
while IFS=' ' read -r _ path version; do
    while read -r line && [ "$line" != "$(printf '\r')" ]; do :; done
    data=$(curl -q -sS --max-time 30 "$C_URL$path" </dev/null)
    printf 'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s\n' $((${#data} + 1)) "$data"
    [ "$version" = "$(printf 'HTTP/1.1\r')" ] || break
done

#!/bin/bash
# Requests over bash's own connections: prog-devtcp.sh WAY PORT.
set -eu
exec 5<>"/dev/tcp/127.0.0.1/$2"
head="GET /$1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
case $1 in
printf) printf "%b" "$head" >&5 ;;
echo) echo -ne "$head" >&5 ;;
cat) printf "%b" "$head" | cat >&5 ;;
python) /usr/bin/python3 -c 'import os, sys; os.write(5, sys.stdin.buffer.read())' \
    <<<"$(printf "%b" "$head")"$'\n\r\n' ;;
esac
cat <&5

#!/bin/sh
# B as a CGI script.
[ -z "$CONTENT_LENGTH" ] || head -c "$CONTENT_LENGTH" >/dev/null
printf 'Content-Type: text/plain\r\n\r\n'
exec curl -q -sS --max-time 30 "$C_URL$PATH_INFO"

#!/bin/sh
# B as a CGI script.
printf 'Content-Type: text/plain\r\n\r\n'
exec curl -q -sS --max-time 30 "$C_URL$PATH_INFO"

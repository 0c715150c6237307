#!/bin/sh
# B as a CGI script that goes on after its call.
data=$(wget --no-config -q -T 30 -O - "$C_URL$PATH_INFO")
printf 'Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s\n' $((${#data} + 1)) "$data"

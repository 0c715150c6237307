#!/bin/sh
# A script of a shop that asks the services behind it: each word of X-Do is a URL.
printf 'Content-Type: text/plain\r\n\r\n'
for url in $HTTP_X_DO; do
    # shellcheck disable=SC2086 # RESOLVE is several options
    curl -q -sS -L --max-time 30 $RESOLVE "$url"
done

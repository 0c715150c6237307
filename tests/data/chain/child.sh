#!/bin/sh
# What a handler runs: CHILD says how it asks C, the first argument is the path.
case ${CHILD:-curl} in
curl) exec curl -q -sS --max-time 30 "$C_URL$1" ;;
wget) exec wget --no-config -q -T 30 -O - "$C_URL$1" ;;
# A child of a child, that has forgotten it all but its environment.
far) exec sh -c 'sh -c "curl -q -sS --max-time 30 $C_URL$1"; exit' sh "$1" ;;
# Without the shim: what the environment holds.
env)
    unset LD_PRELOAD
    exec curl -q -sS --max-time 30 ${BAGGAGE:+-H "baggage: $BAGGAGE"} \
        ${TRACEPARENT:+-H "traceparent: $TRACEPARENT"} ${TRACESTATE:+-H "tracestate: $TRACESTATE"} \
        "$C_URL$1/env"
    ;;
# What the environment is, sorted, into $REPORT.
report)
    env | sort >"$REPORT"
    echo "done"
    ;;
esac

#!/usr/bin/python3
"""What stands in a recorder's log.

  wire.py sent NAME LOG       one line a request: METHOD HOST PATH and the values of header NAME,
                              " | " between several lines, "-" for none
  wire.py protos LOG          the protocols seen, sorted, each once
  wire.py same [-u] BARE SHIM says how two logs differ but for our own headers; -u: in any order
  wire.py legal LOG           says which bytes of ours break a rule of the wire
"""
import json
import sys

OURS = ("baggage", "traceparent", "tracestate")


def read(path):
    with open(path, encoding="ascii") as log:
        return [json.loads(line) for line in log]


def values(request, name):
    return [v for n, v in request["headers"] if n.lower() == name]


def sent(name, path):
    for r in read(path):
        print(r["method"], r["host"], r["path"], " | ".join(values(r, name)) or "-")


def protos(path):
    for proto in sorted({r["proto"] for r in read(path)}):
        print(proto)


def others(request):
    """A request without what we may add: everything else has to be equal, in order."""
    kept = {k: v for k, v in request.items() if k not in ("conn", "raw", "headers")}
    kept["headers"] = [h for h in request["headers"] if h[0].lower() not in OURS]
    return json.dumps(kept, sort_keys=True)


def same(unordered, bare, shim):
    left, right = ([others(r) for r in read(path)] for path in (bare, shim))
    if unordered:
        left.sort()
        right.sort()
    if left == right:
        return 0
    print("requests differ: %d without the shim, %d with it" % (len(left), len(right)))
    for a, b in zip(left + [None] * len(right), right + [None] * len(left)):
        if a != b:
            print("- %s\n+ %s" % (a, b))
            break
    return 1


def faults(request):
    for name in OURS:
        lines = values(request, name)
        if name != "tracestate" and len(lines) > 1:
            yield "%d lines of %s" % (len(lines), name)
        for line in lines:
            if not line:
                yield "an empty %s" % name
            if len(line) > 8192:
                yield "%s of %d bytes" % (name, len(line))
            if any(not 0x20 <= ord(c) <= 0x7E and c != "\t" for c in line):
                yield "%s with illegal bytes: %r" % (name, line)
    if values(request, "tracestate") and not values(request, "traceparent"):
        yield "tracestate without traceparent"


def legal(path):
    found = ["%s %s: %s" % (r["method"], r["path"], f) for r in read(path) for f in faults(r)]
    print("\n".join(found[:20]), end="\n" if found else "")
    return 1 if found else 0


def main(args):
    if args[0] == "same":
        unordered = args[1] == "-u"
        return same(unordered, *args[1 + unordered:])
    return {"sent": sent, "protos": protos, "legal": legal}[args[0]](*args[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

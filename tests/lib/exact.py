#!/usr/bin/python3
"""Compares heads byte for byte: exact.py VALUE BARE SHIM [-u]. In every request of SHIM stands one
insertion of VALUE, as a line of its own or at the end of the program's baggage line, and without
it the head is that of BARE.

exact.py -x VALUE BARE SHIM compares what a tap kept (lines of hexadecimal digits), all of which is
requests without a body."""
import json
import re
import sys


def heads(path):
    with open(path, encoding="ascii") as log:
        return [json.loads(line)["raw"] for line in log]


def without(head, value):
    """The program's own bytes, or None if there is not exactly one insertion."""
    if head.count(value) != 1:
        return None
    line = re.search(r"\nbaggage: %s\r?\n" % re.escape(value), head)
    if line:
        return head[:line.start() + 1] + head[line.end():]
    own = re.search(r"(?i)\nbaggage:[^\n]*[^\n,]((, ?)?%s)[ \t]*\r?\n" % re.escape(value), head)
    return own and head[:own.start(1)] + head[own.end(1):]


def tapped(path):
    """The requests of all connections: a client may divide them as it likes."""
    with open(path, encoding="ascii") as kept:
        text = "".join(bytes.fromhex(line).decode("latin-1") for line in kept)
    assert text.endswith("\r\n\r\n") or not text, "not requests alone"
    return [request + "\r\n\r\n" for request in text.split("\r\n\r\n")[:-1]]


def main(value, bare_path, shim_path, unordered=False, read=heads):
    bare = read(bare_path)
    shim = [(without(head, value), head) for head in read(shim_path)]
    if unordered:
        bare.sort()
        shim.sort(key=lambda pair: pair[0] or "")
    if not shim:
        print("no request was made")
        return 1
    for expected, (found, head) in zip(bare, shim):
        if found is None:
            print("not exactly one insertion of %s:\n%s" % (value, head))
            return 1
        if found != expected:
            print("the program's own bytes changed:\n- %r\n+ %r" % (expected, head))
            return 1
    return 0 if len(bare) == len(shim) else 1


if __name__ == "__main__":
    if sys.argv[1] == "-x":
        sys.exit(main(*sys.argv[2:5], unordered=True, read=tapped))
    sys.exit(main(*sys.argv[1:4], sys.argv[4] == "-u"))

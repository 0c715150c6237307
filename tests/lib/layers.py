#!/usr/bin/python3
"""Reads the #include lines below a shim folder and fails on one that points up: layers.py SHIM."""
import os
import re
import sys

ORDER = ["base", "baggage", "http", "policy", "settings", "context", "carrier", "control", "hooks"]
CLI = {"base", "baggage", "http", "policy", "settings", "control", "cli", "bellhop"}
# hooks.def is data, for whoever wants to know the hooks.
INCLUDE = re.compile(r'\s*#\s*include\s+["<]([a-z]+)/(?!hooks\.def)')


def allowed(folder):
    if folder == "cli":
        return CLI
    if folder == "":  # init.c, which puts everything together
        return set(ORDER) | {"bellhop"}
    return set(ORDER[:ORDER.index(folder) + 1]) | {"bellhop"}


def upward(top):
    for path, _, names in sorted(os.walk(top)):
        folder = os.path.relpath(path, top).split(os.sep)[0].replace(".", "")
        for name in sorted(n for n in names if n.endswith((".c", ".h", ".def"))):
            file = os.path.join(path, name)
            with open(file, encoding="utf-8") as source:
                for number, line in enumerate(source, 1):
                    found = INCLUDE.match(line)
                    known = found and found[1] in set(ORDER) | {"cli", "bellhop"}
                    if known and found[1] not in allowed(folder):
                        yield "%s:%d: %s" % (file, number, line.strip())


if __name__ == "__main__":
    FOUND = list(upward(sys.argv[1]))
    print("\n".join(FOUND))
    sys.exit(1 if FOUND else 0)

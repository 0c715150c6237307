#!/usr/bin/python3
"""Measures the functions of C files below a folder, which clang-format has put into shape:
functions.py FOLDER. Fails when one is over 80 lines, the median over 15, or one has an #if."""
import os
import re
import statistics
import sys

HEADING = re.compile(r"\)$|^ .*\)( [A-Z_()a-z]+)?$")


def functions(path):
    """(first line's number, lines of the body, preprocessor conditions inside) of each."""
    with open(path, encoding="utf-8") as source:
        lines = source.read().split("\n")
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{" and number > 1 and HEADING.search(lines[number - 2]):
            start = number
        elif line == "}" and start:
            body = lines[start:number - 1]
            yield start, len(body), [x for x in body if re.match(r"\s*#\s*(if|el|endif)", x)]
            start = None


def main(top):
    sizes, bad = [], []
    for folder, _, names in os.walk(top):
        for name in sorted(n for n in names if n.endswith((".c", ".h"))):
            path = os.path.join(folder, name)
            for line, size, conditions in functions(path):
                sizes.append(size)
                if size > 80:
                    bad.append("%s:%d: a function of %d lines" % (path, line, size))
                if conditions:
                    bad.append("%s:%d: %s" % (path, line, conditions[0]))
    if not sizes or statistics.median(sizes) > 15:
        bad.append("%d functions, median %s" % (len(sizes), statistics.median(sizes or [0])))
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

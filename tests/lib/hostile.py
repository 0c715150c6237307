#!/usr/bin/python3
"""Sends each of many BAGGAGE values with curl and holds what reached the wire against the codec and
the vectors: hostile.py BELLHOP SHIM LOG URL (vectors FILE | octets | sizes).

What must hold for each: the program ends as ever; there is one baggage line of legal bytes or none;
`bellhop parse` finds in that line what it finds in the value; nothing else of the value is sent;
and for a vector, that is what the vector says.
"""
import json
import os
import re
import subprocess
import sys

ENV_MAX = 131072 - len("BAGGAGE=") - 1  # one string of the environment, on Linux


def sizes():
    yield "100 kB, one member", b"k=" + b"v" * 100000, []
    yield "100 kB, no member at all", b"x" * 100000, []
    yield "100 kB of commas", b"," * 100000, []
    yield "100 kB of spaces", b" " * 100000, []
    yield "100 kB of percent signs", b"k=" + b"%" * 100000, []
    yield "100 kB of semicolons", b"k=v" + b";" * 100000, None
    yield "10,000 members", b",".join(b"k%d=v" % i for i in range(10000)), None
    yield "65 members", b",".join(b"k%d=v" % i for i in range(65)), ["k%d" % i for i in range(64)]
    yield "64 members", b",".join(b"k%d=v" % i for i in range(64)), ["k%d" % i for i in range(64)]
    yield "8192 bytes", b"k=" + b"v" * 8190, ["k"]
    yield "8193 bytes", b"k=" + b"v" * 8191, []
    yield "a small one after one that is too large", b"k=" + b"v" * 9000 + b",ok=1", ["ok"]
    yield "a small one before", b"ok=1,k=" + b"v" * 8192, ["ok"]
    yield "the largest environment string", b"ok=1," + b"a=b," * ((ENV_MAX - 5) // 4), None


def octets():
    for octet in range(1, 256):
        byte = bytes([octet])
        yield "octet %02x in a value" % octet, b"k=a" + byte + b"b,ok=1", None
        yield "octet %02x in a key" % octet, b"a" + byte + b"b=v,ok=1", None
    yield "a header after CR LF", b"k=v\r\nX-Evil: 1,ok=1", ["ok"]
    yield "a header after LF", b"k=v\nX-Evil: 1,ok=1", ["ok"]
    yield "a request after CR LF CR LF", b"k=v\r\n\r\nGET / HTTP/1.0\r\n\r\n,ok=1", ["ok"]
    yield "CR LF alone", b"\r\n", []
    yield "ends in CR LF", b"ok=1,k=v\r\n", None
    yield "begins with CR LF", b"\r\nk=v,ok=1", ["ok"]
    yield "UTF-8", "k=é,ok=1".encode(), ["ok"]
    yield "DEL", b"k=\x7f,ok=1", ["ok"]


def unescape(word):
    """A word of tests/data/baggage.vectors: its header says how bytes are written there."""
    if word == "\\-":
        return b""
    word = re.sub(r"\\\{(\d+)\}(\\x..|.)", lambda m: m[2] * int(m[1]), word)
    return re.sub(rb"\\x(..)", lambda m: bytes.fromhex(m[1].decode()), word.encode())


def blocks(path):
    """Each vector: its name and its lines, each split into a verb and the rest."""
    with open(path, encoding="utf-8") as file:
        lines = [x.rstrip("\n") for x in file if x.strip() and not x.startswith("#")]
    for line in lines:
        verb, _, rest = line.partition(" ")
        if verb == "vector":
            name, rules = rest.split(" ")[0], []
            yield name, rules
        else:
            rules.append((verb, rest))


def vectors(path):
    for name, rules in list(blocks(path)):
        value = b",".join(unescape(rest) for verb, rest in rules if verb == "line")
        if not any(verb == "line" for verb, _ in rules):
            continue  # members to be built: no header value
        if b"\0" in value or len(value) > ENV_MAX:
            continue  # the environment cannot hold it
        members = [[unescape(w).decode() for w in rest.split(" ")]
                   for verb, rest in rules if verb == "member"]
        count = next(int(rest) for verb, rest in rules if verb == "count")
        keys = [unescape(rest).decode() for verb, rest in rules if verb == "key"]
        yield name, value, Expected(count, members, keys)


class Expected:
    def __init__(self, count, members, keys):
        self.count, self.members, self.keys = count, members, keys

    def fits(self, found):
        pairs = [[m["key"], m["value"]] for m in found]
        return (len(found) == self.count and (not self.members or pairs == self.members)
                and [p[0] for p in pairs][:len(self.keys)] == self.keys)


class Bed:
    def __init__(self, bellhop, shim, log, url):
        self.bellhop, self.shim, self.log, self.url = bellhop, shim, log, url

    def curl(self, value):
        """The one request's header lines, curl's exit code and output, with this BAGGAGE."""
        start = os.path.getsize(self.log)
        env = dict(os.environb)
        env.update({b"LD_PRELOAD": os.fsencode(self.shim), b"BAGGAGE": value})
        done = subprocess.run(["curl", "-q", "-sS", "--max-time", "60", self.url], env=env,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        with open(self.log, encoding="ascii") as log:
            log.seek(start)
            requests = [json.loads(line) for line in log]
        return requests, done.returncode, done.stdout

    def parse(self, value):
        done = subprocess.run([self.bellhop, "parse", "-0", "--json"], input=value,
                              stdout=subprocess.PIPE, check=True)
        return json.loads(done.stdout)["members"]


def faults(bed, value, want, plain_headers):
    requests, code, output = bed.curl(value)
    if (code, output) != (0, b"GET /hostile\n"):
        yield "curl ended with %d: %r" % (code, output)
    if len(requests) != 1:
        yield "%d requests" % len(requests)
        return
    lines = [v for n, v in requests[0]["headers"] if n.lower() == "baggage"]
    others = [h for h in requests[0]["headers"] if h[0].lower() != "baggage"]
    if others != plain_headers:
        yield "other headers: %r" % others
    if len(lines) > 1 or "" in lines:
        yield "lines: %r" % lines
    line = lines[0] if lines else ""
    if any(not 0x20 <= ord(c) <= 0x7E and c != "\t" for c in line) or len(line) > 8192:
        yield "illegal line: %r" % line[:200]
    expected = bed.parse(value)
    if bed.parse(line.encode("latin-1")) != expected:
        yield "sent %r, the codec finds %r" % (line[:200], str(expected)[:200])
    if not expected and lines:
        yield "a line without members: %r" % line[:200]
    if isinstance(want, Expected):
        if not want.fits(expected):
            yield "the vector says %r, the codec %r" % (vars(want), str(expected)[:200])
    elif want is not None and [m["key"] for m in expected] != want:
        yield "keys should be %r, sent %r" % (want[:80], line[:200])


def main(args):
    bed = Bed(*args[:4])
    cases = list({"sizes": sizes, "octets": octets, "vectors": vectors}[args[4]](*args[5:]))
    plain = [h for h in bed.curl(b"")[0][0]["headers"] if h[0].lower() != "baggage"]
    bad = 0
    for name, value, want in cases:
        for fault in faults(bed, value, want, plain):
            print("%s: %s" % (name, fault))
            bad += 1
    print("%d values, %d faults" % (len(cases), bad))
    return 1 if bad or len(cases) < 10 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Holds the codec to every vector of a file: baggage_vectors.py FILE TESTTOOL [ARGUMENT...]

One line a vector, `ok NAME` or `not ok NAME WHY`, and the number of them at the end.
"""
import re
import sys

from baggage_oracle import KEY, SENT, LIST, ask, call, decode, encode

# The vectors are read with bytes only: a value may be no UTF-8.


def word(text):
    if text == rb"\-":
        return b""
    byte = rb"\\x([0-9a-f]{2})"
    text = re.sub(rb"\\\{(\d+)\}(\\x..|.)", lambda m: m[2] * int(m[1]), text)
    return re.sub(byte, lambda m: bytes([int(m[1], 16)]), text)


class Vector:
    def __init__(self, name, kind):
        self.name, self.kind = name, kind
        self.lines, self.compose, self.members, self.keys = [], [], None, []
        self.count = self.bytes = self.text = None

    def take(self, name, args):
        if name == "line":
            self.lines.append(args[0])
        elif name == "compose":
            self.compose.append([args[0], args[1], []])
        elif name == "member":
            self.members = (self.members or []) + [[args[0], args[1], b"", []]]
        elif name == "meta":
            self.members[-1][2] = args[0]
        elif name == "property":
            last = self.compose[-1] if self.members is None else self.members[-1]
            last[-1].append((args[0], args[1] if len(args) > 1 else None))
        elif name == "key":
            self.keys.append(args[0])
        elif name == "text":
            self.text = args[0]
        elif name in ("count", "bytes"):
            setattr(self, name, int(args[0]))
        else:
            sys.exit(f"{self.name}: what is {name}?")


def load(path):
    vectors = []
    with open(path, "rb") as file:
        for line in file.read().split(b"\n"):
            name, *args = line.split(b" ")
            if name == b"vector":
                vectors.append(Vector(args[0].decode(), args[1].decode()))
            elif name and not name.startswith(b"#"):
                vectors[-1].take(name.decode(), [word(a) for a in args])
    return vectors


def unhex(text):
    return b"" if text == "-" else bytes.fromhex(text)


class Parsed:
    """An answer to `parse`."""

    def __init__(self, answer):
        count, _, size, _, sent, *members = answer.split(" ")
        self.count, self.bytes = int(count), int(size)
        self.sent = b"" if sent == "none" else unhex(sent)
        self.members = [self.member(m) for m in members]

    @staticmethod
    def member(text):
        parts, sent = text.split(":")
        head, *properties = parts.split(";")
        key, raw, decoded = (unhex(x) for x in head.split("="))
        meta = unhex(sent)[len(key) + 1 + len(raw) + 1:]
        found = []
        for one in properties:
            name, equals, value = one.partition("=")
            found.append((unhex(name), decode(unhex(value)) if equals else None))
        return [key, decoded, meta, found]


def compose_calls(vector):
    """A property whose key is no token is left out; so is, by the codec, such a member."""
    for key, value, properties in vector.compose:
        meta = b";".join(k if v is None else k + b"=" + encode(v)
                         for k, v in properties if KEY.fullmatch(k))
        yield call("compose", 3 * LIST, key, value, meta)


def faults(v, parsed, expected_text):
    if v.members is not None and parsed.members != v.members:
        yield f"members {parsed.members} are not {v.members}"
    if v.count is not None and parsed.count != v.count:
        yield f"{parsed.count} members, not {v.count}"
    if v.bytes is not None and parsed.bytes != v.bytes:
        yield f"{parsed.bytes} bytes, not {v.bytes}"
    if [m[0] for m in parsed.members[:len(v.keys)]] != v.keys:
        yield f"the first keys are not {v.keys}"
    if parsed.sent and not SENT.fullmatch(parsed.sent):
        yield f"{parsed.sent} is not legal"
    if expected_text and parsed.members != expected_text.members:
        yield f"{parsed.sent} is not {v.text}"
    if v.members is None and v.count is None and v.bytes is None and v.text is None:
        yield "expects nothing"


def main(path, tool):
    vectors = load(path)
    built = {}
    for v in vectors:
        if v.compose:
            made = [unhex(a) for a in ask(tool, list(compose_calls(v))) if a != "none"]
            built[v.name] = [b",".join(made)]
    parsed = [Parsed(a) for a in ask(tool, [call("parse", *built.get(v.name, v.lines))
                                            for v in vectors])]
    again = [Parsed(a) for a in ask(tool, [call("parse", p.sent) for p in parsed])]
    texts = [Parsed(a) for a in ask(tool, [call("parse", v.text or b"") for v in vectors])]

    failed = 0
    for v, first, second, text in zip(vectors, parsed, again, texts):
        why = list(faults(v, first, text if v.text else None))
        if second.sent != first.sent or second.members != first.members:
            why.append(f"what is sent, {first.sent}, reads otherwise")
        failed += bool(why)
        print(f"not ok {v.name} {why}"[:2000] if why else f"ok {v.name}")
    print(f"{len(vectors)} vectors, {failed} failed")
    return 1 if failed or not vectors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

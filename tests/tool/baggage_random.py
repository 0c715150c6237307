"""Seeded random input for the codec and for the oracle: they must agree on every answer.

    baggage_random.py SUBJECT SEED COUNT TESTTOOL [ARGUMENT...]
"""
import random
import re
import sys

import baggage_oracle as oracle
from baggage_oracle import call, field

KEYS = [b"a", b"b", b"key1", b"user-id", b"A", b"%41", b"!#$%&'*+-.^_`|~", b"tenant-id",
        b"a-key-of-more-than-sixteen-bytes", b"sixteen-bytes-ab"]
VALUES = [b"", b"1", b"=", b"a=b=c", b"%20", b"%2", b"%", b"%GG", b"%e2%82%ac", b"%E2%82", b"%ff",
          b"sixteen-bytes-abfifteen-bytes-a", b"(/:<=>?@[]{})", b"%0D%0AX:1", b"+", b"%00",
          b"v" * 40]
SPACE = [b"", b"", b"", b"", b" ", b"\t", b" \t ", b"  "]
ROUGH = [b" ", b"\t", b",", b";", b"=", b"%", b'"', b"\\", b"\0", b"\r", b"\n", b"\x0b", b"\x1f",
         b"\x7f", b"\x80", b"\xa0", b"\xc3\xa9", b"\xff", b"(", b"/", b":", b"@", b"[", b"}"]
TROUBLE = [b"=", b"==", b";", b";;", b"p q", b"=v", b"\"x\"", b"k", b"a b=1", b"", b" "]


def mutate(r, text):
    text = bytearray(text)
    for _ in range(r.choice([0, 0, 1, 1, 2, 5])):
        at = r.randrange(len(text) + 1)
        text[at:at + r.choice([0, 0, 1, 3])] = r.choice(ROUGH + [bytes([r.randrange(256)])])
    return bytes(text)


def pair(r, keys, values):
    return r.choice(keys) + r.choice(SPACE) + b"=" + r.choice(SPACE) + r.choice(values)


def random_member(r):
    if r.random() < 0.08:
        return r.choice(TROUBLE)
    text = pair(r, KEYS, VALUES)
    while r.random() < 0.35:
        prop = r.choice([pair(r, KEYS, VALUES), r.choice(KEYS), r.choice(SPACE), r.choice(TROUBLE)])
        text += r.choice(SPACE) + b";" + r.choice(SPACE) + prop
    return text


def random_line(r):
    kind = r.random()
    if kind < 0.1:
        return bytes(r.choice(b" \t,;=ab%4\"\\\x00\x80") for _ in range(r.randrange(60)))
    text = b""
    for _ in range(r.choice([0, 1, 1, 2, 3, 5, 12])):
        text += random_member(r) + r.choice(SPACE) + b"," + r.choice(SPACE)
    text = text[:-1] if r.random() < 0.7 else text
    return mutate(r, text) if kind < 0.5 else text


def sized_member(r, size):
    """A member that is `size` bytes when sent, often with white space that is not."""
    key = r.choice(KEYS[:4])
    body = b"=" + r.choice(SPACE) + b"x" * max(size - len(key) - 1, 0) + r.choice(SPACE)
    return key + r.choice(SPACE) + body


def random_long(r):
    """Lines about the limits: 64 members, 8192 bytes sent, 65536 bytes read."""
    kind = r.randrange(5)
    if kind == 0:
        return [b",".join(sized_member(r, r.choice([2, 9, 120, 127, 128, 130]))
                          for _ in range(r.choice([62, 63, 64, 65, 66, 70])))]
    if kind == 1:
        first = r.choice([10, 4000, 8180, 8190, 8191, 8192, 8193, 9000])
        second = max(8191 - first + r.randrange(-2, 3), 1)
        return [sized_member(r, first), sized_member(r, second), b"z=1"]
    if kind == 2:
        fill = r.choice([b",", b" ", b"\t,", b"a=1,", b"a=1;", b"bad,", b"=", b"a=\t;;"])
        size = r.choice([65534, 65535, 65536, 65537, 70000])
        return [(fill * size)[:size] + r.choice([b"", b",z=1"]), b"after=1"]
    if kind == 3:
        gap = b" " * (65536 - r.randrange(1, 12))
        return [r.choice([b"a=%s1", b"a=%s", b"a=1;%sp", b"a=1;p=%s",
                          b"a=1%s;p=1", b"a%s=1", b"%sa=1"]) % gap]
    return [random_line(r) * r.choice([1, 30]) for _ in range(r.choice([2, 10, 100]))]


def random_lines(r):
    if r.random() < 0.02:
        return random_long(r)
    return [random_line(r) for _ in range(r.choice([1, 1, 1, 2, 3]))]


def answered(tool, claims):
    """From (call, expected) to (call, answer, expected)."""
    answers = oracle.ask(tool, [c for c, _ in claims])
    oracle.hold((c, got, expected) for (c, expected), got in zip(claims, answers))


def lists(r, count, tool):
    """Members, drops, bytes, what is sent."""
    inputs = [random_lines(r) for _ in range(count)]
    answered(tool, [(call("parse", *lines), oracle.List(lines).answer()) for lines in inputs])


def limits(r, count, tool):
    inputs = [random_long(r) for _ in range(count)]
    answered(tool, [(call("parse", *lines), oracle.List(lines).answer()) for lines in inputs])


def added(lines):
    """The list to which all members of another are added twice."""
    found = oracle.List(lines)
    twice = oracle.List([])
    for m in found.members * 2:
        twice.dropped += not twice.add(m.sent)
    return twice.answer()


def additions(r, count, tool):
    inputs = [random_lines(r) for _ in range(count)]
    answered(tool, [(call("add", *lines), added(lines)) for lines in inputs])


def neighbours(r, count, tool):
    """Two lines that lie side by side in memory, or a byte apart, are still two lines."""
    claims = []
    for _ in range(count):
        first, second, gap = random_line(r), random_line(r), r.choice([b"", b"", b"\0", b"=", b","])
        first = r.choice([first, b"a=1"])
        second = r.choice([second, b"b=2", b"\tb=2", b",b=2"])
        expected = oracle.List([first, second]).answer()
        text = first + gap + second
        claims.append((call("split", len(first), len(gap), text), expected))
    answered(tool, claims)


def find_claim(r):
    lines = random_lines(r)
    keys = [m.key for m in oracle.List(lines).members]
    key = r.choice(KEYS + keys + [b"", b"A", b"ke"])
    last = max((i for i, k in enumerate(keys) if k == key), default=-1)
    return call("find", key, *lines), str(last)


def join_claim(r):
    own, lines = random_line(r), random_lines(r)
    weak, strong = oracle.List([own]), oracle.List(lines)
    gone = oracle.missing(weak.members, strong.members)
    kept = oracle.fit(weak.members, gone, len(strong.members), strong.bytes)
    text = b",".join(m.sent for m in strong.members + weak.choose(kept))
    return call("join", own, *lines), f"{gone:x} {kept:x} {field(text)}"


def fit_claim(r):
    lines = random_lines(r)
    mask = r.getrandbits(64) | r.choice([0, (1 << 64) - 1])
    members = r.choice([0, 0, 1, 60, 62, 63, 64, 65, 1 << 40])
    size = r.choice([0, 0, 1, 5, 8000, 8100, 8180, 8185, 8190, 8191, 8192, 8193, (1 << 64) - 1])
    kept = oracle.fit(oracle.List(lines).members, mask, members, size)
    return call("fit", mask, members, size, *lines), f"{kept:x}"


def format_claim(r):
    lines = random_lines(r)
    mask = r.getrandbits(64) | r.choice([0, (1 << 64) - 1])
    text = b",".join(m.sent for m in oracle.List(lines).choose(mask))
    size = max(len(text) + r.choice([0, 0, 1, -1, 50]), 0)
    sent = field(text) if text and len(text) <= size else "none"
    return call("format", mask, size, *lines), f"{len(text)} {sent}"


def lookups(r, count, tool):
    """Find, merge, fit, and format with sets of members and short buffers."""
    makers = [find_claim, join_claim, fit_claim, format_claim]
    answered(tool, [r.choice(makers)(r) for _ in range(count)])


def random_text(r):
    """Any bytes, and much that is nearly UTF-8 or nearly an escape."""
    pieces = [b"%", b"%4", b"%G1", b"a", b"+", b"\0", b"\xf0\x9f", b"\xed\xa0\x80", b"\xf4\x90",
              b"\xc0\xaf", b"\xe0\x80", b"\xef\xbb\xbf", "é€𐍈".encode(), b"\xf5\x80\x80\x80",
              b"\xc1\x81", b"\x80\xbf", bytes([r.randrange(256)])]
    text = b"".join(r.choice(pieces) for _ in range(r.randrange(12)))
    if r.random() < 0.5:
        text = b"".join(b"%%%02x" % c if r.random() < 0.7 else bytes([c]) for c in text)
    return text


def short(r, text):
    """A size for a buffer, and what is to be said of text that goes into it."""
    size = max(len(text) + r.choice([0, 0, 0, 1, -1]), 0)
    return size, field(text) if len(text) <= size else "none"


def escapes(r, count, tool):
    claims = []
    for _ in range(count):
        text = random_text(r)
        size, answer = short(r, oracle.decode(text))
        claims.append((call("decode", size, text), answer))
        size, answer = short(r, oracle.encode(text))
        claims.append((call("encode", size, text), answer))
        whole = text.decode("utf-8", "replace").encode()
        claims.append((call("decode", len(whole), oracle.encode(whole)), field(whole)))
    answered(tool, claims)


def composed(key, value, meta):
    found = oracle.properties(meta)
    if not oracle.KEY.fullmatch(key) or found is None:
        return b""
    return oracle.Member(key, oracle.encode(value), found).sent


def compositions(r, count, tool):
    """Members built out of plain values, keys that are none, properties of all sorts."""
    claims = []
    for _ in range(count):
        key = r.choice([r.choice(KEYS), mutate(r, r.choice(KEYS))])
        meta = random_member(r).partition(b";")[2] if r.random() < 0.7 else random_line(r)
        value = random_text(r)
        text = composed(key, value, meta)
        size = max(len(text) + r.choice([0, 0, 1, -1]), 0)
        sent = field(text) if text and len(text) <= size else "none"
        claims.append((call("compose", size, key, value, meta), sent))
        claims.append((call("key", key), "yes" if oracle.KEY.fullmatch(key) else "no"))
        found = oracle.properties(meta)
        if found is not None:
            claims.append((call("properties", meta), oracle.properties_answer(found) + "."))
    answered(tool, claims)


def sent_of(answer):
    sent = answer.split(" ")[4]
    return b"" if sent == "none" else bytes.fromhex(sent)


def laws(r, count, tool):
    """What is sent is legal, reads as what it was sent from, and lines are parts of one list."""
    inputs = [random_lines(r) for _ in range(count)]
    answers = oracle.ask(tool, [call("parse", *lines) for lines in inputs])
    texts = [sent_of(a) for a in answers]
    illegal = [t for t in texts if t and not oracle.SENT.fullmatch(t)]
    illegal += [t for t in texts if re.search(rb"[^\x21-\x7e]", t)]
    if illegal:
        sys.exit(f"not legal: {illegal[:5]}")

    again = oracle.ask(tool, [call("parse", t) for t in texts])
    oracle.hold((field(t), members_of(b), members_of(a)) for t, a, b in zip(texts, answers, again))
    whole = oracle.ask(tool, [call("parse", b",".join(lines)) for lines in inputs])
    oracle.hold((field(b",".join(lines)), members_of(b), members_of(a)) for lines, a, b
                in zip(inputs, answers, whole) if sum(map(len, lines)) + len(lines) <= oracle.RAW)


def members_of(answer):
    """Of an answer to parse, all but what was dropped and read; what `raw` says of it was asked."""
    count, _, size, _, *rest = answer.split(" ")
    return " ".join([count, size, *rest])


SUBJECTS = {f.__name__: f for f in (lists, limits, additions, neighbours, lookups, escapes,
                                      compositions, laws)}

if __name__ == "__main__":
    SUBJECTS[sys.argv[1]](random.Random(int(sys.argv[2])), int(sys.argv[3]), sys.argv[4:])

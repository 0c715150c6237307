"""The grammar of a baggage string once more, written from the standard and not from the C code.

Also the way to ask the C code: `ask` passes a batch of operations through one `testtool`.
"""
import re
import subprocess
import sys

MEMBERS, LIST, RAW, OFFSET = 64, 8192, 65536, 65535

OWS = b" \t"
TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
OCTETS = rb"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*"
KEY = re.compile(TOKEN)
HEAD = re.compile(rb"(" + TOKEN + rb")[ \t]*=[ \t]*(" + OCTETS + rb")")
PROPERTY = re.compile(rb"(" + TOKEN + rb")(?:[ \t]*=[ \t]*(" + OCTETS + rb"))?")
# What may be sent: the grammar of the standard, without white space.
SENT_PROPERTY = TOKEN + rb"(?:=" + OCTETS + rb")?"
SENT_MEMBER = TOKEN + rb"=" + OCTETS + rb"(?:;" + SENT_PROPERTY + rb")*"
SENT = re.compile(SENT_MEMBER + rb"(?:," + SENT_MEMBER + rb")*")


def unescape(raw):
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), raw)


def decode(raw):
    return unescape(raw).decode("utf-8", "replace").encode()


def encode(plain):
    keep = re.compile(rb"[\x21\x23\x24\x26-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]")
    return b"".join(c if keep.match(c) else b"%%%02X" % c[0]
                    for c in (plain[i:i + 1] for i in range(len(plain))))


class Member:
    def __init__(self, key, value, properties):
        self.key, self.value, self.properties = key, value, properties

    @property
    def meta(self):
        return b";".join(k if v is None else k + b"=" + v for k, v in self.properties)

    @property
    def sent(self):
        return self.key + b"=" + self.value + (b";" + self.meta if self.properties else b"")


def properties(text):
    """A list of (key, value or None); None if one is malformed."""
    found = []
    for part in text.split(b";"):
        part = part.strip(OWS)
        if not part:
            continue
        match = PROPERTY.fullmatch(part)
        if not match:
            return None
        found.append((match[1], match[2]))
    return found


def member(element):
    head, _, rest = element.partition(b";")
    match = HEAD.fullmatch(head.strip(OWS))
    found = properties(rest)
    return Member(match[1], match[2], found) if match and found is not None else None


class List:
    """What a list of header lines means."""

    def __init__(self, lines):
        self.members, self.dropped, self.raw = [], 0, 0
        for line in lines:
            self.read(line)

    def read(self, line):
        room = RAW - self.raw
        if len(line) > room:
            line = line[:max(line.rfind(b",", 0, room + 1), 0)]
            self.raw = RAW
            self.dropped += 1
        else:
            self.raw += len(line)
        for element in line.split(b","):
            element = element.strip(OWS)
            if element and not self.add(element):
                self.dropped += 1

    def add(self, element):
        if len(self.members) == MEMBERS:
            return False
        new = member(element)
        if not new or len(element.rstrip(b" \t;")) > OFFSET:
            return False
        if self.bytes + bool(self.members) + len(new.sent) > LIST:
            return False
        self.members.append(new)
        return True

    @property
    def sent(self):
        return b",".join(m.sent for m in self.members)

    @property
    def bytes(self):
        return len(self.sent)

    def choose(self, mask):
        return [m for i, m in enumerate(self.members) if mask >> i & 1]

    def answer(self):
        """As `testtool baggage batch` prints it."""
        head = f"{len(self.members)} {self.dropped} {self.bytes} {self.raw} "
        head += field(self.sent) if self.members else "none"
        return " ".join([head] + [member_answer(m) for m in self.members])


def field(data):
    return data.hex() or "-"


def properties_answer(found):
    return "".join(";" + field(k) + ("" if v is None else "=" + field(v)) for k, v in found)


def member_answer(m):
    return (f"{field(m.key)}={field(m.value)}={field(decode(m.value))}"
            f"{properties_answer(m.properties)}:{field(m.sent)}")


def fit(members, mask, used_members, used_bytes):
    """The bits of mask whose members fit beside what is there already."""
    kept = 0
    if used_bytes > LIST:
        return kept
    for i, m in enumerate(members):
        size = used_bytes + bool(used_members or used_bytes) + len(m.sent)
        if mask >> i & 1 and used_members < MEMBERS and size <= LIST:
            kept |= 1 << i
            used_members, used_bytes = used_members + 1, size
    return kept


def missing(weak, strong):
    keys = {m.key for m in strong}
    return sum(1 << i for i, m in enumerate(weak) if m.key not in keys)


def call(name, *words):
    """One line of a batch: numbers stay, bytes become fields."""
    return " ".join([name] + [field(w) if isinstance(w, bytes) else str(w) for w in words])


def ask(tool, calls):
    """The answers to a list of calls."""
    run = subprocess.run([*tool, "batch"], input="\n".join(calls) + "\n", text=True,
                         stdout=subprocess.PIPE, check=False, timeout=250)
    answers = run.stdout.splitlines()
    if run.returncode != 0 or len(answers) != len(calls):
        following = (calls[len(answers):] or [""])[0][:2000]
        sys.exit(f"testtool ended with {run.returncode} after {len(answers)} of {len(calls)} "
                 f"answers; next: {following}")
    return answers


def hold(claims):
    """claims: (call, answer, expected). Tells of the first that differ, and ends the program."""
    claims = list(claims)
    wrong = [c for c in claims if c[1] != c[2]]
    for asked, got, expected in wrong[:5]:
        print(f"asked    {asked[:600]}\nexpected {expected[:600]}\ngot      {got[:600]}\n")
    if wrong or not claims:
        sys.exit(f"{len(wrong)} of {len(claims)} answers differ")
    print(f"{len(claims)} answers as expected")

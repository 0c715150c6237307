"""What service A sends, and how a request that reaches C is judged.

Every member, traceparent and tracestate holds the id of the request that it belongs to, so that
whatever arrives with another request's call gives itself away.
"""
import re

TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
VALUE = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*\Z")
ID = re.compile(r"\d+z\d+z")
SET = ("service-b-processed", "true", ())

KEPT, PART, MISSING, WRONG, EMPTY = "kept", "part", "missing", "wrong", "empty"
VERDICTS = (KEPT, PART, MISSING, WRONG, EMPTY)

TAILS = ("", "", "-plain", "%20a%20b", "%C3%A9%2C%3B%5C", "%c3%a9", "==", "=a=b", "{[(:/?)]}", "%",
         "%GG", "100%25", "'!#$&*+", "~" * 30)
PROPERTIES = (";p", ";p={id}", " ; p1 = {id}; p2", ";ttl=60;private", ";p;p")
KEYS = ("user-id", "tenant-id", "k!#$%&'*+-.^_`|~9", "USER-ID", "%41", "A", "feature.flag", "x")
MALFORMED = ("novalue", "=x", "a b=c", 'q="x"', "b=\\", ";", "a=1 2")


class Request:
    """One request of A's: `lines` are its header lines, `members` what C must get."""

    def __init__(self, rng, number, shape):
        self.id = number
        self.calls = 0
        # Its head never became whole; some servers take it for a request all the same.
        self.cut = False
        self.lines, self.members, self.ignored = [], [], set()
        self.traceparent = self.tracestate = None
        self.size = shape.get("size", 0)
        self.delay, self.form, self.answer = 0, "length", 0
        if rng.random() >= 0.2:
            self.make_baggage(rng, shape)
        if rng.random() < 0.8:
            self.make_trace(rng)

    def make_trace(self, rng):
        digits = self.id.replace("z", "f").rjust(32, "e")
        self.traceparent = f"00-{digits}-{rng.getrandbits(60) + 1:016x}-0{rng.choice('01')}"
        self.lines.append(("traceparent", self.traceparent))
        if rng.random() < 0.5:
            self.tracestate = f"vendor={self.id},other=1"
            self.lines.append(("tracestate", self.tracestate))

    def make_baggage(self, rng, shape):
        texts, used, total = [], set(), 0
        count = 60 if self.size else rng.randint(1, 8)
        room = rng.randint(self.size // 2, self.size) if self.size else 8000
        for i in range(count):
            key = rng.choice(KEYS) if rng.random() < 0.7 else f"k{i}-{self.id}"
            if key in used:
                key = f"{key}-{i}"
            used.add(key)
            text = self.make_member(rng, key, i, room // 20 if self.size else 0)
            if total + len(text) + 1 > room:
                break
            total += len(text) + 3
            texts.append(text)
        if shape.get("set") and not shape.get("own") and rng.random() < 0.05:
            texts.insert(0, f"service-b-processed=no-{self.id}")
        self.members = [m for m in map(member, texts) if not shape.get("set") or m[0] != SET[0]]
        if shape.get("malformed") and rng.random() < 0.2:
            bad = rng.choice(MALFORMED)
            self.ignored.add(member(bad))
            texts.insert(rng.randint(0, len(texts)), bad)
        self.cut_into_lines(rng, texts, shape.get("one"))

    def make_member(self, rng, key, i, pad):
        if i and rng.random() < 0.05:
            return f"{key}-{self.id}="
        blank = (lambda: rng.choice(("", "", "", " ", "\t"))) if rng.random() < 0.2 else (lambda: "")
        value = f"{self.id}-{i}" + rng.choice(TAILS) + "v" * rng.randint(0, pad)
        text = f"{key}{blank()}={blank()}{value}"
        if rng.random() < 0.2:
            text += rng.choice(PROPERTIES).format(id=self.id)
        return text

    def cut_into_lines(self, rng, texts, one):
        name = rng.choice(("baggage", "baggage", "Baggage", "BAGGAGE"))
        while texts:
            take = len(texts) if one or rng.random() < 0.8 else rng.randint(1, len(texts))
            self.lines.append((name, rng.choice((",", ", ", " ,")).join(texts[:take])))
            texts = texts[take:]


def member(text):
    """A list member as (key, value, properties), blanks around them left out."""
    first, *properties = text.split(";")
    key, equals, value = first.partition("=")
    key, value = key.strip(" \t"), value.strip(" \t")
    if not equals or not TOKEN.match(key) or not VALUE.match(value):
        return ("malformed", text.strip(" \t"), ())
    parts = (tuple(p.strip(" \t") for p in prop.split("=", 1)) for prop in properties)
    return (key, value, tuple("=".join(p) for p in parts if p != ("",)))


def members_of(headers):
    text = ",".join(v for n, v in headers if n == "baggage")
    return [member(item) for item in text.split(",") if item.strip(" \t")]


def others(headers, own):
    """Ids of other requests in any of the fields that are carried."""
    text = " ".join(v for n, v in headers if n in ("baggage", "traceparent", "tracestate"))
    # A traceparent holds only hexadecimal digits, where z is f.
    text = re.sub(r"(?<=00-)e*(\d+)f(\d+)f(?=-)", r"\1z\2z", text)
    return sorted(set(ID.findall(text)) - {own})


def judge_own(headers):
    """What B asks of itself, for no request: nothing of any request belongs there."""
    got = members_of(headers)
    if SET in got:
        got.remove(SET)
    if got or any(n in ("traceparent", "tracestate") for n, _ in headers):
        return WRONG, f"a call of B's own carries {headers}"
    return EMPTY, ""


def judge(request, headers, expect_set):
    """The verdict on a call that B made for `request`, and why. `headers` are (name in lower
    case, value) as they reached C. `expect_set`: whether what B adds is there too, None: perhaps."""
    foreign = others(headers, request.id)
    if foreign:
        return WRONG, f"{request.id} got what belongs to {foreign}"
    got = members_of(headers)
    if expect_set is None and SET in got:
        expect_set = True
    if expect_set:
        if [m for m in got if m[0] == SET[0]] != [SET]:
            return WRONG, f"{request.id}: set is {[m for m in got if m[0] == SET[0]]}"
        got.remove(SET)
    got = [m for m in got if m not in request.ignored]
    parents = [v for n, v in headers if n == "traceparent"]
    states = [v for n, v in headers if n == "tracestate"]
    for name, values, sent in (("traceparent", parents, request.traceparent),
                               ("tracestate", states, request.tracestate)):
        if len(values) > 1 or (values and values[0] != sent):
            return WRONG, f"{request.id}: {name} {values}, sent {sent}"
    full = (got == request.members, bool(parents) == bool(request.traceparent),
            bool(states) == bool(request.tracestate))
    sent = bool(request.members) or bool(request.traceparent)
    if all(full):
        return (KEPT if sent else EMPTY), ""
    if not got and not parents and not states:
        return (EMPTY if request.cut else MISSING), ""
    for m in got:
        if got.count(m) > request.members.count(m):
            return WRONG, f"{request.id}: {m} in {got}, sent {request.members}"
    return PART, f"{request.id}: {headers}, sent {request.lines}"

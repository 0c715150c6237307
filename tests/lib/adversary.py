"""Makes a corpus of request streams with the oracle's verdict on each, and runs a program over it.

    adversary.py [--preload LIB:..] [--random SEED COUNT] CONTEXT KIND PROGRAM [ARGUMENT...]

CONTEXT is one of the sets of fields below, which the program finds in its environment; KIND is "small"
or "large". The program is called with the corpus file in the place of @. For each case the file says
what must go out: the stream's own bytes, and which bytes of ours stand before which of them. The oracle
reads whole buffers (../data/http/rfc9112.py) and shares nothing with the shim.
"""

import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "http"))
import adversary_cases  # noqa: E402
import rfc9112  # noqa: E402
import streams  # noqa: E402

LIMIT_MEMBERS, LIMIT_LIST = 64, 8192
PARENT = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
SEVERAL = b"user-id=user-12345,tenant-id=abcde,k=v;p=1;q"
CONTEXTS = {
    "several": (SEVERAL, b"", b""),
    "one": (b"user-id=user-12345", b"", b""),
    "trace": (SEVERAL, PARENT, b"vendor=1,other=2"),
    "parent": (b"", PARENT, b""),
    "empty": (b"", b"", b""),
    "limits": (b",".join(b"m%02d=%s" % (i, b"x" * 122) for i in range(60)) + b",user-id=%s" % (b"y" * 400),
               PARENT, b"vendor=" + b"z" * 500),
}


class Context:
    def __init__(self, name):
        self.baggage, self.parent, self.state = CONTEXTS[name]
        self.members = self.baggage.split(b",") if self.baggage else []

    def environment(self):
        names = (b"BAGGAGE", b"TRACEPARENT", b"TRACESTATE")
        return {n: v for n, v in zip(names, (self.baggage, self.parent, self.state)) if v}

    def fitting(self, own):
        """Of our members, those whose keys `own` (a field value) lacks and that fit beside it."""
        elements = [e.strip(b" \t") for e in own.split(b",")]
        keys = {e.split(b";")[0].split(b"=")[0].strip(b" \t") for e in elements if b"=" in e.split(b";")[0]}
        count, size, chosen = sum(1 for e in elements if e), len(own), []
        for member in self.members:
            more = size + (size > 0) + len(member)
            if member.split(b"=")[0] in keys or count >= LIMIT_MEMBERS or more > LIMIT_LIST:
                continue
            chosen.append(member)
            count, size = count + 1, more
        return b",".join(chosen)

    def lines(self, has_baggage, has_trace, eol):
        out = b"baggage: " + self.fitting(b"") + eol if self.baggage and not has_baggage else b""
        if self.parent and not has_trace:
            out += b"traceparent: " + self.parent + eol
            out += b"tracestate: " + self.state + eol if self.state else b""
        return out


def merged(context, value):
    ours = context.fitting(value)
    if not ours:
        return b""
    last = value.rstrip(b" \t")[-1:]
    return ours + b"," if last == b"," else b"," + ours if last else ours


def insertions(data, context):
    """[(offset, bytes)] for a buffer that begins at a message boundary; None: it is not for judging."""
    events, ending, limit = rfc9112.request_events(data)
    if ending == "partial" and b"\r" in data[limit:]:
        return None
    found, present, value = [], set(), (b"", b"")
    for at, text in events:
        words = text.split(" ")
        if words[0] == "LINE":
            present.clear()
        elif words[0] == "FIELD_END":
            name = words[1]
            start = data.rfind(b"\n", 0, at) + 1
            value = data[start:at].partition(b":")[2].lstrip(b" \t")
            if name == "baggage" and name not in present and "folded" not in words[2:]:
                found.append((at, merged(context, value)))
            present.add(name)
        elif words[0] == "HEAD_END":
            eol = b"\n" if words[1] == "lf" else b"\r\n"
            trace = bool(present & {"traceparent", "tracestate"})
            found.append((at, context.lines("baggage" in present, trace, eol)))
    return [f for f in found if f[1]]


def contents(data):
    """The places of bodies with a length: [(begin, end)]."""
    found, at = [], 0
    for end, text in rfc9112.request_events(data)[0]:
        if text.startswith("HEAD_END"):
            at = end + (1 if data[end:end + 1] == b"\n" else 2)
            chunked = re.search(rb"(?i)transfer-encoding", data[data.rfind(b"HTTP/1.", 0, end):end])
        elif text == "DONE" and end > at and not chunked:
            found.append((at, end))
    return found


def verdict(parts, context):
    data, found, bodies = b"", [], []
    for kind, part in parts:
        if kind == "http":
            more = insertions(part, context)
            if more is None:
                return None
            found += [(at + len(data), text) for at, text in more]
            bodies += [(a + len(data), b + len(data)) for a, b in contents(part)]
        data += part
    return data, found, bodies


def put_case(out, name, case, answers):
    data, found, bodies = case
    out.write(b"case %d %d %d %d %s\n" % (len(data), len(found), len(answers), len(bodies),
                                         name.replace(" ", "_").encode()))
    out.write(data + b"\n")
    for at, text in found + answers:
        out.write(b"%d %d\n" % (at, len(text)) + text + b"\n")
    for begin, end in bodies:
        out.write(b"%d %d\n" % (begin, end - begin))


def random_cases(seed, count):
    for i in range(count):
        yield "random %d" % (seed + i), [("http", streams.requests(seed + i, i % 4 == 0))], []


def write_corpus(path, context, kind, seed, count):
    made = list(random_cases(seed, count)) or list(adversary_cases.cases(kind))
    with open(path, "wb") as out:
        for name, parts, answers in made:
            case = verdict(parts, context)
            if case:
                put_case(out, name, case, answers)


def main(argv):
    preload, seed, count = "", 0, 0
    while argv[0].startswith("--"):
        if argv[0] == "--preload":
            preload, argv = argv[1], argv[2:]
        else:
            seed, count, argv = int(argv[1]), int(argv[2]), argv[3:]
    context = Context(argv[0])
    with tempfile.NamedTemporaryFile(suffix=".corpus", delete=False) as file:
        write_corpus(file.name, context, argv[1], seed, count)
    environment = {k: v for k, v in os.environb.items()
                   if k not in (b"BAGGAGE", b"TRACEPARENT", b"TRACESTATE", b"LD_PRELOAD")}
    environment.update(context.environment())
    if preload:
        environment[b"LD_PRELOAD"] = preload.encode()
    command = [file.name if a == "@" else a for a in argv[2:]]
    os.execvpe(command[0], command, environment)


main(sys.argv[1:])

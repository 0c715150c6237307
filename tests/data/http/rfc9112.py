"""HTTP/1 message framing on whole buffers, straight from RFC 9110 and 9112: the framers' oracle.

request_events and response_events give what the framers must tell, as a list of (offset, text),
and an ending:
  "open"    every byte is accounted for
  "opaque"  from `limit` on nothing may be known; events at or behind `limit` are not judged, but
            the stream must have become opaque
  "partial" the stream ends within a line that begins at `limit`; what is told of it is not judged
"""

import re

OWS = b" \t"
TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
TEXT = rb"[\t\x20-\xff]*"
WATCHED = (b"baggage", b"traceparent", b"tracestate")
FRAMING = (b"host", b"content-length", b"transfer-encoding", b"connection", b"upgrade", b"expect")
REQUEST_LINE = re.compile(
    rb"(" + TOKEN + rb") ([^\x00-\x20]+) HTTP/1\.([01])\r?\n", re.DOTALL)
STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9][0-9])(?: " + TEXT + rb")?\r?\n", re.DOTALL)
FIELD_LINE = re.compile(rb"(" + TOKEN + rb"):[ \t]*(" + TEXT + rb"?)\r?\n", re.DOTALL)
FOLD_LINE = re.compile(rb"[ \t]+(" + TEXT + rb"?)\r?\n", re.DOTALL)
CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]+)[ \t]*(?:;" + TEXT + rb")?\r\n", re.DOTALL)
TRAILER_LINE = re.compile(TEXT + rb"\r\n", re.DOTALL)
BIGGEST = 2**63 - 1


class Opaque(Exception):
    """Doubt; what was told from here on is not judged."""


class Partial(Exception):
    """The buffer ends within something that begins here."""


def escape(data):
    return "".join(chr(c) if 0x20 < c < 0x7F and c != 0x5C else "\\x%02x" % c for c in data)


def take_line(data, at):
    end = data.find(b"\n", at)
    if end < 0:
        raise Partial(at)
    return data[at:end + 1]


class Head:
    """The fields of a head, and the events on the way."""

    def __init__(self, watched, events):
        self.watched = watched
        self.events = events
        self.lines = []  # (name, value, offset of the line's end)
        self.bare_lf = False

    def read(self, data, at, bare_lf):
        """Returns the offset of the empty line and of what follows it."""
        self.bare_lf = bare_lf
        while True:
            line = take_line(data, at)
            if line in (b"\n", b"\r\n"):
                return at, at + len(line)
            self.line(line, at)
            self.bare_lf = not line.endswith(b"\r\n")
            at += len(line)

    def line(self, line, at):
        fold = FOLD_LINE.fullmatch(line)
        if fold:
            value = fold.group(1)
            if not self.lines or self.lines[-1][0] in FRAMING or not value.strip(OWS):
                raise Opaque(at)
            name, start = self.lines[-1][0], at + fold.start(1)
            self.tell(name, value, start, self.lines[-1][1] + b" " + value, True)
            self.lines[-1] = (name, self.lines[-1][1] + b" " + value)
            return
        match = FIELD_LINE.fullmatch(line)
        if not match:
            raise Opaque(at)
        name = match.group(1).lower()
        self.tell(name, match.group(2), at + match.start(2), match.group(2), False)
        self.lines.append((name, match.group(2)))

    def tell(self, name, value, start, whole, folded):
        if name not in self.watched:
            return
        if value:
            self.events.append((start, "VALUE %s %s" % (name.decode(), escape(value))))
        last = whole.strip(OWS)[-1:]
        how = "last=" + escape(last) if last else "blank"
        text = "FIELD_END %s %s%s" % (name.decode(), how, " folded" if folded else "")
        self.events.append((start + len(value), text))

    def values(self, name):
        return [v.strip(OWS) for n, v in self.lines if n == name]

    def tokens(self, name):
        return [t.strip(OWS).lower() for v in self.values(name) for t in v.split(b",")]


def content_length(head):
    """None without one; ValueError if it cannot be relied on."""
    numbers = set()
    for value in head.values(b"content-length"):
        for element in value.split(b","):
            if not re.fullmatch(rb"[0-9]+", element.strip(OWS)):
                raise ValueError
            numbers.add(int(element))
    if not numbers:
        return None
    if len(numbers) > 1 or max(numbers) > BIGGEST:
        raise ValueError
    return numbers.pop()


def codings(head):
    found = head.tokens(b"transfer-encoding")
    if any(not re.fullmatch(TOKEN, t) for t in found) or found.count(b"chunked") > 1:
        raise ValueError
    return found


def body_kind(head, minor, is_request):
    """("length", n), ("chunked", 0) or ("close", 0); ValueError for doubt. RFC 9112 section 6.3."""
    found = codings(head)
    if found:
        if head.values(b"content-length") or minor == 0:
            raise ValueError
        if found[-1] == b"chunked":
            return "chunked", 0
        if is_request:
            raise ValueError
        return "close", 0
    length = content_length(head)
    if length is None:
        return ("length", 0) if is_request else ("close", 0)
    return "length", length


def chunked_end(data, at):
    while True:
        line = take_line(data, at)
        match = CHUNK_LINE.fullmatch(line)
        if not match or int(match.group(1), 16) > BIGGEST:
            raise Opaque(at)
        size = int(match.group(1), 16)
        at += len(line)
        if size == 0:
            break
        if len(data) < at + size + 2:
            raise Partial(min(at + size, len(data)))
        if data[at + size:at + size + 2] != b"\r\n":
            raise Opaque(at + size)
        at += size + 2
    while True:
        line = take_line(data, at)
        if not TRAILER_LINE.fullmatch(line):
            raise Opaque(at)
        at += len(line)
        if line == b"\r\n":
            return at


def body_end(data, at, kind, length):
    if kind == "chunked":
        return chunked_end(data, at)
    if len(data) < at + length:
        raise Partial(len(data))
    return at + length


def closes(head, minor):
    options = head.tokens(b"connection")
    return b"close" in options or (minor == 0 and b"keep-alive" not in options)


def authority(target):
    """Of a target in absolute-form, with the port that its scheme implies; else None."""
    match = re.match(rb"([A-Za-z][A-Za-z0-9+.\-]*)://([^/?#]*)", target)
    if not match:
        return None
    return match.group(2).rpartition(b"@")[2], 443 if match.group(1).lower() == b"https" else 80


def host_of(method, target, head):
    if method == b"CONNECT":
        return ""
    found = authority(target)
    hosts = head.values(b"host")
    if found is None:
        if not hosts:
            return " no-host"
        found = (hosts[0], 80) if len(hosts) == 1 else (None, 80)
    if found[0] is None or len(found[0]) > 256:
        return " host-unknown"
    return " host=%s/%d" % (escape(found[0]), found[1])


def one_request(data, at, watched, events):
    """Reads one request; returns its end, and whether an answer decides what follows."""
    line = take_line(data, at)
    match = REQUEST_LINE.fullmatch(line)
    if not match or len(match.group(1)) > 32:
        raise Opaque(at)
    method, target, minor = match.group(1), match.group(2), int(match.group(3))
    connect = method == b"CONNECT"
    name = method.decode() if method in (b"CONNECT", b"HEAD") else "other"
    events.append((at + len(line), "LINE %s 1.%d%s" % (
        name, minor, " absolute" if authority(target) and not connect else "")))
    head = Head(() if connect else watched, events)
    end, after = head.read(data, at + len(line), not line.endswith(b"\r\n"))
    try:
        kind, length = body_kind(head, minor, True)
    except ValueError:
        raise Opaque(end)
    has_body = kind == "chunked" or length > 0
    if connect and has_body:
        raise Opaque(end)
    upgrade = any(head.tokens(b"upgrade"))
    if not connect:
        events.append((end, "HEAD_END %s%s%s%s%s" % (
            "lf" if head.bare_lf else "crlf", " close" if closes(head, minor) else "",
            " upgrade" if upgrade else "",
            " expect" if has_body and any(head.tokens(b"expect")) else "",
            host_of(method, target, head))))
    after = body_end(data, after, kind, length)
    events.append((after, "DONE"))
    return after, connect or upgrade


def run(step, events, at, size):
    try:
        while at < size:
            at = step(at)
    except Opaque as doubt:
        return events, "opaque", doubt.args[0]
    except Partial as cut:
        return events, "partial", cut.args[0]
    return events, "open", size


def request_events(data, watched=WATCHED):
    events = []

    def step(at):
        while data[at:at + 1] == b"\n" or data[at:at + 2] == b"\r\n":
            at += 1 if data[at:at + 1] == b"\n" else 2
        if at == len(data):
            return at
        at, waits = one_request(data, at, watched, events)
        if waits and at < len(data):
            raise Opaque(at)
        return at

    return run(step, events, 0, len(data))


def one_response(data, at, method, events):
    """Reads one response; returns its end and "final", "interim" or "last"."""
    line = take_line(data, at)
    match = STATUS_LINE.fullmatch(line)
    if not match:
        raise Opaque(at)
    minor, status = int(match.group(1)), int(match.group(2))
    events.append((at + len(line), "STATUS %d 1.%d" % (status, minor)))
    head = Head((), events)
    end, after = head.read(data, at + len(line), not line.endswith(b"\r\n"))
    tunnel = status == 101 or (method == "C" and status // 100 == 2)
    kind, length = "length", 0
    if not (method == "H" or status // 100 == 1 or status in (204, 304) or tunnel):
        try:
            kind, length = body_kind(head, minor, False)
        except ValueError:
            raise Opaque(end)
    last = kind == "close" or closes(head, minor)
    style = "lf" if head.bare_lf else "crlf"
    events.append((end, "HEAD_END %s%s" % (style, " close" if last else "")))
    if tunnel:
        raise Opaque(after)
    if status // 100 == 1:
        return after, "interim"
    if kind == "close":
        raise Partial(len(data))
    after = body_end(data, after, kind, length)
    events.append((after, "DONE close" if last else "DONE"))
    return after, "last" if last else "final"


def response_events(data, methods):
    events, outstanding = [], list(methods)

    def step(at):
        if not outstanding:
            raise Opaque(at)
        at, what = one_response(data, at, outstanding[0], events)
        if what == "last":
            outstanding.clear()
        elif what == "final":
            outstanding.pop(0)
        return at

    return run(step, events, 0, len(data))


def inserted(data, fields):
    """The stream with `fields`, of (name, value), put into each request that may be touched."""
    events, ending, limit = request_events(data, WATCHED + tuple(n for n, _ in fields))
    if ending != "open":
        return None
    out, copied, present = b"", 0, set()
    for at, text in events:
        words = text.split(" ")
        out += data[copied:at]
        copied = at
        if words[0] == "LINE":
            present.clear()
        elif words[0] == "FIELD_END":
            name = words[1].encode()
            for ours, value in fields:
                if ours == name == b"baggage" and name not in present:
                    out += {"blank": value, "last=,": value + b","}.get(words[2], b"," + value)
            present.add(name)
        elif words[0] == "HEAD_END":
            for ours, value in fields:
                if ours not in present:
                    out += ours + b": " + value + (b"\n" if words[1] == "lf" else b"\r\n")
    return out + data[copied:]

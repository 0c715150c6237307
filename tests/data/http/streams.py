"""Request and response streams made at random from a seed: mostly right, some odd, some broken."""

import random
import re


def expand(line):
    """A line of a case: <N*text> stands for N times the text."""
    return re.sub(r"<(\d+)\*([^>]+)>", lambda m: m.group(2) * int(m.group(1)), line)


EOLS = (b"\r\n",) * 12 + (b"\n",)
METHODS = (b"GET",) * 6 + (b"POST", b"PUT", b"HEAD", b"OPTIONS", b"x-y_z", b"A" * 32)
RARE_METHODS = (b"CONNECT", b"A" * 33, b"HEADS", b"CONNECTED", b"HEA")
TARGETS = (b"/", b"/a?b=c", b"*", b"http://h.test/x", b"HTTPS://u:p@h.test:8443?q",
           b"http://[::1]:80", b"/" + b"p" * 300, b"foo", b"ftp://f/", b"urn:x", b"http:/one",
           b"http://h@i@j#k",
           b"/caf\xe9", b"http://" + b"h" * 257 + b"/", b"https:///none", b"httpss://h/")
NAMES = (b"X-A", b"Accept", b"bag", b"baggages", b"Trace", b"Hosts", b"Content-Lengths", b"t",
         b"up", b"Cookie", b"x_y", b"traceparen", b"connectio", b"CONTENT-TYPE")
VALUES = (b"", b"v", b"a, b", b"GET / HTTP/1.1", b"x\ty", b"\xff\xfe", b"k=v;p", b"long " * 20,
          b"trailing  ", b"a,", b": :")
OWN = (b"baggage", b"Baggage", b"BAGGAGE", b"traceparent", b"TraceState")
CODINGS = (b"chunked", b"Chunked", b"gzip, chunked", b"gzip ,chunked ", b"chunked, gzip",
           b"identity", b"chunked;x=1", b"", b",chunked", b"chunked chunked",
           b"chunked, chunked", b"chunke")
CONNECTIONS = (b"close", b"keep-alive", b"Keep-Alive, Close", b"x", b"upgrade", b"close x",
               b"closer", b",close", b"Close,")


def chance(r, one_in):
    return r.randrange(one_in) == 0


def field(r, name, value, eol):
    line = name + b":" + r.choice((b" ", b" ", b"", b"\t ")) + value + r.choice((b"", b"", b" \t"))
    if chance(r, 25):
        line += eol + r.choice((b" ", b"\t  ")) + r.choice((b"folded", b"f,", b"", b" "))
    return line + eol


def mix_case(r, name):
    if not chance(r, 3):
        return name
    return bytes(r.choice((c, c ^ 0x20)) if chr(c).isalpha() else c for c in name)


def plain_fields(r, eol):
    out = []
    for _ in range(r.randrange(5)):
        out.append(field(r, r.choice(NAMES), r.choice(VALUES), eol))
    for _ in range(r.choice((0, 0, 1, 1, 2))):
        out.append(field(r, mix_case(r, r.choice(OWN)), r.choice(VALUES), eol))
    if chance(r, 4):
        out.append(field(r, mix_case(r, b"Connection"), r.choice(CONNECTIONS), eol))
    return out


def chunked(r):
    out = b""
    for _ in range(r.randrange(4)):
        data = r.choice((b"x", b"\r\n", b"GET / HTTP/1.1\r\n\r\n", b"0\r\n\r\n", b"d" * 40))
        size = r.choice((b"%x", b"%X", b"00%x")) % len(data)
        out += size + r.choice((b"", b"", b"", b";a=b", b"  ", b" ;c=\"d\"")) + b"\r\n"
        out += data + b"\r\n"
    out += r.choice((b"0", b"0", b"000", b"0;last")) + b"\r\n"
    for _ in range(r.choice((0, 0, 1, 2))):
        out += r.choice((b"baggage: trailer=1", b"X: y", b"odd", b" fold")) + b"\r\n"
    return out + b"\r\n"


def body(r, fields, eol):
    """Adds the fields that frame a body; returns the body."""
    what = r.randrange(12)
    data = r.choice((b"", b"hello", b"GET / HTTP/1.1\r\nHost: b\r\n\r\n", b"\r\n\r\n", b"z" * 200))
    number = b"%d" % len(data)
    if what < 4:
        return b""
    if what < 7:
        fields.append(field(r, mix_case(r, b"Content-Length"), number, eol))
    elif what == 7:
        odd = r.choice((number + b"," + number, b"0" + number, b"+" + number, b"", number + b" ,",
                        number + b", 9", b"9" * 30, b"9223372036854775808",
                        number + b" " + number, b"-1", b"0x5", number + b"\t,  " + number))
        fields.append(field(r, b"Content-Length", odd, eol))
    elif what == 8:
        for _ in range(2):
            fields.append(field(r, b"content-length", r.choice((number, number, b"7")), eol))
    elif what < 11:
        fields.append(field(r, mix_case(r, b"Transfer-Encoding"), b"chunked", eol))
        return chunked(r)
    else:
        for _ in range(r.choice((1, 1, 2))):
            fields.append(field(r, b"transfer-encoding", r.choice(CODINGS), eol))
        if chance(r, 4):
            fields.append(field(r, b"Content-Length", number, eol))
        return chunked(r)
    return data


def request(r):
    eol = r.choice(EOLS)
    method = r.choice(RARE_METHODS) if chance(r, 20) else r.choice(METHODS)
    version = r.choice((b"HTTP/1.1",) * 12 + (b"HTTP/1.0",) * 3 +
                       (b"HTTP/1.2", b"HTTP/2.0", b"http/1.1"))
    fields = plain_fields(r, eol)
    for _ in range(r.choice((0, 1, 1, 1, 1, 1, 1, 2))):
        host = r.choice((b"h.test", b"h:80", b"", b"i" * 257))
        fields.append(field(r, mix_case(r, b"Host"), host, eol))
    if chance(r, 20):
        fields.append(field(r, b"Upgrade", r.choice((b"websocket", b"", b"h2c, x")), eol))
    if chance(r, 12):
        fields.append(field(r, b"Expect", r.choice((b"100-continue", b"", b"odd")), eol))
    content = body(r, fields, eol)
    r.shuffle(fields)
    before = r.choice((b"",) * 8 + (b"\r\n", b"\n\r\n"))
    line = method + b" " + r.choice(TARGETS) + b" " + version
    return before + line + eol + b"".join(fields) + r.choice((eol,) * 9 + (b"\n",)) + content


def response(r):
    eol = r.choice(EOLS)
    status = r.choice((b"200",) * 8 + (b"204", b"304", b"404", b"100", b"103", b"101", b"206",
                                       b"999", b"099"))
    version = r.choice((b"HTTP/1.1",) * 12 + (b"HTTP/1.0",) * 2 + (b"HTTP/1.2", b"ICY"))
    fields = plain_fields(r, eol)
    content = body(r, fields, eol)
    if status[0] == ord("1") or status in (b"204", b"304"):
        content = b"" if not chance(r, 10) else content
    r.shuffle(fields)
    reason = r.choice((b" OK", b" ", b"", b" a b\tc", b"  ", b"x"[:r.randrange(2)]))
    line = version + b" " + status + reason
    return line + eol + b"".join(fields) + eol + content


def broken(r, data):
    """A byte or two gone, doubled, or replaced; or the end missing."""
    for _ in range(r.choice((1, 1, 2))):
        at = r.randrange(len(data) + 1)
        what = r.randrange(4)
        if what == 0:
            data = data[:at] + data[at + 1:]
        elif what == 1:
            new = (b"\r", b"\n", b" ", b":", b"\0", b",", b"\x7f", b"\t", b"x", b"\r\n")
            data = data[:at] + r.choice(new) + data[at:]
        elif what == 2:
            data = data[:at] + bytes([r.randrange(256)]) + data[at + 1:]
        else:
            data = data[:at]
    return data


def requests(seed, mutate=True):
    r = random.Random(seed)
    data = b"".join(request(r) for _ in range(r.choice((1, 2, 3, 5))))
    return broken(r, data) if mutate and chance(r, 3) else data


def responses(seed):
    r = random.Random(seed)
    count = r.choice((1, 2, 3, 5))
    methods = "".join(r.choice("GGGGGHC") for _ in range(count))
    data = b"".join(response(r) for _ in range(count + r.randrange(2)))
    return (broken(r, data) if chance(r, 3) else data), methods

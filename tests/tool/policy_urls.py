"""Generates URLs that readers are known to disagree about, and compares the host and port that the
policy would judge with those that libcurl would connect to.

usage: policy_urls.py TESTTOOL CURL_URLPARSE SEED COUNT
"""
import ipaddress
import random
import subprocess
import sys

HOSTS = [
    "service-b", "Service-B.Example", "a.b.", "a..b", ".a", "localhost", "127.0.0.1", "127.1",
    "0x7f.1", "0x7f000001", "2130706433", "017700000001", "127.0.0.1.", "256.1", "1.2.3.256",
    "0x", "08.1", "1.2.3.4.5", "4294967295", "4294967296", "0", "[::1]", "[::1", "::1",
    "[fe80::1%25lo]", "[fe80::1%lo]", "[::ffff:1.2.3.4]", "[0:0:0:0:0:0:0:1]", "[1.2.3.4]",
    "[v1.a]", "[]", "%61", "a%2eb", "good%00.evil", "ä", "xn--4ca", "a_b", "-a", "a-", "a~b",
    "a|b", "1a", "a.1", "1.0x10", "0x7F.0.0.1", "127.0.1", "0.0.0.0", "[::]", "１２７.0.0.1", "a。b",
]
USERS = [
    "", "", "", "", "u@", "u:p@", "good.example@", "good.example:80@", "a@b@", "good\\@", "@",
    ":@", "u;x@", "u%40v@", "[::1]@",
]
PORTS = [
    "", "", "", ":", ":80", ":8080", ":0", ":65535", ":65536", ":080", ":8a", ":-1", ":+80",
    ":80:81", ":99999999999999999999", ": 80",
]
TAILS = [
    "", "/", "/path", "?q", "#f", "/@evil/", "#@evil/", "?@evil/", "\\@evil/", "\\evil", "/a:b@c",
    ";x", "#", "//x", "@evil", " ", "/ ", "\t", "%2f", ":",
]
SCHEMES = [
    "http://", "HTTP://", "https://", "ws://", "wss://", "http:/", "http:///", "http:////",
    "http:", "ftp://", "http:\\\\", " http://", "httpx://", "//", "://",
]
EDITS = "/\\@:?#[]%.&;a0x1-_ \t~*'\"{}|^`<>()+,=$!é"


def url(rng):
    text = (rng.choice(SCHEMES[:5] if rng.random() < 0.8 else SCHEMES) + rng.choice(USERS) +
            rng.choice(HOSTS) + rng.choice(PORTS) + rng.choice(TAILS))
    while rng.random() < 0.3:
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice(EDITS) + text[at + rng.randrange(2):]
    return text


def ask(urls, *command):
    done = subprocess.run(command, input="".join(u + "\n" for u in urls).encode(), check=True,
                          stdout=subprocess.PIPE, timeout=120)
    return done.stdout.decode(errors="surrogateescape").split("\n")[:-1]


def same_host(ours, curls):
    """`ours` is a name, or an address as =32 hex digits; `curls` what libcurl has."""
    if not ours.startswith("="):
        return ours.lower() == curls.lower().removesuffix(".")
    value = ipaddress.IPv6Address(bytes.fromhex(ours[1:]))
    try:
        seen = ipaddress.ip_address(curls.strip("[]").partition("%")[0])
    except ValueError:
        return False
    if seen.version == 4:
        seen = ipaddress.IPv6Address(b"\0" * 10 + b"\xff\xff" + seen.packed)
    loopback = {"::": "::1", "::ffff:0:0": "::ffff:127.0.0.1"}
    for any_address, meant in loopback.items():
        if seen == ipaddress.IPv6Address(any_address):
            seen = ipaddress.IPv6Address(meant)
    return seen == value


def compare(urls, mode, ours, curls):
    wrong = 0
    agreed = 0
    for text, mine, theirs in zip(urls, ours, curls, strict=True):
        if mine == "-" or theirs == "-":
            continue  # nothing is sent, or libcurl does not go anywhere
        host, port = mine.split("\t")
        their_host, their_port = theirs.split("\t")
        if same_host(host, their_host) and port in (their_port, "0" if mode == "bare" else ""):
            agreed += 1
            continue
        wrong += 1
        print(f"{mode} {text!r}: ours {mine!r}, libcurl's {theirs!r}")
    return wrong, agreed


def main():
    tool, parser, seed, count = sys.argv[1:]
    rng = random.Random(int(seed))
    urls = [url(rng) for _ in range(int(count))]
    wrong, agreed = compare(urls, "url", ask(urls, tool, "policy", "url"), ask(urls, parser))
    bare = [u.split("://", 1)[-1] for u in urls] + urls
    more, also = compare(bare, "bare", ask(bare, tool, "policy", "bare"),
                         ask(bare, parser, "guess"))
    print(f"{agreed + also} agree, {wrong + more} differ")
    # A generator of nothing but refused URLs would prove nothing.
    return wrong + more > 0 or agreed < int(count) // 20 or also < int(count) // 20


if __name__ == "__main__":
    sys.exit(main())

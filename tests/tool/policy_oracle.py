"""Outbound rules, decided a second time in the plainest way that their description allows, against
`testtool policy decide`, over random rules and targets.

usage: policy_oracle.py TESTTOOL SEED COUNT
"""
import ipaddress
import random
import subprocess
import sys

NAMES = [
    "a", "b", "example.com", "a.example.com", "b.a.example.com", "A.Example.COM", "xexample.com",
    "example.com.", "com", "ä.example.com", "",
]
ADDRESSES = [
    "10.0.0.1", "10.1.2.3", "11.0.0.1", "127.0.0.1", "::1", "fd00::1", "fd00:1::1",
    "::ffff:10.1.2.3", "0:0:0:0:0:0:0:1", "192.0.2.1",
]
PATTERNS = [
    "*", "a", "B", "example.com", "*.example.com", "*.com", "*.a.example.com.", "a.example.com",
    "10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "0.0.0.0/0", "::/0", "::1", "fd00::/16", "0:0::1",
    "::ffff:10.0.0.0/104", "127.0.0.0/8", "192.0.2.1/32",
]
KEYS = ["k1", "k2", "k*", "key", "*", "K1", "other", "ke*"]
MEMBERS = ["k1=1", "k2=2", "K1=3", "key=4", "other=5", "k1=6"]
PORTS = [0, 80, 8080]


def literal(text):
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def network(text):
    try:
        net = ipaddress.ip_network(text)
    except ValueError:
        return None
    if net.version == 6 and net.network_address.ipv4_mapped and net.prefixlen >= 96:
        return ipaddress.ip_network((int(net.network_address.ipv4_mapped), net.prefixlen - 96))
    return net


def holds(pattern, port, target):
    """True, False, or None for what cannot be known."""
    host, to_port, address = target
    address, _, at_port = address.partition("@")
    peer, net = literal(address), network(pattern)
    at_port = int(at_port or to_port) if peer is not None else to_port
    if port and port == at_port and None not in (peer, net) and peer in net:
        return True
    if port and to_port and port not in (to_port, at_port):
        return False
    answer = holds_host(pattern, host.rstrip("."), address)
    return None if answer and port and not port == to_port == at_port else answer


def holds_host(pattern, host, address):
    if pattern == "*":
        return True
    net = network(pattern)
    spelled = literal(host)
    if net is not None:
        known = [a for a in (spelled, literal(address)) if a is not None]
        return any(a in net for a in known) if known else None
    if spelled is not None:
        return False
    if not host or not host.isascii():
        return None
    pattern = pattern.lower().rstrip(".")
    if pattern.startswith("*."):
        return host.lower().endswith(pattern[1:])
    return host.lower() == pattern


def may(key, patterns):
    return any(key.startswith(p[:-1]) if p.endswith("*") else key == p for p in patterns)


def decide(rules, target):
    left = list(MEMBERS)
    if not rules:
        return "open\t" + ",".join(left)
    for number, (hosts, keys) in enumerate(rules):
        answers = [holds(host, port, target) for host, port in hosts]
        if True not in answers and None not in answers:
            continue
        left = [m for m in left if may(m.partition("=")[0], keys)]
        if True in answers:
            return f"{number}\t" + ",".join(left)
    return "none\t"


def spell(pattern, port):
    if not port:
        return pattern
    return f"[{pattern}]:{port}" if ":" in pattern else f"{pattern}:{port}"


def main():
    tool, seed, count = sys.argv[1:]
    rng = random.Random(int(seed))
    wrong = 0
    kinds = set()
    for _ in range(int(count)):
        rules = [([(rng.choice(PATTERNS), rng.choice([0, 0, 80]))
                   for _ in range(rng.randint(1, 3))], rng.sample(KEYS, rng.randint(0, 3)))
                 for _ in range(rng.randint(0, 5))]
        targets = [(rng.choice(NAMES + ADDRESSES), rng.choice(PORTS),
                    rng.choice(ADDRESSES + [a + "@80" for a in ADDRESSES] + [""] * 15))
                   for _ in range(200)]
        args = [",".join(spell(*h) for h in hosts) + "=" + ",".join(keys) for hosts, keys in rules]
        text = "".join(f"{h or '-'}\t{p}\t{a or '-'}\t{','.join(MEMBERS)}\n" for h, p, a in targets)
        done = subprocess.run([tool, "policy", "decide", *args], input=text.encode(), check=True,
                              stdout=subprocess.PIPE, timeout=60)
        for target, got in zip(targets, done.stdout.decode().split("\n")[:-1], strict=True):
            expected = decide(rules, target)
            kinds.add(expected.partition("\t")[0])
            if got != expected:
                wrong += 1
                print(f"{args} {target}: expected {expected!r}, got {got!r}")
    print(f"{wrong} differ; decided by {sorted(kinds)}")
    return wrong > 0 or not {"open", "none", "0", "4"} <= kinds


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
"""Clients that mean harm: attackers.py SOCKET WAY [NUMBER...]. Prints what it got away with."""
import array
import ctypes
import fcntl
import mmap
import os
import random
import resource
import socket
import struct
import sys
import time

HELLO, ATTACH, SET, UNSET, CLEAR, ENABLE, DISABLE, GET, PS, METRICS, RELOAD = range(1, 12)
PAGES, END, ERROR = 65, 68, 69
PID, TID, UID, EXE, ALL, MEMBERS, KEY = range(1, 8)
CODE = 17
SOCKET, WAY = sys.argv[1:3]
NUMBERS = [int(n) for n in sys.argv[3:] if n.isdigit()]
NOBODY = 65534


def field(tag, data):
    if isinstance(data, int):
        data = struct.pack("=I", data)
    return struct.pack("=HH", tag, len(data)) + data


def message(kind, *fields, ident=7, version=1):
    body = b"".join(fields)
    return struct.pack("=IHHII", 16 + len(body), version, kind, ident, 0) + body


def connect():
    client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    client.settimeout(20)
    client.connect(SOCKET)
    return client


def answer(client):
    """The type and the error code of the END, PAGES or ERROR that comes, after whatever comes before."""
    records = 0
    while True:
        got = client.recv(65536)
        if not got:
            return "closed"
        kind = struct.unpack_from("=H", got, 6)[0]
        if kind == ERROR:
            return "error %d" % struct.unpack_from("=I", got, 20)[0]
        if kind == END:
            return "end %d records" % records
        if kind == PAGES:
            return "pages"
        records += 1


def ask(*requests):
    client = connect()
    client.send(message(HELLO))
    client.recv(65536)
    for request in requests:
        client.send(request)
        yield answer(client)


def attach(client=None, pid=1):
    """As somebody else, if that could be."""
    client = client or connect()
    client.send(message(ATTACH, field(PID, pid), field(UID, 0)))
    fds = array.array("i")
    data, rights, _, _ = client.recvmsg(4096, socket.CMSG_SPACE(8))
    for level, kind, content in rights:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            fds.frombytes(content)
    return list(fds)


def malformed():
    whole = message(SET, field(PID, os.getpid()), field(MEMBERS, b"k=1"))
    head = lambda n: struct.pack("=I", n)
    for bad in [b"", b"x", whole[:15], whole[:-1], whole + b"x", head(0) + whole[4:],
                head(2**32 - 1) + whole[4:], whole[:16] + b"\xff" * 40, b"\xff" * 65536,
                message(99), message(0), message(65535), message(SET, version=2), message(END)]:
        client = connect()
        client.send(message(HELLO))
        client.recv(65536)
        if bad:
            client.send(bad)
            print(answer(client))
        client.close()
    client = connect()
    client.send(message(PS))  # before any greeting
    print(answer(client))


def random_bytes():
    for seed in range(NUMBERS[0]):
        rng = random.Random(seed)
        client = connect()
        try:
            client.send(message(HELLO))
            for _ in range(20):
                fields = b"".join(field(rng.randrange(24), rng.randbytes(rng.choice([0, 4, 8, 40])))
                                  for _ in range(rng.randrange(6)))
                data = bytearray(message(rng.randrange(14), fields))
                if rng.randrange(3) == 0:
                    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
                client.send(bytes(data))
        except OSError:
            pass
        client.close()


def crowd():
    """More connections than there may be, some of which say half of something, and stay."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    clients, many = [], NUMBERS[0]
    for i in range(many):
        client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        client.settimeout(10)
        try:
            client.connect(SOCKET)
            if i % 2:
                client.send(message(HELLO))
        except OSError:
            pass
        clients.append(client)
    print("%d connections" % len(clients), flush=True)
    sys.stdin.read()


def deaf():
    """Asks and asks, and reads no answer."""
    client = connect()
    client.setblocking(False)
    client.send(message(HELLO))
    sent = 0
    end = time.monotonic() + 4
    while time.monotonic() < end and sent < NUMBERS[0]:
        try:
            client.send(message(METRICS))
            sent += 1
        except BlockingIOError:
            time.sleep(0.01)
            sent += 0.05
        except OSError:
            break
    print("asked", flush=True)
    sys.stdin.read()


def descriptors():
    """Settings that are no sealed memfd."""
    plain = os.memfd_create("x", os.MFD_ALLOW_SEALING)
    os.write(plain, b"set = ();")
    large = os.memfd_create("x", os.MFD_ALLOW_SEALING)
    os.truncate(large, 1 << 30)
    fcntl.fcntl(large, 1033, 0xF)
    null = os.open("/dev/zero", os.O_RDONLY)
    file = os.open(__file__, os.O_RDONLY)
    pipes = os.pipe()
    for fds in [[], [plain], [large], [null], [file], [pipes[0]], [connect().fileno()], list(pipes) * 20]:
        client = connect()
        client.send(message(HELLO))
        client.recv(65536)
        client.sendmsg([message(RELOAD)],
                       [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))])
        print(answer(client))


def pages():
    """What its own pages let it do, and what the fleet's page does not."""
    fleet, own = attach()
    size = os.fstat(own).st_size
    for name, what in [
            ("write the fleet's page", lambda: os.pwrite(fleet, b"x", 0)),
            ("map the fleet's page", lambda: mmap.mmap(fleet, 4096)),
            ("open it anew", lambda: os.pwrite(os.open("/proc/self/fd/%d" % fleet, os.O_RDWR), b"x", 0)),
            ("map it anew", lambda: mmap.mmap(os.open("/proc/self/fd/%d" % fleet, os.O_RDWR), 4096)),
            ("cut the fleet's page", lambda: os.ftruncate(fleet, 0)),
            ("cut its own", lambda: os.ftruncate(own, 0)),
            ("let its own grow", lambda: os.ftruncate(own, size * 2)),
            ("seal it", lambda: fcntl.fcntl(own, 1033, 8))]:
        try:
            what()
            print("could", name)
        except (OSError, ValueError):
            pass
    mine = mmap.mmap(own, size)
    for seed in range(NUMBERS[0]):
        mine[:] = random.Random(seed).randbytes(size) if seed % 2 else bytes([seed * 37 % 256]) * size
        print("scribbled", flush=True)
        sys.stdin.readline()


def orders():
    """What somebody may do to a process (NUMBERS[0]) and to the fleet."""
    for name, request in [("set", message(SET, field(PID, NUMBERS[0]), field(MEMBERS, b"k=1"))),
                          ("clear", message(CLEAR, field(PID, NUMBERS[0]))),
                          ("disable", message(DISABLE, field(PID, NUMBERS[0]))),
                          ("get", message(GET, field(PID, NUMBERS[0]))),
                          ("set all", message(SET, field(ALL, b""), field(MEMBERS, b"k=1"))),
                          ("set exe", message(SET, field(EXE, b"*"), field(MEMBERS, b"k=1"))),
                          ("disable all", message(DISABLE, field(ALL, b""))),
                          ("ps", message(PS)), ("metrics", message(METRICS)),
                          ("reload", message(RELOAD))]:
        for result in ask(request):
            print(name, "-", result)


def members():
    """Members that are none."""
    fds = attach()
    me = field(PID, os.getpid())
    for text in [b"", b"k", b"=1", b"k=1\r\nx: y", b"k=\0", b"k=\xff", b"a=1,,b=2", b"k=1,bad", b"k = 1",
                 b",".join(b"k%d=1" % i for i in range(65)), b"k=" + b"x" * 9000, b"k=1;"]:
        for result in ask(message(SET, me, field(MEMBERS, text))):
            print(text[:20], "-", result)
    del fds


def forged():
    """Attaches as process NUMBERS[0], and looks for what is that one's."""
    for fd in attach(pid=NUMBERS[0]):
        with mmap.mmap(fd, os.fstat(fd).st_size, prot=mmap.PROT_READ) as page:
            print("found" if b"secret" in page[:] else "nothing")
    print(os.getpid(), flush=True)
    sys.stdin.read()


def recycled():
    """root's process gets the number of one of nobody's, whose connection is still there: for
    this, sys.argv[3:] is what it runs. After a line on descriptor 9, nobody attaches by it."""
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        os.setgroups([])
        os.setresuid(NOBODY, NOBODY, NOBODY)
        mine = connect()
        socket.send_fds(theirs, [b"x"], [mine.fileno()])
        os._exit(0)
    theirs.close()
    left = socket.socket(fileno=socket.recv_fds(ours, 1, 1)[1][0])
    os.waitpid(pid, 0)
    libc = ctypes.CDLL(None)
    number = (ctypes.c_int * 1)(pid)
    # struct clone_args: no flags, SIGCHLD, and the number.
    how = struct.pack("=11Q", 0, 0, 0, 0, 17, 0, 0, 0, ctypes.addressof(number), 1, 0)
    got = libc.syscall(435, ctypes.create_string_buffer(how, len(how)), len(how))
    if got == 0:
        os.execv(sys.argv[3], sys.argv[3:])
    with open(9) as go:
        go.readline()
    with open("recycled", "w") as told:
        left.settimeout(20)
        left.send(message(ATTACH))
        print(got == pid, answer(left), file=told)
    os.waitpid(pid, 0)


def threads():
    """More threads than there is room for: all name the one that is there, and others."""
    import threading
    fds = attach()
    stop = threading.Event()
    them = [threading.Thread(target=stop.wait, daemon=True) for _ in range(40)]
    for thread in them:
        thread.start()
    me, results = field(PID, os.getpid()), {}
    for thread in them:
        order = message(SET, me, field(TID, thread.native_id), field(MEMBERS, b"k=1"))
        for result in ask(order):
            results[result] = results.get(result, 0) + 1
    print(sorted(results.items()))
    stop.set()
    del fds


def changes():
    """Not an attack: NUMBERS[1] changes of the members of process NUMBERS[0], one after another."""
    client = connect()
    client.send(message(HELLO))
    client.recv(65536)
    begin = time.monotonic()
    for n in range(NUMBERS[1]):
        who = field(PID, NUMBERS[0])
        both = field(MEMBERS, b"a=%d,b=%d" % (n, n))
        client.send(message(CLEAR, who) if n % 5 == 0 else message(SET, who, both))
        if not answer(client).startswith("end"):
            sys.exit(1)
    print(int(NUMBERS[1] / (time.monotonic() - begin)))


{f.__name__: f for f in (malformed, random_bytes, crowd, deaf, descriptors, pages, orders, members,
                         forged, recycled, threads, changes)}[WAY]()

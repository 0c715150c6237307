#!/usr/bin/python3
"""Makes broken copies of a 64-bit ELF file: elf_hostile.py FILE FOLDER KIND."""
import os
import random
import struct
import sys

DT = {"strtab": 5, "symtab": 6, "strsz": 10, "gnu_hash": 0x6FFFFEF5, "needed": 1}


def dynamic(data):
    """The offset of the dynamic section's entries: {tag: where its value is}."""
    phoff, = struct.unpack_from("<Q", data, 32)
    count, = struct.unpack_from("<H", data, 56)
    entries = {}
    for i in range(count):
        kind, = struct.unpack_from("<I", data, phoff + 56 * i)
        if kind != 2:
            continue
        at, _, _, size = struct.unpack_from("<QQQQ", data, phoff + 56 * i + 8)
        for entry in range(at, at + size, 16):
            tag, = struct.unpack_from("<q", data, entry)
            entries.setdefault(tag, entry + 8)
    return entries


def loads(data):
    phoff, = struct.unpack_from("<Q", data, 32)
    count, = struct.unpack_from("<H", data, 56)
    for i in range(count):
        if struct.unpack_from("<I", data, phoff + 56 * i)[0] == 1:
            yield phoff + 56 * i


def cuts(data, _):
    """Cut at many bytes."""
    step = max(1, len(data) // 60)
    for at in sorted(set(range(0, 128, 5)) | set(range(128, len(data), step))):
        yield "cut-%d" % at, data[:at]


def flips(data, seed):
    """A few bytes changed, most of them where the tables are."""
    rand = random.Random(seed)
    for i in range(100):
        copy = bytearray(data)
        for _ in range(rand.randint(1, 6)):
            at = rand.randrange(64 if i % 2 else len(data))
            copy[at] = rand.choice((0, 1, 0x7F, 0x80, 0xFF, rand.randrange(256)))
        yield "flip-%d" % i, bytes(copy)


def tables(data, _):
    """Each value of the dynamic section wrong in several ways."""
    for tag, at in dynamic(data).items():
        for value in (0, 1, len(data) - 1, len(data), 1 << 31, 1 << 40, (1 << 63) - 1, (1 << 64) - 1):
            copy = bytearray(data)
            struct.pack_into("<Q", copy, at, value)
            yield "tag-%x-%x" % (tag & 0xFFFFFFFF, value), bytes(copy)


def huge(data, _):
    """String tables and segments of gigabytes, in a file that is as long (with holes)."""
    copy = bytearray(data)
    entries = dynamic(copy)
    for at in loads(copy):
        struct.pack_into("<QQ", copy, at + 32, 5 << 30, 5 << 30)
    struct.pack_into("<Q", copy, entries[DT["strsz"]], 4 << 30)
    yield "huge", bytes(copy)


def main(path, folder, kind):
    with open(path, "rb") as file:
        data = file.read()
    for name, copy in {"cuts": cuts, "flips": flips, "tables": tables, "huge": huge}[kind](data, 7):
        target = os.path.join(folder, name)
        with open(target, "wb") as file:
            file.write(copy)
            if kind == "huge":
                file.truncate(6 << 30)
        os.chmod(target, 0o755)


if __name__ == "__main__":
    main(*sys.argv[1:])

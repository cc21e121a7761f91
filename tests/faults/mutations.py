"""Damage to the bytes of a small file, by a seed: the same seed gives the same damage."""

import json
import re
import struct
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

Mutation = Callable[[bytes, Random], bytes]
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 2**31, 2**63, 2**64, 10**400, 1e308, "", "0", "\0", "\u202e", "\ud800", "a" * 70_000,
    [], [[]], [None], {}, {"": None}, [{}], float("nan"), float("inf"),
)  # fmt: skip
"""Values where others are meant."""


def flip(data: bytes, chance: Random) -> bytes:
    """Other bits in a few bytes."""
    found = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8))):
        if found:
            found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
    return bytes(found)


def overwrite(data: bytes, chance: Random) -> bytes:
    """A few bytes that mean something in many formats, over what is there."""
    part = chance.choice(
        (b"\0" * 4, b"\xff" * 4, b"\xff" * 8, b"\x7f\xff\xff\xff", b"\0" * 64, b"PK\1\2", b"[", b'"', b"\n")
    )
    place = chance.randrange(len(data) + 1)
    return data[:place] + part + data[place + len(part) :]


def cut(data: bytes, chance: Random) -> bytes:
    """The end is missing."""
    return data[: chance.randrange(len(data) + 1)]


def take_out(data: bytes, chance: Random) -> bytes:
    """A part is missing."""
    start = chance.randrange(len(data) + 1)
    return data[:start] + data[start + chance.choice((1, 2, 16, 256)) :]


def insert(data: bytes, chance: Random) -> bytes:
    """Something is in it that does not belong there."""
    place = chance.randrange(len(data) + 1)
    part = chance.choice(
        (chance.randbytes(chance.choice((1, 4, 64))), b"\0", b"\xef\xbb\xbf", b"\r\n", b'","', b"\xff\xfe")
    )
    return data[:place] + part + data[place:]


def repeat(data: bytes, chance: Random) -> bytes:
    """A part stands twice, or very often."""
    start = chance.randrange(len(data) + 1)
    part = data[start : start + chance.choice((1, 8, 64, 1024))]
    return data[:start] + part * chance.choice((2, 3, 1000)) + data[start + len(part) :]


def swap(data: bytes, chance: Random) -> bytes:
    """Two halves in the wrong order."""
    place = chance.randrange(len(data) + 1)
    return data[place:] + data[:place]


def nest(data: bytes, chance: Random) -> bytes:
    """What opens is opened by the hundreds, closed or not."""
    opening, closing = chance.choice(((b"[", b"]"), (b'{"a":', b"}"), (b"<a>", b"</a>"), (b"(", b")"), (b"-", b"")))
    depth = chance.choice((50, 900, 1100, 100_000))
    inner = chance.choice((data, b"0", b""))
    whole = opening * depth + inner + (closing * depth if chance.random() < 0.5 else b"")
    place = chance.randrange(len(data) + 1)
    return whole if chance.random() < 0.5 else data[:place] + whole + data[place:]


def numbers(data: bytes, chance: Random) -> bytes:
    """A number is another one."""
    found = list(re.finditer(rb"\d+", data))
    if not found:
        return flip(data, chance)
    match = chance.choice(found)
    other = chance.choice((b"-1", b"0", b"1e999", b"9" * 25, b"9" * 5000, b"NaN", b"0x10", b"1.5", b"null"))
    return data[: match.start()] + other + data[match.end() :]


def types(data: bytes, chance: Random) -> bytes:
    """A value of a JSON file is of another type."""
    try:
        whole = json.loads(data)
    except (ValueError, RecursionError):
        return numbers(data, chance)
    places: list[tuple[Any, Any]] = []

    left = [whole]
    while left:
        value = left.pop()
        if isinstance(value, dict | list):
            keys = list(value) if isinstance(value, dict) else range(len(value))
            places += [(value, key) for key in keys]
            left += [value[key] for key in keys]
    if not places:
        return json.dumps(chance.choice(ODD)).encode()
    holder, key = chance.choice(places)
    if chance.random() < 0.2:
        del holder[key]
    else:
        holder[key] = chance.choice(ODD)
    try:
        return json.dumps(whole, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):  # a number of hundreds of digits, or deeply nested
        return flip(data, chance)


MUTATIONS: tuple[Mutation, ...] = (
    flip, overwrite, cut, take_out, insert, repeat, swap, nest, numbers, types,
)  # fmt: skip


def mutated(data: bytes, seed: int | str, most: int = 3) -> bytes:
    """The bytes after one to `most` mutations."""
    chance = Random(seed)
    for _ in range(chance.randint(1, most)):
        data = chance.choice(MUTATIONS)(data, chance)
    return data


def sizes(data: bytes, chance: Random) -> bytes:
    """A binary number, of a header as likely as not, is another one."""
    kind = chance.choice(("<H", ">H", "<I", ">I", "<Q", ">Q"))
    last = len(data) - struct.calcsize(kind)
    if last < 0:
        return data
    place = chance.randrange(last + 1) if chance.getrandbits(1) else min(chance.randrange(64), last)
    number = chance.choice((0, 1, 127, 255, 32767, 65535, 2**31 - 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1))
    part = struct.pack(kind, number % (1 << 8 * struct.calcsize(kind)))
    return data[:place] + part + data[place + len(part) :]


def zeros(data: bytes, chance: Random) -> bytes:
    """A stretch that was never written."""
    start = chance.randrange(len(data) + 1)
    size = min(chance.choice((64, 512, 4096)), len(data) - start)
    return data[:start] + bytes(size) + data[start + size :]


def spliced(data: bytes, other: bytes, chance: Random) -> bytes:
    """The beginning of one file, and the end of another of its kind."""
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


BINARY: tuple[Mutation, ...] = (*MUTATIONS, flip, sizes, sizes, zeros)


def damaged(data: bytes, chance: Random, others: Sequence[bytes] = ()) -> bytes:
    """The bytes after one to three mutations, also of binary formats; `others` are files of the same kind."""
    if others and not chance.getrandbits(4):
        data = spliced(data, chance.choice(others), chance)
    for _ in range(1 + min(chance.randrange(3), chance.randrange(3))):
        data = chance.choice(BINARY)(data, chance)
    return data


def other_line(data: bytes, chance: Random) -> bytes:
    """A value of one line of JSON lines is of another type."""
    lines = data.splitlines()
    place = chance.randrange(len(lines))
    lines[place] = types(lines[place], chance)
    return b"\n".join(lines)

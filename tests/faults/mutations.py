"""What may happen to a file: bytes that flip, go, come, repeat, change places; JSON values that become others."""

import json
import struct
from collections.abc import Callable
from random import Random
from typing import Any

ODD_NUMBERS = (
    0,
    1,
    -1,
    127,
    128,
    255,
    256,
    32767,
    65535,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**63,
    2**64,
    10**30,
    1e308,
    0.5,
)
ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, "", " ", [], {}, [[]], {"": None}, "\0", "\ud800", "\u202e", "\x1b[2J", "x" * 5000),
    *("../../etc/passwd", "/etc/passwd", "a\\b", "NaN", float("nan"), float("inf"), -0.0, *ODD_NUMBERS),
)
ODD_BYTES = (
    *(b"\0", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\r", b"\n\n", b'"', b"{", b"[" * 2000, b"PK\3\4", b"\x1f\x8b"),
    *(b"\xff\xd8\xff", b"%s%n", b"\xed\xa0\x80", b"<!DOCTYPE html>", b"9" * 400),
)


def mutated(data: bytes, draw: Random, others: tuple[bytes, ...] = ()) -> bytes:
    """The bytes, changed in one to four places."""
    content = bytearray(data)
    for _ in range(1 + min(draw.getrandbits(2), draw.getrandbits(2))):
        draw.choice(_CHANGES)(content, draw, others)
    return bytes(content)


def _flip(content: bytearray, draw: Random, _: tuple[bytes, ...]) -> None:
    for _bit in range(draw.choice((1, 1, 1, 2, 8))):
        if content:
            content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)


def _cut(content: bytearray, draw: Random, _: tuple[bytes, ...]) -> None:
    del content[draw.randrange(len(content) + 1) :]


def _remove(content: bytearray, draw: Random, _: tuple[bytes, ...]) -> None:
    start = draw.randrange(len(content) + 1)
    del content[start : start + draw.choice((1, 2, 4, 16, 100, 1000))]


def _insert(content: bytearray, draw: Random, others: tuple[bytes, ...]) -> None:
    place = draw.randrange(len(content) + 1)
    other = draw.choice(others) if others and not draw.getrandbits(3) else draw.choice(ODD_BYTES)
    content[place:place] = other[: 1 << draw.randrange(14)]


def _repeat(content: bytearray, draw: Random, _: tuple[bytes, ...]) -> None:
    start = draw.randrange(len(content) + 1)
    part = content[start : start + draw.choice((1, 4, 30, 300))]
    content[start:start] = part * draw.choice((1, 2, 10))


def _swap(content: bytearray, draw: Random, _: tuple[bytes, ...]) -> None:
    size = draw.choice((1, 4, 16, 64))
    one, two = (draw.randrange(max(1, len(content) - size)) for _ in range(2))
    content[one : one + size], content[two : two + size] = content[two : two + size], content[one : one + size]


def _number(content: bytearray, draw: Random, _: tuple[bytes, ...]) -> None:
    """A size or an offset of a header becomes another one."""
    kind = draw.choice(("<H", ">H", "<I", ">I", "<Q", ">Q"))
    size = struct.calcsize(kind)
    if len(content) >= size:
        last = len(content) - size
        place = draw.randrange(last + 1) if draw.getrandbits(1) else min(draw.randrange(64), last)
        value = int(draw.choice(ODD_NUMBERS[:12])) % (1 << 8 * size)
        content[place : place + size] = struct.pack(kind, value)


def _digits(content: bytearray, draw: Random, _: tuple[bytes, ...]) -> None:
    """A number that is written out becomes another one."""
    places = [place for place, byte in enumerate(content) if 48 <= byte <= 57]
    if places:
        place = draw.choice(places)
        content[place : place + 1] = str(draw.choice(ODD_NUMBERS)).encode()


def _zero(content: bytearray, draw: Random, _: tuple[bytes, ...]) -> None:
    start = draw.randrange(len(content) + 1)
    size = min(draw.choice((4, 64, 512)), len(content) - start)
    content[start : start + size] = bytes(size)


def _nest(content: bytearray, draw: Random, _: tuple[bytes, ...]) -> None:
    """What opens is opened by the hundreds, closed or not."""
    opening, closing = draw.choice(((b"[", b"]"), (b'{"a":', b"}"), (b"<a>", b"</a>"), (b"(", b")"), (b"-", b"")))
    depth = draw.choice((50, 900, 1100, 5000))
    start = draw.choice((0, draw.randrange(len(content) + 1)))
    end = draw.choice((start, len(content)))
    content[end:end] = closing * draw.choice((0, depth))
    content[start:start] = opening * depth


_CHANGES: tuple[Callable[[bytearray, Random, tuple[bytes, ...]], None], ...] = (
    _flip, _flip, _flip, _cut, _remove, _insert, _repeat, _swap, _number, _number, _digits, _zero, _nest,
)  # fmt: skip


def mutated_json(data: bytes, draw: Random, *, lines: bool = False) -> bytes:
    """JSON with some values changed that stays JSON: another type, a key gone or renamed, nested deeper."""
    if lines:
        rows = data.splitlines()
        place = draw.randrange(len(rows))
        rows[place] = mutated_json(rows[place], draw)
        return b"\n".join(rows)
    value = json.loads(data)
    for _ in range(1 + draw.getrandbits(1)):
        value = _changed(value, draw)
    return json.dumps(value, ensure_ascii=bool(draw.getrandbits(1))).encode("utf-8", "surrogatepass")


def _changed(value: Any, draw: Random) -> Any:
    """A value with one thing in it changed, at any depth."""
    if isinstance(value, dict) and value and draw.random() < 0.85:
        key = draw.choice(list(value))
        what = draw.randrange(12)
        if what == 0:
            return {name: each for name, each in value.items() if name != key}
        if what == 1:
            return {(f"{name}x" if name == key else name): each for name, each in value.items()}
        return {name: _changed(each, draw) if name == key else each for name, each in value.items()}
    if isinstance(value, list) and value and draw.random() < 0.85:
        place = draw.randrange(len(value))
        what = draw.randrange(12)
        if what == 0:
            return value[:place] + value[place + 1 :]
        if what == 1:
            return [*value[:place], value[place], *value[place:]]
        return [*value[:place], _changed(value[place], draw), *value[place + 1 :]]
    return _other(value, draw)


def _other(value: Any, draw: Random) -> Any:
    what = draw.randrange(6)
    if what == 0:
        return [value]
    if what == 1:
        return {"value": value}
    if what == 2:
        return str(value)
    if what == 3:
        for _ in range(draw.choice((3, 30, 300))):
            value = [value]
        return value
    return draw.choice(ODD_VALUES)

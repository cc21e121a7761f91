"""What compressed packets tell of their frames without being decoded.

Counting packets is not counting frames: VP8 and VP9 store pictures that are never shown, H.264 may put two fields into
one packet, and a damaged packet gives nothing. These readers take the first bits of each packet and answer only where
the formats leave no doubt; None means: decode and see.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple


class Mark(NamedTuple):
    """What one packet does."""

    shown: bool
    """It gives a frame; otherwise a picture that others refer to, without one of its own."""
    restart: bool
    """Decoding can begin here: nothing before it matters to it or to what follows."""


Inspect = Callable[[memoryview], Mark | None]


def inspector(codec: str, extradata: bytes) -> Inspect | None:
    """A reader of the packets of one stream, or None where only decoding tells."""
    if codec == "h264":
        return _h264(extradata)
    return {"vp8": _vp8, "vp9": _vp9}.get(codec)


_SLICE, _IDR, _SEI, _SEQUENCE, _PICTURE, _DELIMITER, _FILLER = 1, 5, 6, 7, 8, 9, 12
"""Types of NAL units (H.264, table 7-1)."""


def _h264(extradata: bytes) -> Inspect | None:
    """H.264 as MP4 and Matroska store it: units with their length before them, parameter sets in the header."""
    if len(extradata) < 7 or extradata[0] != 1:
        return None
    width = (extradata[4] & 3) + 1
    sets = frozenset(_parameter_sets(extradata))

    def inspect(packet: memoryview) -> Mark | None:
        place, kinds = 0, set[int]()
        while place < len(packet):
            size = int.from_bytes(packet[place : place + width], "big")
            unit = packet[place + width : place + width + size]
            if len(unit) != size or size < 2 or unit[0] & 0x80:
                return None
            kind = unit[0] & 0x1F
            if kind in {_SLICE, _IDR}:
                # A slice header begins with the number of its first macroblock; 0 is the single bit 1. One slice, the
                # first, may begin a picture: a second one would be a second field.
                if bool(unit[1] & 0x80) == bool(kinds):
                    return None
                kinds.add(kind)
            elif kind in {_SEQUENCE, _PICTURE}:
                # Sets that change on the way make a frame depend on what was read before it.
                if bytes(unit) not in sets:
                    return None
            elif kind not in {_SEI, _DELIMITER, _FILLER}:
                return None
            place += width + size
        # A key frame that is no IDR picture (open GOP, gradual refresh) is no place to begin.
        return Mark(shown=True, restart=kinds == {_IDR}) if len(kinds) == 1 else None

    return inspect


def _parameter_sets(extradata: bytes) -> Iterator[bytes]:
    """The sets in an `avcC` box; whatever is cut off only makes the reader doubt more."""
    place = 5
    for mask in (0x1F, 0xFF):
        if place >= len(extradata):
            return
        count = extradata[place] & mask
        place += 1
        for _ in range(count):
            size = int.from_bytes(extradata[place : place + 2], "big")
            yield extradata[place + 2 : place + 2 + size]
            place += 2 + size


def _vp8(packet: memoryview) -> Mark | None:
    """RFC 6386, 9.1: bit 0 is clear in key frames, bit 4 is set in shown ones; key frames have a start code."""
    if len(packet) < 4:
        return None
    key = not packet[0] & 1
    if key and bytes(packet[3:6]) != b"\x9d\x01\x2a":
        return None
    return Mark(shown=bool(packet[0] & 0x10), restart=key)


def _vp9(packet: memoryview) -> Mark | None:
    """VP9 specification, 6.2 and annex B: a packet is a frame, or a superframe of several of which one is shown."""
    frames = _superframe(packet)
    if not frames:
        return None
    shown, restart = 0, False
    for number, frame in enumerate(frames):
        head = frame[0]
        if head >> 6 != 2:
            return None
        # Marker (2 bits), profile (2, and a reserved one in profile 3), show_existing_frame, frame_type, show_frame.
        place = 2 if head & 0x30 == 0x30 else 3
        existing, inter, show = (bool(head >> place - bit & 1) for bit in range(3))
        shown += existing or show
        restart |= number == 0 and not existing and not inter
    return Mark(shown=shown == 1, restart=restart) if shown <= 1 else None


def _superframe(packet: memoryview) -> list[memoryview] | None:
    if not packet:
        return None
    last = packet[-1]
    count, width = (last & 7) + 1, (last >> 3 & 3) + 1
    index = 2 + count * width
    if last & 0xE0 != 0xC0 or len(packet) < index or packet[-index] != last:
        return [packet]
    frames, place = [], 0
    for number in range(count):
        begin = len(packet) - index + 1 + number * width
        size = int.from_bytes(packet[begin : begin + width], "little")
        frames.append(packet[place : place + size])
        place += size
    return frames if place == len(packet) - index and all(frames) else None

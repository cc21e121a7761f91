"""Packets of AV1: temporal units, each with one frame that is shown and perhaps some that are not."""

from collections.abc import Iterator

from m3it_build.media.mark import Inspect, Mark

_SEQUENCE, _DELIMITER, _HEADER, _TILES, _METADATA, _FRAME, _COPY, _PADDING = 1, 2, 3, 4, 5, 6, 7, 15
"""Types of open bitstream units (AV1 specification, 6.2.2)."""

_STILL = 0x18
"""Of a sequence header's first byte: a still picture, in the form of a video or reduced."""


def av1() -> Inspect:
    """A reader of one stream's packets. Without layers, as their frames are not all given."""
    known: set[bytes] = set()
    """The sequence header; a second one may change what a frame is."""

    def inspect(packet: memoryview) -> Mark | None:
        shown, restart, frames, sequence = 0, False, 0, False
        for kind, unit in _units(packet):
            if kind == _SEQUENCE and unit and not unit[0] & _STILL:
                known.add(bytes(unit))
                sequence = True
            elif kind in {_HEADER, _FRAME} and unit:
                # show_existing_frame (1 bit), frame_type (2), show_frame (1).
                existing, key, show = bool(unit[0] & 0x80), not unit[0] & 0x60, bool(unit[0] & 0x10)
                shown += existing or show
                # A key frame that is shown at once replaces all references. One that is shown later does not yet.
                restart |= sequence and not frames and not existing and key and show
                frames += 1
            elif kind not in {_DELIMITER, _TILES, _METADATA, _COPY, _PADDING}:
                return None
        return Mark(shown=True, restart=restart) if shown == 1 and len(known) == 1 else None

    return inspect


def _units(packet: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Type and content of each unit; type 0, which is reserved, where one has an extension or is cut off."""
    place = 0
    while place < len(packet):
        head, place = packet[place], place + 1
        size = len(packet) - place
        if head & 2:
            size, place = _leb128(packet, place)
        # The first bit is forbidden; an extension tells of layers.
        yield (0 if head & 0x84 or place + size > len(packet) else head >> 3), packet[place : place + size]
        place += size


def _leb128(packet: memoryview, place: int) -> tuple[int, int]:
    """A number of up to eight times seven bits, the lowest first, and where it ends; too large where it does not."""
    value = 0
    for step, byte in enumerate(packet[place : place + 8]):
        value |= (byte & 0x7F) << 7 * step
        if not byte & 0x80:
            return value, place + step + 1
    return len(packet) + 1, place

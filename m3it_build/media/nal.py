"""Packets of H.264 and HEVC as MP4 and Matroska store them.

A packet is a picture in units with their length before them; parameter sets stand in the header of the stream.
"""

from collections.abc import Iterator
from typing import NamedTuple

from m3it_build.media.mark import Inspect, Mark


class _Format(NamedTuple):
    """Types of NAL units, and how long their header is."""

    head: int
    slices: frozenset[int]
    restarts: frozenset[int]
    """Those of IDR pictures. A key frame that is none (open GOP, gradual refresh) is no place to begin."""
    sets: frozenset[int]
    passed: frozenset[int]
    """Without meaning for frames."""

    def kind(self, unit: memoryview) -> int:
        """A unit's type."""
        return unit[0] & 0x1F if self.head == 1 else unit[0] >> 1 & 0x3F


_H264 = _Format(1, frozenset({1, 5}), frozenset({5}), frozenset({7, 8}), frozenset({6, 9, 12}))
"""H.264, table 7-1. Slices in partitions and of other layers are left out."""

_HEVC = _Format(
    2, frozenset({*range(6), 19, 20}), frozenset({19, 20}), frozenset({32, 33, 34}), frozenset({35, *range(38, 41)})
)
"""HEVC, table 7-1. Leading pictures, and CRA and BLA pictures, which have some, are left out, and so are ends of
sequences, which change what an IDR picture does to those before it."""

_HEVC_PICTURE_SET = 34


def h264(extradata: bytes) -> Inspect | None:
    """A reader of packets by the `avcC` box."""
    if len(extradata) < 7 or extradata[0] != 1:
        return None
    return _inspect(_H264, (extradata[4] & 3) + 1, frozenset(_sets_of_avcc(extradata)))


def hevc(extradata: bytes) -> Inspect | None:
    """A reader of packets by the `hvcC` box, or None if pictures of the stream may be kept from output."""
    if len(extradata) < 23 or extradata[0] != 1:
        return None
    sets = frozenset(_sets_of_hvcc(extradata))
    pictures = [each for each in sets if each and each[0] >> 1 == _HEVC_PICTURE_SET]
    if any(map(_may_hide, pictures)):
        return None
    return _inspect(_HEVC, (extradata[21] & 3) + 1, sets)


def _inspect(form: _Format, width: int, sets: frozenset[bytes]) -> Inspect:
    """A reader of packets whose units have lengths of `width` bytes."""

    def inspect(packet: memoryview) -> Mark | None:
        place, kinds = 0, set[int]()
        while place < len(packet):
            size = int.from_bytes(packet[place : place + width], "big")
            unit = packet[place + width : place + width + size]
            if len(unit) != size or size <= form.head or unit[0] & 0x80 or not _is_base(form, unit):
                return None
            kind = form.kind(unit)
            if kind in form.slices:
                # A slice header begins with the number of its first macroblock, 0 being the single bit 1, or with the
                # flag of a picture's first slice. A second first one would be a second field.
                if bool(unit[form.head] & 0x80) == bool(kinds):
                    return None
                kinds.add(kind)
            elif kind in form.sets:
                # Sets that change on the way make a frame depend on what was read before it.
                if bytes(unit) not in sets:
                    return None
            elif kind not in form.passed:
                return None
            place += width + size
        return Mark(shown=True, restart=kinds <= form.restarts) if len(kinds) == 1 else None

    return inspect


def _is_base(form: _Format, unit: memoryview) -> bool:
    """HEVC: the unit is of the base layer and, in an IDR picture, does not throw away frames that are still to come."""
    if form is not _HEVC:
        return True
    layer = (unit[0] & 1) << 5 | unit[1] >> 3
    return not layer and not (form.kind(unit) in form.restarts and unit[2] & 0x40)


def _may_hide(unit: bytes) -> bool:
    """Whether a picture parameter set of HEVC lets slices tell that their picture is not shown."""
    bits = f"{int.from_bytes(unit[2:12], 'big'):0{8 * len(unit[2:12])}b}"
    place = 0
    for _ in range(2):  # the set's number and that of its sequence, in exponential Golomb code
        rest = bits[place:]
        place += 2 * (len(rest) - len(rest.lstrip("0"))) + 1
    # dependent_slice_segments_enabled_flag, output_flag_present_flag
    return bits[place + 1 : place + 2] != "0"


def _sets_of_avcc(extradata: bytes) -> Iterator[bytes]:
    """Whatever is cut off only makes the reader doubt more."""
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


def _sets_of_hvcc(extradata: bytes) -> Iterator[bytes]:
    """As of `avcC`: arrays of sets, each of one type."""
    place = 23
    for _ in range(extradata[22]):
        count = int.from_bytes(extradata[place + 1 : place + 3], "big")
        place += 3
        for _ in range(count):
            size = int.from_bytes(extradata[place : place + 2], "big")
            if place + 2 > len(extradata):
                return
            yield extradata[place + 2 : place + 2 + size]
            place += 2 + size

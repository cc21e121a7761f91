"""What packets tell without being decoded, and where a reader must say that it does not know."""

import pytest

from m3it_build.media.mark import Mark
from m3it_build.media.packets import inspector

SHOWN, RESTART = Mark(shown=True, restart=False), Mark(shown=True, restart=True)


def unit(kind: int, content: bytes, *, extension: bool = False) -> bytes:
    """An open bitstream unit of AV1."""
    head = bytes([kind << 3 | extension << 2 | 2]) + (b"\0" if extension else b"")
    return head + bytes([len(content)]) + content


DELIMITER, PADDING, METADATA = unit(2, b""), unit(15, b"\0"), unit(5, b"\1\2\3")
SEQUENCE, OTHER, STILL = unit(1, b"\0\1\2"), unit(1, b"\0\1\3"), unit(1, b"\x18\0")
KEY, LATER_KEY, INTER, HIDDEN, EXISTING = (
    unit(kind, bytes([bits])) for kind, bits in ((6, 0x10), (6, 0), (6, 0x30), (6, 0x20), (3, 0x80))
)
INTRA = unit(6, b"\x50")
SPLIT = unit(3, b"\x30") + unit(4, b"\0\1") + unit(7, b"\x30") + unit(4, b"\2\3")
"""An inter frame as header, tiles, a copy of the header and more tiles."""


@pytest.mark.parametrize(
    ("packets", "marks"),
    [
        ([SEQUENCE + KEY, INTER], [RESTART, SHOWN]),
        ([DELIMITER + SEQUENCE + METADATA + KEY, HIDDEN + INTER, EXISTING], [RESTART, SHOWN, SHOWN]),
        ([SEQUENCE + KEY, SPLIT + PADDING], [RESTART, SHOWN]),
        ([SEQUENCE + KEY, SEQUENCE + LATER_KEY + INTER, SEQUENCE + EXISTING], [RESTART, SHOWN, SHOWN]),
        ([SEQUENCE + KEY, SEQUENCE + INTRA, KEY, SEQUENCE + HIDDEN + KEY], [RESTART, SHOWN, SHOWN, SHOWN]),
        ([SEQUENCE + KEY, HIDDEN, INTER + INTER, INTER + EXISTING], [RESTART, None, None, None]),
        ([SEQUENCE + KEY, OTHER + KEY, INTER], [RESTART, None, None]),
        ([KEY, STILL + KEY], [None, None]),
        ([SEQUENCE + KEY, unit(6, b"\x30", extension=True), unit(9, b"") + INTER], [RESTART, None, None]),
        ([SEQUENCE + KEY, INTER[:-1], b"\x32\xff\xff", INTER + b"\xb2\0", b""], [RESTART, None, None, None, None]),
        ([SEQUENCE + KEY, bytes([6 << 3]) + b"\x30\0\1"], [RESTART, SHOWN]),
    ],
)
def test_temporal_units_of_av1(packets: list[bytes], marks: list[Mark | None]) -> None:
    inspect = inspector("libdav1d", b"")
    assert inspect
    assert [inspect(memoryview(packet)) for packet in packets] == marks


VIDEO_SET, SEQUENCE_SET, PICTURE_SET = b"\x40\1\xaa", b"\x42\1\xbb", b"\x44\1\xc1"
HIDES = b"\x44\1\xd1"
"""A picture parameter set with output_flag_present_flag."""


def box(*sets: bytes) -> bytes:
    """`hvcC` with these sets, whose units have lengths of four bytes."""
    arrays = [bytes([each[0] >> 1, 0, 1]) + len(each).to_bytes(2, "big") + each for each in sets]
    return b"\1" + bytes(20) + bytes([0xFF, len(arrays)]) + b"".join(arrays)


def packet_of(*units: bytes) -> memoryview:
    return memoryview(b"".join(len(each).to_bytes(4, "big") + each for each in units))


def picture(kind: int, bits: int = 0x80, layer: int = 0) -> bytes:
    return bytes([kind << 1 | layer >> 5, (layer & 31) << 3 | 1, bits, 0xAF])


@pytest.mark.parametrize(
    ("units", "mark"),
    [
        ([picture(1)], SHOWN),
        ([picture(0), picture(0, 0x20)], SHOWN),
        ([b"\x46\1\x10", picture(19), b"\x50\1\x10"], RESTART),
        ([VIDEO_SET, SEQUENCE_SET, PICTURE_SET, b"\x4e\1\5", picture(20), picture(20, 0)], RESTART),
        *(([picture(kind)], None) for kind in (6, 7, 8, 9, 16, 17, 18, 21, 22)),
        ([picture(19, 0xC0)], None),
        ([picture(1, layer=1)], None),
        ([picture(1), picture(1, layer=33)], None),
        ([b"\x42\1\xbc", picture(19)], None),
        ([picture(1), picture(1)], None),
        ([picture(1, 0x20)], None),
        ([picture(1), b"\x48\1\0"], None),
        ([picture(1), b"\x7c\1\0"], None),
        ([b"\x4e\1\5"], None),
        ([], None),
    ],
)
def test_pictures_of_hevc(units: list[bytes], mark: Mark | None) -> None:
    inspect = inspector("hevc", box(VIDEO_SET, SEQUENCE_SET, PICTURE_SET))
    assert inspect
    assert inspect(packet_of(*units)) == mark
    assert not units or inspect(packet_of(*units)[:-1]) is None


@pytest.mark.parametrize("extradata", [b"", b"\0\0\1\x40", box(VIDEO_SET, SEQUENCE_SET, HIDES), box(b"\x44\1\0\0\0")])
def test_hevc_that_may_hide_pictures_or_has_no_sets_is_decoded(extradata: bytes) -> None:
    assert inspector("hevc", extradata) is None


def test_other_decoders_are_not_guessed_at() -> None:
    assert inspector("av1", b"") is None
    assert inspector("mpeg4", b"") is None

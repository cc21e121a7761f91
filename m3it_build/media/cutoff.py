"""Whether a video file ends before its own container says so.

Demuxers hide it: a Matroska or AVI file that was cut off simply ends. It matters where few frames are left: those of a
short clip are repeated, but what is left of a longer one is not that clip.
"""

import os
from typing import BinaryIO

_SEGMENT = b"\x18\x53\x80\x67"
_EBML = b"\x1a\x45\xdf\xa3"


def is_cut_off(stream: BinaryIO) -> bool:
    """True only where the container states a length that the file does not have."""
    length = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    head = stream.read(4096)
    if head[:4] == b"RIFF":
        return 8 + int.from_bytes(head[4:8], "little") > length
    if head[:4] == _EBML:
        return _segment_end(head) > length
    if head[4:8].isalnum():
        return _boxes_end(stream, length) > length
    return False


def _segment_end(head: bytes) -> int:
    """Where Matroska's one top element ends; 0 where it is open, as in a recording."""
    place = head.find(_SEGMENT)
    if place < 0 or place + 5 > len(head) or not head[place + 4]:
        return 0
    place += 4
    width = 9 - head[place].bit_length()
    size = int.from_bytes(head[place : place + width], "big") & ((1 << 7 * width) - 1)
    return 0 if size == (1 << 7 * width) - 1 else place + width + size


def _boxes_end(stream: BinaryIO, length: int) -> int:
    """Where the last top-level box of an MP4 file ends."""
    place = 0
    while place + 8 <= length:
        stream.seek(place)
        head = stream.read(16)
        if not head[4:8].isalnum():
            break
        size = int.from_bytes(head[:4], "big")
        if size == 1:
            size = int.from_bytes(head[8:16], "big")
        if size < 8:
            break
        place += size
    return place

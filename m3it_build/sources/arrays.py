"""Arrays of bytes in NumPy's file format (.npy); nothing in them can be executed."""

import ast
import io
import math
import mmap
from dataclasses import dataclass

from m3it_build.core.task import FoundFile
from m3it_build.sources.reading import reading

MAGIC = b"\x93NUMPY"
HEADER = 1024
"""Bytes of a header; NumPy writes some 120."""


@dataclass(frozen=True, slots=True)
class ByteArray:
    """An array of uint8 in C order."""

    shape: tuple[int, ...]
    data: bytes | mmap.mmap
    start: int
    """Where the header ends."""

    def __len__(self) -> int:
        return self.shape[0]

    def item(self, place: int) -> bytes:
        """The bytes of one item along the first axis."""
        size = math.prod(self.shape[1:])
        return bytes(self.data[self.start + place * size : self.start + (place + 1) * size])


def read_bytes(file: FoundFile, *shape: int) -> ByteArray:
    """The array in a file, whose items have this shape.

    Raises:
        SourceError: it is no such file, another kind of array, or cut off.
    """
    with reading(file, "the array that it should be"):
        return _array(file.buffer(), shape)


def _array(data: bytes | mmap.mmap, shape: tuple[int, ...]) -> ByteArray:
    if bytes(data[:6]) != MAGIC:
        raise ValueError("no NumPy file")
    wide = 2 if data[6] == 1 else 4
    start = 8 + wide + int.from_bytes(data[8 : 8 + wide], "little")
    if start > HEADER:
        raise ValueError(f"a header of {start:,} bytes")
    header = ast.literal_eval(bytes(data[8 + wide : start]).decode("latin-1").strip())
    count, *item = header["shape"]
    if header["descr"] not in {"|u1", "u1"} or header["fortran_order"] or tuple(item) != shape:
        raise ValueError(f"{header}, but uint8 in C order of shape (N, {', '.join(map(str, shape))}) was expected")
    if len(data) - start != count * math.prod(shape):
        raise ValueError(f"{count} items announced, {len(data) - start:,} bytes there")
    return ByteArray((count, *shape), data, start)


def png_of_bgr(bgr: bytes, width: int, height: int) -> bytes:
    """Pixels, three bytes each with blue first, as a PNG."""
    import PIL.Image

    rgb = bytearray(len(bgr))
    rgb[0::3], rgb[1::3], rgb[2::3] = bgr[2::3], bgr[1::3], bgr[0::3]
    stream = io.BytesIO()
    PIL.Image.frombytes("RGB", (width, height), bytes(rgb)).save(stream, "PNG")
    return stream.getvalue()

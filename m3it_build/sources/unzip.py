"""The bytes of a member of a zip, as much at a time as is asked for, and its checksum compared at the end."""

import bz2
import io
import lzma
import zipfile
import zlib
from typing import IO, Any, cast


def unzipped(stream: IO[bytes], name: str, method: int, packed: int, size: int, crc: int) -> IO[bytes]:
    """What is packed from here on in a stream, which is closed with it."""
    if method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):  # zipfile would unpack all that it has read at once
        inner = bz2.BZ2File(stream) if method == zipfile.ZIP_BZIP2 else _lzma(stream, size)
        return cast("IO[bytes]", io.BufferedReader(_Checked(inner, size, crc, stream)))
    info = zipfile.ZipInfo(name)
    info.compress_type, info.CRC = method, crc
    info.compress_size, info.file_size = packed, size
    return cast("IO[bytes]", zipfile.ZipExtFile(stream, "r", info, close_fileobj=True))


def _lzma(stream: IO[bytes], size: int) -> lzma.LZMAFile:
    """PKWARE's format: two bytes of version, the length of what follows, and how LZMA was set."""
    head = stream.read(9)
    if len(head) < 9 or head[2:4] != b"\5\0" or head[4] >= 9 * 5 * 5:
        raise zipfile.BadZipFile("no LZMA")
    filters = {
        "id": lzma.FILTER_LZMA1,
        "lc": head[4] % 9,
        "lp": head[4] // 9 % 5,
        "pb": head[4] // 45,
        "dict_size": min(int.from_bytes(head[5:9], "little"), max(4096, size)),
    }
    return lzma.LZMAFile(stream, format=lzma.FORMAT_RAW, filters=[filters])


class _Checked(io.RawIOBase):
    """So many bytes of a stream, and what their checksum must be."""

    def __init__(self, inner: IO[bytes] | Any, size: int, crc: int, below: IO[bytes]) -> None:
        super().__init__()
        self.inner = inner
        self.left = size
        self.crc = crc
        self.found = 0
        self.below = below

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.inner.read(min(len(buffer), self.left))
        buffer[: len(data)] = data
        self.left -= len(data)
        self.found = zlib.crc32(data, self.found)
        if (self.left and not data and len(buffer)) or (not self.left and self.found != self.crc):
            raise zipfile.BadZipFile("Bad CRC-32")
        return len(data)

    def close(self) -> None:
        self.inner.close()
        self.below.close()
        super().close()

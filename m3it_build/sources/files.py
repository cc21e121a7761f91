"""A file of a download, on disk or in an archive."""

import gzip
import io
import lzma
import mmap
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

from m3it_build.core.errors import M3itError, SourceError
from m3it_build.core.machine import machine_error, machine_failed
from m3it_build.sources.archives import Member, open_member
from m3it_build.sources.disguise import HEAD, what_it_is
from m3it_build.sources.index import Packed
from m3it_build.sources.snapshot import TooLargeError, snapshot
from m3it_build.store.regular_file import Disk, buffered, facts_of, nothing_hidden

UNREADABLE = (
    OSError,
    EOFError,
    ValueError,
    NotImplementedError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    tarfile.TarError,
)
"""What damaged files and archives raise; what the machine does not give is a `MachineError`, which is none of them."""
AT_ONCE = 1 << 20
MOST = 4 << 30
"""Bytes of a file that is read as a whole; GQA's largest has 1 GB."""
UNPACKED = 64 << 20
RATIO = 200
"""What is packed unpacks to no more than the first, or so many times its size: JSON of ten like answers gives 20."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a source, wherever it lies.

    All of its methods raise MachineError where the machine does not give what is there.
    """

    name: str
    """As it was asked for, relative to the task's folder."""
    path: Path
    """The file itself, or the archive that holds it."""
    place: str = ""
    """Below its root: for what must not differ between machines."""
    packed: Packed | None = None
    member: Member | None = None

    def open(self) -> IO[bytes]:
        """Its bytes, unpacked.

        Raises:
            SourceError: they cannot be read.
        """
        try:
            stream = self._raw()
            return cast("IO[bytes]", gzip.GzipFile(fileobj=stream)) if self.zipped else stream
        except UNREADABLE as error:
            raise SourceError(f"{self.path}: {self._what(error)}") from error

    def _raw(self) -> IO[bytes]:
        if self.packed is None or self.member is None:
            return buffered(self.path)
        return open_member(self.packed, self.member)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The file itself, or all pieces of the archive that holds it."""
        return self.packed.archive.paths if self.packed else (self.path,)

    @property
    def zipped(self) -> bool:
        """Whether the bytes are compressed with gzip."""
        return (self.member.name if self.member else self.path.name).endswith(".gz")

    @property
    def empty(self) -> bool:
        """Whether it has no bytes at all."""
        return not (self.member.size if self.member else facts_of(self.path).st_size)

    def read(self, limit: int | None = None) -> bytes:
        """All of it, its checksum compared; of what is longer than `limit` so many bytes and one more.

        Raises:
            SourceError: it cannot be read.
        """
        most = None if limit is None else limit + 1
        with self._reading():
            if not (self.member or self.zipped):
                with Disk(self.path) as disk:
                    return disk.read(most)
            with self.open() as stream:
                return _unpacked(stream, most)

    def head(self) -> bytes:
        """Its first bytes, unpacked."""
        with self.open() as stream:
            return stream.read(HEAD)

    def buffer(self, most: int = MOST) -> bytes | mmap.mmap:
        """All of it, as it is now: a copy, in memory if it is small, of what may be changed or cut while it is used.

        Raises:
            SourceError: it is damaged, has more than `most` bytes, or unpacks to what no file of its kind does.
        """
        if self.member or self.zipped:
            packed = self.member.packed if self.member else facts_of(self.path).st_size
            most = min(most, max(UNPACKED, RATIO * packed))
        with self._reading(), self.open() as stream:
            return snapshot(stream, most)

    @contextmanager
    def seekable(self, limit: int) -> Iterator[BinaryIO]:
        """For decoders that seek: the file on disk or, in memory, what is unpacked of it; no error of a disk is hidden.

        Raises:
            SourceError: it cannot be read, or has more than `limit` bytes unpacked.
        """
        if not (self.member or self.zipped):
            with nothing_hidden(), Disk(self.path) as disk:
                yield cast("BinaryIO", disk)
            return
        too_large = self.member is not None and self.member.size > limit
        data = b"" if too_large else self.read(limit)
        if too_large or len(data) > limit:
            raise SourceError(f"{self.path}: {self.name} has more than {limit:,} bytes. Unpack the file.")
        yield io.BytesIO(data)

    def where(self) -> str:
        """Where it lies, for a person."""
        return f"{self.member.name} in {self.path}" if self.member else str(self.path)

    def told(self, error: SourceError) -> str:
        """What is wrong with it, on whatever machine."""
        return f"{self.name}: {str(error).replace(str(self.path), self.path.name)}"

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            with nothing_hidden():
                yield
        except M3itError:
            raise
        except TooLargeError as error:
            raise SourceError(f"{self.where()}: {error}, as none of its kind has. Is it the right one?") from error
        except Exception as error:  # whatever a damaged archive leads its readers to
            if machine_failed(error):
                raise machine_error(self.where(), error) from error
            raise SourceError(f"{self.path}: {self._what(error)}") from error

    def _what(self, error: Exception) -> str:
        return what_it_is(self.path) or f"cannot be read ({error}). Download it again."


def _unpacked(stream: IO[bytes], most: int | None) -> bytes:
    """Grows in place; the readers of archives double what they hold, and some give all that is left at once."""
    found = io.BytesIO()
    while (wanted := AT_ONCE if most is None else min(AT_ONCE, most - found.tell())) and (part := stream.read(wanted)):
        found.write(part)
    return found.getvalue()

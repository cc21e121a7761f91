"""A file of a download, on disk or in an archive."""

import gzip
import io
import lzma
import mmap
import shutil
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from m3it_build.core.errors import SourceError
from m3it_build.core.machine import is_of_machine
from m3it_build.sources.archives import Member, open_member
from m3it_build.sources.disguise import HEAD, what_it_is
from m3it_build.sources.index import Packed
from m3it_build.sources.patience import patiently
from m3it_build.sources.snapshot import TooLargeError, snapshot

UNREADABLE = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError)
"""What damaged files and archives raise."""
MOST = 4 << 30
"""Bytes of a file that is read as a whole; GQA's largest has 1 GB."""
UNPACKED = 64 << 20
RATIO = 200
"""What is packed unpacks to no more than the first, or so many times its size: JSON of ten like answers gives 20."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a source, wherever it lies."""

    name: str
    """As it was asked for, relative to the task's folder."""
    path: Path
    """The file itself, or the archive that holds it."""
    place: str = ""
    """Below its root: for what must not differ between machines."""
    packed: Packed | None = None
    member: Member | None = None

    def open(self) -> IO[bytes]:
        """Its bytes, unpacked."""
        try:
            stream = self._raw()
            return cast("IO[bytes]", gzip.GzipFile(fileobj=stream)) if self.zipped else stream
        except OSError as error:
            raise SourceError(f"{self.path}: cannot be read ({error.strerror or error}).") from error

    def _raw(self) -> IO[bytes]:
        if self.packed is None or self.member is None:
            return self.path.open("rb")
        return open_member(self.packed.archive, self.member, self.packed.seek_points)

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
        return not (self.member.size if self.member else self.path.stat().st_size)

    def read(self) -> bytes:
        """All of it."""
        try:
            with self.open() as stream:
                if not (self.member or self.zipped):
                    return stream.read()
                unpacked = io.BytesIO()  # grows in place; the readers of archives double what they hold
                shutil.copyfileobj(stream, unpacked, 1 << 20)
                return unpacked.getvalue()
        except UNREADABLE as error:
            raise SourceError(
                f"{self.path}: {what_it_is(self.path) or f'cannot be read ({error}). Download it again.'}"
            ) from error

    def head(self) -> bytes:
        """Its first bytes, unpacked."""
        with self.open() as stream:
            return stream.read(HEAD)

    def buffer(self, most: int = MOST) -> bytes | mmap.mmap:
        """All of it, as it is now: a copy, in memory if it is small, of what may be changed or cut while it is used.

        Raises:
            SourceError: it is damaged, has more than `most` bytes, or unpacks to what no file of its kind does.
            MachineError: it cannot be read now.
        """
        return patiently(self.where(), lambda: self._copy(most))

    def _copy(self, most: int) -> bytes | mmap.mmap:
        try:
            if self.member or self.zipped:
                packed = self.member.packed if self.member else self.path.stat().st_size
                most = min(most, max(UNPACKED, RATIO * packed))
            with self.open() as stream:
                return snapshot(stream, most)
        except TooLargeError as error:
            raise SourceError(f"{self.where()}: {error}, as none of its kind has. Is it the right one?") from error
        except UNREADABLE as error:
            if is_of_machine(error):
                raise
            raise SourceError(
                f"{self.path}: {what_it_is(self.path) or f'cannot be read ({error}). Download it again.'}"
            ) from error

    def stream(self) -> Path | io.BytesIO:
        """For decoders that seek: the path, or the unpacked bytes."""
        return io.BytesIO(self.read()) if self.member or self.zipped else self.path

    def where(self) -> str:
        """Where it lies, for a person."""
        return f"{self.member.name} in {self.path}" if self.member else str(self.path)

"""Archives read in place: what is in them, and the bytes of one member."""

import bz2
import io
import json
import lzma
import re
import struct
import tarfile
import zipfile
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import sha256
from itertools import accumulate, pairwise
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

from m3it_build.core.errors import MachineError, SourceError
from m3it_build.sources.disguise import what_it_is
from m3it_build.sources.unzip import unzipped
from m3it_build.store.regular_file import Disk, buffered, is_there, nothing_hidden

if TYPE_CHECKING:
    from m3it_build.sources.index import Packed

SUFFIX = re.compile(r"\.zip|\.tar(?:\.(?:gz|bz2|xz|zst|lz4))?|\.tgz|\.tbz2?|\.txz|\.7z|\.rar")
ARCHIVE = re.compile(rf"(?P<stem>.+?)(?P<kind>{SUFFIX.pattern})")
PART = re.compile(r"(?P<whole>.+?)[-._](?:part[-._]?)?(?P<number>\d{1,3}|[a-z]{2})")
"""A piece of an archive that was cut, as `x.tar.gz.00`, `x.zip.001`, `x.tgz.part-aa`, `x-v2-01`."""
END = re.compile(rf"(?:{SUFFIX.pattern}|[-._](?:part[-._]?)?(?:\d{{1,3}}|[a-z]{{2}}))\Z")
"""Of a name that one of these may be."""
UNREAD = ("7z", "rar", "tar.zst", "tar.lz4")
"""Kinds that are not read in place."""
SPACING = 16 << 20
"""Unpacked bytes between two places of a gzip stream at which reading may begin."""

LONGEST_HEADER = 16 << 20
"""Bytes: of a name, in a tar."""
BROKEN = (zipfile.BadZipFile, tarfile.TarError, EOFError, ValueError, struct.error, zlib.error, lzma.LZMAError)
"""What archives raise that are damaged, beside OSError."""

READ = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
"""Methods of zip that are read: not Deflate64, which Windows writes for large files."""
STORED, UNREADABLE = 0, -1
"""How a member is packed: not at all; in a way that is not read. Others are zip's own numbers."""


class Member(NamedTuple):
    """A file in an archive."""

    name: str
    start: int
    """Of a zip: where its local header is; of a tar: where its bytes are, in the unpacked stream."""
    packed: int
    """Bytes as they lie there."""
    size: int
    """Bytes unpacked."""
    method: int
    crc: int = 0


class Archive(NamedTuple):
    """One archive, in one piece or several."""

    paths: tuple[Path, ...]
    """Its pieces, in order."""
    stem: str
    """Its name without a suffix."""

    @property
    def path(self) -> Path:
        """The archive, or its first piece: for messages."""
        return self.paths[0]


def is_safe(name: str) -> bool:
    """Whether a path from a record or an archive stays below its root."""
    parts = name.replace("\\", "/").split("/")
    return parts[0] != "" and ".." not in parts and ":" not in parts[0] and "\0" not in name


def archives_among(folder: Path, names: Sequence[str]) -> list[Archive]:
    """The archives among a folder's files, sorted by name; pieces that follow each other are one."""
    found = [Archive((folder / name,), match["stem"]) for name in names if (match := ARCHIVE.fullmatch(name))]
    pieces: dict[str, list[tuple[str, str]]] = {}
    for name in names:
        if is_piece(name) and (match := PART.fullmatch(name)):
            pieces.setdefault(match["whole"], []).append((match["number"], name))
    for whole, parts in pieces.items():
        parts.sort()
        paths = tuple(folder / name for _, name in parts)
        if len(parts) > 1 and _kind(Archive(paths, whole)) is not None:
            stem = match["stem"] if (match := ARCHIVE.fullmatch(whole)) else whole
            found.append(Archive(paths, stem))
    return sorted(found, key=lambda archive: archive.path.name)


def state_of(paths: Iterable[Path]) -> str:
    """What changes with files: sizes, times, and which files they are; what is not there has none.

    Raises:
        MachineError: the machine does not tell.
    """
    return json.dumps([_state_of(path) for path in paths])


def _state_of(path: Path) -> list[int] | None:
    found = is_there(path)
    return found and [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def is_piece(name: str) -> bool:
    """Whether a file may be a piece of an archive, by its name: `a-00` and `a.zip.001` may, `a.jpg.00` may not."""
    match = PART.fullmatch(name)
    return match is not None and (ARCHIVE.fullmatch(match["whole"]) is not None or "." not in match["whole"])


def may_be_archive(name: str) -> bool:
    """Whether a file may be an archive or a piece of one, by its name."""
    if END.search(name, max(0, len(name) - 9)) is None:  # most names are told from their end
        return False
    return ARCHIVE.fullmatch(name) is not None or is_piece(name)


def _follow(numbers: Sequence[str]) -> bool:
    """Whether pieces are numbered without a gap, from 0, 1 or `aa`."""
    if all(number.isdecimal() for number in numbers):
        values = [int(number) for number in numbers]
        return values[0] in (0, 1) and all(after - before == 1 for before, after in pairwise(values))
    letters = [ord(number[0]) * 26 + ord(number[1]) for number in numbers if not number.isdecimal()]
    return (
        len(letters) == len(numbers)
        and numbers[0] == "aa"
        and all(after - before == 1 for before, after in pairwise(letters))
    )


def members(archive: Archive, keep: Callable[[bytes], None] | None = None) -> Iterator[Member]:
    """What is in an archive, in its order; also what would lie outside.

    Args:
        archive: A zip or a tar, packed with gzip, bz2 or xz or not at all.
        keep: Is given the places at which reading of a gzip stream may begin.

    Raises:
        SourceError: it cannot be read, and why.
        MachineError: the machine does not give it.
    """
    kind = _kind(archive)
    numbers = [match["number"] for path in archive.paths if (match := PART.fullmatch(path.name))]
    if len(archive.paths) > 1 and not _follow(numbers):
        names = ", ".join(path.name for path in archive.paths)
        raise SourceError(f"{archive.path}: pieces of the archive are missing; only {names} are there.")
    if kind in UNREAD:
        raise SourceError(f"{archive.path}: an archive of this kind is not looked into. Unpack it.")
    try:
        with nothing_hidden():
            for member in _zip_members(archive) if kind == "zip" else _tar_members(archive, keep):
                name = member.name.replace("\\", "/") if "/" not in member.name else member.name
                yield member._replace(name=name.removeprefix("./"))
    except (*BROKEN, OSError) as error:
        raise SourceError(f"{archive.path}: {what_it_is(archive.path) or _broken(archive, error)}") from error


def open_member(packed: "Packed", member: Member) -> IO[bytes]:
    """The member's bytes, unpacked, as a stream that compares the checksum at its end, where the archive has one.

    Raises:
        SourceError: they are packed in a way that is not read, or are not where the archive's directory says.
        MachineError: the archive is another one by now.
    """
    archive = packed.archive
    if state_of(archive.paths) != packed.state:
        raise MachineError(f"{archive.path}: changed while it was read. Run the same command again.")
    if member.method == UNREADABLE:
        raise SourceError(f"{archive.path}: {member.name} is encrypted or packed by a method that is not read: "
                          "unpack the archive, with its password if it has one.")  # fmt: skip
    if _kind(archive) != "zip":
        return cast("IO[bytes]", io.BufferedReader(_slice(packed, member.start, member.size)))
    stream = _raw(archive)
    stream.seek(member.start)
    header = stream.read(30)
    if len(header) < 30 or header[:4] != b"PK\3\4":
        raise SourceError(f"{archive.path}: {member.name} is not where the directory says. Download it again.")
    stream.seek(member.start + 30 + sum(struct.unpack("<HH", header[26:])))
    return unzipped(stream, member.name, member.method, member.packed, member.size, member.crc)


def _broken(archive: Archive, error: Exception) -> str:
    pieces = f", or a piece after {archive.paths[-1].name} is missing" if len(archive.paths) > 1 else ""
    return f"the archive cannot be read ({error}){pieces}. Download it again or unpack it."


def _kind(archive: Archive) -> str | None:
    """What an archive is, by its name; pieces are looked into."""
    if len(archive.paths) == 1:
        match = ARCHIVE.fullmatch(archive.path.name)
        return match["kind"].removeprefix(".") if match else None
    with Disk(archive.path) as disk:
        head = disk.read(512)
    kinds = ((b"PK\3\4", "zip"), (b"\x1f\x8b", "tar.gz"), (b"BZh", "tar.bz2"), (b"\xfd7zXZ", "tar.xz"))
    kind = next((kind for mark, kind in kinds if head.startswith(mark)), None)
    return kind or ("tar" if head[257:262] == b"ustar" else None)


def _raw(archive: Archive) -> IO[bytes]:
    if len(archive.paths) == 1:
        return buffered(archive.path)
    return cast("IO[bytes]", io.BufferedReader(_joined(archive.paths)))


def _zip_members(archive: Archive) -> Iterator[Member]:
    """From the central directory, entry by entry: `zipfile` would hold a kilobyte for each of a million."""
    with _raw(archive) as stream:
        size = stream.seek(0, io.SEEK_END)
        tail_size = min(size, 65557)
        stream.seek(size - tail_size)
        tail = stream.read()
        place = len(tail)
        while (place := tail.rfind(b"PK\5\6", 0, place)) >= 0:
            if place + 22 <= len(tail) and place + 22 + struct.unpack_from("<H", tail, place + 20)[0] == len(tail):
                break  # else it stands in a comment
        else:
            raise zipfile.BadZipFile("no directory at its end: it is cut off, or no zip")
        count, length, start = struct.unpack_from("<HII", tail, place + 10)
        end = size - tail_size + place
        if end >= 76 and tail[place - 20 : place - 16] == b"PK\6\7":
            end -= 76
            stream.seek(end)
            record = stream.read(56)
            if record[:4] != b"PK\6\6":
                raise zipfile.BadZipFile("its directory is damaged")
            count, length, start = struct.unpack_from("<QQQ", record, 32)
        before = end - length - start  # bytes that somebody put in front
        if before < 0:
            raise zipfile.BadZipFile("it is cut off in front")
        stream.seek(start + before)
        for _ in range(count):
            head = stream.read(46)
            if len(head) < 46 or head[:4] != b"PK\1\2":
                raise zipfile.BadZipFile("its directory is damaged")
            flags, method = struct.unpack_from("<HH", head, 8)
            crc, packed, unpacked, name_length, extra_length, comment = struct.unpack_from("<IIIHHH", head, 16)
            offset = struct.unpack_from("<I", head, 42)[0]
            raw, extra = stream.read(name_length), stream.read(extra_length)
            stream.seek(comment, io.SEEK_CUR) if comment else None
            if 0xFFFFFFFF in (unpacked, packed, offset):
                unpacked, packed, offset = _large(extra, unpacked, packed, offset)
            if offset + before > size:
                raise zipfile.BadZipFile("its directory leads behind its end")
            if not raw.endswith(b"/"):
                readable = not flags & 1 and method in READ
                yield Member(
                    _text(raw, flags), offset + before, packed, unpacked, method if readable else UNREADABLE, crc
                )


def _large(extra: bytes, *values: int) -> tuple[int, ...]:
    """Sizes and place of a member behind 4 GB, which stand in an extra field, those that need it in order."""
    place = 0
    while place + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, place)
        if kind == 1:
            large = iter(struct.unpack_from(f"<{min(length, len(extra) - place - 4) // 8}Q", extra, place + 4))
            return tuple(next(large, value) if value == 0xFFFFFFFF else value for value in values)
        place += 4 + length
    return values


def _text(raw: bytes, flags: int) -> str:
    """A name: UTF-8 also where a Mac forgot to say so."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("utf-8" if flags & 0x800 else "cp437", "replace")


def _tar_members(archive: Archive, keep: Callable[[bytes], None] | None) -> Iterator[Member]:
    with (
        _decompressed(archive) as stream,
        tarfile.open(fileobj=cast("IO[bytes]", _Headers(stream)), mode="r:") as packed,
    ):
        for info in packed:
            if info.isreg():
                method = UNREADABLE if info.issparse() else STORED
                yield Member(info.name, info.offset_data, info.size, info.size, method)
            packed.members.clear()  # type: ignore[attr-defined]  # a million of them are a gigabyte
        while stream.read(1 << 20):
            pass  # to the end: there gzip finds out whether all was right
        if keep is not None and hasattr(stream, "export_index"):
            points = io.BytesIO()
            stream.export_index(fileobj=points)
            keep(points.getvalue())


@lru_cache(maxsize=4)
def _unpacked(packed: "Packed") -> Any:
    """A tar's bytes, its place in a compressed stream kept from one member to the next, as long as it is the same."""
    stream = _decompressed(packed.archive)
    if packed.points and (points := _points(packed)):
        stream.import_index(fileobj=io.BytesIO(points))
    return stream


def _points(packed: "Packed") -> bytes:
    """Where reading of a gzip stream may begin; nothing where the file is not the one that was written.

    Then reading begins at the front, and the next run writes it anew.
    """
    try:
        data = packed.seek_points.read_bytes()
    except OSError:
        return b""
    if sha256(data).hexdigest() == packed.points:
        return data
    packed.seek_points.unlink(missing_ok=True)
    return b""


def _decompressed(archive: Archive) -> Any:
    kind = _kind(archive)
    raw = _raw(archive)
    if kind in ("tar.gz", "tgz"):
        import indexed_gzip

        return indexed_gzip.IndexedGzipFile(fileobj=raw, spacing=SPACING, drop_handles=False)
    if kind in ("tar.bz2", "tbz", "tbz2"):
        return bz2.BZ2File(raw)
    return lzma.LZMAFile(raw) if kind in ("tar.xz", "txz") else raw


class _Headers:
    """A tar's stream for the reader of its headers, which takes one of any length into memory."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.seek = stream.seek
        self.tell = stream.tell

    def read(self, size: int) -> bytes:
        if size > LONGEST_HEADER:
            raise tarfile.ReadError(f"a header of {size:,} bytes")
        data: bytes = self.stream.read(size)
        return data


class _Pieced(io.RawIOBase):
    """A stream of known length out of what `part(place, size)` gives: at most so many bytes from a place on."""

    def __init__(self, size: int, part: Callable[[int, int], bytes], files: Sequence[io.RawIOBase] = ()) -> None:
        self.size = size
        self.part = part
        self.files = files
        """Closed with it."""
        self.place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self.place = offset + (0, self.place, self.size)[whence]
        return self.place

    def readinto(self, buffer: Any) -> int:
        wanted = max(0, min(len(buffer), self.size - self.place))
        data = self.part(self.place, wanted) if wanted else b""
        if wanted and not data:
            raise EOFError("it ends too early")
        buffer[: len(data)] = data
        self.place += len(data)
        return len(data)

    def close(self) -> None:
        for file in self.files:
            file.close()
        super().close()


def _slice(packed: "Packed", start: int, size: int) -> _Pieced:
    """A stretch of a stream that others read too."""

    def part(place: int, size: int) -> bytes:
        try:
            with nothing_hidden():
                stream = _unpacked(packed)
                stream.seek(start + place)
                data: bytes = stream.read(size)
                return data
        except BaseException:  # a stream that stopped in the middle is not gone on with
            _unpacked.cache_clear()
            raise

    return _Pieced(size, part)


def _joined(paths: Sequence[Path]) -> _Pieced:
    """Files that were cut out of one, read as that one."""
    files = [Disk(path) for path in paths]
    ends = list(accumulate(file.size for file in files))

    def part(place: int, size: int) -> bytes:
        number = bisect_right(ends, place)
        files[number].seek(place - (ends[number] - files[number].size))
        return files[number].read(size)

    return _Pieced(ends[-1], part, files)

"""Whether an annotation file can be what its name says: a download that failed leaves another under that name."""

import tarfile
import zipfile
import zlib
from pathlib import PurePosixPath

from m3it_build.core.errors import SourceError
from m3it_build.sources.folder import File

LOOKED_AT = 1024
PARQUET = b"PAR1"
"""At both ends."""
WEB_PAGE = (b"<!doctype html", b"<html", b"<head", b"<?xml", b"<error")
LFS = b"version https://git-lfs.github.com/spec/"
STREAMED = (".tar.gz", ".tgz")
"""Archives that are unpacked from their beginning to get at a file: too dear for a look."""


def disguise(file: File) -> str | None:
    """What a file is instead of what its name says, as "is empty"; None where nothing is wrong at its ends."""
    if file.member and file.path.name.endswith(STREAMED):
        return None
    try:
        with file.open() as stream:
            head = stream.read(LOOKED_AT)
            cut_off = head.startswith(PARQUET) and not (file.member or file.zipped) and not _ends(file)
    except (SourceError, OSError, EOFError, ValueError, zlib.error, zipfile.BadZipFile, tarfile.TarError) as error:
        return f"cannot be read ({error})"
    return "is cut off: its download did not finish" if cut_off else _disguise(file, head)


def _disguise(file: File, head: bytes) -> str | None:
    kind = PurePosixPath(file.name.lower().removesuffix(".gz")).suffix
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head:
        return "is empty"
    if not head.strip(b"\0"):
        return "begins with nothing but zeros: its download did not finish"
    if text.lower().startswith(WEB_PAGE):
        return f"is a web page, not {_called(kind)}: the server sent it instead of the file"
    if head.startswith(LFS):
        return "is a pointer of Git LFS, not the file: git lfs pull fetches it"
    if (kind == ".json" and not text.startswith((b"{", b"["))) or (kind == ".parquet" and not head.startswith(PARQUET)):
        return f"is not {_called(kind)}: it begins with {head[:20]!r}"
    return None


def _called(kind: str) -> str:
    return {".json": "JSON", ".parquet": "Parquet"}.get(kind, "what its name says")


def _ends(file: File) -> bool:
    with file.path.open("rb") as stream:
        stream.seek(max(0, file.path.stat().st_size - len(PARQUET)))
        return stream.read() == PARQUET

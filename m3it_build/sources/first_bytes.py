"""Whether an annotation file can be what its name says: a download that failed leaves another under that name."""

from pathlib import PurePosixPath

from m3it_build.core.errors import SourceError
from m3it_build.sources.disguise import what_they_are
from m3it_build.sources.files import UNREADABLE, File
from m3it_build.store.regular_file import Disk

PARQUET = b"PAR1"
"""At both ends."""
ERROR_PAGE = (b"<?xml", b"<error", b"<head")
"""How servers' errors begin, beside web pages."""
STREAMED = (".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")
"""Archives that are unpacked from their beginning to get at a file: too dear for a look."""


def disguise(file: File) -> str:
    """What a file is instead of what its name says, and what to do: the end of a sentence; empty where it may be it."""
    if file.member and file.path.name.endswith(STREAMED):
        return ""
    try:
        head = file.head()
        cut_off = head.startswith(PARQUET) and not (file.member or file.zipped) and not _ends(file)
    except SourceError as error:
        return f"cannot be read: {error}"
    except UNREADABLE as error:
        return f"cannot be read ({error}). Download it again."
    if cut_off:
        return "is cut off: its download did not finish. Go on with it."
    return what_they_are(head) or _disguise(file, head)


def _disguise(file: File, head: bytes) -> str:
    kind = PurePosixPath(file.name.lower().removesuffix(".gz")).suffix
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.strip(b"\0"):
        return "begins with nothing but zeros: its download did not finish. Go on with it."
    if text.lower().startswith(ERROR_PAGE):
        return "is a server's message, not the file itself. Download it again."
    if (kind == ".json" and not text.startswith((b"{", b"["))) or (kind == ".parquet" and not head.startswith(PARQUET)):
        return f"is not {kind[1:].upper()}: it begins with {head[:20]!r}. Download it again."
    return ""


def _ends(file: File) -> bool:
    with Disk(file.path) as disk:
        disk.seek(max(0, disk.size - len(PARQUET)))
        return disk.read() == PARQUET

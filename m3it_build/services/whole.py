"""Whether a file that came over the network is what its name says: a page, a pointer or half an archive is not."""

import gzip
import json
import re
import zipfile
import zlib
from pathlib import Path

from m3it_build.sources.disguise import POINTER
from m3it_build.store.regular_file import Disk, buffered

HEAD = 4096
"""Bytes at the beginning of a file that are enough to judge it."""
BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    ".zip": (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"),
    ".gz": (b"\x1f\x8b",),
    ".tgz": (b"\x1f\x8b",),
    ".parquet": (b"PAR1",),
    ".npy": (b"\x93NUMPY",),
}
"""Of kinds that can be told by them."""
JSON = (".json", ".jsonl")
TEXT = (*JSON, ".csv", ".tsv", ".txt")
PARSED = 64 << 20
"""Bytes of a JSON file that is read as one; of a longer one its two ends are looked at."""
PAGE = re.compile(
    rb"\s*(<!--.*?-->\s*)*(<\?xml[^>]*>\s*)?<(!doctype\s+html|html|head|body|title|meta|script)\b",
    re.IGNORECASE | re.DOTALL,
)


def wrong_kind(name: str, head: bytes) -> str | None:
    """Why the beginning of a file cannot be that of a file of this name; None where it can.

    Args:
        name: Of the file; its suffix says what is expected.
        head: Its first bytes: `HEAD` of them, or all.
    """
    if not head:
        return "an empty file"
    suffix = Path(name).suffix.lower()
    text = head.removeprefix(b"\xef\xbb\xbf")
    if head.startswith(POINTER):
        return "a pointer of Git LFS, not the file that it stands for"
    if suffix not in (".html", ".htm") and (PAGE.match(text) or (suffix in TEXT and text.lstrip()[:1] == b"<")):
        return "a web page"
    if not head.startswith(BEGINNINGS.get(suffix, ())) and suffix in BEGINNINGS:
        return f"no {suffix} file"
    if suffix == ".tar" and head[257:262] != b"ustar" and head[:512].strip(b"\0"):
        return "no .tar file"
    if suffix in JSON and text.lstrip()[:1] not in (b"{", b"[", b""):
        return "no JSON"
    return None


def damage(path: Path, name: str) -> str | None:
    """What is wrong with a whole file that no hash is known of; None where nothing is found.

    A zip is looked at from its end, a gzipped file is read to its end, a JSON file must end as it begins.

    Args:
        path: Where it lies now.
        name: That it is to have.

    Raises:
        MachineError: it cannot be read.
    """
    with Disk(path) as stream:
        if (wrong := wrong_kind(name, stream.read(HEAD))) is not None:
            return wrong
    suffix = Path(name).suffix.lower()
    if suffix == ".zip":
        try:
            with Disk(path) as stream:
                zipfile.ZipFile(stream).close()
        except (zipfile.BadZipFile, ValueError) as error:
            return f"a broken zip ({error})"
    elif suffix in (".gz", ".tgz"):
        return _gzip_damage(path)
    elif suffix in JSON:
        return None if _is_whole_json(path) else "half a JSON file"
    elif suffix == ".parquet":
        with Disk(path) as stream:
            stream.seek(max(0, stream.size - 4))
            return None if stream.read() == b"PAR1" else "half a Parquet file"
    return None


def _gzip_damage(path: Path) -> str | None:
    try:
        with buffered(path) as packed, gzip.open(packed) as stream:
            while stream.read(1 << 20):
                pass
    except EOFError:
        return "half a .gz file"
    except (gzip.BadGzipFile, zlib.error) as error:
        return f"a broken .gz ({error})"
    return None


def _is_whole_json(path: Path) -> bool:
    """Whether a value ends as it begins, or the first and the last line are values of their own."""
    with Disk(path) as stream:
        size = stream.size
        head = stream.read(PARSED).removeprefix(b"\xef\xbb\xbf").strip()
        if size > PARSED:
            stream.seek(size - PARSED)
            tail = stream.read().rstrip()
            if (head[:1], tail[-1:]) in ((b"{", b"}"), (b"[", b"]")):
                return True
        else:
            tail = head
            if _is_json(head):
                return True
    first, last = head.partition(b"\n")[0], tail.rpartition(b"\n")[2]
    return _is_json(first) and _is_json(last)


def _is_json(text: bytes) -> bool:
    """Whether it is an object or a list, in whatever encoding."""
    try:
        return isinstance(json.loads(text.decode("utf-8", "replace"), strict=False), dict | list)
    except RecursionError:
        return True
    except ValueError:
        return False

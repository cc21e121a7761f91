"""An archive is unpacked into a folder: regular files, below it, of no more bytes than it can hold."""

import gzip
import shutil
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path

from m3it_build.services.door import Refused
from m3it_build.sources.archives import is_safe

GROWTH = 20
"""So many times its own size an archive may hold; pictures and clips do not shrink."""
LEAST = 1 << 30
"""Bytes that it may hold in any case."""


def unpack(archive: Path, folder: Path, stopped: Callable[[], bool]) -> bool:
    """Unpack a tar, gzipped or not; what an earlier run left is written over.

    Args:
        archive: Read once, from its beginning to its end.
        folder: Where its files are put; each has its name when it is whole.
        stopped: Asked before each file.

    Returns:
        Whether it came to its end.

    Raises:
        Refused: the archive is broken, or holds more than it can.
        OSError: the disk is full.
    """
    most = max(LEAST, GROWTH * archive.stat().st_size)
    try:
        with tarfile.open(archive, "r|*") as packed:
            for member in packed:
                if stopped():
                    return False
                name = member.name.removeprefix("./")
                if not member.isreg() or not is_safe(name):
                    continue
                most -= member.size
                if most < 0:
                    raise Refused(f"{archive}: holds too many bytes to be what it should be.")
                target = folder / name
                if not target.resolve().is_relative_to(folder.resolve()):
                    continue  # a link that lies there leads out
                target.parent.mkdir(parents=True, exist_ok=True)
                temporary = target.with_name(f".{target.name}.part")
                stream = packed.extractfile(member)
                assert stream is not None
                with stream, temporary.open("wb") as out:
                    shutil.copyfileobj(stream, out, 1 << 20)
                temporary.replace(target)
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Refused(f"{archive}: broken ({error}). Remove it and run this again.") from error
    return True

"""An archive is unpacked into a folder: regular files, below it, of no more bytes than it can hold."""

import lzma
import os
import shutil
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path

from m3it_build.core.errors import M3itError
from m3it_build.services.transfer import make_parents
from m3it_build.sources.archives import is_safe
from m3it_build.store.patience import if_there
from m3it_build.store.regular_file import buffered, facts_of

GROWTH = 20
"""So many times its own size an archive may hold; pictures and clips do not shrink."""
LEAST = 1 << 30
"""Bytes that it may hold in any case."""


class Broken(M3itError):
    """An archive that cannot be unpacked; says what is wrong with it."""


def unpack(archive: Path, folder: Path, stopped: Callable[[], bool]) -> bool:
    """Unpack a tar, gzipped or not; what an earlier run left is written over.

    Args:
        archive: Read once, from its beginning to its end.
        folder: Where its files are put; each has its name when it is whole.
        stopped: Asked before each file.

    Returns:
        Whether it came to its end.

    Raises:
        Broken: the archive is, or it holds more than it can.
        MachineError: the archive cannot be read.
        OSError: the disk is full, or something lies where a file is to be put.
    """
    most = allowed = max(LEAST, GROWTH * facts_of(archive).st_size)
    try:
        home = _resolved(folder)
        with buffered(archive) as stored, tarfile.open(fileobj=stored, mode="r|*") as packed:
            for member in packed:
                if stopped():
                    return False
                name = member.name.removeprefix("./")
                if not member.isreg() or not is_safe(name):
                    continue
                most -= member.size
                if most < 0:
                    raise Broken(f"holds more than {allowed:,} bytes, far more than files of its size do")
                target = folder / name
                if not _resolved(target).is_relative_to(home):
                    continue  # a link that lies there leads out
                make_parents(target)
                temporary = target.with_name(f".{target.name}.part")
                stream = packed.extractfile(member)
                assert stream is not None
                with stream, temporary.open("wb") as out:
                    shutil.copyfileobj(stream, out, 1 << 20)
                temporary.replace(target)
    except (tarfile.TarError, EOFError, ValueError, OverflowError, zlib.error, lzma.LZMAError) as error:
        raise Broken(f"is broken ({error})") from error
    except OSError as error:
        if error.errno is None:  # of a decompressor
            raise Broken(f"is broken ({error})") from error
        raise
    return True


def _resolved(path: Path) -> Path:
    """As `Path.resolve`, which takes a part of the path that cannot be looked at for one that is no link.

    Raises:
        MachineError: nobody can say.
    """
    found = if_there(path, lambda: os.path.realpath(path, strict=True))
    return Path(found) if found is not None else _resolved(path.parent) / path.name

"""A file is whole or absent: written beside its target, synced, then renamed."""

import errno
import glob
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from m3it_build.core.errors import OutputError
from m3it_build.core.machine import ADVICE, HANDLES, machine_error
from m3it_build.store.disk import FULL, make_folder, sync_folder
from m3it_build.store.patience import NOT_THERE

TEMPORARY = re.compile(r"\..+\.\d+(\.scratch)?\.tmp")
"""The names of files that are being written: of their target, and of the process."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """What the disk says of a file that is written, renamed or taken away becomes a message.

    Raises:
        OutputError: it cannot be; says what to do.
    """
    try:
        yield
    except OSError as error:
        if error.errno is None:  # it is no error of the disk
            raise
        raise OutputError(
            f"{path}: cannot be written ({error.strerror or error}). {advice(error)}, "
            "then run the same command again: finished shards are kept."
        ) from error


def advice(error: Exception, other: str = "--out") -> str:
    """What to do about an error of a file that is written; `other` is what else may be chosen."""
    number = getattr(error, "errno", None)
    if number in FULL or getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return f"Make room or choose another {other}"
    if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_IOERR:
        return "Make room, or look at the disk (dmesg tells more)"
    if number in (errno.EISDIR, errno.ENOTEMPTY, errno.ENOTDIR, errno.EEXIST):
        return f"Something else is in its place: take that away or choose another {other}"
    if number in HANDLES:
        return ADVICE[number]
    return f"Mend that or choose another {other}"


def temporary_of(path: Path, kind: str = "") -> Path:
    """Where a file is written before it gets its name."""
    return path.with_name(f".{path.name}.{os.getpid()}{kind}.tmp")


@contextmanager
def atomic_file(path: Path) -> Iterator[BinaryIO]:
    """A binary stream that becomes `path` when the block ends well, and nothing otherwise.

    Raises:
        OutputError: the disk is full or the folder cannot be written.
    """
    with writing(path), replacing(path) as stream:
        yield stream


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """As `atomic_file`; what the system says is raised as it is."""
    temporary = temporary_of(path)
    try:
        make_folder(path.parent)
        with temporary.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except BaseException:
        with suppress(OSError):  # the folder itself may be gone or read-only; the first error tells more
            temporary.unlink(missing_ok=True)
        raise


def write_atomic(path: Path, data: bytes) -> None:
    """Write a small file as a whole."""
    with atomic_file(path) as stream:
        stream.write(data)


def remove(path: Path) -> None:
    """Take a file of ours away, if it is there.

    Raises:
        OutputError: it cannot be.
    """
    with writing(path):
        path.unlink(missing_ok=True)


def remove_leftovers(folder: Path) -> None:
    """Delete what a killed writer left behind below a folder of ours; call it under the lock only.

    Raises:
        OutputError: a link in it leads to another folder, where nothing of ours is to be written or deleted.
    """
    home = folder.parent.resolve()
    if folder.is_symlink():
        _refuse(folder, home)
    for place, folders, names in os.walk(folder, onerror=_raised):
        for name in folders:
            if (path := Path(place, name)).is_symlink():
                _refuse(path, home)
        for name in names:
            if TEMPORARY.fullmatch(name):
                remove(Path(place, name))


def _raised(error: OSError) -> None:
    if error.errno not in NOT_THERE:
        raise machine_error(error.filename, error) from error


def remove_leftovers_of(*paths: Path) -> None:
    """Delete what a killed writer left of some files whose folder is not ours alone; call it under the lock only."""
    for path in paths:
        for each in leftovers_of(path):
            remove(each)


def leftovers_of(path: Path) -> list[Path]:
    """What is being written in the place of a file, or was by a process that was killed."""
    found = path.parent.glob(f".{glob.escape(path.name)}.*.tmp")
    return [each for each in found if TEMPORARY.fullmatch(each.name)]


def _refuse(link: Path, home: Path) -> None:
    if not (to := link.resolve()).is_relative_to(home):
        raise OutputError(
            f"{link}: leads out of the output folder, to {to}. Nothing is written outside of it: take the link away, "
            "or give another --out."
        )

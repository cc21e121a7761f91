"""Reading again what the machine did not give at once; and what is there, which no error of the machine hides.

`Path.is_file`, `Path.exists` and `Path.glob` say "no" and "nothing" where a disk fails or rights are missing, which
ones in which case differs between versions of Python.
"""

import errno
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from m3it_build.core.machine import REFUSED, is_of_machine, machine_error

T = TypeVar("T")

NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG)
"""Errors of a path that leads to nothing, as that of a link."""

WAITS = (0.1, 0.5, 2.0)
"""Seconds before each further try: a mount that is coming back, files that others close, memory that is given back."""


def patiently(place: object, work: Callable[[], T]) -> T:
    """What `work` gives; tried again where the machine is at fault, never where the data is.

    Args:
        place: What is read, for a person.
        work: May be called several times.

    Raises:
        MachineError: the machine fails each time.
    """
    try:
        return retried(work)
    except (OSError, MemoryError, ImportError) as error:
        if not is_of_machine(error):
            raise
        raise machine_error(place, error) from error


def retried(work: Callable[[], T]) -> T:
    """As `patiently`; what the machine says in the end is raised as it is."""
    for wait in WAITS:
        try:
            return work()
        except (OSError, MemoryError, ImportError) as error:
            if not is_of_machine(error) or getattr(error, "errno", None) in REFUSED:
                raise
            time.sleep(wait)
    return work()


def if_there(path: Path, work: Callable[[], T]) -> T | None:
    """As `patiently`; None where the path leads to nothing."""

    def look() -> T | None:
        try:
            return work()
        except OSError as error:
            if error.errno in NOT_THERE:
                return None
            raise

    return patiently(path, look)


def is_file(path: Path) -> bool:
    """Whether a file is there.

    Raises:
        MachineError: nobody can say.
    """
    found = if_there(path, path.stat)
    return found is not None and stat.S_ISREG(found.st_mode)


def is_dir(path: Path) -> bool:
    """Whether a folder is there; errors as of `is_file`."""
    found = if_there(path, path.stat)
    return found is not None and stat.S_ISDIR(found.st_mode)


def is_anything(path: Path) -> bool:
    """Whether something is there; errors as of `is_file`."""
    return if_there(path, path.stat) is not None


def files_in(folder: Path) -> list[Path]:
    """The files right in a folder, sorted; none where there is no folder.

    Raises:
        MachineError: it cannot be listed.
    """
    return _listed(folder, os.DirEntry.is_file)


def folders_in(folder: Path) -> list[Path]:
    """The folders right in a folder, sorted, as `files_in`."""
    return _listed(folder, os.DirEntry.is_dir)


def _listed(folder: Path, wanted: Callable[["os.DirEntry[str]"], bool]) -> list[Path]:
    def look() -> list[Path]:
        with os.scandir(folder) as entries:
            return sorted(folder / entry.name for entry in entries if wanted(entry))

    return if_there(folder, look) or []

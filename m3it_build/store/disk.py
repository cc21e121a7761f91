"""What disks are asked beside the bytes of a file."""

import errno
import os
import shutil
from pathlib import Path

from m3it_build.store.patience import is_dir, patiently

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Errors of a write that want room."""


def free_bytes(folder: Path) -> int:
    """What is left on the disk of a folder, which need not be there yet.

    Raises:
        MachineError: the machine does not tell.
    """
    here = folder.absolute()
    there = next(each for each in (here, *here.parents) if is_dir(each))
    return patiently(there, lambda: shutil.disk_usage(there)).free


def sync_folder(folder: Path) -> None:
    """Have the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it; each survives a power cut."""
    missing = [each for each in (folder, *folder.parents) if not each.is_dir()]
    folder.mkdir(parents=True, exist_ok=True)
    for each in reversed(missing):
        sync_folder(each.parent)

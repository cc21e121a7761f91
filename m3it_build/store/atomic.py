"""A file is whole or absent: written beside its target, synced, then renamed."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from m3it_build.core.errors import OutputError
from m3it_build.core.machine import ADVICE, HANDLES
from m3it_build.store.disk import FULL, sync_folder


@contextmanager
def atomic_file(path: Path) -> Iterator[BinaryIO]:
    """A binary stream that becomes `path` when the block ends well, and nothing otherwise.

    Raises:
        OutputError: the disk is full or the folder cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except BaseException as error:
        with suppress(OSError):  # the folder itself may be gone or read-only; the first error tells more
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno is not None:  # else it is no error of the disk
            raise OutputError(
                f"{path}: cannot be written ({error.strerror or error}). {_advice(error.errno)}, "
                "then run the same command again: finished shards are kept."
            ) from error
        raise


def _advice(number: int) -> str:
    """Against what keeps a file from being written."""
    if number in FULL:
        return "Make room or choose another --out"
    return ADVICE[number] if number in (*HANDLES, errno.ENOMEM, errno.EIO) else "Choose another --out"


def write_atomic(path: Path, data: bytes) -> None:
    """Write a small file as a whole."""
    with atomic_file(path) as stream:
        stream.write(data)


def remove_leftovers(folder: Path) -> None:
    """Delete what a killed writer left behind; call it under the lock only."""
    if folder.is_dir():
        for path in folder.rglob(".*.tmp"):
            path.unlink(missing_ok=True)

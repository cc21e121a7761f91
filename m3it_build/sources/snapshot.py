"""A file as it was when it was read: what others do to it afterwards changes nothing, and ends nobody."""

import io
import mmap
import tempfile
from typing import IO

from m3it_build.core.errors import OutputError
from m3it_build.store.cache import user_cache

IN_MEMORY = 512 << 20
"""Bytes up to which a copy is held in memory, where it is made in a second or two. A larger one, as of GQA's questions,
lies in a file without a name, and is mapped from there: the system can have that memory back."""
PIECE = 1 << 20


class TooLargeError(ValueError):
    """There is more to read than there may be."""


def snapshot(stream: IO[bytes], most: int) -> bytes | mmap.mmap:
    """All that a stream gives.

    Raises:
        TooLargeError: more than `most` bytes; no more than a piece beyond them is read.
        OutputError: there is no room for the copy.
    """
    held = io.BytesIO()  # grows in place; the readers of archives double what they hold
    file: IO[bytes] | None = None
    size = 0
    while piece := stream.read(PIECE):
        size += len(piece)
        if size > most:
            raise TooLargeError(f"too large: it has more than {most:,} bytes")
        if size - len(piece) <= IN_MEMORY < size and (file := _nameless()) is not None:
            _write(file, held.getbuffer())
            held = io.BytesIO()
        if file is None:
            held.write(piece)
        else:
            _write(file, piece)
    if file is None:
        return held.getvalue()
    with file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _nameless() -> IO[bytes] | None:
    """A new file in the user's cache, gone when nobody has it open; None where none can be made."""
    folder = user_cache()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryFile(dir=folder, buffering=0)
    except OSError:
        return None


def _write(file: IO[bytes], piece: bytes | memoryview) -> None:
    left = memoryview(piece)
    try:
        while left:
            left = left[file.write(left) :]
    except OSError as error:
        raise OutputError(
            f"{user_cache()}: a copy of what is read cannot be written ({error}). Make room there, or name another "
            "place by XDG_CACHE_HOME."
        ) from error

"""What tells two files apart."""

import hashlib
from pathlib import Path

from m3it_build.store.regular_file import buffered
from m3it_build.store.state import of_machine


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file, read in pieces.

    Raises:
        MachineError: it cannot be read.
    """
    with of_machine(path), buffered(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

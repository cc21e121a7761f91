"""One m3it at a time works in an output folder."""

import fcntl

from filelock import FileLock, Timeout

from m3it_build.core.errors import OutputError
from m3it_build.store.atomic import advice, remove_leftovers
from m3it_build.store.disk import make_folder
from m3it_build.store.output import OutputFolder
from m3it_build.store.patience import is_file

GRACE = 0.3
"""Seconds: who only asks whether it is locked holds it for less."""


class Locked:
    """Keeps two builds out of one folder, and clears away what a killed one left half written."""

    def __init__(self, output: OutputFolder) -> None:
        self.output = output
        self.lock = FileLock(output.lock)

    def __enter__(self) -> None:
        try:
            make_folder(self.output.state)
            self.lock.acquire(timeout=GRACE)
        except Timeout as error:
            raise OutputError(
                f"{self.output.root}: another m3it is working in this folder. Wait for it, or use another --out."
            ) from error
        except OSError as error:
            raise OutputError(f"{self.output.root}: cannot be written ({error.strerror}). {advice(error)}.") from error
        try:
            for folder in self.output.own:
                remove_leftovers(folder)
        except BaseException:
            self.lock.release()
            raise

    def __exit__(self, *_: object) -> None:
        self.lock.release()


def is_locked(output: OutputFolder) -> bool:
    """Whether another m3it is working in a folder now."""
    if not is_file(output.lock):
        return False
    with output.lock.open("rb") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)  # beside others who ask
        except BlockingIOError:
            return True
    return False

"""One m3it at a time works in an output folder."""

from filelock import FileLock, Timeout

from m3it_build.core.errors import OutputError
from m3it_build.store.atomic import remove_leftovers
from m3it_build.store.disk import make_folder
from m3it_build.store.output import OutputFolder


class Locked:
    """Keeps two builds out of one folder, and clears away what a killed one left half written."""

    def __init__(self, output: OutputFolder) -> None:
        self.output = output
        self.lock = FileLock(output.lock)

    def __enter__(self) -> None:
        try:
            make_folder(self.output.state)
            self.lock.acquire(timeout=0)
        except Timeout as error:
            raise OutputError(
                f"{self.output.root}: another m3it is working in this folder. Wait for it, or use another --out."
            ) from error
        except OSError as error:
            raise OutputError(
                f"{self.output.root}: cannot be written ({error.strerror}). Choose another --out."
            ) from error
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
    if not output.lock.is_file():
        return False
    lock = FileLock(output.lock)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:  # it is somebody else's folder: who may not write may look
        return False
    lock.release()
    return False

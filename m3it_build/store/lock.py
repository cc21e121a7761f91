"""One m3it at a time works in an output folder."""

from filelock import FileLock, Timeout

from m3it_build.core.errors import OutputError
from m3it_build.store.output import OutputFolder


class Locked:
    """Keeps two builds out of one folder."""

    def __init__(self, output: OutputFolder) -> None:
        self.output = output
        self.lock = FileLock(output.lock)

    def __enter__(self) -> None:
        try:
            self.output.state.mkdir(parents=True, exist_ok=True)
            self.lock.acquire(timeout=0)
        except Timeout as error:
            raise OutputError(
                f"{self.output.root}: another m3it is working in this folder. Wait for it, or use another --out."
            ) from error
        except OSError as error:
            raise OutputError(
                f"{self.output.root}: cannot be written ({error.strerror}). Choose another --out."
            ) from error

    def __exit__(self, *_: object) -> None:
        self.lock.release()

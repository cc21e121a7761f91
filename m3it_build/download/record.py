"""What was fetched into a folder of sources: hashes that were measured, commits, terms that were accepted."""

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from m3it_build.core.errors import OutputError
from m3it_build.services.transfer import make_parents
from m3it_build.store.atomic import advice, leftovers_of, remove_leftovers_of, replacing
from m3it_build.store.patience import retried
from m3it_build.store.state import DamagedState, read_state

if TYPE_CHECKING:
    from filelock import FileLock

NAME = ".m3it-downloads.json"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="ignore")


class FileRecord(_Entry):
    """A file that was fetched."""

    url: str
    bytes: int
    sha256: str
    unpacked: str = ""
    """The folder into which it was unpacked; the file itself is gone then."""


class FolderRecord(_Entry):
    """Files of the Hub that a pattern named."""

    commit: str
    files: list[str]
    """Their places."""


class Acceptance(_Entry):
    """Terms that a person said to have accepted."""

    name: str
    page: str
    date: str
    version: str
    """Of m3it."""


class Content(_Entry):
    """All of it."""

    files: dict[str, FileRecord] = {}
    folders: dict[str, FolderRecord] = {}
    accepted: list[Acceptance] = []


class Record:
    """The record of a folder of sources; of use from several threads."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self.lock = threading.Lock()
        self.content = self._read()
        self._tidy()

    def _tidy(self) -> None:
        """Take away what a killed process left half written."""
        from filelock import Timeout

        with suppress(OSError, OutputError, Timeout):  # it may be being written now
            if leftovers_of(self.path):
                with self._file_lock().acquire(timeout=0):
                    remove_leftovers_of(self.path)

    def _file_lock(self) -> "FileLock":
        from filelock import FileLock

        return FileLock(self.path.with_name(f"{NAME}.lock"))

    def _read(self) -> Content:
        try:
            data = read_state(self.path)
            return Content() if data is None else Content.model_validate_json(data)
        except (DamagedState, ValidationError, RecursionError):
            return Content()  # what is there is looked at anew

    def add(self, place: str, entry: FileRecord | FolderRecord) -> None:
        """Keep what is true of a place now."""
        self._change(lambda content: self._put(content, place, entry))

    def again(self, place: str) -> FileRecord | None:
        """What is true of a file now, where another process may have written meanwhile."""
        with self.lock:
            self.content = self._read()
        return self.content.files.get(place)

    def forget(self, place: str) -> None:
        """A file turned out to be broken."""
        self._change(lambda content: content.files.pop(place, None))

    def accept(self, acceptance: Acceptance) -> None:
        """Keep that terms were accepted."""
        self._change(lambda content: content.accepted.append(acceptance))

    @staticmethod
    def _put(content: Content, place: str, entry: FileRecord | FolderRecord) -> None:
        if isinstance(entry, FileRecord):
            content.files[place] = entry
        else:
            content.folders[place] = entry

    def _change(self, change: Callable[[Content], object]) -> None:
        """Change what is on disk, where another process may have written meanwhile."""
        lock = self._file_lock()
        try:
            retried(lambda: make_parents(self.path))
            with self.lock:
                retried(lock.acquire)
                try:
                    self.content = self._read()
                    change(self.content)
                    with replacing(self.path) as stream:
                        stream.write(self.content.model_dump_json(indent=1).encode())
                finally:
                    with suppress(OSError):  # the system gives it back when its file is closed
                        lock.release()
        except OSError as error:
            raise OutputError(
                f"{self.path}: cannot be written ({error.strerror}). {advice(error, '--source')}, then run the same "
                "command again: what came is kept."
            ) from error

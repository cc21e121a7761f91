"""Archives read in place, without unpacking."""

import os
import tarfile
import zipfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO

from m3it_build.core.errors import SourceError

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz")
CROWD = 100
"""More folders in one than this are classes or records: nobody keeps archives below them."""


def is_safe(name: str) -> bool:
    """Whether a path from a record or an archive stays below its root."""
    parts = name.replace("\\", "/").split("/")
    return parts[0] != "" and ".." not in parts and ":" not in parts[0] and "\0" not in name


def member_names(stem: str, member: str) -> Iterator[str]:
    """Names under which a member is found: its own, without the top folder, and below the archive's stem."""
    yield member
    _, slash, rest = member.partition("/")
    if slash:
        yield rest
    yield f"{stem}/{member}"


class Archive:
    """A zip or tar file and the names in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file: zipfile.ZipFile | tarfile.TarFile
            if path.suffix == ".zip":
                self._file = zipfile.ZipFile(path)
                members = [info.filename for info in self._file.infolist() if not info.is_dir()]
            else:
                self._file = tarfile.open(path)  # noqa: SIM115 - stays open as long as the build
                members = [info.name for info in self._file if info.isfile()]
        except (zipfile.BadZipFile, tarfile.TarError, OSError, EOFError) as error:
            raise SourceError(
                f"{path}: the archive cannot be read ({error}). Download it again or unpack it."
            ) from error
        stem = path.name.removesuffix(next(suffix for suffix in reversed(SUFFIXES) if path.name.endswith(suffix)))
        self.names: dict[str, str] = {}
        for member in members:
            clean = member.removeprefix("./")
            if is_safe(clean):
                for name in member_names(stem, clean):
                    self.names.setdefault(name, member)

    def open(self, member: str) -> IO[bytes]:
        """The member's bytes, as a stream."""
        if isinstance(self._file, zipfile.ZipFile):
            return self._file.open(member)
        stream = self._file.extractfile(member)
        if stream is None:
            raise SourceError(f"{self.path}: {member} is not a file.")
        return stream


@lru_cache(maxsize=64)
def open_archive(path: Path) -> Archive:
    """The archive at `path`, indexed once a process."""
    return Archive(path)


def archives_below(root: Path, depth: int = 4) -> list[Path]:
    """Archives in a folder and up to `depth` - 1 levels deeper, sorted by name; not below crowds of folders."""
    found = []
    folders = [root]
    for _ in range(depth):
        inner: list[Path] = []
        for folder in folders:
            files, below = _entries(folder)
            found += files
            inner += below if len(below) <= CROWD else []
        folders = inner
    return sorted(found)


def _entries(folder: Path) -> tuple[list[Path], list[Path]]:
    """A folder's archives and folders; hidden ones left out."""
    files, folders = [], []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if not entry.name.startswith("."):
                    if entry.is_dir():
                        folders.append(folder / entry.name)
                    elif entry.name.endswith(SUFFIXES) and entry.is_file():
                        files.append(folder / entry.name)
    except OSError:
        pass  # what cannot be listed holds nothing that could be read
    return files, folders

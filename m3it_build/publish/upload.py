"""What the Hub lacks of an output folder, and the sending of it: data first, card and croissant.json last."""

import errno
import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from m3it_build.core.errors import OutputError
from m3it_build.core.machine import machine_error
from m3it_build.publish.built import Config, Contents
from m3it_build.publish.example import EXAMPLE
from m3it_build.publish.hub import Hub, RemoteFile
from m3it_build.store.output import OutputFolder
from m3it_build.store.patience import patiently
from m3it_build.store.state import of_machine, size_of

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd

FOLDERS = ("data", "translated")
"""Nothing else of an output folder ever leaves the machine, but for the card and croissant.json."""
FILES_A_COMMIT = 100
"""What the Hub advises; more make a commit slow to answer."""
SMALL = 10 << 20
"""A smaller text file may travel inside its commit."""
SMALL_BYTES_A_COMMIT = 64 << 20
FILES_AT_ONCE = 16
BYTES_AT_ONCE = 64 << 20
"""Sent between two steps of the progress bar."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """A committed shard, to be sent."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Upload:
    """What is to go to a repository, and what of it is there."""

    contents: Contents
    """What the Hub holds afterwards of this build: what the card lists."""
    send: list[DataFile]
    there: list[DataFile]
    """The Hub has them already."""
    delete: list[str]
    """Of an earlier build: in the way, or to be pruned."""
    stale: list[str]
    """Of an earlier build, not in the way: they stay."""

    @property
    def size(self) -> int:
        """Bytes of data to be sent."""
        return sum(file.size for file in self.send)


def compare(
    out: Path, contents: Contents, remote: dict[str, RemoteFile], only: Collection[str], *, prune: bool
) -> Upload:
    """Hold the output folder against the Hub.

    Args:
        out: The output folder.
        contents: All of it that is finished.
        remote: What the Hub has.
        only: Tasks to send; empty is all.
        prune: Whether files that the build no longer has are to go.
    """
    mine = contents.of_tasks(only) if only else contents
    shown = Contents(
        tuple(
            config
            for config in contents.configs
            if config in mine.configs or all(_same(out, file, remote.get(file.path)) for file in _files(config))
        )
    )
    files = [file for config in mine.configs for file in _files(config)]
    there = [file for file in files if _same(out, file, remote.get(file.path))]
    known = {file.path for file in there}
    old = [path for path in sorted(remote) if path.startswith(("data/", "translated/")) and path not in contents.files]
    patterns = [split.pattern for split in shown.splits]
    concerned = [path for path in old if not only or any(name in PurePosixPath(path).parts[1:-1] for name in only)]
    # a file that a pattern of the card matches would be loaded as part of this build
    delete = [
        path for path in old if (prune and path in concerned) or any(fnmatchcase(path, each) for each in patterns)
    ]
    send = [file for file in files if file.path not in known]
    return Upload(shown, send, there, delete, [path for path in old if path not in delete])


def send(hub: Hub, out: Path, upload: Upload, documents: dict[str, bytes], remote: dict[str, RemoteFile]) -> int:
    """Send it, then the documents, as far as they changed; returns the number of commits.

    Raises:
        PushError: the Hub did not take it; what was sent stays there.
        OutputError: a file is not what its manifest says.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    commits = 0
    hub.progress.sending(len(upload.send), upload.size)
    for number, batch in enumerate(batches := _batches(upload.send), 1):
        operations: list[CommitOperationAdd] = []
        for group in _groups(batch):
            additions = [_addition(out, file) for file in group]
            hub.upload(additions)
            operations += additions
            hub.progress.sent(len(group), sum(file.size for file in group))
        hub.commit(operations, f"Add data ({number} of {len(batches)})")
        commits += 1
    changed = {name: data for name, data in documents.items() if not _same_bytes(data, remote.get(name))}
    last = [CommitOperationAdd(name, data) for name, data in changed.items()]
    delete = [*upload.delete, *({EXAMPLE} & remote.keys() - documents.keys())]
    if last or delete:
        hub.commit([*map(CommitOperationDelete, delete), *last], "Update the dataset card")
        commits += 1
    return commits


def _files(config: Config) -> list[DataFile]:
    return [
        DataFile(_inside(shard.file), shard.bytes, shard.sha256)
        for split in config.splits
        for shard in split.shards
        if shard.file is not None and shard.sha256 is not None
    ]


def _inside(name: str) -> str:
    """A name of a manifest, which is a file that a person may have edited.

    Raises:
        OutputError: it lies outside the folders that may leave.
    """
    parts = PurePosixPath(name).parts
    if parts[:1] not in {(folder,) for folder in FOLDERS} or ".." in parts:
        raise OutputError(f"{name}: a manifest names a file outside of {' and '.join(FOLDERS)}; it is not sent.")
    return name


def _same(out: Path, file: DataFile, remote: RemoteFile | None) -> bool:
    if remote is None or remote.size != file.size:
        return False
    if remote.sha256 is not None:
        return remote.sha256 == file.sha256
    path = OutputFolder(out).data_file(file.path)
    with of_machine(path):
        return path.is_file() and _git_hash(path.read_bytes()) == remote.git_hash


def _same_bytes(data: bytes, remote: RemoteFile | None) -> bool:
    if remote is None:
        return False
    if remote.sha256 is not None:
        return hashlib.sha256(data).hexdigest() == remote.sha256
    return _git_hash(data) == remote.git_hash


def _git_hash(data: bytes) -> str:
    """How git names a file of these bytes."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _addition(out: Path, file: DataFile) -> "CommitOperationAdd":
    from huggingface_hub import CommitOperationAdd

    path = OutputFolder(out).data_file(file.path)
    if size_of(path) != file.size:
        raise OutputError(f"{path}: is not the file that its manifest names. Run: m3it validate {out}")
    try:
        addition = patiently(path, lambda: CommitOperationAdd(file.path, path))
    except ValueError as error:  # it looks once more, and takes whatever hinders it for no file
        raise machine_error(path, FileNotFoundError(errno.ENOENT, "not there")) from error
    addition.upload_info.sha256 = bytes.fromhex(file.sha256)  # validated a moment ago: not read once more for it
    return addition


def _batches(files: list[DataFile]) -> list[list[DataFile]]:
    """Files of one commit each."""
    batches: list[list[DataFile]] = []
    small = 0
    for file in files:
        weight = file.size if file.size < SMALL and not file.path.endswith(".parquet") else 0
        if not batches or len(batches[-1]) == FILES_A_COMMIT or small + weight > SMALL_BYTES_A_COMMIT:
            batches.append([])
            small = 0
        batches[-1].append(file)
        small += weight
    return batches


def _groups(files: list[DataFile]) -> Iterator[list[DataFile]]:
    """Files that are sent side by side."""
    group: list[DataFile] = []
    for file in files:
        if group and (len(group) == FILES_AT_ONCE or sum(each.size for each in group) + file.size > BYTES_AT_ONCE):
            yield group
            group = []
        group.append(file)
    if group:
        yield group

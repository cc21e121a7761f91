"""What a disk may hold after the power went: a model of files, folders and what of them was synced."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tests.faults.shim import Call, Calls
from tests.faults.workplace import chance

NAMES = ("kept", "lost", "some")
"""Of entries of folders that were not synced: all are there, none, or those of some folders."""
CONTENTS = ("kept", "empty", "half")
"""Of bytes that were not synced: all are there, none, or the first half of what was written."""


class Written(NamedTuple):
    """A change of a file's bytes that was not synced yet."""

    offset: int
    data: bytes | None
    """None: cut off there."""


@dataclass
class File:
    """A file: what is surely on the disk, and what was written since."""

    synced: bytes = b""
    pending: list[Written] = field(default_factory=list)
    digests: dict[str, bytes] = field(default_factory=dict)
    """Of its bytes after the power went, as it is now."""

    def content(self, kind: str) -> bytes:
        """Its bytes after the power went."""
        changes = self.pending
        if kind == "empty":
            changes = []
        elif kind == "half" and changes:
            keep = len(changes) // 2
            torn = changes[keep]
            changes = [
                *changes[:keep],
                torn._replace(data=torn.data[: len(torn.data) // 2] if torn.data else torn.data),
            ]
        return _changed(self.synced, changes)

    def change(self, written: Written) -> None:
        """Not on the disk yet."""
        self.pending.append(written)
        self.digests.clear()

    def sync(self) -> None:
        """All of it is on the disk."""
        self.synced, self.pending = _changed(self.synced, self.pending), []
        self.digests.clear()


class Content(NamedTuple):
    """What becomes of a file: its bytes are made when somebody asks."""

    file: File
    kind: str

    def data(self) -> bytes:
        """All of it."""
        return self.file.content(self.kind)

    def digest(self) -> bytes:
        """Of all of it."""
        kind = self.kind if self.file.pending else ""
        if kind not in self.file.digests:
            self.file.digests[kind] = sha256(self.data()).digest()
        return self.file.digests[kind]


State = dict[str, Content | None]
"""By path; None for a folder."""


class Disk:
    """Files and folders below a place: as a process sees them, and as they surely are."""

    def __init__(self, kept: Path, root: Path) -> None:
        """Everything that is in a copy of the place is on the disk."""
        self.root = root
        self.now: dict[str, File | None] = {str(root): None}
        for path in sorted(kept.rglob("*")):
            self.now[str(root / path.relative_to(kept))] = None if path.is_dir() else File(path.read_bytes())
        self.sure = dict(self.now)

    def do(self, call: Call) -> None:
        """Follow a call."""
        file = self.now.get(call.path)
        if call.kind is Calls.OPEN:
            if file is None:
                self.now[call.path] = File()
            elif call.flags:
                file.change(Written(0, None))
        elif call.kind is Calls.WRITE and file:
            file.change(Written(call.offset, call.data))
        elif call.kind is Calls.TRUNCATE and file:
            file.change(Written(call.offset, None))
        elif call.kind is Calls.FSYNC and file:
            file.sync()
        elif call.kind is Calls.FSYNC and call.path in self.now:
            self._sync_folder(call.path)
        elif call.kind is Calls.RENAME:
            for path in [path for path in self.now if path == call.path or path.startswith(f"{call.path}/")]:
                self.now[call.other + path[len(call.path) :]] = self.now.pop(path)
        elif call.kind is Calls.UNLINK:
            self.now.pop(call.path, None)
        elif call.kind is Calls.MKDIR:
            self.now[call.path] = None

    def _sync_folder(self, folder: str) -> None:
        for path in [path for path in self.sure if _folder(path) == folder and path not in self.now]:
            del self.sure[path]
        self.sure |= {path: file for path, file in self.now.items() if _folder(path) == folder}

    def states(self, seed: object) -> Iterator[tuple[str, State]]:
        """Every way in which the disk may be found, and its name; to be looked at before the next call."""
        for names in NAMES:
            entries = self._entries(names, seed)
            for contents in CONTENTS:
                yield (
                    f"{names}-{contents}",
                    {path: None if file is None else Content(file, contents) for path, file in entries.items()},
                )

    def _entries(self, names: str, seed: object) -> dict[str, File | None]:
        paths = sorted(self.now.keys() | self.sure.keys())
        chosen: dict[str, File | None] = {}
        for path in paths:
            folder = _folder(path)
            kept = names == "kept" or (names == "some" and chance(seed, folder) % 2)
            side = self.now if kept else self.sure
            if path in side and (path == str(self.root) or chosen.get(folder, File()) is None):
                chosen[path] = side[path]
        return chosen


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _changed(data: bytes, changes: list[Written]) -> bytes:
    content = bytearray(data)
    for offset, written in changes:
        if written is None:
            del content[offset:]
            content.extend(bytes(offset - len(content)))
        else:
            content.extend(bytes(max(0, offset - len(content))))
            content[offset : offset + len(written)] = written
    return bytes(content)

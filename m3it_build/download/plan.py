"""What a download does: which files of which tasks, what of it is there already, what needs a person."""

import fnmatch
import os
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

from m3it_build.core.errors import MachineError
from m3it_build.core.machine import is_of_machine, unexpected
from m3it_build.download.record import Record
from m3it_build.download.table import Access, Kind, Table, Wanted
from m3it_build.plan.parts import missing_parts
from m3it_build.services.whole import HEAD, wrong_kind
from m3it_build.store.patience import files_in, folders_in, is_anything, is_dir, patiently
from m3it_build.store.regular_file import Disk
from m3it_build.store.state import size_of


class State(StrEnum):
    """Of a file."""

    THERE = "there"
    YOURS = "there (yours)"
    """Put there by somebody else."""
    UNPACKED = "there (unpacked)"
    PACKED = "there, to unpack"
    PART = "partly"
    FETCH = "to fetch"
    PERSON = "needs you"
    WRONG = "wrong"
    """There is a file of this name that cannot be it."""
    FAILED = "failed"
    """The machine did not give or take it, so that nothing was decided."""

    @property
    def done(self) -> bool:
        """Nothing is left to do."""
        return self in (State.THERE, State.YOURS, State.UNPACKED)

    @property
    def open(self) -> bool:
        """It can be fetched or unpacked now."""
        return self in (State.PART, State.FETCH, State.PACKED)


@dataclass(frozen=True, slots=True)
class Item:
    """A file of the table, as it is now."""

    wanted: Wanted
    path: Path
    state: State
    have: int = 0
    """Bytes that are there."""
    why: str = ""
    """What is wrong with it."""
    optional: bool = False
    """No task that was asked for needs it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks for."""

    tasks: Sequence[str]
    folder: Path
    media: Mapping[str, Path]
    """Where collections lie elsewhere."""
    only: Kind | None = None
    mirrors: bool = False
    accept: frozenset[str] = frozenset()
    """Names of tasks whose terms are accepted; hashes and sizes that are trusted."""
    token: bool = False
    """The client of the Hub has one."""
    here: Callable[[str], frozenset[Kind]] = lambda _: frozenset()
    """Of which kind a build finds all of a task's files, wherever they lie."""


def items(table: Table, wish: Wish, record: Record) -> list[Item]:
    """The files of some tasks, each once, in the order of the tasks."""
    found: dict[str, Item] = {}
    for task in wish.tasks:
        for wanted in _chosen(table, task, wish, record):
            if wanted.place not in found:
                found[wanted.place] = _item(wanted, wish, record, table)
    return list(found.values())


def _chosen(table: Table, task: str, wish: Wish, record: Record) -> Iterator[Wanted]:
    """What a task needs; of each choice the set that is there, else the first that needs nobody, else the first."""
    always, choices = table.ways(task)
    yield from (each for each in always if wish.only in (None, each.kind))
    for ways in choices:
        sets = [way for one in ways if (way := [each for each in one if wish.only in (None, each.kind)])]
        states = [[_item(each, wish, record, table).state for each in way] for way in sets]
        for ready in (
            [all(state.done for state in each) for each in states],
            [State.FAILED in each for each in states],  # perhaps it is there: no other is fetched instead
            [all(state.done or state.open for state in each) for each in states],
            [True] * len(sets),
        ):
            if True in ready:
                yield from sets[ready.index(True)]
                break


def _item(wanted: Wanted, wish: Wish, record: Record, table: Table) -> Item:
    optional = not any(task in wanted.tasks and task not in wanted.optional_for for task in wish.tasks)
    try:
        path, state, have, why = _looked_at(wanted, wish, record, table)
    except (MachineError, OSError, MemoryError) as error:
        return Item(wanted, wish.folder / wanted.place, State.FAILED, 0, told(error), optional)
    return Item(wanted, path, state, have, why, optional)


def told(error: Exception) -> str:
    """What is said of a fault of the machine; another error is raised again."""
    if isinstance(error, MachineError):
        return str(error)
    if not is_of_machine(error):
        raise error
    return unexpected(error)


def _looked_at(wanted: Wanted, wish: Wish, record: Record, table: Table) -> tuple[Path, State, int, str]:
    path = wish.folder / wanted.place
    collection, _, rest = wanted.place.partition("/")
    elsewhere = wish.media.get(collection, wish.folder) / rest
    if rest and not is_anything(path) and is_anything(elsewhere):
        path = elsewhere
    state, have, why = (
        _state_of_folder(wanted, path, wish, record)
        if wanted.place.endswith("/")
        else _state_of_file(wanted, path, wish, record, table)
    )
    if state is State.FETCH and _found_by_builds(wanted, wish):
        state = State.YOURS
    if state is State.FETCH and not _fetchable(wanted, wish, record):
        state = State.PERSON
    return path, state, have, why


def _found_by_builds(wanted: Wanted, wish: Wish) -> bool:
    """Whether every task that needs it has what it needs in a layout that is read, packed or not."""
    needing = [task for task in wish.tasks if task in wanted.tasks and task not in wanted.optional_for]
    return bool(needing) and all(wanted.kind in wish.here(task) for task in needing)


def _fetchable(wanted: Wanted, wish: Wish, record: Record) -> bool:
    if not wanted.urls or (wanted.mirror and not wish.mirrors) or (wanted.gated and not wish.token):
        return False
    if wanted.access is Access.FORM and not wanted.mirror:
        accepted = wish.accept | {each.name for each in record.content.accepted}
        return bool(accepted & set(names_of(wanted)))
    return wanted.access in (Access.OPEN, Access.HUB, Access.DRIVE, Access.FORM)


def names_of(wanted: Wanted) -> list[str]:
    """What --accept may call a file: its tasks, its collection."""
    return [*wanted.tasks, wanted.place.split("/")[0]]


def _state_of_folder(wanted: Wanted, path: Path, wish: Wish, record: Record) -> tuple[State, int, str]:
    known = record.content.folders.get(wanted.place)
    if known is not None:
        there = [size for each in known.files if (size := size_of(wish.folder / each)) is not None]
        have, whole = sum(there), len(there) == len(known.files)
        return (State.THERE if whole else State.PART if there else State.FETCH), have, ""
    yours = list(_yours(wanted, path)) if is_dir(path) else []
    if yours and not any(missing_parts(yours, {})):
        return State.YOURS, 0, ""
    return State.FETCH, 0, ""


def _yours(wanted: Wanted, folder: Path) -> Iterator[str]:
    """Files in a folder that are of its kind, and not empty."""
    patterns = [url.removeprefix("hub:").split("/", 2)[2] for url in wanted.urls if url.startswith("hub:")]
    for path in _below(folder):
        inner = path.relative_to(folder).as_posix()
        if (
            not path.name.startswith(".")
            and size_of(path)
            and (not patterns or any(fnmatch.fnmatchcase(inner, pattern) for pattern in patterns))
        ):
            yield inner


def _below(folder: Path) -> Iterator[Path]:
    """All files below a folder, those behind links to folders aside."""
    yield from files_in(folder)
    for each in folders_in(folder):
        if not each.is_symlink():
            yield from _below(each)


def _state_of_file(wanted: Wanted, path: Path, wish: Wish, record: Record, table: Table) -> tuple[State, int, str]:
    known = record.content.files.get(wanted.place)
    if (size := size_of(path)) is not None:
        if known is not None and known.bytes == size:
            return (State.PACKED if wanted.extract else State.THERE), size, ""
        trusted = f"bytes:{size}" in wish.accept
        if wanted.bytes not in (None, size) and not trusted:
            return (
                State.WRONG,
                size,
                (
                    f"has {size:,} bytes, not {wanted.bytes:,}. Remove it and run this again; if you trust it: "
                    f"--accept bytes:{size}"
                ),
            )
        if (wrong := _looks_wrong(path)) is not None:
            return State.WRONG, size, f"is {wrong}. Remove it and run this again"
        return State.YOURS, size, ""
    if known is not None and known.unpacked and is_dir(wish.folder / known.unpacked):
        return State.UNPACKED, known.bytes, ""
    part = path.with_name(f".{path.name}.part")
    if (size := size_of(part)) is not None:
        return State.PART, size, ""
    if not is_anything(broken(path)) and _by_hand(wanted, wish, record, table):
        return State.UNPACKED, 0, ""
    return State.FETCH, 0, ""


def broken(path: Path) -> Path:
    """Where an archive that could not be unpacked is set aside; while it is there, its folder holds half of it."""
    return path.with_name(f".{path.name}.broken")


def _looks_wrong(path: Path) -> str | None:
    """What can be seen without reading all of it."""
    with Disk(path) as stream:
        wrong = wrong_kind(path.name, stream.read(HEAD))
        stream.seek(0)
        if wrong is None and path.suffix == ".zip" and not zipfile.is_zipfile(stream):
            return "half a zip"
    return wrong


def _by_hand(wanted: Wanted, wish: Wish, record: Record, table: Table) -> bool:
    """Whether somebody else unpacked it, beside it or where it would be unpacked to."""
    collection, _, rest = wanted.unpacked.partition("/")
    places = [wish.folder / wanted.unpacked, *([wish.media[collection] / rest] if collection in wish.media else [])]
    ours = any(each.place in record.content.files for each in table.file if each.extract == wanted.extract)
    if wanted.extract and not ours:
        places.append(wish.folder / wanted.extract)
    return wanted.unpacked != wanted.place and any(
        size_of(path) is not None or (is_dir(path) and not patiently(path, partial(_is_empty, path))) for path in places
    )


def _is_empty(folder: Path) -> bool:
    with os.scandir(folder) as entries:
        return next(entries, None) is None


def still_to_come(found: Collection[Item]) -> tuple[int, int]:
    """Bytes that are to be fetched, as far as they are known, and files of which the size is not known."""
    coming = [each for each in found if each.state in (State.PART, State.FETCH)]
    return (
        sum(max(0, each.wanted.size - each.have) for each in coming if each.wanted.size),
        sum(not each.wanted.size for each in coming),
    )

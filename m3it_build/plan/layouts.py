"""In which of its layouts a split lies: the one rule for builds, listings and checks."""

import inspect
from collections.abc import Iterable
from typing import NamedTuple

from m3it_build.core.errors import MissingSource, SettingsError
from m3it_build.core.sample import Reject, Row
from m3it_build.core.task import Layout, Split, Task
from m3it_build.sources.files import File
from m3it_build.sources.first_bytes import disguise
from m3it_build.sources.folder import Folder, is_glob

Names = str | tuple[str, ...]
"""A file of a layout: one name, or alternatives."""


class Incomplete(NamedTuple):
    """What is missing of a split of which no layout is complete."""

    layout: Layout
    """The one of which most is there, of equal ones the first."""
    missing: tuple[Names, ...]
    """Those of its files that are not."""
    nothing: bool
    """Whether no file of the split is there, but for those that other splits have too."""


def choose_layout(task: Task, split: Split, folder: Folder) -> Layout | Incomplete:
    """The first complete layout of a split under the folder's options, else what is missing of the nearest one.

    Of several complete ones the first whose files can be what their names say.

    Raises:
        MachineError: the first one is not complete, and not all could be looked into.
    """
    suiting = [layout for layout in task.splits[split] if layout.suits(folder.options)]
    if not suiting:
        raise ValueError(f"{task.name}: no layout of {split} is for the options {dict(folder.options)}")
    found = [(layout, tuple(names for names in wanted(layout) if not folder.shows(names))) for layout in suiting]
    if found[0][1]:  # a better one may lie where nobody could look
        folder.looked_into_all(nothing=None)
    if complete := [layout for layout, missing in found if not missing]:
        if len(complete) == 1:
            return complete[0]
        return next((layout for layout in complete if not any(map(disguise, _files_of(layout, folder)))), complete[0])
    layout, missing = min(found, key=lambda each: len(each[1]) / len(wanted(each[0])))
    others = {
        names for other in task.splits if other is not split for each in task.splits[other] for names in wanted(each)
    }
    own = [names for names in wanted(layout) if names not in others] or wanted(layout)
    return Incomplete(layout, missing, all(names in missing for names in own))


def wanted(layout: Layout) -> tuple[Names, ...]:
    """What must be there: its files, and one of the pictures that are its list."""
    return (*layout.files, layout.pictures) if layout.pictures else layout.files


def alternatives(names: Names) -> tuple[str, ...]:
    """Under which a file of a layout may lie."""
    return (names,) if isinstance(names, str) else names


def need_layout(task: Task, split: Split, folder: Folder) -> Layout:
    """The layout of a split that is to be read.

    Raises:
        MissingSource: none is complete; names what is missing of the nearest one.
    """
    found = choose_layout(task, split, folder)
    if isinstance(found, Incomplete):
        raise absent(task, found.missing, folder)
    return found


def absent(task: Task, missing: Iterable[Names], folder: Folder) -> MissingSource:
    """The error of a split that lacks files: also what is there instead, and not read."""
    return MissingSource(f"{folder.missing(missing)}{not_read(task, folder)}")


def not_read(task: Task, folder: Folder) -> str:
    """A sentence for each file that is there, and that people take for the task's, but that cannot be read."""
    there = [(pattern, why) for pattern, why in task.unreadable.items() if folder.has(pattern)]
    return "".join(f" {pattern} is there, but is not read: {why}." for pattern, why in there)


def read_layout(layout: Layout, folder: Folder) -> Iterable[Row | Reject]:
    """The records of a split that lies in this layout; its files count as opened.

    Raises:
        MissingSource: a file is not there.
    """
    entries = map(alternatives, layout.files)
    files = [folder.need_all(*names) if any(map(is_glob, names)) else folder.need(*names) for names in entries]
    try:
        inspect.signature(layout.rows).bind(folder, *files)
    except TypeError as error:
        raise SettingsError(
            f"{folder.task}: its reader is called as rows(folder, *files), with {len(files)} files of its layout, and "
            f"takes other arguments ({error}). See docs/adding-a-task.md."
        ) from error
    return layout.rows(folder, *files)


def label(names: Names) -> str:
    """For a person."""
    return " or ".join(alternatives(names))


def _files_of(layout: Layout, folder: Folder) -> list[File]:
    return [file for names in layout.files for file in folder.files(*alternatives(names))]

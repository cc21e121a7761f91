"""In which of its layouts a split lies: the one rule for builds, listings and checks."""

import inspect
from collections.abc import Iterable
from typing import NamedTuple

from m3it_build.core.errors import MissingSource, SettingsError
from m3it_build.core.sample import Reject, Row
from m3it_build.core.task import Layout, Split, Task
from m3it_build.sources.folder import Folder, is_glob


class Incomplete(NamedTuple):
    """What is missing of a split of which no layout is complete."""

    layout: Layout
    """The one of which most is there, of equal ones the first."""
    missing: tuple[str | tuple[str, ...], ...]
    """Those of its files that are not."""
    shared: frozenset[str | tuple[str, ...]] = frozenset()
    """Those of its files that other splits need as well, as a table of classes."""

    @property
    def nothing(self) -> bool:
        """Whether no file is there that is the split's own."""
        return {*self.layout.files, *self.layout.beside} - self.shared <= set(self.missing)


def choose_layout(task: Task, split: Split, folder: Folder) -> Layout | Incomplete:
    """The first complete layout of a split under the folder's options, else what is missing of the nearest one."""
    nearest: Incomplete | None = None
    for layout in task.splits[split]:
        if layout.suits(folder.options):
            missing = tuple(names for names in (*layout.files, *layout.beside) if not folder.has(names))
            if not missing:
                return layout
            if nearest is None or _share(layout, missing) < _share(nearest.layout, nearest.missing):
                nearest = Incomplete(layout, missing, _shared(task, split, layout))
    if nearest is None:
        raise ValueError(f"{task.name}: no layout of {split} is for the options {dict(folder.options)}")
    return nearest


def files_there(task: Task, folder: Folder) -> dict[Split, dict[str, bool]]:
    """Whether each annotation file of a split is there, in the layout that is most complete, by its names."""
    found = {}
    for split in task.splits:
        chosen = choose_layout(task, split, folder)
        layout, missing = (chosen.layout, chosen.missing) if isinstance(chosen, Incomplete) else (chosen, ())
        found[split] = {_label(names): names not in missing for names in (*layout.files, *layout.beside)}
    return found


def need_layout(task: Task, split: Split, folder: Folder) -> Layout:
    """The layout of a split that is to be read.

    Raises:
        MissingSource: none is complete; names what is missing of the nearest one.
    """
    found = choose_layout(task, split, folder)
    if isinstance(found, Incomplete):
        raise MissingSource(f"{folder.missing(found.missing)}{not_read(task, folder)}")
    return found


def not_read(task: Task, folder: Folder) -> str:
    """A sentence for each file that is there, and that people take for the task's, but that cannot be read."""
    there = [(pattern, why) for pattern, why in task.unreadable.items() if folder.has(pattern)]
    return "".join(f" {pattern} is there, but is not read: {why}." for pattern, why in there)


def read_layout(layout: Layout, folder: Folder) -> Iterable[Row | Reject]:
    """The records of a split that lies in this layout; its files count as opened.

    Raises:
        MissingSource: a file is not there.
    """
    entries = [(names,) if isinstance(names, str) else names for names in layout.files]
    files = [folder.need_all(*names) if any(map(is_glob, names)) else folder.need(*names) for names in entries]
    try:
        inspect.signature(layout.rows).bind(folder, *files)
    except TypeError as error:
        raise SettingsError(
            f"{folder.task}: its reader is called as rows(folder, *files), with {len(files)} files of its layout, and "
            f"takes other arguments ({error}). See docs/adding-a-task.md."
        ) from error
    return layout.rows(folder, *files)


def _label(names: str | tuple[str, ...]) -> str:
    return names if isinstance(names, str) else " or ".join(names)


def _share(layout: Layout, missing: tuple[str | tuple[str, ...], ...]) -> float:
    return len(missing) / (len(layout.files) + len(layout.beside))


def _shared(task: Task, split: Split, layout: Layout) -> frozenset[str | tuple[str, ...]]:
    others = {
        names
        for other, layouts in task.splits.items()
        if other is not split
        for each in layouts
        for names in each.files
    }
    return frozenset(others.intersection(layout.files))

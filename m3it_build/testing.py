"""For tests of tasks, bundled ones or yours: how a source is planned, and the rules that every task keeps.

    from m3it_build.testing import assert_task, plan

    rows, rejects = plan("okvqa", {"OpenEnded_mscoco_train2014_questions.json": {...}, ...})

A source is a folder, or its files by name with what is in them. No picture is opened, and nothing is fetched.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from m3it_build.core.choice import Draw
from m3it_build.core.sample import Json, Reject
from m3it_build.core.task import Split, Task
from m3it_build.plan.contract import breaches, breaches_in
from m3it_build.plan.layouts import need_layout
from m3it_build.plan.registry import load_registry
from m3it_build.plan.rows import PlannedRow, read_plan
from m3it_build.plan.writer import PlanWriter
from m3it_build.sources.archives import is_safe
from m3it_build.sources.folder import Folder

Files = str | PathLike[str] | Mapping[str, Json]
"""A folder; or the files of one by their names in it, each as bytes, as text, or as a JSON value, which is written as
JSON (of a name in `.jsonl`, a list with one value a line)."""


class Planned(NamedTuple):
    """What became of the records of a split."""

    rows: list[PlannedRow]
    """Sorted by key; `row.sample` is what the task's conversion gave, after the stages that all tasks share."""
    rejects: list[Reject]


def plan(
    task: str | Task,
    files: Files,
    split: str = "train",
    *,
    tasks_dir: str | PathLike[str] | None = None,
    **options: str,
) -> Planned:
    """Read, convert and plan a split of a task, as `m3it build` does, without opening a picture.

    Args:
        task: Its name, or the task itself.
        files: The source.
        split: train, validation or test.
        tasks_dir: A folder with tasks of your own, in which a name is also looked for.
        options: Variants of the task; the others are its defaults.

    Raises:
        UnknownName: a task that does not exist.
        MissingSource: no layout of the split is complete there.
        SourceError: a file that cannot be read.
        ValueError: a name in `files` that leads out of the folder.
    """
    chosen = task if isinstance(task, Task) else load_registry(_path(tasks_dir))[task].task
    with _folder(files) as place, TemporaryDirectory() as state:
        folder = Folder(chosen.name, (place,), {key: values[0] for key, values in chosen.options.items()} | options)
        layout = need_layout(chosen, Split(split), folder)
        path = Path(state) / "plan.sqlite"
        _, _, rejects = PlanWriter(path, chosen, Draw(0, chosen.name), None).write(layout, folder, 1000)
        rows = sorted(read_plan(path), key=lambda planned: planned.sample.key)
    return Planned(rows, rejects)


def assert_task(task: str | Task, files: Files | None = None, *, tasks_dir: str | PathLike[str] | None = None) -> None:
    """Hold a task to the rules of `m3it tasks check`.

    Keys are unique, conversion is pure, the order of records changes nothing, and so on. What a started task leaves to
    its author, as licence and citation, is told by the command alone.

    Args:
        task: Its name; or the task itself, which is then held to the rules of records and needs `files`.
        files: A source, in which there are records of each split; None is the sample.
        tasks_dir: A folder with tasks of your own, in which a name is also looked for.

    Raises:
        AssertionError: a rule is broken; each breach is a line with what to do.
        UnknownName: a task that does not exist.
        ValueError: a task itself without `files`, or a name in `files` that leads out of the folder.
    """
    if isinstance(task, Task):
        if files is None:
            raise ValueError("A task itself has no sample: give files, or the task's name.")
        with _folder(files) as place:
            found = list(breaches_in(task, place))
    else:
        entry = load_registry(_path(tasks_dir))[task]
        if files is None:
            found = list(breaches(entry))
        else:
            with _folder(files) as place:
                found = list(breaches(entry, place))
    if found:
        raise AssertionError("\n".join(map(str, found)))


@contextmanager
def _folder(files: Files) -> Iterator[Path]:
    """The source as a folder, which lasts as long as the block."""
    if not isinstance(files, Mapping):
        yield Path(files)
        return
    with TemporaryDirectory() as place:
        for name, content in files.items():
            if not is_safe(name):
                raise ValueError(f"{name!r} leads out of the folder: give a path relative to it.")
            path = Path(place) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else _text(name, content).encode())
        yield Path(place)


def _text(name: str, content: Json) -> str:
    if isinstance(content, str):
        return content
    if name.endswith(".jsonl") and isinstance(content, list):
        return "".join(f"{json.dumps(each)}\n" for each in content)
    return json.dumps(content)


def _path(folder: str | PathLike[str] | None) -> Path | None:
    return None if folder is None else Path(folder)

"""What a command works on, out of its flags and the settings."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from m3it_build.cli.settings import Places, read


class Selection(NamedTuple):
    """Tasks, and where they are read from and written to: arguments of the functions that build and paraphrase."""

    tasks: Sequence[str] | None
    """None is every task that is there."""
    source: Path | None
    sample: bool
    out: Path
    tasks_dir: Path | None


def selection(
    task: Sequence[str] | None,
    *,
    all_tasks: bool,
    source: Path | None,
    sample: bool,
    out: Path | None,
    tasks_dir: Path | None,
) -> Selection:
    """What flags ask for; --sample wins over a source that was not typed, --all over tasks that were not.

    Raises:
        SettingsError: contradicting flags, or no tasks.
    """
    from m3it_build.core.errors import SettingsError

    if task and all_tasks:
        raise SettingsError(
            "--all and --task were both given. Give one: --all builds every task whose folder is there."
        )
    if source is not None and sample:
        raise SettingsError(
            "--source and --sample were both given. Give one: your download, or the bundled tiny sources."
        )
    places = read(Places, {"task": task or None, "source": source, "out": out, "tasks_dir": tasks_dir})
    if not all_tasks and not places.task:
        raise SettingsError("Say which tasks: --task okvqa (or several: a,b), or --all. They are listed by: m3it tasks")
    tasks = None if all_tasks else places.task
    return Selection(tasks, None if sample else places.source, sample, places.out, places.tasks_dir)


def output_folder(out: Path | None) -> Path:
    """The output folder that is meant."""
    return read(Places, {"out": out}).out

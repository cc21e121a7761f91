"""From names and folders on the command line to tasks and the places of their files."""

from collections.abc import Sequence
from pathlib import Path

from m3it_build.core.errors import MissingSource, SettingsError
from m3it_build.registry import Registered, load_registry
from m3it_build.run.planning import Wanted
from m3it_build.run.task_code import task_code
from m3it_build.settings import BuildSettings


def find_wanted(
    names: Sequence[str],
    *,
    all_tasks: bool,
    source: Path | None,
    sample: bool,
    settings: BuildSettings,
    tasks_dir: Path | None,
) -> list[Wanted]:
    """The tasks to work on, each with the folders in which its files are looked for.

    Raises:
        UnknownName: a task that does not exist.
        SettingsError: contradicting or missing flags.
        MissingSource: a folder that is not there.
    """
    if bool(names) == all_tasks:
        raise SettingsError("Give --task NAME (once or more) or --all. The tasks are listed by: m3it tasks")
    if (source is None) != sample:
        raise SettingsError("Give --source DIR (your download) or --sample (the bundled tiny sources), not both.")
    registry = load_registry(tasks_dir)
    entries = (
        list(registry)
        if all_tasks
        else list({entry.task.name: entry for entry in map(registry.__getitem__, names)}.values())
    )
    if source is None:
        there = [entry for entry in entries if not all_tasks or entry.sample.is_dir()]
        return [Wanted(entry, (_sample(entry),), task_code(entry.module)) for entry in there]
    if not source.is_dir():
        raise MissingSource(
            f"{source}: no such folder. --source is the folder that holds your downloads, one folder a task."
        )
    if all_tasks:
        entries = [entry for entry in entries if (source / entry.task.name).is_dir()]
        if not entries:
            raise MissingSource(f"{source}: holds no folder named after a task. See: m3it tasks")
    alone = len(entries) == 1
    return [Wanted(entry, roots(entry, source, settings, alone=alone), task_code(entry.module)) for entry in entries]


def roots(entry: Registered, source: Path, settings: BuildSettings, *, alone: bool) -> tuple[Path, ...]:
    """The task's folder, then its collections below `source`, then those that the settings name."""
    task = entry.task
    own = source / task.name
    if not own.is_dir() and alone:
        own = source
    shared = [source / name for name in task.collections]
    elsewhere = [settings.media[name] for name in task.collections if name in settings.media]
    return (own, *(folder for folder in (*shared, *elsewhere) if folder.is_dir()))


def _sample(entry: Registered) -> Path:
    folder = Path(str(entry.sample))
    if not folder.is_dir():
        raise MissingSource(f"{entry.task.name}: no bundled sample at {folder}. Use --source DIR.")
    return folder

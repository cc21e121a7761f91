"""From names and folders to tasks and the places of their files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from m3it_build.core.errors import MissingSource, SettingsError, UnknownName
from m3it_build.core.names import closest
from m3it_build.core.task import Task
from m3it_build.plan.registry import Registered, Registry, load_registry
from m3it_build.plan.settings import BuildSettings
from m3it_build.plan.task_code import task_code
from m3it_build.sources.folder import named


@dataclass(frozen=True, slots=True)
class TaskSource:
    """A task to work on and where its files are."""

    entry: Registered
    roots: tuple[Path, ...]
    code: Mapping[str, str]
    """The files that the task's code is in, by the hash that each had when it was loaded."""
    absent: tuple[str, ...] = ()
    """Collections of the task that are neither beside its folder nor in the settings."""


def find_task_sources(
    names: Sequence[str] | None,
    *,
    source: Path | None,
    settings: BuildSettings,
    tasks_dir: Path | None,
) -> list[TaskSource]:
    """The tasks to work on, each with the folders in which its files are looked for.

    Args:
        names: Of tasks, or their aliases; None is every task whose folder is there.
        source: The folder of downloads; None is the bundled samples.
        settings: Where collections lie.
        tasks_dir: A folder with tasks beside the bundled ones.

    Raises:
        UnknownName: a task that does not exist.
        SettingsError: settings that name a task or a collection that does not exist.
        MissingSource: a folder that is not there.
    """
    registry = load_registry(tasks_dir)
    check_names(settings, registry)
    chosen = {entry.task.name for entry in map(registry.__getitem__, names or ())}
    entries = [entry for entry in registry if names is None or entry.task.name in chosen]
    if source is None:
        there = [entry for entry in entries if names is not None or entry.sample.is_dir()]
        return [TaskSource(entry, (_sample(entry),), task_code(entry.module)) for entry in there]
    if not source.is_dir():
        wanted = "--all" if names is None else " ".join(entry.task.name for entry in entries)
        raise MissingSource(
            f"{source}: no such folder. Download first (m3it download {wanted}), give the folder of your downloads "
            "(--source DIR), or try it on the bundled sample (--sample)."
        )
    if names is None:
        entries = [entry for entry in entries if (source / entry.task.name).is_dir()]
        if not entries:
            raise MissingSource(f"{source}: holds no folder named after a task. See: m3it tasks")
    return [task_source(entry, source, settings, alone=len(entries) == 1) for entry in entries]


def task_source(entry: Registered, source: Path, settings: BuildSettings, *, alone: bool) -> TaskSource:
    """A task whose files are below `source`; where it is `alone`, they may lie right there."""
    task = entry.task
    absent = (name for name in task.collections if name not in settings.media and not any(_beside(name, source)))
    return TaskSource(entry, roots(task, source, settings, alone=alone), task_code(entry.module), tuple(absent))


def check_names(settings: BuildSettings, registry: Registry) -> None:
    """Refuse variants of tasks, and places of collections, that do not exist."""
    for name in settings.options:
        try:
            task = registry[name].task
        except UnknownName as error:
            raise SettingsError(f"[options.{name}]: {error}") from error
        if task.name != name:
            raise SettingsError(f"[options.{name}]: write [options.{task.name}], the task's own name.")
        settings.options_of(task)
    collections = sorted({name for entry in registry for name in entry.task.collections})
    for name in settings.media:
        if name not in collections:
            raise SettingsError(f"[media] {name}: no task looks for it. {closest(name, collections)}")


USUAL_NAMES = {
    "coco2014": ("COCO2014", "coco", "COCO", "mscoco", "MSCOCO"),
    "coco2017": ("COCO2017", "coco", "COCO", "mscoco", "MSCOCO"),
    "visual-genome": ("visual_genome", "VisualGenome", "vg", "VG"),
    "flickr30k": ("Flickr30k", "flickr30k-images", "flickr30k_images"),
    "flickr8k": ("Flickr8k", "Flicker8k", "Flickr8k_Dataset"),
}
"""Other names that people give to the folders of collections."""


def roots(task: Task, source: Path, settings: BuildSettings, *, alone: bool) -> tuple[Path, ...]:
    """The task's folder, then its collections below `source`, then those that the settings name.

    Where one task is read, `source` may be its folder; one of its name in it is that, or a part of it.
    """
    own = [source / task.name]
    if alone and (not own[0].is_dir() or source.resolve().name.startswith(task.name)):
        own.append(source)
    shared = [folder for name in task.collections for folder in _beside(name, source)]
    elsewhere = [settings.media[name] for name in task.collections if name in settings.media]
    found = [folder for folder in (*own, *shared, *elsewhere) if folder.is_dir()]
    return tuple(dict.fromkeys(found)) or (own[0],)


def _beside(collection: str, source: Path) -> list[Path]:
    """The folders of a collection that are there."""
    folders = (source / name for name in (collection, *USUAL_NAMES.get(collection, ())))
    return [folder for folder in folders if folder.is_dir()]


def _sample(entry: Registered) -> Path:
    folder = Path(str(entry.sample))
    if not folder.is_dir():
        raise MissingSource(f"{entry.task.name}: no bundled sample at {folder}. Use --source DIR.")
    return folder


def looked_in(roots: Iterable[Path], absent: Sequence[str] = ()) -> str:
    """Where files were looked for, and which collections were not there to look into, for a person."""
    if not absent:
        return f"looked in {named(roots)}"
    return f"looked in {named(roots)}; there is no folder {' or '.join(absent)} beside, nor one in [media]"

"""All tasks by name: bundled ones, those of installed packages, and those of a folder named on the command line.

A task is found by its module's name: nothing is registered. Bundled modules are imported by name only (nobody imports
`m3it_build.tasks.x` statically), so that a task added to `tasks/` is there at once.
"""

import difflib
import importlib
import importlib.util
import sys
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.machinery import ModuleSpec
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import ModuleType

from m3it_build.core.errors import M3itError, SettingsError, UnknownName
from m3it_build.core.pool import Pool, parse_pool
from m3it_build.core.task import Task

ENTRY_POINTS = "m3it.tasks"
BUNDLED = "m3it_build.tasks"
FOLDER_PACKAGE = "m3it_tasks_dir_"
"""How the package is called that a folder of tasks is loaded as; a hash of its place follows."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A task and where its instructions and its bundled sample lie."""

    task: Task
    module: ModuleType
    instructions: Traversable
    sample: Traversable

    def pool(self) -> Pool:
        """The task's instructions.

        Raises:
            SettingsError: no file, broken TOML, or no usable pool in it.
        """
        try:
            content = tomllib.loads(self.instructions.read_text("utf-8"))
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"{self.instructions}: no instructions for {self.task.name} ({error}). "
                "It needs `language` and a list `instructions`."
            ) from error
        return parse_pool(content, str(self.instructions), self.task.options)


class Registry:
    """Tasks by name."""

    def __init__(self, registered: dict[str, Registered]) -> None:
        self._registered = registered
        self._aliases = {alias: name for name, entry in registered.items() for alias in entry.task.aliases}
        self._refused = {
            other: f"{other} is not {name}: {why}"
            for name, entry in registered.items()
            for other, why in entry.task.refused_names.items()
        }

    def __iter__(self) -> Iterator[Registered]:
        """In order of group, then name."""
        from m3it_build.core.task import Group

        order = list(Group)
        return iter(
            sorted(self._registered.values(), key=lambda entry: (order.index(entry.task.group), entry.task.name))
        )

    def __getitem__(self, name: str) -> Registered:
        """The task of that name or alias.

        Raises:
            UnknownName: there is none, with the closest; or it would hold other rows, with what to do instead.
        """
        wanted = name.strip().lower().replace("_", "-")
        wanted = self._aliases.get(wanted, wanted)
        if wanted in self._registered:
            return self._registered[wanted]
        if wanted in self._refused:
            raise UnknownName(self._refused[wanted])
        close = difflib.get_close_matches(wanted, [*self._registered, *self._aliases], 3, 0.5)
        hint = f"Did you mean {' or '.join(close)}?" if close else "See: m3it tasks"
        raise UnknownName(f"No task {name!r}. {hint}")


def load_registry(tasks_dir: Path | None = None) -> Registry:
    """Every task that can be found; a folder's task wins over an installed one, that over a bundled one.

    Args:
        tasks_dir: A folder with `<task>.py`, `<task>.toml` (instructions) and, for --sample, a folder `<task>/`. It is
            one package: what tasks share lies in modules and packages beside them whose names start with an underscore,
            and is imported as `from ._helper import ...`.

    Raises:
        SettingsError: a task module that cannot be imported; it is named, never left out silently.
    """
    return Registry({**_bundled(), **_installed(), **(_from_folder(tasks_dir) if tasks_dir else {})})


def load_folder(folder: Path) -> Registry:
    """The tasks of a folder alone; errors as of `load_registry`."""
    return Registry(_from_folder(folder))


@cache
def _bundled() -> dict[str, Registered]:
    try:
        package = importlib.import_module(BUNDLED)
    except ModuleNotFoundError as error:
        raise M3itError("The tasks are not installed. In a checkout, run: pip install -e .") from error
    names = sorted(
        entry.name.removesuffix(".py")
        for entry in files(package).iterdir()
        if entry.name.endswith(".py") and not entry.name.startswith("_")
    )
    found = {}
    for name in names:
        module = _imported(f"{BUNDLED}.{name}")
        task = _task_of(module)
        found[task.name] = Registered(
            task,
            module,
            files("m3it_build.instructions") / f"{task.name}.toml",
            files("m3it_build") / "samples" / task.name,
        )
    return found


def _installed() -> dict[str, Registered]:
    """Tasks of other packages: entry points name a module; its instructions and sample lie beside it."""
    found = {}
    for point in entry_points(group=ENTRY_POINTS):
        module = _imported(point.module)
        task = _task_of(module)
        folder = Path(str(module.__file__)).parent
        found[task.name] = Registered(task, module, folder / f"{task.name}.toml", folder / task.name)
    return found


def _from_folder(folder: Path) -> dict[str, Registered]:
    modules = sorted(path for path in folder.glob("*.py") if not path.name.startswith("_"))
    if not modules:
        raise SettingsError(f"{folder}: no task module (*.py) in it. Start one: m3it tasks new my-task --dir {folder}")
    package = _package(folder)
    found = {}
    for path in modules:
        module = _imported(f"{package}.{path.stem}", str(path))
        task = _task_of(module, str(path))
        found[task.name] = Registered(task, module, folder / f"{task.name}.toml", folder / task.name)
    return found


def _package(folder: Path) -> str:
    """A package whose modules are the folder's files as they are now; returns its name."""
    name = FOLDER_PACKAGE + sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    for old in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
        del sys.modules[old]
    importlib.invalidate_caches()
    init = folder / "__init__.py"
    spec = importlib.util.spec_from_file_location(name, init) if init.is_file() else None
    spec = spec or ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = [str(folder.resolve())]
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    if spec.loader is not None:
        spec.loader.exec_module(module)
    return name


def _imported(name: str, shown: str | None = None) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        what = f"{type(error).__name__}: {error}"
        raise SettingsError(f"{shown or f'Task module {name}'}: cannot be imported ({what}).") from error


def _task_of(module: ModuleType, shown: str | None = None) -> Task:
    task = getattr(module, "TASK", None)
    if not isinstance(task, Task):
        raise SettingsError(
            f"{shown or module.__name__}: a task module needs TASK = Task(...). The name of one that only helps a task "
            "starts with an underscore."
        )
    return task


def built_name(name: str, built: Collection[str]) -> str:
    """A task by its name, as it is typed or with hyphens, or by an alias; own tasks are known by what was built.

    Raises:
        UnknownName: a task that does not exist.
    """
    plain = name.strip().lower().replace("_", "-")
    return next((each for each in (name, plain) if each in built), None) or load_registry()[name].task.name

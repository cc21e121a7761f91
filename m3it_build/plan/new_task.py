"""Starts a task of one's own: `m3it_build/starter`, a task that can be built, under another name."""

import re
from pathlib import Path

from m3it_build.core.errors import OutputError, SettingsError, UnknownName
from m3it_build.plan.registry import load_registry

STARTER = Path(__file__).parents[1] / "starter"
"""A folder of tasks with one task in it: what a new one is a copy of."""
STARTER_NAME = "my-task"
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
"""How a task may be called."""
TESTS = "tests"
LONGEST = 64
"""Characters of a name, of which folders and files are named."""


def renamed(text: str, name: str) -> str:
    """A text of the starter, as that of a task of another name."""
    module, title = name.replace("-", "_"), name.replace("-", " ").capitalize()
    return text.replace(STARTER_NAME, name).replace("my_task", module).replace("My task", title)


def write_new_task(name: str, folder: Path) -> list[Path]:
    """Write module, instructions, sample and test of a new task into a folder of tasks, over nothing that is there.

    Returns:
        The files, in the order in which an author reads them.

    Raises:
        SettingsError: a name that cannot be one, or is another task's.
        OutputError: something is there already, or the folder cannot be written.
    """
    if not NAME.fullmatch(name) or not name[0].isalpha() or len(name) > LONGEST or name == TESTS:
        raise SettingsError(f"{name!r} is no name for a task: take lower case, words joined by hyphens, as my-task.")
    if _is_task(name, folder):
        raise SettingsError(f"{name} is a task already. Give another name; see: m3it tasks")
    files = {folder / renamed(path.relative_to(STARTER).as_posix(), name): path for path in _starter_files()}
    places = [*files, folder / name]
    if there := next((path for path in places if path.is_file() or (path.is_dir() and any(path.iterdir()))), None):
        raise OutputError(f"{there} is there already. Give another name or folder; nothing was written.")
    for target, path in files.items():
        content = path.read_bytes()
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as stream:
                stream.write(content if path.suffix == ".png" else renamed(content.decode(), name).encode())
        except OSError as error:
            raise OutputError(f"{target}: cannot be written ({error.strerror}). Give another folder.") from error
    return list(files)


def _is_task(name: str, folder: Path) -> bool:
    try:
        load_registry(folder if any(folder.glob("[!_]*.py")) else None)[name]
    except UnknownName:
        return False
    return True


def _starter_files() -> list[Path]:
    """Module, instructions, sample, test."""
    sample = sorted(path for path in (STARTER / STARTER_NAME).rglob("*") if path.is_file())
    return [*sorted(STARTER.glob("*.py")), *STARTER.glob("*.toml"), *sample, *sorted((STARTER / TESTS).glob("*.py"))]

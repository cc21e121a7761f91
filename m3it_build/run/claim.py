"""Who works in an output folder, and with which settings: one at a time, and all of it with the same."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from m3it_build.core.errors import OutputError, SettingsError
from m3it_build.settings import BuildSettings
from m3it_build.store.atomic import write_atomic
from m3it_build.store.layout import Layout
from m3it_build.store.record import dumps


class Locked:
    """Keeps two builds out of one folder."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.lock = FileLock(layout.lock)

    def __enter__(self) -> None:
        try:
            self.layout.state.mkdir(parents=True, exist_ok=True)
            self.lock.acquire(timeout=0)
        except Timeout as error:
            raise OutputError(
                f"{self.layout.out}: another m3it is working in this folder. Wait for it, or use another --out."
            ) from error
        except OSError as error:
            raise OutputError(
                f"{self.layout.out}: cannot be written ({error.strerror}). Choose another --out."
            ) from error

    def __exit__(self, *_: object) -> None:
        self.lock.release()


def claim(layout: Layout, tasks: Iterable[str], settings: BuildSettings, *, overwrite: bool) -> None:
    """Make sure that all of an output folder is built with one set of settings.

    Plans of which nothing was built yet, as a paraphrase pass leaves them, bind nobody.

    Raises:
        SettingsError: something was built here with other settings.
    """
    if overwrite:
        for name in sorted(tasks):
            _remove(layout, name)
    mine = settings.choosing()
    theirs = claimed(layout) or mine
    differences = [
        f"{name.replace('_', '-')}: {_words(theirs.get(name))} there, {_words(mine.get(name))} now"
        for name in sorted(mine | theirs)
        if theirs.get(name) != mine.get(name)
    ]
    if differences and (others := layout.built_tasks()):
        way = f"--overwrite with all its tasks ({', '.join(others)} too)" if overwrite else "--overwrite"
        raise SettingsError(
            f"{layout.out} was built with other settings ({'; '.join(differences)}). Use another --out, or {way}."
        )
    if differences:
        for name in layout.tasks():
            _remove(layout, name)
    write_atomic(layout.settings, dumps(mine) + b"\n")


def _words(value: Any) -> str:
    """A setting for a person."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(each)}" for name, each in value.items()) or "none"
    return "none" if value is None else str(value)


def claimed(layout: Layout) -> dict[str, Any]:
    """The settings with which an output folder was last planned; empty for a new one."""
    path: Path = layout.settings
    if not path.exists():
        return {}
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise OutputError(f"{path}: cannot be read ({error}). Use another --out.") from error
    return dict(content)


def _remove(layout: Layout, task: str) -> None:
    """Everything that was built of a task."""
    for folder in (*layout.out.glob(f"data/*/{task}"), layout.out / "translated" / task):
        shutil.rmtree(folder, ignore_errors=True)
    for part in ("plans", "manifests", "rejects"):
        shutil.rmtree(layout.state / part / task, ignore_errors=True)

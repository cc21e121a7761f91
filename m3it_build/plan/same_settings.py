"""All of an output folder is built with one set of settings."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from m3it_build.core.errors import OutputError, SettingsError
from m3it_build.plan.settings import BuildSettings
from m3it_build.store.atomic import write_atomic
from m3it_build.store.output import OutputFolder
from m3it_build.store.record import dumps


def require_same_settings(
    output: OutputFolder, tasks: Iterable[str], settings: BuildSettings, *, overwrite: bool
) -> None:
    """Make sure that all of an output folder is built with one set of settings.

    Plans of which nothing was built yet, as a paraphrase pass leaves them, bind nobody.

    Raises:
        SettingsError: something was built here with other settings.
    """
    if overwrite:
        for name in sorted(tasks):
            _remove(output, name)
    if check_same_settings(output, settings, overwrite=overwrite):
        for name in output.tasks():
            _remove(output, name)
    write_atomic(output.settings, dumps(settings.choosing()) + b"\n")


def check_same_settings(output: OutputFolder, settings: BuildSettings, *, overwrite: bool = False) -> list[str]:
    """How the settings differ from those that a folder was planned with; changes nothing.

    Raises:
        SettingsError: something was built here with others.
    """
    mine = settings.choosing()
    theirs = settings_of(output) or mine
    differences = [
        f"{name.replace('_', '-')}: {_words(theirs.get(name))} there, {_words(mine.get(name))} now"
        for name in sorted(mine | theirs)
        if theirs.get(name) != mine.get(name)
    ]
    if differences and (others := output.built_tasks()):
        way = f"--overwrite with all its tasks ({', '.join(others)} too)" if overwrite else "--overwrite"
        raise SettingsError(
            f"{output.root} was built with other settings ({'; '.join(differences)}). Use another --out, or {way}."
        )
    return differences


def _words(value: Any) -> str:
    """A setting for a person."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(each)}" for name, each in value.items()) or "none"
    return "none" if value is None else str(value)


def settings_of(output: OutputFolder) -> dict[str, Any]:
    """The settings with which an output folder was last planned; empty for a new one."""
    path: Path = output.settings
    if not path.exists():
        return {}
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise OutputError(f"{path}: cannot be read ({error}). Use another --out.") from error
    return dict(content)


def _remove(output: OutputFolder, task: str) -> None:
    """Everything that was built of a task."""
    for folder in (*output.root.glob(f"data/*/{task}"), output.root / "translated" / task):
        shutil.rmtree(folder, ignore_errors=True)
    for part in ("plans", "manifests", "rejects"):
        shutil.rmtree(output.state / part / task, ignore_errors=True)

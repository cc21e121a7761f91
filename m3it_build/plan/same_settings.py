"""All of an output folder is built with one set of settings."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from m3it_build.core.errors import SettingsError
from m3it_build.core.task import Split
from m3it_build.plan.settings import BuildSettings
from m3it_build.plan.task_sources import TaskSource
from m3it_build.store.atomic import remove, write_atomic
from m3it_build.store.commit import clear
from m3it_build.store.manifest import Summary, find
from m3it_build.store.output import OutputFolder
from m3it_build.store.record import dumps
from m3it_build.store.state import DamagedState, read_sealed, sealed

Splits = Collection[tuple[str, str]]
"""Of tasks: names of task and split."""


def asked_for(sources: Iterable[TaskSource], splits: Sequence[Split] | None) -> Splits:
    """All splits that a command may plan."""
    return [(each.entry.task.name, split.value) for each in sources for split in splits or Split]


def require_same_settings(output: OutputFolder, settings: BuildSettings, replaced: Splits = ()) -> None:
    """Make sure that all of an output folder is built with one set of settings.

    Plans of which nothing was built yet, as a paraphrase pass leaves them, bind nobody.

    Args:
        output: The output folder.
        settings: With which it is to be planned.
        replaced: Splits that are planned and built anew, whatever they were built with.

    Raises:
        SettingsError: something else was built here with other settings.
    """
    if check_same_settings(output, settings, replaced):
        for task, split in _planned(output):
            if not output.built(task, split):
                clear(output, task, split)
                remove(output.plan(task, split))
    write_atomic(output.settings, sealed(dumps(settings.choosing())))


def check_same_settings(output: OutputFolder, settings: BuildSettings, replaced: Splits = ()) -> list[str]:
    """How the settings differ from those that a folder was planned with; changes nothing.

    Raises:
        SettingsError: something was built here with others, and is not `replaced`.
    """
    mine = settings.choosing()
    kept = [each for each in _planned(output) if each not in replaced and output.built(*each)]
    planned = settings_of(output)
    differences = _differences(planned, mine) if planned else []
    for task, split in kept:  # what a run that was stopped has not built anew yet is of other settings than the folder
        if not differences and (theirs := _of_split(output, task, split)):
            differences = _differences(theirs, mine)
    if differences and kept:
        others = ", ".join(dict.fromkeys(f"{task}/{split}" if replaced else task for task, split in kept))
        way = f"--overwrite with all that was built ({others} too)" if replaced else "--overwrite"
        raise SettingsError(
            f"{output.root} was built with other settings ({'; '.join(differences)}). Use another --out, or {way}."
        )
    return differences


def _differences(theirs: dict[str, Any], mine: dict[str, Any]) -> list[str]:
    theirs = {"options": mine["options"], **theirs}  # a summary has those of its own task, which its identity holds
    return [
        f"{name.replace('_', '-')}: {_words(theirs.get(name))} there, {_words(mine.get(name))} now"
        for name in sorted(mine | theirs)
        if theirs.get(name) != mine.get(name)
    ]


def _words(value: Any) -> str:
    """A setting for a person."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(each)}" for name, each in value.items()) or "none"
    return "none" if value is None else str(value)


def settings_of(output: OutputFolder) -> dict[str, Any]:
    """The settings with which an output folder was last planned; empty for a new one.

    Where they are damaged, those of a split that was planned with them stand in.

    Raises:
        MachineError: they cannot be read.
    """
    try:
        data = read_sealed(output.settings)
        if data is None:
            return {}
        content = json.loads(data)
        BuildSettings.model_validate(content)
        return dict(content)
    except (DamagedState, ValueError, TypeError, RecursionError, ValidationError):
        return next((found for task, split in _planned(output) if (found := _of_split(output, task, split))), {})


def _of_split(output: OutputFolder, task: str, split: str) -> dict[str, Any]:
    """The settings that a split was planned with, but for the options of tasks; nothing where that cannot be read."""
    try:
        summary = find(output.summary(task, split), Summary)
    except DamagedState:
        return {}
    return {} if summary is None else {name: each for name, each in summary.settings.items() if name != "options"}


def _planned(output: OutputFolder) -> Iterator[tuple[str, str]]:
    return ((path.parent.name, path.stem) for path in output.summaries())

"""Builds the M3IT multi-modal, multilingual instruction-tuning dataset from its raw sources.

`import m3it_build as m3it; m3it.build("okvqa", source="downloads", out="out")`: each command of `m3it` is a function.
What is named here is the public interface; it reads no environment and prints nothing.
"""

import importlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from m3it_build.core.version import __version__ as __version__

if TYPE_CHECKING:
    from m3it_build.answers.settings import ParaphraseSettings
    from m3it_build.api import (
        build,
        card,
        compare_with_paper,
        convert_model,
        count_templates,
        fetch_flores,
        fetch_model,
        gate,
        instruction_stats,
        models,
        paraphrase,
        paraphrase_pairs,
        prepare_push,
        push,
        stats,
        tasks,
        translate,
        validate,
        write_plots,
    )
    from m3it_build.core.errors import M3itError, MissingSource, OutputError, SettingsError, SourceError, UnknownName
    from m3it_build.core.progress import Progress
    from m3it_build.core.task import Answers, BatchStep, Preset, Split
    from m3it_build.plan.settings import BuildSettings
    from m3it_build.publish.settings import HubSettings
    from m3it_build.store.output import Format, Images
    from m3it_build.translate.settings import GateSettings, TranslateSettings, TranslatorSettings

_HOMES = {
    "m3it_build.plan.settings": ("BuildSettings",),
    "m3it_build.answers.settings": ("ParaphraseSettings",),
    "m3it_build.translate.settings": ("GateSettings", "TranslateSettings", "TranslatorSettings"),
    "m3it_build.publish.settings": ("HubSettings",),
    "m3it_build.core.progress": ("Progress",),
    "m3it_build.core.task": ("Answers", "BatchStep", "Preset", "Split"),
    "m3it_build.store.output": ("Format", "Images"),
    "m3it_build.core.errors": (
        "M3itError",
        "MissingSource",
        "OutputError",
        "SettingsError",
        "SourceError",
        "UnknownName",
    ),
}
"""Where public names are defined, but for the functions of `m3it_build.api`: imported when they are asked for, since
much of it is heavy."""

__all__ = [
    "Answers",
    "BatchStep",
    "BuildSettings",
    "Format",
    "GateSettings",
    "HubSettings",
    "Images",
    "M3itError",
    "MissingSource",
    "OutputError",
    "ParaphraseSettings",
    "Preset",
    "Progress",
    "SettingsError",
    "SourceError",
    "Split",
    "TranslateSettings",
    "TranslatorSettings",
    "UnknownName",
    "build",
    "card",
    "compare_with_paper",
    "convert_model",
    "count_templates",
    "fetch_flores",
    "fetch_model",
    "gate",
    "instruction_stats",
    "models",
    "paraphrase",
    "paraphrase_pairs",
    "prepare_push",
    "push",
    "stats",
    "tasks",
    "translate",
    "validate",
    "write_plots",
]

for _room in ("translate", "tasks"):
    # a room of the house and a public function have this name: once a room is imported, it never binds its name again
    with suppress(ModuleNotFoundError):
        importlib.import_module(f"{__name__}.{_room}")
        del globals()[_room]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = next((module for module, names in _HOMES.items() if name in names), "m3it_build.api")
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

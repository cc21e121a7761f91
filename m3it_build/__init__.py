"""Builds the M3IT multi-modal, multilingual instruction-tuning dataset from its raw sources.

`import m3it_build as m3it; m3it.build("okvqa", source="downloads", out="out")`: each command of `m3it` is a function,
described in `m3it_build.api`. What is named here is the public interface.
"""

import importlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from m3it_build.core.version import __version__ as __version__

if TYPE_CHECKING:
    from m3it_build.answers.settings import ParaphraseSettings
    from m3it_build.api import build, count_templates, paraphrase, paraphrase_pairs, tasks
    from m3it_build.core.errors import M3itError, MissingSource, OutputError, SettingsError, SourceError, UnknownName
    from m3it_build.core.progress import Progress
    from m3it_build.plan.settings import BuildSettings

_HOMES = {
    "m3it_build.api": ("build", "count_templates", "paraphrase", "paraphrase_pairs", "tasks"),
    "m3it_build.plan.settings": ("BuildSettings",),
    "m3it_build.answers.settings": ("ParaphraseSettings",),
    "m3it_build.core.progress": ("Progress",),
    "m3it_build.core.errors": (
        "M3itError", "MissingSource", "OutputError", "SettingsError", "SourceError", "UnknownName",
    ),
}  # fmt: skip
"""Where each public name is defined; imported when it is asked for, since much of it is heavy."""

__all__ = [
    "BuildSettings", "M3itError", "MissingSource", "OutputError", "ParaphraseSettings", "Progress", "SettingsError",
    "SourceError", "UnknownName", "build", "count_templates", "paraphrase", "paraphrase_pairs", "tasks",
]  # fmt: skip

for _room in ("translate", "tasks"):
    # rooms of the house and public functions have these names: a room is found by its import alone, and once imported
    # never binds its name here again
    with suppress(ModuleNotFoundError):
        importlib.import_module(f"{__name__}.{_room}")
        del globals()[_room]


def __getattr__(name: str) -> Any:
    home = next((module for module, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""Builds the M3IT multi-modal, multilingual instruction-tuning dataset from its raw sources.

`import m3it_build as m3it; m3it.build("okvqa", source="downloads", out="out")`: each command that works on data is a
function. What is named here is the public interface; it reads no environment and prints nothing.
"""

import importlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from m3it_build.core.version import __version__ as __version__

if TYPE_CHECKING:
    from m3it_build.answers.estimate import Templates
    from m3it_build.answers.run import Pair, PassReport, TaskPass
    from m3it_build.answers.settings import ParaphraseSettings
    from m3it_build.api import (
        build,
        card,
        check_sources,
        check_task,
        compare_with_paper,
        contact_sheet,
        convert_model,
        count_templates,
        download,
        estimate_build,
        fetch_flores,
        fetch_model,
        gate,
        instruction_stats,
        models,
        new_task,
        paraphrase,
        paraphrase_pairs,
        prepare_push,
        push,
        show,
        stats,
        status,
        tasks,
        translate,
        validate,
        write_plots,
    )
    from m3it_build.core.errors import M3itError, MissingSource, OutputError, SettingsError, SourceError, UnknownName
    from m3it_build.core.progress import Progress
    from m3it_build.core.task import Answers, BatchStep, Preset, Split, Task
    from m3it_build.download.run import DownloadReport
    from m3it_build.download.settings import DownloadSettings
    from m3it_build.plan.check import FileCheck, MediaCheck, SplitCheck, TaskCheck
    from m3it_build.plan.contract import Breach, CheckReport
    from m3it_build.plan.planner import Notice
    from m3it_build.plan.settings import BuildSettings
    from m3it_build.publish.hub import HubError, PushError
    from m3it_build.publish.run import CardReport, Push, RepositoryReport
    from m3it_build.publish.settings import HubSettings
    from m3it_build.quality.instructions import InstructionStats
    from m3it_build.quality.paper import PaperComparison
    from m3it_build.quality.rows import BuiltRow, BuiltRows
    from m3it_build.quality.stats import SplitStats
    from m3it_build.quality.status import Paid, Sentences, SplitStatus, Status
    from m3it_build.quality.validate import Problem, ValidationReport
    from m3it_build.services.chat.client import ServiceStop
    from m3it_build.services.mt.fetching import Fetchable
    from m3it_build.services.mt.models import ModelError, TranslationModel
    from m3it_build.shards.build import BuildReport, MissingMedia, SplitReport
    from m3it_build.shards.estimate import BuildEstimate, SplitEstimate
    from m3it_build.store.output import Format, Images
    from m3it_build.translate.report import Quality
    from m3it_build.translate.run import TranslateReport
    from m3it_build.translate.scores import GateReport
    from m3it_build.translate.settings import GateSettings, TranslateSettings, TranslatorSettings

_HOMES = {
    "m3it_build.answers.estimate": ("Templates",),
    "m3it_build.answers.run": (
        "Pair",
        "PassReport",
        "TaskPass",
    ),
    "m3it_build.answers.settings": ("ParaphraseSettings",),
    "m3it_build.core.errors": (
        "M3itError",
        "MissingSource",
        "OutputError",
        "SettingsError",
        "SourceError",
        "UnknownName",
    ),
    "m3it_build.core.progress": ("Progress",),
    "m3it_build.core.task": (
        "Answers",
        "BatchStep",
        "Preset",
        "Split",
        "Task",
    ),
    "m3it_build.download.run": ("DownloadReport",),
    "m3it_build.download.settings": ("DownloadSettings",),
    "m3it_build.plan.check": (
        "FileCheck",
        "MediaCheck",
        "SplitCheck",
        "TaskCheck",
    ),
    "m3it_build.plan.contract": (
        "Breach",
        "CheckReport",
    ),
    "m3it_build.plan.planner": ("Notice",),
    "m3it_build.plan.settings": ("BuildSettings",),
    "m3it_build.publish.hub": (
        "HubError",
        "PushError",
    ),
    "m3it_build.publish.run": (
        "CardReport",
        "Push",
        "RepositoryReport",
    ),
    "m3it_build.publish.settings": ("HubSettings",),
    "m3it_build.quality.instructions": ("InstructionStats",),
    "m3it_build.quality.paper": ("PaperComparison",),
    "m3it_build.quality.rows": (
        "BuiltRow",
        "BuiltRows",
    ),
    "m3it_build.quality.stats": ("SplitStats",),
    "m3it_build.quality.status": (
        "Paid",
        "Sentences",
        "SplitStatus",
        "Status",
    ),
    "m3it_build.quality.validate": (
        "Problem",
        "ValidationReport",
    ),
    "m3it_build.services.chat.client": ("ServiceStop",),
    "m3it_build.services.mt.fetching": ("Fetchable",),
    "m3it_build.services.mt.models": (
        "ModelError",
        "TranslationModel",
    ),
    "m3it_build.shards.build": (
        "BuildReport",
        "MissingMedia",
        "SplitReport",
    ),
    "m3it_build.shards.estimate": (
        "BuildEstimate",
        "SplitEstimate",
    ),
    "m3it_build.store.output": (
        "Format",
        "Images",
    ),
    "m3it_build.translate.report": ("Quality",),
    "m3it_build.translate.run": ("TranslateReport",),
    "m3it_build.translate.scores": ("GateReport",),
    "m3it_build.translate.settings": (
        "GateSettings",
        "TranslateSettings",
        "TranslatorSettings",
    ),
}
"""Where public names are defined, but for the functions of `m3it_build.api`: imported when they are asked for, since
much of it is heavy."""

__all__ = [
    "Answers",
    "BatchStep",
    "Breach",
    "BuildEstimate",
    "BuildReport",
    "BuildSettings",
    "BuiltRow",
    "BuiltRows",
    "CardReport",
    "CheckReport",
    "DownloadReport",
    "DownloadSettings",
    "Fetchable",
    "FileCheck",
    "Format",
    "GateReport",
    "GateSettings",
    "HubError",
    "HubSettings",
    "Images",
    "InstructionStats",
    "M3itError",
    "MediaCheck",
    "MissingMedia",
    "MissingSource",
    "ModelError",
    "Notice",
    "OutputError",
    "Paid",
    "Pair",
    "PaperComparison",
    "ParaphraseSettings",
    "PassReport",
    "Preset",
    "Problem",
    "Progress",
    "Push",
    "PushError",
    "Quality",
    "RepositoryReport",
    "Sentences",
    "ServiceStop",
    "SettingsError",
    "SourceError",
    "Split",
    "SplitCheck",
    "SplitEstimate",
    "SplitReport",
    "SplitStats",
    "SplitStatus",
    "Status",
    "Task",
    "TaskCheck",
    "TaskPass",
    "Templates",
    "TranslateReport",
    "TranslateSettings",
    "TranslationModel",
    "TranslatorSettings",
    "UnknownName",
    "ValidationReport",
    "build",
    "card",
    "check_sources",
    "check_task",
    "compare_with_paper",
    "contact_sheet",
    "convert_model",
    "count_templates",
    "download",
    "estimate_build",
    "fetch_flores",
    "fetch_model",
    "gate",
    "instruction_stats",
    "models",
    "new_task",
    "paraphrase",
    "paraphrase_pairs",
    "prepare_push",
    "push",
    "show",
    "stats",
    "status",
    "tasks",
    "translate",
    "validate",
    "write_plots",
]

for _room in ("download", "translate", "tasks"):
    # a room of the house and a public function have this name: once a room is imported, it never binds its name again
    with suppress(ModuleNotFoundError):
        importlib.import_module(f"{__name__}.{_room}")
        del globals()[_room]


if not TYPE_CHECKING:  # else any name would have a type

    def __getattr__(name: str) -> Any:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        home = next((module for module, names in _HOMES.items() if name in names), "m3it_build.api")
        return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

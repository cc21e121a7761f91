"""What is translated, and into what."""

from collections.abc import Sequence
from dataclasses import dataclass

from m3it_build.core.errors import OutputError, SettingsError
from m3it_build.core.progress import Progress
from m3it_build.core.task import Translated
from m3it_build.plan.registry import built_name
from m3it_build.services.mt.models import TranslationModel
from m3it_build.store.manifest import Summary, load, task_order
from m3it_build.store.output import OutputFolder
from m3it_build.translate.chosen import how_much
from m3it_build.translate.gate import gated
from m3it_build.translate.languages import Language, find_language, is_all, resolve


@dataclass(frozen=True, slots=True)
class Target:
    """A language to translate into."""

    code: str
    """Of the config: `de`."""
    nllb: str
    """Of the model: `deu_Latn`."""
    score: float | None = None
    """At the gate; None if it was chosen by name."""
    metric: str | None = None


def choose_tasks(output: OutputFolder, names: Sequence[str] | None) -> list[str]:
    """Tasks to translate.

    Args:
        output: What was built.
        names: Of tasks, aliases too; None is those that the paper translates, as far as they are built.

    Raises:
        OutputError: nothing was built, or none of the paper's tasks.
        SettingsError: `names` is empty.
        UnknownName: a task that does not exist.
    """
    built = output.built_tasks()
    if not built:
        raise OutputError(
            f"{output.root}: no rows are here. Build them first, as: m3it build --task okvqa --out {output.root}"
        )
    if names is not None:
        if not names:
            raise SettingsError("No task is named. Name some, or give None for those that the paper translates.")
        return list(dict.fromkeys(built_name(name, built) for name in names))
    summaries = sorted((load(path, Summary) for path in output.summaries()), key=task_order)
    meant = [each.task for each in summaries if how_much(each) is not Translated.NO]
    found = [name for name in dict.fromkeys(meant) if name in built]
    if not found:
        raise OutputError(
            f"{output.root}: none of the tasks that the paper translates was built here ({', '.join(built)} was). "
            "Choose with --task."
        )
    return found


def choose_targets(
    output: OutputFolder,
    langs: str | Sequence[str],
    model: TranslationModel,
    threshold: float,
    compute_type: str,
    progress: Progress,
    *,
    sample: bool,
) -> list[Target]:
    """The languages, with their scores where a gate chose them.

    Args:
        output: Where gate.json may be.
        langs: `all` that pass the gate, or named ones.
        model: Which one translates.
        threshold: More than it passes, where published scores are the gate.
        compute_type: In which it computes.
        progress: Is told how the gate chose.
        sample: The model is the bundled glossary, which no gate judges.

    Raises:
        UnknownName: no such language.
        SettingsError: all are asked for, and no gate was run for this model.
        OutputError: gate.json is no gate.
    """
    if not sample and is_all(langs):
        gate = gated(output.gate, model, threshold, compute_type)
        progress.note(gate.told)
        return [Target(find_language(nllb).code, nllb, score, gate.metric) for nllb, score in gate.kept]
    languages = languages_for(langs, sample=sample)
    if sample and is_all(langs):
        progress.note(
            f"The sample model is a glossary, not a translator. It knows {len(languages)} languages: "
            f"{', '.join(language.code for language in languages)}."
        )
    return [Target(language.code, language.nllb) for language in languages]


def languages_for(langs: str | Sequence[str], *, sample: bool) -> list[Language]:
    """The languages that are named; all are those of FLORES-101, or of the bundled glossary.

    Raises:
        UnknownName: a language that does not exist.
    """
    if sample and is_all(langs):
        from m3it_build.services.mt.glossary import TARGETS

        return [find_language(code) for code in TARGETS]
    return resolve(langs)

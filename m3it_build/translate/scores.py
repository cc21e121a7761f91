"""Where the scores of a gate come from: measured now, measured before, or published."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from m3it_build.core.errors import SettingsError
from m3it_build.core.progress import Progress
from m3it_build.services.mt.fetching import FLORES
from m3it_build.services.mt.self_test import must_translate_any
from m3it_build.store.cache import user_cache
from m3it_build.store.lock import Locked
from m3it_build.store.manifest import load
from m3it_build.store.output import OutputFolder
from m3it_build.translate.flores import open_flores
from m3it_build.translate.gate import Computed, Gate, judged, published_gate, saved
from m3it_build.translate.languages import PUBLISHED_MODEL, SETTLED_AT, resolve
from m3it_build.translate.measure import measure, replaced
from m3it_build.translate.metric import metric
from m3it_build.translate.model import chosen_model, open_translator
from m3it_build.translate.settings import GateSettings, TranslatorSettings
from m3it_build.translate.table_9 import Explained, explain
from m3it_build.translate.targets import languages_for


@dataclass(frozen=True, slots=True)
class GateReport:
    """Into which languages a model translates well enough."""

    gate: Gate
    explained: Explained | None = None
    """Beside Table 9 of the paper; None where that was not asked for."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON: what gate.json holds, and the comparison."""
        told = {} if self.explained is None else {"beside_table_9": self.explained.as_dict()}
        return self.gate.model_dump(mode="json") | told


def find_gate(
    output: OutputFolder,
    langs: str | Sequence[str],
    settings: GateSettings,
    by: TranslatorSettings,
    progress: Progress,
    *,
    sample: bool,
    explained: bool,
    cache: Path | None,
) -> GateReport:
    """Measure where test sentences are there, else take published scores.

    Args:
        output: Where gate.json is kept.
        langs: The languages.
        settings: How they are measured.
        by: The model, and how it searches.
        progress: Is told of each language.
        sample: Measure the bundled glossary.
        explained: Compare with Table 9. Then fetched sentences are left alone, as measuring takes long, and what was
            measured before is taken, unless the published model is asked for by its name.
        cache: Where fetched models and sentences lie; None is the user's.

    Raises:
        SettingsError: nothing to measure with, and no published scores of this model; the wrong SentencePiece model.
        MissingSource, SourceError: sentences that are not there, or do not fit together.
        UnknownName: no such language or model.
        ModelError: a model that is not here, or does not translate.
        OutputError: `output` is locked, or its gate.json is no gate.
    """
    fetched = (cache or user_cache()) / FLORES
    flores = settings.flores or (fetched if fetched.is_dir() and not explained else None)
    published = "model" in by.model_fields_set and by.model == PUBLISHED_MODEL
    threshold = SETTLED_AT if settings.threshold is None else settings.threshold
    if flores is not None:
        gate = _measured(output, langs, flores, settings, threshold, by, progress, sample=sample, cache=cache)
    elif explained and not published and (there := saved(output.gate)) is not None:
        gate = there if settings.threshold is None else judged(there, threshold)
    elif sample or by.model != PUBLISHED_MODEL:
        raise SettingsError(
            f"Scores are published for the model {PUBLISHED_MODEL} only. Give the test sentences by --flores DIR, "
            "or get them: m3it models fetch flores"
        )
    else:
        gate = published_gate(threshold, resolve(langs))
    return GateReport(gate, explain(gate) if explained else None)


def _measured(
    output: OutputFolder,
    langs: str | Sequence[str],
    flores: Path,
    settings: GateSettings,
    threshold: float,
    by: TranslatorSettings,
    progress: Progress,
    *,
    sample: bool,
    cache: Path | None,
) -> Gate:
    sentences = open_flores(flores)
    with Locked(output):
        model = chosen_model(output, by, sample=sample, cache=cache)
        ruler = metric(settings.spm or model.spm, any_spm=settings.any_spm)
        languages = languages_for(langs, sample=sample)
        with open_translator(model, by, progress) as translator:
            must_translate_any(translator, [language.nllb for language in languages])
            computed = Computed(translator.decoding.compute_type, translator.kernel)
            if (old := replaced(output.gate, translator, ruler)) is not None:
                progress.note(
                    f"{output.gate}: scores of {old.model} (beam {old.beam}, {len(old.languages)} languages) were not "
                    f"measured in this way (model, search, compute type, --spm, sacreBLEU){_in(old.computed)}; "
                    f"those of {model.name} replace them."
                )
            found = measure(output.gate, languages, translator, sentences, ruler, threshold, computed)
            for language, score, known in found:
                how = f" (measured before{_in([score.computed], but=computed)})" if known else ""
                refused = f", {score.refused} sentences refused" if score.refused else ""
                progress.measured(language.code, score.score or 0.0, f"{score.verdict}{refused}{how}")
        return load(output.gate, Gate)


def _in(computed: Sequence[Computed | None], but: Computed | None = None) -> str:
    """How scores were computed, where that is not known anyway."""
    told = [str(each) for each in computed if each not in {None, but}]
    return f", in {' and '.join(told)}" if told else ""

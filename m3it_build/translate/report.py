"""How good a translation looks without a reader of the language: what can be counted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from m3it_build.core.choice import Draw
from m3it_build.core.sample import Fault
from m3it_build.services.mt.translator import Translator, normalised
from m3it_build.stages.options import gives_option, options_block
from m3it_build.stages.untranslated import Untranslated, in_script, said
from m3it_build.store.manifest import Manifest, Summary, find, load
from m3it_build.store.output import OutputFolder
from m3it_build.store.reader import Texts, read_texts
from m3it_build.translate.chosen import SplitPlan, rows_of
from m3it_build.translate.memory import memory_of
from m3it_build.translate.parts import translate_row, units


@dataclass(slots=True)
class Quality:
    """One config: a task in one language, over all its splits."""

    config: str
    task: str
    language: str
    rejected: Counter[str] = field(default_factory=Counter)
    english: int = 0
    """Characters of inputs and outputs."""
    translated: int = 0
    untranslated: Untranslated = field(default_factory=Untranslated)
    broken_options: int = 0
    """Rows whose options are not those of meta, or whose answer is none of them."""
    chrf: float | None = None
    """Of rows translated back, against the English ones; None if none was."""

    @property
    def rows(self) -> int:
        """Over all splits."""
        return self.untranslated.rows

    @property
    def length_ratio(self) -> float:
        """Translated characters for one English character."""
        return self.translated / self.english if self.english else 0.0

    @property
    def in_script(self) -> float:
        """Mean share of a row's letters that are of the language's script."""
        return self.untranslated.in_script

    @property
    def copies(self) -> float:
        """Share of rows that say the same as in English, though they had something to translate."""
        return self.untranslated.share

    @property
    def fault(self) -> str | None:
        """Why this is no translation; what to do about it."""
        wrong = self.untranslated.fault
        return wrong and f"{wrong}. Translate it with another --compute-type, as float32, or another --model."

    def add(self, row: Texts, english: Texts, script: str) -> None:
        """Count a row."""
        text, before = f"{row.inputs}\n{row.outputs}", f"{english.inputs}\n{english.outputs}"
        self.english += len(before)
        self.translated += len(text)
        self.untranslated.add(said(row), said(english), in_script(row, script))
        self.broken_options += not consistent(row)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "config": self.config,
            "task": self.task,
            "language": self.language,
            "rows": self.rows,
            "rejected": dict(sorted(self.rejected.items())),
            "length_ratio": round(self.length_ratio, 3),
            "in_script": round(self.in_script, 4),
            "copies": round(self.copies, 4),
            "fault": self.fault,
            "broken_options": self.broken_options,
            "chrf_back": None if self.chrf is None else round(self.chrf, 2),
        }


def consistent(row: Texts) -> bool:
    """Whether a row's options and answer are those of its meta."""
    options, place = row.meta.get("options"), row.meta.get("answer_index")
    if not isinstance(options, list) or not isinstance(place, int):
        return True
    return row.inputs.endswith(options_block(options)) and gives_option(row.outputs, options, place)


def judge(
    output: OutputFolder, plans: Sequence[SplitPlan], languages: Sequence[str], translator: Translator, back: int
) -> list[Quality]:
    """Count over the translated rows of each task and language.

    Args:
        output: The output folder.
        plans: The splits that were translated.
        languages: Codes of configs.
        translator: For translating back.
        back: So many rows of a config, chosen by hash.
    """
    found: list[Quality] = []
    for task in dict.fromkeys(plan.summary.task for plan in plans):
        mine = [plan for plan in plans if plan.summary.task == task]
        english = {str(row.meta["id"]): row for plan in mine for row in rows_of(output, plan)}
        for language in languages:
            paths = [output.summary(task, plan.summary.split, language) for plan in mine]
            found.append(_quality(output, [load(path, Summary) for path in paths], english, translator, back))
    return found


def _quality(
    output: OutputFolder, summaries: Sequence[Summary], english: dict[str, Texts], translator: Translator, back: int
) -> Quality:
    first = summaries[0]
    facts = first.translation
    if facts is None:
        raise ValueError(f"{first.task} is no translation")
    quality = Quality(first.config, first.task, facts.language, untranslated=Untranslated(sample=facts.sample))
    rows: list[tuple[int, Texts, Texts]] = []
    draw = Draw(int(first.settings["seed"]), first.task)
    for summary in summaries:
        for index in range(summary.shards):
            path = output.manifest(summary.task, summary.split, index, summary.language)
            if (manifest := find(path, Manifest)) is None:
                continue
            quality.untranslated.rows += manifest.rows
            quality.rejected.update(manifest.rejected)
            for row in read_texts(output.data_file(manifest.file)) if manifest.file else ():
                translation: Any = row.meta["translation"]
                source_id = str(translation["source_id"])
                quality.add(row, english[source_id], facts.nllb[4:])
                if back:
                    rows.append((draw.rank("back", source_id), row, english[source_id]))
    rows = sorted(rows, key=lambda each: each[0])[:back]
    if rows:
        quality.chrf = _chrf(output, [each[1:] for each in rows], facts.nllb, translator)
    return quality


def _chrf(output: OutputFolder, rows: Sequence[tuple[Texts, Texts]], nllb: str, translator: Translator) -> float:
    """Translate back through the memory, and score against the English rows."""
    from sacrebleu.metrics.chrf import CHRF

    home = translator.source
    with memory_of(output, translator, nllb) as memory:
        memory.want(unit for row, _ in rows for unit in sorted(units(row)))
        for chunk in translator.stream(memory.open_texts(home), home, nllb):
            memory.keep(home, chunk)
        hypotheses, references = [], []
        for row, english in rows:
            known = memory.get(units(row), home)
            again = translate_row(row, known, home[4:])
            hypotheses.append("" if isinstance(again, Fault) else f"{again.inputs}\n{again.outputs}")
            references.append(normalised(f"{english.inputs}\n{english.outputs}"))
    scored: float = CHRF().corpus_score(list(map(normalised, hypotheses)), [references]).score
    return scored

"""One shard of a translation: English rows and the memory in, rows in another language out. The same bytes anywhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from m3it_build.core.sample import Fault, Reject
from m3it_build.engine.job import Moved
from m3it_build.services.mt.translator import Decoding, Outcome
from m3it_build.store.commit import commit_shard
from m3it_build.store.manifest import NO_ANSWERS, Manifest, Summary, TranslationFacts, load
from m3it_build.store.output import Images, OutputFolder
from m3it_build.store.reader import Texts, read_pictures
from m3it_build.store.record import FIRST, Record, StoredImage
from m3it_build.translate.chosen import ChosenRows
from m3it_build.translate.memory import TranslationMemory
from m3it_build.translate.parts import text_units, translate_row, translate_text, units

REMEMBERED = 10_000
"""Sentences kept in memory; instructions and options come again and again."""


@dataclass(frozen=True, slots=True)
class TranslatedShard:
    """The unit of work: everything a worker needs for one shard in one language."""

    out: Path
    summary: Path
    index: int
    source: str
    """The NLLB code of the English rows."""
    decoding: Decoding
    rows: tuple[ChosenRows, ...]

    def run(self, moved: Moved) -> Manifest:  # noqa: ARG002 - sentences are what takes time, and are counted as such
        """Write the shard and commit it."""
        output = OutputFolder(self.out)
        summary = load(self.summary, Summary)
        facts = summary.translation
        if facts is None:
            raise ValueError(f"{self.summary} is no translation")
        memory = TranslationMemory(output.translations, facts.model_hash, self.source, self.decoding, read_only=True)
        with memory:
            writer = _Writer(output, summary, facts, memory)
            return commit_shard(
                output, summary, self.index, writer.records(self.rows), writer.rejects, lambda: NO_ANSWERS
            )


class _Writer:
    def __init__(
        self, output: OutputFolder, summary: Summary, facts: TranslationFacts, memory: TranslationMemory
    ) -> None:
        self.output = output
        self.summary = summary
        self.facts = facts
        self.memory = memory
        self.script = facts.nllb[4:]
        self.rejects: list[Reject] = []
        self.known: dict[str, Outcome] = {}

    def records(self, chosen: tuple[ChosenRows, ...]) -> Iterator[Record]:
        """The shard's rows; one with a refused sentence is noted as a reject."""
        images = Images(self.summary.settings["images"])
        first = True
        for part in chosen:
            for row, pictures in read_pictures(self.output.data_file(part.file), part.places, images):
                record = self.record(row, pictures, FIRST if first else {})
                if isinstance(record, Reject):
                    self.rejects.append(record)
                    continue
                first = False
                yield record

    def record(self, row: Texts, pictures: tuple[StoredImage, ...], mark: dict[str, Any]) -> Record | Reject:
        """One row in the other language; what people wrote about it in the source stays English."""
        summary = self.summary
        source_id = str(row.meta["id"])
        key = source_id.removeprefix(f"{summary.task}/{summary.split}/")
        needed = units(row) | text_units(row.instruction)
        self.known |= self.memory.get(needed - self.known.keys(), self.facts.nllb)
        instruction = translate_text(row.instruction, self.known, self.script)
        if isinstance(instruction, Fault):
            return Reject(key, "translate", instruction.reason, f"instruction: {instruction.detail}")
        texts = translate_row(row, self.known, self.script)
        if isinstance(texts, Fault):
            return Reject(key, "translate", texts.reason, texts.detail)
        meta: dict[str, Any] = {name: value for name, value in row.meta.items() if name not in FIRST}
        meta["id"] = f"{summary.config}/{summary.split}/{key}"
        meta["license"] = summary.license
        if texts.options is not None:
            meta["options"] = texts.options
        meta["language"] = self.facts.language
        meta["translation"] = {"model": self.facts.model, "source_id": source_id}
        if len(self.known) > REMEMBERED:
            self.known.clear()
        return Record(instruction, texts.inputs, pictures, texts.outputs, meta | mark)

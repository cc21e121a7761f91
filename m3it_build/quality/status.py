"""How far an output folder is, from its state files alone: nothing is locked, opened for writing, or waited for."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from m3it_build.answers.settings import ParaphraseSettings
from m3it_build.answers.store import AnswerStore
from m3it_build.core.errors import OutputError
from m3it_build.store.commit import committed
from m3it_build.store.manifest import Manifest, Summary, find, task_order
from m3it_build.store.output import OutputFolder
from m3it_build.store.patience import is_file


class SplitStatus(NamedTuple):
    """A planned split, of a task or of its translation: read = rows + filtered + rejected + left out + left."""

    task: str
    split: str
    language: str | None
    """None is the task itself."""
    read: int
    """Records in the source; of a translation its English rows."""
    planned: int
    """Records that are to become rows."""
    rows: int
    """Written, in shards that are done."""
    filtered: int
    rejected: int
    left_out: int
    """Not sampled, nor tried in place of a lost record so far."""
    left: int
    """Planned, and in no shard that is done."""
    shards: int
    shards_done: int


class Paid(NamedTuple):
    """A task's stored paraphrases."""

    task: str
    answers: int
    prompt_tokens: int
    completion_tokens: int
    dollars: float | None
    """US dollars; None where the price of a model is not known."""


class Sentences(NamedTuple):
    """What the translation memory holds of a language, of whatever model."""

    language: str
    """The model's code of it: `deu_Latn`."""
    stored: int
    refused: int
    """Of them: those for which the model gave nothing usable."""


@dataclass(frozen=True, slots=True)
class Status:
    """How far an output folder is."""

    out: Path
    splits: list[SplitStatus]
    """Planned ones, in the order of all lists; each task's translations after it."""
    paid: list[Paid]
    translations: list[Sentences]

    @property
    def left(self) -> int:
        """Records that are planned and not done, in all."""
        return sum(each.left for each in self.splits)

    @property
    def dollars(self) -> float | None:
        """US dollars for all stored paraphrases; None where a price is not known."""
        costs = [each.dollars for each in self.paid]
        return None if None in costs else sum(cost for cost in costs if cost is not None)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        counted = ("read", "planned", "rows", "filtered", "rejected", "left_out", "left", "shards", "shards_done")
        return {
            "out": str(self.out),
            "splits": [each._asdict() for each in self.splits],
            "total": {name: sum(getattr(each, name) for each in self.splits) for name in counted},
            "paraphrases": [each._asdict() for each in self.paid],
            "dollars": self.dollars,
            "translations": [each._asdict() for each in self.translations],
        }


def split_statuses(output: OutputFolder) -> list[SplitStatus]:
    """Of every planned split. What another process takes away while it is looked at is not there.

    Raises:
        OutputError: a state file that is there cannot be read.
    """
    paths = [*output.summaries(), *output.translated_summaries()]
    found = [summary for path in paths if (summary := find(path, Summary)) is not None]
    return [_status(output, summary) for summary in sorted(found, key=task_order)]


def paid(output: OutputFolder, settings: ParaphraseSettings) -> list[Paid]:
    """What was asked for, by task, at the prices of the settings.

    Raises:
        OutputError: the store cannot be read.
    """
    if not is_file(output.answers):
        return []
    found = []
    with AnswerStore(output.answers, read_only=True) as store:
        for task in store.tasks():
            parts = store.spent(task)
            costs = [settings.dollars(part.model, part.usage, batch=part.batch) for part in parts]
            found.append(
                Paid(
                    task,
                    sum(part.answers for part in parts),
                    sum(part.usage.prompt for part in parts),
                    sum(part.usage.completion for part in parts),
                    None if None in costs else sum(cost for cost in costs if cost is not None),
                )
            )
    return found


def _status(output: OutputFolder, summary: Summary) -> SplitStatus:
    done = dict(_done(output, summary))
    planned = sum(each.records for index, each in done.items() if index < summary.planned_shards)
    return SplitStatus(
        summary.task,
        summary.split,
        summary.language,
        summary.read,
        summary.planned,
        sum(each.rows for each in done.values()),
        sum(summary.filtered.values()) + sum(sum(each.filtered.values()) for each in done.values()),
        sum(summary.rejected.values()) + sum(sum(each.rejected.values()) for each in done.values()),
        summary.left_out - sum(each.spares for each in done.values()),
        summary.planned - planned,
        summary.shards,
        len(done),
    )


def _done(output: OutputFolder, summary: Summary) -> Iterator[tuple[int, Manifest]]:
    for index in range(summary.shards):
        try:
            manifest = committed(output, summary, index)
        except OutputError:
            if is_file(output.manifest(summary.task, summary.split, index, summary.language)):
                raise
            continue  # it was taken away in between
        if manifest is not None:
            yield index, manifest

"""A task's short answers, written out from what the store holds."""

import hashlib
from collections.abc import Iterator
from itertools import islice
from types import TracebackType
from typing import NamedTuple

from m3it_build.answers.outputs import ModelText, WrittenAnswer, answer_text
from m3it_build.answers.prompts import Template, parse_template, template_name
from m3it_build.answers.store import AnswerStore, Recipe
from m3it_build.core.sample import Sample
from m3it_build.core.sentences import is_sentence
from m3it_build.core.task import Answers
from m3it_build.plan.rows import PlannedRow, read_shard, read_spares
from m3it_build.services.chat.client import Message, Request
from m3it_build.store.commit import committed
from m3it_build.store.manifest import Manifest, Summary
from m3it_build.store.output import OutputFolder
from m3it_build.store.patience import is_file
from m3it_build.store.record import dumps
from m3it_build.store.rejects import read_rejects


class Prompt(NamedTuple):
    """A row's request, and the template it was made with."""

    request: Request
    template: Template


class PromptMaker:
    """Makes the requests of one task under one recipe."""

    def __init__(self, recipe: Recipe, language: str) -> None:
        self.recipe = recipe
        self.language = language
        self.templates = {
            name: parse_template(name, text, f"the stored prompt {name!r}") for name, text in recipe.prompts.items()
        }

    def prompt(self, sample: Sample) -> Prompt | None:
        """What is asked for a row; None if it has no short answer, or one that is a sentence already."""
        if sample.answer is None or is_sentence(sample.answer):
            return None
        template = self.templates[template_name(self.language, sample.context)]
        turns = template.fill(sample.inputs, sample.answer, sample.context)
        messages = tuple(Message(turn.role, turn.text) for turn in turns)
        return Prompt(Request(self.recipe.model, messages, self.recipe.sampling), template)


class StoredAnswers:
    """Writes out the short answers of a planned split."""

    def __init__(self, output: OutputFolder, summary: Summary, *, reads: bool = False) -> None:
        """Open the store, if there is one and the settings ask for paraphrases.

        Args:
            output: The output folder.
            summary: The split.
            reads: Take paraphrases whatever the settings say.

        Raises:
            OutputError: the store cannot be read.
        """
        self.mode = Answers.PARAPHRASE if reads else Answers(summary.settings["answers"])
        there = self.mode is Answers.PARAPHRASE and is_file(output.answers)
        self.store = AnswerStore(output.answers, read_only=True) if there else None
        recipe = self.store.recipe(summary.task) if self.store else None
        self.prompts = PromptMaker(recipe, summary.languages[0]) if recipe else None

    def answer(self, sample: Sample) -> WrittenAnswer | None:
        """The output of a row with a short answer; None for any other row."""
        if sample.answer is None:
            return None
        return answer_text(sample.inputs, sample.answer, self.mode, self.text(sample))

    def text(self, sample: Sample) -> ModelText | None:
        """What is stored for a row."""
        prompt = self.prompts.prompt(sample) if self.prompts else None
        stored = self.store.get(prompt.request.key) if self.store and prompt else None
        return (
            ModelText(stored.text, stored.finish, stored.model, prompt.template.example) if prompt and stored else None
        )

    def __enter__(self) -> "StoredAnswers":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.store is not None:
            self.store.close()


class AnswersDigest:
    """The hash of what the stored answers made of a shard; rejected rows count too, so that no picture is needed."""

    def __init__(self) -> None:
        self.hash = hashlib.sha256()

    def add(self, sample: Sample, answer: WrittenAnswer | None) -> None:
        """Take in a row."""
        if answer is not None:
            self.hash.update(dumps((sample.key, *answer)))

    def hexdigest(self) -> str:
        """The hash so far."""
        return self.hash.hexdigest()


def tried_rows(output: OutputFolder, summary: Summary) -> Iterator[PlannedRow]:
    """The rows that a build may write: those of the plan and, where it went through, the spares that it needed.

    Those that became no row when their shard was written are left out, so that nobody is asked about them.
    """
    for index in range(summary.shards):
        manifest = committed(output, summary, index)
        path = output.rejects(summary.task, summary.split, index)
        lost = {each["key"] for each in read_rejects(path)} if manifest else set()
        yield from (row for row in shard_rows(output, summary, index, manifest) if row.sample.key not in lost)


def shard_rows(output: OutputFolder, summary: Summary, index: int, manifest: Manifest | None) -> Iterator[PlannedRow]:
    """The records that a shard is made of, those that became no row among them."""
    plan = output.plan(summary.task, summary.split)
    if index < summary.planned_shards:
        yield from read_shard(plan, index)
    elif manifest is not None and manifest.replaces is not None:
        yield from islice(read_spares(plan, manifest.replaces.first), manifest.replaces.tried)


def shard_digest(output: OutputFolder, summary: Summary, index: int, answers: StoredAnswers, manifest: Manifest) -> str:
    """The digest that a committed shard would have if it were built now."""
    digest = AnswersDigest()
    for planned in shard_rows(output, summary, index, manifest):
        digest.add(planned.sample, answers.answer(planned.sample))
    return digest.hexdigest()

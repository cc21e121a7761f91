"""A paraphrase pass: which questions are open, what they cost, who answers them, what became of the answers."""

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from m3it_build.answers.outputs import NOT_ASKED, SENTENCE
from m3it_build.answers.pool import CallPool, Outcome, Question
from m3it_build.answers.settings import ParaphraseSettings
from m3it_build.answers.store import AnswerStore, AskedFor, Batch, Recipe
from m3it_build.answers.stored import PromptMaker, StoredAnswers, tried_rows
from m3it_build.core.errors import PartError
from m3it_build.core.plural import plural
from m3it_build.core.progress import Progress
from m3it_build.core.task import BatchStep, Split
from m3it_build.plan.planner import Kind, Notice, Planner
from m3it_build.plan.same_settings import asked_for, check_same_settings, require_same_settings
from m3it_build.plan.settings import BuildSettings
from m3it_build.plan.task_sources import TaskSource
from m3it_build.services.chat.budget import Budget, expected_tokens, prompt_tokens
from m3it_build.services.chat.client import CallFailed, ServiceStop, Usage
from m3it_build.store.lock import Locked
from m3it_build.store.manifest import Summary
from m3it_build.store.output import OutputFolder

if TYPE_CHECKING:
    from m3it_build.answers.batch import Batches, Collected

T = TypeVar("T")


@dataclass(slots=True)
class TaskPass:
    """One task's questions before a pass, and what became of their answers after it."""

    task: str
    rows: int = 0
    """With a short answer that is no sentence yet."""
    questions: int = 0
    """Different ones."""
    stored: int = 0
    in_batches: int = 0
    changed_prompt: int = 0
    """Answers in the store that other versions of the same prompts got."""
    to_ask: int = 0
    tokens: Usage = field(default_factory=Usage)
    """Of what is to be asked, estimated."""
    dollars: float | None = 0.0
    answered: int = 0
    """By this run."""
    paraphrased: int = 0
    fallen_back: Counter[str] = field(default_factory=Counter)
    """Rows with an answer that is not used, by reason."""
    open: int = 0
    """Rows without an answer."""
    spent: float | None = None
    """US dollars for all answers of the task, of every run."""

    def told(self) -> str:
        """What is known before anything is asked, for a person."""
        cost = "unknown" if self.dollars is None else f"{self.dollars:.4f} US dollars"
        unused = plural(self.changed_prompt, "answer")
        changed = f"; the prompt changed: {unused} of other versions unused" if self.changed_prompt else ""
        return (
            f"{self.task}: {plural(self.questions, 'question')}, {self.stored:,} answered, {self.in_batches:,} in "
            f"batches, {self.to_ask:,} to ask, about {sum(self.tokens):,} tokens, cost about {cost}{changed}"
        )

    @property
    def fallback_share(self) -> float | None:
        """Share of the answered rows that fell back to a template; the paper has less than 3 %."""
        judged = self.paraphrased + self.fallen_back.total()
        return self.fallen_back.total() / judged if judged else None


@dataclass(slots=True)
class PassReport:
    """What a pass found and did."""

    tasks: list[TaskPass] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    outcome: Outcome = field(default_factory=Outcome)
    spent: float | None = None
    """US dollars of this run."""
    collected: "Collected | None" = None
    """What batches brought."""


class Pair(NamedTuple):
    """A pair for a person."""

    id: str
    question: str
    answer: str
    output: str
    status: str
    reason: str | None


class Pass:
    """All questions of some tasks in one output folder; use it under the folder's lock."""

    def __init__(
        self,
        output: OutputFolder,
        store: AnswerStore,
        build: BuildSettings,
        settings: ParaphraseSettings,
        *,
        batch: bool = False,
        overwrite: bool = False,
    ) -> None:
        """Count costs at the price of the Batch API, where it will be used."""
        self.output = output
        self.batch = batch
        self.store = store
        self.settings = settings
        self.planner = Planner(output, build, overwrite=overwrite)
        self.build = build
        self.report = PassReport()
        self.summaries: list[Summary] = []
        self.recipe = Recipe(settings.model, settings.sampling, settings.templates)

    def plan(self, sources: Sequence[TaskSource], splits: Sequence[Split] | None) -> None:
        """Plan the splits and count their questions."""
        work: list[tuple[TaskSource, Split]] = []
        for task in sources:
            if not task.entry.task.paraphrased:
                why = "it has no short answers to paraphrase"
                self.report.notices.append(Notice(Kind.NO_SHORT_ANSWERS, task.entry.task.name, why))
                continue
            work += [(task, split) for split in self.planner.splits(task, splits)]
        replaced = [(task.entry.task.name, split.value) for task, split in work] if self.planner.overwrite else ()
        require_same_settings(self.output, self.build, replaced)
        for task, split in work:
            try:
                self.summaries.append(self.planner.plan(task, split))
            except PartError as error:
                self.report.errors.append(str(error))
        self.report.notices += self.planner.notices
        for name in dict.fromkeys(summary.task for summary in self.summaries):
            self.report.tasks.append(self._count(name))

    def _count(self, task: str) -> TaskPass:
        found = TaskPass(task)
        seen: set[str] = set()
        prompt = completion = 0
        for question, answer in self._all(task):
            found.rows += 1
            key = question.request.key
            if key in seen:
                continue
            seen.add(key)
            if self.store.has(key):
                found.stored += 1
            elif self.store.waiting(key):
                found.in_batches += 1
            else:
                prompt += prompt_tokens(question.request)
                completion += expected_tokens(answer)
        found.questions = len(seen)
        found.to_ask = found.questions - found.stored - found.in_batches
        found.tokens = Usage(prompt, completion)
        found.dollars = self.settings.dollars(self.settings.model, found.tokens, batch=self.batch)
        if found.to_ask:
            labels = [template.label for template in PromptMaker(self.recipe, "en").templates.values()]
            found.changed_prompt = sum(self.store.count(task, label, other_versions=True) for label in labels)
        return found

    def _all(self, task: str) -> Iterator[tuple[Question, str]]:
        for summary in self.summaries:
            if summary.task != task:
                continue
            maker = PromptMaker(self.recipe, summary.languages[0])
            for planned in tried_rows(self.output, summary):
                prompt = maker.prompt(planned.sample)
                if prompt is not None and planned.sample.answer is not None:
                    asked_for = AskedFor(task, prompt.template.label, self.recipe.model)
                    yield Question(prompt.request, asked_for), planned.sample.answer

    def open_questions(self) -> Iterator[Question]:
        """Every question without an answer, once, in the order of tasks and plans."""
        seen: set[str] = set()
        for each in self.report.tasks:
            for question, _ in self._all(each.task):
                key = question.request.key
                if key not in seen and not self.store.has(key) and not self.store.waiting(key):
                    seen.add(key)
                    yield question

    def choose(self) -> None:
        """Let builds look up the answers of these tasks with this pass's recipe."""
        for each in self.report.tasks:
            self.store.choose(each.task, self.recipe)

    def ask(self, progress: Progress) -> None:
        """Ask what is open."""
        self.choose()
        progress.asking(sum(each.to_ask for each in self.report.tasks))
        budget = Budget(self.settings.price(self.settings.model), self.settings.max_cost)
        self.report.outcome = _run(_ask(self.open_questions(), self.store, self.settings, budget, progress))
        self.report.spent = budget.spent if budget.price else None

    def submit(self) -> list[Batch]:
        """Hand in what is open as batches."""
        self.choose()
        return self._batched(lambda batches: batches.submit(self.open_questions()))

    def collect(self) -> "Collected":
        """Fetch what batches brought."""
        return self._batched(lambda batches: batches.collect())

    def _batched(self, work: Callable[["Batches"], Coroutine[Any, Any, T]]) -> T:
        return _run(_with_batches(self.store, self.settings, self.output, work))

    def judge(self) -> None:
        """Count what the build will make of each row."""
        for each in self.report.tasks:
            each.answered = self.report.outcome.answered[each.task]
            each.paraphrased, each.open = 0, 0
            for row in self.shown(each.task):
                if row.status == "paraphrased":
                    each.paraphrased += 1
                elif row.reason == NOT_ASKED:
                    each.open += 1
                elif row.reason not in (None, SENTENCE):
                    each.fallen_back[row.reason or ""] += 1
            costs = [
                self.settings.dollars(part.model, part.usage, batch=part.batch) for part in self.store.spent(each.task)
            ]
            each.spent = None if None in costs else sum(cost for cost in costs if cost is not None)

    def shown(self, task: str | None = None, count: int | None = None) -> Iterator[Pair]:
        """Rows with their short answer and what is made of it."""
        for summary in self.summaries:
            if task not in (None, summary.task):
                continue
            with StoredAnswers(self.output, summary, reads=True) as answers:
                rows = (
                    Pair(
                        f"{summary.task}/{summary.split}/{planned.sample.key}", planned.sample.inputs,
                        planned.sample.answer or "", answer.text, answer.status, answer.reason,
                    )
                    for planned in tried_rows(self.output, summary)
                    if (answer := answers.answer(planned.sample)) is not None
                )  # fmt: skip
                yield from rows if count is None else islice(rows, min(count, sys.maxsize))


@contextmanager
def _opened(
    output: OutputFolder,
    sources: Sequence[TaskSource],
    splits: Sequence[Split] | None,
    build: BuildSettings,
    settings: ParaphraseSettings,
    *,
    batch: bool = False,
    overwrite: bool = False,
) -> Iterator[Pass]:
    """A planned pass, under the folder's lock."""
    with Locked(output):
        check_same_settings(output, build, asked_for(sources, splits) if overwrite else ())
        with AnswerStore(output.answers) as store:
            work = Pass(output, store, build, settings, batch=batch, overwrite=overwrite)
            work.plan(sources, splits)
            yield work


def paraphrase(
    output: OutputFolder,
    sources: Sequence[TaskSource],
    splits: Sequence[Split] | None,
    build: BuildSettings,
    settings: ParaphraseSettings,
    progress: Progress,
    *,
    dry_run: bool = False,
    batch: BatchStep | None = None,
    overwrite: bool = False,
) -> PassReport:
    """Plan the tasks, ask what is open and keep each answer; see `m3it_build.api.paraphrase`."""
    with _opened(output, sources, splits, build, settings, batch=batch is not None, overwrite=overwrite) as work:
        if dry_run:
            return work.report
        if batch is BatchStep.COLLECT:
            work.report.collected = found = work.collect()
            for line in found.told():
                progress.note(line)
        else:
            for each in work.report.tasks:
                progress.note(each.told())
            if batch is None:
                work.ask(progress)
            else:
                for made in work.submit():
                    progress.note(f"batch {made.id}: {plural(made.requests, 'request')} handed in, {made.status}")
        work.judge()
        return work.report


def pairs(
    output: OutputFolder,
    sources: Sequence[TaskSource],
    splits: Sequence[Split] | None,
    build: BuildSettings,
    settings: ParaphraseSettings,
    count: int,
) -> list[Pair]:
    """The first rows with a short answer of each split, and what is made of them now; asks nobody."""
    with _opened(output, sources, splits, build, settings) as work:
        return list(work.shown(count=count))


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Run it to its end, in a thread of its own where this one has a loop already, as a notebook's has."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1, "asking") as thread:
        return thread.submit(asyncio.run, work).result()


async def _with_batches(
    store: AnswerStore,
    settings: ParaphraseSettings,
    output: OutputFolder,
    work: Callable[["Batches"], Coroutine[Any, Any, T]],
) -> T:
    """Do something with the Batch API, and close the connection."""
    from m3it_build.answers.batch import Batches
    from m3it_build.services.chat.openai import OpenAIChat

    chat = OpenAIChat(settings.base_url, settings.timeout)
    try:
        return await work(Batches(chat, store, output.batches))
    except CallFailed as failure:
        raise ServiceStop(f"{chat.address}: {failure.reason}. Run the same command again.", 1) from failure
    finally:
        await chat.close()


async def _ask(
    questions: Iterator[Question], store: AnswerStore, settings: ParaphraseSettings, budget: Budget, progress: Progress
) -> Outcome:
    from m3it_build.services.chat.openai import OpenAIChat

    chat = OpenAIChat(settings.base_url, settings.timeout)
    try:
        return await CallPool(chat, store, settings, budget, progress).run(questions)
    finally:
        with suppress(OSError):
            await chat.close()

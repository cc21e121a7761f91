"""Asks a chat model every question of a pass: many at a time, within limits, each answer kept before the next thing."""

import asyncio
import random
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from m3it_build.answers.settings import ParaphraseSettings
from m3it_build.answers.store import AnswerStore, AskedFor
from m3it_build.core.errors import M3itError
from m3it_build.core.progress import Progress
from m3it_build.core.stop import STOPS
from m3it_build.services.chat.budget import Budget, prompt_tokens
from m3it_build.services.chat.client import CallFailed, ChatClient, Request, ServiceStop, Usage
from m3it_build.services.chat.limits import CoolDown, Pace

FIRST_WAIT = 0.5
MOST_WAIT = 60.0
"""Seconds before a second try, doubling up to the most; less up to half by chance: calls do not return together."""


class Question(NamedTuple):
    """A request that is to be answered, and for what."""

    request: Request
    origin: AskedFor


@dataclass(slots=True)
class Outcome:
    """What a pass did."""

    answered: Counter[str] = field(default_factory=Counter)
    """By task."""
    failed: Counter[str] = field(default_factory=Counter)
    """By reason."""
    retries: int = 0
    stop: M3itError | None = None
    """Why it ended early."""
    interrupted: int = 0
    """The signal that ended it early."""


class CallPool:
    """One pass; a worker for each call in flight, so that memory does not grow with the questions."""

    def __init__(
        self, chat: ChatClient, store: AnswerStore, settings: ParaphraseSettings, budget: Budget, progress: Progress
    ) -> None:
        self.chat = chat
        self.store = store
        self.settings = settings
        self.budget = budget
        self.progress = progress
        self.outcome = Outcome()
        self.writer = ThreadPoolExecutor(1, "answers")
        """One thread writes: the disk's syncs hold up no call."""
        self.requests = Pace(settings.requests_per_minute)
        self.tokens = Pace(settings.tokens_per_minute)
        self.cool_down = CoolDown()
        self.stopping = asyncio.Event()
        self.reached = False
        self.failures = 0

    async def run(self, questions: Iterator[Question]) -> Outcome:
        """Ask until all is answered or a stop; calls in flight are always waited for, since they are paid."""
        workers = [asyncio.create_task(self._work(questions)) for _ in range(self.settings.concurrency)]
        with self._heeding_signals(workers):
            ended = await asyncio.gather(*workers, return_exceptions=True)
        errors = [error for error in ended if isinstance(error, Exception)]
        if errors and self.outcome.stop is None:
            raise errors[0]
        return self.outcome

    @contextmanager
    def _heeding_signals(self, workers: list[asyncio.Task[None]]) -> Iterator[None]:
        """Signals belong to the main thread: in another one, as of a notebook's loop, there is nothing to heed."""
        try:
            if threading.current_thread() is not threading.main_thread():
                yield
                return
            loop, before = asyncio.get_running_loop(), {each: signal.getsignal(each) for each in STOPS}
            heeded = {each: handler for each, handler in before.items() if handler not in (None, signal.SIG_IGN)}
            for each in heeded:
                loop.add_signal_handler(each, self._interrupt, each, workers)
            try:
                yield
            finally:
                for each, handler in heeded.items():
                    loop.remove_signal_handler(each)
                    signal.signal(each, handler)
        finally:
            self.writer.shutdown()

    def _interrupt(self, number: int, workers: list[asyncio.Task[None]]) -> None:
        """The first signal lets calls in flight end, the second does not."""
        if self.outcome.interrupted:
            for worker in workers:
                worker.cancel()
        self.outcome.interrupted = number
        self.stopping.set()

    async def _work(self, questions: Iterator[Question]) -> None:
        try:
            while not self.stopping.is_set() and (question := next(questions, None)) is not None:
                await self._ask(question)
        except M3itError as error:
            self._stop(error)
        except BaseException:
            self.stopping.set()
            raise

    def _stop(self, reason: M3itError) -> None:
        self.outcome.stop = self.outcome.stop or reason
        self.stopping.set()

    async def _ask(self, question: Question) -> None:
        """Try a question until it is answered or given up."""
        estimated = Usage(prompt_tokens(question.request), self.settings.longest_reply)
        tries = 0
        while True:
            answered_before = self.outcome.answered.total()
            await self._wait_for_turn(estimated)
            if self.stopping.is_set():
                return
            held = self.budget.hold(estimated)
            if held is None:
                raise ServiceStop(
                    f"the next call could exceed --max-cost ({self.budget.spent:.4f} of {self.budget.most:g} dollars "
                    "are spent). "
                    "Run again with more to go on.",
                    1,
                )
            try:
                reply = await self.chat.complete(question.request)
            except CallFailed as failure:
                self.budget.settle(held, estimated, failure.usage)
                limited_but_moving = failure.limited and self.outcome.answered.total() > answered_before
                tries += not limited_but_moving
                await self._after_failure(question, failure, tries)
                if not failure.again or tries >= self.settings.attempts:
                    return
                self.outcome.retries += 1
                continue
            except BaseException:
                self.budget.settle(held, estimated, Usage())
                raise
            self.budget.settle(held, estimated, reply.usage)
            self.tokens.correct(sum(reply.usage) - sum(estimated) if reply.usage.prompt else 0)
            self.reached = True
            await self._written(self.store.put, question.request.key, question.origin, reply)
            self.failures = 0
            self.outcome.answered[question.origin.task] += 1
            self.progress.answered(self.outcome.retries, self.budget.spent)
            if self.store.crowded:
                raise ServiceStop(
                    f"{self.store.path}: the disk is full. All answers are kept. Make room, then run again."
                )
            return

    async def _written(self, write: Callable[..., None], *values: object) -> None:
        done = asyncio.get_running_loop().run_in_executor(self.writer, lambda: write(*values))
        await asyncio.shield(done)

    async def _after_failure(self, question: Question, failure: CallFailed, tries: int) -> None:
        """Wait for the next try, or note that the question stays open."""
        self.reached |= failure.answered
        wait = failure.wait if failure.wait is not None else _backoff(max(1, tries))
        if wait > self.settings.longest_wait:
            raise ServiceStop(
                f"the server asks to wait {wait:.0f} s ({failure.reason}). Run again then; answers are kept.", 1
            )
        if not failure.again or tries >= self.settings.attempts:
            await self._give_up(question, failure)
        elif failure.limited:
            self.cool_down.start(wait)
        else:
            await self._pause(wait)

    async def _give_up(self, question: Question, failure: CallFailed) -> None:
        await self._written(self.store.fail, question.request.key, question.origin.task, failure.reason)
        self.outcome.failed[failure.reason] += 1
        self.progress.failed(failure.reason)
        self.failures += 1
        if not self.reached:
            raise ServiceStop(
                f"no answer comes from the base URL ({failure.reason}). Check --base-url and the network.", 1
            )
        if self.failures >= self.settings.failures_in_a_row:
            raise ServiceStop(f"{self.failures} questions in a row brought no answer, the last: {failure.reason}.", 1)

    async def _wait_for_turn(self, estimated: Usage) -> None:
        await self._pause(max(self.requests.delay(), self.tokens.delay(sum(estimated))))
        while (left := self.cool_down.delay()) > 0 and not self.stopping.is_set():
            await self._pause(left + random.uniform(0, min(1.0, left)))  # noqa: S311 - spreads calls, chooses no data

    async def _pause(self, seconds: float) -> None:
        """Sleep, unless the run stops."""
        if seconds > 0:
            try:
                await asyncio.wait_for(self.stopping.wait(), seconds)
            except TimeoutError:
                return


def _backoff(tries: int) -> float:
    most = min(MOST_WAIT, FIRST_WAIT * 2 ** (tries - 1))
    return random.uniform(most / 2, most)  # noqa: S311 - spreads calls, chooses no data

"""A pass of questions, whatever the model's server answers: nothing twice, nothing lost, nothing beyond the limits."""

import asyncio
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m3it_build.answers.pool import CallPool, Outcome, Question
from m3it_build.answers.settings import ParaphraseSettings
from m3it_build.answers.store import AnswerStore, AskedFor
from m3it_build.core.progress import Progress
from m3it_build.services.chat.budget import Budget, Price
from m3it_build.services.chat.client import CallFailed, Message, Reply, Request, ServiceStop, Usage

GOOD, AGAIN, LIMITED, REFUSED = "good", "try again", "too many", "refused"
USAGE = Usage(10, 5)


@dataclass
class Server:
    """A chat server that answers each question as its script says, then well."""

    scripts: Sequence[Sequence[str]]
    asked: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0
    most_in_flight: int = 0

    async def complete(self, request: Request) -> Reply:
        """As the script says."""
        name = request.messages[0].content
        turn = self.asked[name]
        self.asked[name] += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(0)
        finally:
            self.in_flight -= 1
        script = self.scripts[int(name)]
        does = script[turn] if turn < len(script) else GOOD
        if does != GOOD:
            raise CallFailed(does, again=does != REFUSED, limited=does == LIMITED, wait=0, usage=USAGE)
        return Reply(f"answer {name}", "stop", USAGE, {})


def request(number: int) -> Request:
    return Request("m", (Message("user", str(number)),), {})


def questions(count: int) -> Iterator[Question]:
    return (Question(request(number), AskedFor("okvqa", "default@1", "m")) for number in range(count))


def run(server: Server, path: Path, budget: Budget | None = None, **limits: object) -> tuple[Outcome, set[int]]:
    """Ask all questions; returns what the pass says, and which answers are stored."""
    chosen = ParaphraseSettings.model_validate({"model": "m", **limits})

    async def ask() -> Outcome:
        pool = CallPool(server, store, chosen, budget or Budget(None), Progress())
        return await pool.run(questions(len(server.scripts)))

    with AnswerStore(path) as store:
        outcome = asyncio.run(ask())
        stored = {number for number in range(len(server.scripts)) if store.has(request(number).key)}
    return outcome, stored


SCRIPTS = st.lists(st.lists(st.sampled_from([AGAIN, LIMITED, REFUSED]), max_size=4), max_size=12)


@given(SCRIPTS, st.integers(1, 5), st.integers(1, 4))
@settings(max_examples=60)
def test_each_question_is_answered_once_or_stays_open_with_its_reason(
    scripts: list[list[str]], concurrency: int, attempts: int
) -> None:
    server = Server([[GOOD], *scripts])  # the first answer shows that somebody is there
    with TemporaryDirectory() as folder:
        outcome, stored = run(
            server, Path(folder) / "a.sqlite", concurrency=concurrency, attempts=attempts, failures_in_a_row=99
        )
    assert outcome.answered.total() == len(stored)
    assert outcome.answered.total() + outcome.failed.total() == len(server.scripts)
    assert outcome.stop is None and not outcome.interrupted
    assert server.most_in_flight <= concurrency
    assert outcome.retries == server.asked.total() - len(server.scripts)
    for number, script in enumerate(server.scripts):
        times = server.asked[str(number)]
        good = next((place for place, does in enumerate([*script, GOOD]) if does == GOOD))
        assert (number in stored) == (times == good + 1)
        assert REFUSED not in script[: times - 1], "asked again after it was refused"
        if LIMITED not in script:  # which is no fault of the question while others are answered
            assert times <= attempts


@given(st.integers(0, 30), st.integers(1, 6))
@settings(max_examples=30)
def test_no_more_is_spent_than_allowed_however_many_calls_are_in_flight(dollars: int, concurrency: int) -> None:
    budget = Budget(Price(0, 1_000_000 / 5), most=dollars)  # a dollar an answer
    server = Server([[GOOD]] * 20)
    with TemporaryDirectory() as folder:
        outcome, stored = run(
            server, Path(folder) / "a.sqlite", budget, concurrency=concurrency, max_tokens=5, failures_in_a_row=99
        )
    assert budget.spent == pytest.approx(len(stored)) and len(stored) == min(20, dollars) == server.asked.total()
    assert (outcome.stop is not None) == (dollars < 20)
    assert budget.held == pytest.approx(0)


def test_questions_that_fail_in_a_row_end_the_pass(tmp_path: Path) -> None:
    server = Server([[GOOD], *[[REFUSED]] * 9])
    outcome, stored = run(server, tmp_path / "a.sqlite", concurrency=1, failures_in_a_row=3)
    assert "3 questions in a row" in str(outcome.stop)
    assert (stored, server.asked.total()) == ({0}, 4)


def test_where_nobody_ever_answered_the_first_failure_ends_the_pass(tmp_path: Path) -> None:
    class Nobody(Server):
        async def complete(self, request: Request) -> Reply:
            self.asked[request.messages[0].content] += 1
            raise CallFailed("no route", again=False, answered=False)

    server = Nobody([[GOOD]] * 9)
    outcome, _ = run(server, tmp_path / "a.sqlite", concurrency=1)
    assert "no answer comes from the base URL (no route)" in str(outcome.stop)
    assert server.asked.total() == 1


def test_a_stop_lets_calls_in_flight_end_and_keeps_their_answers(tmp_path: Path) -> None:
    class Stops(Server):
        async def complete(self, request: Request) -> Reply:
            if request.messages[0].content == "3":
                raise ServiceStop("the key is bad")
            return await super().complete(request)

    outcome, stored = run(Stops([[GOOD]] * 50), tmp_path / "a.sqlite", concurrency=4)
    assert str(outcome.stop) == "the key is bad"
    assert {0, 1, 2} <= stored and len(stored) < 10


def test_ctrl_c_lets_calls_in_flight_end_and_begins_none(tmp_path: Path) -> None:
    class Interrupted(Server):
        async def complete(self, request: Request) -> Reply:
            if request.messages[0].content == "5":
                signal.raise_signal(signal.SIGINT)
            return await super().complete(request)

    server, before = Interrupted([[GOOD]] * 50), signal.getsignal(signal.SIGINT)
    outcome, stored = run(server, tmp_path / "a.sqlite", concurrency=3)
    assert outcome.interrupted and outcome.stop is None
    assert stored == {int(name) for name in server.asked}
    assert 5 in stored and len(stored) < 12
    assert signal.getsignal(signal.SIGINT) is before

"""Tokens and money: estimated before a call, counted after it."""

from dataclasses import dataclass
from typing import NamedTuple

from m3it_build.services.chat.client import Request, Usage

MILLION = 1_000_000
PER_MESSAGE = 5
"""Tokens that a chat format adds to each message."""
BATCH_SHARE = 0.5
"""The Batch API costs half."""


class Price(NamedTuple):
    """US dollars for a million tokens."""

    input: float
    output: float

    def of(self, usage: Usage, *, batch: bool = False) -> float:
        """Dollars for so many tokens."""
        dollars = (usage.prompt * self.input + usage.completion * self.output) / MILLION
        return dollars * BATCH_SHARE if batch else dollars


def estimate_tokens(text: str) -> int:
    """About what a tokenizer would count: four ASCII letters a token, one and a bit for each other character."""
    ascii_letters = len(text.encode("ascii", "ignore"))
    return round(ascii_letters / 4 + (len(text) - ascii_letters) * 1.2)


def prompt_tokens(request: Request) -> int:
    """Tokens of a whole request."""
    return sum(PER_MESSAGE + estimate_tokens(turn.content) for turn in request.messages)


def expected_tokens(answer: str) -> int:
    """Tokens of the sentence around a short answer: what a dry run counts with."""
    return 14 + estimate_tokens(answer)


@dataclass(slots=True)
class Budget:
    """What was spent, what calls in flight may still cost, and what may be spent at most."""

    price: Price | None
    most: float | None = None
    spent: float = 0.0
    held: float = 0.0
    scale: float = 1.0
    """The largest ratio of counted to estimated prompt tokens so far: an estimate that was too low is raised."""

    def hold(self, estimated: Usage) -> float | None:
        """Set aside what a call may cost at most; None if that would exceed the budget."""
        if self.price is None:
            return 0.0
        dollars = self.price.of(Usage(round(estimated.prompt * self.scale), estimated.completion))
        if self.most is not None and self.spent + self.held + dollars > self.most:
            return None
        self.held += dollars
        return dollars

    def settle(self, held: float, estimated: Usage, counted: Usage) -> None:
        """Replace what was set aside by what the server counted."""
        self.held -= held
        if self.price is not None:
            self.spent += self.price.of(counted)
        if counted.prompt > estimated.prompt * self.scale:
            self.scale = counted.prompt / max(1, estimated.prompt)

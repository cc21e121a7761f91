"""What most of the people who were asked mean, and how most of those say it."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

DIGITS = {
    word: str(number)
    for number, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    )
} | {"none": "0"}
ARTICLES = {"a", "an", "the"}
UNHEARD = re.compile(r"[,?'’]|\.(?!\d)")
"""Goes without a trace."""
PARTING = re.compile(r"[;/\[\]\"{}()=+\\_\-><@`!]")
"""Goes, and parts words."""


class Vote(NamedTuple):
    """The winner of a vote."""

    text: str
    answers: int
    """How many meant it, however they spelled it."""


def vote(answers: Iterable[tuple[str, str]]) -> Vote | None:
    """The meaning of most people in the spelling of most of those; of equals the first. None where nobody answered.

    Args:
        answers: Of each its meaning, by which they are counted, and how it was written; without one the writing counts.
    """
    spellings: dict[str, list[str]] = {}
    for meant, written in answers:
        if written:
            spellings.setdefault(meant or written, []).append(written)
    said = max(spellings.values(), key=len, default=[])
    return Vote(max(said, key=said.count), len(said)) if said else None


def meaning(text: str) -> str:
    """What VQA's metric compares: no case, punctuation or articles, and digits for number words.

    As VQAEval and, for TextVQA, EvalAI have it, but that apostrophes go: "mcdonalds" is "McDonald's". A text of which
    nothing is left, as "A", means itself in small letters.
    """
    plain = PARTING.sub(" ", UNHEARD.sub("", text.lower()))
    return " ".join(DIGITS.get(word, word) for word in plain.split() if word not in ARTICLES) or text.lower().strip()


def agreement(answers: Iterable[Any], target: str) -> int:
    """How many answers mean what the target means; what is no text means nothing."""
    wanted = meaning(target)
    return sum(meaning(answer) == wanted for answer in answers if isinstance(answer, str))

"""What most of the people who were asked mean, and how most of those say it."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

DIGITS = {
    word: str(number)
    for number, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    )
} | {"none": "0"}
T = TypeVar("T")
TEN = 10
"""People who answered a question of VQA v2, OK-VQA (five, each counted twice), A-OKVQA and TextVQA, always."""
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


def whole(answers: Sequence[T], people: int) -> Sequence[T]:
    """The answers, if there are as many as the source gives to each question.

    Raises:
        ValueError: there are fewer, as where somebody wrote the file anew and lost some: the most frequent one of
            those that are left may be the minority's.
    """
    if len(answers) < people:
        raise ValueError(f"{len(answers)} answers, where each question has {people}: fetch the file again")
    return answers


def agreement(answers: Iterable[Any], target: str) -> int:
    """How many answers mean what the target means; what is no text means nothing."""
    wanted = meaning(target)
    return sum(meaning(answer) == wanted for answer in answers if isinstance(answer, str))

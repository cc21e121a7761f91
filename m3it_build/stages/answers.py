"""Short answers become sentences (paper, 3.2 stage II and III): stored paraphrase, else template, else the answer itself."""

from enum import StrEnum
from typing import Any, NamedTuple


class Answers(StrEnum):
    """How a short answer is written out."""

    TEMPLATE = "template"
    ORIGINAL = "original"


class Answered(NamedTuple):
    """The output and what `meta.paraphrase` says about it."""

    text: str
    facts: dict[str, Any]


def answer_text(question: str, answer: str, mode: Answers) -> Answered:
    """The output for a short answer."""
    if mode is Answers.ORIGINAL:
        return Answered(answer, {"status": "original"})
    return Answered(template(question, answer), {"status": "template"})


def template(question: str, answer: str) -> str:
    """A plain sentence that holds the answer unchanged."""
    chinese = any("\u3400" <= char <= "\u9fff" for char in question + answer)
    stop = "" if answer[-1] in ".!?。！？" else "。" if chinese else "."
    return f"答案是{answer}{stop}" if chinese else f"The answer is {answer}{stop}"

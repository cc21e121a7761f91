"""Short answers become sentences: stored paraphrase, else template, else the answer itself.

Paper, 3.2, stages II and III.
"""

import re
from enum import StrEnum
from typing import Any, NamedTuple

from m3it_build.stages.options import with_stop

CHINESE = re.compile("[\u3400-\u9fff]")


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
    chinese = CHINESE.search(question) or CHINESE.search(answer)
    return with_stop(f"答案是{answer}" if chinese else f"The answer is {answer}")

"""Short answers become sentences: stored paraphrase, else template, else the answer itself.

Paper, 3.2, stages II and III.
"""

from typing import Any, NamedTuple

from m3it_build.answers.filters import Paraphrase, why_rejected
from m3it_build.answers.templates import template
from m3it_build.core.sentences import is_sentence
from m3it_build.core.task import Answers
from m3it_build.core.text import tidy


class ModelText(NamedTuple):
    """What a chat model made of a short answer."""

    text: str
    finish: str
    model: str
    example: str
    """The worked example of the prompt, which must not show."""


class WrittenAnswer(NamedTuple):
    """The output and what `meta.paraphrase` says about it."""

    text: str
    status: str
    """paraphrased, template or original."""
    model: str | None = None
    reason: str | None = None
    """Why there is no paraphrase."""

    @property
    def facts(self) -> dict[str, Any]:
        """As in `meta.paraphrase`."""
        facts = {"status": self.status, "model": self.model, "reason": self.reason}
        return {name: value for name, value in facts.items() if value is not None}


NOT_ASKED = "not asked"
NO_TEMPLATE = "no template fits"
SENTENCE = "a sentence already"


def answer_text(question: str, answer: str, mode: Answers, reply: ModelText | None = None) -> WrittenAnswer:
    """The output for a short answer; `reply` is what is stored for it."""
    if mode is Answers.ORIGINAL:
        return WrittenAnswer(answer, "original")
    if is_sentence(answer):
        return WrittenAnswer(answer, "original", reason=SENTENCE)
    if mode is Answers.TEMPLATE:
        answered = _without(question, answer, NO_TEMPLATE)
        return answered._replace(reason=None) if answered.status == "template" else answered
    if reply is None:
        return _without(question, answer, NOT_ASKED)
    reason = why_rejected(Paraphrase(question, answer, reply.text, reply.finish, reply.example))
    if reason is not None:
        return _without(question, answer, reason.value, reply.model)
    return WrittenAnswer(tidy(reply.text), "paraphrased", reply.model)


def _without(question: str, answer: str, reason: str, model: str | None = None) -> WrittenAnswer:
    """What stands for a paraphrase that is not there: a template sentence, or the answer where none fits."""
    sentence = template(question, answer)
    return WrittenAnswer(sentence or answer, "template" if sentence else "original", model, reason)

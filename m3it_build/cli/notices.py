"""What was passed over, or is not as it could be, for a person.

What nobody can mend comes first and short, what they can mend last and in full.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from m3it_build.core.plural import plural
from m3it_build.plan.planner import Kind, Notice

FEW = 3
"""Notices of a kind that are told one by one."""


class Phrase(NamedTuple):
    """How many notices of a kind are told in one line."""

    noun: str
    why: str


PHRASES = {
    Kind.UNLABELLED: Phrase("split", "as the sources do not give them, or not their answers"),
    Kind.NOT_IN_PAPER: Phrase("split", "as the paper has no rows of them; --preset full takes them"),
    Kind.NO_SHORT_ANSWERS: Phrase("task", "as they have no short answers to paraphrase"),
}
"""Of those kinds that nobody has to look into one by one."""


def told(notices: Sequence[Notice], undone: str, *, every: bool) -> Iterator[str]:
    """A line each, or one for many of a kind.

    Args:
        notices: Of one command.
        undone: What the command did not do with them, as "not built".
        every: Tell each by itself.
    """
    for kind in Kind:
        mine = [notice for notice in notices if notice.kind is kind]
        phrase = PHRASES.get(kind)
        if len(mine) <= FEW or every or phrase is None:
            yield from (line(notice, undone) for notice in mine)
        else:
            names = ", ".join(notice.name for notice in mine)
            yield f"{plural(len(mine), phrase.noun)} {undone}, {phrase.why} (each with its reason: -v): {names}"


def line(notice: Notice, undone: str) -> str:
    """One notice."""
    if not notice.kind.passed_over:
        return f"{notice.name}: {notice.why}"
    mend = ", and you can mend it" if notice.kind is Kind.MISSING else ""
    return f"{notice.name}: {undone}{mend}: {notice.why}"

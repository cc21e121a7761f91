"""What was passed over, for a person: what nobody can mend first and short, what they can mend last and in full."""

from collections.abc import Iterator, Sequence

from m3it_build.core.plural import plural
from m3it_build.run.planning import Kind, Notice

FEW = 3
"""Notices of a kind that are told one by one."""


def told(notices: Sequence[Notice], *, every: bool) -> Iterator[str]:
    """A line each, or one for many of a kind; `every` tells each."""
    for kind in Kind:
        mine = [notice for notice in notices if notice.kind is kind]
        if len(mine) <= FEW or every or kind is Kind.MISSING:
            yield from map(str, mine)
        else:
            names = ", ".join(notice.name for notice in mine)
            yield f"{plural(len(mine), 'split')} not built, as {kind.value} (each with its reason: -v): {names}"

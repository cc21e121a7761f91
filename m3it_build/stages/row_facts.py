"""What a finished row has that an instruction may speak of; read off the row, so that anyone can check it."""

from collections.abc import Collection, Mapping
from typing import Any

from m3it_build.core.instructions import Need, RowFacts
from m3it_build.core.sentences import count_sentences, reads_as_sentence

WRITTEN_OUT = ("paraphrased", "template")
"""Statuses of `meta.paraphrase` under which a short answer stands in a sentence."""
OF_SENTENCES = frozenset({Need.ONE_SENTENCE, Need.SEVERAL_SENTENCES, Need.FIVE_SENTENCES})


def row_facts(outputs: str, meta: Mapping[str, Any], needs: Collection[Need] = tuple(Need)) -> RowFacts:
    """The facts of a row.

    Args:
        outputs: Its target, as written.
        meta: Its meta, with pictures, options, regions and traits.
        needs: Those that are asked for; sentences are counted only for one that speaks of them.
    """
    traits = meta.get("traits")
    has = {need for need in Need if need in traits} if traits else set()
    if meta.get("options"):
        has.add(Need.OPTIONS)
    if meta.get("regions"):
        has.add(Need.BOXES)
    pictures = len(meta["images"])
    if pictures:
        has.add(Need.ONE_IMAGE if pictures == 1 else Need.SEVERAL_IMAGES)
    if not OF_SENTENCES.isdisjoint(needs):
        sentences = count_sentences(outputs)
        has.add(Need.ONE_SENTENCE if sentences <= 1 else Need.SEVERAL_SENTENCES)
        if sentences == 5:
            has.add(Need.FIVE_SENTENCES)
    paraphrase = meta.get("paraphrase") or {}
    written_out = paraphrase.get("status") in WRITTEN_OUT
    return RowFacts(written_out or reads_as_sentence(outputs), frozenset(has))

"""What a finished row has that an instruction may speak of; read off the row, so that anyone can check it."""

import re
from collections.abc import Mapping
from typing import Any

from m3it_build.core.instructions import Need, RowFacts
from m3it_build.stages.answer_templates import SENTENCE_VERBS
from m3it_build.stages.words import is_chinese

WRITTEN_OUT = ("paraphrased", "template")
"""Statuses of `meta.paraphrase` under which a short answer stands in a sentence."""
ENDS = (".", "!", "?", "。", "！", "？")
SUBJECTS = frozenset(["i", "you", "he", "she", "it", "we", "they", "there", "yes", "no"])
"""What a sentence begins with and a phrase does not."""
_CLOSERS = "\"'”’)]」』）"
_MARKS = _CLOSERS + ".,;:!?"
_CHINESE_END = re.compile(r"[。！？]+[”’」』）]*")
_ABBREVIATED = re.compile(r"[a-hj-z]|(?:[a-z]\.)+[a-z]|mr|mrs|ms|dr|st|jr|sr|prof|vs|ft", re.IGNORECASE)
CHINESE_SENTENCE = 8
"""Characters, the stop included."""


def row_facts(outputs: str, meta: Mapping[str, Any]) -> RowFacts:
    """The facts of a row.

    Args:
        outputs: Its target, as written.
        meta: Its meta, with pictures, options, regions and traits.
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
    sentences = count_sentences(outputs)
    has.add(Need.ONE_SENTENCE if sentences <= 1 else Need.SEVERAL_SENTENCES)
    if sentences == 5:
        has.add(Need.FIVE_SENTENCES)
    paraphrase = meta.get("paraphrase") or {}
    written_out = paraphrase.get("status") in WRITTEN_OUT
    return RowFacts(written_out or reads_as_sentence(outputs), frozenset(has))


def count_sentences(text: str) -> int:
    """How many sentences a text has, by its stops; what follows the last one counts too."""
    words = [word.rstrip(_CLOSERS) for word in _CHINESE_END.sub(r"\g<0> ", text).split()]
    ends = [word.endswith(ENDS) and not _ABBREVIATED.fullmatch(word.rstrip(".")) for word in words]
    return sum(ends[:-1]) + bool(words)


def reads_as_sentence(text: str) -> bool:
    """Whether a text is a sentence beyond doubt: it ends like one, is long enough, and has a subject or a verb."""
    text = text.strip()
    if is_chinese(text):
        return text.endswith(ENDS) and len(text) >= CHINESE_SENTENCE
    words = [word.strip(_MARKS) for word in text.lower().split()]
    if len(words) < 3 or not text.rstrip(_CLOSERS).endswith(ENDS):
        return False
    return words[0] in SUBJECTS or not SENTENCE_VERBS.isdisjoint(words[1:])

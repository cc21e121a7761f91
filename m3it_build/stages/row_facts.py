"""What a finished row has that an instruction may speak of; read off the row, so that anyone can check it."""

import itertools
import re
from collections.abc import Collection, Mapping
from typing import Any

from m3it_build.core.instructions import Need, RowFacts
from m3it_build.core.text import CLOSERS, PAUSES, STOPS, ends_sentence
from m3it_build.stages.answer_templates import SENTENCE_VERBS, is_sentence
from m3it_build.stages.words import is_chinese

WRITTEN_OUT = ("paraphrased", "template")
"""Statuses of `meta.paraphrase` under which a short answer stands in a sentence."""
OF_SENTENCES = frozenset({Need.ONE_SENTENCE, Need.SEVERAL_SENTENCES, Need.FIVE_SENTENCES})
SUBJECTS = frozenset(["i", "you", "he", "she", "it", "we", "they", "there", "yes", "no"])
"""What a sentence begins with and a phrase does not."""
_MARKS = CLOSERS + "".join((*STOPS, *PAUSES))
_CHINESE_END = re.compile(rf"[。！？]+[{re.escape(CLOSERS)}]*")
"""No blank follows it."""
_ABBREVIATED = re.compile(
    r"[a-hj-z]|(?:[a-z]\.)+[a-z]|mrs?|ms|dr|st|mts?|ft|prof|gen|col|capt|lt|sgt|rev|hon|gov|sen|rep|pres|vs|approx|fig|"
    r"vol|dept|cf|ca|incl|esp",
    re.IGNORECASE,
)
"""Before its stop a sentence goes on."""
_NUMBERED = re.compile(r"nos?|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|pp?|ch", re.IGNORECASE)
"""And these before a figure: "No. 5"."""
_OFTEN_LAST = re.compile(r"etc|inc|ltd|co|corp|bros|jr|sr|ave|blvd|rd|hwy|lbs?|oz|al", re.IGNORECASE)
"""And these unless a capital follows."""


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


def count_sentences(text: str) -> int:
    """How many sentences a text has, by its stops; what follows the last one counts too."""
    words = _CHINESE_END.sub(r"\g<0> ", text).split()
    return sum(_ends(word, after) for word, after in itertools.pairwise(words)) + bool(words)


def _ends(word: str, after: str) -> bool:
    """Whether a sentence ends with a word that is not the last."""
    if not ends_sentence(word):
        return False
    bare = word.strip(CLOSERS + "([").rstrip(".")
    if _OFTEN_LAST.fullmatch(bare):
        return after[0].isupper()
    return not (_ABBREVIATED.fullmatch(bare) or (_NUMBERED.fullmatch(bare) and after[0].isdecimal()))


def reads_as_sentence(text: str) -> bool:
    """Whether a text is a sentence beyond doubt: it ends like one, is long enough, and has a subject or a verb."""
    text = text.strip()
    if is_chinese(text):
        return is_sentence(text)
    words = [word.strip(_MARKS) for word in text.lower().split()]
    if len(words) < 3 or not ends_sentence(text):
        return False
    return words[0] in SUBJECTS or not SENTENCE_VERBS.isdisjoint(words[1:])

"""Whether a text is a sentence, and how many it has."""

import itertools
import re

from m3it_build.core.text import CLOSERS, PAUSES, STOPS, ends_sentence
from m3it_build.core.writing import HAN, is_chinese

_VERBS = (
    "is are was were am has have had do does did can could will would should may might must be need needs cannot isn't "
    "aren't don't"
)
SENTENCE_VERBS = frozenset(_VERBS.split())
CHINESE_SENTENCE = 7
"""Chinese characters from which a text with a stop is taken for a sentence."""
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


def is_sentence(answer: str) -> bool:
    """Whether an answer already is a sentence: it ends like one, is long enough, and has a verb."""
    if is_chinese(answer):
        return ends_sentence(answer) and len(HAN.findall(answer)) >= CHINESE_SENTENCE
    words = answer.rstrip(".!?").lower().split()
    return answer.endswith((".", "!", "?")) and len(words) >= 4 and not SENTENCE_VERBS.isdisjoint(words[1:])


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

"""Words and numbers of short answers, compared the way a reader compares them."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from Levenshtein import distance

from m3it_build.answers.tables import rules, word_list

_TOKEN = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)?|[$%€£]")
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")

ONES = word_list("ones")
TENS = word_list("tens")
NUMBERS = {word: value for value, word in enumerate(ONES)} | {word: 10 * place for place, word in enumerate(TENS, 2)}
SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
AMOUNTS = {
    0: {"no", "none", "not", "nobody", "nothing", "without", "any"},
    1: {"a", "an", "single", "only"},
    2: {"pair", "both", "couple"},
}
HAN_NUMBERS = {char: str(value) for value, char in enumerate("零一二三四五六七八九十")} | {"两": "2"}
SMALL = frozenset(word_list("small"))
"""Words that an answer may lose without being lost itself."""


@cache
def plain(text: str) -> str:
    """Without case, accents and typographic apostrophes."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.replace("’", "'").casefold())
    return "".join(char for char in apart if not unicodedata.combining(char))


def tokens(text: str) -> list[str]:
    """Words, numbers and currency signs; "1,250.00" is one token, "don't" too."""
    return _TOKEN.findall(plain(text))


def content(words: Sequence[str]) -> list[str]:
    """The words that carry the meaning; all, if none does."""
    return [word for word in words if word not in SMALL and word not in "$€£"] or list(words)


def number(word: str) -> float | None:
    """The value of a figure or of a number word."""
    if word[0].isdigit():
        if _GROUPED.fullmatch(word):
            word = word.replace(",", "")
        try:
            return float(word)
        except ValueError:
            return None
    return NUMBERS.get(word)


def numbers(words: Sequence[str]) -> set[float]:
    """All values that are named, "twenty five" as 25, "two hundred" as 200."""
    found: set[float] = set()
    run: float | None = None
    for word in (*words, ""):
        scale = SCALES.get(word)
        value = NUMBERS.get(word)
        if scale is not None:
            run = (run or 1) * scale
        elif (
            value is not None
            and run is not None
            and value < 100
            and (run % 100 == 0 or (value < 10 and run % 10 == 0))
            and run >= 20
        ):
            run += value
        elif not (word == "and" and run is not None and run >= 100):
            if run is not None:
                found.add(run)
            run = float(value) if value is not None else None
            if word and word[0].isdigit() and (figure := number(word)) is not None:
                run = figure
    return found


@cache
def stem(word: str) -> str:
    """A word without its inflection: "racing", "races" and "race" are one."""
    for ending in ("ings", "ing", "ied", "ies", "ers", "es", "ed", "s", "e"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= (3 if ending not in ("ies", "ied") else 2):
            if ending in ("ied", "ies"):
                return rest + "i"
            if (
                ending in ("ing", "ings", "ed", "ers")
                and len(rest) > 3
                and rest[-1] == rest[-2]
                and rest[-1] not in "ls"
            ):
                return rest[:-1]
            return rest[:-1] + "i" if rest[-1] == "y" else rest
    return word[:-1] + "i" if len(word) > 2 and word[-1] == "y" else word


def same_word(first: str, second: str) -> bool:
    """Whether two words are one: equal, inflected, of one meaning, or spelled a little differently."""
    if first == second:
        return True
    if number(first) is not None or number(second) is not None:
        return number(first) == number(second)
    first, second = first.removesuffix("'s"), second.removesuffix("'s")
    same = rules().same
    if same.get(first, first) == same.get(second, second) or stem(first) == stem(second):
        return True
    return _spelled_alike(re.sub(r"tre$", "ter", first), re.sub(r"tre$", "ter", second))


def _spelled_alike(first: str, second: str) -> bool:
    limits, shorter = rules(), min(len(first), len(second))
    if shorter < limits.spelling_insert or first[0] != second[0]:
        return False
    apart = distance(first, second, score_cutoff=2)
    if apart == 0:
        return True
    if apart == 1:
        return len(first) != len(second) or shorter >= limits.spelling_change
    return apart == 2 and shorter >= limits.spelling_two


def han_figures(text: str) -> str:
    """Chinese numerals up to ten as figures."""
    return "".join(HAN_NUMBERS.get(char, char) for char in text)

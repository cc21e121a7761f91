"""Tokens back to the text that was typed: where the tokenizer cut, a blank goes in only where one was.

Every punctuation mark is a token of its own ("isn ' t", "well - dressed", "5 : 30"). Most marks lean to one side or to
both; of quotation marks and apostrophes, which lean to either, the side follows from their partners and neighbours.
A token with blanks in it is a phrase that was put in: punctuation and 's close up to it, hyphens and slashes do not.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Flag, auto


class Leaning(Flag):
    """On which sides a token stands without a blank."""

    NEITHER = 0
    LEFT = auto()
    RIGHT = auto()
    BOTH = LEFT | RIGHT


NEITHER, LEFT, RIGHT, BOTH = Leaning.NEITHER, Leaning.LEFT, Leaning.RIGHT, Leaning.BOTH

CLOSING = frozenset({".", ",", ";", ":", "!", "?", "%", ")", "]", "}", "”", "…", "°"})
OPENING = frozenset({"(", "[", "{", "“", "``", "‘", "$", "£", "€"})
APOSTROPHES = frozenset({"'", "’"})
SUFFIXES = frozenset({"s", "re", "ve", "ll", "d", "m", "t"})
"""Behind an apostrophe: "it's", "they're", "isn't"."""
PREFIXES = frozenset({"o", "y", "c", "d", "l", "ma", "ne"})
"""Before an apostrophe inside a word: "o'clock", "y'all", "ma'am"."""
ELIDED = frozenset({"em", "til", "till", "cause", "cuz", "bout", "round", "tis", "twas"})
"""Behind an apostrophe that stands for what the word has lost: "get 'em"."""
SPEAKING = frozenset({
    "says", "asks", "tells", "yells", "shouts", "screams", "whispers", "thinks", "reads", "means", "is", "was", "as",
    "words", "this", "replies", "answers", "responds",
})  # fmt: skip
"""End in s, and a quotation may follow; behind other words in s an apostrophe is a possessive's: "the girls' room"."""
APART = frozenset({
    "he", "she", "it", "they", "we", "i", "you", "the", "a", "an", "this", "that", "these", "those", "his",
    "her", "their", "there", "is", "are", "was", "were", "but", "because", "so", "if", "who", "what", "which",
    "maybe", "perhaps", "probably", "not",
})  # fmt: skip
"""Begin a new thought behind a dash; no compound ends in them."""
NEVER_COMPOUND = frozenset({"he", "she", "they", "we", "i", "because", "but", "maybe", "perhaps", "probably"})
"""Begin a new thought also where another dash is near."""
BEFORE_DASHES = frozenset({
    "because", "but", "although", "though", "is", "are", "was", "were", "maybe", "perhaps", "probably",
})  # fmt: skip
"""No compound begins with them."""
INTERJECTIONS = frozenset({
    "well", "oh", "uh", "um", "hmm", "yes", "no", "yeah", "okay", "ok", "sadly", "obviously",
})  # fmt: skip
"""May stand between two dashes."""
DIGITS = {".": re.compile(r"\d"), ",": re.compile(r"\d{3}(?!\d)"), ":": re.compile(r"\d\d(?!\d)")}
"""What follows a mark inside a number: "2.5", "1,000", "5:30"."""


def detokenized(tokens: Sequence[str]) -> str:
    """The tokens as one text."""
    words = [word for token in tokens if (word := " ".join(token.split()))]
    opens = dict(_quotation_marks(words)) | dict(_apostrophes(words))
    leanings = [leaning(words, place, opens) for place in range(len(words))]
    text = ""
    for place, word in enumerate(words):
        closed = not place or LEFT in leanings[place] or RIGHT in leanings[place - 1]
        text += word if closed else f" {word}"
    return text


def ends_in_quotation(words: Sequence[str]) -> bool:
    """Whether the last word is a quotation mark that closes, where another word follows."""
    last = len(words) - 1
    if not words or words[last] not in {'"', "”", "’", "'", "''"}:
        return False
    marks = dict(_quotation_marks([*words, "x"])) | dict(_apostrophes([*words, "x"]))
    return marks.get(last, LEFT) is LEFT


def leaning(words: Sequence[str], place: int, opens: Mapping[int, Leaning]) -> Leaning:
    """On which sides a token of a text leans."""
    word, before, after = words[place], _at(words, place - 1), _at(words, place + 1)
    if place in opens:
        return opens[place]
    if word in OPENING:
        return BOTH if words[place : place + 3] == ["(", "s", ")"] else RIGHT  # "the person(s)"
    if word == "#":
        return RIGHT if after.isdecimal() else NEITHER
    if (before.isdecimal() and word in DIGITS and DIGITS[word].match(after)) or _is_in_initials(words, place):
        return BOTH
    if CLOSING.issuperset(word):
        return LEFT
    if word == "-":
        return _hyphen(words, place)
    if word == "/":
        return BOTH if _is_word(before) and _is_word(after) else NEITHER
    if word == "&":
        return BOTH if len(before) == len(after) == 1 and before.isupper() else NEITHER  # "R&B"
    if word[0] in APOSTROPHES and word[1:].lower() in SUFFIXES:
        return LEFT
    return LEFT if word.lower() in {"n't", "n’t", "''"} else NEITHER


def _is_in_initials(words: Sequence[str], place: int) -> bool:
    """Whether a stop stands inside "U.S." or "a.m."."""
    letters = _at(words, place - 1) + _at(words, place + 1)
    return words[place] == _at(words, place + 2) == "." and len(letters) == 2 and letters.isalpha()


def _hyphen(words: Sequence[str], place: int) -> Leaning:
    """A hyphen leans to both sides, a dash to neither."""
    before, after = _at(words, place - 1), _at(words, place + 1)
    if before == "-":
        return LEFT  # "--"
    if after == "-":
        return NEITHER
    if not _is_word(after):
        return LEFT if _is_word(before) and " " not in after else NEITHER
    chained = "-" in (_at(words, place - 2), _at(words, place + 2))
    apart = APART if not chained else NEVER_COMPOUND
    if not _is_word(before) or after.lower() in apart or before.lower() in BEFORE_DASHES:
        return NEITHER
    if _is_interjection(words, place + 1) or (_is_interjection(words, place - 1) and after.lower() in APART):
        return NEITHER
    suspended = after.lower() in {"and", "or", "to"} and not chained and _at(words, place + 3) == "-"
    return LEFT if suspended else BOTH  # "two- and three-year-olds"


def _is_interjection(words: Sequence[str], place: int) -> bool:
    """Whether a word between two dashes is none of a compound: "because - well - he is late"."""
    if _at(words, place).lower() not in INTERJECTIONS or _at(words, place - 1) != "-" or _at(words, place + 1) != "-":
        return False
    after = _at(words, place + 2)
    return " " in after or after.lower() in APART


def _quotation_marks(words: Sequence[str]) -> Iterator[tuple[int, Leaning]]:
    """Straight quotation marks by turns; one without a partner closes what stands before it, if anything does."""
    places = [place for place, word in enumerate(words) if word == '"']
    for turn, place in enumerate(places):
        opens = turn % 2 == 0
        if opens and turn == len(places) - 1:  # without a partner: cut off, or inches
            opens = not place or (_is_word(_at(words, place + 1)) and not words[place - 1].isdecimal())
        yield place, RIGHT if opens else LEFT


def _apostrophes(words: Sequence[str]) -> Iterator[tuple[int, Leaning]]:
    """Apostrophes, inside and at the end of words, and those among them that are quotation marks."""
    unsure: list[int] = []
    for place, word in enumerate(words):
        if word in APOSTROPHES:
            known = _inside(words, place)
            if known is None:
                unsure.append(place)
            else:
                yield place, known
    quoting = False
    for turn, place in enumerate(unsure):
        rest = unsure[turn + 1 :]
        if quoting:
            possessive = bool(rest) and words[place - 1].endswith("s") and _is_word(_at(words, place + 1))
            quoting = possessive
            yield place, LEFT
        elif place and not _opens(words, place, rest):
            yield place, LEFT
        else:
            quoting = bool(rest)
            yield place, RIGHT


def _inside(words: Sequence[str], place: int) -> Leaning | None:
    """How an apostrophe leans that cannot be a quotation mark; none if it can."""
    before, after = _at(words, place - 1), _at(words, place + 1)
    if before.isdecimal() and after.isdecimal():
        return BOTH  # 6'2"
    if _is_word(before.split(" ")[-1]) and after.lower() in SUFFIXES:
        return BOTH
    if before.lower() in PREFIXES and after.isalpha():
        return BOTH
    if after.lower() in ELIDED or after[:1].isdecimal():
        return RIGHT  # "'em", "the '50s"
    return None


def _opens(words: Sequence[str], place: int, rest: Sequence[int]) -> bool:
    """Whether an apostrophe behind a word opens a quotation: another closes it, and it is no possessive's."""
    before = words[place - 1]
    if not rest:
        return not _is_word(before.split(" ")[-1])
    if not before.endswith("s") or before.lower() in SPEAKING:
        return True
    return len(rest) % 2 == 1 and not words[rest[0] - 1].endswith("s")


def _is_word(word: str) -> bool:
    return word.replace("'", "").isalnum()


def _at(words: Sequence[str], place: int) -> str:
    return words[place] if 0 <= place < len(words) else ""

"""Whether a person behind a word for people is the one whom that word means, or the subject of a relative clause.

In "the man [person] is late" the two are one; in "the man [person] is talking to is late" they are two: the words
behind have one verb more than subjects, or a preposition that lacks its noun. Without such a sign they are one.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from ._determiners import (
    ADVERBS,
    AUXILIARIES,
    BE,
    COORDINATORS,
    DETERMINERS,
    FINITE,
    NEGATIONS,
    NUMBERS,
    OBJECT,
    PREPOSITIONS,
    QUESTION_WORDS,
    STOPS,
    SUBORDINATORS,
    Mention,
    is_adjective,
)

PRONOUNS = frozenset({
    "i", "you", "he", "she", "it", "we", "they", "there", "this", "that", "these", "those", "who", "everyone",
    "everybody", "someone", "somebody", "something", "nobody", "nothing", "anyone", "anything", "everything",
})  # fmt: skip
"""May be the subject of the verb behind."""
NOT_OF_ONE = frozenset({"are", "aren", "aren't", "were", "be", "have", "do", "don"})
"""Not finite with one person."""
STRANDED = frozenset({"to", "at", "with", "for", "from", "of", "about", "into", "onto", "against", "toward", "towards"})
"""Prepositions that cannot go without a noun; "in", "up" and the like may be adverbs."""
NO_VERBS_IN_S = ("ss", "us", "is", "ways", "wards", "stairs", "doors", "times", "perhaps", "overseas")
PARTICIPLES = frozenset({
    "seen", "held", "caught", "hurt", "shot", "known", "shown", "left", "sat", "born", "lit", "hidden", "dead",
})  # fmt: skip
"""And words in -ed: behind a mention they may be no verb, "the man [person] dressed in red"."""
LETTERS = {
    "O": frozenset({OBJECT}),
    "S": PRONOUNS,
    "&": frozenset({"and", "or", ","}),
    ".": STOPS | SUBORDINATORS | QUESTION_WORDS | COORDINATORS,
    "A": ADVERBS | {
        "yesterday", "today", "tonight", "right", "here", "again", "alone", "together", "away", "back", "far",
        "further", "farther", "closer", "nearer",
    },
    "X": NEGATIONS | {"'", "’", "t", "be", "been", "being"},
    "F": (FINITE | {"'s"}) - NOT_OF_ONE,
    "L": frozenset({"seems", "appears", "looks", "wants", "knows", "thinks", "feels"}),
    "T": STRANDED,
    "P": PREPOSITIONS,
    "D": DETERMINERS | NUMBERS.keys(),
    "E": PARTICIPLES,
}  # fmt: skip
"""The first that has a word tells its part; L are full verbs that are no nouns, X belong to the auxiliary before."""

MORE = "(?:&D*N?O)*A*"
"""What else belongs to the mention: "and [person]"."""
PHRASE = "(?:[PT](?:D[DA]*[NV]*)?O|[PT][DA]*[NV]*)"
AUXILIARY = f"{MORE}(?:{PHRASE}+A*)?FX*A*X*"
VERB = f"(?:{AUXILIARY}[NVLE]|{MORE}[NVL])"
REST = "O?[ADNVEXPT]*"
SECOND_VERB = re.compile(f"{VERB}(?:{PHRASE}|A)*[FL]|{MORE}EA*T?[FL]|(?:{VERB}|{AUXILIARY}){REST}[PT][FL]")
"""A verb that finds no subject: "[person] likes is late", "[person] is giving the cup to is late"."""
NO_NOUN = re.compile(rf"(?:{VERB}|{AUXILIARY}){REST}T(?:$|[.&])")
FINITE_NEXT = {
    "auxiliary": re.compile(f"{MORE}F"),
    "be": re.compile("A*[FVL]"),
    "tell": re.compile(f"{MORE}[FVLE]"),
}


def is_relative(mention: Mention) -> bool:
    """Whether the person, right behind a word for people, is another than that word means."""
    plural = mention.word.endswith(("people", "men", "children", "couple")) or (
        mention.word.endswith("s") and not mention.word.endswith("ss")
    )
    if not mention.is_subject or (mention.count > 1 and (plural or mention.word in {"person", "persons"})):
        return False
    if plural or mention.count > 1:
        return True  # "the people [person] knows"
    words = list(mention.after)
    if mention.owns:  # "the man [person]'s talking to is late"
        words[: 1 if len(words[0]) > 1 else 2] = ["'s"]
        if not words[1:2] or not words[1].endswith("ing"):
            return False
    after = letters(words)
    return bool(SECOND_VERB.match(after)) or _lacks_its_place(mention, after)


def _lacks_its_place(mention: Mention, after: str) -> bool:
    """Whether the clause before has its verb and leaves no other place to the mention than a clause of its own."""
    clause = list(mention.clause)
    while clause and is_adjective(clause[-1]):
        clause.pop()
    while clause and clause[-1] in DETERMINERS:
        clause.pop()
    if not clause or is_adjective(clause[-1]):
        return False  # "is sad the man [person] is late"
    last, before = clause[-1], clause[-2:-1]
    if last in {"tell", "tells", "told", "telling"}:  # "tells the man [person] is late"
        return bool(FINITE_NEXT["tell"].match(after))
    alone = not before or before[0] in QUESTION_WORDS | PRONOUNS or before[0].endswith((" box", " boxes"))
    if last in AUXILIARIES and alone:
        kind = "be" if last in BE else "auxiliary"  # "Who is the man [person] likes?"
        return mention.next != "had" and bool(FINITE_NEXT[kind].match(after))
    asked = not QUESTION_WORDS.isdisjoint(clause[1:]) or (clause[0] in QUESTION_WORDS and clause[1:2] != ["is"])
    noun = last.endswith((" box", " boxes")) or not DETERMINERS.isdisjoint(before)
    passive = any(a in BE | {"been", "being"} and b.endswith("ed") for a, b in pairwise(mention.after))
    if asked or noun or passive or clause[0] in AUXILIARIES:
        return False  # "What does she think the man [person] is looking at?"
    return bool(NO_NOUN.match(after)) and not {"F", "V", "L", "E"}.isdisjoint(letters(clause))


def letters(words: Sequence[str]) -> str:
    """The part of each word, as in `LETTERS`; V looks like a verb in -s, N is any other."""
    return "".join(map(_letter, words))


def _letter(word: str) -> str:
    for letter, members in LETTERS.items():
        if word in members:
            return letter
    if is_adjective(word) or word.endswith("ly"):
        return "D"
    if word.endswith("ed"):
        return "E"
    return "V" if word.endswith("s") and not word.endswith(NO_VERBS_IN_S) else "N"

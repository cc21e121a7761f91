"""Whether a word before a mentioned object takes the place of its article, by its role there.

"his [dog]" is a noun phrase, so "his dog in the red box"; in "knows that [person] is late", "gives her [person]" and
"next to her [person] smiles" the word has another role, and the object needs "the". A word is taken for a determiner
only where it can have no other role: a doubled article is clumsy, a lost one can turn a sentence round ("No person").
"""

from collections.abc import Sequence
from dataclasses import dataclass

ALWAYS = frozenset({"a", "an", "the", "my", "your", "its", "our", "their", "every"})
"""Stand before a noun and nowhere else."""
DEMONSTRATIVES = frozenset({"this", "that", "these", "those"})
ADJECTIVES = frozenset({
    "other", "same", "big", "large", "little", "small", "old", "young", "new", "empty", "open",
    "black", "white", "red", "blue", "green", "yellow", "brown", "gray", "grey", "pink", "orange",
})  # fmt: skip
"""After a determiner ("the other [person]"), never by themselves; nouns end a phrase ("the door [person] opens")."""
NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
PREPOSITIONS = frozenset({
    "about", "above", "across", "against", "along", "around", "at", "behind", "below", "beneath", "beside", "between",
    "by", "for", "from", "in", "inside", "into", "near", "of", "off", "on", "onto", "out", "outside", "over", "through",
    "to", "toward", "towards", "under", "up", "using", "with", "without",
})  # fmt: skip
HAVE = frozenset({"has", "have", "had", "having", "is", "are", "was", "were", "be", "see", "sees", "need", "needs"})
FINITE = frozenset({
    "is", "are", "was", "were", "has", "have", "had", "does", "do", "did", "will", "would", "can", "could", "may",
    "might", "must", "should", "isn", "aren", "wasn", "weren", "hasn", "doesn", "don", "didn", "won", "wouldn", "can't",
    "isn't", "looks", "seems", "appears", "wants", "just", "n't",
})  # fmt: skip
"""A verb behind an object makes it the subject of a clause."""
GIVING = frozenset({
    "give", "gives", "gave", "given", "giving", "hand", "hands", "handed", "handing", "show", "shows", "showed",
    "shown", "showing", "bring", "brings", "brought", "bringing", "offer", "offers", "offered", "offering", "pass",
    "passes", "passed", "passing", "send", "sends", "sent", "sending", "buy", "buys", "bought", "buying", "lend",
    "throw", "throws", "threw", "throwing", "tell", "tells", "told", "telling", "ask", "asks", "asked", "asking",
    "make", "makes", "made", "making", "let", "lets", "letting", "get", "gets", "got", "getting", "serve", "serving",
    "teach", "teaches", "taught", "teaching", "feed", "feeds", "feeding", "call", "calls", "called", "calling",
})  # fmt: skip
"""After these, "her" may be the one to whom something is given."""


@dataclass(frozen=True, slots=True)
class Mention:
    """An object or group in a token list, with the words around it in lower case."""

    before: Sequence[str]
    after: str
    """The next word; empty at the end and before another mention."""
    is_person: bool
    count: int = 1

    @property
    def is_subject(self) -> bool:
        """Whether a verb follows."""
        return self.after in FINITE


def has_determiner(mention: Mention) -> bool:
    """Whether the word before a mention can only be its determiner."""
    before, earlier = _split(mention.before)
    if before in ADJECTIVES:
        return earlier not in {"", "each"} and has_determiner(
            Mention(mention.before[:-1], mention.after, mention.is_person, mention.count)
        )
    if before in ALWAYS:
        return True
    if before == "another":
        return earlier != "one"  # "one another"
    if before in DEMONSTRATIVES:
        return earlier in PREPOSITIONS and not mention.is_subject
    if before == "no":
        return earlier in HAVE or earlier in PREPOSITIONS
    if before in {"his", "her", "some", "any", "each"}:
        return not mention.is_person and not _stands_alone(before, earlier, mention)
    return mention.is_person and NUMBERS.get(before) == mention.count > 1


def answers(before: Sequence[str]) -> bool:
    """Whether "yes" or "no" right before a mention is a word of its own: "No, the person ..."."""
    return before[-1:] in (["yes"], ["no"])


def _stands_alone(word: str, earlier: str, mention: Mention) -> bool:
    """Whether a word that mostly goes with a noun may be a pronoun here."""
    if earlier in GIVING:
        return word in {"her", "some"}
    return earlier in PREPOSITIONS and mention.is_subject and word == "her"


def _split(words: Sequence[str]) -> tuple[str, str]:
    """The last word and the one before it; empty where there is none."""
    return (words[-1] if words else "", words[-2] if len(words) > 1 else "")

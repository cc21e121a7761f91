"""Which article a mentioned object needs, by the role of the word before it.

"his [dog]" is one noun phrase, so "his dog in the red box"; in "knows that [person] is late", "gives her [person]" and
"next to her [person] smiles" the word before has another role, and the object needs "the". The role is read off the
place of the word in its clause and off what follows the object: the lists below hold words of closed classes, and a
word in none of them that follows an object is taken for its verb.
"""

from collections.abc import Sequence
from dataclasses import dataclass

OBJECT = "[]"
"""Stands for another mention among the words behind one."""
ARTICLE, NONE, PART, ONES = "the ", "", "of the ", "one of the "
"""What stands before a mention: "the person", "his person", "each of the people", "every one of the people"."""

POSSESSIVES = frozenset({"my", "your", "its", "our", "their", "his", "her", "whose"})
DEMONSTRATIVES = frozenset({"this", "that", "these", "those"})
QUANTIFIERS = frozenset({"some", "any", "every", "each", "either", "neither", "another", "many", "several", "few"})
SINGLE = frozenset({"each", "every", "either", "neither", "any", "another"})
"""Go with one thing: "each of the people"."""
AMOUNTS = frozenset({
    "more", "most", "fewer", "less", "much", "enough", "such", "numerous", "various", "multiple", "countless",
})  # fmt: skip
"""Go with several things or with a thing without a number; next to one person they are adverbs, "trusts most [0]"."""
KINDS = frozenset({"kind", "kinds", "type", "types", "sort", "sorts", "brand", "brands"})
"""Before "of" and a noun without an article: "what kind of car"."""
ASKING = frozenset({"which", "what"})
DETERMINERS = POSSESSIVES | DEMONSTRATIVES | QUANTIFIERS | ASKING | {"a", "an", "the", "no"}
NUMBERS = {
    word: number
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), 1
    )
}
WHOLE = frozenset({"all", "both", "other"})
"""Before a numeral, they take it all: "all three people"."""
CLOCK = frozenset({"at", "in", "by", "since", "until", "till", "around", "about", "after", "before"})
"""Before a numeral that may be a time: "at ten [0, 1] eat"."""
ADJECTIVES = frozenset({
    "other", "same", "own", "only", "first", "last", "next", "second", "whole", "entire", "different", "certain",
    "big", "large", "little", "small", "tall", "short", "old", "young", "new", "nice", "good", "bad", "poor",
    "happy", "sad", "angry", "dead", "drunk", "empty", "full", "open", "broken", "wooden", "dirty", "clean",
    "black", "white", "red", "blue", "green", "yellow", "brown", "gray", "grey", "pink", "orange", "purple",
    "tiny", "huge", "heavy", "light", "long", "wide", "narrow", "round", "cute", "fancy", "pretty", "ugly", "striped",
    "cheap", "fast", "slow", "wet", "dry", "hot", "cold", "warm", "loud", "quiet", "strange", "weird", "elderly",
    "blonde", "bald", "wild", "evil", "injured", "wounded", "drunken", "stolen", "missing", "sleeping", "metal",
})  # fmt: skip
"""After a determiner ("the other [person]"); nouns end a phrase instead ("the door [person] opens")."""
ADJECTIVE_ENDINGS = ("ful", "ous", "less", "ish", "est", "ive", "able", "ible", "ern")
INTENSIFIERS = frozenset({"very", "really", "so", "too", "quite", "half", "more", "most", "rather", "extremely"})
ARTICLES = frozenset({"a", "an", "the", "my", "your", "our", "their"})
"""Never anything else than determiners: behind one, any word right before an object belongs to its phrase."""

PREPOSITIONS = frozenset({
    "about", "above", "across", "after", "against", "along", "among", "around", "at", "before", "behind", "below",
    "beneath", "beside", "besides", "between", "beyond", "by", "despite", "down", "during", "for", "from", "in",
    "inside", "into", "like", "near", "of", "off", "on", "onto", "out", "outside", "over", "past", "through", "to",
    "toward", "towards", "under", "until", "up", "upon", "using", "with", "within", "without",
    "close", "due", "next", "prior", "thanks",
})  # fmt: skip
"""And the first words of those of two words ("next to")."""
SUBORDINATORS = frozenset({
    "because", "if", "while", "since", "though", "although", "whether", "unless", "as", "than", "that",
})  # fmt: skip
COORDINATORS = frozenset({"and", "or", "but", "nor", "so", "then"})
QUESTION_WORDS = frozenset({"what", "who", "whom", "why", "where", "when", "how", "which", "whose"})
STOPS = frozenset({".", "?", "!", ";", ":", '"', "“", "”"})
BREAKS = STOPS | COORDINATORS | SUBORDINATORS | {",", "yes", "no"}
BE = frozenset({"is", "are", "was", "were", "be", "isn't", "aren't", "wasn't", "isn", "aren", "wasn", "weren"})
AUXILIARIES = BE | frozenset({
    "do", "does", "did", "has", "have", "had", "will", "would", "can", "could", "may", "might", "must", "should",
})  # fmt: skip
FINITE = AUXILIARIES | frozenset({"n't", "hasn", "doesn", "don", "didn", "won", "wouldn", "couldn", "can't", "cannot"})
ADVERBS = frozenset({
    "just", "also", "never", "always", "often", "still", "already", "not", "now", "even", "then", "maybe", "ever",
})  # fmt: skip
"""Stand between an object and its verb."""
NO_VERBS = PREPOSITIONS | SUBORDINATORS | COORDINATORS | QUESTION_WORDS | DETERMINERS | ADVERBS | frozenset({
    "i", "you", "he", "she", "it", "we", "they", "me", "him", "us", "them", "here", "there", "too", "again", "very",
    "away", "back", "alone", "together", "instead", "anymore", "right", "today", "all", "both", "someone", "himself",
    "herself", "themselves", "else",
})  # fmt: skip
HOSTS = frozenset({
    "he", "she", "it", "that", "this", "there", "here", "who", "what", "where", "how", "when", "why", "let",
})  # fmt: skip
"""Behind these, 's is a verb."""
GIVING = frozenset(
    form
    for forms in (
        "give gives gave given giving", "hand hands handed handing", "show shows showed shown showing",
        "bring brings brought bringing", "offer offers offered offering", "send sends sent sending",
        "lend lends lent lending", "tell tells told telling", "teach teaches taught teaching",
        "serve serves served serving", "buy buys bought buying", "pass passes passed passing",
        "pour pours poured pouring", "owe owes owed",
    )
    for form in forms.split()
)  # fmt: skip
"""After these, "her" is the one to whom something is given."""
NEGATIONS = frozenset({
    "not", "n't", "never", "cannot", "isn", "aren", "wasn", "weren", "hasn", "haven", "hadn", "doesn", "don", "didn",
    "won", "wouldn", "couldn", "shouldn", "isn't", "aren't", "wasn't", "weren't", "hasn't", "haven't", "hadn't",
    "doesn't", "don't", "didn't", "won't", "wouldn't", "couldn't", "shouldn't", "can't",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mention:
    """An object or group in a token list, with the words around it in lower case."""

    before: Sequence[str]
    after: Sequence[str]
    """The words behind it; other mentions are `OBJECT`."""
    is_person: bool
    count: int = 1
    is_mixed: bool = False
    """Whether it is a group of several classes."""

    @property
    def word(self) -> str:
        """The word right before; empty at the start."""
        return self.before[-1] if self.before else ""

    @property
    def earlier(self) -> str:
        """The word before that one."""
        return self.before[-2] if len(self.before) > 1 else ""

    @property
    def next(self) -> str:
        """The word right behind; empty at the end."""
        return self.after[0] if self.after else ""

    @property
    def clause(self) -> Sequence[str]:
        """The clause so far, without the word right before."""
        words = self.before[:-1]
        start = next((place for place in reversed(range(len(words))) if words[place] in BREAKS), -1)
        return words[start + 1 :]

    @property
    def starts(self) -> bool:
        """Whether the word right before is the first of its sentence."""
        return not self.earlier or self.earlier in STOPS

    @property
    def owns(self) -> bool:
        """Whether 's follows."""
        return self.next in {"'", "'s", "’", "’s"}

    @property
    def is_subject(self) -> bool:
        """Whether a verb follows, right behind, behind an adverb, or at the end of a longer phrase."""
        if self.owns:
            return True
        if self.next in PREPOSITIONS or self.next in {"and", "or"} or list(self.after[:2]) == [",", OBJECT]:
            return _has_verb(self.after[1:])
        return self.has_verb_next

    @property
    def has_verb_next(self) -> bool:
        """Whether a verb follows right behind or behind an adverb."""
        words = [word for word in self.after[:3] if word not in ADVERBS and not (word.endswith("ly") and len(word) > 4)]
        return bool(words) and is_verb(words[0])


def article(mention: Mention) -> str:
    """What stands before the mention's noun."""
    word = mention.word
    if word in QUANTIFIERS:
        return _amount(mention)
    if word in NUMBERS or word.isdecimal():
        return _counted(mention)
    if word in ASKING and _asks(mention):
        return PART if mention.is_person and mention.count > 1 else NONE
    if _is_possessive(mention.before):
        determined = True
    elif word in AMOUNTS:
        determined = _measures(mention)
    elif is_adjective(word) or _is_open(word):
        determined = _is_determined(mention)
    elif word in DEMONSTRATIVES:
        determined = _demonstrates(mention)
    elif word in {"her", "his", "its"}:
        determined = _belongs(mention)
    elif word == "no":
        determined = not answers(mention)
    else:
        determined = word in DETERMINERS - ASKING or (word == "of" and mention.earlier in KINDS)
    return NONE if determined else ARTICLE


def answers(mention: Mention) -> bool:
    """Whether "yes" or "no" right before is a word of its own: "No, the person in the red box is late"."""
    if mention.word == "yes":
        return True
    if mention.word != "no":
        return False
    said, before = mention.before[-3:-2], mention.before[-4:-3]
    exclaimed = mention.earlier == "," and said not in (["no"], ["yes"]) and (not before or before[0] in STOPS)
    denied = not NEGATIONS.isdisjoint(mention.after[:3])
    listed = mention.next == "and" or list(mention.after[:2]) == [",", OBJECT]
    if mention.is_person:
        listed = listed or mention.next == "or"
    elif not (mention.owns or mention.is_mixed or listed or exclaimed or denied):
        return False  # "No chair is free."
    follows = mention.owns or mention.has_verb_next or (listed and mention.is_subject)
    if not mention.is_person and (mention.next == "left" or mention.next.endswith("ed")):
        follows = False  # "No chair left."
    return follows and (mention.starts or exclaimed or denied)


def is_verb(word: str) -> bool:
    """Whether a word behind an object is its verb."""
    if word in FINITE:
        return True
    return word.isalpha() and word not in NO_VERBS and not (word.endswith("ing") and len(word) > 4)


def is_determined(before: Sequence[str]) -> bool:
    """Whether the words end with what a noun may follow without an article of its own: "the", "his old", "[]'s"."""
    word = before[-1] if before else ""
    return word in DETERMINERS or word in NUMBERS or is_adjective(word) or _is_possessive(before)


def is_modified(before: Sequence[str]) -> bool:
    """Whether the words end with a determiner and one word more of an open class: "the coffee (table)"."""
    if len(before) < 2 or not _is_open(before[-1]):
        return False
    rest = before[:-1]
    while is_adjective(rest[-1]) and len(rest) > 1:
        rest = rest[:-1]
    fixed = rest[-1] in ARTICLES | POSSESSIVES or _is_possessive(rest)
    return fixed and GIVING.isdisjoint(rest[-2:-1])


def is_verb_place(before: Sequence[str]) -> bool:
    """Whether a verb without an ending may stand behind the words: "to", "will", "they"."""
    word, earlier = before[-1] if before else "", before[-2] if len(before) > 1 else ""
    if word == "to":
        return earlier not in {"next", "close", "up", "over", "back", "due"}
    return word in (FINITE - BE) | {"i", "you", "we", "they", "n't", "not", "t"}


def _amount(mention: Mention) -> str:
    """Behind some, each and the like."""
    word, earlier = mention.word, mention.earlier
    if (word == "another" and earlier == "one") or earlier in {"they", "them", "we", "us"}:
        return ARTICLE  # "one another", "gave them each"
    if word in {"either", "neither"} and not {"or", "nor"}.isdisjoint(mention.after):
        return ARTICLE  # "either [person] or ..."
    if mention.count == 1 or word not in SINGLE:
        return NONE
    return ONES if word == "every" else PART


def _measures(mention: Mention) -> bool:
    """Whether more, much and the like go with the object, not with a verb."""
    if mention.word == "much":  # "how much cup does she want", "how much [dog] loves her"
        return not mention.is_person and (mention.next in AUXILIARIES or not mention.is_subject)
    return (not mention.is_person or mention.count > 1) and mention.earlier != "once"


def _counted(mention: Mention) -> str:
    """Behind a numeral: "two people", "two of the people" where more are meant; it may also stand for a noun."""
    word, earlier = mention.word, mention.earlier
    phrase = list(mention.before[:-1])
    while phrase and is_adjective(phrase[-1]):
        phrase.pop()
    if word == "one" and phrase and phrase[-1] in DETERMINERS:
        return NONE if earlier == "the" and not mention.is_subject else ARTICLE  # "the one [person] holds"
    number = NUMBERS.get(word) or int(word)
    if number == mention.count or (mention.count == 1 and not mention.is_person):
        return NONE
    if mention.count == 1 or earlier in CLOCK:
        return ARTICLE  # "of the two [person] is taller"
    fixed = earlier in ARTICLES or earlier in POSSESSIVES or earlier in DEMONSTRATIVES or earlier in WHOLE
    return PART if number < mention.count and not fixed else NONE


def _is_determined(mention: Mention) -> bool:
    """Whether what stands before the object is its phrase, with a determiner; "other" needs none.

    One word of an open class may be an adjective that no list has ("the heavy [bottle]") or a noun that ends a phrase
    ("the door [person] opens", "gave the waiter [bottle]").
    """
    place, unknown = len(mention.before), False
    while place and not _is_possessive(mention.before[:place]):
        word = mention.before[place - 1]
        if not (is_adjective(word) or word in INTENSIFIERS):
            if unknown or not _is_open(word):
                break
            unknown = True
        place -= 1
    head = mention.before[place - 1] if place else ""
    if mention.word == "other":
        return head != "each"
    if unknown:
        given = place > 1 and mention.before[place - 2] in GIVING
        owned = head in {"his", "her", "its"} and not mention.is_person
        return (head in ARTICLES or owned) and not given and not (mention.is_person and mention.is_subject)
    return head in DETERMINERS or head in NUMBERS or _is_possessive(mention.before[:place])


def _demonstrates(mention: Mention) -> bool:
    """Whether this, that, these or those goes with the object."""
    clause, earlier = mention.clause, mention.earlier
    asked = len(clause) == 1 or (len(clause) in (2, 3) and clause[0] in QUESTION_WORDS)
    if asked and earlier in AUXILIARIES:
        return _is_asked_about(mention, polar=len(clause) == 1)
    if _subject_is_to_come(mention):
        return not mention.is_person
    if mention.word != "that":
        return not (mention.owns and earlier in BE)  # "it is this [person]'s house"
    if earlier in PREPOSITIONS or earlier in SUBORDINATORS or earlier in QUESTION_WORDS:
        return True
    if not clause:
        return not (mention.is_person and mention.is_subject) and earlier not in {"so", "and", "but"}
    return not mention.is_subject


def _is_asked_about(mention: Mention, *, polar: bool) -> bool:
    """Whether the subject of a question is the object with its demonstrative, not the demonstrative alone."""
    if mention.earlier not in BE:
        return True  # "Does this [person] know?"
    if mention.owns or mention.next in FINITE:
        return False  # "Is this [person]'s house?", "What is that [person] has?"
    if not polar or mention.next == OBJECT or is_verb(mention.next):
        return True
    return mention.next.endswith("ing") or (mention.next in PREPOSITIONS and not mention.is_person)


def _subject_is_to_come(mention: Mention) -> bool:
    """Whether the clause began with an adverbial and the object is its subject: "After this [person] will leave"."""
    clause = mention.clause
    if not clause or not mention.is_subject:
        return False
    return clause[0] in PREPOSITIONS or (clause[0].endswith("ing") and len(clause[0]) > 4)


def _belongs(mention: Mention) -> bool:
    """Whether her, his or its is a possessive; "her" may be an object, "his" may stand alone, "its" may be a slip."""
    word, earlier = mention.word, mention.earlier
    if word == "its":
        return not mention.is_person
    if word == "his":
        return not (mention.is_person and earlier in BE | {"of"} and mention.is_subject)
    if _subject_is_to_come(mention):
        return False
    if not mention.clause or earlier in AUXILIARIES:
        return True
    if earlier in PREPOSITIONS:
        return not (mention.is_person and mention.is_subject)
    given = earlier in GIVING and list(mention.after[:2]) != ["to", OBJECT]  # "hands her [dog] to [person]"
    return not mention.is_person and not given


def _asks(mention: Mention) -> bool:
    """Whether which or what goes with the object, not with a verb behind: "what [person] has to say"."""
    clause = mention.clause
    first = mention.starts or (len(clause) == 1 and clause[0] in PREPOSITIONS)
    if mention.word == "what":
        return not mention.is_person and (first or not mention.is_subject)
    if first:
        return True
    relative = mention.earlier in PREPOSITIONS or mention.earlier == "," or not DETERMINERS.isdisjoint(clause[-2:-1])
    return not (relative and mention.is_subject)


def _is_open(word: str) -> bool:
    """Whether a word is none of a closed class: a noun, a verb, an adjective, an adverb."""
    return word.isalpha() and word not in NO_VERBS | FINITE | NUMBERS.keys() | BREAKS | INTENSIFIERS


def is_adjective(word: str) -> bool:
    """Whether a word is one by the list or by its ending."""
    return word in ADJECTIVES or (word.endswith(ADJECTIVE_ENDINGS) and len(word) > 5)


def _is_possessive(before: Sequence[str]) -> bool:
    """Whether the words end with 's or ' behind a noun."""
    if before[-1:] in (["'s"], ["’s"]):
        host = before[-2:-1]
    elif before[-1:] == ["s"] and before[-2:-1] in (["'"], ["’"]):
        host = before[-3:-2]
    elif before[-1:] in (["'"], ["’"]) and before[-2:-1] and before[-2].endswith(("s", " box")):
        host = before[-2:-1]
    else:
        return False
    return bool(host) and host[0] not in HOSTS


def _has_verb(words: Sequence[str]) -> bool:
    """Whether a verb comes before the clause ends."""
    for place, word in enumerate(words):
        if word in FINITE:
            return True
        if word == OBJECT and words[place + 1 : place + 2] and is_verb(words[place + 1]):
            return True
        if word in STOPS or word in SUBORDINATORS or word in QUESTION_WORDS:
            return False
    return False

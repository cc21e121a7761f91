"""A plain sentence around a short answer (paper, 3.2 stage III), by the form of the question.

A form is used only where its sentence is right whatever the question's words are; all else is "The answer is ...".
"""

import re
from collections.abc import Callable

from m3it_build.answers.chinese_templates import chinese
from m3it_build.answers.tables import word_list
from m3it_build.core.text import ends_sentence, one_line, sentence_end
from m3it_build.core.writing import is_chinese

COLOURS = frozenset(word_list("colours"))
AUXILIARIES = word_list("auxiliaries")
PRONOUNS = {
    "it": "it",
    "they": "they",
    "he": "he",
    "she": "she",
    "there": "there",
    "this": "it",
    "that": "it",
    "these": "they",
    "those": "they",
}
ING_NOUNS = frozenset(word_list("ing_nouns"))
ED_NOUNS = frozenset(word_list("ed_nouns"))
NOUNS = frozenset(word_list("nouns"))
DEMONSTRATIVES = frozenset({"this", "that", "these", "those"})
BE = frozenset({"is", "are", "was", "were"})
HEADS = "|".join(word_list("heads"))
PREPOSITIONS = frozenset(word_list("prepositions"))
NO_NOUNS = frozenset((*word_list("no_nouns"), *PREPOSITIONS, *AUXILIARIES, *PRONOUNS))
VERBS = "|".join(word_list("past_verbs"))

_COUNT = re.compile(
    r"how many (?!of\b)(?P<what>[a-z' -]+?) are "
    r"(?:there\b ?(?P<rest>[a-z' -]*)|(?P<place>(?:in|on|at|under|behind|near)\b [a-z' -]+))\?",
    re.IGNORECASE,
)
_COLOUR = re.compile(
    r"what (?:color|colour) (?P<be>is|are|was|were) "
    r"(?P<what>(?:(?:the|this|that|these|those|his|her|their|its) [a-z' -]+)|it|they)\?",
    re.IGNORECASE,
)
_WHERE = re.compile(
    r"where (?P<be>is|are|was|were) (?P<what>(?:the|this|that|these|those|his|her|their) [a-z]+|it|they|he|she)\?",
    re.IGNORECASE,
)
_WHO = re.compile(rf"who (?P<did>(?:{VERBS}) (?:the|this|that|these|his|her) [a-z' -]+)\?", re.IGNORECASE)
_HEAD = re.compile(rf"what(?: is|'s) (?P<what>the (?:{HEADS}) of [a-z0-9' -]+)\?", re.IGNORECASE)
_SAYS = re.compile(r"what does (?P<what>(?:the|this|that) [a-z' -]+|it) say\?", re.IGNORECASE)
_TIME = re.compile(r"what (?:time|day|month|season) is it\?", re.IGNORECASE)
_YEAR = re.compile(
    r"(?:(?:in|on) )?(?:which|what) year (?:was|were|did)\b.*\?|when (?:was|were|did)\b.*\?", re.IGNORECASE
)
_POLAR = re.compile(rf"(?:{'|'.join(AUXILIARIES)})\b", re.IGNORECASE)


def template(question: str, answer: str) -> str | None:
    """A sentence that holds the answer; None where it is best left as it is: a Chinese reply, or a mark alone (":")."""
    question, answer = one_line(question), answer.strip()
    if not any(map(str.isalnum, answer)):
        return None
    if is_chinese(question) or is_chinese(answer):
        return chinese(question, answer)
    for form in FORMS:
        if (sentence := form(question, answer)) is not None:
            return sentence_end(sentence[0].upper() + sentence[1:])
    return sentence_end(f"The answer is {answer}")


def _yes_no(question: str, answer: str) -> str | None:
    said = answer.lower().rstrip(".!")
    if said not in ("yes", "no"):
        return None
    words = question.lower().rstrip("?. ").split()
    if (
        not words
        or not _POLAR.match(question)
        or {"not", "or", "no", "never", "nobody", "neither"} & set(words)
        or "n't" in question
    ):
        return None
    return _short_reply(words, said) or ("Yes, that is the case" if said == "yes" else "No, that is not the case")


def _short_reply(words: list[str], said: str) -> str | None:
    """Write "Yes, there is", "No, they do not", where the question's subject is a pronoun beyond doubt."""
    verb, subject = words[0], PRONOUNS.get(words[1]) if len(words) > 1 else None
    if subject is None or verb in ("am", "may", "might", "must"):
        return None
    demonstrative = words[1] in DEMONSTRATIVES
    if demonstrative and (len(words) < 3 or words[2] not in ("a", "an", "the")):
        return None  # "Is this man tall?"
    if demonstrative and verb not in BE:
        return None
    negated = "cannot" if verb == "can" else f"{verb} not"
    return f"Yes, {subject} {verb}" if said == "yes" else f"No, {subject} {negated}"


def _count(question: str, answer: str) -> str | None:
    found = _COUNT.fullmatch(question)
    if found is None or not answer.isdecimal():
        return None
    if answer == "1":
        return "There is 1"
    rest = (found["rest"] or found["place"] or "").strip()
    return f"There are {answer} {found['what']}{f' {rest}' if rest else ''}"


def _colour(question: str, answer: str) -> str | None:
    found = _COLOUR.fullmatch(question)
    if found is None or not set(answer.lower().replace(",", " ").split()) <= COLOURS:
        return None
    *before, last = found["what"].lower().split()
    if not _may_end_subject(before, last) or not BE.isdisjoint(before):
        return None  # "What color is the man wearing?"
    plural = last.endswith("s") and not last.endswith(("ss", "us", "is"))
    if plural != (found["be"].lower() in ("are", "were")) and last != "they":
        return None  # "What color is the bananas?"
    return f"{found['what']} {found['be'].lower()} {answer}"


def _where(question: str, answer: str) -> str | None:
    found = _WHERE.fullmatch(question)
    first, *more = answer.lower().split()
    if found is None or first not in PREPOSITIONS or not more:
        return None
    *determiner, last = found["what"].lower().split()
    if determiner and not _may_end_subject(determiner, last):
        return None  # "Where is this taken?", "Where is this popular?"
    return f"{found['what']} {found['be'].lower()} {answer}"


def _may_end_subject(before: list[str], word: str) -> bool:
    """Whether a word can be the last of a question's subject.

    Behind a pronoun ("this") it must be a noun that we know, as anything may follow one ("this popular"); behind an
    article, no verb, adverb or preposition that we know.
    """
    if not DEMONSTRATIVES.isdisjoint(before):
        return not NOUNS.isdisjoint((word, word.removesuffix("s"), word.removesuffix("es")))
    if word.endswith("ing"):
        return word in ING_NOUNS
    return word in ED_NOUNS if word.endswith("ed") else word not in NO_NOUNS


def _who(question: str, answer: str) -> str | None:
    found = _WHO.fullmatch(question)
    named = all(word[0].isupper() or word in ("de", "van", "von", "der", "la", "and", "of") for word in answer.split())
    return f"{answer} {found['did']}" if found is not None and named else None


def _head(question: str, answer: str) -> str | None:
    found = _HEAD.fullmatch(question)
    words = found["what"].lower().split() if found is not None else []
    if found is None or "called" in words or words[-1] in BE:
        return None  # "What is the name of the device called?"
    return f"{found['what']} is {answer}"


def _says(question: str, answer: str) -> str | None:
    found = _SAYS.fullmatch(question)
    if found is None or '"' in answer:
        return None
    return f'{found["what"]} says "{answer}"{"" if ends_sentence(answer) else "."}'


def _time(question: str, answer: str) -> str | None:
    return f"It is {answer}" if _TIME.fullmatch(question) else None


def _year(question: str, answer: str) -> str | None:
    return f"It was in {answer}" if _YEAR.fullmatch(question) and re.fullmatch(r"1\d{3}|20\d{2}", answer) else None


FORMS: tuple[Callable[[str, str], str | None], ...] = (
    _yes_no, _count, _colour, _where, _who, _head, _says, _time, _year,
)  # fmt: skip
"""The first that knows the question's form writes the sentence."""

"""Which paraphrases are not used (paper, 3.2 stage III: simple heuristics), each rule with its reason.

A rule looks at texts alone. None of them knows the picture, and none understands a sentence: who does what to whom
may be turned round, and a synonym that no table holds counts as a lost answer.
"""

import itertools
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from Levenshtein import ratio

from m3it_build.answers.tables import rules, word_list
from m3it_build.answers.words import (
    AMOUNTS,
    content,
    han_figures,
    number,
    numbers,
    plain,
    same_word,
    tokens,
)
from m3it_build.core.text import CLOSERS, STOPS, damage
from m3it_build.core.writing import HAN, is_chinese


class Rejected(StrEnum):
    """Why a paraphrase is not used."""

    EMPTY = "empty"
    CUT_OFF = "cut off"
    REFUSAL = "refusal"
    NO_IMAGE = "cannot see the image"
    LEAK = "prompt leak"
    MARKUP = "markup"
    DAMAGED = "damaged text"
    LANGUAGE = "wrong language"
    REPETITION = "repetition"
    QUESTION = "question repeated"
    SHORT = "too short"
    LONG = "too long"
    CONTRADICTION = "contradiction"
    ANSWER_LOST = "answer lost"


NEGATORS = frozenset(word_list("negators"))
NEGATION_HAN = re.compile(r"[不没无未非别]")
YES, NO = frozenset({"yes", "yeah", "yep"}), frozenset({"no", "nope"})
YES_HAN, NO_HAN = (
    frozenset(["是", "是的", "有", "有的", "对", "对的", "会", "能", "可以", "在"]),
    frozenset(["不", "不是", "没有", "没", "否", "不会", "不能", "还没有", "还没", "不在", "没", "不对"]),
)
POLAR_HAN = re.compile(r"吗|是不是|有没有|会不会|能不能")
ENGLISH = frozenset(word_list("english"))
OTHER_LATIN = frozenset(word_list("other_latin"))
DANGLING = frozenset(word_list("dangling"))
PUNCTUATION = re.compile(r"[\s.,;:!?。，！？；：、\"'“”‘’]+")
ENDS = (*STOPS, *CLOSERS)
"""A closing quote or bracket alone is an end too: what it closes was quoted."""


@dataclass(frozen=True)
class Paraphrase:
    """A model's reply beside what it was asked."""

    question: str
    answer: str
    reply: str
    finish: str = "stop"
    example: str = ""
    """The prompt's worked example."""

    @cached_property
    def chinese(self) -> bool:
        """Whether the reply should be Chinese."""
        return is_chinese(self.question) or (is_chinese(self.answer) and not self.question)

    @cached_property
    def said(self) -> list[str]:
        """Words of the reply."""
        return tokens(self.reply)

    @cached_property
    def wanted(self) -> list[str]:
        """Words of the answer."""
        return tokens(self.answer)

    @cached_property
    def asked(self) -> list[str]:
        """Words of the question."""
        return tokens(self.question)

    @cached_property
    def polar(self) -> bool | None:
        """Whether the answer is yes (True), no (False), or neither."""
        if self.chinese:
            bare = PUNCTUATION.sub("", self.answer)
            if not POLAR_HAN.search(self.question):
                return None
            return True if bare in YES_HAN else False if bare in NO_HAN else None
        words = frozenset(self.wanted)
        return True if words and words <= YES else False if words and words <= NO else None


Filter = Callable[[Paraphrase], bool]


def is_empty(pair: Paraphrase) -> bool:
    """Nothing but punctuation."""
    return not PUNCTUATION.sub("", pair.reply)


def is_cut_off(pair: Paraphrase) -> bool:
    """Stopped by the token limit, or after a word that no sentence ends with."""
    if pair.finish == "length":
        return True
    return not pair.reply.rstrip().endswith(ENDS) and bool(pair.said) and pair.said[-1] in DANGLING and not pair.chinese


def is_refusal(pair: Paraphrase) -> bool:
    """The model talks about itself or declines; a phrase that is part of the answer is none."""
    return pair.finish == "content_filter" or _holds(rules().refusal, pair)


def sees_no_image(pair: Paraphrase) -> bool:
    """The model says that it got no picture."""
    return _holds(rules().no_image, pair)


def leaks_prompt(pair: Paraphrase) -> bool:
    """Labels, remarks about the task, or the worked example itself."""
    return _holds(rules().leak, pair) or _shares_example(pair)


def has_markup(pair: Paraphrase) -> bool:
    """Markdown, HTML, JSON, quotation marks around it, or more than one line."""
    return _holds(rules().markup, pair)


def is_damaged(pair: Paraphrase) -> bool:
    """Control characters, or UTF-8 that was read as another encoding."""
    return bool(damage(pair.reply))


def is_wrong_language(pair: Paraphrase) -> bool:
    """Letters of another script, or the small words of another language; those of question and answer may be."""
    own = [char for char in pair.reply if char.isalpha()]
    if pair.chinese:
        rest = _without(pair.reply, pair.answer)
        letters = [char for char in rest if char.isalpha()]
        return len([char for char in letters if HAN.match(char)]) < len(letters) / 2
    given = pair.question + pair.answer
    foreign = [char for char in own if not _is_latin(char) and char not in given]
    if own and len(foreign) > rules().foreign_letters * len(own):
        return True
    said = [word for word in pair.said if word not in pair.wanted]
    others = sum(word in OTHER_LATIN for word in said)
    return others > sum(word in ENGLISH for word in said)


def repeats_itself(pair: Paraphrase) -> bool:
    """A word, phrase or sentence again and again."""
    limits = rules()
    units = HAN.findall(pair.reply) if pair.chinese else pair.said
    width = limits.phrase_words
    phrases = Counter(tuple(units[place : place + width]) for place in range(len(units) - width + 1))
    wanted = " ".join(HAN.findall(pair.answer) if pair.chinese else pair.wanted)
    if any(times >= limits.phrase_times and " ".join(phrase) not in wanted for phrase, times in phrases.items()):
        return True
    row = 1
    for before, word in itertools.pairwise(units):
        row = row + 1 if before == word else 1
        if row >= limits.word_times:
            return True
    return False


def repeats_question(pair: Paraphrase) -> bool:
    """A question again, or the question's words without an answer."""
    if pair.reply.rstrip().endswith(("?", "？")):
        return True
    question, reply = (
        PUNCTUATION.sub(" ", plain(pair.question)).strip(),
        PUNCTUATION.sub(" ", plain(pair.reply)).strip(),
    )
    if pair.polar is not None:  # "Is it open?", "It is open." are nearly the same letters
        return question == reply
    return ratio(question, reply) >= rules().question_similarity


def is_too_short(pair: Paraphrase) -> bool:
    """No sentence: the bare answer, or a word or two."""
    limits = rules()
    if pair.chinese:
        said, least = PUNCTUATION.sub("", pair.reply), limits.min_characters_zh
        return len(said) < least or (said == PUNCTUATION.sub("", pair.answer) and len(said) < 2 * least)
    bare, wanted = ([word for word in words if word not in ("a", "an", "the")] for words in (pair.said, pair.wanted))
    return len(pair.said) < limits.min_words or (len(bare) <= limits.sentence_words and bare == wanted)


def is_too_long(pair: Paraphrase) -> bool:
    """An essay."""
    limits = rules()
    if pair.chinese:
        return len(pair.reply) > limits.max_characters_zh + len(pair.answer)
    return len(pair.said) > limits.max_words + len(pair.wanted)


def contradicts(pair: Paraphrase) -> bool:
    """Yes where the answer is no (or no where it is yes), or the answer itself denied."""
    if pair.polar is not None:
        return _other_polarity(pair)
    if _negated(pair.wanted) or _negated(pair.asked) or 0 in numbers(pair.wanted):
        return False
    if pair.chinese or not pair.wanted:
        return False
    first = content(pair.wanted)[0]
    for clause in re.split(r"[,;:.]", plain(pair.reply)):
        words = tokens(clause)
        for place, word in enumerate(words):
            denies = word in NEGATORS or word.endswith("n't") or words[place : place + 2] == ["rather", "than"]
            if (
                denies
                and words[place + 1 : place + 2] != ["only"]
                and any(same_word(first, near) for near in words[place + 1 : place + 5])
            ):
                return True
    return False


def loses_answer(pair: Paraphrase) -> bool:
    """Words, numbers or names of the answer are not found again."""
    if pair.polar is not None:
        return False
    if pair.chinese or is_chinese(pair.answer):
        return _loses_han(pair)
    wanted = content(pair.wanted)
    if not wanted:
        return plain(pair.answer) not in plain(pair.reply)
    if len(wanted) == 1 and wanted[0] in ("0", "zero", "none", "no", "nothing", "nobody"):
        return not _negated(pair.said) and 0 not in numbers(pair.said)
    if _joined(wanted, pair.said) or _initials(wanted, pair.reply):
        return False
    figures = numbers(pair.said)
    lost = [word for word in wanted if not _found(word, pair.said, figures)]
    if any(char.isdigit() for word in lost for char in word):
        return True
    kept = 1 - len(lost) / len(wanted)
    return bool(lost) if len(wanted) <= 3 else kept < rules().answer_share


FILTERS: tuple[tuple[Rejected, Filter], ...] = (
    (Rejected.EMPTY, is_empty),
    (Rejected.CUT_OFF, is_cut_off),
    (Rejected.REFUSAL, is_refusal),
    (Rejected.NO_IMAGE, sees_no_image),
    (Rejected.LEAK, leaks_prompt),
    (Rejected.MARKUP, has_markup),
    (Rejected.DAMAGED, is_damaged),
    (Rejected.LANGUAGE, is_wrong_language),
    (Rejected.REPETITION, repeats_itself),
    (Rejected.QUESTION, repeats_question),
    (Rejected.SHORT, is_too_short),
    (Rejected.LONG, is_too_long),
    (Rejected.CONTRADICTION, contradicts),
    (Rejected.ANSWER_LOST, loses_answer),
)
"""In the order in which they are asked; the first that says yes is the reason."""


def why_rejected(pair: Paraphrase) -> Rejected | None:
    """The first reason against a paraphrase; None if there is none."""
    return next((reason for reason, applies in FILTERS if applies(pair)), None)


def _holds(pattern: re.Pattern[str], pair: Paraphrase) -> bool:
    found = pattern.search(pair.reply)
    return found is not None and plain(found[0]).strip() not in plain(pair.answer)


def _shares_example(pair: Paraphrase) -> bool:
    """Words in a row that the worked example holds and neither question nor answer does."""
    if not pair.example:
        return False
    width = rules().example_words
    given = " ".join(pair.asked + pair.wanted)
    example = tokens(pair.example)
    if pair.chinese:
        example, said, given = HAN.findall(pair.example), HAN.findall(pair.reply), " ".join(pair.question + pair.answer)
    else:
        said = pair.said
    phrases = {" ".join(example[place : place + width]) for place in range(len(example) - width + 1)}
    return any(
        (phrase := " ".join(said[place : place + width])) in phrases and phrase not in given
        for place in range(len(said) - width + 1)
    )


def _without(text: str, part: str) -> str:
    for word in part.split():
        text = text.replace(word, "")
    return text


def _is_latin(char: str) -> bool:
    return char < "\u0250" or "\u1e00" <= char <= "\u1eff"


def _negated(words: Sequence[str]) -> bool:
    return any(word in NEGATORS or word.endswith("n't") for word in words)


def _other_polarity(pair: Paraphrase) -> bool:
    """Whether a reply to a yes-or-no question takes the other side."""
    if pair.chinese:
        return _other_polarity_han(pair)
    if not pair.said:
        return True
    lead, said = pair.said[0], pair.said
    if pair.polar:
        if lead in NO and plain(pair.reply).lstrip()[2:3] in (",", ".", ";", "!"):
            return True
        clauses = [tokens(clause) for clause in re.split(r"[,;:.]", plain(pair.reply))]
        body = next((words for words in clauses if words and words[0] not in YES), [])
        return _negated(body) and not _negated(pair.asked)
    if lead in YES:
        return True
    return not _negated(said)


def _other_polarity_han(pair: Paraphrase) -> bool:
    question = re.sub(r"是不是|有没有|会不会|能不能", "", pair.question)
    clauses = [clause for clause in re.split(r"[，。；！、,.]", pair.reply) if clause]
    if pair.polar:
        first = next((clause for clause in clauses if clause not in YES_HAN), "")
        return NEGATION_HAN.search(first) is not None and not NEGATION_HAN.search(question)
    return (
        not clauses or not NEGATION_HAN.search(pair.reply) or (clauses[0] in YES_HAN and clauses[0] not in ("在", "有"))
    )


def _loses_han(pair: Paraphrase) -> bool:
    """Chinese has no spaces: the answer is looked for as it stands, then character by character."""
    answer = han_figures(PUNCTUATION.sub("", plain(pair.answer))).rstrip("的了呢吧")
    reply = han_figures(PUNCTUATION.sub("", plain(pair.reply)))
    if answer in reply:
        return False
    figures, said = re.findall(r"\d+", answer), re.findall(r"\d+", reply)
    if any(figure not in said for figure in figures):
        return True
    chars = [char for char in answer if char not in "的了一个只条张位名是在"]
    return sum(char in reply for char in chars) < rules().answer_share * len(chars)


def _joined(wanted: Sequence[str], said: Sequence[str]) -> bool:
    """Whether the answer stands in the reply written in one word, or in more: "pony tail", "ponytail"."""
    whole = "".join(wanted)
    most = len(wanted) + 1
    for place in range(len(said)):
        for count in range(1, most + 1):
            joined = "".join(said[place : place + count])
            if joined == whole or (len(whole) >= 6 and not whole.isdigit() and same_word(joined, whole)):
                return True
    return False


def _initials(wanted: Sequence[str], reply: str) -> bool:
    """Whether an abbreviation is spelled out: "nyc", "New York City"."""
    short = "".join(wanted)
    if len(wanted) > 1 or not 2 <= len(short) <= 5 or not short.isalpha():
        return False
    capitals = "".join(word[0] for word in re.findall(r"\b[A-Z][a-z]+\b", reply)).lower()
    return short in capitals


def _found(word: str, said: Sequence[str], figures: set[float]) -> bool:
    value = number(word)
    if value is not None:
        return value in figures or any(near in AMOUNTS.get(int(value), ()) for near in said)
    return any(same_word(word, near) for near in said)

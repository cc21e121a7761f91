"""How VCR's texts call the objects that they mention: "the person in the red box"."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ._determiners import KINDS, OBJECT, Mention, answers, article, is_determined, is_modified, is_verb_place
from ._detokenizer import detokenized, ends_in_quotation
from ._relatives import is_relative

PEOPLE = "person"
PEOPLE_WORDS = frozenset({
    "person", "man", "woman", "boy", "girl", "guy", "lady", "people", "men", "women", "kid", "kids",
    "boys", "girls", "guys", "ladies",
})  # fmt: skip
"""What a person may be called before its number."""
ROLES = frozenset({
    "child", "children", "baby", "gentleman", "gentlemen", "teenager", "friend", "friends", "husband", "wife", "mother",
    "father", "mom", "dad", "son", "daughter", "brother", "sister", "girlfriend", "boyfriend", "boss", "waiter",
    "waitress", "bartender", "doctor", "nurse", "officer", "officers", "policeman", "cop", "guard", "guards", "soldier",
    "soldiers", "driver", "teacher", "priest", "bride", "groom", "servant", "stranger", "couple",
})  # fmt: skip
"""And with a determiner: "her husband [person]"."""
SPELLED = {
    "baseballbat": "baseball bat", "baseballglove": "baseball glove", "cellphone": "cell phone",
    "diningtable": "dining table", "firehydrant": "fire hydrant", "hairdrier": "hair drier", "hotdog": "hot dog",
    "parkingmeter": "parking meter", "pottedplant": "potted plant", "sportsball": "sports ball",
    "stopsign": "stop sign", "teddybear": "teddy bear", "tennisracket": "tennis racket",
    "trafficlight": "traffic light", "tvmonitor": "TV monitor", "wineglass": "wine glass",
}  # fmt: skip
"""Class names as the detector runs them together, and as people write them."""
PLURALS = {"person": "people", "mouse": "mice", "knife": "knives"}
UNCHANGED = ("sheep", "skis", "scissors", "broccoli")
OWN_S = re.compile(r"(?<=\bboxes['’])s\b")
"""In "the people in the red and blue boxes' faces" an s too many."""
ALSO_VERBS = frozenset({"plant", "light", "sign", "phone", "bear"})
"""Last words of classes that may be a verb before the object."""
TITLES = frozenset({"mr", "mrs", "ms", "dr", "prof", "st", "sgt", "lt", "capt", "col", "gen", "rev", "jr", "sr", "vs"})
"""A stop behind them ends no sentence."""
SPEAKING = frozenset(
    form
    for forms in (
        "say says said saying", "yell yells yelled yelling", "shout shouts shouted shouting", "ask asks asked asking",
        "scream screams screamed screaming", "whisper whispers whispered whispering", "reply replies replied replying",
        "answer answers answered answering", "exclaim exclaims exclaimed exclaiming", "cry cries cried crying",
        "think thinks thought thinking", "call calls called calling", "tell tells told telling", "sing sings sang",
        "respond responds responded responding", "mutter mutters muttered muttering", "beg begs begged begging",
        "order orders ordered ordering", "warn warns warned warning", "demand demands demanded demanding",
    )
    for form in forms.split()
)  # fmt: skip
"""Behind a quotation, the one before them is its speaker."""
OPENING = frozenset({'"', "“", "'", "‘", "(", "["})


class Objects:
    """The objects that a question mentions, each with its colour, and how the text calls them."""

    def __init__(self, names: Sequence[str], colours: Mapping[int, str]) -> None:
        """Name the objects in `colours`, which are at least those that the texts refer to."""
        self.names = names
        self.colours = colours

    def called(self, numbers: Sequence[int], before: str) -> str:
        """A group of objects: "the person in the red box", "the people in the red and blue boxes"."""
        if len(numbers) > 1 and len({self.names[number] for number in numbers}) == 1:
            return f"{before}{plural(self.label(numbers[0]))} {self.boxes(numbers)}"
        each = [f"{self.label(number)} {self.boxes([number])}" for number in numbers]
        return f"{before}{listed([each[0], *(f'the {one}' for one in each[1:])])}"

    def boxes(self, numbers: Sequence[int]) -> str:
        """Where a group is: "in the red and blue boxes"."""
        colours = listed([self.colours[number] for number in numbers])
        return f"in the {colours} {'box' if len(numbers) == 1 else 'boxes'}"

    def class_words(self, mention: Mention, numbers: Sequence[int]) -> int:
        """How many words right before say what the mention would say again: "person [0]", "the dining table [4]".

        With a determiner a person may be the subject of a relative clause: "the man [person] is talking to". Of longer
        names the last word is enough: "the table [dining table]".
        """
        kinds = {self.names[number] for number in numbers}
        if len(kinds) != 1 or not mention.word:
            return 0
        if mention.is_person:
            determined = is_determined(mention.before[:-1])
            known = mention.word in PEOPLE_WORDS or (mention.word in ROLES and determined)
            return int(known and not (determined and is_relative(mention)))
        name, label = self.names[numbers[0]].lower(), self.label(numbers[0]).lower()
        last = label.split()[-1]
        if last in ALSO_VERBS and last != label and is_verb_place(mention.before[:-1]):
            last = label  # "going to plant [pottedplant]"
        for noun in (label, name, last):
            for said in (noun.split(), plural(noun).split()):
                if list(mention.before[-len(said) :]) == said:
                    return len(said)
        return 0

    def label(self, number: int) -> str:
        """An object's class, as people write it."""
        return SPELLED.get(self.names[number], self.names[number])

    def text(self, tokens: Sequence[Any]) -> str:
        """A token list as a sentence."""
        words: list[str] = []
        for place, token in enumerate(tokens):
            if isinstance(token, str):
                words.append(token)
                continue
            before = [word.lower() for word in words]
            if before[-1:] == ["persons"]:  # "persons [2, 3]": the group is named once
                words.pop()
                before.pop()
            after = [each.lower() if isinstance(each, str) else OBJECT for each in tokens[place + 1 :]]
            numbers = list(dict.fromkeys(token))  # each once
            kinds = {self.names[number] for number in numbers}
            mention = Mention(before, after, kinds == {PEOPLE}, len(numbers), len(kinds) > 1)
            if said := self.class_words(mention, numbers):
                name = self.names[numbers[0]]
                if before[-1] in SPELLED:
                    words[-1] = self.label(numbers[0])
                if len(numbers) > 1 and before[-1] in {name, self.label(numbers[0]).split()[-1]}:
                    words[-1] = plural(words[-1])
                whose = before[:-said]
                of_kind = whose[-1:] == ["of"] and not KINDS.isdisjoint(whose[-2:-1])  # "what kind of car [3]"
                modified = before[-1] not in {PEOPLE, "people"} and is_modified(whose)
                if not (is_determined(whose) or of_kind or modified):
                    noun = words[-said]
                    words[-said] = f"The {noun.lower()}" if starts_sentence(whose, mention.after) else f"the {noun}"
                words.append(self.boxes(numbers))
                continue
            if answers(mention):
                words.append(",")
            called = self.called(numbers, article(mention))
            words.append(called[0].upper() + called[1:] if starts_sentence(before, after) else called)
        return OWN_S.sub("", detokenized(words))


def starts_sentence(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether a sentence starts between these words.

    What opens a quotation counts for nothing, an ellipsis for less, and behind a whole quotation its speaker may come.
    """
    place = len(before)
    while place and (before[place - 1] in OPENING or ends_in_quotation(before[:place])):
        if ends_in_quotation(before[:place]) and is_said(after) and not has_speaker(before[: place - 1]):
            return False
        place -= 1
    if not place:
        return True
    if before[place - 1] == "." and before[place - 2 : place - 1] and before[place - 2] in TITLES:
        return False
    return before[place - 1] in {".", "?", "!"} and before[place - 2 : place] != [".", "."]


def is_said(after: Sequence[str]) -> bool:
    """Whether a verb of speaking follows in the same sentence."""
    end = next((place for place, word in enumerate(after) if word in {".", "?", "!"}), len(after))
    return not SPEAKING.isdisjoint(after[:end])


def has_speaker(words: Sequence[str]) -> bool:
    """Whether words that end in a quotation tell before it who speaks: "she says 'no"."""
    start = next((place for place in reversed(range(len(words))) if words[place] in OPENING), 0)
    stop = next((place for place in reversed(range(start)) if words[place] in {".", "?", "!"}), -1)
    return not SPEAKING.isdisjoint(words[stop + 1 : start])


def plural(label: str) -> str:
    """The plural of a class's name."""
    if label.endswith(UNCHANGED):
        return label
    irregular = next((one for one in PLURALS if label.endswith(one)), None)
    if irregular:
        return label.removesuffix(irregular) + PLURALS[irregular]
    return label + ("es" if label.endswith(("s", "sh", "ch", "x")) else "s")


def listed(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def references(tokens: Any) -> Iterator[int]:
    """The numbers in a token list.

    Raises:
        TypeError: a token that is neither text nor a list of whole numbers.
    """
    if not isinstance(tokens, list):
        raise TypeError(f"tokens are no list but {tokens!r}")
    for token in tokens:
        if isinstance(token, list) and token and all(type(number) is int for number in token):
            yield from token
        elif not isinstance(token, str):
            raise TypeError(f"token {token!r} is neither text nor a list of object numbers")


def says_everyone(tokens: Sequence[Any]) -> bool:
    """Whether a token list speaks of all people at once; the words are those of the authors' loader."""
    return any(isinstance(token, str) and token.lower() in {"everyone", "everyones"} for token in tokens)

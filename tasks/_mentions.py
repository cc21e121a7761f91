"""How VCR's texts call the objects that they mention: "the person in the red box"."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ._determiners import OBJECT, Mention, answers, article, is_determined
from ._detokenizer import detokenized

PEOPLE = "person"
PEOPLE_WORDS = frozenset({
    "person", "man", "woman", "boy", "girl", "guy", "lady", "people", "men", "women", "kid", "kids",
})  # fmt: skip
"""What a person may be called before its number."""
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

        With a determiner a person may be the subject of a relative clause: "the man [person] is talking to".
        """
        kinds = {self.names[number] for number in numbers}
        if len(kinds) != 1 or not mention.word:
            return 0
        if mention.is_person:
            relative = is_determined(mention.before[:-1]) and mention.is_subject and len(numbers) == 1
            return int(mention.word in PEOPLE_WORDS and not relative)
        label = self.label(numbers[0]).lower()
        said = plural(label).split() if len(numbers) > 1 else label.split()
        return len(said) if list(mention.before[-len(said) :]) == said else 0

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
            mention = Mention(before, after, all(self.names[number] == PEOPLE for number in numbers), len(numbers))
            if said := self.class_words(mention, numbers):
                if len(numbers) > 1 and before[-1] == PEOPLE:
                    words[-1] = "people"
                if not is_determined(before[:-said]):
                    noun = words[-said]
                    words[-said] = f"The {noun.lower()}" if starts_sentence(before[:-said]) else f"the {noun}"
                words.append(self.boxes(numbers))
                continue
            if answers(mention):
                words.append(",")
            called = self.called(numbers, article(mention))
            words.append(called[0].upper() + called[1:] if starts_sentence(before) else called)
        return OWN_S.sub("", detokenized(words))


def starts_sentence(before: Sequence[str]) -> bool:
    """Whether a sentence starts behind these words; what opens a quotation counts for nothing, an ellipsis for less."""
    place = len(before)
    while place and before[place - 1] in OPENING:
        place -= 1
    return not place or (before[place - 1] in {".", "?", "!"} and before[place - 2 : place] != [".", "."])


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

"""How VCR's texts call the objects that they mention: "the person in the red box"."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ._determiners import NONE, OBJECT, Mention, answers, article, is_determined

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


class Objects:
    """The objects that a question mentions, each with its colour, and how the text calls them."""

    def __init__(self, names: Sequence[str], colours: Mapping[int, str]) -> None:
        """Name only the objects in `colours`; other references are skipped."""
        self.names = names
        self.colours = colours

    def called(self, numbers: Sequence[int], before: str) -> str:
        """A group of objects: "the person in the red box", "the people in the red and blue boxes"."""
        known = self.known(numbers)
        if not known:
            return "object" if before == NONE else "someone"
        if len(known) > 1 and all(self.names[number] == PEOPLE for number in known):
            return f"{before}people in the {listed([self.colours[number] for number in known])} boxes"
        each = [f"{self.label(number)} in the {self.colours[number]} box" for number in known]
        return f"{before}{listed([each[0], *(f'the {one}' for one in each[1:])])}"

    def boxes(self, known: Sequence[int]) -> str:
        """Where a group is: "in the red and blue boxes"."""
        return f"in the {listed([self.colours[number] for number in known])} {'box' if len(known) == 1 else 'boxes'}"

    def class_words(self, mention: Mention, known: Sequence[int]) -> int:
        """How many words right before say what the mention would say again: "person [0]", "the dining table [4]".

        With a determiner a person may be the subject of a relative clause: "the man [person] is talking to".
        """
        kinds = {self.names[number] for number in known}
        if len(kinds) != 1 or not mention.word:
            return 0
        if mention.is_person:
            relative = is_determined(mention.before[:-1]) and mention.is_subject and len(known) == 1
            return int(mention.word in PEOPLE_WORDS and not relative)
        said = self.label(known[0]).lower().split()
        return len(said) if list(mention.before[-len(said) :]) == said else 0

    def known(self, numbers: Sequence[int]) -> list[int]:
        """Those of a group that have a colour, each once."""
        return list(dict.fromkeys(number for number in numbers if number in self.colours))

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
            known = self.known(token)
            mention = Mention(before, after, all(self.names[number] == PEOPLE for number in known), len(known) or 1)
            if said := self.class_words(mention, known):
                if len(known) > 1 and before[-1] == PEOPLE:
                    words[-1] = "people"
                if not is_determined(before[:-said]):
                    starts = len(before) == said or before[-said - 1] in {".", "?", "!"}
                    words[-said] = f"The {words[-said].lower()}" if starts else f"the {words[-said]}"
                words.append(self.boxes(known))
                continue
            if answers(mention):
                words.append(",")
            called = self.called(token, article(mention))
            starts = not before or before[-1] in {".", "?", "!"}
            words.append(called[0].upper() + called[1:] if starts else called)
        return joined(words)


def listed(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def joined(words: Sequence[str]) -> str:
    """Tokens as they were typed: punctuation without a blank before it, contractions and hyphens closed."""
    text = " ".join(" ".join(words).split())
    text = re.sub(r" ([.,;:?!%)\]]|\.\.\.)", r"\1", text)
    text = re.sub(r"([(\[$]) ", r"\1", text)
    text = re.sub(r" ?' ?(s|re|ve|ll|d|m|t)\b", r"'\1", text)
    text = re.sub(r" (n't)\b", r"\1", text)
    text = re.sub(r"(boxe?s?) ' ", r"\1' ", text)
    text = text.replace(" boxes's", " boxes'")
    return re.sub(r"(?<=\w) - (?=\w)", "-", text)


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

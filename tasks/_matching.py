"""Pairs of pictures about different things, so that the captions of one do not fit the other."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from m3it_build.core.sample import Origin, Picture

WINDOW = 32
"""How many pictures wait for a partner at a time."""
SMALL_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
        a an the this that these those some it its his her their he she they them there here is are was were be being
        been has have having do does doing can of in on at by to from with without for as into onto over under up down
        out off near next beside between behind above below around through across along against and or but while who
        which what one two three four five several many few other another each all very
        """,
    )
)
"""Words that do not tell what a picture shows."""


@dataclass(frozen=True, slots=True)
class Caption:
    """A caption and the picture that it was written for."""

    id: str
    text: str
    of: str


@dataclass(frozen=True, slots=True)
class Captioned:
    """A picture with its captions, by id."""

    key: str
    picture: Picture
    origin: Origin
    captions: tuple[Caption, ...]


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """The text without case and punctuation."""
    return " ".join(re.findall(r"\w+", text.casefold()))


@lru_cache(maxsize=4096)
def content_words(text: str) -> frozenset[str]:
    """Words that tell what is shown, plural or not."""
    words = (word for word in plain(text).split() if word not in SMALL_WORDS)
    return frozenset(word[:-1] if len(word) > 3 and word.endswith("s") else word for word in words)


def words_of(picture: Captioned) -> frozenset[str]:
    """The content words of all captions of a picture."""
    return frozenset[str]().union(*(content_words(caption.text) for caption in picture.captions))


def fitting(giver: Captioned, other: Captioned) -> tuple[int, list[Caption]]:
    """The captions of `giver` that say least about `other`, and how many content words of its captions each shares."""
    taken = {plain(caption.text) for caption in other.captions}
    words = words_of(other)
    shared = [
        (len(content_words(caption.text) & words), caption)
        for caption in giver.captions
        if plain(caption.text) not in taken
    ]
    least = min((count for count, _ in shared), default=0)
    return least, [caption for count, caption in shared if count == least]


def distance(one: Captioned, two: Captioned) -> int | None:
    """Content words shared at best, both directions together; None where no caption tells the two apart."""
    (least, mine), (least_back, theirs) = fitting(one, two), fitting(two, one)
    return least + least_back if mine and theirs else None


def nearest(one: Captioned, others: Iterable[Captioned]) -> tuple[int, Captioned] | None:
    """The first of `others` about something else, or the one that shares least."""
    best = None
    for other in others:
        shared = distance(one, other)
        if shared is not None and (best is None or shared < best[0]):
            best = (shared, other)
        if shared == 0:
            break
    return best


def pairs(pictures: Iterable[Captioned]) -> Iterator[tuple[Captioned, Captioned]]:
    """Every picture in one pair; what is left over at the end is paired with itself."""
    waiting: list[Captioned] = []
    for picture in pictures:
        found = nearest(picture, waiting)
        if found and (found[0] == 0 or len(waiting) >= WINDOW):
            waiting.remove(found[1])
            yield found[1], picture
        else:
            waiting.append(picture)
    while waiting:
        picture = waiting.pop(0)
        found = nearest(picture, waiting)
        if found:
            waiting.remove(found[1])
        yield picture, found[1] if found else picture

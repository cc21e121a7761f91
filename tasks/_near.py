"""Pairs of pictures about much the same, so that the captions of one nearly fit the other."""

from collections import Counter
from collections.abc import Iterator, Sequence

from ._matching import Caption, Captioned, content_words, words_of

FOREIGN = 2
"""Content words of a caption that none of the other picture's may have: with fewer, it may well be true of it."""
WORDS = 8
"""Words by which a picture looks for others, the rarest first."""
WAITING = 8
"""Pictures without a partner that each of these words offers."""
TRIED = 8
"""Pictures whose captions are compared, those first that share most of these words."""


def nearly_fitting(giver: Captioned, other: Captioned) -> tuple[int, list[Caption]]:
    """The captions of `giver` that share most content words with those of `other` and are not true of it, and how many.

    A caption says at least `FOREIGN` things that no caption of the other picture says; synonyms are not seen through.
    """
    words = words_of(other)
    shared = [
        (len(mine & words), caption)
        for caption in giver.captions
        if len((mine := content_words(caption.text)) - words) >= FOREIGN
    ]
    most = max((count for count, _ in shared), default=0)
    return most, [caption for count, caption in shared if count == most > 0]


def near_pairs(pictures: Sequence[Captioned]) -> Iterator[tuple[Captioned, Captioned]]:
    """Pairs in which either picture has a caption that nearly fits the other; not every picture finds a partner.

    Each takes, of the pictures that are still free, one with which its captions share most content words. Those are
    looked up by word, and only so many of them (`WORDS`, `WAITING`, `TRIED`), so the time grows with the number of
    pictures and not with its square: a minute and 150 MB for as many as COCO's training split has, 113,287.
    """
    places: dict[str, list[int]] = {}
    words = [tuple(sorted(words_of(picture))) for picture in pictures]
    for place in reversed(range(len(pictures))):
        for word in words[place]:
            places.setdefault(word, []).append(place)
    frequency = {word: len(found) for word, found in places.items()}
    free = bytearray(b"\x01") * len(pictures)
    for place, picture in enumerate(pictures):
        if not free[place]:
            continue
        free[place] = False
        offered: Counter[int] = Counter()
        for word in sorted(words[place], key=lambda word: (frequency[word], word))[:WORDS]:
            offered.update(waiting(places[word], free))
        candidates = sorted(offered, key=lambda other: (-offered[other], other))[:TRIED]
        shared = {other: nearness(picture, pictures[other]) for other in candidates}
        best = max(shared, key=shared.__getitem__, default=None)
        if best is not None and shared[best]:
            free[best] = False
            yield picture, pictures[best]


def waiting(places: list[int], free: bytearray) -> list[int]:
    """The next free places of a word, which stand last in its list; those that are not are dropped from it."""
    found: list[int] = []
    while places and len(found) < WAITING:
        place = places.pop()
        if free[place]:
            found.append(place)
    places.extend(reversed(found))
    return found


def nearness(one: Captioned, two: Captioned) -> int:
    """Content words shared at best, both directions together; 0 where a direction has no caption that nearly fits."""
    (most, mine), (most_back, theirs) = nearly_fitting(one, two), nearly_fitting(two, one)
    return most + most_back if mine and theirs else 0

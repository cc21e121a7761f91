"""What should stand once: a picture with its text in one split, a picture under one name.

A shard's manifest keeps eight bytes of each row, and the pictures that have several names in it, so that a build tells
of all shards without reading one again. So it counts a name once for each shard, and misses a picture that has one name
a shard; validation counts from the rows, exactly.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from m3it_build.core.plural import plural
from m3it_build.store.record import dumps

SIZE = 8
"""Bytes of a row's digest: of a hundred million rows two differ in spite of the same one once in 3,700 builds."""
MANY = 3
"""Names from which one picture is worth a word: sources hold some pictures twice."""
TOLD = 3
"""Pictures of a task, and names of a picture, that are told one by one."""
KEPT = 20
"""Pictures of several names that a manifest keeps: those with the most."""


class Names(BaseModel):
    """Under how many names a picture stands, and the first of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    count: int
    first: list[str]


class Shared(NamedTuple):
    """Rows of one split whose pictures and text stand in another one, too."""

    splits: tuple[str, str]
    rows: int
    example: str = ""
    """The id of one, where it is known."""


def row_digest(inputs: str, outputs: str, meta: Mapping[str, Any], pictures: Sequence[str]) -> bytes:
    """What two rows share that show the same and ask and answer the same.

    Options do not count, which are drawn anew for each row, nor how a short answer is written out.

    Args:
        inputs: As written.
        outputs: As written.
        meta: With `options` and `answer`, where it has them.
        pictures: SHA-256 of each, as it is stored: with its boxes.
    """
    options = meta.get("options")
    asked = inputs.rpartition(f"(A) {options[0]}")[0] if options else inputs
    return hashlib.sha256(dumps([list(pictures), asked, meta.get("answer", outputs)])).digest()[:SIZE]


def packed(digests: Iterable[bytes]) -> str:
    """Digests as a manifest keeps them."""
    return base64.b64encode(b"".join(digests)).decode()


def _unpacked(texts: Iterable[str]) -> Iterator[bytes]:
    for data in map(base64.b64decode, texts):
        yield from (data[place : place + SIZE] for place in range(0, len(data), SIZE))


def is_file(name: str) -> bool:
    """Whether the name of a picture is that of a file; frames, cells and items of arrays repeat as they like."""
    return "#" not in name


def several(names: Mapping[str, Iterable[str]]) -> dict[str, Names]:
    """Pictures with two names or more, by their SHA-256; those with the most, and not all."""
    found = {picture: sorted(each) for picture, each in names.items()}
    ranked = sorted((-len(each), picture) for picture, each in found.items() if len(each) > 1)[:KEPT]
    return {picture: Names(count=-count, first=found[picture][:TOLD]) for count, picture in ranked}


def added(parts: Iterable[Mapping[str, Names]]) -> list[Names]:
    """Pictures with many names, of all shards: those with the most first."""
    total: dict[str, Names] = {}
    for picture, names in (pair for part in parts for pair in part.items()):
        known = total.get(picture, Names(count=0, first=[]))
        first = list(dict.fromkeys([*known.first, *names.first]))[:TOLD]
        total[picture] = Names(count=known.count + names.count, first=first)
    return sorted(
        (names for names in total.values() if names.count >= MANY), key=lambda each: (-each.count, each.first)
    )


def shared(digests: Mapping[str, Sequence[str]]) -> list[Shared]:
    """For each two splits how many rows of the second stand in the first, too.

    Args:
        digests: Of each split, in their order, what the manifests of its shards keep.
    """
    found = []
    for first, second in combinations(digests, 2):
        asked = set(_unpacked(digests[second]))
        known = {digest for digest in _unpacked(digests[first]) if digest in asked}
        if count := sum(digest in known for digest in _unpacked(digests[second])):
            found.append(Shared((first, second), count))
    return found


def told(pictures: Sequence[Names], pairs: Sequence[Shared]) -> Iterator[str]:
    """A sentence for each finding."""
    for each in pairs:
        first, second = each.splits
        stand = "stands" if each.rows == 1 else "stand"
        named = f" (as {each.example})" if each.example else ""
        yield (
            f"{plural(each.rows, 'row')} of {second}{named} {stand} in {first}, too: "
            "the same pictures with the same question and answer"
        )
    for names in pictures[:TOLD]:
        yield (
            f"one picture under {names.count:,} names ({', '.join(names.first)}, ...): "
            "is it what a server sends for those that are gone? Then mend them, and build with --overwrite"
        )
    if len(pictures) > TOLD:
        yield f"{plural(len(pictures) - TOLD, 'further picture')} under {MANY} names or more"

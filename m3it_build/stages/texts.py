"""What no row may be, whatever its task."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from m3it_build.core.sample import Json, Reason, Reject, Sample
from m3it_build.core.text import control, damage, is_visible

UNSTORABLE = re.compile("[\\0\ud800-\udfff]")
LONGEST = 32_768
"""Characters of a text; the longest of the forty sources have some 4,500 (MOCHEG's claim with its evidence)."""
DEEPEST = 64
"""Values of `meta` within each other, itself the first: what is nested deeper, others could not read."""


def check_text(sample: Sample) -> Sample | Reject:
    """Refuse a target, and a question, that nobody can see, that is damaged, too long, or that no file can hold.

    What is damaged in meta is left out of it, and `damaged` names the keys.

    Raises:
        RecursionError: values in meta are nested deeper than `DEEPEST`.
    """
    target = sample.outputs if sample.answer is None else sample.answer
    for text in (sample.inputs, target):
        if UNSTORABLE.search(text):
            return Reject(sample.key, "quality", Reason.BAD_RECORD, "a NUL or half a surrogate pair in the text")
    labels = [region.label for region in sample.regions]
    for text in (sample.key, *labels):
        if what := control(text):
            return Reject(sample.key, "quality", Reason.DAMAGED_TEXT, what)
    if long := [text for text in (sample.inputs, target, *labels, *_texts(sample.meta)) if len(text) > LONGEST]:
        what = f"{len(long[0]):,} characters, more than {LONGEST:,}: {long[0][:60]!r}"
        return Reject(sample.key, "quality", Reason.LONG_TEXT, what)
    for text in (sample.inputs, target, *_as_given(sample)):
        if what := damage(text):
            return Reject(sample.key, "quality", Reason.DAMAGED_TEXT, what)
    if not is_visible(target):
        reason = Reason.EMPTY_TEXT if sample.answer is None else Reason.NO_ANSWER
        return Reject(sample.key, "quality", reason, "nothing to answer with")
    if sample.inputs and not is_visible(sample.inputs):
        return Reject(sample.key, "quality", Reason.EMPTY_TEXT, "nothing to see in the question")
    damaged = damaged_keys({name: value for name, value in sample.meta.items() if name != "original"})
    if damaged:
        kept = {name: value for name, value in sample.meta.items() if name not in damaged}
        return replace(sample, meta=kept | {"damaged": damaged})
    return sample


def damaged_keys(meta: Mapping[str, Json]) -> list[str]:
    """The keys under which a text is that an encoding damaged, anywhere in their values; sorted."""
    return sorted(name for name, value in meta.items() if any(map(damage, _texts(value))))


def _texts(value: Json, left: int = DEEPEST) -> Iterator[str]:
    """Every text in a JSON value.

    Raises:
        RecursionError: it is nested deeper than `left`.
    """
    if not left:
        raise RecursionError(f"values are nested more than {DEEPEST} deep")
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part, left - 1)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part, left - 1)


def _as_given(sample: Sample) -> Iterator[str]:
    """Texts before their white space was made one blank, which can be a part of the damage ("Â" and a no-break one)."""
    for original in sample.meta.get("original", {}).values():
        yield from [original] if isinstance(original, str) else original

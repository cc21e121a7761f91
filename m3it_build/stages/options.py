"""Candidate answers, drawn, shuffled and lettered by hash (the release drew them anew at each load)."""

from collections.abc import Sequence
from dataclasses import replace

from m3it_build.core.choice import Draw
from m3it_build.core.sample import Reason, Reject, Sample


def letter(place: int) -> str:
    """A, B, ... Z, AA, AB, ...: the release ran out of letters at 26."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def options_block(options: Sequence[str]) -> str:
    """The block as the release writes it: "Options:", then a line "(A) x" for each."""
    return "\n".join(["Options:", *(f"({letter(place)}) {option}" for place, option in enumerate(options))])


def letter_options(sample: Sample, draw: Draw) -> Sample | Reject:
    """Write the sample's options into inputs and the lettered answer into outputs."""
    options = sample.options
    if options is None:
        return sample
    if options.ordered:
        shown = list(options.others)
        if shown.count(options.answer) != 1:
            return Reject(sample.key, "options", Reason.BAD_LABEL, f"{options.answer!r} is not one of {shown}")
    else:
        others = (
            [other for other in dict.fromkeys(options.others) if other != options.answer]
            if options.count is None
            else None
        )
        if others is None:
            assert options.count is not None
            spare = draw.some("distractors", sample.key, options.others, options.count + 8)
            others = [other for other in dict.fromkeys(spare) if other != options.answer][: options.count - 1]
        shown = draw.shuffled("options", sample.key, [options.answer, *others])
    if len(shown) < 2:
        return Reject(sample.key, "options", Reason.FEW_OPTIONS, f"only {options.answer!r}")
    place = shown.index(options.answer)
    block = options_block(shown)
    return replace(
        sample,
        inputs=f"{sample.inputs}\n{block}" if sample.inputs else block,
        outputs=f"({letter(place)}) {options.answer.removesuffix('.')}.",
        options=None,
        meta={**sample.meta, "options": shown, "answer_index": place},
    )

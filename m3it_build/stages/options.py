"""Candidate answers, drawn, shuffled and lettered by hash (the release drew them anew at each load)."""

from collections.abc import Sequence
from dataclasses import replace

from m3it_build.core.choice import Draw
from m3it_build.core.sample import Options, Reason, Reject, Sample

SPARE = 8
HEADING = "Options:"
CONCLUSION = "So the answer is"
"""What stands between a reason and a lettered answer."""


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
    return "\n".join([HEADING, *(lettered(place, option) for place, option in enumerate(options))])


def lettered(place: int, option: str) -> str:
    """An option under its letter."""
    return f"({letter(place)}) {option}"


def gives_option(outputs: str, options: Sequence[str], place: int) -> bool:
    """Whether an output gives the right one of its options under its letter."""
    return 0 <= place < len(options) and lettered(place, options[place]) in outputs


def letter_options(sample: Sample, draw: Draw) -> Sample | Reject:
    """Write the sample's options into inputs and the lettered answer into outputs."""
    options = sample.options
    if options is None:
        return sample
    answer = one_line(options.answer)
    if not answer:
        return Reject(sample.key, "options", Reason.NO_ANSWER, "the right option is empty")
    shown = _shown(options, answer, sample.key, draw)
    if shown.count(answer) != 1:
        return Reject(sample.key, "options", Reason.BAD_LABEL, f"{answer!r} does not stand once in {shown}")
    if len(shown) < 2:
        return Reject(sample.key, "options", Reason.FEW_OPTIONS, f"only {answer!r}")
    place = shown.index(answer)
    block = options_block(shown)
    given = with_stop(lettered(place, answer))
    reason = one_line(sample.outputs)
    return replace(
        sample,
        inputs=f"{sample.inputs}\n{block}" if sample.inputs else block,
        outputs=f"{with_stop(reason)} {CONCLUSION} {given}" if reason else given,
        options=None,
        meta={**sample.meta, "options": shown, "answer_index": place},
    )


def with_stop(text: str) -> str:
    """The text with a full stop of its script, unless it has an end already."""
    if text.endswith((".", "!", "?", "。", "！", "？")):
        return text
    return text + ("。" if "\u3400" <= text[-1] <= "\u9fff" else ".")


def one_line(text: str) -> str:
    """The text without line breaks, which would end an option's line."""
    return " ".join(text.split())


def _shown(options: Options, answer: str, key: str, draw: Draw) -> list[str]:
    """The options in the order in which they are lettered; each text once."""
    if options.ordered:
        return [one_line(other) for other in options.others]
    others = options.others
    if options.count is not None:  # a few to spare, for those equal to the answer or to each other
        others = draw.some("distractors", key, others, options.count + SPARE)
    different = [other for other in dict.fromkeys(map(one_line, others)) if other not in ("", answer)]
    if options.count is not None:
        different = different[: options.count - 1]
    return draw.shuffled("options", key, [answer, *different])

"""Candidate answers, drawn, shuffled and lettered by hash (the release drew them anew at each load)."""

from collections.abc import Sequence
from dataclasses import replace

from m3it_build.core.choice import Draw
from m3it_build.core.sample import Options, Reason, Reject, Sample
from m3it_build.core.text import BRACKETS, one_line, sentence_end, with_stop
from m3it_build.stages.spaces import with_original

SPARE = 8
HEADING = "Options:"
CONCLUSION = "So the answer is"
"""What stands between a reason and a lettered answer."""
CHINESE_HEADING = "选项："
CHINESE_CONCLUSION = "所以答案是"


def letter(place: int) -> str:
    """A, B, ... Z, AA, AB, ...: the release ran out of letters at 26."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def heading_of(language: str) -> str:
    """What stands above the options of a task in that language."""
    return CHINESE_HEADING if language == "zh" else HEADING


def options_block(options: Sequence[str], heading: str = HEADING) -> str:
    """The block as the release writes it: "Options:", then a line "(A) x" for each."""
    return "\n".join([heading, *(lettered(place, option) for place, option in enumerate(options))])


def lettered(place: int, option: str) -> str:
    """An option under its letter."""
    return f"({letter(place)}) {option}"


def gives_option(outputs: str, options: Sequence[str], place: int) -> bool:
    """Whether an output gives the right one of its options under its letter."""
    return 0 <= place < len(options) and lettered(place, options[place]) in outputs


def letter_options(sample: Sample, draw: Draw, language: str = "en") -> Sample | Reject:
    """Write the sample's options into inputs and the lettered answer into outputs; both in meta, too."""
    options = sample.options
    if options is None:
        return sample
    answer = one_line(options.answer)
    if not answer:
        return Reject(sample.key, "options", Reason.NO_ANSWER, "the right option is empty")
    given = _shown(options, answer, sample.key, draw)
    shown = [one_line(option) for option in given]
    if shown.count(answer) != 1:
        return Reject(sample.key, "options", Reason.BAD_LABEL, f"{answer!r} does not stand once in {shown}")
    if len(shown) < 2:
        return Reject(sample.key, "options", Reason.FEW_OPTIONS, f"only {answer!r}")
    place = shown.index(answer)
    block = options_block(shown, heading_of(language))
    return replace(
        sample,
        inputs=f"{sample.inputs}\n{block}" if sample.inputs else block,
        outputs=concluded(one_line(sample.outputs), _given(lettered(place, answer), options), language),
        options=None,
        meta={
            **with_original(sample.meta, {} if shown == [option.strip() for option in given] else {"options": given}),
            "options": shown,
            "answer_index": place,
            "answer": answer,
        },
    )


def concluded(reason: str, given: str, language: str) -> str:
    """A lettered answer, after its reason if there is one."""
    if not (reason := sentence_end(reason)):
        return given
    return f"{reason}{CHINESE_CONCLUSION if language == 'zh' else f' {CONCLUSION} '}{given}"


def _given(option: str, options: Options) -> str:
    """The lettered answer as a sentence; what ends in a mark stands as it is ("Dear Pablo,", a title in quotes)."""
    bare = options.verbatim or not (option[-1].isalnum() or option[-1] in BRACKETS)
    return option if bare else with_stop(option)


def _shown(options: Options, answer: str, key: str, draw: Draw) -> list[str]:
    """The options in the order in which they are lettered, as they were given; each text once."""
    if options.ordered:
        return list(options.others)
    others = options.others
    if options.count is not None:  # a few to spare, for those equal to the answer or to each other
        others = draw.some("distractors", key, others, options.count + SPARE)
    different: dict[str, str] = {}
    for other in others:
        different.setdefault(one_line(other), other)
    wrong = [other for text, other in different.items() if text not in ("", answer)]
    if options.count is not None:
        wrong = wrong[: options.count - 1]
    return draw.shuffled("options", key, [options.answer, *wrong])

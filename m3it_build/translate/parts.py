"""What of a row is translated and what stays as it is: lines, lettered options, sentences.

A text is cut into parts; only sentences go to the model, each as one unit, so that equal ones are translated once and
an answer stays the same as its option.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from m3it_build.core.sample import Fault
from m3it_build.core.text import STOPS, with_stop
from m3it_build.core.words import has_words
from m3it_build.services.mt.translator import Outcome, normalised
from m3it_build.stages.options import CONCLUSION, HEADING, lettered, options_block
from m3it_build.store.reader import Texts

UNSPACED = frozenset({"Hans", "Hant", "Jpan"})
"""Scripts without a space between sentences."""
FULL_STOPS = {
    **dict.fromkeys(("Hans", "Hant", "Jpan"), "。"),
    **dict.fromkeys(("Deva", "Beng", "Guru", "Orya"), "।"),
    "Armn": "։",
    "Ethi": "።",
    "Khmr": "។",
    "Mymr": "။",
}
"""Full stops of scripts whose languages do not end a sentence with a point."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text."""

    text: str
    """As it stands in the text, or, of a unit, as it goes to the model."""
    translated: bool = False
    ended: bool = False
    """A full stop of the language follows, as one was added to the original."""


@dataclass(frozen=True, slots=True)
class TranslatedTexts:
    """A row's texts in another language."""

    inputs: str
    outputs: str
    options: list[str] | None


def units(row: Texts) -> set[str]:
    """The different texts of a row that go to the model; its instruction belongs to the pool."""
    return {part.text for part in _row_parts(row) if part.translated}


def text_units(text: str) -> set[str]:
    """The same of a plain text, as an instruction."""
    return {part.text for part in plain_parts(text) if part.translated}


def translate_row(row: Texts, known: Mapping[str, Outcome], script: str) -> TranslatedTexts | Fault:
    """A row with every unit replaced; the first refused one is what the row is rejected for.

    Args:
        row: The English row.
        known: Units and their translations.
        script: Of the target language, ISO 15924.
    """
    try:
        options = _options(row)
        inputs = _joined(inputs_parts(row.inputs, options), known, script)
        outputs = _joined(outputs_parts(row.outputs, options, _place(row)), known, script)
        translated = [_joined(_unit(option), known, script) for option in options] if options else None
    except _RefusedError as refused:
        return refused.fault
    return TranslatedTexts(inputs, outputs, translated)


def translate_text(text: str, known: Mapping[str, Outcome], script: str) -> str | Fault:
    """A plain text with every sentence replaced."""
    try:
        return _joined(plain_parts(text), known, script)
    except _RefusedError as refused:
        return refused.fault


def plain_parts(text: str) -> list[Part]:
    """A text as sentences and what lies between them; line breaks stay."""
    parts: list[Part] = []
    for line in text.splitlines(keepends=True):
        body = line.rstrip("\r\n")
        for sentence in _sentences(body):
            parts += _with_space(sentence)
        if len(body) < len(line):
            parts.append(Part(line[len(body) :]))
    return parts


def inputs_parts(text: str, options: Sequence[str]) -> list[Part]:
    """The parts of inputs: a block of options is taken line by line, each option as one unit."""
    block = options_block(options)
    if not options or not text.endswith(block) or text.removesuffix(block)[-1:] not in {"", "\n"}:
        return plain_parts(text)
    parts = [*plain_parts(text.removesuffix(block)), Part(HEADING)]
    for place, option in enumerate(options):
        parts += [Part(f"\n{lettered(place, '')}"), *_unit(option)]
    return parts


def outputs_parts(text: str, options: Sequence[str], place: int | None) -> list[Part]:
    """The parts of outputs: a lettered answer is its option, what stands before it is its reason."""
    if options and place is not None and 0 <= place < len(options):
        mark, option = lettered(place, ""), options[place]
        for answer, ended in ((f"{mark}{option}", False), (f"{mark}{option}.", True), (f"{mark}{option}。", True)):
            before = text.removesuffix(answer)
            if len(before) == len(text):
                continue
            tail = [Part(mark), *_unit(option, ended=ended)]
            if before.endswith(f"{CONCLUSION} "):
                reason = before.removesuffix(f"{CONCLUSION} ")
                return [*plain_parts(reason), Part(CONCLUSION, translated=True), Part(" "), *tail]
            return [*plain_parts(before), *tail]
    return plain_parts(text)


class _RefusedError(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.detail)
        self.fault = fault


def _joined(parts: Sequence[Part], known: Mapping[str, Outcome], script: str) -> str:
    texts: list[str] = []
    for place, part in enumerate(parts):
        text = part.text
        if part.translated:
            outcome = known[part.text]
            if isinstance(outcome, Fault):
                raise _RefusedError(outcome)
            text = outcome
            if part.text == CONCLUSION:
                text = text.rstrip("".join(STOPS))
        elif script in UNSPACED and text == " " and 0 < place < len(parts) - 1:
            between = parts[place - 1].translated and parts[place + 1].translated
            text = "" if between else " "
        texts.append(with_stop(text, FULL_STOPS.get(script, ".")) if part.ended else text)
    return "".join(texts)


def _unit(text: str, *, ended: bool = False) -> list[Part]:
    """An option: one unit, whatever it holds."""
    clean = normalised(text)
    return [Part(clean, translated=True, ended=ended) if has_words(clean) else Part(text, ended=ended)]


def _with_space(sentence: str) -> Iterator[Part]:
    """A sentence and the white space around it."""
    body = sentence.strip()
    clean = normalised(body)
    if not clean or not has_words(clean):
        yield Part(sentence)
        return
    start = sentence.index(body)
    if start:
        yield Part(sentence[:start])
    yield Part(clean, translated=True)
    if rest := sentence[start + len(body) :]:
        yield Part(rest)


def _sentences(line: str) -> list[str]:
    """A line cut into sentences, at white space only; together they are the line again."""
    if not line.strip():
        return [line] if line else []
    found: list[str] = []
    for part in _segmenter()(line):
        if found and not found[-1][-1:].isspace():
            found[-1] += part  # the middle of an address or a name with an exclamation mark
        else:
            found.append(part)
    return found if "".join(found) == line else [line]


@cache
def _segmenter() -> Callable[[str], list[str]]:
    from pysbd import Segmenter

    segment: Callable[[str], list[str]] = Segmenter(language="en", clean=False).segment
    return segment


def _row_parts(row: Texts) -> Iterator[Part]:
    options = _options(row)
    yield from inputs_parts(row.inputs, options)
    yield from outputs_parts(row.outputs, options, _place(row))
    for option in options:
        yield from _unit(option)


def _options(row: Texts) -> list[str]:
    options: Any = row.meta.get("options")
    return [str(option) for option in options] if isinstance(options, list) else []


def _place(row: Texts) -> int | None:
    place = row.meta.get("answer_index")
    return place if isinstance(place, int) else None

"""The plain conversion, said by the names of fields: a question, its answer and a picture."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from m3it_build.core.sample import Fields, Picture, Reason, Reject, Row, Sample, reject

Pick = str | Callable[[Fields], Any]
"""Where a value is: a field's name, names joined by dots for what lies deeper (`answer.text`), or a function
that gives None where there is none."""


def fields(
    *,
    image: str | Callable[[Fields], Picture | None],
    folders: Sequence[str] = ("",),
    question: Pick | None = None,
    answer: Pick | None = None,
    outputs: Pick | None = None,
    context: Mapping[str, Pick] | None = None,
    meta: Mapping[str, Pick] | None = None,
    unit: Callable[[Fields], str] | None = None,
) -> Callable[[Row], Sample | Reject]:
    """A `convert` for records of one picture and one text.

    A record without question, answer or picture is rejected, and so is one that lacks a field of these; what `context`
    and `meta` name may be missing.

    Args:
        image: The field with the picture's file name, or a function to the picture (None: the record names none). Rows
            of `parquet_rows` have it in a cell, and need no name.
        folders: Where that file may lie, as `images/`.
        question: The inputs.
        answer: A short answer, that is to become a sentence.
        outputs: A target that is a text already; this or `answer`.
        context: What only the paraphraser is told, as `ocr`; left out where it is empty.
        meta: What a row keeps of its record, under these names.
        unit: What sampling keeps or drops as a whole, as the picture of several texts.

    Raises:
        ValueError: both or none of `answer` and `outputs`.
    """
    target = answer if outputs is None else outputs
    if target is None or (answer is not None and outputs is not None):
        raise ValueError("fields() needs an answer or outputs, and not both")

    def convert(row: Row) -> Sample | Reject:
        record = row.fields
        asked = _text(record, question)
        if question is not None and not asked:
            return reject(row, Reason.NO_QUESTION, "the question is empty")
        said = _text(record, target)
        if not said:
            what = f"{target} is empty" if isinstance(target, str) else ""
            return reject(row, Reason.NO_ANSWER, what) if asked else reject(row, Reason.EMPTY_TEXT, "the text is empty")
        picture = image(record) if callable(image) else _picture(record, image, folders)
        if picture is None:
            return reject(row, Reason.NO_MEDIA, "the record names no picture")
        told = {name: _known(record, pick) for name, pick in (context or {}).items()}
        return Sample(
            key=row.key,
            images=(picture,),
            inputs=asked,
            outputs=said if answer is None else "",
            answer=said if outputs is None else None,
            unit=unit(record) if unit else "",
            context={name: text for name, text in told.items() if text},
            meta={name: _known(record, pick) for name, pick in (meta or {}).items()},
        )

    return convert


def _text(record: Fields, pick: Pick | None) -> str:
    """A text that has to be there, its ends stripped; a function may say None."""
    if pick is None:
        return ""
    if callable(pick):
        value = pick(record)
        return "" if value is None else str(value.strip())
    value = record
    for name in pick.split("."):
        value = value[name]
    return str(value.strip())


def _known(record: Fields, pick: Pick) -> Any:
    """A value that may be missing."""
    if callable(pick):
        return pick(record)
    value: Any = record
    for name in pick.split("."):
        value = value.get(name)
        if value is None:
            return None
    return value


def _picture(record: Fields, image: str, folders: Sequence[str]) -> Picture | None:
    if "picture" in record:
        return Picture((record["picture"],))
    name = (record[image] or "").strip()
    return Picture(tuple(folder + name for folder in folders)) if name else None

"""What tasks on video clips share."""

from collections.abc import Iterable, Sequence
from typing import Any

from m3it_build.core.sample import Clip, Fields, Origin, Row, Rows, Variant
from m3it_build.core.task import FoundFile
from m3it_build.sources.rows import collect, json_rows, record_id

SUFFIXES = ("mp4", "webm", "avi", "mkv")


def clip(stems: Iterable[str], folders: Iterable[str], origin: str = "") -> Clip:
    """A clip by its possible stems and folders, under any video suffix."""
    folders = tuple(folders)
    paths = (
        f"{folder}/{stem}.{suffix}" if folder else f"{stem}.{suffix}"
        for stem in stems
        for folder in folders
        for suffix in SUFFIXES
    )
    return Clip(tuple(paths), origin=origin)


def by_clip(file: FoundFile, records: Iterable[Any], field: str) -> Rows:
    """Question records grouped by the clip that they are about: one row a clip, with the field `questions`."""
    clips: dict[str, list[Fields]] = {}
    yield from collect(json_rows(file, records, field), clips)
    for name, questions in clips.items():
        yield Row(name, {"questions": questions}, Origin(file.name, f"{field} {name}"))


def asked(questions: Sequence[Fields], key: str) -> tuple[list[Variant], int]:
    """The questions that have an id, a text and an answer, in the order of their ids, and how many have not."""
    usable: dict[str, Variant] = {}
    unusable = 0
    for question in questions:
        name, text, answer = record_id(question.get(key)), question.get("question"), question.get("answer")
        if name is not None and isinstance(text, str) and isinstance(answer, str) and text.strip() and answer.strip():
            variant = Variant(inputs=text, answer=answer, meta={"question_id": question[key]})
            # Of two questions with one id the same is taken in whatever order they stand.
            usable[name] = min(usable.get(name, variant), variant, key=lambda each: (each.inputs, each.answer))
        else:
            unusable += 1
    order = sorted(usable, key=lambda name: (len(name), name))
    return [usable[name] for name in order], unusable

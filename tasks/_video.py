"""What tasks on video clips share."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from m3it_build.core.sample import Clip, Origin, Reason, Reject, Row, Variant
from m3it_build.sources.folder import File, Folder
from m3it_build.sources.joined import record_id

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


def video_files(folder: Folder) -> dict[str, str]:
    """Every video below the task's folders, in archives too: its path by its stem, found in one walk."""
    found: dict[str, str] = {}
    for root in folder.roots:
        for top, folders, names in os.walk(root):
            folders.sort()  # where a stem stands twice, the same file is taken on every machine
            for name in sorted(names):
                _note(found, (Path(top) / name).relative_to(root).as_posix())
    for archive in folder.archives:
        for name in archive.names:
            _note(found, name)
    return found


def _note(found: dict[str, str], name: str) -> None:
    stem, _, suffix = name.rpartition("/")[2].rpartition(".")
    if stem and suffix.lower() in SUFFIXES and not stem.startswith("._"):
        found.setdefault(stem, name)


def by_clip(file: File, records: Iterable[Any], field: str) -> Iterator[Row | Reject]:
    """Question records grouped by the clip that they are about: one row a clip, fields `clip` and `questions`."""
    clips: dict[str, list[Any]] = {}
    for place, record in enumerate(records):
        name = record_id(record.get(field)) if isinstance(record, dict) else None
        if name is None:
            yield Reject(f"{file.name}#{place}", "source", Reason.BAD_RECORD, f"record {place} has no usable {field!r}")
        else:
            clips.setdefault(name, []).append(record)
    for name, questions in clips.items():
        yield Row(name, {"clip": name, "questions": questions}, Origin(file.name, f"{field} {name}"))


def asked(questions: Sequence[Mapping[str, Any]], key: str) -> tuple[list[Variant], int]:
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

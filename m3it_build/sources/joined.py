"""Two JSON lists that belong together by an id, never by position."""

from collections.abc import Iterator
from typing import Any

from m3it_build.core.sample import Origin, Reason, Reject, Row
from m3it_build.sources.folder import File, Folder
from m3it_build.sources.json_files import Records
from m3it_build.sources.tables import read_parquet


def record_id(value: Any) -> str | None:
    """A source's id as text; None for what cannot be one."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).strip() or None


def json_rows(file: File, records: Records, key: str) -> Iterator[Row | Reject]:
    """One row for each object of a list, keyed by its field `key`."""
    for place, record in enumerate(records):
        name = record_id(record.get(key)) if isinstance(record, dict) else None
        if name is None:
            yield _without_key(file, place, key)
        else:
            yield Row(name, record, Origin(file.name, name))


def parquet_rows(folder: Folder, pattern: str, key: str, picture: str) -> Iterator[Row | Reject]:
    """One row for each record of a mirror's Parquet files, keyed by its field `key`; `picture` names its cell."""
    for file, number, record in read_parquet(folder, pattern, pictures=(picture,)):
        name = record_id(record[key])
        if name is None:
            yield Reject(f"{file.name}#{number}", "source", Reason.BAD_RECORD, f"no usable {key!r}")
        else:
            yield Row(name, {**record, "picture": f"{file.name}#{number}/{picture}"}, Origin(file.name, name))


def join_rows(questions: Records, annotations: Records, key: str) -> Iterator[Row | Reject]:
    """One row for each question, with fields `question` and `annotation`; what has no partner becomes a reject."""
    places: dict[str, int] = {}
    twice: list[tuple[str, int]] = []
    for place, picked in enumerate(annotations.pick(key)):
        name = record_id(picked.get(key))
        if name is None:
            yield _without_key(annotations.file, place, key)
        elif name in places:
            twice.append((name, place))
        else:
            places[name] = place
    asked = set()
    for place, question in enumerate(questions):
        name = record_id(question.get(key)) if isinstance(question, dict) else None
        if name is None:
            yield _without_key(questions.file, place, key)
            continue
        asked.add(name)
        if name not in places:
            yield Reject(name, "source", Reason.NO_ANNOTATION, f"not in {annotations.file.name}")
            continue
        fields = {"question": question, "annotation": annotations[places[name]]}
        yield Row(name, fields, Origin(questions.file.name, name))
    for name in places:
        if name not in asked:
            yield Reject(name, "source", Reason.NO_QUESTION, f"not in {questions.file.name}")
    for name, place in twice:
        yield Reject(
            f"{name}#{place}", "source", Reason.DUPLICATE_ID, f"{annotations.file.name}: {key} {name} stands twice"
        )


def _without_key(file: File, place: int, key: str) -> Reject:
    return Reject(f"{file.name}#{place}", "source", Reason.BAD_RECORD, f"record {place} (from 0) has no usable {key!r}")

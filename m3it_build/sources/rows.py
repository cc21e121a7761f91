"""Records to rows: each has an id of the source's own, or is rejected for want of one."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from m3it_build.core.sample import Fields, Origin, Reason, Reject, Row, Rows
from m3it_build.core.task import FoundFile
from m3it_build.sources.json_files import read_jsonl
from m3it_build.sources.tables import read_csv, read_parquet


def record_id(value: Any) -> str | None:
    """A source's id as text; None for what cannot be one."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    try:
        return str(value).strip() or None
    except ValueError:  # a number of thousands of digits
        return None


def record_number(value: Any) -> str | None:
    """As `record_id`, for sources whose ids are whole numbers."""
    name = record_id(value)
    return name if name is not None and name.isdecimal() else None


def bad_record(file: FoundFile, place: int, detail: str) -> Reject:
    """The reject of a record that has no key, and what is wrong with it."""
    return Reject(f"{file.name}#{place}", "source", Reason.BAD_RECORD, detail)


def without_id(file: FoundFile, place: int, key: str, unit: str = "record") -> Reject:
    """The reject of a record whose field `key` is no usable id; lines count from 1, all else from 0."""
    return bad_record(file, place, f"{unit} {place}{'' if unit == 'line' else ' (from 0)'} has no usable {key!r}")


def json_rows(file: FoundFile, records: Iterable[Any], key: str, **more: Any) -> Rows:
    """One row for each object of a list, keyed by its field `key`; its fields are the object's and `more`."""
    return _rows(file, enumerate(records), key, "record", more)


def jsonl_rows(file: FoundFile, key: str, **more: Any) -> Rows:
    """As `json_rows`, of a file with one object a line."""
    return _rows(file, read_jsonl(file), key, "line", more)


def csv_rows(file: FoundFile, key: str, columns: Sequence[str]) -> Rows:
    """As `json_rows`, of a table with a header, which must have `columns`."""
    return _rows(file, read_csv(file, columns), key, "line", {})


def parquet_rows(
    files: Sequence[FoundFile], key: str, picture: str = "", *, columns: Sequence[str] = (), unread: Sequence[str] = ()
) -> Rows:
    """As `json_rows`, of a mirror's Parquet files, which must have `columns`; those in `unread` are left alone.

    A row's field `picture` names its cell in the column `picture`.
    """
    for file, number, record in read_parquet(files, (picture, *unread), (key, *columns)):
        more = {"picture": f"{file.name}#{number}/{picture}"} if picture else {}
        yield from _rows(file, [(number, record)], key, "row", more)


def with_fields(rows: Rows, more: Callable[[Fields], Fields]) -> Rows:
    """The rows with what `more` tells of the fields of each."""
    for row in rows:
        yield Row(row.key, {**row.fields, **more(row.fields)}, row.origin) if isinstance(row, Row) else row


def collect(rows: Rows, groups: dict[str, list[Fields]]) -> Iterator[Reject]:
    """Fill `groups` with the fields of rows that have the same key; what is no row passes."""
    for row in rows:
        if isinstance(row, Row):
            groups.setdefault(row.key, []).append(row.fields)
        else:
            yield row


def _rows(file: FoundFile, records: Iterable[tuple[int, Any]], key: str, unit: str, more: dict[str, Any]) -> Rows:
    for place, record in records:
        name = record_id(record.get(key)) if isinstance(record, dict) else None
        if name is None:
            yield without_id(file, place, key, unit)
        else:
            yield Row(name, {**record, **more} if more else record, Origin(file.name, name))

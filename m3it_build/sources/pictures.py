"""From a reference to bytes: pictures and clips on disk, in archives, and in Parquet cells."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from m3it_build.core.sample import Clip, Fault, Picture, Reason
from m3it_build.sources.archives import is_safe, state_of
from m3it_build.sources.disguise import HEAD, what_they_are
from m3it_build.sources.files import File
from m3it_build.sources.folder import Folder

T = TypeVar("T")

CELL = re.compile(r"(?P<file>.+\.parquet)#(?P<row>\d+)/(?P<column>.+)")


class Found(NamedTuple):
    """A picture's bytes and the name under which they lay."""

    name: str
    data: bytes


def fetched(folder: Folder, picture: Picture) -> Iterator[Found | Fault]:
    """The bytes of each candidate of a picture, the best first; at least one fault or file."""
    if picture.data:
        yield Found(picture.paths[0], picture.data)
    elif match := CELL.fullmatch(picture.paths[0]) if picture.paths else None:
        yield _cell(folder, match["file"], int(match["row"]), match["column"])
    else:
        for file in located(folder, picture):
            yield file if isinstance(file, Fault) else _bytes(file)


def located(folder: Folder, media: Picture | Clip) -> Iterator[File | Fault]:
    """The files that a picture or clip may be, the best first; one fault where there is none."""
    if not media.paths:
        yield Fault(Reason.NO_MEDIA)
        return
    for path in media.paths:
        if not is_safe(path):
            yield Fault(Reason.UNSAFE_PATH, path)
            return
    nothing = True
    for file in folder.candidates(*media.paths):
        nothing = False
        yield file
    if nothing:
        different = folder.different(*media.paths)
        reason = Reason.DIFFERENT_MEDIA if different else Reason.MISSING_MEDIA
        yield Fault(reason, different or " or ".join(media.paths[:3]))


def first_good(attempts: Iterable[T | Fault]) -> T | Fault:
    """The first that is no fault; else the first fault."""
    faults = []
    for attempt in attempts:
        if not isinstance(attempt, Fault):
            return attempt
        faults.append(attempt)
    return faults[0]


def _bytes(file: File) -> Found | Fault:
    try:
        data = file.path.read_bytes() if not (file.member or file.zipped) else file.read()
    except Exception as error:  # noqa: BLE001 - whatever an archive or disk does, it is this record's fault
        told = getattr(error, "strerror", None) or str(error).replace(str(file.path), file.path.name)
        return Fault(Reason.BAD_IMAGE, f"{file.name}: {told}")
    if disguise := what_they_are(data[:HEAD]):
        return Fault(Reason.BAD_IMAGE, f"{file.name} {disguise}")
    return Found(file.name, data)


def _cell(folder: Folder, name: str, row: int, column: str) -> Found | Fault:
    if not is_safe(name):
        return Fault(Reason.UNSAFE_PATH, name)
    file = folder.find(name, globs=False)
    if file is None:
        return Fault(Reason.MISSING_MEDIA, name)
    value = _group(file.path, state_of([file.path]), column, row)
    data = value.get("bytes") if isinstance(value, dict) else value
    if not isinstance(data, bytes):
        return Fault(Reason.MISSING_MEDIA, f"{name}: row {row} has no {column}")
    path = value.get("path") if isinstance(value, dict) else None
    return Found(Path(path).name if path else f"{name}#{row}/{column}", data)


def _group(path: Path, state: str, column: str, row: int) -> Any:
    _, starts = _parquet(path, state)
    group = max(place for place, start in enumerate(starts) if start <= row)
    cells = _column(path, state, group, column)
    offset = row - starts[group]
    return cells[offset].as_py() if cells is not None and offset < len(cells) else None


@lru_cache(maxsize=16)
def _parquet(path: Path, _: str) -> tuple[Any, list[int]]:
    import pyarrow.parquet as pq

    table = pq.ParquetFile(path, memory_map=True)
    starts, total = [], 0
    for group in range(table.num_row_groups):
        starts.append(total)
        total += table.metadata.row_group(group).num_rows
    return table, starts


@lru_cache(maxsize=4)
def _column(path: Path, state: str, group: int, column: str) -> Any:
    table, _ = _parquet(path, state)
    return table.read_row_group(group, columns=[column]).column(0) if column in table.schema_arrow.names else None

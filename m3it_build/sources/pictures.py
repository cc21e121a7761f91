"""From a reference to bytes: pictures and clips on disk, in archives, and in Parquet cells."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from m3it_build.core.sample import Clip, Fault, Picture, Reason
from m3it_build.sources.archives import is_safe
from m3it_build.sources.folder import File, Folder

CELL = re.compile(r"(?P<file>.+\.parquet)#(?P<row>\d+)/(?P<column>.+)")


class Found(NamedTuple):
    """A picture's bytes and the name under which they lay."""

    name: str
    data: bytes


def fetch(folder: Folder, picture: Picture) -> Found | Fault:
    """The bytes of a picture; the first candidate that exists wins."""
    if picture.data:
        return Found(picture.paths[0], picture.data)
    if match := CELL.fullmatch(picture.paths[0]) if picture.paths else None:
        return _cell(folder, match["file"], int(match["row"]), match["column"])
    file = locate(folder, picture)
    if isinstance(file, Fault):
        return file
    try:
        return Found(file.name, file.path.read_bytes() if not (file.member or file.zipped) else file.read())
    except Exception as error:  # noqa: BLE001 - whatever an archive or disk does, it is this record's fault
        return Fault(Reason.BAD_IMAGE, f"{file.path}: {error}")


def locate(folder: Folder, media: Picture | Clip) -> File | Fault:
    """Where a picture or clip lies."""
    if not media.paths:
        return Fault(Reason.NO_MEDIA)
    for path in media.paths:
        if not is_safe(path):
            return Fault(Reason.UNSAFE_PATH, path)
    return folder.find(*media.paths, globs=False) or Fault(Reason.MISSING_MEDIA, " or ".join(media.paths[:3]))


def _cell(folder: Folder, name: str, row: int, column: str) -> Found | Fault:
    if not is_safe(name):
        return Fault(Reason.UNSAFE_PATH, name)
    file = folder.find(name)
    if file is None:
        return Fault(Reason.MISSING_MEDIA, name)
    value = _group(file.path, column, row)
    data = value.get("bytes") if isinstance(value, dict) else value
    if not isinstance(data, bytes):
        return Fault(Reason.MISSING_MEDIA, f"{name}: row {row} has no {column}")
    path = value.get("path") if isinstance(value, dict) else None
    return Found(Path(path).name if path else f"{name}#{row}/{column}", data)


def _group(path: Path, column: str, row: int) -> Any:
    _, starts = _parquet(path)
    group = max(place for place, start in enumerate(starts) if start <= row)
    cells = _column(path, group, column)
    offset = row - starts[group]
    return cells[offset].as_py() if cells is not None and offset < len(cells) else None


@lru_cache(maxsize=16)
def _parquet(path: Path) -> tuple[Any, list[int]]:
    import pyarrow.parquet as pq

    table = pq.ParquetFile(path, memory_map=True)
    starts, total = [], 0
    for group in range(table.num_row_groups):
        starts.append(total)
        total += table.metadata.row_group(group).num_rows
    return table, starts


@lru_cache(maxsize=4)
def _column(path: Path, group: int, column: str) -> Any:
    table, _ = _parquet(path)
    return table.read_row_group(group, columns=[column]).column(0) if column in table.schema_arrow.names else None

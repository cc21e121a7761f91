"""Pictures in the cells of Parquet files: one row group at a time, and no more of it in memory than pictures may be."""

from enum import Enum
from functools import lru_cache
from itertools import accumulate
from typing import Any

from m3it_build.core.errors import M3itError, SourceError
from m3it_build.core.limits import COLUMN_BYTES, PICTURE_BYTES
from m3it_build.core.machine import machine_error, machine_failed
from m3it_build.sources.archives import state_of
from m3it_build.sources.files import File
from m3it_build.store.footer import Chunk, row_groups
from m3it_build.store.regular_file import Disk, buffered, nothing_hidden

AROUND = 1 << 20
"""Bytes that may stand around a picture: its name, and what Parquet adds."""


class Size(Enum):
    """What is no value."""

    TOO_LARGE = "too large"


TOO_LARGE = Size.TOO_LARGE
"""In place of a cell that has more bytes than a picture may."""


def cell(file: File, column: str, row: int) -> Any:
    """The value of a cell; None where there is no such cell.

    Raises:
        SourceError: it cannot be read.
        MachineError: the machine does not give it.
    """
    if file.member or file.zipped:
        raise SourceError(f"{file.path}: is packed, and Parquet is not read from there. Unpack it.")
    try:
        with nothing_hidden():
            return _cell(file, state_of([file.path]), column, row)
    except Exception as error:  # whatever a damaged file leads Arrow to
        _parquet.cache_clear()  # a file that stopped in the middle is not gone on with
        if isinstance(error, M3itError):
            raise
        if machine_failed(error):
            raise machine_error(file.path, error) from error
        raise SourceError(f"{file.path}: row {row} of {column} cannot be read ({error}). Download it again.") from error


def _cell(file: File, state: str, column: str, row: int) -> Any:
    _, _, starts = _parquet(file, state)
    group = max((place for place, start in enumerate(starts) if start <= row), default=None)
    if group is None:
        return None
    cells = _column(file, state, group, column)
    offset = row - starts[group]
    if isinstance(cells, Size) or offset >= len(cells):
        return cells if isinstance(cells, Size) else None
    found = cells[offset]
    return found if isinstance(found, Size) else found.as_py()


@lru_cache(maxsize=16)
def _parquet(file: File, _: str) -> tuple[Any, list[list[Chunk]], list[int]]:
    """A file, the columns of its row groups, and the rows that these begin with."""
    import pyarrow.parquet as pq

    table = pq.ParquetFile(Disk(file.path))
    counts = (table.metadata.row_group(group).num_rows for group in range(table.num_row_groups))
    with buffered(file.path) as stream:
        return table, row_groups(stream), list(accumulate(counts, initial=0))[:-1]


@lru_cache(maxsize=4)
def _column(file: File, state: str, group: int, column: str) -> list[Any] | Size:
    """The cells of a row group, one by one: a value that many share would be there as many times."""
    table, groups, _ = _parquet(file, state)
    if column not in table.schema_arrow.names:
        return []
    size = sum(each.decoded for each in groups[group] if f"{each.column}.".startswith(f"{column}."))
    if size > min(COLUMN_BYTES, table.metadata.row_group(group).num_rows * (PICTURE_BYTES + AROUND)):
        return TOO_LARGE
    cells: list[Any] = []
    left = COLUMN_BYTES
    for batch in table.iter_batches(1, row_groups=[group], columns=[column], use_threads=False):
        value = batch.column(0)
        left -= value.nbytes
        if left < 0:
            return TOO_LARGE
        cells.append(TOO_LARGE if value.nbytes > PICTURE_BYTES + AROUND else value[0])
    return cells

"""Some built rows, with their pictures, to be looked at."""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from m3it_build.core.errors import OutputError, UnknownName
from m3it_build.core.task import Split
from m3it_build.store.commit import committed
from m3it_build.store.manifest import Summary, find
from m3it_build.store.output import Images, OutputFolder
from m3it_build.store.reader import Texts, read_pictures, read_texts
from m3it_build.store.record import StoredImage

LOOKED_AT = 1000
"""Rows among which those of different pictures are looked for."""


class BuiltRow(NamedTuple):
    """A row as it lies in a shard."""

    texts: Texts
    images: tuple[StoredImage, ...]
    file: str
    """The shard, below the output folder."""


class BuiltRows(NamedTuple):
    """Rows of a split."""

    config: str
    """`okvqa`, or of a translation `okvqa-de`."""
    split: str
    there: int
    """Rows that are written of the split."""
    rows: list[BuiltRow]


def built_rows(
    output: OutputFolder, task: str, split: Split | None, language: str | None, count: int, id: str | None
) -> BuiltRows:
    """The first rows of a split in the order of its shards, of different pictures before others; or one by its id.

    Args:
        output: The output folder; shards that are done are read, whatever becomes of others.
        task: Its name.
        split: None is the first one of which rows are written; with an `id` the one that has it.
        language: Of a translation; None is the task itself.
        count: So many rows.
        id: Of `meta`, or the part of it after task and split.

    Raises:
        OutputError: nothing is written of the task, or of the split.
        UnknownName: the task, or its translation, is not here; no row has this id.
    """
    splits = [each for each in Split if split in (None, each)]
    found = (find(output.summary(task, each, language), Summary) for each in splits)
    summaries = [each for each in found if each is not None]
    if not summaries:
        raise _absent(output, task, split, language)
    for summary in summaries:
        files = list(_files(output, summary))
        wanted = _with_id(output, files, id) if id is not None else _first(output, files, count)
        if rows := list(_read(output, summary, wanted)):
            return BuiltRows(summary.config, summary.split, sum(rows for _, rows in files), rows)
    here = f"{output.root}: {summaries[0].config}/{' or '.join(each.split for each in summaries)}"
    if id is not None:
        raise UnknownName(f"{here}: no row {id!r} is written here. Its reject, if it has one, is in .m3it/rejects.")
    raise OutputError(f"{here}: no row is written yet. See: m3it status {output.root}")


def _absent(output: OutputFolder, task: str, split: Split | None, language: str | None) -> Exception:
    built = output.tasks()
    if not built:
        return OutputError(
            f"{output.root}: nothing was built here. Build first (m3it build --task {task}), or give its --out."
        )
    if task not in built:
        return UnknownName(f"{output.root}: {task} was not built here. Built: {', '.join(built)}.")
    if language is not None:
        languages = sorted({path.parent.name for path in output.translated_summaries() if path.parts[-3] == task})
        if language not in languages:
            return UnknownName(
                f"{output.root}: {task} was not translated into {language!r} here "
                f"(there are: {', '.join(languages) or 'none'})."
            )
    return UnknownName(f"{output.root}: {task} has no split {split} here. Leave --split out, or build it.")


def _files(output: OutputFolder, summary: Summary) -> Iterator[tuple[str, int]]:
    """The data files of the shards that are done, and how many rows each has."""
    for index in range(summary.shards):
        manifest = committed(output, summary, index)
        if manifest is not None and manifest.file is not None:
            yield manifest.file, manifest.rows


def _first(output: OutputFolder, files: list[tuple[str, int]], count: int) -> list[tuple[str, int]]:
    """Places of rows: the first ones of different pictures, then the others, until there are enough."""
    seen: set[str] = set()
    fresh: list[tuple[str, int]] = []
    more: list[tuple[str, int]] = []
    texts = ((file, place, row) for file, _ in files for place, row in enumerate(read_texts(output.data_file(file))))
    for file, place, row in islice(texts, LOOKED_AT):
        picture = _first_picture(row)
        (more if picture in seen else fresh).append((file, place))
        seen.add(picture)
        if len(fresh) == count:
            break
    order = {file: number for number, (file, _) in enumerate(files)}
    return sorted([*fresh, *more][:count], key=lambda each: (order[each[0]], each[1]))


def _first_picture(row: Texts) -> str:
    images = row.meta.get("images")
    return str(images[0]["sha256"]) if isinstance(images, list) and images else str(row.meta["id"])


def _with_id(output: OutputFolder, files: list[tuple[str, int]], id: str) -> list[tuple[str, int]]:
    for file, _ in files:
        for place, row in enumerate(read_texts(output.data_file(file))):
            own = str(row.meta["id"])
            if id in (own, own.split("/", 2)[-1]):
                return [(file, place)]
    return []


def _read(output: OutputFolder, summary: Summary, wanted: list[tuple[str, int]]) -> Iterator[BuiltRow]:
    images = Images(summary.settings["images"])
    for file in dict.fromkeys(file for file, _ in wanted):
        places = [place for each, place in wanted if each == file]
        for texts, pictures in read_pictures(output.data_file(file), places, images):
            yield BuiltRow(texts, pictures, file)

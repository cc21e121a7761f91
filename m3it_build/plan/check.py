"""What of a split is there: its annotation files, and the pictures and clips of a few of its records.

`check_files` is what a build and a listing go by, too, so that nobody is told that a split is there which then is not
built.
"""

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from m3it_build.core.choice import Draw
from m3it_build.core.errors import MissingSource, SourceError
from m3it_build.core.limits import CLIP_BYTES
from m3it_build.core.progress import Progress
from m3it_build.core.sample import Clip, Fault, Picture, Reason, Region, Row, Sample
from m3it_build.core.task import Layout, Split, Task
from m3it_build.media.images import encode
from m3it_build.plan.layouts import Incomplete, Names, absent, alternatives, choose_layout, label, wanted
from m3it_build.plan.parts import Parts, missing_parts, unfinished
from m3it_build.plan.task_sources import TaskSource
from m3it_build.plan.writer import convert, layout_records
from m3it_build.sources.files import File
from m3it_build.sources.first_bytes import disguise
from m3it_build.sources.folder import Folder, is_glob
from m3it_build.sources.pictures import Found, fetched, first_good, located
from m3it_build.store.patience import patiently

EXAMPLES = 3


class FileCheck(NamedTuple):
    """An annotation file of a split."""

    names: str
    """As its layout names it, alternatives and all."""
    found: bool
    fault: str = ""
    """Why it cannot be read though it is there, or what a download left of it; for a person."""

    @property
    def good(self) -> bool:
        """Whether it can be read, as far as its first bytes tell."""
        return self.found and not self.fault


@dataclass(frozen=True, slots=True)
class MediaCheck:
    """What became of the pictures and clips of some records."""

    records: int
    """That were looked at: those that a sample of the split takes first."""
    found: int
    """Of which all could be opened."""
    missing: tuple[str, ...] = ()
    """A name for each of the first records of which one is not there."""
    unreadable: tuple[str, ...] = ()
    """Name and reason for each of the first records of which one is there and cannot be used."""
    fault: str = ""
    """Why no record could be read."""

    @property
    def good(self) -> bool:
        """Whether nothing is missing."""
        return not self.fault and self.found == self.records


@dataclass(frozen=True, slots=True)
class SplitCheck:
    """What of a split is there."""

    split: Split
    layout: Layout
    """In which it lies, or of which most is there."""
    files: tuple[FileCheck, ...]
    parts: tuple[Parts, ...] = ()
    """Wholes of which parts are missing."""
    missing: tuple[Names, ...] = ()
    """Those of its files that are not there, each with its alternatives."""
    nothing: bool = False
    """Whether no file is there but those that it shares with other splits."""
    annotations: tuple[File, ...] = field(default=(), repr=False)
    """The files that a plan reads."""
    absent: MissingSource | None = None
    """The error of a build, where a file is missing."""
    media: MediaCheck | None = None
    """None where nobody looked."""

    @property
    def readable(self) -> bool:
        """Whether a build can make rows of it."""
        return all(file.good for file in self.files)

    @property
    def complete(self) -> bool:
        """Whether nothing is missing, as far as was looked."""
        return self.readable and not self.parts and (self.media is None or self.media.good)


@dataclass(frozen=True, slots=True)
class TaskCheck:
    """What of a task is there."""

    task: str
    here: bool
    """Whether it has a folder."""
    roots: tuple[Path, ...] = ()
    """Where its files were looked for."""
    absent: tuple[str, ...] = ()
    """Of a split of which no picture was found: collections in which they would be looked for, if they were there."""
    splits: tuple[SplitCheck, ...] = ()
    unread: tuple[str, ...] = ()
    """Archives that are not looked into, and why: sentences."""

    @property
    def complete(self) -> bool:
        """Whether nothing of any split is missing, as far as was looked."""
        return self.here and all(each.complete for each in self.splits)


def check_task(
    source: TaskSource, options: Mapping[str, str], draw: Draw, records: int, progress: Progress
) -> TaskCheck:
    """Check all splits of a task, and so many records of each."""
    task = source.entry.task.under(options)
    folder = Folder(task.name, source.roots, options)
    splits = [check_files(task, split, folder) for split in task.splits]
    for place, each in enumerate(splits):
        if records and each.readable:
            progress.reading(f"{task.name}/{each.split}")
            media = check_media(task, each, folder, draw, records, progress.read)
            splits[place] = replace(each, media=media)
    missed = any(each.media is not None and each.media.records and not each.media.found for each in splits)
    return TaskCheck(
        task.name,
        here=True,
        roots=source.roots,
        absent=source.absent if missed else (),
        splits=tuple(splits),
        unread=tuple(folder.faults()),
    )


def check_files(task: Task, split: Split, folder: Folder) -> SplitCheck:
    """Which annotation files of a split are there, and what of them is wrong."""
    chosen = choose_layout(task, split, folder)
    layout, missing, nothing = chosen if isinstance(chosen, Incomplete) else (chosen, (), False)
    checks, annotations = [], []
    for names in wanted(layout):
        if names in missing:
            checks.append(FileCheck(label(names), found=False, fault=_left(folder, names)))
        elif names is layout.pictures:
            checks.append(FileCheck(label(names), found=True))
        else:
            files = folder.files(*alternatives(names))
            annotations += files
            faults = (f"{file.name} {what}" for file in files if (what := disguise(file)))
            checks.append(FileCheck(label(names), found=True, fault=next(faults, "")))
    parts = tuple(missing_parts([file.name for file in annotations], layout.parts))
    return SplitCheck(
        split,
        layout,
        tuple(checks),
        folder.looked_into_all(nothing=parts) if parts else parts,
        missing,
        nothing,
        tuple(annotations),
        absent(task, missing, folder) if missing else None,
    )


def check_media(
    task: Task, split: SplitCheck, folder: Folder, draw: Draw, records: int, read: Callable[[int], None]
) -> MediaCheck:
    """Open the pictures and clips of the records that a sample takes first; the split's annotations are read once."""
    try:
        samples = _first(task, split, folder, draw, records, read)
    except SourceError as error:
        return MediaCheck(0, 0, fault=str(error))
    if not samples:
        return MediaCheck(0, 0, fault="no record of it becomes a row")
    faults = [fault for fault in (look(sample, folder) for sample in samples) if fault is not None]
    missing = dict.fromkeys(fault.detail for fault in faults if fault.reason is Reason.MISSING_MEDIA)
    others = dict.fromkeys(
        f"{fault.reason}: {fault.detail}" for fault in faults if fault.reason is not Reason.MISSING_MEDIA
    )
    return MediaCheck(
        len(samples), len(samples) - len(faults), tuple(islice(missing, EXAMPLES)), tuple(islice(others, EXAMPLES))
    )


def look(sample: Sample, folder: Folder) -> Fault | None:
    """What is wrong with the pictures and clips of a record: the first fault for which it would be rejected."""
    optional, shown = [], set()
    for place, media in enumerate(sample.images):
        if isinstance(media, Clip):
            result: tuple[str, str] | Fault = first_good(_clip(file) for file in located(folder, media))
        else:
            regions = [region for region in sample.regions if region.image == place]
            result = first_good(_picture(found, regions, media.size) for found in fetched(folder, media))
        if not isinstance(result, Fault):
            shown.add(result)
        elif isinstance(media, Picture) and media.optional:
            optional.append(result)
        else:
            return result
    if len(shown) > 1 and len({digest for _, digest in shown}) == 1:
        return Fault(Reason.ONE_PICTURE, " and ".join(sorted(name for name, _ in shown)[:2]))
    return optional[0] if optional and not shown else None


def _picture(found: Found | Fault, regions: Sequence[Region], size: tuple[int, int] | None) -> tuple[str, str] | Fault:
    """Name and hash of one that can be drawn on and stored."""
    if isinstance(found, Fault):
        return found
    made = patiently(found.name, lambda: encode(found.data, regions, size=size))
    return (
        Fault(made.reason, f"{found.name}: {made.detail}")
        if isinstance(made, Fault)
        else (found.name, sha256(found.data).hexdigest())
    )


def _clip(file: File | Fault) -> tuple[str, str] | Fault:
    """The name, twice, of one that has a stream of pictures."""
    from m3it_build.media.video import is_video

    if isinstance(file, Fault):
        return file
    try:
        with file.seekable(CLIP_BYTES) as stream:
            fault = patiently(file.where(), lambda: is_video(stream))
    except SourceError as error:
        return Fault(Reason.BAD_VIDEO, file.told(error))
    return (fault and Fault(fault.reason, f"{file.name}: {fault.detail}")) or (file.name, file.name)


def _first(
    task: Task, split: SplitCheck, folder: Folder, draw: Draw, count: int, read: Callable[[int], None]
) -> list[Sample]:
    """Of the records that become samples the first by the hash by which a split is sampled; only these are kept."""
    kept: list[tuple[int, int, Sample]] = []
    for number, row in enumerate(layout_records(task, split.layout, folder), 1):
        if number % 1000 == 0:
            read(number)
        if not isinstance(row, Row):
            continue
        rank = draw.rank("sample", row.key)
        if len(kept) == count and -rank <= kept[0][0]:
            continue
        sample = convert(task, row, draw)
        if isinstance(sample, Sample):
            (heapq.heappush if len(kept) < count else heapq.heappushpop)(kept, (-rank, -number, sample))
    return [sample for _, _, sample in sorted(kept, reverse=True)]


def _left(folder: Folder, names: str | tuple[str, ...]) -> str:
    """What a download that did not finish left of a file."""
    found = (unfinished(folder, name) for name in alternatives(names) if not is_glob(name))
    return next((f"{left} is there: its download did not finish" for left in found if left), "")

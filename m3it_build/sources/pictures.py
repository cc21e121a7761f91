"""From a reference to bytes: pictures and clips on disk, in archives, and in Parquet cells."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

from m3it_build.core.errors import SourceError
from m3it_build.core.limits import PICTURE_BYTES
from m3it_build.core.sample import Clip, Fault, Picture, Reason
from m3it_build.sources.archives import is_safe
from m3it_build.sources.cells import TOO_LARGE, cell
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
    """The bytes of each candidate of a picture, the best first; at least one fault or file.

    Raises:
        MachineError: the machine does not give one that is there.
    """
    if picture.data:
        yield Found(picture.paths[0], picture.data)
    elif match := CELL.fullmatch(picture.paths[0]) if picture.paths else None:
        yield _cell(folder, match["file"], int(match["row"]), match["column"])
    else:
        for file in located(folder, picture):
            yield file if isinstance(file, Fault) else _bytes(file)


def located(folder: Folder, media: Picture | Clip) -> Iterator[File | Fault]:
    """The files that a picture or clip may be, the best first; one fault where there is none.

    Raises:
        MachineError: none was found, and not all could be looked into.
    """
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
        different = folder.different(*media.paths) or folder.looked_into_all(nothing="")
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
        data = file.read(PICTURE_BYTES)
    except SourceError as error:
        return Fault(Reason.BAD_IMAGE, file.told(error))
    if disguise := what_they_are(data[:HEAD]):
        return Fault(Reason.BAD_IMAGE, f"{file.name} {disguise}")
    return Found(file.name, data)


def _cell(folder: Folder, name: str, row: int, column: str) -> Found | Fault:
    if not is_safe(name):
        return Fault(Reason.UNSAFE_PATH, name)
    file = folder.find(name, globs=False)
    if file is None:
        return Fault(Reason.MISSING_MEDIA, name)
    try:
        value = cell(file, column, row)
    except SourceError as error:
        return Fault(Reason.BAD_IMAGE, file.told(error))
    if value is TOO_LARGE:
        return Fault(Reason.IMAGE_TOO_LARGE, f"{name}: row {row}: more than {PICTURE_BYTES:,} bytes")
    data = value.get("bytes") if isinstance(value, dict) else value
    if not isinstance(data, bytes):
        return Fault(Reason.MISSING_MEDIA, f"{name}: row {row} has no {column}")
    path = value.get("path") if isinstance(value, dict) else None
    return Found(Path(path).name if isinstance(path, str) and path else f"{name}#{row}/{column}", data)

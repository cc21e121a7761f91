"""Whether pictures or clips that a finished shard lacks are there now: then it is made again.

A shard that is made again gives what it would have given with them from the start, as it hangs on the plan and the
media alone. So nothing has to be known but that one record would have another fate.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from m3it_build.answers.stored import shard_rows
from m3it_build.core.sample import Clip, Fault, Picture, Reason, Sample
from m3it_build.sources.files import File
from m3it_build.sources.folder import Folder
from m3it_build.sources.pictures import CELL, located
from m3it_build.store.manifest import Manifest, Summary
from m3it_build.store.output import OutputFolder
from m3it_build.store.regular_file import facts_of
from m3it_build.store.rejects import read_rejects

MEDIA = "media"
"""The stage of rejects that pictures and clips decided."""
NOT_FOUND = (Reason.MISSING_MEDIA, Reason.DIFFERENT_MEDIA)


def has_arrived(output: OutputFolder, summary: Summary, index: int, manifest: Manifest, folder: Folder) -> bool:
    """Whether a shard, built again, would have a row or an optional picture more, and lose none.

    What was not there is looked for, and nothing is opened. What was there and could not be used counts as another
    file where it came after the shard: by its place, or by the time at which the system last changed it. A shard whose
    rows' pictures are gone by now, as those of a disk that is not mounted, stays as it is.

    Raises:
        MachineError: the machine does not let us look.
    """
    if not (sum(manifest.rejected.values()) or manifest.left_out_pictures):
        return False
    rejects = {each["key"]: each for each in read_rejects(output.rejects(summary.task, summary.split, index))}
    lost = {key: each for key, each in rejects.items() if each.get("stage") == MEDIA}
    if not (lost or manifest.left_out_pictures):
        return False
    committed = output.manifest(summary.task, summary.split, index).stat().st_mtime_ns

    def samples(*, rejected: bool) -> Iterator[Sample]:
        planned = (each.sample for each in shard_rows(output, summary, index, manifest))
        return (sample for sample in planned if (_as_written(sample.key) in rejects) is rejected)

    gained = any(
        _may_be_row(sample, lost[key].get("reason", ""), folder, committed)
        for sample in samples(rejected=True)
        if (key := _as_written(sample.key)) in lost
    )
    if not (gained or manifest.left_out_pictures):
        return False
    left_out = 0
    for sample in samples(rejected=False):
        for media in sample.images:
            if isinstance(_places(media, folder), Fault):
                if not _is_optional(media):
                    return False
                left_out += 1
    return left_out < manifest.left_out_pictures or (gained and left_out == manifest.left_out_pictures)


def _may_be_row(sample: Sample, reason: str, folder: Folder, committed: int) -> bool:
    """Whether a record that was rejected for its pictures or clips may be a row now: all that it needs is there."""
    needed = [media for media in sample.images if not _is_optional(media)]
    places = [_places(media, folder) for media in needed or sample.images]
    here = [path for found in places if not isinstance(found, Fault) for path in found]
    if needed and any(isinstance(found, Fault) for found in places):
        return False
    if not here:  # all are optional, and none is there; or the plan holds them
        return False
    return _is_newer(here, committed) or (reason in NOT_FOUND and not any(map(_is_cell, sample.images)))


def _places(media: Picture | Clip, folder: Folder) -> list[Path] | Fault:
    """Where the candidates of a picture or clip lie; none of one that the plan holds."""
    if isinstance(media, Picture) and media.data:
        return []
    if _is_cell(media):
        name = media.paths[0].rpartition("#")[0]
        file = folder.find(name, globs=False)
        return Fault(Reason.MISSING_MEDIA, name) if file is None else [file.path]
    found = list(located(folder, media))
    return next(
        (each for each in found if isinstance(each, Fault)), [each.path for each in found if isinstance(each, File)]
    )


def _is_cell(media: Picture | Clip) -> bool:
    return bool(media.paths) and CELL.fullmatch(media.paths[0]) is not None


def _is_optional(media: Picture | Clip) -> bool:
    return isinstance(media, Picture) and media.optional


def _is_newer(paths: Iterable[Path], committed: int) -> bool:
    """Whether a file was written after a shard, or put where it lies: unpacked files keep older times of writing."""
    return any(max(facts.st_mtime_ns, facts.st_ctime_ns) > committed for facts in map(facts_of, paths))


def _as_written(text: str) -> str:
    """As a list of rejects has it."""
    return text.encode("utf-8", "backslashreplace").decode()

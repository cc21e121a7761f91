"""`m3it sources --check`: what of a download is there, for a person and for a program."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from m3it_build.core.plural import plural

if TYPE_CHECKING:
    from m3it_build.plan.check import SplitCheck, TaskCheck


def told(checks: Sequence["TaskCheck"], source: Path) -> Iterator[str]:
    """A line for each file, for the parts and for the pictures and clips of each split; where it looked, if in vain."""
    here = [check for check in checks if check.here]
    for check in here:
        yield from _task(check)
    if len(checks) == 1:
        return
    incomplete = sum(not check.complete for check in here)
    yield f"{plural(len(here), 'task')} of {len(checks)} checked, {incomplete} incomplete"
    if absent := [check.task for check in checks if not check.here]:
        yield f"not in {source}: {', '.join(absent)}"


def _task(check: "TaskCheck") -> Iterator[str]:
    from m3it_build.plan.task_sources import looked_in

    for split in check.splits:
        yield from (f"{check.task}/{split.split}: {line}" for line in _split(split))
    yield from (f"{check.task}: {fault}" for fault in check.unread)
    if not check.complete:
        yield f"{check.task}: {looked_in(check.roots, check.absent)}. See what to fetch: m3it sources {check.task}"


def _split(split: "SplitCheck") -> Iterator[str]:
    for file in split.files:
        state = "found  " if file.good else "unusable" if file.found else "missing"
        yield f"{state} {file.fault if file.good is not file.found else file.names}" + (
            f" ({file.fault})" if file.fault and not file.found else ""
        )
    yield from (parts.told(split.split) for parts in split.parts)
    if (media := split.media) is None:
        return
    if media.fault:
        yield f"pictures and clips: {media.fault}"
        return
    yield f"pictures and clips of {plural(media.records, 'record')}: {media.found} of {media.records} found"
    if media.missing:
        yield f"  not there: {'; '.join(media.missing)}"
    if media.unreadable:
        yield f"  not readable: {'; '.join(media.unreadable)}"


def as_dict(check: "TaskCheck") -> dict[str, Any]:
    """The same of a task for JSON."""
    return {
        "task": check.task,
        "here": check.here,
        "complete": check.complete,
        "looked_in": [str(root) for root in check.roots],
        "collections_not_there": list(check.absent),
        "unread": list(check.unread),
        "splits": {each.split.value: _split_as_dict(each) for each in check.splits},
    }


def _split_as_dict(split: "SplitCheck") -> dict[str, Any]:
    media = split.media
    return {
        "complete": split.complete,
        "files": [{"files": each.names, "found": each.found, "fault": each.fault} for each in split.files],
        "parts": [{"there": each.there, "of": each.of, "missing": list(each.missing)} for each in split.parts],
        "media": None
        if media is None
        else {
            "records": media.records,
            "found": media.found,
            "missing": list(media.missing),
            "unreadable": list(media.unreadable),
            "fault": media.fault,
        },
    }

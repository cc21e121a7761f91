"""What tasks on video clips share."""

from collections.abc import Iterable

from m3it_build.core.sample import Clip

SUFFIXES = ("mp4", "webm", "avi", "mkv")


def clip(stems: Iterable[str], folders: Iterable[str], start: float | None = None, end: float | None = None) -> Clip:
    """A clip by its possible stems and folders, under any video suffix."""
    folders = tuple(folders)
    paths = (
        f"{folder}/{stem}.{suffix}" if folder else f"{stem}.{suffix}"
        for stem in stems
        for folder in folders
        for suffix in SUFFIXES
    )
    return Clip(tuple(paths), start, end)

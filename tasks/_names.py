"""Under which further names a file of a record may lie: without its folder, and as copies re-encode it."""

from collections.abc import Iterable

SUFFIXES = (".jpg", ".jpeg", ".png")
"""Of copies whose pictures, or the names of them, were made alike."""
SHORT = 6
"""A number of fewer digits is found as the name of anything."""


def anywhere(paths: Iterable[str]) -> tuple[str, ...]:
    """The paths, then their names without a folder: of a source in which a name alone says which file is meant.

    A short number says nothing, though it may be unique in its source: for that one the folders stay needed. Nor is a
    name taken out of a path that leads upwards.
    """
    paths = tuple(paths)
    names = (path.rpartition("/")[2] for path in paths if ".." not in path.split("/"))
    return tuple(dict.fromkeys((*paths, *(name for name in names if _tells(name)))))


def re_encoded(paths: Iterable[str]) -> tuple[str, ...]:
    """The paths, then the same with the suffixes that re-encoded copies have."""
    paths = tuple(paths)
    stems = [path.rpartition(".")[0] for path in paths if "." in path.rpartition("/")[2]]
    return tuple(dict.fromkeys((*paths, *(f"{stem}{suffix}" for stem in stems for suffix in SUFFIXES))))


def _tells(name: str) -> bool:
    stem = name.partition(".")[0]
    return bool(stem) and not (stem.isdecimal() and len(stem) < SHORT)

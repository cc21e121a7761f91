"""Remembers that an output folder was validated, so that a push that goes on does not open every picture again."""

import hashlib
import json
from pathlib import Path

from m3it_build import __version__
from m3it_build.core.errors import OutputError
from m3it_build.publish.contents import Config, Contents
from m3it_build.store.atomic import write_atomic
from m3it_build.store.layout import Layout


def state(out: Path, contents: Contents) -> str:
    """Changes whenever a data file or its manifest does: names, hashes, sizes, times of change."""
    facts: list[object] = [__version__]
    for name, shard in sorted(contents.files.items()):
        path = out / name
        seen = path.stat() if path.is_file() else None
        facts.append([name, shard.sha256, shard.rows, seen and [seen.st_size, seen.st_mtime_ns]])
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def is_checked(out: Path, state: str) -> bool:
    """Whether this very state was found valid."""
    try:
        return _record(out).read_text("utf-8").strip() == state
    except OSError:
        return False


def remember(out: Path, state: str) -> None:
    """Note that a state is valid."""
    write_atomic(_record(out), state.encode() + b"\n")


def check_files(out: Path, config: Config) -> None:
    """Hold the files of a translation against their manifests.

    Raises:
        OutputError: a file is missing or was changed.
    """
    for split in config.splits:
        for shard in split.shards:
            path = out / str(shard.file)
            if not path.is_file():
                raise OutputError(f"{path}: the file is missing. Run the translation again.")
            with path.open("rb") as stream:
                if hashlib.file_digest(stream, "sha256").hexdigest() != shard.sha256:
                    raise OutputError(
                        f"{path}: its bytes changed since it was written. Remove it and run the translation again."
                    )


def _record(out: Path) -> Path:
    return Layout(out).state / "checked"

"""Remembers that an output folder was validated, so that a push that goes on does not open every picture again."""

import hashlib
import json
from pathlib import Path

from m3it_build.core.errors import M3itError
from m3it_build.core.version import __version__
from m3it_build.publish.built import Contents
from m3it_build.store.atomic import write_atomic
from m3it_build.store.lock import Locked
from m3it_build.store.output import OutputFolder
from m3it_build.store.state import read_state


def state(out: Path, contents: Contents) -> str:
    """Changes whenever a data file or its manifest does: names, hashes, sizes, times of change."""
    facts: list[object] = [__version__]
    for name, shard in sorted(contents.files.items()):
        path = out / name
        seen = path.stat() if path.is_file() else None
        facts.append([name, shard.sha256, shard.rows, seen and [seen.st_size, seen.st_mtime_ns]])
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def was_found_valid(out: Path, state: str) -> bool:
    """Whether this very state was found valid."""
    try:
        return (read_state(_record(out)) or b"").strip() == state.encode()
    except M3itError:
        return False  # then it is looked at once more


def remember(out: Path, state: str) -> None:
    """Note that a state is valid."""
    with Locked(OutputFolder(out)):
        write_atomic(_record(out), state.encode() + b"\n")


def _record(out: Path) -> Path:
    return OutputFolder(out).state / "checked"

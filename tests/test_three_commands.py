"""From an empty folder to the Hub by the commands as they are typed, on servers of this machine, killed on the way."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.download.mirror import Mirror, add_okvqa
from tests.fault_server import fault_server
from tests.publish.conftest import environment, hub
from tests.publish.hub import LoopbackHub

__all__ = ["environment", "hub"]

COMMANDS = (
    ("init",),
    ("download", "okvqa"),
    ("build", "--task", "okvqa"),
    ("translate", "--langs", "all", "--sample"),
    ("push-to-hub",),
)
KILLED = {"download": (0.5, 0.8), "build": (0.6, 1.0, 1.4), "translate": (0.8, 1.4, 2.2), "push-to-hub": (0.8, 1.3)}
"""Seconds after which a command is killed, before it may go on to its end."""


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    with fault_server() as server:
        yield Mirror(server, tmp_path)


def run(folder: Path, environment: dict[str, str], *, killed: bool) -> int:
    """All commands, one after the other; returns how many were killed."""
    folder.mkdir()
    kills = 0
    variables = {**os.environ, **environment, "XDG_CACHE_HOME": str(folder / "cache")}
    for command in COMMANDS:
        for seconds in (*(KILLED.get(command[0], ()) if killed else ()), None):
            line = [sys.executable, "-m", "m3it_build", *command]
            with subprocess.Popen(
                line, cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            ) as process:
                try:
                    told, _ = process.communicate(timeout=seconds)
                except subprocess.TimeoutExpired:
                    process.kill()
                    kills += 1
                else:
                    assert process.returncode == 0, f"{' '.join(command)}: {told}"
    return kills


def digests(folder: Path) -> dict[str, str]:
    """Of every file of the sources and of what was made of them, by path."""
    places = (folder / "m3it-sources", folder / "m3it-data/data", folder / "m3it-data/translated")
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for place in places
        for path in sorted(place.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def test_from_an_empty_folder_to_the_hub_also_killed_on_the_way(
    mirror: Mirror, hub: LoopbackHub, environment: dict[str, str], tmp_path: Path
) -> None:
    add_okvqa(mirror)
    variables = environment | mirror.environment()
    assert run(tmp_path / "at-once", variables, killed=False) == 0
    sent = hub.tree("tester/m3it")
    hub.repos.clear()
    run(tmp_path / "killed", variables, killed=True)
    made = digests(tmp_path / "at-once")
    assert made == digests(tmp_path / "killed")
    assert {name.partition("/")[0] for name in made} == {"m3it-sources", "m3it-data"}
    assert hub.tree("tester/m3it") == sent
    assert hub.repo("tester/m3it").private

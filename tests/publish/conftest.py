"""A small build, and a Hub for it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from m3it_build.publish.built import read_contents
from m3it_build.publish.validated import remember, state
from tests.corpus import m3it, m3it_process, write_okvqa
from tests.publish.folders import build, translate
from tests.publish.hub import WRITER, LoopbackHub

Push = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small download."""
    folder = tmp_path_factory.mktemp("download")
    write_okvqa(folder)
    return folder


@pytest.fixture(scope="session")
def built(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """OK-VQA in English and (validation only) German; not to be changed."""
    out = build(source, tmp_path_factory.mktemp("built"))
    translate(out, "de")
    m3it("validate", out)
    remember(out, state(out, read_contents(out)))  # so that not every push of a copy does it again
    return out


@pytest.fixture
def out(built: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(built, tmp_path / "out")


@pytest.fixture
def hub() -> Iterator[LoopbackHub]:
    """A Hub without any repository."""
    with LoopbackHub().serving() as loopback:
        yield loopback


@pytest.fixture
def environment(hub: LoopbackHub, tmp_path: Path) -> dict[str, str]:
    """What a process needs to take it for the Hub."""
    return hub.environment(tmp_path / "hf")


@pytest.fixture
def push(environment: dict[str, str]) -> Push:
    """Run `m3it push-to-hub OUT --repo-id org/m3it ...` and see that no output has the token."""

    def run(
        out: Path, *arguments: str, check: int = 0, repo_id: str = "org/m3it", **more: str
    ) -> subprocess.CompletedProcess[str]:
        done = m3it_process(
            "push-to-hub", out, "--repo-id", repo_id, *arguments, check=check, **{**environment, **more}
        )
        token = more.get("HF_TOKEN", WRITER)
        assert not token or token not in done.stdout + done.stderr
        return done

    return run


@pytest.fixture
def python(environment: dict[str, str]) -> Callable[[str], str]:
    """Run lines of Python against the Hub, as a user's process would."""

    def run(lines: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", lines],
            capture_output=True,
            text=True,
            env={**os.environ, **environment},
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run

"""A signal ends a command with one line and its code, whenever it comes."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from m3it_build.cli import STOPPED
from m3it_build.core.stop import STOPS
from tests.corpus import ROOT, m3it, write_okvqa

COMMANDS: dict[str, tuple[object, ...]] = {
    "build": ("build", "--task", "okvqa", "--sample", "--out", "new", "--workers", "2", "--rows-per-shard", "1"),
    "paraphrase": ("paraphrase", "--task", "okvqa", "--sample", "--out", "new", "--base-url", "http://127.0.0.1:9/v1"),
    "push": ("push-to-hub", "out", "--repo-id", "me/it"),
    "download": ("download", "okvqa", "--source", "new"),
    "translate": ("translate", "--langs", "de", "--sample", "--out", "out", "--workers", "2"),
    "validate": ("validate", "out"),
}
BEGUN = "m3it_build.cli.app"
"""The import after which signals are looked after for certain."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where commands run; a build in it."""
    here = tmp_path_factory.mktemp("signals")
    m3it("build", "--task", "okvqa", "--sample", "--out", here / "out")
    return here


def killed(folder: Path, arguments: tuple[object, ...], number: int, imports: int, *, group: bool) -> tuple[int, str]:
    """Run a command and send it a signal after so many imports; its exit code, and what it said beside them."""
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "m3it_build", *map(str, arguments)],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={
            **os.environ,
            "OPENAI_API_KEY": "none",
            "HF_ENDPOINT": "http://127.0.0.1:9",
            "https_proxy": "http://127.0.0.1:9",
        },
    )
    assert process.stderr is not None
    watchdog = threading.Timer(120, process.kill)
    watchdog.start()
    lines = sent_after(process, process.stderr, number, imports, group=group)
    said = [line for line in lines if not line.startswith("import time:")]
    watchdog.cancel()
    return process.wait(), "".join(said)


def sent_after(
    process: "subprocess.Popen[str]", lines: Iterator[str], number: int, imports: int, *, group: bool
) -> Iterator[str]:
    """Pass lines on, and send the signal at one of them."""
    left: int | None = None
    for line in lines:
        yield line
        if left is None and line.endswith(f" {BEGUN}\n"):
            left = imports
        if left == 0:
            (os.killpg if group else os.kill)(process.pid, number)
        if left is not None:
            left -= 1


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("imports", [0, 150])
def test_a_signal_while_a_command_starts_ends_it_with_a_line(folder: Path, name: str, imports: int) -> None:
    number = STOPS[(imports + len(name)) % len(STOPS)]
    code, said = killed(folder, COMMANDS[name], number, imports, group=imports % 4 == 0)
    assert "Traceback" not in said, said
    assert "leaked" not in said, said
    if code not in (0, 1, 2):  # else it had ended before
        assert code == 128 + number, said
        assert said.endswith(f"{STOPPED}\n"), said


IN_A_CLIP = """
import os, signal, sys
import av
import m3it_build.cli as cli, m3it_build.cli.app as app

class Clip:
    def __init__(self, path):
        self.file, self.reads = open(path, "rb"), 0

    def read(self, size):
        self.reads += 1
        if self.reads == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        return self.file.read(size)

    def seek(self, *where):
        return self.file.seek(*where)

def build(*_, **__):
    for _ in av.open(Clip(sys.argv[1]), buffer_size=2_000).decode(video=0):
        pass

app.Commands.invoke = build
cli.main()
"""


def test_a_signal_while_a_clip_is_read_ends_with_a_line(tmp_path: Path) -> None:
    clip = next((ROOT / "m3it_build/samples/msvd-qa").rglob("*.avi"))
    command = [sys.executable, "-c", IN_A_CLIP, str(clip), "build"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (128 + signal.SIGTERM, f"{STOPPED}\n")


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder for sockets, whose paths have at most 107 bytes: those of pytest may be longer."""
    with tempfile.TemporaryDirectory(prefix="m3it-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.mark.parametrize("number", STOPS)
@pytest.mark.parametrize("group", [True, False])
def test_workers_end_with_the_command_and_leave_nothing(
    tmp_path: Path, temporary: Path, number: signal.Signals, group: bool
) -> None:
    write_okvqa(tmp_path / "source", pictures=60)
    arguments = ("build", "--task", "okvqa", "--source", "source", "--out", "out", "--rows-per-shard", "2")
    process = subprocess.Popen(
        [sys.executable, "-m", "m3it_build", *arguments, "--workers", "2", "-v"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "shard 1 of" in line:
            break
    (os.killpg if group else os.kill)(process.pid, number)
    said = process.stderr.read()
    assert process.wait() == 128 + number, said
    assert said.endswith(f"{STOPPED}\n")
    assert "Traceback" not in said
    assert "leaked" not in said
    assert not list(temporary.iterdir())

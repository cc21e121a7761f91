"""Task no. 41: from a folder, and from another package."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.corpus import ROOT, m3it, m3it_process, rejects, rows, write_own_task


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with a started task and its source."""
    return write_own_task(tmp_path / "mytasks")


def test_a_task_in_a_folder_is_listed_described_built_and_valid(own: Path, tmp_path: Path) -> None:
    assert "my-colours" in m3it("tasks", "--tasks-dir", own).stdout
    assert "example.org" in m3it("sources", "my-colours", "--tasks-dir", own).stdout
    out = tmp_path / "out"
    m3it_process(
        "build",
        "--task",
        "my-colours",
        "--tasks-dir",
        own,
        "--source",
        own,
        "--out",
        out,
        "--format",
        "jsonl",
        "--workers",
        2,
    )
    built = rows(out, "my-colours")
    assert len(built) == 8
    assert built["my-colours/train/2"]["meta"]["answer"] == "blue"
    assert not rejects(out, "my-colours")
    m3it("validate", out)
    sample = tmp_path / "sample"
    m3it("build", "--task", "my-colours", "--tasks-dir", own, "--sample", "--out", sample, "--format", "jsonl")
    assert rows(sample, "my-colours").keys() == built.keys()


def test_a_started_task_is_never_overwritten(own: Path) -> None:
    script = [sys.executable, str(ROOT / "scripts/new_task.py"), "my-colours", "--folder", str(own)]
    done = subprocess.run(script, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "there already" in done.stderr


def test_a_task_of_another_package_is_found_by_its_entry_point(own: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "other_pkg").mkdir(parents=True)
    for path in own.iterdir():
        if path.is_file() and path.suffix in (".py", ".toml"):
            (site / "other_pkg" / path.name).write_text(path.read_text())
    (site / "other_pkg/__init__.py").write_text("")
    info = site / "other_pkg-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other-pkg\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[m3it.tasks]\nmy-colours = other_pkg.my_colours\n")
    search = os.pathsep.join(filter(None, (str(site), os.environ.get("PYTHONPATH"))))
    out = tmp_path / "out"
    m3it_process("build", "--task", "my-colours", "--source", own, "--out", out, "--format", "jsonl", PYTHONPATH=search)
    assert len(rows(out, "my-colours")) == 8


def test_a_broken_task_module_is_named_not_dropped(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("import nothing_of_that_name\n")
    done = m3it("tasks", "--tasks-dir", tmp_path, check=2)
    assert "broken.py" in done.stderr
    assert "nothing_of_that_name" in done.stderr

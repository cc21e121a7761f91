"""The commands that only tell."""

import json
from pathlib import Path

import pytest

from tests.corpus import m3it, write_okvqa


def test_help_needs_no_heavy_module() -> None:
    import subprocess
    import sys

    heavy = ("datasets", "pyarrow", "openai", "ctranslate2", "av", "PIL", "pydantic")
    script = (
        "import sys; from m3it_build.cli import main; sys.argv = ['m3it', '--help']\n"
        f"try: main()\nfinally: print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_version() -> None:
    from m3it_build.core.version import __version__

    assert m3it("--version").stdout.strip() == __version__


def test_tasks_lists_each_task_with_the_papers_counts() -> None:
    tasks = {row["task"]: row for row in json.loads(m3it("tasks", "--json").stdout)}
    assert tasks["okvqa"]["train"] == 9009
    assert tasks["winoground"]["held_out"]
    assert "okvqa" in m3it("tasks").stdout


def test_sources_says_what_to_download_and_what_is_there(tmp_path: Path) -> None:
    assert "okvqa.allenai.org" in m3it("sources", "okvqa").stdout
    root = write_okvqa(tmp_path)
    assert "missing" not in m3it("sources", "okvqa", "--source", tmp_path, "--check").stdout
    (root / "mscoco_val2014_annotations.json").unlink()
    done = m3it("sources", "okvqa", "--source", tmp_path, "--check", check=1)
    assert "validation: missing mscoco_val2014_annotations.json" in done.stdout


@pytest.mark.parametrize("command", ["build", "sources"])
def test_an_unknown_task_is_answered_with_the_closest(command: str) -> None:
    arguments = ("build", "--sample", "--task", "winogrund") if command == "build" else ("sources", "winogrund")
    assert "winoground" in m3it(*arguments, check=2).stderr

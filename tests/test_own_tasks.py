"""Task no. 41: started, checked, built and tested outside the package; from a folder, and from another package."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from m3it_build.api import check_task, new_task
from m3it_build.core.errors import OutputError, SettingsError
from tests.corpus import m3it, m3it_process, rejects, rows, tree, write_own_task

NESTED = {
    "_words.py": "from ._kit.cases import upper\n\n\ndef loud(text: str) -> str:\n    return upper(text) + '!'\n",
    "_kit/__init__.py": "",
    "_kit/cases.py": "from .._marks import OPEN\n\n\ndef upper(text: str) -> str:\n    return OPEN + text.upper()\n",
    "_marks.py": "OPEN = '>'\n",
}
"""Helpers that import each other, one of them in a package of its own."""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with a started task and its source."""
    return write_own_task(tmp_path / "mytasks")


def with_helpers(folder: Path) -> None:
    """Let the task of a folder say its answers by helpers of helpers."""
    for name, text in NESTED.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    path = folder / "my_colours.py"
    text = path.read_text().replace('answer="answer"', 'answer=lambda record: loud(record["answer"])')
    path.write_text(text.replace("\n\n\ndef rows(", "\n\nfrom ._words import loud\n\n\ndef rows(", 1))


def site_with(own: Path, folder: Path, value: str = "other_pkg.my_colours") -> str:
    """Install the tasks of a folder as another package; returns a PYTHONPATH with it."""
    shutil.copytree(own, folder / "other_pkg", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "other_pkg/__init__.py").write_text("")
    info = folder / "other_pkg-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other-pkg\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[m3it.tasks]\nmy-colours = {value}\n")
    return os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))


def test_a_task_in_a_folder_is_listed_described_built_and_valid(own: Path, tmp_path: Path) -> None:
    assert "my-colours" in m3it("tasks", "--tasks-dir", own).stdout
    assert "example.org" in m3it("sources", "my-colours", "--tasks-dir", own).stdout
    place = ("--task", "my-colours", "--tasks-dir", own, "--format", "jsonl")
    m3it_process("build", *place, "--source", own, "--out", tmp_path / "out", "--workers", 2)
    built = rows(tmp_path / "out", "my-colours")
    assert len(built) == 8
    assert built["my-colours/train/4"]["meta"]["answer"] == "blue"
    assert not rejects(tmp_path / "out", "my-colours")
    m3it("validate", tmp_path / "out")
    m3it("build", *place, "--sample", "--out", tmp_path / "sample")
    assert rows(tmp_path / "sample", "my-colours").keys() == built.keys()


def test_helpers_of_helpers_work_in_a_folder(own: Path, tmp_path: Path) -> None:
    with_helpers(own)
    small = ("--sample", "--format", "jsonl", "--answers", "original", "--rows-per-shard", 4, "--workers", 2)
    m3it_process("build", "--task", "my-colours", "--tasks-dir", own, *small, "--out", tmp_path / "out")
    assert rows(tmp_path / "out", "my-colours")["my-colours/train/4"]["outputs"] == ">BLUE!"


@pytest.mark.parametrize("value", ["other_pkg.my_colours", "other_pkg.my_colours:TASK"])
def test_an_installed_package_brings_a_task_with_helpers_and_sample(own: Path, tmp_path: Path, value: str) -> None:
    with_helpers(own)
    search = site_with(own, tmp_path / "site", value)
    small = ("--sample", "--format", "jsonl", "--answers", "original")
    m3it_process("build", "--task", "my-colours", *small, "--out", tmp_path / "out", PYTHONPATH=search)
    assert rows(tmp_path / "out", "my-colours")["my-colours/train/4"]["outputs"] == ">BLUE!"
    assert "6 breaches" in m3it_process("tasks", "check", "my-colours", check=1, PYTHONPATH=search).stdout


def test_a_started_task_tells_what_is_left_to_write_and_nothing_else(own: Path) -> None:
    done = m3it("tasks", "check", own, check=1)
    lines = done.stdout.splitlines()
    assert [line.split(" is what ")[0] for line in lines[:-1]] == [
        f"my-colours: facts are written: {fact}"
        for fact in ("title", "license", "homepage", "citation", "download", "the docstring")
    ]
    assert lines[-1] == "1 task checked, 6 breaches"
    told = json.loads(m3it("tasks", "check", own, "--json", check=1).stdout)
    assert told["tasks"] == ["my-colours"]
    assert {(each["task"], each["rule"]) for each in told["breaches"]} == {("my-colours", "facts are written")}
    assert str(check_task(own).breaches[0]) == lines[0]


def test_a_written_task_passes(own: Path) -> None:
    path = own / "my_colours.py"
    text = path.read_text()
    for old, new in {
        "My colours": "Colours",
        "LicenseRef-unknown": "MIT",
        "example.org": "colours.example",
        "Authors. Title. Venue, year.": "Doe. Colours. 2026.",
    }.items():
        text = text.replace(old, new)
    path.write_text(text)
    assert m3it("tasks", "check", own).stdout == "1 task checked, 0 breaches\n"
    assert m3it("tasks", "check", "my-colours", "--tasks-dir", own).stdout == "1 task checked, 0 breaches\n"


def test_the_started_test_passes(own: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    done = subprocess.run(command, cwd=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout


@pytest.mark.parametrize("name", ["My-Task", "my_task", "-my", "my task", "7", "tests", ""])
def test_what_cannot_be_a_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is no name for a task"):
        new_task(name, tmp_path / "mytasks")
    assert not (tmp_path / "mytasks").exists()


@pytest.mark.parametrize("name", ["okvqa", "vqav2", "my-colours"])
def test_a_name_that_a_task_has_is_refused(name: str, own: Path) -> None:
    before = tree(own)
    assert "is a task already" in m3it("tasks", "new", name, "--dir", own, check=2).stderr
    assert {name: content for name, content in tree(own).items() if "__pycache__" not in name} == before


@pytest.mark.parametrize("there", ["other.toml", "other/notes.txt", "tests/test_other.py"])
def test_nothing_that_is_there_is_written_over(there: str, own: Path) -> None:
    (own / there).parent.mkdir(exist_ok=True)
    (own / there).write_text("mine")
    with pytest.raises(OutputError, match="is there already"):
        new_task("other", own)
    assert (own / there).read_text() == "mine"
    assert not (own / "other.py").exists()


def test_tasks_may_share_a_folder(own: Path) -> None:
    new_task("other", own)
    assert check_task(own).tasks == ("my-colours", "other")


def test_without_a_folder_a_task_lies_in_that_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert m3it("tasks", "new", "one").stdout.startswith("m3it-tasks/one.py\n")
    assert m3it("tasks", "new", "two", M3IT_TASKS_DIR="mine").stdout.startswith("mine/two.py\n")


def test_tasks_alone_lists_and_no_flag_before_a_subcommand_is_lost() -> None:
    assert m3it("tasks", "--json").stdout == m3it("tasks", "list", "--json").stdout
    assert "check" in m3it("tasks", "--json", "check", "okvqa", check=2).stderr
    assert "--source" in m3it("tasks", "list", "-h").stdout
    assert "No such command 'chekc'. Did you mean 'check'?" in m3it("tasks", "chekc", check=2).stderr


def test_what_is_neither_a_task_nor_a_folder_is_told(tmp_path: Path) -> None:
    done = m3it("tasks", "check", "okvqqa", check=2)
    assert "Did you mean okvqa or" in done.stderr
    assert "no task module" in m3it("tasks", "check", tmp_path, check=2).stderr


def test_a_broken_task_module_is_named_not_dropped(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("import nothing_of_that_name\n")
    done = m3it("tasks", "--tasks-dir", tmp_path, check=2)
    assert "broken.py" in done.stderr
    assert "nothing_of_that_name" in done.stderr
    (tmp_path / "broken.py").write_text("")
    assert f"{tmp_path / 'broken.py'}: a task module needs TASK" in m3it("tasks", "check", tmp_path, check=2).stderr


def test_a_task_of_ones_own_is_translated_where_it_says_so(own: Path, tmp_path: Path) -> None:
    path = own / "my_colours.py"
    text = path.read_text().replace("paraphrased=True,", "paraphrased=True,\n    translated=Translated.WHOLE,")
    path.write_text(text.replace("import Category,", "import Translated, Category,"))
    m3it("build", "--task", "my-colours", "--tasks-dir", own, "--sample", "--out", tmp_path)
    for chosen in ((), ("--task", "my_colours")):
        done = m3it("translate", "--langs", "de", "--sample", "--split", "train", "--out", tmp_path, *chosen)
        assert "my-colours-de" in done.stdout

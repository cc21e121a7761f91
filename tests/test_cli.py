"""The commands that only tell."""

import ast
import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from m3it_build.cli.app import COMMANDS
from tests.corpus import m3it, m3it_process, write_okvqa

HEAVY = (
    "datasets", "pyarrow", "openai", "ctranslate2", "av", "PIL", "numpy", "huggingface_hub", "sentencepiece",
)  # fmt: skip


def loaded(script: str) -> list[str]:
    """What a script leaves in the process: heavy modules, and modules of commands."""
    told = (
        f"import sys\ntry:\n  {script}\nfinally: print([each for each in sys.modules if each == 'm3it_build.api'"
        f" or each.startswith('m3it_build.cli.') or each.split('.')[0] in {HEAVY}])"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    found: list[str] = ast.literal_eval(done.stdout.splitlines()[-1])
    return found


def test_help_imports_no_command_and_nothing_heavy() -> None:
    script = "from m3it_build.cli import main; sys.argv = ['m3it', '--help']; main()"
    assert set(loaded(script)) == {f"m3it_build.cli.{name}" for name in ("app", "config_flag", "streams", "verbosity")}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_imports_what_is_heavy_when_it_runs(name: str) -> None:
    module = COMMANDS[name][0]
    found = loaded(f"import {module}")
    assert not [each for each in found if each == "m3it_build.api" or each.split(".")[0] in HEAVY]
    assert not {each for each, _ in COMMANDS.values()} & set(found) - {module}, "commands import each other"


ALONE: dict[str, tuple[tuple[object, ...], int, str]] = {
    "init": (("new.toml",), 0, "new.toml: written"),
    "settings": ((), 0, "rows_per_shard"),
    "tasks": ((), 0, "okvqa"),
    "download": (("okvqa", "--dry-run"), 0, "to fetch"),
    "sources": (("okvqa",), 0, "okvqa.allenai.org"),
    "build": (("--task", "coco", "--sample", "--out", "new"), 0, "coco"),
    "paraphrase": (("--task", "okvqa", "--sample", "--out", "out", "--dry-run"), 0, "16"),
    "models": (("list",), 0, "nllb-200-distilled-1.3B"),
    "gate": (("--explain",), 0, "82 of 101 languages pass"),
    "translate": (("--langs", "de", "--sample", "--out", "out"), 0, "okvqa-de"),
    "status": (("out",), 0, "every planned split is done"),
    "show": (("okvqa", "--out", "out"), 0, "3 rows of 8 in okvqa/train"),
    "validate": (("out",), 0, "0 problems"),
    "stats": (("out", "--json"), 0, '"okvqa"'),
    "card": (("out",), 0, "out/README.md"),
    "push-to-hub": (("none", "--repo-id", "me/it"), 2, "nothing was built here"),
}
"""Each command: its arguments, its exit code, some of what it says."""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_works_in_a_process_of_its_own(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments, code, words = ALONE[name]
    if ("out" in arguments and "--sample" not in arguments) or name == "translate":
        m3it("build", "--task", "okvqa", "--sample", "--out", "out")
    done = m3it_process(name, *arguments, check=code, M3IT_CACHE=str(tmp_path / "cache"))
    assert words in (done.stderr if code else done.stdout), done


def test_version() -> None:
    from m3it_build.core.version import __version__

    assert m3it("--version").stdout.strip() == __version__


def test_tasks_lists_each_task_with_the_papers_counts() -> None:
    tasks = {row["task"]: row for row in json.loads(m3it("tasks", "--json").stdout)}
    assert tasks["okvqa"]["train"] == 9009
    assert tasks["winoground"]["held_out"]
    assert "okvqa" in m3it("tasks").stdout


def test_sources_says_what_to_download_and_what_is_there(tmp_path: Path) -> None:
    assert "\nhttps://okvqa.allenai.org\n" in m3it("sources", "okvqa").stdout
    root = write_okvqa(tmp_path)
    assert "missing" not in m3it("sources", "okvqa", "--source", tmp_path, "--check").stdout
    (root / "mscoco_val2014_annotations.json").unlink()
    done = m3it("sources", "okvqa", "--source", tmp_path, "--check", check=1)
    assert "validation: missing mscoco_val2014_annotations.json" in done.stdout


@pytest.mark.parametrize("command", ["build", "sources"])
def test_an_unknown_task_is_answered_with_the_closest(command: str) -> None:
    arguments = ("build", "--sample", "--task", "winogrund") if command == "build" else ("sources", "winogrund")
    assert "winoground" in m3it(*arguments, check=2).stderr


def takers_of_paths() -> list[tuple[str, str, bool]]:
    """Each command, its options and arguments that are paths, and whether they are options."""
    found = []
    for name, (module, _) in COMMANDS.items():
        root = get_command(importlib.import_module(module).app)
        for sub, each in (getattr(root, "commands", None) or {"": root}).items():
            for parameter in each.params:
                if re.search(r"DIR|FILE|^OUT$", parameter.metavar or "") and "|" not in (parameter.metavar or ""):
                    is_option = parameter.param_type_name == "option"
                    found.append((f"{name} {sub}".strip(), parameter.opts[0], is_option))
    return found


@pytest.mark.parametrize(("command", "parameter", "is_option"), takers_of_paths())
def test_no_path_is_empty(command: str, parameter: str, is_option: bool, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        said = m3it(*command.split(), *([parameter, ""] if is_option else [""]), check=2).stderr
    assert "must not be empty" in said
    assert (parameter if is_option else parameter.upper()) in said or not is_option
    assert not list(tmp_path.iterdir())


STREAMS = {
    "full stdout": (">/dev/full", 2),
    "full stderr": ("2>/dev/full", 0),
    "no stdout": (">&-", 0),
    "no stderr": ("2>&-", 0),
    "no streams": ("<&- >&- 2>&-", 0),
}


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_that_takes_nothing_stops_no_work(name: str, tmp_path: Path) -> None:
    redirected, code = STREAMS[name]
    command = f"{sys.executable} -m m3it_build build --task okvqa --sample --workers 2 --out out {redirected}"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == code, done
    assert "internal error" not in done.stderr
    assert ("stdout cannot be written (No space left" in done.stderr) is (code == 2)
    assert "every planned split is done" in m3it("status", tmp_path / "out").stdout


def test_a_working_directory_that_is_gone_is_told(tmp_path: Path) -> None:
    command = f"rmdir $PWD; {sys.executable} -m m3it_build status {tmp_path}"
    (tmp_path / "gone").mkdir()
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path / "gone", capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "m3it: the working directory cannot be used" in done.stderr


@pytest.mark.parametrize("files", [12, 20, 64])
def test_few_open_files_are_told_or_are_enough(files: int, tmp_path: Path) -> None:
    run = f"{sys.executable} -m m3it_build build --task okvqa --sample --workers 2 --out out"
    done = subprocess.run(
        ["bash", "-c", f"ulimit -n {files}; {run}"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "internal error" not in done.stderr
    assert "Make room" not in done.stderr
    if done.returncode:
        assert files < 64
        assert "Too many open files" in done.stderr
    m3it("build", "--task", "okvqa", "--sample", "--out", tmp_path / "out")


def test_files_where_folders_belong_and_folders_where_files_do(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    m3it("build", "--task", "okvqa", "--sample", "--out", tmp_path / "out")
    for arguments in (
        ("stats", tmp_path / "out", "--plots", file),
        ("show", "okvqa", "--out", tmp_path / "out", "--png", tmp_path),
        ("build", "--task", "okvqa", "--sample", "--out", file),
        ("build", "--task", "okvqa", "--source", file),
        ("sources", "okvqa", "--source", file, "--check"),
        ("tasks", "--tasks-dir", file),
        ("status", file),
        ("init", tmp_path),
        ("init", file / "new.toml"),
    ):
        said = m3it(*arguments, check=2).stderr
        assert str(file if file in arguments else tmp_path) in said

"""One split never mixes rows of two states of the code: what changes bytes is in its fingerprint."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from m3it_build.core.errors import OutputError
from m3it_build.core.schema import ROWS
from m3it_build.engine.job import unmoved
from m3it_build.plan.registry import load_registry
from m3it_build.plan.task_code import task_code
from m3it_build.shards.shard import ShardJob
from m3it_build.store.manifest import Summary, load, save
from m3it_build.store.output import OutputFolder
from tests.corpus import change_state, m3it, m3it_process, rows, tree, write_own_task

FIRST, SECOND = "def best(text): return text\n", "def best(text): return text.upper() + '!'\n"


@pytest.fixture
def started(tmp_path: Path) -> Path:
    """A folder of tasks with a helper that is not used yet."""
    folder = write_own_task(tmp_path / "mytasks")
    (folder / "_majority.py").write_text(FIRST)
    return folder


@pytest.fixture
def own(started: Path) -> Path:
    """A folder of tasks whose task takes its answers from the helper."""
    use(started, "from ._majority import best")
    return started


def use(folder: Path, statement: str, call: str = "best") -> None:
    """Let the task import its helper in this way."""
    path = folder / "my_colours.py"
    plain = path.read_text()
    called = plain.replace('answer="answer"', f'answer=lambda record: {call}(record["answer"])')
    assert called != plain
    path.write_text(called.replace("\ndef rows(", f"\n{statement}\n\n\ndef rows(", 1))


def build(folder: Path, *more: object, check: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    """Build the task of a folder beside it."""
    out = folder.parent / "out"
    place = ("--tasks-dir", folder, "--source", folder, "--out", out)
    small = ("--format", "jsonl", "--workers", 1, "--answers", "original", "--rows-per-shard", 4)
    return m3it("build", "--task", "my-colours", *place, *small, *more, check=check, **environment)


def outputs(folder: Path) -> set[str]:
    """What the built rows say."""
    return {row["outputs"] for row in rows(folder.parent / "out", "my-colours").values()}


def test_a_changed_helper_is_refused_by_name_and_changes_nothing(own: Path) -> None:
    build(own)
    before = tree(own.parent / "out")
    (own / "_majority.py").write_text(SECOND)
    done = build(own, check=2)
    assert "the task's code changed since (./_majority.py)" in done.stderr
    assert "--overwrite" in done.stderr
    assert tree(own.parent / "out") == before
    build(own, "--overwrite")
    assert "BLUE!" in outputs(own)


def test_a_moved_folder_of_tasks_is_the_same_code(own: Path) -> None:
    build(own)
    moved = own.rename(own.with_name("elsewhere"))
    assert "done before" in build(moved).stdout


@pytest.mark.parametrize(
    "statement", ["from . import _majority", "from ._votes import best", "from ._lib.votes import *"]
)
def test_helpers_are_followed_however_they_are_imported(started: Path, statement: str) -> None:
    use(started, statement, "_majority.best" if statement.startswith("from . ") else "best")
    (started / "_votes.py").write_text("from ._majority import best\n")
    (started / "_lib").mkdir()
    (started / "_lib/__init__.py").write_text("")
    (started / "_lib/votes.py").write_text(
        "def best(text):\n    from .._majority import best\n\n    return best(text)\n"
    )
    build(started)
    (started / "_majority.py").write_text(SECOND)
    assert "(./_majority.py)" in build(started, check=2).stderr


def test_helpers_of_another_package_count_and_what_it_does_not_import_does_not(started: Path, tmp_path: Path) -> None:
    package = tmp_path / "site/other_pkg"
    package.mkdir(parents=True)
    for path in started.iterdir():
        if path.is_file():
            (package / path.name).write_text(path.read_text())
    use(package, "import other_pkg._majority", "other_pkg._majority.best")
    (package / "__init__.py").write_text("")
    (package / "_unused.py").write_text("")
    info = tmp_path / "site/other_pkg-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other-pkg\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[m3it.tasks]\nmy-colours = other_pkg.my_colours\n")
    search = os.pathsep.join(filter(None, (str(tmp_path / "site"), os.environ.get("PYTHONPATH"))))
    command = ("build", "--task", "my-colours", "--source", started, "--out", tmp_path / "out", "--format", "jsonl")
    m3it_process(*command, PYTHONPATH=search)
    (package / "_unused.py").write_text("CHANGED = True\n")
    m3it_process(*command, PYTHONPATH=search)
    (package / "_majority.py").write_text(SECOND)
    assert "(other_pkg/_majority.py)" in m3it_process(*command, PYTHONPATH=search, check=2).stderr


def test_a_helper_that_is_called_like_a_bundled_one_is_another(started: Path) -> None:
    (started / "tasks").mkdir()
    (started / "tasks/__init__.py").write_text("")
    (started / "tasks/_coco.py").write_text((started / "_majority.py").read_text())
    use(started, "from m3it_build.tasks import _coco\nfrom .tasks._coco import best")
    build(started)
    (started / "tasks/_coco.py").write_text(SECOND)
    assert "(./tasks/_coco.py)" in build(started, check=2).stderr


def test_bundled_tasks_know_their_helpers() -> None:
    code = {entry.task.name: task_code(entry.module) for entry in load_registry()}
    assert {"m3it_build/tasks/okvqa.py", "m3it_build/tasks/_coco.py"} <= set(code["okvqa"])
    assert {"m3it_build/tasks/coco_itm.py", "m3it_build/tasks/_matching.py"} <= set(code["coco-itm"])
    assert "m3it_build/tasks/_coco.py" not in code["clevr"]
    for name, files in code.items():
        assert f"m3it_build/tasks/{name.replace('-', '_')}.py" in files
        assert all(file.startswith("m3it_build/tasks/") for file in files)


def test_a_plan_of_which_nothing_was_built_is_made_anew(own: Path) -> None:
    place = ("--tasks-dir", own, "--source", own, "--out", own.parent / "out")
    m3it("paraphrase", "--task", "my-colours", *place, "--dry-run")
    (own / "_majority.py").write_text(SECOND)
    build(own)
    assert "BLUE!" in outputs(own)


def test_a_lost_plan_is_no_way_round(own: Path) -> None:
    build(own)
    before = tree(own.parent / "out", "data")
    plan = own.parent / "out/.m3it/plans/my-colours/train.sqlite"
    plan.unlink()
    build(own)
    assert plan.exists()
    plan.unlink()
    (own / "_majority.py").write_text(SECOND)
    assert "(./_majority.py)" in build(own, check=2).stderr
    assert tree(own.parent / "out", "data") == before


BREAK_OFF = """
import sys
import m3it_build.{module} as module
def stop(*_, **__): raise KeyboardInterrupt
module.{name} = stop
from m3it_build.cli import main
sys.argv[0] = "m3it"
main()
"""


def broken_off(folder: Path, module: str, name: str) -> None:
    """Run the build as if it were killed when it first comes to that function."""
    arguments = ["build", "--task", "my-colours", "--tasks-dir", folder, "--source", folder]
    arguments += ["--out", folder.parent / "out", "--format", "jsonl", "--workers", 1]
    arguments += ["--answers", "original", "--rows-per-shard", 4]
    script = BREAK_OFF.format(module=module, name=name)
    done = subprocess.run([sys.executable, "-c", script, *map(str, arguments)], capture_output=True, check=False)
    assert done.returncode == 130, done.stderr.decode()


def test_a_plan_that_was_killed_before_its_summary_is_not_taken_for_another(own: Path) -> None:
    broken_off(own, "shards.build", "finished")  # planned, nothing built
    (own / "_majority.py").write_text(SECOND)
    broken_off(own, "plan.planner", "save")  # the new plan is there, its summary is not
    (own / "_majority.py").write_text(FIRST)
    build(own)
    assert "blue" in outputs(own)


def test_files_of_a_plan_that_no_longer_holds_are_taken_away(own: Path) -> None:
    broken_off(own, "store.commit", "save")  # a shard file without its manifest
    assert list((own.parent / "out").glob("data/*/my-colours/train-00000-of-00002.jsonl"))
    source = own / "my-colours/train.json"
    source.write_text(json.dumps(json.loads(source.read_text())[:3]))
    build(own)
    assert [path.name for path in (own.parent / "out").glob("data/*/my-colours/*")] == ["train-00000-of-00001.jsonl"]


OTHER_TEMPLATES = """
import sys
from m3it_build.answers import outputs
outputs.template = lambda question, answer: f"{answer}, I think."
from m3it_build.cli import main
sys.argv[0] = "m3it"
main()
"""


def test_shards_are_judged_by_what_is_made_of_their_short_answers_now(own: Path) -> None:
    arguments = ["build", "--task", "my-colours", "--tasks-dir", own, "--source", own, "--out", own.parent / "out"]
    arguments += ["--format", "jsonl", "--workers", 1, "--rows-per-shard", 4]
    m3it(*arguments)
    next((own.parent / "out").glob("data/*/my-colours/train-00001-*")).unlink()
    script = [sys.executable, "-c", OTHER_TEMPLATES, *map(str, arguments)]
    subprocess.run(script, capture_output=True, check=True)
    assert all(text.endswith(", I think.") for text in outputs(own))


UPGRADED = """
import sys
from m3it_build.core import version
version.__version__ = "9.9"
from m3it_build.core import schema
schema.ROWS += {more}
from m3it_build.cli import main
sys.argv[0] = "m3it"
main()
"""


@pytest.mark.parametrize(("more", "code"), [(0, 0), (1, 2)])
def test_an_upgrade_goes_on_with_equal_rows_or_refuses(own: Path, more: int, code: int) -> None:
    build(own)
    before = tree(own.parent / "out", "data", ".m3it/manifests")
    next((own.parent / "out").glob("data/*/my-colours/train-00001-*")).unlink()
    arguments = ["build", "--task", "my-colours", "--tasks-dir", own, "--source", own, "--out", own.parent / "out"]
    arguments += ["--format", "jsonl", "--workers", 1, "--answers", "original", "--rows-per-shard", 4]
    done = subprocess.run(
        [sys.executable, "-c", UPGRADED.format(more=more), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    if code:
        assert "it was planned by m3it 0.1.0, whose rows differ from this one's. Use --overwrite" in done.stderr
        assert not list((own.parent / "out").glob("data/*/my-colours/train-00001-*"))
    else:
        assert tree(own.parent / "out", "data", ".m3it/manifests") == before


OTHER_COUNTS = """
import sys
from types import SimpleNamespace
from m3it_build.plan import planner
planner.paper = lambda: SimpleNamespace(tasks={})
from m3it_build.cli import main
sys.argv[0] = "m3it"
main()
"""


def test_other_counts_of_the_paper_are_another_split(tmp_path: Path) -> None:
    arguments = ["build", "--task", "okvqa", "--sample", "--out", str(tmp_path), "--workers", "1"]
    m3it(*arguments)
    script = [sys.executable, "-c", OTHER_COUNTS, *arguments]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "another number of rows would be taken now" in done.stderr


def test_a_worker_of_another_m3it_makes_no_shard(own: Path) -> None:
    build(own)
    output = OutputFolder(own.parent / "out")
    path = output.summary("my-colours", "train")
    save(path, load(path, Summary).model_copy(update={"rows": ROWS + 1, "version": "9.9"}))
    before = tree(output.root, "data")
    with pytest.raises(OutputError, match=r"planned by m3it 9\.9, whose rows differ"):
        ShardJob(output.root, (own / "my-colours",), path, 0).run(unmoved)
    assert tree(output.root, "data") == before


def test_validate_finds_shards_of_another_plan(own: Path) -> None:
    build(own)
    path = own.parent / "out/.m3it/manifests/my-colours/train-00001.json"
    change_state(path, fingerprint="0" * 64)
    assert "written for another plan" in m3it("validate", own.parent / "out", check=1).stderr

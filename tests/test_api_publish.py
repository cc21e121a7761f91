"""Validation, statistics, card and push as functions: they return what they found, print nothing, read no variable."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from m3it_build import api
from m3it_build.core.errors import OutputError
from m3it_build.core.progress import Progress
from m3it_build.plan.settings import BuildSettings
from m3it_build.publish.settings import HubSettings
from tests.corpus import tree
from tests.publish.hub import WRITER, LoopbackHub

ROWS = {"train": 8, "validation": 8}
"""Of the sample of OK-VQA."""


class Heard(Progress):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.rows = 0
        self.problems: list[str] = []

    def checked(self, shard: str, rows: int) -> None:  # noqa: ARG002 - its name is not counted
        """A shard was checked."""
        self.rows += rows

    def problem(self, where: str, what: str) -> None:
        """Something is off."""
        self.problems.append(f"{where}: {what}")


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample of OK-VQA, where environment and settings file are of no use."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m3it.toml").write_text('[hub]\nrepo_id = "from/a-file"\n')
    for name in ("M3IT_REPO_ID", "M3IT_TRANSLATIONS_TO", "M3IT_OUT", "M3IT_LIMIT"):
        monkeypatch.setenv(name, "nonsense")
    api.build("okvqa", sample=True, out=tmp_path / "out", settings=BuildSettings(workers=1))
    return tmp_path / "out"


def test_a_sound_folder_has_no_problems_and_progress_hears_of_its_rows(
    out: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    heard = Heard()
    report = api.validate(out, progress=heard)
    assert (report.rows, report.shards, report.problems) == (sum(ROWS.values()), 2, [])
    assert (heard.rows, heard.problems) == (report.rows, [])
    assert capfd.readouterr() == ("", "")


def test_what_is_off_is_returned_and_heard(out: Path, capfd: pytest.CaptureFixture[str]) -> None:
    next(out.glob("data/kvqa/okvqa/train-*")).unlink()
    heard = Heard()
    report = api.validate(out, progress=heard)
    assert [problem.what for problem in report.problems] == ["the file is missing"]
    assert heard.problems == [f"{problem.where}: {problem.what}" for problem in report.problems]
    assert report.rows == ROWS["validation"]
    assert capfd.readouterr() == ("", "")


def test_a_folder_without_a_build_is_an_error(tmp_path: Path) -> None:
    for function in (api.validate, api.stats, api.card):
        with pytest.raises(OutputError, match="nothing was built here"):
            function(tmp_path)


def test_statistics_stand_beside_the_papers_and_become_figures(out: Path, capfd: pytest.CaptureFixture[str]) -> None:
    splits = api.stats(out)
    assert {each.summary.split: each.rows for each in splits} == ROWS
    assert all(each.outputs.count == each.rows for each in splits)
    assert all(each.outputs.count == 0 for each in api.stats(out, texts=False))
    okvqa = next(row for row in api.compare_with_paper(splits).tasks if row.name == "okvqa")
    assert (okvqa.ours, okvqa.paper) == ((8, 8, 0), (9009, 5046, 0))
    pytest.importorskip("matplotlib")
    assert {path.suffix for path in api.write_plots(splits, out.parent / "plots")} == {".png", ".svg", ".pdf"}
    assert capfd.readouterr() == ("", "")


def test_instructions_need_no_build(capfd: pytest.CaptureFixture[str]) -> None:
    found = api.instruction_stats()
    assert sum(found.counts.values()) == sum(found.tasks.values()) == 400
    assert capfd.readouterr() == ("", "")


def test_a_card_names_the_repository_of_the_settings_and_no_other(out: Path, capfd: pytest.CaptureFixture[str]) -> None:
    report = api.card(out, settings=HubSettings(repo_id="org/m3it"))
    assert (report.card, report.croissant) == (out / "README.md", out / "croissant.json")
    assert [config.name for config in report.contents.configs] == ["okvqa"]
    assert 'load_dataset("org/m3it", "okvqa"' in report.card.read_text()
    api.card(out)
    assert 'load_dataset("ORG/NAME", "okvqa"' in report.card.read_text()
    report.card.write_text("mine")
    with pytest.raises(OutputError, match="was edited by hand"):
        api.card(out)
    assert capfd.readouterr() == ("", "")


SCRIPT = """
import json, sys
from m3it_build import api
from m3it_build.core.errors import M3itError
from m3it_build.core.progress import Progress
from m3it_build.publish.settings import HubSettings

class Heard(Progress):
    said, sent_bytes = [], 0
    def note(self, text):
        self.said.append(text)
    def warn(self, text):
        self.said.append(text)
    def sent(self, files, size):
        self.sent_bytes += size

heard = Heard()
private = HubSettings(repo_id="org/m3it", private=True)
told = {"problems": len(api.validate("out").problems)}
try:
    api.push("out", settings=HubSettings(repo_id="org/m3it", private=False), progress=heard)
except M3itError as error:
    told["refused"] = str(error)
(dry,) = api.push("out", settings=private, dry_run=True)
told["dry"] = [len(dry.upload.send), dry.upload.size, dry.commits]
(done,) = api.push("out", settings=private, progress=heard, verify=True)
told["done"] = [done.repo_id, len(done.upload.send), done.commits, done.problems]
(again,) = api.push("out", settings=private)
told["again"] = [len(again.upload.there), again.commits, again.problems]
told["heard"] = [heard.said, heard.sent_bytes]
with open("told.json", "w") as stream:
    json.dump(told, stream)
sys.stdout.flush()
import os
os._exit(0)  # streams that were left after their first row can abort an interpreter that ends as usual
"""


def test_a_dry_run_a_push_and_a_second_push_in_one_process(out: Path, tmp_path: Path) -> None:
    with LoopbackHub().serving() as hub:
        environment = {
            "HF_ENDPOINT": hub.url,
            "HF_HOME": str(tmp_path / "hf"),
            "HF_TOKEN": WRITER,
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_OFFLINE": "0",
        }
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=tmp_path,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    told: dict[str, Any] = json.loads((tmp_path / "told.json").read_text())
    shards = tree(out, "data")
    size = sum(map(len, shards.values()))
    assert told["problems"] == 0
    assert "do not allow their pictures" in told["refused"]
    assert told["dry"] == [2, size, None]
    assert told["done"] == ["org/m3it", 2, 2, []]
    assert told["again"] == [2, 0, None]
    said, sent = told["heard"]
    assert said[:2] == ["logged in as tester", "okvqa: LicenseRef-COCO, not to be passed on: https://okvqa.allenai.org"]
    assert sent == size
    assert {("datasets", "org/m3it")} == set(hub.repos)
    assert hub.repo("org/m3it").private
    published = hub.tree("org/m3it")
    assert published.keys() == {*shards, "README.md", "croissant.json", "card/example.jpg"}
    assert {name: published[name] for name in shards} == shards

"""The commands as they are typed by whoever has nothing but a download: no flag but what is to be done."""

import json
from pathlib import Path

import pytest

from tests.corpus import m3it, m3it_process, write_okvqa
from tests.publish.hub import LoopbackHub


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


def test_from_a_download_to_the_hub_without_a_flag(here: Path, hub: LoopbackHub, environment: dict[str, str]) -> None:
    next_commands = m3it("init").stdout.splitlines()[-1]
    assert "m3it download TASK" in next_commands
    assert "m3it build --task TASK" in next_commands
    write_okvqa(here / "m3it-sources")
    assert "24 rows in m3it-data/data" in m3it("build", "--task", "okvqa").stdout
    assert "rows in m3it-data/translated" in m3it("translate", "--langs", "all", "--sample").stdout
    done = m3it_process("push-to-hub", check=0, **environment)
    assert "tester/m3it: a new dataset; only its owners see it" in done.stdout
    assert "data/kvqa/okvqa/train-00000-of-00001.parquet" in hub.tree("tester/m3it")
    assert hub.repo("tester/m3it").private
    again = m3it_process("push-to-hub", check=0, **environment)
    assert "only its owners see it, which a push does not change" in again.stdout
    assert "everything was there already" in again.stdout


def test_the_settings_file_names_another_repository(here: Path, hub: LoopbackHub, environment: dict[str, str]) -> None:
    write_okvqa(here / "m3it-sources")
    (here / "m3it.toml").write_text('task = "okvqa"\n[hub]\nrepo_id = "org/mine"\n')
    m3it("build")
    m3it_process("push-to-hub", check=0, **environment)
    assert [name for _, name in hub.repos] == ["org/mine"]


def test_without_a_token_nobody_is_asked_whose_it_is(here: Path, hub: LoopbackHub, environment: dict[str, str]) -> None:
    assert "Build first (m3it build --task okvqa)" in m3it_process("push-to-hub", check=2, **environment).stderr
    m3it("build", "--task", "okvqa", "--sample")
    said = m3it_process("push-to-hub", "--dry-run", check=2, **environment | {"HF_TOKEN": ""}).stderr
    assert "hf auth login" in said
    assert not hub.calls
    assert here.exists()


def test_a_model_that_is_not_here_is_told_with_both_ways_out(here: Path) -> None:
    m3it("build", "--task", "okvqa", "--sample")
    said = m3it("translate", "--langs", "all", check=2, M3IT_CACHE=str(here / "cache")).stderr
    assert "m3it models fetch nllb-200-distilled-1.3B" in said
    assert "--sample" in said


def test_tasks_are_named_with_commas_wherever_they_are_named(
    here: Path, hub: LoopbackHub, environment: dict[str, str]
) -> None:
    m3it("build", "--task", "okvqa, shapes", "--task", "gqa", "--sample")
    built = {path.parent.name for path in here.glob("m3it-data/data/*/*/*.parquet")}
    assert built == {"okvqa", "shapes", "gqa"}
    asked = json.loads(m3it("paraphrase", "--task", "okvqa,vqa-v2", "--sample", "--dry-run", "--json").stdout)
    assert [each["task"] for each in asked["tasks"]] == ["vqa-v2", "okvqa"]
    m3it("translate", "--langs", "de", "--task", "okvqa,shapes", "--sample")
    assert (here / "m3it-data/translated/shapes/de").is_dir()
    m3it_process("push-to-hub", "--only", "okvqa,gqa", check=0, **environment)
    sent = {path.split("/")[2] for path in hub.tree("tester/m3it") if path.startswith("data/")}
    assert sent == {"okvqa", "gqa"}


def test_tasks_says_what_is_in_the_usual_folder(here: Path) -> None:
    assert "found" not in json.loads(m3it("tasks", "--json").stdout)[0]
    write_okvqa(here / "m3it-sources")
    found = {each["task"]: each["found"] for each in json.loads(m3it("tasks", "--json").stdout)}
    assert found["okvqa"] == ["train", "validation"]

"""A task's options decide which of its layouts are looked for."""

import json
from pathlib import Path

import pytest

from m3it_build.core.task import Layout, Split
from m3it_build.plan.layouts import Incomplete, choose_layout
from m3it_build.plan.registry import load_registry
from m3it_build.sources.folder import Folder
from tests.corpus import jpeg, m3it

NEW = {"identifier": "dev-1-0-0", "sentence": "Two photos.", "label": "True"}
OLD = {"identifier": "1-0", "sentence": "One drawing.", "label": "true", "directory": "3"}


@pytest.mark.parametrize(("corpus", "sentence"), [(None, "Two photos."), ("nlvr", "One drawing.")])
def test_only_files_of_the_chosen_variant_count_as_there(tmp_path: Path, corpus: str | None, sentence: str) -> None:
    source = tmp_path / "nlvr"
    for name, record in (("nlvr2/data/dev", NEW), ("nlvr/dev/dev", OLD), ("nlvr/train/train", OLD)):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / f"{name}.json").write_text(json.dumps(record))
    pictures = ("nlvr2/dev/dev-1-0-img0", "nlvr2/dev/dev-1-0-img1", "nlvr/dev/images/3/dev-1-0-0")
    for number, name in enumerate((*pictures, "nlvr/train/images/3/train-1-0-0")):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / f"{name}.png").write_bytes(jpeg(number))
    config = tmp_path / "m3it.toml"
    config.write_text(f'[options.nlvr]\ncorpus = "{corpus}"\n' if corpus else "")
    where = ("--source", tmp_path, "--config", config)
    m3it("build", "--task", "nlvr", *where, "--out", tmp_path / "out", "--format", "jsonl", "--preset", "full")
    rows = [
        json.loads(line)
        for path in sorted((tmp_path / "out").glob("data/*/nlvr/*.jsonl"))
        for line in path.read_text().splitlines()
    ]
    assert {row["inputs"] for row in rows} == {f"Statement: {sentence}"}
    assert {row["meta"]["split"] for row in rows} == ({"train", "validation"} if corpus else {"validation"})


def test_a_file_of_a_variant_that_was_not_chosen_is_not_there_for_anyone(tmp_path: Path) -> None:
    (tmp_path / "gqa").mkdir()
    (tmp_path / "gqa/train_all_questions.json").write_text("{}")
    listed = json.loads(m3it("tasks", "--json", "--source", tmp_path).stdout)
    assert next(task["found"] for task in listed if task["task"] == "gqa") == []
    checked = m3it("sources", "gqa", "--source", tmp_path, "--check", check=1).stdout
    assert "train: missing questions/train_balanced_questions.json" in checked
    built = m3it("build", "--task", "gqa", "--source", tmp_path, "--out", tmp_path / "out", check=2).stderr
    assert "train_balanced_questions.json not found" in built


def test_what_is_missing_is_told_of_the_layout_of_which_most_is_there(tmp_path: Path) -> None:
    task = load_registry()["vqa-v2"].task

    def chosen() -> Layout | Incomplete:
        return choose_layout(task, Split.TRAIN, Folder(task.name, (tmp_path,)))

    official, mirror = task.splits[Split.TRAIN]
    assert chosen() == Incomplete(official, official.files, nothing=True)
    (tmp_path / str(official.files[1])).write_text("{}")
    found = chosen()
    assert isinstance(found, Incomplete)
    assert (found.missing, found.nothing) == (official.files[:1], False)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/train-0.parquet").touch()
    assert chosen() == mirror
    assert isinstance(mirror, Layout)

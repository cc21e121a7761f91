"""What a build would write: `m3it build --dry-run`."""

import json
from pathlib import Path
from typing import Any

import pytest

import m3it_build as m3it_package
from m3it_build.core.sample import Reason
from m3it_build.shards import estimate
from tests.corpus import edit_json, m3it, tree, write_okvqa


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A download of 300 pictures a split that hardly compress, two questions each."""
    folder = tmp_path_factory.mktemp("source")
    write_okvqa(folder, pictures=300, noisy=True)
    return folder


def estimated(*arguments: object, check: int = 0) -> dict[str, Any]:
    """What the dry run says in JSON."""
    found: dict[str, Any] = json.loads(m3it("build", *arguments, "--dry-run", "--json", check=check).stdout)
    return found


def test_rows_are_counted_and_pictures_and_bytes_are_close_to_those_of_the_build(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ("--task", "okvqa", "--source", source, "--out", out, "--rows-per-shard", 100)
    found = estimated(*arguments)
    assert not out.exists()
    m3it("build", *arguments)
    real = m3it_package.stats(out)
    for ours, theirs in zip(found["splits"], real, strict=True):
        assert (ours["rows"], ours["read"], ours["shards"]) == (theirs.rows, theirs.summary.read, theirs.summary.shards)
        assert ours["pictures"] == pytest.approx(theirs.images, rel=0.1)
        assert ours["bytes"] == pytest.approx(theirs.file_bytes, rel=0.1)
        assert 0 < ours["probed"] <= ours["rows"]
    assert found["bytes"] == sum(each["bytes"] for each in found["splits"])
    assert found["seconds"] > 0


def test_what_a_probe_found_is_scaled_up_to_the_plan(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimate, "SIZES", (30,))
    whole, part = (
        m3it_package.build("okvqa", source=source, out=tmp_path / "out"),
        estimated("--task", "okvqa", "--source", source, "--out", tmp_path / "none"),
    )
    real = m3it_package.stats(whole.out)
    for ours, theirs in zip(part["splits"], real, strict=True):
        assert ours["probed"] == 30 < ours["rows"] == theirs.rows
        assert ours["pictures"] == pytest.approx(theirs.images, rel=0.1)
        assert ours["bytes"] == pytest.approx(theirs.file_bytes, rel=0.15)


def test_nothing_of_the_folder_changes_and_what_is_done_is_told(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ("--task", "okvqa", "--source", source, "--out", out, "--limit", 40, "--rows-per-shard", 10)
    m3it("build", *arguments)
    undone = out / ".m3it/manifests/okvqa/train-00001.json"
    rows = json.loads(undone.read_text())["rows"]
    undone.unlink()
    before = tree(out)
    train, validation = estimated(*arguments)["splits"]
    assert tree(out) == before
    assert (train["rows"], train["done"]) == (40, 40 - rows)
    assert (validation["done"], validation["seconds"], validation["planning"]) == (40, 0, 0)
    assert [each["done"] for each in estimated(*arguments, "--overwrite")["splits"]] == [0, 0]
    assert "was built with other settings" in m3it("build", *arguments, "--seed", 1, "--dry-run", check=2).stderr
    assert tree(out) == before


def test_media_that_are_not_there_are_seen_before_the_build(tmp_path: Path) -> None:
    root = write_okvqa(tmp_path)
    for path in root.glob("train2014/*"):
        path.unlink()
    said = m3it("build", "--task", "okvqa", "--source", tmp_path, "--out", tmp_path / "out", "--dry-run").stdout
    assert f"okvqa/train: 12 of 12 probed records would be lost: {Reason.MISSING_MEDIA}" in said
    assert "okvqa/validation:" not in said
    assert not (tmp_path / "out").exists()


def test_a_person_reads_rows_size_and_time(tmp_path: Path) -> None:
    said = m3it("build", "--task", "vcr,msvd-qa", "--sample", "--out", tmp_path / "out", "--dry-run").stdout
    assert "vcr/test: would not be built" in said
    assert "free), about" in said
    assert "rows are counted" in said


def test_the_exit_code_is_that_of_the_build(tmp_path: Path) -> None:
    root = write_okvqa(tmp_path)
    (root / "mscoco_val2014_annotations.json").write_text("{")
    found = estimated("--task", "okvqa", "--source", tmp_path, "--out", tmp_path / "out", check=2)
    assert [each["split"] for each in found["splits"]] == ["train"]
    assert len(found["errors"]) == 1
    said = m3it("build", "--task", "okvqa", "--sample", "--dry-run", "--paraphrase", check=2).stderr
    assert "m3it paraphrase --dry-run" in said


def test_a_split_without_a_single_row_is_no_error(tmp_path: Path) -> None:
    root = write_okvqa(tmp_path)
    edit_json(root / "mscoco_train2014_annotations.json", lambda content: content.update(annotations=[]))
    found = estimated("--task", "okvqa", "--source", tmp_path, "--split", "train", "--out", tmp_path / "out")
    assert [(each["rows"], each["bytes"], each["probed"]) for each in found["splits"]] == [(0, 0, 0)]

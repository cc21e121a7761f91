"""`--overwrite` looks at everything first, and takes away only what it is about to make."""

import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from filelock import FileLock

from tests.corpus import m3it, records, tree, write_okvqa

JSONL = ("--format", "jsonl", "--rows-per-shard", "6")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A download that may be changed."""
    return write_okvqa(tmp_path / "source")


def command(source: Path, out: Path, *more: object) -> tuple[object, ...]:
    """One task."""
    return ("build", "--task", "okvqa", "--source", source, "--out", out, *JSONL, *more)


def no_json(source: Path) -> None:
    (source / "OpenEnded_mscoco_train2014_questions.json").write_text("{")


def gone(source: Path) -> None:
    shutil.rmtree(source)


@pytest.mark.parametrize("break_it", [no_json, gone])
def test_nothing_is_gone_where_the_source_cannot_be_read(
    source: Path, tmp_path: Path, break_it: Callable[[Path], None]
) -> None:
    out = tmp_path / "out"
    m3it(*command(source, out))
    before = tree(out, "data", ".m3it/manifests", ".m3it/plans")
    break_it(source)
    m3it(*command(source, out, "--overwrite", "--split", "train"), check=2)
    assert tree(out, "data", ".m3it/manifests", ".m3it/plans") == before


def test_nothing_is_gone_where_others_have_other_settings_or_a_build_is_running(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    m3it(*command(source, out))
    m3it("build", "--task", "clevr", "--sample", "--out", out, *JSONL)
    before = tree(out)
    done = m3it(*command(source, out, "--overwrite", "--seed", 1), check=2)
    assert "clevr/train" in done.stderr
    assert tree(out) == before
    with FileLock(out / ".m3it/lock"):
        m3it(*command(source, out, "--overwrite"), check=2)
    assert tree(out) == before


def test_splits_that_are_not_asked_for_stay_and_bind(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    m3it(*command(source, out))
    before = tree(out)
    done = m3it(*command(source, out, "--overwrite", "--split", "train", "--seed", 1), check=2)
    assert "okvqa/validation too" in done.stderr
    assert tree(out) == before
    kept = {path: path.stat().st_mtime_ns for path in out.rglob("*validation-0*")}
    told = m3it(*command(source, out, "--overwrite", "--split", "train")).stdout
    assert "done before" in told
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*validation-0*")} == kept
    assert tree(out, "data") == {name: data for name, data in before.items() if name.startswith("data/")}


def test_translations_of_a_split_that_is_built_anew_go_and_it_is_told(tmp_path: Path) -> None:
    out = tmp_path / "out"
    build = ("build", "--task", "okvqa", "--sample", "--out", out)
    m3it(*build)
    m3it("translate", "--langs", "de", "--sample", "--out", out)
    assert list(out.glob("translated/okvqa/de/*"))
    assert "its translations (de) were taken away" in m3it(*build, "--overwrite").stdout
    assert not list(out.glob("translated/okvqa/de/*"))
    assert "0 problems" in m3it("validate", out).stdout


def _unlink(paths: Iterable[Path]) -> None:
    for path in list(paths):
        path.unlink()


def test_a_shard_of_an_earlier_plan_never_stays(source: Path, tmp_path: Path) -> None:
    """As a kill between a shard and its manifest, or between two plans, leaves it."""
    out, calm = tmp_path / "out", tmp_path / "calm"
    m3it(*command(source, out))
    manifests = out / ".m3it/manifests/okvqa"
    states: list[Callable[[], object]] = [
        lambda: _unlink(manifests.glob("train-0*")),
        lambda: _unlink(manifests.glob("train*")),
        (manifests / "train.json").unlink,
    ]
    whole = tmp_path / "whole"
    out.rename(whole)
    asked, _ = records("train2014", 2, 2)
    (source / "OpenEnded_mscoco_train2014_questions.json").write_text(json.dumps(asked))
    m3it(*command(source, calm))
    for kill in states:
        shutil.copytree(whole, out)
        kill()
        m3it(*command(source, out))
        assert tree(out, "data", ".m3it/manifests") == tree(calm, "data", ".m3it/manifests")
        shutil.rmtree(out)


def test_only_names_of_our_writers_in_our_folders_are_leftovers(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    foreign = [
        out / "other/sub/.notes.tmp",
        out / "other/.train.1.tmp",
        out / "data/kvqa/.notes.tmp",
        out / ".m3it/.my.tmp",
        out / ".hidden.12.tmp",
    ]
    ours = [out / "data/kvqa/okvqa/.train-00000-of-00002.jsonl.12.tmp", out / ".m3it/.settings.json.77.tmp"]
    ours.append(out / ".m3it/plans/okvqa/.train.sqlite.5.scratch.tmp")
    for path in (*foreign, *ours):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("precious")
    m3it("paraphrase", "--task", "okvqa", "--source", source, "--out", out, "--dry-run")
    assert all(path.exists() for path in foreign)
    assert not any(path.exists() for path in ours)


@pytest.mark.parametrize("name", ["data", "data/kvqa", "translated", ".m3it"])
def test_a_link_that_leads_out_of_the_folder_is_refused(source: Path, tmp_path: Path, name: str) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ".train.7.tmp").write_text("precious")
    (out / name).parent.mkdir(parents=True, exist_ok=True)
    (out / name).symlink_to(elsewhere)
    done = m3it(*command(source, out), check=2)
    assert "leads out of the output folder" in done.stderr
    assert (elsewhere / ".train.7.tmp").exists()


def test_a_split_of_which_every_record_was_rejected_is_told(source: Path, tmp_path: Path) -> None:
    shutil.rmtree(source / "train2014")
    done = m3it(*command(source, tmp_path / "out"), check=1)
    assert "every record was rejected of okvqa/train (12)" in done.stderr


def test_validate_tells_of_a_build_that_is_running(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    m3it(*command(source, out))
    (out / ".m3it/manifests/okvqa/train-00001.json").unlink()  # as before its commit
    assert "2 problems" in m3it("validate", out, check=1).stdout
    with FileLock(out / ".m3it/lock"):
        done = m3it("validate", out, check=2)
        assert "another m3it is working" in done.stderr
        assert "0 problems" in done.stdout
        flipped = next(out.glob("data/*/okvqa/validation-00000-*"))
        flipped.write_bytes(flipped.read_bytes()[:-9])
        assert "validation-00000" in m3it("validate", out, check=1).stderr

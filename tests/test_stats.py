"""What `m3it stats` tells."""

import json
from pathlib import Path

import pytest

from m3it_build.quality.instructions import PAPER_ACROSS, PAPER_COUNTS, PAPER_TOKENS, PAPER_WITHIN, instruction_stats
from m3it_build.registry import load_registry
from tests.corpus import m3it, write_okvqa


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build with a missing picture."""
    folder = tmp_path_factory.mktemp("stats")
    source = write_okvqa(folder / "source")
    (source / "train2014/COCO_train2014_000000000001.jpg").unlink()
    m3it("build", "--task", "okvqa", "--source", source, "--out", folder / "out", "--workers", 1)
    return folder / "out"


def test_four_hundred_instructions_as_in_table_2() -> None:
    entries = list(load_registry())
    pools = {entry.task.name: entry.pool() for entry in entries}
    found = instruction_stats(pools, {entry.task.name: entry.task.category for entry in entries})
    assert found.counts == PAPER_COUNTS
    assert sum(found.counts.values()) == 400
    texts = [each.text for pool in pools.values() for each in pool.all]
    assert len(set(texts)) == len(texts) == 400 + sum(found.further.values())
    for ours, paper in ((found.tokens, PAPER_TOKENS), (found.within, PAPER_WITHIN), (found.across, PAPER_ACROSS)):
        assert abs(ours.mean - paper.mean) <= paper.mean / 10


def test_instructions_need_no_build() -> None:
    told = json.loads(m3it("stats", "--instructions", "--json").stdout)
    assert told["instructions"] == 400
    assert "24.4 ± 9.6" in m3it("stats", "--instructions").stdout


def test_a_split_is_told_with_its_rejects_instructions_and_answers(out: Path) -> None:
    train = next(each for each in json.loads(m3it("stats", out, "--json").stdout) if each["split"] == "train")
    assert (train["read"], train["rows"], train["rejected"]) == (12, 10, {"missing media": 2})
    assert train["images"] == 5
    assert sum(train["instructions"].values()) == 10
    assert train["answers"] == {"disc": 10}
    told = m3it("stats", out).stdout
    assert "rejected: 2 missing media" in told
    assert "'disc' 100%" in told


def test_the_papers_tables_stand_beside(out: Path) -> None:
    told = json.loads(m3it("stats", out, "--paper", "--json").stdout)
    okvqa = next(row for row in told["tasks"] if row["name"] == "okvqa")
    assert (okvqa["ours"], okvqa["paper"]) == ([10, 12, 0], [9009, 5046, 0])
    assert len(told["tasks"]) == 40
    assert told["contradictions"]
    assert "Table 7" in m3it("stats", out, "--paper").stdout


def test_pictures_are_written(out: Path, tmp_path: Path) -> None:
    m3it("stats", out, "--plots", tmp_path / "plots")
    assert sorted(path.name for path in (tmp_path / "plots").iterdir()) == [
        "instruction-length.png", "output-length.png", "rows-per-group.png",
    ]  # fmt: skip

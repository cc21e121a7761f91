"""What `m3it stats` tells."""

import json
from pathlib import Path

import pytest

from m3it_build.paper import paper
from m3it_build.plan.registry import load_registry
from m3it_build.quality.instructions import instruction_stats
from m3it_build.quality.plots import _bars, _by_language, _groups
from m3it_build.quality.stats import split_stats
from tests.corpus import m3it, m3it_process, tree, write_okvqa


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
    printed = paper().instructions
    assert found.counts == printed.categories
    assert sum(found.counts.values()) == 400
    texts = [each.text for pool in pools.values() for each in pool.all]
    assert len(set(texts)) == len(texts) == 400 + sum(found.further.values())
    for name in ("tokens", "within", "across"):
        ours, theirs = getattr(found, name), getattr(printed, name)
        assert abs(ours.mean - theirs.mean) <= theirs.mean / 10


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


def test_figures_are_written_alike_each_time_in_three_formats(out: Path, tmp_path: Path) -> None:
    names = ("instruction-length", "output-length", "output-length-per-task", "picture-size", "rows-per-group")
    files = {f"{name}.{kind}" for name in names for kind in ("png", "svg", "pdf")}
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        m3it_process("stats", out, "--plots", folder)
    assert {path.name for path in first.iterdir()} == files
    assert tree(first) == tree(second)


def test_groups_that_are_far_apart_stand_on_a_logarithmic_axis(out: Path) -> None:
    pytest.importorskip("matplotlib").use("Agg")
    train, validation = split_stats(out)
    assert _groups([train, validation]).axes[0].get_xscale() == "linear"
    train.rows, validation.rows = 748_000, 37_000
    axes = _groups([train, validation]).axes[0]
    assert axes.get_xscale() == "log"
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Knowledgeable VQA"]


def test_chinese_and_english_texts_have_panels_of_their_own(out: Path) -> None:
    train, validation = split_stats(out)
    validation.summary = validation.summary.model_copy(update={"languages": ["zh"]})
    panels = _by_language([train, validation], lambda each: each.outputs)
    assert [(panel.title, panel.lengths.count) for panel in panels] == [("English", 10), ("Chinese", 12)]


def test_the_longest_do_not_squeeze_the_rest() -> None:
    bars = _bars(dict.fromkeys(range(1, 100), 10) | {380: 3, 5000: 1}, 40)
    assert bars.step == 5 and bars.cut
    assert max(bars.counts) == 95 and bars.counts[95] == 5 * 10 + 4
    whole = _bars({3: 2, 4: 1}, 40)
    assert whole == (1, {3: 2, 4: 1}, False)
    assert _bars({}, 40).counts == {}

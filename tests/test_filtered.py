"""Filtered is what we chose not to take, rejected is what is broken or missing: every record is accounted for."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.sample import DECISIONS, Reason, Reject, tally
from m3it_build.plan.registry import load_registry
from tests.corpus import change_state, m3it, write_okvqa

HOLES = {"vist", "mmchat"}
"""Samples that lack a photo, as their sources do on most disks."""


def test_rejects_are_told_apart_by_reason() -> None:
    found = tally([Reject("a", "convert", Reason.NO_LABEL), Reject("b", "media", Reason.BAD_IMAGE)] * 2)
    assert found == ({"no label": 2}, {"unreadable image": 2})
    assert all(why for why in DECISIONS.values())
    assert not {Reason.MISSING_MEDIA, Reason.BAD_RECORD, Reason.NO_ANSWER, Reason.OTHER_LANGUAGE} & set(DECISIONS)


@pytest.fixture(scope="module")
def accounts(samples: Callable[[str], Path]) -> dict[str, dict[str, Any]]:
    """The account of every sample's splits, by task/split: of finished ones, a build tells the same again."""
    out = samples("parquet")
    told = json.loads(m3it("build", "--all", "--sample", "--out", out, "--json").stdout)
    assert "0 problems" in m3it("validate", out).stdout
    return {f"{each['task']}/{each['split']}": each for each in told["splits"]}


def test_strict_passes_on_every_sample_that_is_whole(accounts: dict[str, dict[str, Any]]) -> None:
    rejecting = {name.partition("/")[0] for name, each in accounts.items() if each["rejected"]}
    assert rejecting == HOLES
    assert {name.partition("/")[0] for name, each in accounts.items() if each["filtered"]} >= {"coco-goi", "text-vqa"}


def test_every_record_of_the_samples_is_accounted_for(accounts: dict[str, dict[str, Any]]) -> None:
    for name, each in accounts.items():
        lost = [count for fate in ("filtered", "rejected") for count in each[fate].values()]
        assert each["read"] == sum([each["rows"], each["left_out"], *lost]), name


def test_strict_is_0_where_records_were_filtered_and_1_where_one_is_broken(tmp_path: Path) -> None:
    m3it("build", "--task", "coco-goi", "--sample", "--out", tmp_path / "goi", "--strict")
    source = write_okvqa(tmp_path / "source")
    (source / "train2014/COCO_train2014_000000000001.jpg").unlink()
    m3it("build", "--task", "okvqa", "--source", source, "--out", tmp_path / "out", "--strict", check=1)


def test_strict_passes_on_real_records_that_are_whole(shared: Path, tmp_path: Path) -> None:
    tasks = [entry.task.name for entry in load_registry() if (shared / "sources" / entry.task.name).is_dir()]
    chosen = [argument for task in tasks if task not in HOLES for argument in ("--task", task)]
    told = json.loads(
        m3it("build", *chosen, "--source", shared / "sources", "--out", tmp_path, "--json", check=None).stdout
    )
    reasons = {reason for each in told["splits"] for reason in each["rejected"]}
    assert reasons <= {"missing media"}, reasons  # the excerpts hold few pictures; no record of theirs is broken


def test_each_line_of_rejects_says_which_it_is(tmp_path: Path) -> None:
    m3it("build", "--task", "visual-dialog", "--task", "vist", "--sample", "--out", tmp_path)
    lines = [json.loads(line) for path in tmp_path.glob(".m3it/rejects/*/*") for line in path.read_text().splitlines()]
    assert {(line["fate"], line["reason"]) for line in lines} == {
        ("filtered", "answer withheld"),
        ("rejected", "missing media"),
    }


def test_validate_notices_an_account_that_does_not_close(tmp_path: Path) -> None:
    m3it("build", "--task", "coco-goi", "--sample", "--out", tmp_path)
    change_state(tmp_path / ".m3it/manifests/coco-goi/train.json", filtered={})
    assert "the account does not close" in m3it("validate", tmp_path, check=1).stderr


def test_stats_and_card_tell_both(tmp_path: Path) -> None:
    m3it("build", "--task", "text-vqa", "--sample", "--out", tmp_path)
    assert "filtered: 1 no agreed answer" in m3it("stats", tmp_path).stdout
    m3it("card", tmp_path)
    assert "1 no agreed answer" in (tmp_path / "README.md").read_text()

"""How rows are sampled, ordered and cut into shards."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m3it_build.core.choice import Draw
from m3it_build.core.sample import Origin, Picture, Reason, Reject, Row, Sample
from m3it_build.core.task import Layout, SourceFolder, Split, Task
from m3it_build.plan.registry import load_registry
from m3it_build.plan.rows import read_plan, read_shard
from m3it_build.plan.writer import PlanWriter, _placed
from m3it_build.sources.folder import Folder


def task_of(pictures: list[int]) -> Task:
    """A task whose row i shows picture pictures[i]."""

    def rows(_: SourceFolder) -> Iterator[Row | Reject]:
        for place, picture in enumerate(pictures):
            yield Row(str(place), {"picture": picture}, Origin("f", str(place)))

    def convert(row: Row) -> Sample | Reject:
        return Sample(row.key, (Picture((f"{row.fields['picture']}.jpg",)),), outputs="x")

    return replace(load_registry()["okvqa"].task, splits={Split.TRAIN: (Layout((), rows),)}, convert=convert)


@given(st.lists(st.integers(0, 9), max_size=60), st.integers(1, 12), st.none() | st.integers(0, 40))
@settings(max_examples=40)
def test_each_row_once_pictures_whole_shards_bounded(pictures: list[int], limit: int, take: int | None) -> None:
    task = task_of(pictures)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "p.sqlite"
        counts, shards, rejects = PlanWriter(path, task, Draw(0, "t"), take).write(
            task.splits[Split.TRAIN][0], Folder("t", ()), limit
        )
        parts = [list(read_shard(path, index)) for index in range(shards)]
        whole = list(read_plan(path))
    assert not rejects
    expected = len(pictures) if take is None else min(take, len(pictures))
    assert counts["planned"] == expected == len(whole) == len({planned.sample.key for planned in whole})
    assert counts["read"] == len(pictures) == counts["planned"] + counts["left_out"]
    seen: set[str] = set()
    for part in parts:
        names = {planned.sample.images[0].paths[0] for planned in part}
        assert part and not names & seen
        assert len(part) <= limit or len(names) == 1
        seen |= names


def test_sampling_takes_the_same_rows_whatever_is_taken_besides(tmp_path: Path) -> None:
    task = task_of(list(range(50)))
    taken = []
    for take in (10, 20, 50):
        path = tmp_path / f"{take}.sqlite"
        PlanWriter(path, task, Draw(0, "t"), take).write(task.splits[Split.TRAIN][0], Folder("t", ()), 100)
        taken.append({planned.sample.key for planned in read_plan(path)})
    assert taken[0] < taken[1] < taken[2]


@given(st.lists(st.integers(0, 9), max_size=40), st.randoms(use_true_random=False), st.integers(1, 12))
@settings(max_examples=40)
def test_the_order_of_records_changes_no_byte_of_a_plan(pictures: list[int], chance: Random, limit: int) -> None:
    task = task_of(pictures)
    layout = task.splits[Split.TRAIN][0]
    records = list(layout.rows(Folder("t", ())))
    chance.shuffle(records)

    def rows(_: SourceFolder) -> Iterator[Row | Reject]:
        yield from records

    shuffled = replace(layout, rows=rows)
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / "one.sqlite", Path(folder) / "two.sqlite"]
        for path, each in zip(paths, (layout, shuffled), strict=True):
            PlanWriter(path, task, Draw(0, "t"), None).write(each, Folder("t", ()), limit)
        assert paths[0].read_bytes() == paths[1].read_bytes()


@given(st.lists(st.integers(1, 9), max_size=30), st.integers(1, 8))
def test_shards_are_cut_between_pictures_and_as_full_as_they_can_be(sizes: list[int], limit: int) -> None:
    chosen = [(str(picture), b"%d" % picture) for picture, size in enumerate(sizes) for _ in range(size)]
    placed = list(_placed(chosen, limit))
    assert [blob for _, _, blob in placed] == [blob for _, blob in chosen], "in the order that they came in"
    shards: dict[int, list[bytes]] = {}
    for shard, place, blob in placed:
        rows = shards.setdefault(shard, [])
        assert place == len(rows)
        rows.append(blob)
    assert list(shards) == list(range(len(shards)))
    groups = [set(rows) for rows in shards.values()]
    assert sum(map(len, groups)) == len(sizes), "a picture's rows are all in one shard"
    for rows in shards.values():
        assert len(rows) <= limit or len(set(rows)) == 1
    for shard in range(len(shards) - 1):
        first = shards[shard + 1][0]
        assert len(shards[shard]) + shards[shard + 1].count(first) > limit, "the next picture had room"


@pytest.mark.parametrize("depth", [60, 70, 500, 5000])
@pytest.mark.parametrize("where", ["meta", "convert"])
def test_a_record_nested_by_the_hundreds_is_a_bad_one(tmp_path: Path, where: str, depth: int) -> None:
    def convert(row: Row) -> Sample | Reject:
        value: object = "x"
        for _ in range(depth):
            value = [value]
        return Sample(
            row.key,
            (Picture(("1.jpg",)),),
            outputs="x",
            meta={"a": value} if where == "meta" else {"n": unwrapped(value)},
        )

    task = replace(task_of([1]), convert=convert)
    path = tmp_path / "p.sqlite"
    counts, _, rejects = PlanWriter(path, task, Draw(0, "t"), None).write(
        task.splits[Split.TRAIN][0], Folder("t", ()), 7
    )
    assert counts["planned"] == len(list(read_plan(path))) == 1 - len(rejects)
    assert [reject.reason for reject in rejects] == [Reason.BAD_RECORD] * (depth > (64 if where == "meta" else 900))


def unwrapped(value: object) -> int:
    """As a task's own code may go down into a record."""
    return 1 + unwrapped(value[0]) if isinstance(value, list) else 0


@given(st.sets(st.integers(0, 10_000), max_size=50), st.integers(0, 3))
@settings(max_examples=30)
def test_rows_stand_in_the_order_of_a_hash_of_their_picture_and_seed(pictures: set[int], seed: int) -> None:
    draw = Draw(seed, "t")
    task = task_of(sorted(pictures))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "p.sqlite"
        PlanWriter(path, task, draw, None).write(task.splits[Split.TRAIN][0], Folder("t", ()), 7)
        names = [planned.sample.images[0].paths[0] for planned in read_plan(path)]
    assert names == sorted(names, key=lambda name: draw.rank("order", name))

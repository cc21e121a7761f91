"""How rows are sampled, ordered and cut into shards."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from m3it_build.core.choice import Draw
from m3it_build.core.sample import Origin, Picture, Reject, Row, Sample
from m3it_build.core.task import Layout, SourceFolder, Split, Task
from m3it_build.plan.registry import load_registry
from m3it_build.plan.rows import read_plan, read_shard
from m3it_build.plan.writer import PlanWriter
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
@settings(max_examples=40, deadline=None)
def test_each_row_once_pictures_whole_shards_bounded(pictures: list[int], limit: int, take: int | None) -> None:
    from tempfile import TemporaryDirectory

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

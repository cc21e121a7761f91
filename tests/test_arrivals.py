"""What arrives after a build: the same command takes it in, with the bytes of a build that had it from the start."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.corpus import jpeg, m3it, rejects, rows, tree, write_okvqa

PICTURES = 30
GONE = range(1, PICTURES + 1, 3)
ASKED = ("--rows-per-shard", 3, "--format", "jsonl")
PARTS = ("data", ".m3it/manifests", ".m3it/rejects")


def photo(source: Path, number: int) -> Path:
    return source / f"train2014/COCO_train2014_{number:012d}.jpg"


def command(source: Path, out: Path, *more: object) -> tuple[object, ...]:
    return ("build", "--task", "okvqa", "--split", "train", "--source", source, "--out", out, *ASKED, *more)


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """Sixty questions about thirty photos."""
    return write_okvqa(tmp_path / "whole", PICTURES, 2)


@pytest.fixture
def source(whole: Path, tmp_path: Path) -> Path:
    """The same without every third photo."""
    folder = tmp_path / "source/okvqa"
    shutil.copytree(whole, folder)
    for number in GONE:
        photo(folder, number).unlink()
    return folder


def fetch(whole: Path, source: Path, *numbers: int) -> None:
    """Put photos where they belong, as programs do that keep the time of their writing."""
    for number in numbers:
        shutil.copyfile(photo(whole, number), photo(source, number))
        os.utime(photo(source, number), (1, 1))


@pytest.mark.parametrize("limit", [None, 1, 20, 45, 60])
def test_photos_that_arrive_give_the_bytes_of_a_build_that_had_them(
    whole: Path, source: Path, tmp_path: Path, limit: int | None
) -> None:
    more = () if limit is None else ("--limit", limit)
    m3it(*command(source, tmp_path / "out", *more))
    for numbers in (GONE[:1], GONE[1:4], GONE[4:]):
        fetch(whole, source, *numbers)
        m3it(*command(source, tmp_path / "out", *more))
        m3it(*command(source, tmp_path / "fresh", *more, "--overwrite"))
        assert tree(tmp_path / "out", *PARTS) == tree(tmp_path / "fresh", *PARTS)
    m3it(*command(whole, tmp_path / "other", *more))
    assert tree(tmp_path / "out", "data") == tree(tmp_path / "other", "data")
    assert not rejects(tmp_path / "out")
    assert "0 problems" in m3it("validate", tmp_path / "out").stdout


def test_only_shards_that_lacked_what_arrived_are_made_again(whole: Path, source: Path, tmp_path: Path) -> None:
    m3it(*command(source, tmp_path))
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("data/*/*/*")}
    fetch(whole, source, GONE[0])
    said = m3it(*command(source, tmp_path)).stdout
    changed = [path for path in tmp_path.glob("data/*/*/*") if before.get(path) != path.stat().st_mtime_ns]
    assert len(changed) == 1
    assert "okvqa/train: 1 shard made again, as pictures or clips that were missing are there now" in said
    assert "18 records rejected as pictures or clips are not there" in said
    assert "made again" not in m3it(*command(source, tmp_path)).stdout
    (split,) = json.loads(m3it(*command(source, tmp_path, "--json")).stdout)["splits"]
    assert (split["shards"], split["made_again"]) == (split["done_before"], 0)


def test_a_broken_photo_that_was_fetched_again_is_taken_in(whole: Path, source: Path, tmp_path: Path) -> None:
    fetch(whole, source, *GONE)
    good = photo(source, 2).read_bytes()
    photo(source, 2).write_bytes(good[:200])
    m3it(*command(source, tmp_path / "out"))
    assert "made again" not in m3it(*command(source, tmp_path / "out")).stdout
    photo(source, 2).write_bytes(good)
    os.utime(photo(source, 2), (1, 1))
    assert "1 shard made again" in m3it(*command(source, tmp_path / "out")).stdout
    m3it(*command(whole, tmp_path / "fresh"))
    assert tree(tmp_path / "out", *PARTS) == tree(tmp_path / "fresh", *PARTS)


def test_kills_while_photos_are_taken_in_change_no_byte(whole: Path, source: Path, tmp_path: Path) -> None:
    more = ("--limit", 40)
    m3it(*command(source, tmp_path / "out", *more))
    fetch(whole, source, *GONE)
    m3it(*command(source, tmp_path / "fresh", *more))
    typed = [sys.executable, "-m", "m3it_build", *map(str, command(source, tmp_path / "out", *more, "--workers", 1))]
    chance = random.Random(5)  # the moments of the kills; any would do
    for _ in range(8):
        process = subprocess.Popen(typed, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        time.sleep(chance.uniform(0.3, 1.5))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    m3it(*command(source, tmp_path / "out", *more))
    assert tree(tmp_path / "out", *PARTS) == tree(tmp_path / "fresh", *PARTS)


def test_what_is_still_missing_is_told_also_where_little_is(source: Path, tmp_path: Path) -> None:
    said = m3it(*command(source, tmp_path, "-q")).stdout
    assert "20 records rejected as pictures or clips are not there, as train2014/COCO_train2014_" in said
    assert f"(looked in {source})" in said


def write_parts(folder: Path, parts: dict[int, int], of: int) -> None:
    """Parts of a mirror of text-vqa, by number the rows of each."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    (folder / "data").mkdir(parents=True, exist_ok=True)
    for part, count in parts.items():
        records = [
            {
                "question_id": 100 * part + number,
                "question": f"What is sign {number} of {part}?",
                "image_id": f"{part:08d}{number:08d}",
                "answers": ["stop"] * 10,
                "image": {"bytes": jpeg(100 * part + number), "path": None},
            }
            for number in range(count)
        ]
        name = f"data/validation-{part:05d}-of-{of:05d}.parquet"
        pq.write_table(pa.Table.from_pylist(records), folder / name)


def parts_command(source: Path, out: Path, *more: object) -> tuple[object, ...]:
    return ("build", "--task", "text-vqa", "--source", source, "--out", out, *ASKED, *more)


def test_parts_that_arrive_are_taken_in(tmp_path: Path) -> None:
    source = tmp_path / "source"
    write_parts(source / "text-vqa", {0: 4}, 3)
    asked = parts_command(source, tmp_path / "out", "--preset", "full")
    said = m3it(*asked).stdout
    assert "text-vqa/validation: 1 of 3 files of validation are there; missing: data/validation-00001-of-00003" in said
    for part, left in ((2, 1), (1, 0)):
        write_parts(source / "text-vqa", {part: 4}, 3)
        said = m3it(*asked).stdout
        assert f"made anew, as data/validation-{part:05d}-of-00003.parquet arrived since" in said
        assert (f"{3 - left} of 3 files" in said) is bool(left)
        m3it(*parts_command(source, tmp_path / "fresh", "--preset", "full", "--overwrite"))
        assert tree(tmp_path / "out", *PARTS) == tree(tmp_path / "fresh", *PARTS)
    assert "12 rows in 4 shards checked, 0 problems" in m3it("validate", tmp_path / "out").stdout
    assert "arrived" not in m3it(*asked).stdout


def test_a_part_that_arrives_broken_takes_nothing_away(tmp_path: Path) -> None:
    source, out = tmp_path / "source", tmp_path / "out"
    write_parts(source / "text-vqa", {0: 4}, 2)
    asked = parts_command(source, out, "--preset", "full")
    m3it(*asked)
    before = tree(out, "data")
    write_parts(source / "text-vqa", {1: 4}, 2)
    path = source / "text-vqa/data/validation-00001-of-00002.parquet"
    data = path.read_bytes()
    for damaged, words in ((data[:-9], "its download did not finish"), (data[:4] + b"\0" * 99 + data[-4:], "")):
        path.write_bytes(damaged)
        said = m3it(*asked, check=2)
        assert words in said.stderr
        assert "arrived" not in said.stdout
        assert tree(out, "data") == before
    path.write_bytes(data)
    m3it(*asked)
    assert "8 rows in 3 shards checked, 0 problems" in m3it("validate", out).stdout


def test_a_part_that_changed_is_refused_as_ever(tmp_path: Path) -> None:
    source = tmp_path / "source"
    write_parts(source / "text-vqa", {0: 4}, 2)
    asked = parts_command(source, tmp_path / "out", "--preset", "full")
    m3it(*asked)
    write_parts(source / "text-vqa", {0: 5, 1: 4}, 2)
    assert "source files changed since" in m3it(*asked, check=2).stderr


def test_a_kill_between_an_old_plan_and_a_new_one_is_mended(tmp_path: Path) -> None:
    source, out = tmp_path / "source", tmp_path / "out"
    write_parts(source / "text-vqa", {0: 7}, 2)
    asked = parts_command(source, out, "--preset", "full")
    m3it(*asked)
    old = tmp_path / "old"
    shutil.copytree(out, old)
    write_parts(source / "text-vqa", {1: 2}, 2)
    m3it(*parts_command(source, tmp_path / "fresh", "--preset", "full"))
    state = [
        ".m3it/manifests/text-vqa/validation.json",
        *sorted(str(each.relative_to(old)) for each in old.rglob("validation-*")),
    ]
    for step in range(1, len(state) + 1):
        shutil.rmtree(out)
        shutil.copytree(old, out)
        for name in state[:step]:
            (out / name).unlink()
        m3it(*asked)
        assert tree(out, *PARTS) == tree(tmp_path / "fresh", *PARTS)


@pytest.mark.parametrize("size", [3, 1000])
def test_pictures_that_are_gone_take_no_finished_row_with_them(
    whole: Path, source: Path, tmp_path: Path, size: int
) -> None:
    """As where a disk is not mounted; one damaged picture, or one that arrived, makes no shard anew that would lose."""
    fetch(whole, source, *GONE)
    (photo(source, 1)).write_bytes(photo(whole, 1).read_bytes()[:300])
    photo(source, 2).unlink()
    asked = (*command(source, tmp_path / "out"), "--rows-per-shard", size)
    m3it(*asked)
    before = tree(tmp_path / "out", *PARTS)
    photos = source / "train2014"
    photos.rename(tmp_path / "unmounted")
    photos.mkdir()
    shutil.copyfile(photo(whole, 2), photo(source, 2))
    m3it(*asked)
    after = tree(tmp_path / "out", *PARTS)
    changed = [name for name in before if after.get(name) != before[name]]
    assert all("00000" not in name or size == 3 for name in changed)
    assert len(rows(tmp_path / "out")) >= 56
    shutil.rmtree(photos)
    (tmp_path / "unmounted").rename(photos)
    shutil.copyfile(photo(whole, 2), photo(source, 2))
    m3it(*asked)
    m3it(*command(source, tmp_path / "calm"), "--rows-per-shard", size)
    assert tree(tmp_path / "out", *PARTS) == tree(tmp_path / "calm", *PARTS)

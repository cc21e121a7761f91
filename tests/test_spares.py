"""As many rows as were asked for: a record that is lost while rows are written is replaced by the next one."""

import json
from pathlib import Path

import pytest

from m3it_build.core.choice import Draw
from tests.corpus import jpeg, m3it, m3it_process, rejects, rows, tree, write_okvqa

PICTURES = 30


def photo(source: Path, number: int) -> Path:
    return source / f"train2014/COCO_train2014_{number:012d}.jpg"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Sixty questions about thirty photos, of which some are gone, empty or broken."""
    folder = write_okvqa(tmp_path / "source", PICTURES, 2)
    for number in range(1, PICTURES, 3):
        photo(folder, number).unlink()
    for number in range(2, PICTURES, 6):
        photo(folder, number).write_bytes(photo(folder, number).read_bytes()[:200])
    return folder


def command(verb: str, source: Path, out: Path, *more: object) -> tuple[object, ...]:
    return (verb, "--task", "okvqa", "--split", "train", "--source", source, "--out", out, *more)


def build(source: Path, out: Path, *more: object) -> Path:
    m3it(*command("build", source, out, *more))
    return out


def keys(out: Path) -> list[str]:
    return [name.rpartition("/")[2] for name in rows(out)]


def test_a_lost_record_is_replaced_by_the_next_in_the_order_of_the_sample(source: Path, tmp_path: Path) -> None:
    good = keys(build(source, tmp_path / "full", "--preset", "full", "--format", "jsonl"))
    assert 0 < len(good) < 2 * PICTURES
    draw = Draw(0, "okvqa")
    wanted = sorted(good, key=lambda key: draw.rank("sample", key))[:20]
    out = build(source, tmp_path / "limited", "--limit", 20, "--format", "jsonl")
    assert sorted(keys(out)) == sorted(wanted)
    assert rejects(out)  # what was lost is told as ever
    assert "0 problems" in m3it("validate", out).stdout


def test_shards_come_out_the_same_for_any_workers_and_after_a_kill(source: Path, tmp_path: Path) -> None:
    asked = ("--limit", 20, "--rows-per-shard", 3, "--format", "jsonl")
    out = build(source, tmp_path / "one", *asked)
    assert len(rows(out)) == 20
    other = command("build", source, tmp_path / "two", *asked)
    m3it_process(*other, "--workers", 3)
    assert tree(out, "data") == tree(tmp_path / "two", "data")
    for path in sorted((tmp_path / "two/.m3it/manifests").rglob("train-*.json"))[::2]:
        path.unlink()
    m3it(*other)
    assert tree(out, "data") == tree(tmp_path / "two", "data")


def test_every_record_is_accounted_for(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    asked = command("build", source, out, "--limit", 20, "--json")
    for _ in range(2):  # when it is built, and when it was built before
        (split,) = json.loads(m3it(*asked).stdout)["splits"]
        lost = sum(split["rejected"].values())
        assert (split["read"], split["asked"], split["rows"]) == (2 * PICTURES, 20, 20)
        assert lost > 0
        assert split["left_out"] == 2 * PICTURES - 20 - lost
    (counted,) = json.loads(m3it("stats", out, "--json").stdout)
    assert (counted["left_out"], counted["rejected"]) == (split["left_out"], split["rejected"])
    m3it("card", out)
    assert f"| {2 * PICTURES} | 20 | {split['left_out']} | 0 | {lost} |" in (out / "README.md").read_text()


@pytest.mark.parametrize("size", [1, 4, 7, 100])
def test_the_rows_do_not_hang_on_the_size_of_shards(source: Path, tmp_path: Path, size: int) -> None:
    """Down to the last good record."""
    draw = Draw(0, "okvqa")
    good = sorted(
        keys(build(source, tmp_path / "full", "--preset", "full", "--format", "jsonl")),
        key=lambda key: draw.rank("sample", key),
    )
    for count in (5, len(good) - 1, len(good), 2 * PICTURES - 1):
        out = build(source, tmp_path / str(count), "--limit", count, "--rows-per-shard", size, "--format", "jsonl")
        assert sorted(keys(out)) == sorted(good[:count])
        assert "0 problems" in m3it("validate", out).stdout
        names = sorted(
            path.name for path in out.rglob("train-*.jsonl") if path.parent.name == "okvqa" and "data" in path.parts
        )
        assert len({name.rpartition("-of-")[2] for name in names}) == 1


@pytest.mark.parametrize("gone", ["plans/okvqa/train.sqlite", "manifests/okvqa/train.json", None])
@pytest.mark.parametrize("back", [True, False])
def test_more_or_fewer_replacements_leave_no_old_file(
    source: Path, tmp_path: Path, back: bool, gone: str | None
) -> None:
    """Where photos came or went, shards were made anew, and the plan or the summary was lost."""
    asked = ("--limit", 20, "--rows-per-shard", 3, "--format", "jsonl")
    out = build(source, tmp_path / "out", *asked)
    for number in range(1, PICTURES + 1):
        if back:
            photo(source, number).write_bytes(jpeg(number))
        elif number % 3 == 0:
            photo(source, number).unlink(missing_ok=True)
    for path in sorted((out / ".m3it/manifests").rglob("train-*.json")):
        path.unlink()
    if gone:
        (out / ".m3it" / gone).unlink()
    build(source, out, *asked)
    assert len(keys(out)) == len(set(keys(out)))
    assert back is (len(keys(out)) == 20)
    assert "0 problems" in m3it("validate", out).stdout
    fresh = build(source, tmp_path / "fresh", *asked)
    assert tree(out, "data") == tree(fresh, "data")


def test_a_dry_run_without_the_plan_changes_nothing_that_is_built(source: Path, tmp_path: Path) -> None:
    asked = ("--limit", 20, "--rows-per-shard", 3, "--format", "jsonl")
    out = build(source, tmp_path / "out", *asked)
    (out / ".m3it/plans/okvqa/train.sqlite").unlink()
    m3it(*command("paraphrase", source, out, "--limit", 20, "--dry-run"))
    assert "20 rows" in m3it("validate", out).stdout
    assert "0 problems" in m3it("validate", out).stdout


def test_photos_that_are_there_again_leave_no_row_twice(source: Path, tmp_path: Path) -> None:
    asked = ("--limit", 20, "--rows-per-shard", 4, "--format", "jsonl")
    out = build(source, tmp_path / "out", *asked)
    for number in range(1, PICTURES):
        if not photo(source, number).exists():
            photo(source, number).write_bytes(jpeg(number))
    for path in sorted((out / ".m3it/manifests").rglob("train-*.json"))[:2]:
        path.unlink()
    build(source, out, *asked)
    assert len(keys(out)) == len(set(keys(out))) == 20
    assert "0 problems" in m3it("validate", out).stdout


def test_what_stays_short_is_told(source: Path, tmp_path: Path) -> None:
    asked = command("build", source, tmp_path, "--format", "jsonl")
    said = m3it(*asked, "--limit", 55).stdout
    assert "fewer rows" in m3it(*asked, "--limit", 55, "-q").stdout
    assert f"fewer rows than asked for, as no record is left to take: okvqa/train {len(rows(tmp_path))} of 55" in said
    assert "fewer rows" not in m3it(*asked, "--limit", 5, "--overwrite").stdout


def test_replacements_are_paraphrased_too(source: Path, tmp_path: Path) -> None:
    """They are known after the first build."""

    def to_ask() -> int:
        told = m3it(*command("paraphrase", source, tmp_path, "--limit", 20, "--dry-run", "--json")).stdout
        return sum(each["rows"] for each in json.loads(told)["tasks"])

    assert to_ask() == 20
    (split,) = json.loads(m3it(*command("build", source, tmp_path, "--limit", 20, "--json")).stdout)["splits"]
    assert sum(split["rejected"].values()) > 0
    assert to_ask() == 20  # nobody is asked about what is known to be lost


def test_a_shard_whose_list_of_rejects_is_damaged_is_made_again(source: Path, tmp_path: Path) -> None:
    asked = command("build", source, tmp_path, "--limit", 20)
    m3it(*asked)
    (path, *_) = sorted((tmp_path / ".m3it/rejects").rglob("train-0*.jsonl"))
    before = tree(tmp_path, "data", ".m3it/rejects")
    path.write_text('{"half')
    told = m3it(*asked).stdout
    assert "a finished shard was made again" in told
    assert "no list of rejects" in told
    assert tree(tmp_path, "data", ".m3it/rejects") == before

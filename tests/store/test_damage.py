"""What m3it wrote, damaged in any way: never an internal error, and the same command gives the same bytes again."""

import json
import os
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from m3it_build.core.errors import MachineError
from m3it_build.store import patience
from m3it_build.store.manifest import Manifest, find
from tests.corpus import change_state, m3it, tree, write_okvqa

SHAPES: dict[str, bytes] = {
    "null": b"null",
    "list": b"[1]",
    "text": b'"x"',
    "empty": b"",
    "cut": b'{"task": "okv',
    "binary": bytes(range(256)),
    "nested": b"[" * 100_000,
    "other version": b'{"task": "okvqa", "of_a_later_version": 1}',
    "wrong types": b'{"rows": "many", "file": 7, "seed": [1], "shards": -4, "format": {}}',
}
STATE = (
    ".m3it/settings.json",
    ".m3it/manifests/okvqa/train.json",
    ".m3it/manifests/okvqa/train-00001.json",
    ".m3it/plans/okvqa/train.sqlite",
    ".m3it/rejects/okvqa/train-plan.jsonl",
)
PARTS = ("data", ".m3it/manifests", ".m3it/rejects", ".m3it/plans")


def command(source: Path, out: Path, *more: str) -> tuple[object, ...]:
    """Two shards a split."""
    where = ("--task", "okvqa", "--source", source, "--out", out)
    return ("build", *where, "--format", "jsonl", "--rows-per-shard", 6, *more)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A source, with a record that becomes no row, and what was built of it."""
    folder = tmp_path_factory.mktemp("damage")
    source = write_okvqa(folder)
    path = source / "OpenEnded_mscoco_train2014_questions.json"
    content = json.loads(path.read_text())
    content["questions"][0]["question"] = ""
    path.write_text(json.dumps(content))
    m3it(*command(source, folder / "out"))
    return source, folder / "out"


@pytest.fixture
def out(built: tuple[Path, Path], tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return shutil.copytree(built[1], tmp_path / "out")


@pytest.mark.parametrize("name", STATE)
def test_damaged_state_of_any_shape_is_made_again(built: tuple[Path, Path], out: Path, name: str) -> None:
    source, calm = built
    for shape, data in SHAPES.items():
        (out / name).write_bytes(data)
        for look in (("status", out), ("stats", out), ("validate", out), ("show", "okvqa", "--out", out)):
            m3it(*look, check=None)
        m3it(*command(source, out))
        assert tree(out, *PARTS) == tree(calm, *PARTS), shape


@pytest.mark.parametrize("name", STATE[:3])
def test_a_flipped_bit_is_no_other_setting(built: tuple[Path, Path], out: Path, name: str) -> None:
    """Not even where other facts stand there then: nobody is sent to --overwrite by a bad disk."""
    source, calm = built
    whole = (out / name).read_bytes()
    flipped = random.Random(name).sample(range(8 * len(whole)), 6)
    flipped += [8 * found.start(1) for found in re.finditer(rb":\s*(\d)", whole)][:6]
    for bit in flipped:
        data = bytearray(whole)
        data[bit // 8] ^= 1 << bit % 8
        (out / name).write_bytes(data)
        m3it(*command(source, out))
        assert tree(out, *PARTS) == tree(calm, *PARTS), bit


@pytest.mark.parametrize("name", STATE)
def test_a_folder_in_the_place_of_a_state_file_is_told(built: tuple[Path, Path], out: Path, name: str) -> None:
    (out / name).unlink()
    (out / name).mkdir()
    done = m3it(*command(built[0], out), check=None)
    assert done.returncode == 2
    assert (out / name).name in done.stderr
    assert "take" in done.stderr.lower()


def test_lost_and_torn_plans_are_made_again_and_finished_shards_stay(built: tuple[Path, Path], out: Path) -> None:
    source, calm = built
    plan = out / ".m3it/plans/okvqa/train.sqlite"
    whole = plan.read_bytes()
    written = {path: path.stat().st_mtime_ns for path in out.glob("data/*/okvqa/*")}
    torn = [b"", whole[:100], whole[: len(whole) // 2], whole[:-4096]]
    torn += [whole[:page] + bytes(4096) + whole[page + 4096 :] for page in range(0, len(whole), 4096)]
    for data in torn:
        plan.write_bytes(data)
        m3it(*command(source, out))
        assert tree(out, *PARTS) == tree(calm, *PARTS)
    plan.unlink()
    m3it(*command(source, out))
    assert tree(out, *PARTS) == tree(calm, *PARTS)
    assert {path: path.stat().st_mtime_ns for path in out.glob("data/*/okvqa/*")} == written


def remove_rejects(out: Path) -> None:
    (out / ".m3it/rejects/okvqa/train-plan.jsonl").unlink()


def remove_summary(out: Path) -> None:
    (out / ".m3it/manifests/okvqa/train.json").unlink()


def cut_shard(out: Path) -> None:
    path = next(out.glob("data/*/okvqa/train-00001-*"))
    path.write_bytes(path.read_bytes()[:-5])


@pytest.mark.parametrize("lose", [remove_rejects, remove_summary, cut_shard])
def test_what_is_lost_is_made_again(built: tuple[Path, Path], out: Path, lose: Callable[[Path], None]) -> None:
    lose(out)
    m3it(*command(built[0], out))
    assert tree(out, *PARTS) == tree(built[1], *PARTS)


def test_a_flipped_byte_in_a_finished_shard_is_found_where_it_is_asked_for(built: tuple[Path, Path], out: Path) -> None:
    path = next(out.glob("data/*/okvqa/train-00001-*"))
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    m3it(*command(built[0], out))
    assert path.read_bytes() == data, "by its size it is whole"
    told = m3it(*command(built[0], out, "--verify")).stdout
    assert f"a finished shard was made again: {path}: its bytes changed" in told
    assert tree(out, *PARTS) == tree(built[1], *PARTS)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "data/../../x", "data/kvqa/okvqa/../../../../x"])
def test_a_file_outside_of_the_folder_is_never_opened(
    built: tuple[Path, Path], out: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = out / ".m3it/manifests/okvqa/train-00000.json"
    change_state(path, file=name)
    opened: list[str] = []
    real = Path.open

    def noted(self: Path, *more: object, **named: object) -> object:
        opened.append(os.path.realpath(self))
        return real(self, *more, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", noted)
    looks = (("stats", out), ("show", "okvqa", "--out", out), ("status", out), ("validate", out), ("card", out))
    for look in looks:
        m3it(*look, check=None)
    assert not [each for each in opened if each in {"/etc/passwd", os.path.realpath(out / name)}]
    m3it(*command(built[0], out))
    assert tree(out, *PARTS) == tree(built[1], *PARTS)


def test_what_the_disk_does_not_give_is_not_damage(
    built: tuple[Path, Path], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the disk ends the command, and nothing that was finished is made again or deleted."""
    broken = out / ".m3it/manifests/okvqa/train-00001.json"
    real = Path.read_bytes

    def read(self: Path) -> bytes:
        if self == broken:
            raise OSError(5, "Input/output error")
        return real(self)

    before = tree(out, *PARTS)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", read)
        patch.setattr(patience, "WAITS", (0, 0))
        with pytest.raises(MachineError, match="cannot be read"):
            find(broken, Manifest)
        done = m3it(*command(built[0], out), check=2)
    assert f"{broken}: cannot be read" in done.stderr
    assert "--overwrite" not in done.stderr
    assert tree(out, *PARTS) == before


def test_what_the_disk_gives_at_the_second_try_is_taken(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = out / ".m3it/manifests/okvqa/train-00001.json"
    real, tries = Path.read_bytes, iter((True, False))

    def read(self: Path) -> bytes:
        if next(tries):
            raise OSError(5, "Input/output error")
        return real(self)

    monkeypatch.setattr(Path, "read_bytes", read)
    monkeypatch.setattr(patience, "WAITS", (0, 0))
    assert find(place, Manifest) is not None

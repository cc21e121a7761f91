"""Every reader of annotations: damaged files are named, bombs are bounded, the machine's faults are no file's."""

import errno
import gzip
import os
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.choice import Draw
from m3it_build.core.errors import MachineError, SourceError
from m3it_build.core.sample import Origin, Reject, Row, Sample
from m3it_build.core.task import FoundFile, Layout, SourceFolder, Split, Task
from m3it_build.plan.registry import load_registry
from m3it_build.plan.writer import PlanWriter
from m3it_build.sources import files, snapshot, tables
from m3it_build.sources.files import File
from m3it_build.sources.folder import Folder
from m3it_build.sources.json_files import read_array, read_json, read_jsonl, read_object
from m3it_build.sources.tables import read_csv, read_text
from m3it_build.store import patience
from tests.corpus import m3it, write_okvqa
from tests.faults.mutations import mutated
from tests.sources.readers import READERS, placed, sound

SEEDS = 60
PLACES = [(reader, packed) for reader in READERS for packed in (False, True) if not (packed and reader == "parquet")]
OF_THE_MACHINE = (errno.EIO, errno.EACCES, errno.ESTALE, errno.EMFILE, errno.ENOMEM)


@pytest.mark.parametrize("reader", READERS)
def test_a_sound_file_is_read(tmp_path: Path, reader: str) -> None:
    assert READERS[reader].read(File("x", placed(tmp_path, reader)))


@pytest.mark.parametrize("reader", READERS)
def test_whatever_was_done_to_a_file_it_is_read_or_named(tmp_path: Path, reader: str) -> None:
    for seed in range(SEEDS):
        data = mutated(sound(reader), f"{reader} {seed}")
        if reader.endswith("gz") and seed % 2:
            data = gzip.compress(mutated(gzip.decompress(sound(reader)), seed), 1)
        path = placed(tmp_path, reader, data)
        try:
            READERS[reader].read(File("x", path))
        except SourceError as error:
            assert path.name in str(error), (seed, str(error))  # noqa: PT017 - most of them are read


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":[', b'{"list":['])
@pytest.mark.parametrize("depth", [1500, 100_000])
def test_deep_nesting_is_named_by_every_reader_of_json(tmp_path: Path, opening: bytes, depth: int) -> None:
    file = File("x.json", tmp_path / "x.json")
    file.path.write_bytes(opening * depth)
    for read in (
        read_json,
        read_array,
        read_object,
        lambda file: read_array(file, "a"),
        lambda file: [*read_jsonl(file)],
    ):
        with pytest.raises(SourceError, match=r"x\.json"):
            read(file)
    file.path.write_bytes(b'[{"id": 1, "a": ' + opening * depth + b"1" + b"]" * depth + b"}]")
    with pytest.raises(SourceError, match=r"x\.json"):
        [[*read_array(file)], [*read_array(file).pick("id")]]


def write(path: Path, piece: bytes, times: int) -> None:
    """A file that is large, and small when it is packed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    with path.open("wb") as stream:
        for _ in range(times):
            stream.write(packer.compress(piece))
        stream.write(packer.flush())


@pytest.mark.parametrize("reader", READERS)
def test_a_bomb_is_refused_before_it_fills_the_memory(tmp_path: Path, reader: str) -> None:
    path = tmp_path / f"{READERS[reader].name.removesuffix('.gz')}.gz"
    write(path, b"0" * (1 << 20), 100)
    assert path.stat().st_size < 1 << 20
    tracemalloc.start()
    try:
        with pytest.raises(SourceError, match=r"x\."):
            READERS[reader].read(File("x", path))
        assert tracemalloc.get_traced_memory()[1] < 290 << 20
    finally:
        tracemalloc.stop()


def test_parquet_in_an_archive_says_so(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("x.parquet", sound("parquet"))
    file = Folder("t", (tmp_path,)).need("x.parquet")
    with pytest.raises(SourceError, match=r"all\.zip: x\.parquet is not read out of an archive"):
        READERS["parquet"].read(file)


def test_lines_cells_and_texts_have_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "CELL", 100)
    monkeypatch.setattr(tables, "TEXT", 100)
    monkeypatch.setattr("m3it_build.sources.json_files.LINE", 100)
    file = File("x.csv", tmp_path / "x.csv")
    file.path.write_text("id\n" + "1" * 101)
    for read in (lambda: [*read_csv(file, ("id",))], lambda: read_text(file), lambda: [*read_jsonl(file)]):
        with pytest.raises(SourceError, match=r"x\.csv"):
            read()
    file.path.write_text("id\n" + "1" * 90)
    assert [cells for _, cells in read_csv(file, ("id",))] == [{"id": "1" * 90}]


def test_a_copy_is_the_file_as_it_was_in_memory_and_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytes(range(256)) * 20_000
    path = tmp_path / "x.json"
    for most in (len(data), 1 << 20, 0):
        monkeypatch.setattr(snapshot, "IN_MEMORY", most)
        path.write_bytes(data)
        copy = File("x.json", path).buffer()
        os.truncate(path, 0)
        assert copy[:] == data
        assert isinstance(copy, bytes) == (most == len(data))
    path.write_bytes(data)
    monkeypatch.setattr(files, "MOST", 10)
    with pytest.raises(SourceError, match="too large"):
        File("x.json", path).buffer(10)


def task_of(reader: str) -> Task:
    """A task that reads one file of a format."""

    def rows(_: SourceFolder, file: FoundFile) -> Iterator[Row | Reject]:
        READERS[reader].read(file)
        yield Row("1", {}, Origin("f", "1"))

    def convert(row: Row) -> Sample | Reject:
        return Sample(row.key, (), outputs="x")

    return replace(
        load_registry()["okvqa"].task, splits={Split.TRAIN: (Layout((READERS[reader].name,), rows),)}, convert=convert
    )


class Failing:
    """Makes reads of one file fail, as far down as Python reaches."""

    def __init__(self, patch: pytest.MonkeyPatch, path: Path, number: int, *, opening: bool) -> None:
        self.path = path
        self.error = OSError(number, os.strerror(number), str(path))
        self.descriptors: set[int] = set()
        self.failed = 0
        opened, read = os.open, os.pread

        def open_(path: Any, *arguments: Any, **named: Any) -> int:
            ours = not isinstance(path, int) and Path(os.fsdecode(path)) == self.path
            if ours and opening:
                self.failed += 1
                raise self.error
            descriptor = opened(path, *arguments, **named)
            (self.descriptors.add if ours else self.descriptors.discard)(descriptor)
            return descriptor

        def read_(descriptor: int, *arguments: Any) -> bytes:
            if descriptor in self.descriptors:
                self.failed += 1
                raise self.error
            return read(descriptor, *arguments)

        patch.setattr(os, "open", open_)
        patch.setattr(os, "pread", read_)


@pytest.mark.parametrize("opening", [False, True], ids=["read", "open"])
@pytest.mark.parametrize("number", OF_THE_MACHINE, ids=lambda number: errno.errorcode[number])
@pytest.mark.parametrize(("reader", "packed"), PLACES)
def test_what_the_machine_does_not_give_is_no_verdict_on_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: str, number: int, *, opening: bool, packed: bool
) -> None:
    monkeypatch.setattr(patience, "WAITS", (0.0, 0.0))
    root = tmp_path / "source"
    root.mkdir()
    path = placed(root, reader)
    if packed:
        with zipfile.ZipFile(root / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(path, path.name)
        path.unlink()
        path = root / "all.zip"
    task = task_of(reader)

    def plan(name: str) -> bytes:
        made = tmp_path / name
        PlanWriter(made, task, Draw(0, "t"), None).write(task.splits[Split.TRAIN][0], Folder("t", (root,)), 10)
        return made.read_bytes()

    undisturbed = plan("one.sqlite")
    with monkeypatch.context() as patch:
        fault = Failing(patch, path, number, opening=opening)
        with pytest.raises(MachineError, match=path.name):
            plan("two.sqlite")
        assert fault.failed
    assert not [*tmp_path.glob("*two*")]
    assert plan("two.sqlite") == undisturbed


def test_a_split_whose_annotations_cannot_be_read_now_is_an_error_and_is_built_when_they_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "WAITS", (0.0,))
    root = write_okvqa(tmp_path / "source")
    command = ("build", "--task", "okvqa", "--source", tmp_path / "source")
    m3it(*command, "--out", tmp_path / "calm")
    with monkeypatch.context() as patch:
        Failing(patch, root / "mscoco_train2014_annotations.json", errno.EIO, opening=False)
        done = m3it(*command, "--out", tmp_path / "out", check=2)
    assert "mscoco_train2014_annotations.json: cannot be read (Input/output error)" in done.stderr
    assert not (tmp_path / "out/.m3it/plans/okvqa/train.sqlite").exists()
    m3it(*command, "--out", tmp_path / "out")
    calm, out = (
        {path.name: path.read_bytes() for path in (tmp_path / name / "data").rglob("*.parquet")}
        for name in ("calm", "out")
    )
    assert calm == out

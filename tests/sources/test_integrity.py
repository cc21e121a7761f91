"""Checksums that archives have are compared: a flipped bit never becomes a picture or a clip, and is told."""

import bz2
import gzip
import io
import lzma
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from m3it_build.core.errors import MachineError
from m3it_build.core.sample import Clip, Fault, Picture, Reason
from m3it_build.shards.shard import Shown, frames_of
from m3it_build.sources import archives, index
from m3it_build.sources.folder import Folder
from m3it_build.sources.pictures import Found, fetched, first_good, located
from tests.corpus import jpeg, tarred
from tests.media.clips import write

PICTURES = {f"p/{number}.jpg": jpeg(number) for number in range(3)}
FLIPS = 60


def zipped(method: int) -> Callable[[dict[str, bytes]], bytes]:
    def pack(members: dict[str, bytes]) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", method) as archive:
            for name, data in members.items():
                archive.writestr(zipfile.ZipInfo(name), data, method)
        return stream.getvalue()

    return pack


PACKED: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "a.tar.gz": lambda members: gzip.compress(tarred(members), mtime=0),
    "a.tar.bz2": lambda members: bz2.compress(tarred(members)),
    "a.tar.xz": lambda members: lzma.compress(tarred(members)),
    "stored.zip": zipped(zipfile.ZIP_STORED),
    "deflated.zip": zipped(zipfile.ZIP_DEFLATED),
    "bzip2.zip": zipped(zipfile.ZIP_BZIP2),
    "lzma.zip": zipped(zipfile.ZIP_LZMA),
}


def flipped(data: bytes, bit: int) -> bytes:
    broken = bytearray(data)
    broken[bit // 8] ^= 1 << bit % 8
    return bytes(broken)


def bits(data: bytes, *more: int) -> list[int]:
    """Some of all bits, the same each time: of the first and last bytes, and between them."""
    chosen = random.Random(0)
    ends = [*range(0, 20 * 8, 5), *range(len(data) * 8 - 12 * 8, len(data) * 8, 3), *more]
    return [*ends, *(chosen.randrange(len(data) * 8) for _ in range(FLIPS))]


def picture(root: Path, name: str) -> bytes | Fault:
    found = first_good(fetched(Folder("t", (root,)), Picture((name,))))
    return found.data if isinstance(found, Found) else found


@pytest.mark.parametrize("name", PACKED)
def test_a_flipped_bit_of_an_archive_never_becomes_a_picture(tmp_path: Path, name: str) -> None:
    data = PACKED[name](PICTURES)
    told = 0
    for number, bit in enumerate(bits(data)):
        root = tmp_path / str(number)
        root.mkdir()
        (root / name).write_bytes(flipped(data, bit))
        folder = Folder("t", (root,))
        for each, right in reversed(PICTURES.items()):
            found = first_good(fetched(folder, Picture((each,))))
            assert isinstance(found, Fault) or found.data == right, bit
            told += isinstance(found, Fault)
            if isinstance(found, Fault) and found.reason is Reason.MISSING_MEDIA and name.startswith("a.tar"):
                assert folder.faults(), bit
    assert told


def test_a_flipped_bit_of_a_gzipped_picture_never_becomes_a_row(tmp_path: Path) -> None:
    data = gzip.compress(jpeg(1), mtime=0)
    for bit in bits(data):
        (tmp_path / "x.jpg.gz").write_bytes(flipped(data, bit))
        found = picture(tmp_path, "x.jpg")
        assert isinstance(found, Fault) or found == jpeg(1), bit


@pytest.mark.parametrize("name", ["stored.zip", "deflated.zip", "bzip2.zip", "lzma.zip", "a.tar.gz", "a.tar.bz2"])
def test_a_flipped_bit_of_a_clip_is_one_reject(tmp_path: Path, name: str) -> None:
    clip = write(tmp_path / "c.mp4", 30).read_bytes()
    data = PACKED[name]({"c.mp4": clip})
    whole = None
    for number, bit in enumerate([None, *bits(data)[::4]]):
        root = tmp_path / str(number)
        root.mkdir()
        (root / name).write_bytes(data if bit is None else flipped(data, bit))
        asked = Clip(("c.mp4",))
        shown = first_good(frames_of(file, asked) for file in located(Folder("t", (root,)), asked))
        frames = [each.data for each in shown.images] if isinstance(shown, Shown) else shown
        whole = whole or frames
        assert frames == whole or isinstance(frames, Fault)
        if isinstance(frames, Fault):
            assert frames.reason in {Reason.BAD_VIDEO, Reason.MISSING_MEDIA}
            assert str(tmp_path) not in frames.detail
    assert isinstance(whole, list)


def test_seek_points_that_were_damaged_or_lost_are_made_anew(tmp_path: Path) -> None:
    members = {f"{number}.bin": random.Random(number).randbytes(3 << 20) for number in range(8)}
    (tmp_path / "x.tar.gz").write_bytes(gzip.compress(tarred(members), 1))

    def read(name: str) -> bytes:
        file = Folder("t", (tmp_path,)).find(name)
        assert file is not None
        return file.read()

    file = Folder("t", (tmp_path,)).find("7.bin")
    assert file is not None
    assert file.packed is not None
    points = file.packed.seek_points
    whole = points.read_bytes()
    for damaged in (flipped(whole, len(whole) * 4), whole[:100], b"", None):
        archives._unpacked.cache_clear()
        index.index_of.cache_clear()
        points.unlink() if damaged is None else points.write_bytes(damaged)
        assert read("7.bin") == members["7.bin"]
        assert read("1.bin") == members["1.bin"]
    index.index_of.cache_clear()
    assert read("7.bin") == members["7.bin"]
    assert points.read_bytes() == whole


def test_a_member_without_size_and_checksum_in_the_directory_is_empty(tmp_path: Path) -> None:
    data = bytearray(PACKED["deflated.zip"](PICTURES))
    central = data.index(b"PK\1\2")
    data[central + 16 : central + 20] = data[central + 24 : central + 28] = bytes(4)
    (tmp_path / "a.zip").write_bytes(data)
    found = picture(tmp_path, "p/0.jpg")
    assert isinstance(found, Fault)
    assert "is empty" in found.detail
    assert picture(tmp_path, "p/1.jpg") == PICTURES["p/1.jpg"]


def test_a_zip_that_was_written_to_a_pipe_is_read(tmp_path: Path) -> None:
    class Pipe(io.BytesIO):
        """Sizes and checksums follow the members."""

        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in PICTURES.items():
            archive.writestr(name, data)
    whole = pipe.getvalue()
    assert struct.unpack_from("<I", whole, 14)[0] == 0
    (tmp_path / "a.zip").write_bytes(whole)
    assert {name: picture(tmp_path, name) for name in PICTURES} == PICTURES


def test_a_bare_tar_has_no_checksum_and_only_what_is_no_picture_is_told(tmp_path: Path) -> None:
    data = tarred(PICTURES)
    (tmp_path / "a.tar").write_bytes(data[:600])
    assert isinstance(picture(tmp_path, "p/0.jpg"), Fault)


def test_an_archive_that_is_replaced_while_it_is_read_is_no_verdict(tmp_path: Path) -> None:
    for name in ("a.tar", "b.zip"):
        pack = tarred if name == "a.tar" else PACKED["stored.zip"]
        members = {f"{name[0]}/{number}.jpg": jpeg(number) for number in range(3)}
        (tmp_path / name).write_bytes(pack(members))
        folder = Folder("t", (tmp_path,))
        assert folder.find(f"{name[0]}/1.jpg")
        (tmp_path / "new").write_bytes(pack(dict(reversed(members.items()))))
        (tmp_path / "new").replace(tmp_path / name)
        with pytest.raises(MachineError, match="changed while it was read"):
            first_good(fetched(folder, Picture((f"{name[0]}/1.jpg",))))
        assert picture(tmp_path, f"{name[0]}/1.jpg") == jpeg(1)

"""No file takes more memory than a picture may, and none that is not regular is waited for."""

import gzip
import io
import os
import socket
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import PIL.Image
import pytest

from m3it_build.core.errors import SourceError
from m3it_build.core.limits import PICTURE_BYTES
from m3it_build.core.sample import Clip, Fault, Picture, Reason
from m3it_build.media.images import encode
from m3it_build.shards import shard
from m3it_build.shards.shard import frames_of
from m3it_build.sources.folder import Folder
from m3it_build.sources.pictures import Found, fetched, first_good, located
from m3it_build.store.regular_file import Disk
from tests.corpus import jpeg

BOMB = 256 << 20
"""Zeros."""
READ = """
import resource, sys
from pathlib import Path
from m3it_build.sources.folder import Folder
from m3it_build.sources.pictures import Found, fetched, first_good
from m3it_build.core.sample import Picture
import pyarrow.parquet
folder = Folder("t", (Path(sys.argv[1]),))
first_good(fetched(folder, Picture(("small.jpg",))))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = first_good(fetched(folder, Picture((sys.argv[2],))))
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print((after - before) * 1024, len(found.data) if isinstance(found, Found) else found.reason)
"""


def zeros(path: Path, name: str, method: int) -> None:
    with zipfile.ZipFile(path, "w", method, compresslevel=1) as archive, archive.open(name, "w") as member:
        for _ in range(BOMB >> 20):
            member.write(bytes(1 << 20))


def tarred(stream: io.IOBase) -> None:
    class Zeros(io.RawIOBase):
        """As many as are asked for."""

        def read(self, size: int = -1) -> bytes:
            return bytes(size)

    with tarfile.open(fileobj=stream, mode="w|") as archive:
        info = tarfile.TarInfo("x.jpg")
        info.size = BOMB
        archive.addfile(info, Zeros())


def bomb(root: Path, kind: str) -> str:
    """A file of zeros; gives the name by which it is asked for."""
    if kind == "gz":
        with gzip.open(root / "x.jpg.gz", "wb", 1) as stream:
            for _ in range(BOMB >> 20):
                stream.write(bytes(1 << 20))
    elif kind == "sparse":
        with (root / "x.jpg").open("wb") as file:
            file.truncate(100 << 30)
    elif kind == "tar.gz":
        with gzip.open(root / "a.tar.gz", "wb", 1) as stream:
            tarred(stream)
    elif kind == "header":
        header = tarfile.TarInfo("././@LongLink")
        header.type, header.size = tarfile.GNUTYPE_LONGNAME, BOMB
        with gzip.open(root / "a.tar.gz", "wb", 1) as stream:
            stream.write(header.tobuf())
            for _ in range(BOMB >> 20):
                stream.write(bytes(1 << 20))
    elif kind == "cell":
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(
            pa.table({"image": [bytes(BOMB)]}), root / "a.parquet", compression="zstd", write_statistics=False
        )
        return "a.parquet#0/image"
    else:
        zeros(root / "a.zip", "x.jpg", getattr(zipfile, f"ZIP_{kind}"))
    return "x.jpg"


@pytest.mark.parametrize("kind", ["gz", "sparse", "tar.gz", "header", "cell", "DEFLATED", "BZIP2"])
def test_a_bomb_takes_no_more_memory_than_a_picture_may(tmp_path: Path, kind: str) -> None:
    (tmp_path / "small.jpg").write_bytes(jpeg(1))
    name = bomb(tmp_path, kind)
    told = subprocess.run([sys.executable, "-c", READ, tmp_path, name], capture_output=True, text=True, check=True)
    grown, found = told.stdout.split(maxsplit=1)
    assert int(grown) < 3 * PICTURE_BYTES, told.stdout
    assert found.strip() in {str(PICTURE_BYTES + 1), str(Reason.IMAGE_TOO_LARGE), str(Reason.MISSING_MEDIA)}


def test_more_bytes_than_a_picture_may_have_are_a_reject(tmp_path: Path) -> None:
    bomb(tmp_path, "sparse")
    found = first_good(fetched(Folder("t", (tmp_path,)), Picture(("x.jpg",))))
    assert isinstance(found, Found)
    fault = encode(found.data)
    assert isinstance(fault, Fault)
    assert fault.reason is Reason.IMAGE_TOO_LARGE


def test_a_cell_beside_a_too_large_one_is_read(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({"image": [jpeg(1), bytes(PICTURE_BYTES + (2 << 20)), jpeg(2)]})
    pq.write_table(table, tmp_path / "a.parquet")
    cells = [first_good(fetched(Folder("t", (tmp_path,)), Picture((f"a.parquet#{row}/image",)))) for row in range(4)]
    assert [each.data if isinstance(each, Found) else each.reason for each in cells] == [
        jpeg(1),
        Reason.IMAGE_TOO_LARGE,
        jpeg(2),
        Reason.MISSING_MEDIA,
    ]


@pytest.mark.parametrize("damage", ["pages", "end", "head", "empty", "text"])
def test_a_damaged_parquet_file_is_a_reject_of_each_record(tmp_path: Path, damage: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"image": [jpeg(1)] * 3}), path)
    data = bytearray(path.read_bytes())
    if damage == "pages":
        data[8:300] = bytes(292)
    whole = {"end": data[:-20], "head": data[:9], "empty": b"", "text": b"no table at all"}
    path.write_bytes(bytes(whole.get(damage, data)))
    found = first_good(fetched(Folder("t", (tmp_path,)), Picture(("a.parquet#1/image",))))
    assert isinstance(found, Fault)
    assert found.reason is Reason.BAD_IMAGE
    assert str(tmp_path) not in found.detail


def test_a_clip_in_an_archive_that_is_too_large_for_memory_is_a_reject(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shard, "CLIP_BYTES", 1 << 20)
    zeros(tmp_path / "a.zip", "c.mp4", zipfile.ZIP_DEFLATED)
    shown = first_good(
        frames_of(file, Clip(("c.mp4",))) for file in located(Folder("t", (tmp_path,)), Clip(("c.mp4",)))
    )
    assert isinstance(shown, Fault)
    assert "more than 1,048,576 bytes" in shown.detail


@pytest.mark.parametrize("kind", ["pipe", "socket", "zero", "log"])
def test_what_is_no_regular_file_is_not_waited_for(tmp_path: Path, kind: str) -> None:
    path, end = tmp_path / "x.jpg", socket.socket(socket.AF_UNIX)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        end.bind(str(path))
    else:
        place = Path("/dev/zero" if kind == "zero" else "/proc/kmsg")
        if not place.exists():
            pytest.skip(f"no {place} on this machine")
        path.symlink_to(place)
    found = first_good(fetched(Folder("t", (tmp_path,)), Picture(("x.jpg",))))
    end.close()
    assert isinstance(found, Fault)
    assert found.reason in {Reason.MISSING_MEDIA, Reason.BAD_IMAGE}


def test_a_file_that_became_a_pipe_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_bytes(jpeg(1))
    folder = Folder("t", (tmp_path,))
    assert folder.find("x.jpg")
    (tmp_path / "x.jpg").unlink()
    os.mkfifo(tmp_path / "x.jpg")
    found = first_good(fetched(folder, Picture(("x.jpg",))))
    assert isinstance(found, Fault)
    assert "is no file, but a pipe" in found.detail
    with pytest.raises(SourceError, match="Put the file there"):
        Disk(tmp_path / "x.jpg")


SHORT = """
import io, resource
import PIL.Image
from m3it_build.media.images import encode
stream = io.BytesIO()
PIL.Image.new("L", (12000, 12000)).save(stream, "PNG", compress_level=1)
with open("/proc/self/statm") as facts:
    size = int(facts.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + (64 << 20), -1))
try:
    print(encode(stream.getvalue()))
except MemoryError:
    print("short")
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no /proc on this machine")
def test_a_picture_for_which_memory_is_short_is_no_reject() -> None:
    told = subprocess.run([sys.executable, "-c", SHORT], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "short"


def test_a_picture_that_asks_for_absurd_memory_is_a_reject(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(*_: object, **__: object) -> None:
        bytearray(1 << 62)

    monkeypatch.setattr(PIL.Image, "open", ask)
    fault = encode(b"any bytes")
    assert isinstance(fault, Fault)
    assert fault.reason is Reason.IMAGE_TOO_LARGE

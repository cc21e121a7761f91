"""What the machine does not give is no verdict: for every error, at every reader of pictures and clips."""

import bz2
import errno
import gzip
import io
import lzma
import os
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.errors import MachineError
from m3it_build.core.sample import Clip, Fault, Picture, Reason
from m3it_build.shards.shard import Shown, frames_of
from m3it_build.sources import archives, cells, index
from m3it_build.sources.folder import Folder
from m3it_build.sources.pictures import Found, fetched, first_good, located
from m3it_build.store import patience
from tests.corpus import jpeg
from tests.media.clips import write

ERRORS = (errno.EIO, errno.EACCES, errno.ESTALE, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOENT)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "WAITS", (0.0, 0.0))


@pytest.fixture(scope="module")
def clip_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write(tmp_path_factory.mktemp("clip") / "c.mp4", 40).read_bytes()


def in_zip(name: str, data: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr(name, data)
    return stream.getvalue()


def in_tar(name: str, data: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def in_cell(_: str, data: bytes) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    stream = io.BytesIO()
    pq.write_table(pa.table({"image": [{"bytes": data, "path": "x.jpg"}]}), stream)
    return stream.getvalue()


PACKINGS: dict[str, tuple[str, Callable[[str, bytes], bytes]]] = {
    "disk": ("{}", lambda _, data: data),
    "gz": ("{}.gz", lambda _, data: gzip.compress(data)),
    "zip": ("a.zip", in_zip),
    "stored": ("a.zip", lambda name, data: in_zip(name, data, zipfile.ZIP_STORED)),
    "zip-bz2": ("a.zip", lambda name, data: in_zip(name, data, zipfile.ZIP_BZIP2)),
    "zip-lzma": ("a.zip", lambda name, data: in_zip(name, data, zipfile.ZIP_LZMA)),
    "tar": ("a.tar", in_tar),
    "tar.gz": ("a.tar.gz", lambda name, data: gzip.compress(in_tar(name, data))),
    "tar.bz2": ("a.tar.bz2", lambda name, data: bz2.compress(in_tar(name, data))),
    "tar.xz": ("a.tar.xz", lambda name, data: lzma.compress(in_tar(name, data))),
    "cell": ("a.parquet", in_cell),
}
"""How a file lies: under which name, and as which bytes."""
PICTURE, CLIP = "p.jpg", "c.mp4"
READERS = [(PICTURE, packing) for packing in PACKINGS] + [(CLIP, packing) for packing in PACKINGS if packing != "cell"]


def put(root: Path, name: str, packing: str, data: bytes) -> Path:
    lies, pack = PACKINGS[packing]
    path = root / lies.format(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pack(name, data))
    return path


def forget() -> None:
    """As a process that begins."""
    for each in (index.index_of, archives._unpacked, cells._parquet, cells._column):
        each.cache_clear()


def read(folder: Folder, name: str, packing: str) -> bytes | tuple[bytes, ...] | Fault:
    """What becomes of a picture or clip."""
    if name == CLIP:
        clip = Clip((CLIP,))
        shown = first_good(frames_of(file, clip) for file in located(folder, clip))
        return tuple(each.data for each in shown.images) if isinstance(shown, Shown) else shown
    found = first_good(fetched(folder, Picture(("a.parquet#0/image" if packing == "cell" else PICTURE,))))
    return found.data if isinstance(found, Found) else found


class Failing:
    """Calls of the system that fail for one path."""

    def __init__(self, patch: pytest.MonkeyPatch, path: Path, number: int) -> None:
        self.patch, self.path, self.number = patch, path, number
        self.descriptors: set[int] = set()
        self.opened = os.open
        self.left = 0

    def fail(self) -> Any:
        """As the system does."""
        raise OSError(self.number, os.strerror(self.number), str(self.path))

    def at_open(self) -> None:
        """It cannot be opened."""
        self.patch.setattr(
            os, "open", lambda path, *more: self.fail() if Path(path) == self.path else self.opened(path, *more)
        )

    def at_read(self, after: int = 0) -> None:
        """So many reads are given, and no more."""
        pread, self.left = os.pread, after

        def watch(path: Any, *more: Any) -> int:
            descriptor = self.opened(path, *more)
            (self.descriptors.add if Path(path) == self.path else self.descriptors.discard)(descriptor)
            return descriptor

        def give(descriptor: int, size: int, place: int) -> bytes:
            if descriptor in self.descriptors:
                if not self.left:
                    self.fail()
                self.left -= 1
            return pread(descriptor, size, place)

        self.patch.setattr(os, "open", watch)
        self.patch.setattr(os, "pread", give)

    def at_listing(self) -> None:
        """A folder cannot be listed."""
        scandir = os.scandir
        self.patch.setattr(os, "scandir", lambda path: self.fail() if Path(path) == self.path else scandir(path))


@contextmanager
def failing(path: Path, number: int) -> Iterator[Failing]:
    with pytest.MonkeyPatch.context() as patch:
        yield Failing(patch, path, number)


@pytest.mark.parametrize("number", ERRORS, ids=errno.errorcode.get)
@pytest.mark.parametrize(("name", "packing"), READERS)
def test_an_error_of_the_machine_is_no_verdict_on_media(
    tmp_path: Path, clip_bytes: bytes, name: str, packing: str, number: int
) -> None:
    root = tmp_path / "in"
    path = put(root, name, packing, clip_bytes if name == CLIP else jpeg(1, (640, 480)))
    undisturbed = read(Folder("t", (root,)), name, packing)
    assert not isinstance(undisturbed, Fault)
    for where in (Failing.at_open, Failing.at_read):
        forget()
        folder = Folder("t", (root,))
        assert folder.indices  # the fault comes after the index
        with failing(path, number) as fault:
            where(fault)
            with pytest.raises(MachineError, match=path.name):
                read(folder, name, packing)
        assert read(folder, name, packing) == undisturbed


@pytest.mark.parametrize("number", ERRORS, ids=errno.errorcode.get)
@pytest.mark.parametrize(
    "packing", [each for each in PACKINGS if PACKINGS[each][0].startswith("a.") and each != "cell"]
)
def test_an_archive_that_the_machine_does_not_give_is_neither_broken_nor_empty(
    tmp_path: Path, packing: str, number: int
) -> None:
    root = tmp_path / "in"
    path = put(root, PICTURE, packing, jpeg(1))
    for where in (Failing.at_open, Failing.at_read):
        with failing(path, number) as fault:
            where(fault)
            folder = Folder("t", (root,))
            with pytest.raises(MachineError, match=path.name):
                read(folder, PICTURE, packing)
            assert folder.faults() == []
        assert read(Folder("t", (root,)), PICTURE, packing) == jpeg(1)


@pytest.mark.parametrize("number", [each for each in ERRORS if each != errno.ENOENT], ids=errno.errorcode.get)
def test_what_lies_where_nobody_could_look_is_not_missing(tmp_path: Path, number: int) -> None:
    root = tmp_path / "in"
    path = put(root, f"deep/{PICTURE}", "disk", jpeg(1))
    put(root, "other.jpg", "disk", jpeg(2))
    with failing(path.parent, number) as fault:
        fault.at_listing()
        folder = Folder("t", (root,))
        with pytest.raises(MachineError, match="deep"):
            read(folder, PICTURE, "disk")
        for ask in (folder.find, folder.has, folder.glob):
            with pytest.raises(MachineError, match="deep"):
                ask("absent.json")
        found = first_good(fetched(folder, Picture(("other.jpg",))))
        assert isinstance(found, Found)  # where nothing is missing it is no matter
    assert read(Folder("t", (root,)), PICTURE, "disk") == jpeg(1)


def test_what_is_not_ours_to_list_is_no_matter(tmp_path: Path) -> None:
    put(tmp_path / "in", "lost+found/x.jpg", "disk", jpeg(1))
    with failing(tmp_path / "in/lost+found", errno.EACCES) as fault:
        fault.at_listing()
        found = read(Folder("t", (tmp_path / "in",)), PICTURE, "disk")
    assert isinstance(found, Fault)
    assert found.reason is Reason.MISSING_MEDIA


def test_a_folder_or_file_that_vanished_after_it_was_listed_is_not_missing(tmp_path: Path) -> None:
    root = tmp_path / "in"
    put(root, f"deep/{PICTURE}", "disk", jpeg(1))
    folder = Folder("t", (root,))
    assert folder.indices
    (root / "deep").rename(tmp_path / "away")
    with pytest.raises(MachineError, match="see that its disk is still mounted"):
        read(folder, PICTURE, "disk")
    (tmp_path / "away").rename(root / "deep")
    assert read(folder, PICTURE, "disk") == jpeg(1)


def test_a_disk_that_fails_anywhere_in_a_clip_gives_no_frames(tmp_path: Path) -> None:
    root = tmp_path / "in"
    lossless = write(tmp_path / "c.mp4", 200, options={"crf": "0"}).read_bytes()
    path = put(root, CLIP, "disk", lossless)
    folder = Folder("t", (root,))
    with failing(path, errno.EIO) as fault:
        fault.at_read(1000)
        whole = read(folder, CLIP, "disk")
        needed = 1000 - fault.left
    assert needed > 3
    for after in range(needed):
        with failing(path, errno.EIO) as fault:
            fault.at_read(after)
            with pytest.raises(MachineError, match=CLIP):
                read(folder, CLIP, "disk")
    assert read(folder, CLIP, "disk") == whole


def test_what_fails_once_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path / "in", PICTURE, "disk", jpeg(1))
    folder = Folder("t", (tmp_path / "in",))
    opened = os.open
    failed: list[Any] = []

    def once(name: Any, *more: Any) -> int:
        if Path(name) == path and not failed:
            failed.append(name)
            raise OSError(errno.EMFILE, "Too many open files")
        return opened(name, *more)

    monkeypatch.setattr(os, "open", once)
    assert read(folder, PICTURE, "disk") == jpeg(1)
    assert failed


def test_the_error_of_one_candidate_does_not_make_another_one_right(tmp_path: Path) -> None:
    root = tmp_path / "in"
    one = put(root, f"a/t/{PICTURE}", "disk", jpeg(1))
    put(root, f"b/t/{PICTURE}", "disk", jpeg(2))
    with failing(one, errno.EIO) as fault:
        fault.at_read()
        with pytest.raises(MachineError, match="a/t"):
            next(located(Folder("t", (root,)), Picture((f"t/{PICTURE}",))))

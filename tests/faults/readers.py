"""Everything that reads a file which somebody else wrote, or which a disk may have damaged, with small good inputs."""

import bz2
import gzip
import io
import json
import lzma
import shutil
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import PIL.Image

from m3it_build.core.sample import Clip, Picture, Region
from m3it_build.media.images import encode
from m3it_build.media.video import sample_frames
from m3it_build.shards.shard import frames_of
from m3it_build.sources.arrays import read_bytes
from m3it_build.sources.files import File
from m3it_build.sources.folder import Folder
from m3it_build.sources.json_files import holds_array, read_array, read_json, read_jsonl, read_object
from m3it_build.sources.matlab import read_structs
from m3it_build.sources.pictures import fetched, located
from m3it_build.sources.sheets import read_sheet
from m3it_build.sources.tables import class_names, read_aligned, read_csv, read_lines, read_parquet
from m3it_build.store.state import read_sealed
from tests.corpus import ROOT, jpeg, m3it
from tests.faults.mutations import damaged, other_line, types

SAMPLES = ROOT / "m3it_build/samples"
BOXES = (Region((2, 2, 20, 20)), Region((30.5, 10, 60, 40), "dog", "blue"))


@dataclass(frozen=True)
class Reader:
    """One way in which bytes come in."""

    name: str
    suffix: str
    seeds: Callable[[], list[bytes]]
    read: Callable[[Path], object]
    """Reads all of a file of that suffix."""
    weight: float = 1.0
    """Its part of the cases."""
    shape: str = ""
    """`json` or `lines`: half of the mutations change values, and leave it JSON."""

    def mutation(self, draw: Random) -> bytes:
        """A damaged input."""
        seeds = _seeds(self.name)
        seed = draw.choice(seeds)
        if self.shape and draw.getrandbits(1):
            return other_line(seed, draw) if self.shape == "lines" else types(seed, draw)
        return damaged(seed, draw, seeds)


@cache
def _seeds(name: str) -> tuple[bytes, ...]:
    return tuple(READERS[name].seeds())


def _all(values: Iterable[object]) -> None:
    for _ in values:
        pass


def _file(path: Path) -> File:
    return File(path.name, path, path.name)


def _json(path: Path) -> None:
    file = _file(path)
    if holds_array(file):
        records = read_array(file)
        _all(records.pick("id", "image"))
        _all(records)
    else:
        entries = read_object(file)
        _all(entries.values())
        if "items" in entries:
            _all(entries.array("items"))
            _all(read_array(file, "items"))
            read_json(file)


def _parquet(path: Path) -> None:
    class_names(_file(path), "label")
    _all(read_parquet([_file(path)], ("image",), ("id",)))
    _all(fetched(Folder("x", [path.parent]), Picture((f"{path.name}#1/image",))))


def _archive(path: Path) -> None:
    folder = Folder("x", [path.parent])
    for name in ("a/1.jpg", "a/2.jpg", "b.json", "c.mp4"):
        _all(fetched(folder, Picture((name,))))
    for file in located(folder, Clip(("c.mp4",))):
        frames_of(file, Clip(("c.mp4",)))
    if (found := folder.find("b.json")) is not None:
        read_json(found)
    folder.faults()


def _picture(path: Path) -> None:
    encode(path.read_bytes())


def _picture_with_boxes(path: Path) -> None:
    encode(path.read_bytes(), BOXES, size=(96, 64))


def _clip(path: Path) -> None:
    frames_of(_file(path), Clip((path.name,)))
    sample_frames(io.BytesIO(path.read_bytes()), Clip((path.name,), 0.2, 0.9, 4))


def _table(path: Path) -> None:
    from m3it_build.download.table import read_table

    read_table(path)


def _settings(path: Path) -> None:
    from m3it_build.cli import config_flag
    from m3it_build.cli.settings import effective

    config_flag._name(path)
    try:
        _all(effective())
    finally:
        config_flag.reset()


def _summary(path: Path) -> None:
    from m3it_build.store.manifest import Summary, load

    load(path, Summary)


def _manifest(path: Path) -> None:
    from m3it_build.store.manifest import Manifest, load

    load(path, Manifest)


def _rejects(path: Path) -> None:
    from m3it_build.store.rejects import read_rejects

    read_rejects(path)


def _gate(path: Path) -> None:
    from m3it_build.translate.gate import saved

    saved(path)


def _plan(path: Path) -> None:
    from m3it_build.plan.rows import count_spares, read_plan

    count_spares(path)
    _all(read_plan(path))


def _chosen_settings(path: Path) -> None:
    from m3it_build.plan.same_settings import settings_of
    from m3it_build.store.output import OutputFolder

    output = OutputFolder(path.parent)
    output.state.mkdir(exist_ok=True)
    shutil.copyfile(path, output.settings)
    settings_of(output)


def _card(path: Path) -> None:
    from m3it_build.publish.documents import edited_card
    from m3it_build.store.output import OutputFolder

    output = OutputFolder(path.parent)
    output.state.mkdir(exist_ok=True)
    output.card.write_bytes(b"# card")
    shutil.copyfile(path, output.state / "card.json")
    edited_card(output)


def _downloads(path: Path) -> None:
    from m3it_build.download.record import NAME, Record

    shutil.copyfile(path, path.parent / NAME)
    Record(path.parent)


def _model(path: Path) -> None:
    from m3it_build.services.mt.models import CONFIG, FACTS, SPM, VOCABULARIES, WEIGHTS, model_in

    folder = path.parent / "model"
    folder.mkdir(exist_ok=True)
    for name in (WEIGHTS, VOCABULARIES[0], SPM):
        (folder / name).write_bytes(b"x")
    shutil.copyfile(path, folder / FACTS)
    shutil.copyfile(path, folder / CONFIG)
    model_in(folder)


def _shard(path: Path) -> None:
    """As `validate` and `translate` read it."""
    from m3it_build.store.output import Images
    from m3it_build.store.pages import faults_of

    try:
        _all(faults_of(path, Images.BASE64))
    except (OSError, ValueError):  # as it says
        return


def _state(name: str) -> Callable[[], list[bytes]]:
    """Seeds out of a real output folder, without the line that would find every mutation."""
    return lambda: [read_sealed(path) or b"" for path in sorted(built().glob(name))]


@cache
def built() -> Path:
    """A small output folder, in the scratch folder of the process."""
    out = Path("built").absolute()
    if not out.exists():
        m3it("build", "--task", "okvqa", "--task", "nlvr", "--sample", "--out", out)
        m3it("translate", "--langs", "de", "--sample", "--task", "okvqa", "--out", out)
        m3it("card", out)
    return out


def _records() -> list[bytes]:
    more = {"text": "What? caf\u00e9", "box": [1.5, 2, 3, 4], "more": {"a": [None, True]}}
    items = [{"id": number, "image": f"{number}.jpg", **more} for number in range(6)]
    return [json.dumps(items).encode(), json.dumps({"info": {"v": "1"}, "items": items}, ensure_ascii=False).encode()]


def _lines() -> list[bytes]:
    return [b"".join(json.dumps({"id": str(number), "text": ["x", number]}).encode() + b"\n" for number in range(6))]


def _tables() -> list[bytes]:
    return [b'id,text\n1,"a, b"\n2,"c ""d"""\n3,e\n', "id,text\r\n1,\u4f60\u597d\r\n".encode("utf-16")]


def _sheets() -> list[bytes]:
    parts = {
        "xl/sharedStrings.xml": b'<sst xmlns="x"><si><t>name</t></si><si><r><t>a</t></r><r><t>b</t></r></si></sst>',
        "xl/worksheets/sheet1.xml": b'<worksheet xmlns="x"><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c>'
        b'<c r="B1"><v>7</v></c></row><row r="2"><c r="A2" t="s"><v>1</v></c><c r="C2" t="inlineStr"><is><t>z</t></is>'
        b"</c></row></sheetData></worksheet>",
    }
    return [_zipped(parts, method) for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)]


def _zipped(parts: dict[str, bytes], method: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data, method)
    return stream.getvalue()


def _matlab() -> list[bytes]:
    def element(kind: int, body: bytes) -> bytes:
        if len(body) <= 4:
            return struct.pack("<HH", kind, len(body)) + body.ljust(4, b"\0")
        return struct.pack("<II", kind, len(body)) + body + b"\0" * (-len(body) % 8)

    def matrix(kind: int, *parts: bytes, name: bytes = b"") -> bytes:
        head = element(6, struct.pack("<II", kind, 0)) + element(5, struct.pack("<ii", 1, 1)) + element(1, name)
        return element(14, head + b"".join(parts))

    cells = (
        matrix(6, element(2, b"\7")),
        matrix(4, element(4, "caf\u00e9".encode("utf-16-le"))),
        matrix(6, element(9, b"")),
    )
    fields = element(5, struct.pack("<i", 8)) + element(
        1, b"".join(each.ljust(8, b"\0") for each in (b"id", b"words", b"n"))
    )
    array = matrix(2, fields, *cells, name=b"synsets")
    packed = zlib.compress(array)
    head = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM"
    return [head + array, head + struct.pack("<II", 15, len(packed)) + packed]


def _array() -> list[bytes]:
    head = b"{'descr': '|u1', 'fortran_order': False, 'shape': (3, 4, 4, 3), }".ljust(117) + b"\n"
    return [b"\x93NUMPY\1\0" + struct.pack("<H", len(head)) + head + bytes(range(144))]


def _parquet_files() -> list[bytes]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    facts = {"info": {"features": {"label": {"names": ["a", "b"]}}}}
    cells = [{"bytes": jpeg(number, (24, 16)), "path": f"{number}.jpg"} for number in range(4)]
    table = pa.table(
        {"id": ["a", "b", "c", "d"], "label": [0, 1, 0, 1], "image": cells, "words": [["x"], [], None, ["y", "z"]]}
    )
    table = table.replace_schema_metadata({"huggingface": json.dumps(facts)})
    found = []
    for compression in ("NONE", "SNAPPY", "ZSTD"):
        stream = io.BytesIO()
        pq.write_table(table, stream, row_group_size=2, compression=compression)
        found.append(stream.getvalue())
    return found


def _pictures(format: str, **options: Any) -> Callable[[], list[bytes]]:
    def made() -> list[bytes]:
        with PIL.Image.open(io.BytesIO(jpeg(3))) as picture:
            picture.load()
        modes = {
            "GIF": ("P",),
            "JPEG": ("RGB", "L", "CMYK"),
            "PNG": ("RGB", "RGBA", "P", "I;16", "1"),
            "TIFF": ("RGB", "CMYK", "1"),
        }
        found = []
        for mode in modes.get(format, ("RGB",)):
            stream = io.BytesIO()
            shown = picture.convert("I").convert(mode) if mode == "I;16" else picture.convert(mode)
            shown.save(stream, format, **options)
            found.append(stream.getvalue())
        return found

    return made


def _clips(*suffixes: str) -> Callable[[], list[bytes]]:
    def found() -> list[bytes]:
        paths = sorted(path for suffix in suffixes for path in SAMPLES.rglob(f"*{suffix}"))
        return [path.read_bytes() for path in sorted(paths, key=lambda path: (path.stat().st_size, path))[:6]]

    return found


def _members() -> dict[str, bytes]:
    clip = min(SAMPLES.rglob("*.mp4"), key=lambda path: (path.stat().st_size, path)).read_bytes()
    return {"a/1.jpg": jpeg(1, (32, 24)), "a/2.jpg": jpeg(2, (32, 24)), "b.json": b'{"a": [1, 2, "x"]}', "c.mp4": clip}


def _tar() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in _members().items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def _pictures_of_all() -> list[Reader]:
    formats: dict[str, tuple[str, str, dict[str, Any]]] = {
        "jpeg": ("JPEG", ".jpg", {"quality": 85}),
        "jpeg-progressive": ("JPEG", ".jpg", {"progressive": True}),
        "png": ("PNG", ".png", {}),
        "gif": ("GIF", ".gif", {}),
        "webp": ("WEBP", ".webp", {}),
        "bmp": ("BMP", ".bmp", {}),
        "tiff": ("TIFF", ".tif", {}),
        "jp2": ("JPEG2000", ".jp2", {}),
        "avif": ("AVIF", ".avif", {}),
        "ppm": ("PPM", ".ppm", {}),
    }
    found = []
    for name, (format, suffix, options) in formats.items():
        seeds = _pictures(format, **options)
        weight = 0.5 if name in {"avif", "jp2"} else 2
        found.append(Reader(f"picture-{name}", suffix, seeds, _picture, weight))
        found.append(Reader(f"picture-{name}-boxes", suffix, seeds, _picture_with_boxes, weight))
    return found


DOWNLOADS = b"""[[file]]
place = "okvqa/a.json"
for = ["okvqa"]
kind = "annotations"
access = "open"
urls = ["https://example.org/a.json"]
bytes = 12

[[file]]
place = "coco2014/train2014.zip"
for = ["okvqa", "textcap"]
kind = "media"
access = "open"
urls = ["https://example.org/b.zip"]
sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
source = "made here"
"""
RECORD = (
    b'{"files": {"okvqa/a.json": {"bytes": 3, "sha256": "00", "url": "https://example.org/a", "at": "2026-01-01"}}, '
    b'"folders": {}}'
)
REJECTS = b'{"fate":"rejected","key":"1","stage":"media","reason":"missing media","detail":"a.jpg"}\n' * 3
GATE = (
    b'{"metric": "spBLEU", "signature": "tok:flores200", "model": "m", "model_hash": null, "beam": 4, "decoding": "x", '
    b'"threshold": 10, "languages": {"deu_Latn": '
    b'{"code": "de", "score": 30.5, "verdict": "keep", "sentences": 9, "test": "x"}}}'
)

READERS = {
    each.name: each
    for each in (
        Reader("json", ".json", _records, _json, 8, "json"),
        Reader("json.gz", ".json.gz", lambda: [gzip.compress(each, mtime=0) for each in _records()], _json, 2),
        Reader("jsonl", ".jsonl", _lines, lambda path: _all(read_jsonl(_file(path))), 6, "lines"),
        Reader("csv", ".csv", _tables, lambda path: _all(read_csv(_file(path), ["id"])), 6),
        Reader(
            "csv.gz",
            ".csv.gz",
            lambda: [gzip.compress(each, mtime=0) for each in _tables()],
            lambda path: _all(read_csv(_file(path), ["id"])),
            2,
        ),
        Reader(
            "tsv",
            ".tsv",
            lambda: [each.replace(b",", b"\t") for each in _tables()],
            lambda path: _all(read_csv(_file(path), ["id"], ("utf-8", "latin-1"), "\t")),
            3,
        ),
        Reader(
            "txt",
            ".txt",
            lambda: [b"one\ntwo\r\nthree\n\n", "caf\u00e9\n\u4f60\n".encode()],
            lambda path: (read_lines(_file(path), ("utf-8", "gb18030")), read_aligned(_file(path), _file(path))),
            4,
        ),
        Reader("xlsx", ".xlsx", _sheets, lambda path: _all(read_sheet(_file(path))), 4),
        Reader("mat", ".mat", _matlab, lambda path: read_structs(_file(path), "synsets"), 6),
        Reader("npy", ".npy", _array, lambda path: read_bytes(_file(path), 4, 4, 3).item(2), 4),
        Reader("parquet", ".parquet", _parquet_files, _parquet, 2),
        *_pictures_of_all(),
        Reader("clip-mp4", ".mp4", _clips(".mp4"), _clip, 0.5),
        Reader("clip-webm", ".webm", _clips(".webm", ".mkv"), _clip, 0.5),
        Reader("clip-avi", ".avi", _clips(".avi"), _clip, 0.5),
        Reader("zip", ".zip", lambda: [_zipped(_members(), method) for method in (0, 8, 12, 14)], _archive, 0.5),
        Reader("tar", ".tar", lambda: [_tar()], _archive, 0.5),
        Reader("tar.gz", ".tar.gz", lambda: [gzip.compress(_tar(), mtime=0)], _archive, 0.5),
        Reader("tar.bz2", ".tar.bz2", lambda: [bz2.compress(_tar())], _archive, 0.5),
        Reader("tar.xz", ".tar.xz", lambda: [lzma.compress(_tar())], _archive, 0.5),
        Reader("settings", ".toml", lambda: [(ROOT / "tests/faults/settings.toml").read_bytes()], _settings, 1),
        Reader("downloads", ".toml", lambda: [DOWNLOADS], _table, 1),
        Reader("download-record", ".json", lambda: [RECORD], _downloads, 2, "json"),
        Reader("state-settings", ".json", _state(".m3it/settings.json"), _chosen_settings, 2, "json"),
        Reader("state-summary", ".json", _state(".m3it/manifests/*/*n.json"), _summary, 2, "json"),
        Reader("state-manifest", ".json", _state(".m3it/manifests/*/*-*.json"), _manifest, 2, "json"),
        Reader("state-rejects", ".jsonl", lambda: [REJECTS], _rejects, 2, "lines"),
        Reader("state-gate", ".json", lambda: [GATE], _gate, 2, "json"),
        Reader("state-card", ".json", _state(".m3it/card.json"), _card, 2, "json"),
        Reader("state-model", ".json", _state(".m3it/glossary/m3it-model.json"), _model, 2, "json"),
        Reader("state-plan", ".sqlite", _state(".m3it/plans/okvqa/train.sqlite"), _plan, 1),
        Reader("shard", ".parquet", _state("data/*/okvqa/train-*.parquet"), _shard, 0.5),
    )
}

"""What a Parquet shard holds: its rows, each picture once in a row group, and not one byte more."""

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m3it_build.store import pages, parquet
from m3it_build.store.footer import Chunk, row_groups
from m3it_build.store.output import Images, picture_column
from m3it_build.store.pages import faults_of, pages_of
from m3it_build.store.parquet import schema, write_parquet
from m3it_build.store.record import Record, StoredImage, Written


def picture(data: bytes, name: str = "a.jpg") -> StoredImage:
    """A picture as a new object, whatever others have its bytes."""
    return StoredImage(bytes(bytearray(data)), name, hashlib.sha256(data).hexdigest(), 1, 1, "JPEG")


def record(*images: StoredImage, **meta: Any) -> Record:
    """A row with these pictures."""
    return Record("Look.", "What?", images, "This.", {"id": "t/train/1", **meta})


def write(path: Path, records: list[Record], images: Images = Images.BASE64) -> Written:
    """A shard."""
    with path.open("wb") as stream:
        return write_parquet(stream, records, images)


def distinct(path: Path, images: Images) -> list[int]:
    """Pictures in the dictionary of each row group."""
    with path.open("rb") as stream:
        return [
            page.values
            for group in row_groups(stream)
            for chunk in group
            if chunk.column == picture_column(images)
            for page in pages_of(stream, chunk)
            if page.kind == pages.DICTIONARY_PAGE
        ]


@pytest.mark.parametrize("images", Images)
def test_equal_bytes_are_one_picture_whatever_objects_and_names_hold_them(tmp_path: Path, images: Images) -> None:
    path = tmp_path / "t.parquet"
    data = bytes(range(256)) * 40
    write(path, [record(picture(data), picture(data, "b.jpg")), record(picture(data)), record(picture(b"x"))], images)
    assert distinct(path, images) == [2]
    assert not list(faults_of(path, images))


@settings(max_examples=40)
@given(
    rows=st.lists(st.lists(st.binary(max_size=60), max_size=4), min_size=1, max_size=12), images=st.sampled_from(Images)
)
def test_any_pictures_come_back_and_leave_nothing_behind(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[bytes]], images: Images
) -> None:
    path = tmp_path_factory.mktemp("any") / "t.parquet"
    written = write(path, [record(*map(picture, row)) for row in rows], images)
    assert written.rows == len(rows)
    assert not list(faults_of(path, images))
    assert distinct(path, images) in ([], [len({data for row in rows for data in row})])


def test_a_row_group_ends_before_it_is_too_large_for_a_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "GROUP_DECODED_BYTES", 10_000)
    path = tmp_path / "t.parquet"
    written = write(path, [record(picture(b"x" * 1500)) for _ in range(20)])
    with pq.ParquetFile(path) as file:
        assert [file.metadata.row_group(place).num_rows for place in range(file.num_row_groups)] == [4] * 5
        table = file.read()
    assert written.decoded_bytes == sum(
        len(text.encode()) for name in table.column_names for cell in table[name].to_pylist()
        for text in (cell if isinstance(cell, list) else [cell])
    )  # fmt: skip


def test_a_picture_that_goes_moves_only_the_ends_near_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "GROUP_BYTES", 100_000)
    records = [record(picture(hashlib.sha256(b"%d" % place).digest() * 60)) for place in range(1000)]
    groups = []
    for name, kept in (("all", records), ("fewer", records[:500] + records[501:])):
        write(tmp_path / name, kept)
        with pq.ParquetFile(tmp_path / name) as file:
            columns = [file.read_row_group(number)["image_base64_str"] for number in range(file.num_row_groups)]
        groups.append([hashlib.sha256(repr(column.to_pylist()).encode()).hexdigest() for column in columns])
    assert len(groups[0]) > 20
    assert len(set(groups[0]) - set(groups[1])) <= 5


def test_a_row_group_that_is_too_large_for_a_reader_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.parquet"
    write(path, [record(picture(b"x" * 1500)) for _ in range(20)])
    monkeypatch.setattr(pages, "GROUP_DECODED_BYTES", 10_000)
    assert [fault for fault in faults_of(path, Images.BASE64) if "in a reader's memory" in fault]


def test_what_an_arrow_dictionary_with_duplicates_leaves_behind_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pictures = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, 3], pa.int32()), pa.array(["a" * 500, "b"] * 2))
    lists = pa.ListArray.from_arrays(pa.array([0, 2, 4], pa.int32()), pictures)
    text = pa.array(["x", "y"])
    table = pa.table([text, text, lists, text, text], names=schema(Images.BASE64).names)
    column = picture_column(Images.BASE64)
    pq.write_table(table, path, compression="zstd", use_dictionary=[column], store_schema=False)
    assert any("509 bytes that belong to no row" in fault for fault in faults_of(path, Images.BASE64))


def test_a_picture_that_no_row_shows_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pictures = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int32()), pa.array(["a", "b", "secret"]))
    lists = pa.ListArray.from_arrays(pa.array([0, 1, 2], pa.int32()), pictures)
    text = pa.array(["x", "y"])
    table = pa.table([text, text, lists, text, text], names=schema(Images.BASE64).names)
    pq.write_table(table, path, use_dictionary=[picture_column(Images.BASE64)], store_schema=False)
    assert any("pictures that belong to no row (1)" in fault for fault in faults_of(path, Images.BASE64))


@pytest.mark.parametrize("foreign", [b"SECRET=sk-123456789", b"\0" * 8])
@pytest.mark.parametrize("images", Images)
def test_bytes_between_pages_and_footer_are_a_fault(tmp_path: Path, images: Images, foreign: bytes) -> None:
    path = tmp_path / "t.parquet"
    write(path, [record(picture(b"x"))], images)
    data = path.read_bytes()
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    path.write_bytes(data[:footer] + foreign + data[footer:])
    assert list(faults_of(path, images)) == [f"{len(foreign)} bytes that belong to no row stand before the footer"]


def test_what_a_file_says_of_itself_is_ours_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    write(path, [record(picture(b"x"))])
    table = pq.read_table(path)
    ours = schema(Images.BASE64).metadata
    for metadata in ({**ours, b"OPENAI_API_KEY": b"sk-123"}, {**ours, b"m3it.schema": b"m3it/1"}, {}):
        rewrite(path, table, metadata)
        assert any("is not what this m3it writes" in fault for fault in faults_of(path, Images.BASE64))
    rewrite(path, table, ours)
    assert not list(faults_of(path, Images.BASE64))


def rewrite(path: Path, table: pa.Table, metadata: dict[bytes, bytes]) -> None:
    """A file with another metadata."""
    column = picture_column(Images.BASE64)
    with pq.ParquetWriter(path, table.schema, use_dictionary=[column], store_schema=False) as writer:
        writer.add_key_value_metadata({key.decode(): value.decode() for key, value in metadata.items()})
        writer.write_table(table)


def test_plain_pictures_are_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    write(path, [record(picture(b"x"))])
    pq.write_table(pq.read_table(path), path, use_dictionary=False, store_schema=False)
    assert any("not dictionary-encoded" in fault for fault in faults_of(path, Images.BASE64))


def test_meta_is_text_without_nulls_for_any_reader(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    write(
        path, [record(picture(b"x"), model=None, url="", tags=[], options=["a", None, {"b": None, "c": 0}], images=[])]
    )
    field = pq.read_schema(path).field("meta")
    assert field.type == pa.string()
    assert json.loads(pq.read_table(path)["meta"][0].as_py()) == {
        "id": "t/train/1",
        "options": ["a", {"c": 0}],
        "images": [],
    }


@pytest.mark.parametrize("images", Images)
def test_the_file_tells_its_features_in_words_that_old_readers_know(tmp_path: Path, images: Images) -> None:
    path = tmp_path / "t.parquet"
    write(path, [record(picture(b"x"))], images)
    metadata = pq.read_metadata(path).metadata
    features = json.loads(metadata[b"huggingface"])["info"]["features"]
    assert list(features) == schema(images).names
    assert {part["_type"] for part in features.values()} == {"Value", "Sequence"}
    assert metadata[b"m3it.schema"] == b"m3it/2"


def test_a_picture_that_stands_twice_in_a_dictionary_stops_the_writer() -> None:
    group = parquet._Group(Images.BASE64)
    group.add(parquet._Row(record(picture(b"x")), Images.BASE64))
    group.pictures *= 2
    with pytest.raises(AssertionError):
        group.table(schema(Images.BASE64))


def test_an_empty_shard_is_a_file_with_columns() -> None:
    stream = io.BytesIO()
    assert write_parquet(stream, [], Images.BASE64) == Written(0, 0)
    assert pq.read_schema(stream).names == schema(Images.BASE64).names


@pytest.mark.parametrize(
    "header",
    [
        b"\x15\x00\x15\x02\x00",  # kind and size, no length
        b"\x15\x00\x15\x02\x18\x01x\x00",  # a text for the length
        b"\x1c" * pages.HEADER_BYTES,  # structs in structs
        b"\x15\x00\x15\x02\x15\x02\x25\x02\x00x",  # a number for the facts
        b"\x15\x00\x15\x02\x15\x01\x00",  # a negative length
    ],
)
def test_a_damaged_page_header_is_said_to_be_one(header: bytes) -> None:
    with pytest.raises(ValueError, match=r"page|struct"):
        list(pages_of(io.BytesIO(header), Chunk("a", "zstd", 0, len(header), 0)))


@settings(max_examples=20, deadline=None)
@given(
    st.integers(1, 5),
    st.integers(1, 30),
    st.sampled_from(["zstd", "snappy", "gzip", "none", "brotli"]),
    st.booleans(),
)
def test_a_footer_is_read_as_arrow_reads_it(columns: int, rows: int, codec: str, dictionary: bool) -> None:
    cells: list[Any] = [[{"text": f"{row}", "list": [float(row)] * (row % 3)} for row in range(rows)]] * columns
    table = pa.table({f"column {number}": cell for number, cell in enumerate(cells)})
    stream = io.BytesIO()
    pq.write_table(table, stream, compression=codec, row_group_size=7, use_dictionary=dictionary, write_page_index=True)
    metadata = pq.ParquetFile(stream).metadata
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    theirs = [
        [
            (each.path_in_schema, each.compression, each.total_compressed_size, each.total_uncompressed_size)
            for each in map(group.column, range(group.num_columns))
        ]
        for group in groups
    ]
    found = row_groups(stream)
    assert theirs == [[(each.column, each.codec.upper(), each.size, each.decoded) for each in group] for group in found]
    assert [chunk.start for group in found for chunk in group] == [
        min(each.data_page_offset, each.dictionary_page_offset or each.data_page_offset)
        for group in groups
        for each in map(group.column, range(group.num_columns))
    ]

"""CSV and line files as users have them."""

from pathlib import Path

import pytest

from m3it_build.core.errors import SourceError
from m3it_build.sources.files import File
from m3it_build.sources.folder import Folder
from m3it_build.sources.tables import class_names, read_aligned, read_csv, read_lines, read_parquet


def written(folder: Path, data: bytes) -> File:
    path = folder / "x.csv"
    path.write_bytes(data)
    return File("x.csv", path)


def test_cells_are_text_as_typed(tmp_path: Path) -> None:
    file = written(tmp_path, '\ufeffid,answer\r\n007,none\r\n1,"a ""b"", c\nd"'.encode())
    assert [cells for _, cells in read_csv(file, ("id",))] == [
        {"id": "007", "answer": "none"},
        {"id": "1", "answer": 'a "b", c\nd'},
    ]


def test_chinese_encodings(tmp_path: Path) -> None:
    file = written(tmp_path, "id,name\n0,麻婆豆腐\n".encode("gb18030"))
    assert next(read_csv(file, (), ("utf-8", "gb18030")))[1]["name"] == "麻婆豆腐"
    with pytest.raises(SourceError, match="line 2"):
        list(read_csv(file, ()))


@pytest.mark.parametrize(
    ("data", "words"), [(b"id\n1\n", "no column 'answer'"), (b"id,answer\n1\n", "line 2"), (b"", "no column")]
)
def test_a_table_of_another_form_names_the_line(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        list(read_csv(written(tmp_path, data), ("id", "answer")))


def test_lines_end_at_newlines_only(tmp_path: Path) -> None:
    assert read_lines(written(tmp_path, "a\u2028b\r\nc\x0bd\n".encode())) == ["a\u2028b", "c\x0bd"]
    assert read_lines(written(tmp_path, b"a\nb")) == ["a", "b"]


def test_a_parquet_file_without_a_column_is_named(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"id": [1], "image": [b"x"]}), tmp_path / "a.parquet")
    files = Folder("t", (tmp_path,)).need_all("*.parquet")
    assert [cells for _, _, cells in read_parquet(files, ("image",), ("id", "image"))] == [{"id": 1}]
    with pytest.raises(SourceError, match=r"a\.parquet: no column 'answer'"):
        list(read_parquet(files, ("image",), ("id", "answer")))


def test_lines_belong_together_by_their_number_and_blank_ends_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\ntwo\n\n")
    (tmp_path / "b.txt").write_text("eins\n\n\n\n")
    a, b = Folder("t", (tmp_path,)).need_all("*.txt")
    assert read_aligned(a, b) == [("one", "eins"), ("two", "")]
    (tmp_path / "b.txt").write_text("eins\n")
    with pytest.raises(SourceError, match=r"b\.txt: 1 lines, but .*a\.txt has 2"):
        read_aligned(a, b)


def test_what_class_numbers_stand_for_is_read_where_the_file_says_it(tmp_path: Path) -> None:
    from datasets import ClassLabel, Dataset, Features

    Dataset.from_dict({"label": [1]}, Features({"label": ClassLabel(names=["cat", "dog"])})).to_parquet(
        tmp_path / "a.parquet"
    )
    file = File("a.parquet", tmp_path / "a.parquet")
    assert (class_names(file, "label"), class_names(file, "other")) == (["cat", "dog"], [])

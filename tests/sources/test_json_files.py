"""JSON of any size and state."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from m3it_build.core.errors import SourceError
from m3it_build.core.sample import Reject, Row
from m3it_build.sources.files import File
from m3it_build.sources.joined import join_rows
from m3it_build.sources.json_files import read_array, read_jsonl, read_object, read_records

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=10,
)


def written(folder: Path, text: str | bytes) -> File:
    path = folder / "x.json"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return File("x.json", path)


@given(st.lists(values))
@settings(max_examples=50)
def test_lazy_arrays_give_what_json_gives(items: list[object]) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        file = written(Path(folder), json.dumps({"a": {"b": items}}))
        assert list(read_array(file, "a", "b")) == items


def test_objects_are_mappings(tmp_path: Path) -> None:
    entries = read_object(written(tmp_path, '{"00126": {"q": 1}, "b": {"q": 2}}'))
    assert list(entries) == ["00126", "b"]
    assert entries["00126"] == {"q": 1}


def test_fields_are_picked_without_the_rest(tmp_path: Path) -> None:
    array = read_array(written(tmp_path, '[{"id": 1, "big": [1, 2]}, {"id": "x"}, 7, {}]'))
    assert [picked.get("id") for picked in array.pick("id")] == [1, "x", None, None]


def test_nan_is_read_as_the_number_that_it_is(tmp_path: Path) -> None:
    array = read_array(written(tmp_path, '[{"a": NaN}]'))
    assert array[0]["a"] != array[0]["a"]


@pytest.mark.parametrize("text", ['{"a": [1, 2', '{"a": [1 2]}', "", "[1]", '{"b": []}', '{"a": {}}', "\x00"])
def test_broken_or_other_json_names_the_file(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError, match=r"x\.json"):
        read_array(written(tmp_path, text), "a")


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="line 2"):
        list(read_jsonl(written(tmp_path, '{"a": 1}\n{"a": \n{"a": 3}\n')))


def test_lines_may_have_a_mark_other_ends_and_blanks(tmp_path: Path) -> None:
    assert list(read_jsonl(written(tmp_path, '\ufeff{"a": 1}\r\n\r\n{"a": 2}'))) == [(1, {"a": 1}), (3, {"a": 2})]


def test_joining_leaves_nobody_out(tmp_path: Path) -> None:
    questions = read_array(written(tmp_path, '[{"id": 1}, {"id": 2}, {"id": null}, {"id": true}]'))
    other = tmp_path / "y"
    other.mkdir()
    annotations = read_array(written(other, '[{"id": 2, "a": 1}, {"id": 3}, {"id": 2, "a": 2}]'))
    fates = list(join_rows(questions, annotations, "id"))
    assert [fate.key for fate in fates if isinstance(fate, Row)] == ["2"]
    assert sorted(fate.reason.value for fate in fates if isinstance(fate, Reject)) == [
        "bad record", "bad record", "duplicate id", "no annotation", "no question",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ['[{"a": 1}]', '\ufeff \r\n[{"a": 1}]', '{"version": 1, "data": [{"a": 1}]}'])
def test_records_with_and_without_a_header(tmp_path: Path, text: str) -> None:
    assert list(read_records(written(tmp_path, text), "data")) == [{"a": 1}]


@pytest.mark.parametrize("text", ['[{"a": 1}', '{"data": [{"a": 1}', "", '{"data": 5}', '{"other": []}'])
def test_records_that_are_none_are_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError):
        read_records(written(tmp_path, text), "data")

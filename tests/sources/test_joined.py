"""Lists that belong together by an id: every record of either side ends as a row or as a reject, in no other way."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from m3it_build.core.sample import Reason, Reject, Row
from m3it_build.sources.files import File
from m3it_build.sources.folder import Folder
from m3it_build.sources.joined import join_rows
from m3it_build.sources.json_files import Records
from m3it_build.sources.rows import json_rows, parquet_rows, record_id

ASKED, ANSWERED = File("asked.json", Path("asked.json")), File("answered.json", Path("answered.json"))
IDS = st.one_of(st.integers(0, 8), st.integers(0, 8).map(str), st.sampled_from([None, True, 1.5, "", " ", [1]]))
RECORDS = st.lists(st.one_of(st.fixed_dictionaries({"id": IDS, "n": st.integers()}), st.sampled_from([{}, 7, "x"])))


@given(RECORDS, RECORDS)
def test_every_record_of_both_sides_is_accounted_for(asked: list[Any], answered: list[Any]) -> None:
    found = list(join_rows(Records(ASKED, asked), Records(ANSWERED, answered), "id"))
    rows = [each for each in found if isinstance(each, Row)]
    reasons = Counter(each.reason for each in found if isinstance(each, Reject))
    questions, annotations = names(asked), names(answered)
    first = {name: record for name, record in reversed(list(zip(annotations, answered, strict=True))) if name}
    expected = [(name, record) for name, record in zip(questions, asked, strict=True) if name in first]
    assert [(row.key, row.fields["question"], row.fields["annotation"]) for row in rows] == [
        (name, record, first[name]) for name, record in expected if name
    ]
    assert reasons[Reason.BAD_RECORD] == (questions + annotations).count(None)
    assert reasons[Reason.NO_ANNOTATION] == sum(name is not None and name not in first for name in questions)
    assert reasons[Reason.NO_QUESTION] == len(first.keys() - set(questions))
    assert reasons[Reason.DUPLICATE_ID] == sum(name is not None for name in annotations) - len(first)
    assert len(found) == len(rows) + reasons.total()


def names(records: list[Any]) -> list[str | None]:
    return [record_id(record.get("id")) if isinstance(record, dict) else None for record in records]


def test_an_id_is_a_whole_number_or_a_text_and_means_the_same_as_both() -> None:
    ids: list[Any] = [7, "7", " 7 ", 0]
    assert [record_id(value) for value in ids] == ["7", "7", "7", "0"]
    others: list[Any] = [None, True, 7.0, "", "  ", [7], {}]
    assert [record_id(value) for value in others] == [None] * 7


def test_a_record_without_an_id_is_told_by_its_place() -> None:
    found = list(json_rows(ASKED, Records(ASKED, [{"id": 5, "a": 1}, {"a": 2}, 3]), "id"))
    assert [(each.key, type(each)) for each in found] == [
        ("5", Row),
        ("asked.json#1", Reject),
        ("asked.json#2", Reject),
    ]
    assert isinstance(found[1], Reject) and found[1].detail == "record 1 (from 0) has no usable 'id'"
    assert isinstance(found[0], Row) and (found[0].origin.file, found[0].origin.record) == ("asked.json", "5")


def test_a_row_of_a_mirror_names_the_cell_of_its_picture(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"id": ["a", None], "image": [b"1", b"2"], "q": ["x", "y"]}), tmp_path / "t.parquet")
    good, bad = parquet_rows(Folder("t", (tmp_path,)).glob("*.parquet"), "id", "image")
    assert isinstance(good, Row) and json.dumps(good.fields, sort_keys=True) == (
        '{"id": "a", "picture": "t.parquet#0/image", "q": "x"}'
    )
    assert isinstance(bad, Reject) and (bad.key, bad.reason) == ("t.parquet#1", Reason.BAD_RECORD)

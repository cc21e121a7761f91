"""ViQuAE: the entity is in the picture only, and pictures have difficult names."""

import json
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.errors import SourceError
from m3it_build.core.sample import Fault, Picture, Reason
from m3it_build.plan.registry import load_registry
from m3it_build.sources.folder import Folder
from m3it_build.testing import plan
from tests.lookup import fetch

NAME = "512px-Caf\u00e9_(50%),_d'\u00c9t\u00e9.jpg"


def record(number: int = 1, **changes: Any) -> dict[str, Any]:
    nowhere: dict[str, Any] = {"wikipedia_id": [], "title": []}
    output = {
        "original_answer": "Levi's",
        "answer": ["Levi's", "Levis"],
        "provenance": [nowhere, {"wikipedia_id": ["15955"], "title": ["J"]}],
    }
    return {
        "id": f"{number:032x}",
        "kilt_id": "qw_7",
        "input": "this singer  helped to advertise what brand",
        "original_question": "J helped to advertise what brand",
        "image": NAME,
        "output": output,
        "wikidata_id": "Q7",
        "url": "http://upload.example/x.jpg",
    } | changes


def write(folder: Path, *records: Any, name: str = "viquae_dataset/train.jsonl") -> Path:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("\n".join(json.dumps(record) for record in records))
    return folder


def test_the_question_does_not_name_the_entity_but_meta_does(tmp_path: Path) -> None:
    (row,), rejects = plan("viquae", write(tmp_path, record()))
    assert not rejects
    assert row.sample.inputs == "this singer helped to advertise what brand"
    assert row.sample.answer == "Levi's"
    assert row.sample.meta["original_question"] == "J helped to advertise what brand"
    assert row.sample.meta["wikipedia_id"] == "15955"
    assert row.sample.meta["answers"] == ["Levi's", "Levis"]


def test_questions_of_one_trivia_question_are_rows_of_their_own(tmp_path: Path) -> None:
    rows, _ = plan("viquae", write(tmp_path, record(1), record(2)))
    assert [row.sample.meta["kilt_id"] for row in rows] == ["qw_7", "qw_7"]


@pytest.mark.parametrize("name", ["viquae_dataset/validation.jsonl", "validation.jsonl"])
def test_validation_is_spelled_out(tmp_path: Path, name: str) -> None:
    assert len(plan("viquae", write(tmp_path, record(), name=name), "validation")[0]) == 1


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("zipped", [False, True])
def test_accents_match_in_either_unicode_form(tmp_path: Path, form: Any, zipped: bool) -> None:
    name = unicodedata.normalize(form, NAME)
    if zipped:
        with zipfile.ZipFile(tmp_path / "images.zip", "w") as archive:
            archive.writestr(f"images/{name}", b"jpeg")
    else:
        (tmp_path / "images").mkdir()
        (tmp_path / "images" / name).write_bytes(b"jpeg")
    (row,), _ = plan("viquae", write(tmp_path, record()))
    assert isinstance(row.sample.images[0], Picture)
    assert getattr(fetch(Folder("viquae", (tmp_path,)), row.sample.images[0]), "data", None) == b"jpeg"


def test_a_name_with_wildcards_is_a_name(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images/512px-WhoX.jpg").write_bytes(b"another picture")
    (row,), _ = plan("viquae", write(tmp_path, record(image="512px-Who?.jpg")))
    assert isinstance(row.sample.images[0], Picture)
    found = fetch(Folder("viquae", (tmp_path,)), row.sample.images[0])
    assert isinstance(found, Fault) and found.reason is Reason.MISSING_MEDIA


def test_a_cut_line_is_named(tmp_path: Path) -> None:
    file = write(tmp_path, record(1), record(2)) / "viquae_dataset/train.jsonl"
    file.write_text(file.read_text()[:-20])
    with pytest.raises(SourceError, match=r"train\.jsonl: line 2"):
        plan("viquae", tmp_path)


def test_held_out() -> None:
    assert load_registry()["viquae"].task.held_out


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"input": ""}, Reason.NO_QUESTION),
        ({"output": {"original_answer": ""}}, Reason.NO_ANSWER),
        ({"output": {"original_answer": 1889}}, Reason.BAD_RECORD),
        ({"output": [{"answer": "KILT's own form"}]}, Reason.BAD_RECORD),
        ({"output": None}, Reason.BAD_RECORD),
        ({"image": None}, Reason.NO_MEDIA),
        ({"image": ["x.jpg"]}, Reason.BAD_RECORD),
        ({"id": None}, Reason.BAD_RECORD),
        ({"id": f"{1:032x}"}, Reason.DUPLICATE_ID),
    ],
)
def test_a_broken_record_costs_itself_alone(tmp_path: Path, changes: dict[str, Any], reason: Reason) -> None:
    rows, rejects = plan("viquae", write(tmp_path, record(), record(2) | changes))
    assert [row.sample.key for row in rows] == [f"{1:032x}"]
    assert [reject.reason for reject in rejects] == [reason]


@pytest.mark.parametrize("provenance", [None, [], [{"wikipedia_id": "12"}], ["x"]])
def test_broken_provenance_costs_the_article_only(tmp_path: Path, provenance: Any) -> None:
    output = {"original_answer": "Ulm", "answer": None, "provenance": provenance}
    (row,), _ = plan("viquae", write(tmp_path, record(output=output)))
    assert (row.sample.answer, row.sample.meta["wikipedia_id"], row.sample.meta["answers"]) == ("Ulm", None, [])

"""GQA: answer sentences as they are, ids as text, balanced questions unless all are wanted."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from m3it_build.core.errors import MissingSource, SourceError
from m3it_build.core.sample import Picture, Reason
from m3it_build.testing import plan


def question(**changes: Any) -> dict[str, Any]:
    return {
        "imageId": "2375429",
        "question": "What is on the wall?",
        "answer": "pipe",
        "fullAnswer": "The pipe is on the wall.",
        "isBalanced": True,
        "groups": {"global": None, "local": "14-wall"},
        "types": {"structural": "query", "semantic": "rel", "detailed": "relS"},
        "semantic": [{"operation": "select", "dependencies": [], "argument": "wall (7)"}],
    } | changes


def write(path: Path, questions: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(questions))


BALANCED = "questions/train_balanced_questions.json"


def test_the_sentence_is_the_target_and_the_short_answer_stays_in_meta(tmp_path: Path) -> None:
    write(tmp_path / BALANCED, {"00126851": question()})
    (row,), rejects = plan("gqa", tmp_path)
    assert not rejects
    assert (row.sample.inputs, row.sample.outputs) == ("What is on the wall?", "The pipe is on the wall.")
    assert row.sample.answer is None
    assert row.sample.meta["answer"] == "pipe"


def test_leading_zeros_of_an_id_stay(tmp_path: Path) -> None:
    write(tmp_path / BALANCED, {"00126851": question(), "126851": question()})
    rows, rejects = plan("gqa", tmp_path)
    assert [row.sample.key for row in rows] == ["00126851", "126851"]
    assert not rejects


FOLDERS = ("images", "VG_100K", "VG_100K_2")


def test_a_photo_of_visual_genome_is_also_looked_for_there(tmp_path: Path) -> None:
    write(tmp_path / BALANCED, {"1": question(), "2": question(imageId="n578564")})
    rows, _ = plan("gqa", tmp_path)
    assert [row.sample.images for row in rows] == [
        (Picture((*(f"{folder}/2375429.jpg" for folder in FOLDERS), "2375429.jpg"), origin="vg:2375429"),),
        (Picture(("images/n578564.jpg", "n578564.jpg")),),
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"question": " "}, Reason.NO_QUESTION),
        ({"fullAnswer": None}, Reason.NO_ANSWER),
        ({"imageId": ""}, Reason.NO_MEDIA),
        ({"imageId": 2375429}, Reason.BAD_RECORD),
        ({"fullAnswer": float("nan")}, Reason.BAD_RECORD),
    ],
)
def test_broken_questions_are_rejected(tmp_path: Path, changes: dict[str, Any], reason: Reason) -> None:
    write(tmp_path / BALANCED, {"1": question(), "2": question(**changes), "3": None})
    rows, rejects = plan("gqa", tmp_path)
    assert [row.sample.key for row in rows] == ["1"]
    assert {reject.key: reject.reason for reject in rejects} == {"2": reason, "3": Reason.BAD_RECORD}


def test_all_questions_come_from_a_folder_of_parts_when_wanted(tmp_path: Path) -> None:
    write(tmp_path / BALANCED, {"1": question()})
    for part in range(3):
        path = tmp_path / f"questions/train_all_questions/train_all_questions_{part}.json"
        write(path, {f"0{part}": question(isBalanced=False)})
    assert [row.sample.key for row in plan("gqa", tmp_path)[0]] == ["1"]
    assert [row.sample.key for row in plan("gqa", tmp_path, questions="all")[0]] == ["00", "01", "02"]
    with pytest.raises(MissingSource, match="val_all_questions"):
        plan("gqa", tmp_path, "validation", questions="all")


def test_a_file_cut_off_is_named_with_its_place(tmp_path: Path) -> None:
    write(tmp_path / BALANCED, {"1": question()})
    (tmp_path / BALANCED).write_text((tmp_path / BALANCED).read_text()[:100])
    with pytest.raises(SourceError, match=r"train_balanced_questions\.json.*column"):
        plan("gqa", tmp_path)


def test_a_mirror_keeps_questions_and_pictures_apart(tmp_path: Path) -> None:
    questions = [{"id": "07", **question(semantic=None)}, {"id": "08", **question(semantic=None, imageId="n1")}]
    pictures = [{"id": "other", "image": {"bytes": b"x"}}, {"id": "2375429", "image": {"bytes": b"y"}}]
    for name, records in (("train_balanced_instructions", questions), ("train_balanced_images", pictures)):
        (tmp_path / name).mkdir()
        pq.write_table(pa.Table.from_pylist(records), tmp_path / name / "train-00000-of-00001.parquet")
    rows, _ = plan("gqa", tmp_path)
    assert [row.sample.images[0].paths[0] for row in rows] == [
        "train_balanced_images/train-00000-of-00001.parquet#1/image",
        "images/n1.jpg",
    ]

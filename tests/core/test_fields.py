"""A conversion that is said by the names of fields."""

from typing import Any

import pytest

from m3it_build.core.fields import fields
from m3it_build.core.sample import Origin, Picture, Reason, Reject, Row, Sample

RECORD = {"id": 7, "ask": " What is it? ", "said": {"main": "a cat", "all": ["a cat", "cat"]}, "file": "7.jpg"}
CONVERT = fields(
    question="ask",
    answer="said.main",
    image="file",
    folders=("images/", ""),
    context={"ocr": "words"},
    meta={"number": "id", "answers": lambda record: record["said"]["all"], "page": "book.page"},
)


def row(**changes: Any) -> Row:
    return Row("7", RECORD | changes, Origin("train.json", "7"))


def test_fields_become_a_sample() -> None:
    assert CONVERT(row()) == Sample(
        key="7",
        images=(Picture(("images/7.jpg", "7.jpg")),),
        inputs="What is it?",
        answer="a cat",
        meta={"number": 7, "answers": ["a cat", "cat"], "page": None},
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ask": " "}, Reason.NO_QUESTION),
        ({"said": {"main": "", "all": []}}, Reason.NO_ANSWER),
        ({"file": None}, Reason.NO_MEDIA),
        ({"file": " "}, Reason.NO_MEDIA),
    ],
)
def test_a_record_without_question_answer_or_picture_is_rejected(changes: dict[str, Any], reason: Reason) -> None:
    found = CONVERT(row(**changes))
    assert isinstance(found, Reject)
    assert found.reason is reason


@pytest.mark.parametrize("changes", [{"ask": None}, {"ask": 5}, {"said": "a cat"}, {"said": {}}])
def test_a_record_of_another_form_is_stumbled_over(changes: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, AttributeError)):
        CONVERT(row(**changes))


def test_a_mirrors_cell_is_the_picture_and_what_the_paraphraser_is_told_is_kept() -> None:
    found = CONVERT(row(picture="a.parquet#0/image", file=None, words="EXIT"))
    assert isinstance(found, Sample)
    assert (found.images, found.context) == ((Picture(("a.parquet#0/image",)),), {"ocr": "EXIT"})


def test_a_text_alone_is_a_target_without_inputs() -> None:
    caption = fields(outputs="ask", image=lambda record: Picture((record["file"],)))
    assert caption(row()) == Sample("7", (Picture(("7.jpg",)),), outputs="What is it?")
    found = caption(row(ask=""))
    assert isinstance(found, Reject)
    assert found.reason is Reason.EMPTY_TEXT


def test_texts_of_one_picture_are_sampled_as_a_unit() -> None:
    caption = fields(outputs="ask", image="file", unit=lambda record: record["file"])
    found = caption(row())
    assert isinstance(found, Sample)
    assert found.unit == "7.jpg"


def test_a_target_is_one_thing() -> None:
    with pytest.raises(ValueError, match="an answer or outputs"):
        fields(image="file")
    with pytest.raises(ValueError, match="an answer or outputs"):
        fields(image="file", answer="said.main", outputs="ask")

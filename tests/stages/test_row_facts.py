"""What a finished row has that an instruction may speak of."""

from typing import Any

import pytest

from m3it_build.core.instructions import Need
from m3it_build.core.sentences import count_sentences, reads_as_sentence
from m3it_build.stages.row_facts import row_facts

PICTURE: dict[str, Any] = {"name": "a.jpg"}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("a dog", 1),
        ("A dog.", 1),
        ("A dog. A cat", 2),
        ("We came. We saw! Did we win?", 3),
        ('He said "stop!" Then he left.', 2),
        ("Mr. Smith of the U.S. Army met Dr. Jones.", 1),
        ("My wife and I. We went home.", 2),
        ("Wait... what?!", 2),
        ("It costs 3.50 at www.example.org today.", 1),
        ("A view of Mt. Everest from No. 5 camp.", 1),
        ("Apples, pears, etc. on a table of approx. 2 m.", 1),
        ("Apples, pears, etc. The table is red.", 2),
        ("No. It is red.", 2),
        ("we went home. it was fun.", 2),
        ("On Dec. 24 (vs. Jan. 3) we met at Smith Inc. in town.", 1),
        ("He waits… Then he goes.", 2),
        ("一只狗。一只猫。", 2),
        ("他说：“快跑！”大家都跑了。", 2),
        ("一只狗", 1),
    ],
)
def test_sentences_are_counted_by_their_stops(text: str, count: int) -> None:
    assert count_sentences(text) == count


@pytest.mark.parametrize(
    "text",
    [
        "The answer is red.", "It reaches the market at 08:18.", "Yes, there is.", "They often hold hands.",
        "100 ml of milk is used.", 'The sign says "Stop" and is red.', "Here she is.",
        "人的旁边有一只动物。",
    ],
)  # fmt: skip
def test_sentences(text: str) -> None:
    assert reads_as_sentence(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "red", "Red.", "yes", "Yes.", "$1,204.50", "n.y.c.", "Philip Morris Inc.", "emergency stop", "Is it",
        "Helmets and riding gear.", "the man is on the left", "It is.", "狗。", "没有。", "桌上的箱子上",
    ],
)  # fmt: skip
def test_words_and_phrases(text: str) -> None:
    assert not reads_as_sentence(text)


@pytest.mark.parametrize(
    ("meta", "needs"),
    [
        ({"images": []}, set()),
        ({"images": [PICTURE]}, {Need.ONE_IMAGE}),
        ({"images": [PICTURE] * 5}, {Need.SEVERAL_IMAGES}),
        ({"images": [], "options": ["a", "b"], "regions": [{}]}, {Need.OPTIONS, Need.BOXES}),
        ({"images": [], "options": [], "regions": []}, set()),
        ({"images": [], "traits": ["history"]}, {Need.HISTORY}),
        ({"images": [], "traits": ["of another version"]}, set()),
    ],
)
def test_needs_are_read_off_meta(meta: dict[str, Any], needs: set[Need]) -> None:
    assert row_facts("dog", meta).has == needs | {Need.ONE_SENTENCE}


def test_sentences_of_the_output_are_needs_too() -> None:
    meta: dict[str, Any] = {"images": []}
    assert row_facts("We came. We saw.", meta).has == {Need.SEVERAL_SENTENCES}
    assert row_facts("It rained. " * 5, meta).has == {Need.SEVERAL_SENTENCES, Need.FIVE_SENTENCES}


@pytest.mark.parametrize(("status", "sentence"), [("paraphrased", True), ("template", True), ("original", False)])
def test_an_answer_that_was_written_out_is_a_sentence(status: str, sentence: bool) -> None:
    assert row_facts("Cats sleep.", {"images": [], "paraphrase": {"status": status}}).sentence is sentence


def test_a_word_without_end_is_read_in_linear_time() -> None:
    assert count_sentences("a." * 500_000) == 1

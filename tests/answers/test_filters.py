"""The filters on labelled pairs: what they must find, and what they must leave alone."""

import pytest

from m3it_build.answers.filters import Paraphrase, Rejected, why_rejected
from scripts.measure_filters import false_alarms, load_pairs, recall

PAIRS = load_pairs()


def test_the_labelled_set_is_large_and_half_of_it_older_than_the_filters() -> None:
    assert len(PAIRS) >= 300
    assert sum(each.written == "before the filters" for each in PAIRS) >= len(PAIRS) / 2
    assert {True, False} == {each.bad for each in PAIRS}


def test_recall_of_bad_and_false_alarms_on_good() -> None:
    assert recall(PAIRS) >= 0.95
    assert false_alarms(PAIRS) <= 0.03


@pytest.mark.parametrize(
    ("question", "answer", "reply", "reason"),
    [
        ("What is it?", "cat", "", Rejected.EMPTY),
        ("What is it?", "cat", "As an AI, I see a cat.", Rejected.REFUSAL),
        ("What is it?", "cat", "I cannot see the image, but it is a cat.", Rejected.NO_IMAGE),
        ("What is it?", "cat", "Transformed Answer: It is a cat.", Rejected.LEAK),
        ("What is it?", "cat", "**It is a cat.**", Rejected.MARKUP),
        ("What is it?", "cat", "Es ist die Katze und das ist der cat.", Rejected.LANGUAGE),
        ("What is it?", "cat", "It is a cat. It is a cat. It is a cat.", Rejected.REPETITION),
        ("What is it?", "cat", "What is it, a cat?", Rejected.QUESTION),
        ("What is it?", "cat", "A cat.", Rejected.SHORT),
        ("Is it a cat?", "yes", "No, it is a dog.", Rejected.CONTRADICTION),
        ("How many cats are there?", "3", "There are four cats.", Rejected.ANSWER_LOST),
        ("How many cats are there?", "3", "There are three cats.", None),
        ("What does she do?", "race", "She is racing downhill.", None),
    ],
)
def test_each_reason(question: str, answer: str, reply: str, reason: Rejected | None) -> None:
    assert why_rejected(Paraphrase(question, answer, reply)) is reason


def test_a_reply_cut_by_the_token_limit_is_not_used() -> None:
    assert why_rejected(Paraphrase("What is it?", "cat", "It is a cat that", "length")) is Rejected.CUT_OFF


def test_the_worked_example_must_not_show() -> None:
    example = "The woman in the apron stirs the soup with a wooden spoon."
    reply = "The woman in the apron stirs the soup with a fork."
    assert why_rejected(Paraphrase("What is used?", "fork", reply, "stop", example)) is Rejected.LEAK

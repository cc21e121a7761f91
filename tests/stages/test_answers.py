"""Short answers without a paraphrase: plain sentences that are right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m3it_build.stages.answer_templates import template
from m3it_build.stages.answers import Answers, Reply, answer_text


@pytest.mark.parametrize(
    ("question", "answer", "sentence"),
    [
        ("Is there a dog in the picture?", "no", "No, there is not."),
        ("Is this man tall?", "yes", "Yes, that is the case."),
        ("Is it hot or cold?", "yes", "The answer is yes."),
        ("How many red things are there?", "2", "There are 2 red things."),
        ("How many of the people are in the car?", "3", "The answer is 3."),
        ("What color is the large metal cube?", "yellow", "The large metal cube is yellow."),
        ("What color is the man wearing?", "red", "The answer is red."),
        ("Where is the cat?", "on the table", "The cat is on the table."),
        ("Where is the cat?", "kitchen", "The answer is kitchen."),
        ("Who wrote this book?", "Malcolm Brooks", "Malcolm Brooks wrote this book."),
        ("Who is driving a car?", "man", "The answer is man."),
        ("In which year was this tower opened?", "1889", "It was in 1889."),
        ("What does the sign say?", "stop", 'The sign says "stop".'),
        ("床单是什么颜色？", "白色。", "床单是白色。"),
        ("图中有几个人？", "三个", "图中有三个人。"),
        ("天气怎么样？", "晴天", "答案是晴天。"),
    ],
)
def test_the_questions_form_makes_the_sentence(question: str, answer: str, sentence: str) -> None:
    assert template(question, answer) == sentence


def test_an_answer_that_is_a_sentence_stays_as_it_is() -> None:
    answered = answer_text("How much sun?", "They need at least six hours of sun.", Answers.PARAPHRASE)
    assert (answered.text, answered.status) == ("They need at least six hours of sun.", "original")


def test_a_rejected_paraphrase_falls_back_with_its_reason() -> None:
    answered = answer_text("What is it?", "cat", Answers.PARAPHRASE, Reply("It is a dog.", "stop", "m", ""))
    assert answered == ("The answer is cat.", "template", "m", "answer lost")


@given(st.text(max_size=60), st.text(min_size=1, max_size=30).filter(str.strip), st.text(max_size=80))
def test_no_text_breaks_a_sentence_or_a_filter(question: str, answer: str, reply: str) -> None:
    answered = answer_text(question, answer, Answers.PARAPHRASE, Reply(reply, "stop", "m", ""))
    assert answered.text

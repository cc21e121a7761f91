"""What is translated keeps its structure: lines, letters, numbers, spaces."""

from hypothesis import given
from hypothesis import strategies as st

from m3it_build.core.sample import Fault, Reason
from m3it_build.core.words import has_words
from m3it_build.services.mt.translator import normalised
from m3it_build.stages.options import letter, options_block
from m3it_build.store.reader import Texts
from m3it_build.translate.parts import (
    TranslatedTexts,
    plain_parts,
    text_units,
    translate_row,
    translate_text,
    units,
)

WORDS = st.text("abc dé19.?!\n ", max_size=60)
LINES = st.text("abc dé19.", min_size=1, max_size=20).filter(
    lambda text: text.split() and text == " ".join(text.split())
)


def row(inputs: str, outputs: str, **meta: object) -> Texts:
    return Texts("Do it.", inputs, outputs, dict(meta))


def shouted(of: Texts, script: str = "Latn") -> TranslatedTexts | Fault:
    return translate_row(of, {unit: unit.upper() for unit in units(of)}, script)


@given(WORDS)
def test_a_text_is_its_parts_and_white_space_stays(text: str) -> None:
    parts = plain_parts(text)
    assert "".join(part.text for part in parts).split() == normalised(text).split()
    known = {unit: unit for unit in text_units(text)}
    again = translate_text(text, known, "Latn")
    assert isinstance(again, str)
    assert [line.strip() for line in again.splitlines()] == [
        "".join(part.text for part in plain_parts(line)).strip() for line in text.splitlines()
    ]
    assert again.count("\n") == text.count("\n")


@given(WORDS)
def test_nothing_without_letters_is_sent(text: str) -> None:
    for unit in text_units(text):
        assert unit
        assert has_words(unit)
        assert unit == normalised(unit)
        assert "\n" not in unit


@given(st.lists(LINES, min_size=2, max_size=5, unique=True), st.data())
def test_an_answer_stays_the_same_as_its_option(options: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(options) - 1))
    end = "" if options[place].endswith(".") else "."
    question = data.draw(st.sampled_from(["", "What is it?\n"]))
    of = row(
        f"{question}{options_block(options)}",
        f"({letter(place)}) {options[place]}{end}",
        options=options,
        answer_index=place,
    )
    got = shouted(of)
    assert isinstance(got, TranslatedTexts)
    assert got.options is not None
    assert got.inputs == f"{question.upper()}{options_block(got.options)}"
    assert got.outputs.removesuffix(end) == f"({letter(place)}) {got.options[place]}"


def test_a_reason_before_a_lettered_answer_is_translated_too() -> None:
    of = row(
        f"Why?\n{options_block(['red', 'blue'])}",
        "It is the sky. So the answer is (B) blue.",
        options=["red", "blue"],
        answer_index=1,
    )
    got = shouted(of)
    assert isinstance(got, TranslatedTexts)
    assert got.outputs == "IT IS THE SKY. SO THE ANSWER IS (B) BLUE."
    assert {"It is the sky.", "So the answer is", "red", "blue", "Why?"} == units(of)


def test_stops_are_those_of_the_script_and_chinese_sentences_have_no_space_between() -> None:
    of = row(options_block(["a cat", "a dog"]), "(A) a cat.", options=["a cat", "a dog"], answer_index=0)
    got = translate_row(of, {"a cat": "猫", "a dog": "狗"}, "Hans")
    assert isinstance(got, TranslatedTexts)
    assert got.outputs == "(A) 猫。"
    assert translate_text("One. Two.", {"One.": "一。", "Two.": "二。"}, "Hans") == "一。二。"
    assert translate_text("One. Two.", {"One.": "Un.", "Two.": "Deux."}, "Latn") == "Un. Deux."
    assert translate_text("One.\nTwo.", {"One.": "一。", "Two.": "二。"}, "Hans") == "一。\n二。"


def test_five_sentences_stay_five() -> None:
    story = "We got up. Mr. Smith drove. The sea was cold! Was it fun? Yes, it was."
    assert len(text_units(story)) == 5
    assert translate_text(story, {unit: unit.upper() for unit in text_units(story)}, "Latn") == story.upper()


def test_addresses_and_numbers_stay() -> None:
    assert text_units("https://example.org/a?b=c\n12:30\n(1)") == set()
    assert translate_text("12:30\nhttps://example.org", {}, "Latn") == "12:30\nhttps://example.org"


def test_a_refused_sentence_rejects_its_row() -> None:
    of = row("What?", "A cat.")
    known: dict[str, str | Fault] = {"What?": "Was?", "A cat.": Fault(Reason.REPETITION, "cat cat cat")}
    assert translate_row(of, known, "Latn") == Fault(Reason.REPETITION, "cat cat cat")

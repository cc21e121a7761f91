"""Options, lettered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m3it_build.core.choice import Draw
from m3it_build.core.sample import Options, Reason, Reject, Sample
from m3it_build.stages.options import letter, letter_options

DRAW = Draw(0, "t")
names = st.text("abcdefgh .!", min_size=1, max_size=6).filter(str.strip)


def lettered(options: Options, key: str = "k") -> Sample | Reject:
    return letter_options(Sample(key, (), inputs="Which?", options=options), DRAW)


@given(names, st.lists(names, max_size=40), st.none() | st.integers(2, 10), st.text(max_size=5))
def test_the_answer_stands_once_under_the_letter_of_the_output(
    answer: str, others: list[str], count: int | None, key: str
) -> None:
    result = lettered(Options(answer, others, count), key)
    if isinstance(result, Reject):
        assert result.reason is Reason.FEW_OPTIONS
        return
    shown, place = result.meta["options"], result.meta["answer_index"]
    assert shown.count(" ".join(answer.split())) == 1
    assert len(shown) == len(set(shown))
    assert count is None or len(shown) <= count
    assert result.inputs.splitlines()[:2] == ["Which?", "Options:"]
    assert f"({letter(place)}) {shown[place]}" in result.inputs.splitlines()
    assert result.outputs.startswith(f"({letter(place)}) {shown[place]}")


def test_the_answers_letter_is_spread_evenly() -> None:
    places = [0] * 4
    for key in range(2000):
        result = lettered(Options("a", ("b", "c", "d")), str(key))
        assert isinstance(result, Sample)
        places[result.meta["answer_index"]] += 1
    assert min(places) > 400


def test_ten_of_a_thousand() -> None:
    result = lettered(Options("name 5", [f"name {number}" for number in range(1000)], 10))
    assert isinstance(result, Sample)
    assert len(result.meta["options"]) == 10


def test_ordered_options_keep_their_order() -> None:
    result = lettered(Options("fair", ("bad", "poor", "fair"), ordered=True))
    assert isinstance(result, Sample)
    assert result.outputs == "(C) fair."
    missing = lettered(Options("good", ("bad", "poor", "fair"), ordered=True))
    assert isinstance(missing, Reject)
    assert missing.reason is Reason.BAD_LABEL


@pytest.mark.parametrize(
    ("option", "target"),
    [
        ("Dear Pablo,", "(A) Dear Pablo,"),
        ('"The Mountain and the Squirrel"', '(A) "The Mountain and the Squirrel"'),
        ("***The Lion and the Mouse***", "(A) ***The Lion and the Mouse***"),
        ("a crane (bird)", "(A) a crane (bird)."),
        ("It rained.", "(A) It rained."),
        ("50 kg", "(A) 50 kg."),
        ("50%", "(A) 50%"),
    ],
)
def test_an_option_that_ends_in_a_mark_stands_as_it_is(option: str, target: str) -> None:
    result = lettered(Options(option, (option, "other"), ordered=True))
    assert isinstance(result, Sample)
    assert result.outputs == target


def test_a_verbatim_option_gets_no_stop() -> None:
    result = lettered(Options("Your friend", ("Your friend", "Bye"), ordered=True, verbatim=True))
    assert isinstance(result, Sample)
    assert result.outputs == "(A) Your friend"


def test_line_breaks_of_options_are_kept_in_meta() -> None:
    result = lettered(Options("Your friend,\nCarla", ("Your friend,\nCarla", "Bye,\nCarla"), ordered=True))
    assert isinstance(result, Sample)
    assert result.meta["options"] == ["Your friend, Carla", "Bye, Carla"]
    assert result.meta["original"] == {"options": ["Your friend,\nCarla", "Bye,\nCarla"]}


def test_a_reason_ends_once_before_the_answer() -> None:
    result = letter_options(
        Sample("k", (), outputs="they wear helmets,", options=Options("no", ("no", "yes"), ordered=True)), DRAW
    )
    assert isinstance(result, Sample)
    assert result.outputs == "they wear helmets. So the answer is (A) no."


def test_letters_go_on_after_z() -> None:
    assert [letter(place) for place in (0, 25, 26, 51, 52)] == ["A", "Z", "AA", "AZ", "BA"]


def test_chinese_tasks_head_their_options_in_chinese() -> None:
    sample = Sample(
        "k",
        (),
        inputs="这是什么菜？",
        outputs="有豆腐",
        options=Options("麻婆豆腐", ("煎饺", "麻婆豆腐"), ordered=True),
    )
    result = letter_options(sample, DRAW, "zh")
    assert isinstance(result, Sample)
    assert result.inputs == "这是什么菜？\n选项：\n(A) 煎饺\n(B) 麻婆豆腐"
    assert result.outputs == "有豆腐。所以答案是(B) 麻婆豆腐。"


def test_the_right_option_is_the_rows_short_answer() -> None:
    result = letter_options(Sample("k", (), options=Options("b", ("a", "b"))), DRAW)
    assert isinstance(result, Sample)
    assert result.meta["answer"] == "b"

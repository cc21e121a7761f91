"""What no row may be."""

import pytest

from m3it_build.core.choice import Draw
from m3it_build.core.sample import Reason, Region, Reject, Sample
from m3it_build.stages import run_stages
from m3it_build.stages.texts import LONGEST, check_text


def reason(inputs: str, outputs: str = "", answer: str | None = None) -> Reason | None:
    """Why a sample is refused."""
    result = check_text(Sample("1", (), inputs, outputs, answer))
    return result.reason if isinstance(result, Reject) else None


@pytest.mark.parametrize("unseen", ["", "\u200b", "\u00ad \u2060", "\u180e", "\ufeff", "\u00a0"])
def test_what_nobody_can_see_is_empty(unseen: str) -> None:
    assert reason("What is it?", unseen) is Reason.EMPTY_TEXT
    assert reason("What is it?", answer=unseen) is Reason.NO_ANSWER
    assert reason(unseen, "A cat.") is (Reason.EMPTY_TEXT if unseen else None)


@pytest.mark.parametrize("seen", ["cat", "猫", "?", "-", "42", "نعم", "\u200bcat", "👍"])
def test_what_can_be_seen_is_a_text(seen: str) -> None:
    assert reason("", seen) is reason(seen, "A cat.") is None


@pytest.mark.parametrize("unstorable", ["\0", "a\0b", "\ud83d"])
def test_what_no_file_can_hold_is_a_bad_record(unstorable: str) -> None:
    assert reason("", unstorable) is reason(unstorable, "A cat.") is Reason.BAD_RECORD


@pytest.mark.parametrize("damaged", ["caf\u00c3\u00a9", "Nigeria, c. 1890\x81E\x80\x81E1975", "a \ufffd"])
def test_what_an_encoding_damaged_becomes_no_row(damaged: str) -> None:
    assert reason("", damaged) is reason(damaged, "A cat.") is reason("", answer=damaged) is Reason.DAMAGED_TEXT


@pytest.mark.parametrize("place", ["\u202e", "\u202a", "\u2066", "\u2069", "\x1b[2J", "\x7f", "\x85", "\x01"])
def test_what_takes_over_a_terminal_or_turns_round_the_text_after_it_becomes_no_row(place: str) -> None:
    text = f"A {place} cat."
    assert reason("", text) is reason(text, "A cat.") is reason("", answer=text) is Reason.DAMAGED_TEXT
    for sample in (
        Sample("1", (), "", "A cat.", regions=(Region((0, 0, 1, 1), text),)),
        Sample(f"1{place}", (), "", "A cat."),
    ):
        assert isinstance(check_text(sample), Reject)
    result = check_text(Sample("1", (), "", "A cat.", meta={"title": [text], "id": 1}))
    assert isinstance(result, Sample)
    assert result.meta == {"id": 1, "damaged": ["title"]}


@pytest.mark.parametrize("mark", ["\u200e", "\u200f", "\u061c", "\u200c", "\u200d", "\t", "\n", "\r"])
def test_marks_of_direction_joiners_and_white_space_stay(mark: str) -> None:
    assert reason(f"a{mark}b", f"\u0645\u06cc{mark}\u062e\u0648\u0627\u0647\u0645") is None


def test_a_text_has_a_bound_wherever_it_stands() -> None:
    most, more = "a" * LONGEST, "a" * (LONGEST + 1)
    assert reason(most, most) is reason("", answer=most) is None
    assert reason(more, "A cat.") is reason("", more) is reason("", answer=more) is Reason.LONG_TEXT
    for sample in (
        Sample("1", (), "", "A cat.", meta={"all": [{"one": more}]}),
        Sample("1", (), "", "A cat.", regions=(Region((0, 0, 1, 1), more),)),
    ):
        result = check_text(sample)
        assert isinstance(result, Reject)
        assert result.reason is Reason.LONG_TEXT


def test_damage_is_seen_before_white_space_is_tidied() -> None:
    result = run_stages(Sample("1", (), "50\u00c2\u00a0cents", "Yes."), Draw(0, "t"))
    assert isinstance(result, Reject)
    assert result.reason is Reason.DAMAGED_TEXT


def test_what_is_damaged_in_meta_is_left_out_and_named() -> None:
    meta = {"title": "c. 1890\x81E\x80", "answers": ["ok", {"a": "caf\u00c3\u00a9"}], "id": 7, "author": "Bront\u00eb"}
    result = check_text(Sample("1", (), "Who?", "A cat.", meta=meta))
    assert isinstance(result, Sample)
    assert result.meta == {"id": 7, "author": "Bront\u00eb", "damaged": ["answers", "title"]}

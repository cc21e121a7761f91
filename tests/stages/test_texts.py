"""What no row may be."""

import pytest

from m3it_build.core.choice import Draw
from m3it_build.core.sample import Reason, Reject, Sample
from m3it_build.stages import run_stages
from m3it_build.stages.texts import check_text


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


def test_damage_is_seen_before_white_space_is_tidied() -> None:
    result = run_stages(Sample("1", (), "50\u00c2\u00a0cents", "Yes."), Draw(0, "t"))
    assert isinstance(result, Reject)
    assert result.reason is Reason.DAMAGED_TEXT


def test_what_is_damaged_in_meta_is_left_out_and_named() -> None:
    meta = {"title": "c. 1890\x81E\x80", "answers": ["ok", {"a": "caf\u00c3\u00a9"}], "id": 7, "author": "Bront\u00eb"}
    result = check_text(Sample("1", (), "Who?", "A cat.", meta=meta))
    assert isinstance(result, Sample)
    assert result.meta == {"id": 7, "author": "Bront\u00eb", "damaged": ["answers", "title"]}

"""What no row may be."""

import pytest

from m3it_build.core.sample import Reason, Reject, Sample
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

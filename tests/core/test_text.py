"""White space and ends of texts."""

import pytest

from m3it_build.core.text import is_ended, tidy, with_stop


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a  b\t c", "a b c"),
        (" IMAC\u00a0BOX \n", "IMAC BOX"),
        ("甲\u3000\u3000乙", "甲 乙"),
        ("one \r\n  two\rthree\n\n four", "one\ntwo\nthree\n\nfour"),
        ("Ein\u2028Hund\x0b\x85da", "Ein Hund da"),
        ("\n \n", ""),
    ],
)
def test_runs_of_white_space_become_one_blank_and_lines_stay(text: str, clean: str) -> None:
    assert tidy(text) == clean
    assert tidy(clean) == clean


@pytest.mark.parametrize(
    ("text", "ended"),
    [
        ("We left", "We left."),
        ("We left.", "We left."),
        ('He said "no!"', 'He said "no!"'),
        ('He said "no"', 'He said "no".'),
        ("(we left.)", "(we left.)"),
        ("We left (all)", "We left (all)."),
        ("On the way,", "On the way,"),
        ("We left...", "We left..."),
        ("We left…", "We left…"),
        ("50%", "50%."),
        ("麻婆豆腐", "麻婆豆腐。"),
        ("“麻婆豆腐。”", "“麻婆豆腐。”"),
        ("《麻婆豆腐》", "《麻婆豆腐》。"),
        (")", ")."),
    ],
)
def test_a_stop_is_added_where_no_mark_ends_the_text(text: str, ended: str) -> None:
    assert with_stop(text) == ended
    assert is_ended(ended)


def test_the_stop_of_another_script_may_be_given() -> None:
    assert with_stop("यह कुत्ता है", "।") == "यह कुत्ता है।"

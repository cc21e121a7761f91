"""White space and ends of texts."""

import pytest

from m3it_build.core.text import damage, is_ended, sentence_end, tidy, with_stop


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


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("they are wearing helmets,", "they are wearing helmets."),
        ("It is a bus;", "It is a bus."),
        ("It is a bus ; :", "It is a bus."),
        ('The sign says "taxi."', 'The sign says "taxi."'),
        ('The sign says "taxi"', 'The sign says "taxi".'),
        ('The sign says "taxi,"', 'The sign says "taxi".'),
        ("It rains (a lot).", "It rains (a lot)."),
        ("下雨了，", "下雨了。"),
        ("Is it?", "Is it?"),
        ("I am tired :)", "I am tired :)"),
        (",", ""),
    ],
)
def test_a_sentence_ends_once(reason: str, sentence: str) -> None:
    assert sentence_end(reason) == sentence
    assert sentence_end(sentence) == sentence


@pytest.mark.parametrize(
    "text",
    [
        "caf\u00c3\u00a9",
        "don\u00e2\u20ac\u2122t",
        "1890\x81E\x80\x81E1975",
        "It\x92s",
        "lost \ufffd here",
        "a\x00b",
        "50\u00c2\u00a0cents",
        "\x1b[1m",
    ],
)
def test_what_an_encoding_did_to_a_text_is_seen(text: str) -> None:
    assert damage(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "plain\ttext\r\n", "café “naïve” – 5 × 3 ÷ 2", "CAFÉ” it says", "À la carte", "麻婆豆腐。",
        "привет", "50 €",
        "Việt Nam",        "Łódź", "ÅÄÖ", "voilà", "½ cup", "25 °C", "👍🏽", "नमस्ते", "שלום", "ĄĆĘ", "Ünye’de",
    ],
)  # fmt: skip
def test_a_sound_text_is_not_taken_for_a_damaged_one(text: str) -> None:
    assert damage(text) == ""

"""Which script a text is written in, by the ISO 15924 codes that language tags end with."""

import re
from functools import cache
from typing import Any

UNITS = {
    "Hans": ("Han",),
    "Hant": ("Han",),
    "Jpan": ("Han", "Hiragana", "Katakana"),
    "Kore": ("Hangul", "Han"),
    "Hang": ("Hangul",),
}
"""Codes that stand for other scripts than one of Unicode's."""
HAN = re.compile(r"[\u3400-\u9fff]")
"""A Chinese character."""


def is_chinese(text: str) -> bool:
    """Whether any character is Han."""
    return HAN.search(text) is not None


def share(text: str, script: str) -> float | None:
    """The share of a text's letters that are of a script; None without letters."""
    letters = len(_pattern(r"\p{L}").findall(text))
    if not letters:
        return None
    units = "".join(rf"\p{{Script={unit}}}" for unit in UNITS.get(script, (script,)))
    return len(_pattern(rf"[[{units}]&&\p{{L}}]").findall(text)) / letters


@cache
def _pattern(text: str) -> Any:
    import regex

    return regex.compile(text, regex.VERSION1)

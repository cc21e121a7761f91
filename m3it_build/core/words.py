"""The words of a text, of any language."""

import re

UNTRANSLATABLE = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\w+")
"""Addresses."""


def has_words(text: str) -> bool:
    """Whether there is something to translate in it: no number, no address, no mark alone."""
    return any(char.isalpha() for char in UNTRANSLATABLE.sub("", text))


def words(text: str) -> list[str]:
    """Its words and numbers, in order, case and punctuation aside."""
    return re.findall(r"\w+", text.casefold())

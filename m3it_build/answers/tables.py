"""What templates and filters go by, as it stands in configs/: words, thresholds, phrases."""

import re
import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any


def word_list(name: str) -> tuple[str, ...]:
    """A list of configs/words.toml, in its order."""
    return tuple(_config("words.toml")[name].split())


@dataclass(frozen=True, slots=True)
class Rules:
    """configs/filters.toml."""

    min_words: int
    sentence_words: int
    max_words: int
    min_characters_zh: int
    max_characters_zh: int
    question_similarity: float
    answer_share: float
    foreign_letters: float
    phrase_words: int
    phrase_times: int
    word_times: int
    example_words: int
    spelling_insert: int
    spelling_change: int
    spelling_two: int
    refusal: re.Pattern[str]
    no_image: re.Pattern[str]
    leak: re.Pattern[str]
    markup: re.Pattern[str]
    same: dict[str, str]
    """The word that stands for each."""


@cache
def rules() -> Rules:
    """The thresholds, phrases and synonyms; read once."""
    content = _config("filters.toml")
    values = {field.name: content[field.name] for field in fields(Rules)}
    for name in ("refusal", "no_image", "leak", "markup"):
        values[name] = re.compile("|".join(f"(?:{phrase})" for phrase in values[name]), re.IGNORECASE)
    values["same"] = {word: line[0] for line in values["same"] for word in line}
    return Rules(**values)


@cache
def _config(name: str) -> dict[str, Any]:
    content: dict[str, Any] = tomllib.loads((files("m3it_build.configs") / name).read_text("utf-8"))
    return content

"""VCR's tokens become the text that was typed; `_orig` fields, where a record has them, show how."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m3it_build.plan.registry import load_registry

OBJECTS = load_registry()["vcr"].module.Objects
NAMES = ["person", "person", "car"]
COLOURS = ("red", "blue", "green")
TYPED = [
    # apostrophes
    "The girls' dresses are new.",
    "It's 5 o'clock, and they're late.",
    "He isn't here, she can't come, we'll wait, I'm fine and you've won.",
    "{1}'s hat and {2}'s shoes",
    "{1}'s late.",
    "What's {1} up to?",
    "Charles' car",
    "the girls' room and the boys' room",
    "He is goin' home.",
    "Go get 'em, y'all, ma'am said so.",
    "music of the '80s",
    "They play rock 'n' roll.",
    # quotation marks
    'The sign says "open" in red.',
    '{1} said, "I will go," and left.',
    '"Hello," says {2}.',
    '{1} asks {2}, "Why?"',
    'Is this the "boss" or the "cook"?',
    "{1} says 'yes' to {2}.",
    "{1} shouts 'stop it' and runs.",
    "{1}'s dog says 'woof'.",
    '"Get out!" {1} yells.',
    "'Get out!' {1} yells.",
    "“Get out!” {1} and {2} yell.",
    "{1} screams 'the girls' room is on fire' again.",
    "He said “no” to {1}.",
    # numbers
    "It is 5:30 in the morning.",
    "It costs $5.50 or £20.",
    "About 50% of 1,000 people are 2.5 years older.",
    "He is 6'2\" tall.",
    "She is his #1 fan.",
    "In 1950, 30 men came.",
    "There are two things: 10 cups.",
    # hyphens, dashes, slashes
    "a well-dressed man in a T-shirt",
    "a face-to-face talk",
    "a do-it-yourself store",
    "a two- and three-year-old",
    "Yes - he is.",
    "because - well - {1} is here",
    "{1} leaves - well - he is sad.",
    "because - well-dressed as ever - they left",
    "{1} is - maybe - late.",
    "He is well-dressed - {1} is not.",
    "a not-so-well-dressed man, so-called",
    "a two-and-a-half year old yes-man",
    "{1} - the cook - is here.",
    "{1} leaves -- late as ever -- with {2}.",
    "by bus and/or train",
    "He/she is late.",
    "{1} / {2} is late.",
    # stops and brackets
    "Well... {1} is sad.",
    "What?! No!",
    "{1} (and {2}) left.",
    "(see {3})",
    "the U.S. army at 5 p.m. on Monday",
    "the person(s) in charge",
    "R&B in a bed & breakfast",
]
"""How an annotator types; the numbers of objects, which count from 1, are in braces here."""


def tokens(typed: str) -> list[Any]:
    """A typed text as the source cuts it: every mark a token, objects as lists that count from 0."""
    cut = re.findall(r"\{\d\}|[^\W_]+|[^\w\s]", typed)
    return [[int(token[1]) - 1] if token[0] == "{" else token for token in cut]


def typed(parts: list[Any]) -> str:
    """The text of tokens with each mention taken out again, its number in its place."""
    text: str = OBJECTS(NAMES, dict(enumerate(COLOURS))).text(parts)
    for place, (name, colour) in enumerate(zip(NAMES, COLOURS, strict=True), 1):
        text = re.sub(f"(the )?{name} in the {colour} box", f"{{{place}}}", text, flags=re.IGNORECASE)
    return text


@pytest.mark.parametrize("text", TYPED)
def test_tokens_read_as_they_were_typed(text: str) -> None:
    assert typed(tokens(text)) == text


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (["She", "does", "n't", "know", "what", "'s", "up", "."], "She doesn't know what's up."),
        (["Wait", "...", [0], "is", "here", "."], "Wait... the person in the red box is here."),
        (["``", "Hi", "''", ",", "says", [0]], "``Hi'', says the person in the red box"),
        ([[0, 1], "'", "s", "faces", "."], "The people in the red and blue boxes' faces."),
        ([[0, 1], "’", "s", "faces", "."], "The people in the red and blue boxes’ faces."),
        ([[0, 1], "'", "faces", "."], "The people in the red and blue boxes' faces."),
        (
            ['"', [0], "left", ",", '"', "says", [1], "."],
            '"The person in the red box left," says the person in the blue box.',
        ),
        (['"', "Out", "!", '"', [0], "yells"], '"Out!" the person in the red box yells'),
        (['"', "Out", "!", '"', "man", [0], "yells"], '"Out!" the man in the red box yells'),
        (['"', "Out", ".", '"', [0], "left", "."], '"Out." The person in the red box left.'),
        (["She", "yells", '"', "Stop", "!", [0], "left", '"'], 'She yells "Stop! The person in the red box left"'),
        (
            [[1], "yells", '"', "Out", "!", '"', [0], "thinks", "so", "."],
            'The person in the blue box yells "Out!" The person in the red box thinks so.',
        ),
        (
            ["No", [0, 2], "are", "late"],
            "No, the person in the red box and the car in the green box are late",
        ),
        (["Mr", ".", [0], "is", "late"], "Mr. the person in the red box is late"),
        (["No", ".", '"', [0], "left", ".", '"'], 'No. "The person in the red box left."'),
        (["Well", ".", ".", ".", [0], "left", "."], "Well... the person in the red box left."),
        (["  ", "So", "\t", "what", " ", "?"], "So what?"),
    ],
)
def test_tokens_become_text(parts: list[Any], text: str) -> None:
    assert OBJECTS(NAMES, dict(enumerate(COLOURS))).text(parts) == text


@given(st.lists(st.sampled_from([*"'\"-.,:;!?()[]/#&$%", "s", "12", "he", "and", [0], [1, 2]]), max_size=12))
def test_no_token_is_lost(parts: list[Any]) -> None:
    text = OBJECTS(NAMES, dict(enumerate(COLOURS))).text(parts)
    said = [token for token in parts if isinstance(token, str)]
    assert text == " ".join(text.split())
    rest = iter(text.lower().replace(" ", ""))
    assert all(character in rest for token in said if token != "s" for character in token)


def test_real_records_read_as_they_were_typed(shared: Path) -> None:
    compared = 0
    for split in ("train", "val"):
        for line in (shared / f"sources/vcr/{split}.jsonl").read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            for name in ("question", "answer", "rationale"):
                parts = record[name] if name == "question" else record[f"{name}_choices"][record[f"{name}_label"]]
                names = record["objects"]
                text = OBJECTS(names, {number: f"c{number}" for number in range(len(names))}).text(parts)
                out, orig = masked(text), masked(record[f"{name}_orig"])
                if out.replace(" ", "") == orig.replace(" ", ""):  # else the tokens are another spelling
                    assert out == orig
                    compared += 1
    assert compared > 12


def masked(text: str) -> str:
    """A text without its mentions, with a small letter first and without a stop."""
    called = r"(?:person|people|car|cup|dining table|backpack|horse) in the c\d(?:, c\d)*(?: and c\d)? box(?:es)?"
    return re.sub(rf"(?:the )?(?:{called}|\b\d(?: and \d)*\b)", "#", text, flags=re.IGNORECASE).lower().rstrip(".")

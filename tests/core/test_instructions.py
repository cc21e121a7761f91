"""An instruction is drawn only where the row has what it speaks of."""

import re
from typing import Any

import pytest

from m3it_build.core.errors import SettingsError
from m3it_build.core.instructions import Form, Instruction, Need, RowFacts, fitting, unmet
from m3it_build.core.pool import Pool, parse_pool

PLAIN, SENTENCE = Instruction("Answer."), Instruction("Answer in a sentence.", Form.SENTENCE)
EARLIER = Instruction("Mind what was said before.", needs=(Need.HISTORY,))
BOTH = Instruction("Compare the pictures, then choose.", needs=(Need.SEVERAL_IMAGES, Need.OPTIONS))
POOL = (PLAIN, SENTENCE, EARLIER, BOTH)


@pytest.mark.parametrize(
    ("sentence", "has", "places"),
    [
        (False, (), (0,)),
        (True, (), (0, 1)),
        (False, (Need.HISTORY,), (0, 2)),
        (True, (Need.OPTIONS, Need.ONE_IMAGE), (0, 1)),
        (True, (Need.OPTIONS, Need.SEVERAL_IMAGES, Need.HISTORY), (0, 1, 2, 3)),
    ],
)
def test_what_fits(sentence: bool, has: tuple[Need, ...], places: tuple[int, ...]) -> None:
    assert fitting(POOL, RowFacts(sentence, frozenset(has))) == places


def test_what_is_missing_is_named() -> None:
    facts = RowFacts(sentence=False, has=frozenset({Need.OPTIONS}))
    assert unmet(PLAIN, facts) == []
    assert unmet(BOTH, facts) == ["needs several images"]
    assert unmet(SENTENCE, facts) == ["needs an output that is a sentence"]


def test_entries_are_texts_or_tables() -> None:
    content = {
        "language": "en",
        "instructions": ["Answer.", {"text": "Answer in a sentence.", "form": "sentence"}],
        "further": [
            {"text": "Mind what was said before.", "needs": "history"},
            {"text": "Compare the pictures, then choose.", "needs": ["several images", "options"]},
        ],
    }
    assert parse_pool(content, "t.toml") == Pool("en", (PLAIN, SENTENCE), (EARLIER, BOTH))
    assert parse_pool(content, "t.toml").all == POOL


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"instructions": ["a", {"text": "b", "needs": "option"}]}, "'b' has needs = 'option'.*mean options"),
        ({"instructions": ["a", {"text": "b", "needs": ["histroy"]}]}, "mean history"),
        ({"instructions": ["a", {"text": "b", "form": "sentance"}]}, "form = 'sentance'.*mean sentence"),
        ({"instructions": ["a", {"text": "b", "form": 3}]}, "form = 3.*There are: any, sentence"),
        ({"instructions": ["a", {"text": "b", "need": "options"}]}, "'b' has 'need'.*mean needs"),
        ({"instructions": ["a"], "furthur": ["b"]}, "'furthur'.*mean further"),
        ({"instructions": ["a"], "further": "b"}, "`further` must be a list"),
        ({"instructions": ["a"], "further": ["a"]}, "different"),
        ({"instructions": []}, "different, non-empty"),
        ({"instructions": ["a", "  "]}, "neither"),
        ({"instructions": ["a", 7]}, "7 is neither"),
        ({"instructions": "a"}, "needs `language` and a list"),
        ({"instructions": [{"text": "a", "form": "sentence"}]}, "every instruction has tags"),
    ],
)
def test_a_wrong_file_is_refused(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=rf"^t\.toml: .*{words}") as caught:
        parse_pool({"language": "en", **changed}, "t.toml")
    assert not re.search(r"pydantic|Error\(", str(caught.value))

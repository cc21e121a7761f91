"""Request files keep to the limits of the Batch API."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from m3it_build.answers.batch import MOST_BYTES, MOST_LINES, Batches
from m3it_build.answers.store import AskedFor
from m3it_build.services.chat.client import Message, Request


def questions(count: int, size: int) -> Iterator[tuple[Request, AskedFor]]:
    """Different requests of about so many bytes."""
    for number in range(count):
        text = f"{number} ".ljust(size, "x")
        yield Request("m", (Message("user", text),), {}), AskedFor("okvqa", "short@0", "m")


def parts(count: int, size: int) -> list[list[bytes]]:
    batches: Any = Batches(None, None, Path("unused"))  # type: ignore[arg-type]  # nothing is sent
    return [[line for line, _, _ in part] for part in batches._parts(questions(count, size))]


def test_no_file_has_more_lines_than_allowed() -> None:
    found = parts(2 * MOST_LINES + 1, 1)
    assert [len(part) for part in found] == [MOST_LINES, MOST_LINES, 1]
    keys = [json.loads(line)["custom_id"] for part in found for line in part]
    assert len(set(keys)) == len(keys) == 2 * MOST_LINES + 1


def test_no_file_is_larger_than_allowed() -> None:
    found = parts(250, 900_000)
    assert len(found) == 2
    assert all(sum(map(len, part)) <= MOST_BYTES for part in found)
    assert sum(len(part) for part in found) == 250

"""What tests share: the place of the real source records."""

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("M3IT_SHARED", Path(__file__).parents[2] / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real records of every source and the facts about them."""
    if not (SHARED / "sources").is_dir():
        pytest.skip(
            f"no real source records at {SHARED}; set M3IT_SHARED to the folder that holds sources/ and expected/"
        )
    return SHARED

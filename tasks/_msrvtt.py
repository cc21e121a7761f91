"""What the two tasks on MSR-VTT clips share."""

from typing import Any

from m3it_build.core.sample import Clip
from m3it_build.core.task import Split

from ._numbers import Numbers
from ._video import clip

FOLDERS = ("TrainValVideo", "TestVideo", "video", "videos", "videos/all")
"""Where the clips lie in the archives and copies that users have."""

CLIPS = Numbers(
    "video",
    {Split.TRAIN: range(6513), Split.VALIDATION: range(6513, 7010), Split.TEST: range(7010, 10000)},
    FOLDERS,
)
"""The official splits, of captions and of questions."""

CATEGORIES = (
    "music", "people", "gaming", "sports", "news", "education", "tv", "movie", "animation", "vehicles",
    "howto", "travel", "science", "animals", "kids", "documentary", "food", "cooking", "beauty", "advertisement",
)  # fmt: skip


def category_name(number: Any) -> str | None:
    """A clip's category in words."""
    return CATEGORIES[number] if type(number) is int and 0 <= number < len(CATEGORIES) else None


def msrvtt_clip(number: str) -> Clip:
    """Clip `video<number>`.

    Raises:
        ValueError: it is no number.
    """
    return clip([f"video{int(number)}"], FOLDERS, f"msrvtt:video{int(number)}")

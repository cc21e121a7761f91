"""What the two tasks on MSR-VTT clips share."""

from m3it_build.core.sample import Clip

from ._video import clip

FOLDERS = ("TrainValVideo", "TestVideo", "video", "videos", "videos/all", "")
"""Where the clips lie in the archives and copies that users have."""

CATEGORIES = (
    "music", "people", "gaming", "sports", "news", "education", "tv", "movie", "animation", "vehicles",
    "howto", "travel", "science", "animals", "kids", "documentary", "food", "cooking", "beauty", "advertisement",
)  # fmt: skip


def msrvtt_clip(number: int) -> Clip:
    """Clip `video<number>`."""
    return clip([f"video{int(number)}"], FOLDERS)

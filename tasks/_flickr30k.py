"""What tasks on Flickr30k photos share."""

from pathlib import PurePosixPath

from m3it_build.core.sample import Picture

from ._names import anywhere

FOLDERS = ("flickr30k_images", "flickr30k-images", "flickr30k_images/flickr30k_images", "images")
"""The archive's folder, that of other copies, the twice nested one of Kaggle's, and that of unpacked collections."""


def flickr30k_picture(name: str) -> Picture:
    """A photo by its file name, as `1000092795.jpg`."""
    return Picture(anywhere(f"{folder}/{name}" for folder in FOLDERS), origin=flickr_origin(name))


def flickr_origin(name: str) -> str:
    """A photo's id on Flickr, by which Flickr30k, Flickr8k (with a secret behind it) and VIST name their files."""
    number = PurePosixPath(name).name.partition(".")[0].partition("_")[0]
    return f"flickr:{number}" if number.isdecimal() else ""

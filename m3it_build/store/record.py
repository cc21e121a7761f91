"""What a shard writer is given: small fields as text, pictures as shared base64."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import pybase64

MARK = {"schema": "m3it/1"}
"""In the meta of each shard's first row; it also keeps `datasets` from guessing a fixed struct for `meta` in JSONL."""


@dataclass(frozen=True, slots=True, eq=False)
class StoredImage:
    """A picture as it goes to disk; one object is shared by all rows that show it."""

    data: bytes
    name: str
    sha256: str
    width: int
    height: int
    format: str

    @property
    def facts(self) -> dict[str, Any]:
        """Its entry in `meta.images`."""
        return {
            "name": self.name,
            "sha256": self.sha256,
            "width": self.width,
            "height": self.height,
            "format": self.format,
        }


@dataclass(frozen=True, slots=True)
class Record:
    """One row, ready to be written."""

    instruction: str
    inputs: str
    images: tuple[StoredImage, ...]
    outputs: str
    meta: Mapping[str, Any]


def dumps(value: Any) -> bytes:
    """JSON as it lies on disk: compact, UTF-8, keys in the order given."""
    return msgspec.json.encode(value)


class Encoder:
    """Base64 of pictures, made once for each picture of a shard's current stretch of rows."""

    def __init__(self) -> None:
        self._last: dict[int, tuple[StoredImage, bytes]] = {}

    def base64(self, image: StoredImage) -> bytes:
        """The picture's base64 text; rows of one picture follow each other, so a short memory is enough."""
        known = self._last.get(id(image))
        if known is None:
            if len(self._last) >= 32:
                self._last.clear()
            known = self._last[id(image)] = (image, pybase64.b64encode(image.data))
        return known[1]

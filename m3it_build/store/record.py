"""What a shard writer is given: small fields as text, pictures as shared bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
import pybase64

FIRST = {"first_of_shard": True}
"""In the meta of each shard's first row: with it `datasets`, where it has no card, sees that rows of JSONL differ in
their keys, and does not guess a fixed struct from the first few."""


@dataclass(frozen=True, slots=True, eq=False)
class StoredImage:
    """A picture as it goes to disk; one object is shared by all rows that show it."""

    data: bytes
    name: str
    sha256: str
    width: int
    height: int
    format: str
    origin: str = ""
    """A collection's own id."""
    source_sha256: str = ""
    """Of the source's bytes, where those are not what is stored."""

    @property
    def of_source(self) -> str:
        """SHA-256 of the source's bytes."""
        return self.source_sha256 or self.sha256

    @property
    def facts(self) -> dict[str, Any]:
        """Its entry in `meta.images`."""
        facts = {
            "name": self.name,
            "origin": self.origin,
            "sha256": self.sha256,
            "source_sha256": self.source_sha256,
            "width": self.width,
            "height": self.height,
            "format": self.format,
        }
        return {name: value for name, value in facts.items() if value != ""}


@dataclass(frozen=True, slots=True)
class Record:
    """One row, ready to be written."""

    instruction: str
    inputs: str
    images: tuple[StoredImage, ...]
    outputs: str
    meta: Mapping[str, Any]


class Written(NamedTuple):
    """What a writer wrote."""

    rows: int
    decoded_bytes: int
    """Of the five fields in a reader's memory: UTF-8 text and pictures as they are stored, repeats counted."""


def dumps(value: Any) -> bytes:
    """JSON as it lies on disk: compact, UTF-8, keys in the order given."""
    return msgspec.json.encode(value)


def dump_meta(meta: Mapping[str, Any]) -> bytes:
    """The meta of a row as JSON; what has no value is left out: collating readers cannot batch nulls."""
    data = dumps(meta)
    if not any(empty in data for empty in EMPTY):  # as in most rows: a look costs less than a walk
        return data
    return dumps({**_full(meta), "images": meta["images"]} if "images" in meta else _full(meta))


EMPTY = (b"null", b'""', b"[]", b"{}")


def _full(value: Any) -> Any:
    """A JSON value without nulls, and without keys that hold an empty text, list or object."""
    if isinstance(value, dict):
        parts = {name: _full(part) for name, part in value.items()}
        return {name: part for name, part in parts.items() if part is not None and part not in ("", [], {})}
    if isinstance(value, list | tuple):
        return [_full(part) for part in value if part is not None]
    return value


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

"""JSON files of any size: only the records that are looked at become Python objects."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

import msgspec

from m3it_build.core.errors import SourceError
from m3it_build.core.task import FoundFile
from m3it_build.sources.reading import reading, too_deep

BOM = b"\xef\xbb\xbf"
HEAD = 1024
"""Bytes in which a file's value begins."""
LINE = 64 << 20
"""Bytes that a line may have; the longest official ones have some 100 KB."""
LARGE = 256 << 20
"""Bytes from which a broken file is not decoded once more as Python objects, which take eight times as much, to find
the line."""


class Records(Sequence[Any]):
    """A JSON array whose items are decoded when they are asked for.

    The raw text is kept, not the objects: VQA v2's 443,757 annotations take 0.4 GB this way instead of 2 GB.
    """

    def __init__(self, file: FoundFile, items: list[Any]) -> None:
        self.file = file
        self._items = items

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, place: int) -> Any: ...
    @overload
    def __getitem__(self, place: slice) -> list[Any]: ...
    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return [_decoded(self.file, item) for item in self._items[place]]
        return _decoded(self.file, self._items[place])

    def __iter__(self) -> Iterator[Any]:
        return (_decoded(self.file, item) for item in self._items)

    def pick(self, *fields: str) -> Iterator[dict[str, Any]]:
        """Some fields of each item, None where it lacks one, without decoding the rest; {} for what is no object."""
        decoder = msgspec.json.Decoder(msgspec.defstruct("Picked", [(field, Any, None) for field in fields]))
        for item in self._items:
            if isinstance(item, msgspec.Raw):
                try:
                    picked = decoder.decode(item)
                except msgspec.ValidationError:
                    yield {}
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                    value = _decoded(self.file, item)  # tells what is wrong with it, if it is more than a NaN
                    yield {field: value.get(field) for field in fields} if isinstance(value, dict) else {}
                else:
                    yield {field: getattr(picked, field) for field in fields}
            else:
                yield {field: item.get(field) for field in fields} if isinstance(item, dict) else {}


class Entries(Mapping[str, Any]):
    """A JSON object whose values are decoded when they are asked for."""

    def __init__(self, file: FoundFile, items: dict[str, Any]) -> None:
        self.file = file
        self._items = items

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __getitem__(self, key: str) -> Any:
        return _decoded(self.file, self._items[key])

    def array(self, key: str) -> Records:
        """The array under `key`, its items not decoded yet: several arrays of a large file in one reading.

        Raises:
            SourceError: no array there.
        """
        item = self._items.get(key)
        if isinstance(item, msgspec.Raw):
            try:
                item = msgspec.json.decode(item, type=list[msgspec.Raw])
            except msgspec.ValidationError:
                item = None
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                item = _decoded(self.file, item)
        if not isinstance(item, list):
            raise _unexpected(self.file, (key,), "a list")
        return Records(self.file, item)


def read_array(file: FoundFile, *path: str) -> Records:
    """The array at `path` (keys from the top of the file; none for the top itself).

    Raises:
        SourceError: broken JSON (with its position), or no array there.
    """
    found = _at(file, path, list[msgspec.Raw])
    if not isinstance(found, list):
        raise _unexpected(file, path, "a list")
    return Records(file, found)


def read_records(file: FoundFile, key: str) -> Records:
    """The array under `key`, or at the top: copies of some files lack the header around it.

    Raises:
        SourceError: as `read_array`.
    """
    return read_array(file) if holds_array(file) else read_array(file, key)


def holds_array(file: FoundFile) -> bool:
    """Whether the file's value is an array, and no object (with a header, or one a line)."""
    with reading(file, "JSON"), file.open() as stream:
        return stream.read(HEAD).removeprefix(BOM).lstrip()[:1] == b"["


def read_object(file: FoundFile, *path: str) -> Entries:
    """The object at `path`, as a mapping.

    Raises:
        SourceError: broken JSON (with its position), or no object there.
    """
    found = _at(file, path, dict[str, msgspec.Raw])
    if not isinstance(found, dict):
        raise _unexpected(file, path, "an object")
    return Entries(file, found)


def read_json(file: FoundFile) -> Any:
    """The whole file as Python objects; for small ones."""
    return _decoded(file, msgspec.Raw(_text(file)))


def read_jsonl(file: FoundFile) -> Iterator[tuple[int, Any]]:
    """Line numbers (from 1) and values of a file with one JSON value a line; blank lines are skipped.

    Raises:
        SourceError: a line that is not JSON, with its number.
    """
    with reading(file, "JSON lines"), file.open() as stream:
        number = 0
        while line := stream.readline(LINE + 1):
            number += 1
            if len(line) > LINE:
                raise SourceError(f"{file.path}: line {number} has more than {LINE:,} bytes. Download the file again.")
            text = line.removeprefix(BOM).strip() if number == 1 else line.strip()
            if text:
                yield number, _line(file, number, text)


def _line(file: FoundFile, number: int, text: bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except RecursionError as error:
        raise too_deep(file, f"line {number}: ") from error
    except (msgspec.DecodeError, UnicodeDecodeError):
        try:
            return json.loads(text)  # NaN is no JSON, but some writers leave it
        except RecursionError as error:
            raise too_deep(file, f"line {number}: ") from error
        except ValueError as error:
            raise SourceError(f"{file.path}: line {number} is not JSON ({error}). Download the file again.") from error


def _text(file: FoundFile) -> Any:
    buffer = file.buffer()
    return memoryview(buffer)[3:] if buffer[:3] == BOM else buffer


def _at(file: FoundFile, path: Sequence[str], kind: Any) -> Any:
    text = _text(file)
    found: Any = msgspec.Raw(text)
    try:
        for key in path:
            fields = msgspec.json.decode(found, type=dict[str, msgspec.Raw])
            if key not in fields:
                raise SourceError(
                    f"{file.path}: no {key!r} in it. Is it the right file? It should hold {'.'.join(path)!r}."
                )
            found = fields[key]
        return msgspec.json.decode(found, type=kind)
    except msgspec.ValidationError:
        return None
    except RecursionError as error:
        raise too_deep(file) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if len(text) > LARGE:
            place = re.search(r"byte (\d+)", str(error))
            raise SourceError(
                f"{file.path}: broken JSON at byte {place[1] if place else len(text)} of {len(text)}: {error}. "
                "The download may be incomplete; fetch the file again."
            ) from error
        value = _loads(file, text)
        for key in path:
            if not isinstance(value, dict) or key not in value:
                raise _unexpected(file, path, "a value") from None
            value = value[key]
        return value


def _decoded(file: FoundFile, item: Any) -> Any:
    if not isinstance(item, msgspec.Raw):
        return item
    try:
        return msgspec.json.decode(item)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _loads(file, memoryview(item))


def _loads(file: FoundFile, text: Any) -> Any:
    """Decode with the standard library: slower, takes NaN, and says where the text is broken."""
    try:
        return json.loads(bytes(text))
    except json.JSONDecodeError as error:
        raise SourceError(
            f"{file.path}: broken JSON at line {error.lineno}, column {error.colno} (character {error.pos}): "
            f"{error.msg}. The download may be incomplete; fetch the file again."
        ) from error
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{file.path}: byte {error.start} is not UTF-8. Fetch the file again or convert it."
        ) from error
    except RecursionError as error:
        raise too_deep(file) from error
    except ValueError as error:  # a number of thousands of digits
        raise SourceError(f"{file.path}: not readable as JSON ({error}). Is it the right file?") from error


def _unexpected(file: FoundFile, path: Sequence[str], kind: str) -> SourceError:
    where = f"at {'.'.join(path)!r}" if path else "at the top"
    return SourceError(f"{file.path}: expected {kind} {where}. Is it the right file?")

"""Caption files of one line a caption, shared by the Chinese caption tasks."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from m3it_build.core.sample import Origin, Reason, Reject, Row, Rows, Variant
from m3it_build.core.task import FoundFile
from m3it_build.sources.rows import bad_record


class Line(NamedTuple):
    """A caption, the picture that it describes, and its number among that picture's captions."""

    picture: str
    number: str
    text: str


def read_captions(
    file: FoundFile, lines: Iterable[str], parse: Callable[[str], Line | None], captions: dict[str, dict[str, str]]
) -> Iterator[Reject]:
    """Fill `captions` (texts by number by picture); lines of another form and repeated numbers are rejected."""
    for place, line in enumerate(lines, 1):
        if not line.strip():
            continue
        found = parse(line)
        if found is None:
            yield bad_record(file, place, f"line {place} is no caption line")
        elif found.number in captions.setdefault(found.picture, {}):
            detail = f"line {place}: {found.picture}#{found.number} stands twice"
            yield Reject(f"{file.name}#{place}", "source", Reason.DUPLICATE_ID, detail)
        else:
            captions[found.picture][found.number] = found.text


def caption_rows(file: FoundFile, names: Iterable[str], captions: Mapping[str, Mapping[str, str]]) -> Rows:
    """One row for each picture of a split's list."""
    for line in names:
        if name := line.strip():
            yield Row(name, {"picture": name, "captions": captions.get(name, {})}, Origin(file.name, name))


def caption_variants(row: Row) -> tuple[Variant, ...]:
    """The row's captions that are not empty, by number."""
    captions: Mapping[str, str] = row.fields["captions"]
    numbers = sorted(
        (number for number in captions if captions[number].strip()), key=lambda number: (len(number), number)
    )
    return tuple(Variant(outputs=captions[number], meta={"caption_number": int(number)}) for number in numbers)

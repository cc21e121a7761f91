"""What flows from a source record to a row: Row, Sample, Reject."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from m3it_build.core.instructions import Need

Json = Any
"""A JSON value. Spelled Any because recursive aliases help no reader here."""

Fields = Mapping[str, Any]
"""A record's values by the names that the source gives them: what JSON, a table's cells or a task's own reader hold.
Nothing is promised of them. A conversion takes them for what the source documents; where one is something else, it
stumbles (KeyError, IndexError, TypeError, ValueError, AttributeError), and the record is rejected as a bad one."""


class Reason(StrEnum):
    """Why a record did not become a row; `DECISIONS` says which of them are no fault of a file."""

    BAD_RECORD = "bad record"
    """Not of the documented form: a missing key, a wrong type, an index outside its pool."""
    DUPLICATE_ID = "duplicate id"
    NO_QUESTION = "no question"
    """An annotation without its question."""
    NO_ANNOTATION = "no annotation"
    """A question without its annotation."""
    NO_ANSWER = "no answer"
    """An annotation that the source gives an answer, and this file does not."""
    NO_LABEL = "no label"
    WITHHELD = "answer withheld"
    NO_AGREEMENT = "no agreed answer"
    NO_PICTURE = "no picture by design"
    LOST_PICTURE = "picture lost by the source"
    """A question about a picture that the source itself does not have."""
    FURTHER_TEXT = "further text of a picture"
    EMPTY_TEXT = "empty text"
    DAMAGED_TEXT = "damaged text"
    """Control characters, also those that turn round what stands after them, or UTF-8 that was read as another
    encoding."""
    LONG_TEXT = "text too long"
    BAD_LABEL = "bad label"
    """A class label outside the documented range."""
    BAD_BOX = "bad box"
    """Outside the picture, of no area, or not four finite numbers."""
    UNCLEAR_REGION = "unclear region"
    FEW_OPTIONS = "too few options"
    NO_MEDIA = "no media"
    """The record names no picture or clip, though each record of the source has one."""
    MISSING_MEDIA = "missing media"
    DIFFERENT_MEDIA = "different files of one name"
    """Not where the record's picture should lie, and elsewhere more than one that it may be."""
    UNSAFE_PATH = "unsafe path"
    """A path that leaves the source folder."""
    BAD_IMAGE = "unreadable image"
    OTHER_SIZE = "picture of another size"
    """Than its annotation states: boxes would lie elsewhere, or it is another picture."""
    ONE_PICTURE = "one picture under several names"
    """All pictures of the row are the same bytes: what a server sends for pictures that are gone."""
    OTHER_SPLIT = "of another split"
    """The official lists or numbers put it into another split than the file does."""
    IMAGE_TOO_LARGE = "image too large"
    """More pixels or bytes than allowed: a decompression bomb or a mistake."""
    BAD_VIDEO = "unreadable video"
    LONG_SENTENCE = "sentence too long to translate"
    OTHER_LANGUAGE = "translated into another language"
    CUT_OFF = "translation without an end"
    MODEL_MARK = "mark of the model in a translation"
    EMPTY_TRANSLATION = "empty translation"
    LONG_TRANSLATION = "translation too long"
    SHORT_TRANSLATION = "translation too short"
    REPETITION = "translation repeats itself"
    LOST_NUMBER = "number lost in translation"
    OUT_OF_MEMORY = "out of memory while translating"

    @property
    def filtered(self) -> bool:
        """Whether it is a decision of ours about a whole source; else a file is broken, missing or misformed."""
        return self in DECISIONS


DECISIONS: Mapping[Reason, str] = {
    Reason.NO_LABEL: "the source publishes the record without a label",
    Reason.WITHHELD: "the source keeps the answer for its server",
    Reason.NO_AGREEMENT: "most of the people who were asked gave no answer",
    Reason.NO_PICTURE: "the source has records without a picture, and a row needs one",
    Reason.LOST_PICTURE: "the question speaks of a picture that the source itself lacks",
    Reason.FURTHER_TEXT: "the source describes some pictures more than once, and the paper counts pictures",
    Reason.UNCLEAR_REGION: "a crowd, too small to see, not to be told from another object, or too many for the colours",
    Reason.FEW_OPTIONS: "nothing to choose from: fewer than two different options",
}
"""Why a record that is as its source means it to be is not taken: it is filtered, not rejected."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record stands in the source: enough to find it again."""

    file: str
    record: str
    """The source's own id, or a line number where it has none."""


@dataclass(frozen=True, slots=True)
class Row:
    """One raw record, as the source has it."""

    key: str
    """Unique in its split, stable across runs and across the order of records."""
    fields: Fields
    origin: Origin


class Picture(msgspec.Struct, frozen=True, tag=True):
    """A reference to one picture; nothing is opened before the shard is written."""

    paths: tuple[str, ...]
    """Candidates relative to the source folder, first found wins. `x.parquet#12/image` is a cell."""
    data: bytes = b""
    """The encoded picture itself, for sources that keep pictures in arrays."""
    optional: bool = False
    """Left out of the row if it is missing or cannot be read, as long as another picture of the row can."""
    origin: str = ""
    """A collection's own id, as `coco:900303`: the same for every task that shows this picture."""
    size: tuple[int, int] | None = None
    """Width and height in pixels, where the annotation states those of the file that is handed out. A picture of
    another size is rejected; one on which nothing is drawn may also lie on its side."""


class Clip(msgspec.Struct, frozen=True, tag=True):
    """A reference to a video from which frames are sampled uniformly."""

    paths: tuple[str, ...]
    start: float | None = None
    """First second of a window; None is the beginning. Seconds count from where the file begins, as in players, with
    its sound or its picture, whichever comes first."""
    end: float | None = None
    """Where the window ends, half-open: frames before it belong to it, one at it does not. None is the end."""
    frames: int = 8
    """Paper, 4.1: eight uniformly sampled frames."""
    origin: str = ""
    """A collection's own id of the video, as `youtube:_4zbHFyFvVg`."""


@dataclass(frozen=True, slots=True)
class Region:
    """A box drawn on a picture (paper, 3.2: boxes are drawn, not described)."""

    box: tuple[float, float, float, float]
    """x0, y0, x1, y1 in pixels of the original picture, origin top left."""
    label: str = ""
    colour: str = "red"
    image: int = 0
    """Index of the picture in the sample."""


@dataclass(frozen=True, slots=True)
class Options:
    """Candidate answers of a classification; drawn, shuffled and lettered by hash."""

    answer: str
    others: Sequence[str] = ()
    count: int | None = None
    """How many options to show, the answer included; None shows all."""
    ordered: bool = False
    """Keep `others` and the answer in the order of `others` (which then holds the answer)."""
    verbatim: bool = False
    """The target is the option to the letter, without a stop: where marks may be what is asked for."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One of several texts for the same picture; one is chosen by hash."""

    inputs: str = ""
    outputs: str = ""
    answer: str | None = None
    traits: tuple[Need, ...] = ()
    """As of a sample."""
    meta: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sample:
    """What an adapter makes of a row; media are still references."""

    key: str
    images: tuple[Picture | Clip, ...]
    inputs: str = ""
    outputs: str = ""
    """The target, where it is not a short answer; with options, the reason that is given before the lettered answer."""
    answer: str | None = None
    """A short answer: becomes a sentence by paraphrase or template (paper, 3.2 stage II)."""
    options: Options | None = None
    variants: tuple[Variant, ...] = ()
    regions: tuple[Region, ...] = ()
    unit: str = ""
    """What sampling keeps or drops as a whole, and what draws one variant for all; the key where empty. The last
    one of a sample may be cut, so that its count is kept, and a row that is lost with its picture leaves the others."""
    priority: int = 0
    """What a sample of the split takes first: smaller numbers, and the hash decides among equals; one for all of a
    unit."""
    context: Mapping[str, str] = field(default_factory=dict)
    """For the paraphraser only: `caption`, `ocr`, `rationale`."""
    traits: tuple[Need, ...] = ()
    """What only the task can tell of what instructions need: `Need.HISTORY`."""
    meta: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a part of a record, before it is known whose."""

    reason: Reason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that becomes no row, and why."""

    key: str
    stage: str
    reason: Reason
    detail: str = ""


Rows = Iterator[Row | Reject]
"""What the reader of a split yields: its records, and those that have no key."""


class Tally(NamedTuple):
    """Records that became no row, by reason: those that we chose not to take, apart from what is broken."""

    filtered: dict[str, int]
    rejected: dict[str, int]


def tally(rejects: Iterable[Reject]) -> Tally:
    """Count rejects by fate and reason."""
    counts = sorted(Counter(reject.reason for reject in rejects).items())
    return Tally(
        {reason.value: count for reason, count in counts if reason.filtered},
        {reason.value: count for reason, count in counts if not reason.filtered},
    )


def reject(row: Row, reason: Reason, detail: str = "") -> Reject:
    """The reject of `row` decided while converting it."""
    return Reject(row.key, "convert", reason, detail)

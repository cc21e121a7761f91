"""What was planned and what was written; the counts of everything that follows come from here."""

import hashlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from m3it_build.core.errors import OutputError
from m3it_build.core.instructions import Instruction
from m3it_build.core.task import Group, Split, Translated
from m3it_build.store.atomic import write_atomic
from m3it_build.store.output import Format, Images
from m3it_build.store.record import dumps
from m3it_build.store.state import DamagedState, read_sealed, sealed
from m3it_build.store.twins import Names

NO_ANSWERS = hashlib.sha256().hexdigest()
"""The answers' hash of a shard without short answers."""


class Frozen(BaseModel):
    """A file of the state folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")


F = TypeVar("F", bound=Frozen)

Name = Annotated[str, Field(pattern=r"^[^./\\\x00][^/\\\x00]*$")]
"""A part of a path."""
Count = Annotated[int, Field(ge=0)]


class SourceFile(Frozen):
    """An annotation file that a plan was made from."""

    name: str
    bytes: int
    sha256: str


SAMPLE_MODEL = "glossary"
"""The bundled glossary that stands for a model."""


class TranslationFacts(Frozen):
    """By what a split was translated."""

    language: Name
    """The config's: `de` of `okvqa-de`."""
    nllb: str
    """The model's code of it: `deu_Latn`."""
    model: str
    model_hash: str
    """Of weights, vocabulary and SentencePiece model."""
    license: str | None
    """Of the model."""
    decoding: dict[str, Any]
    score: float | None
    """Of the language at the gate; None if it was chosen by name."""
    metric: str | None
    """Of the score."""

    @property
    def sample(self) -> bool:
        """Whether no model made it."""
        return self.model == SAMPLE_MODEL


def _tagged(instruction: object) -> object:
    """A plain text, as folders of an older version have it, so that what lies there can be validated."""
    return {"text": instruction} if isinstance(instruction, str) else instruction


class Summary(Frozen):
    """A planned split: facts of its task, how it was planned, how many records went where."""

    task: Name
    split: str
    title: str
    group: Name
    category: str
    languages: list[str]
    license: str
    license_note: str = ""
    redistributable: bool
    homepage: str
    citation: str
    paraphrased: bool
    held_out: bool
    translated: Translated | None = None
    """As the task says; None in a summary of before it was noted there."""
    """What the paper translates of it; a translation that is asked for takes as many rows of NO as of SAMPLE."""
    version: str
    """Of m3it; says nothing of the bytes."""
    rows: int = 0
    """`ROWS` of the m3it that planned it."""
    code: dict[str, str] = {}
    """The task's own source files, by the SHA-256 of each."""
    settings: dict[str, Any]
    """Those that change bytes."""
    instructions: tuple[Annotated[Instruction, BeforeValidator(_tagged)], ...]
    """The pool, in the order of `meta.instruction_index`."""
    files: list[SourceFile]
    fingerprint: str
    """Hash of everything that changes the bytes of this split."""
    plan: str = ""
    """SHA-256 of the plan's file: a plan that is another one is made again. Empty in a summary of a translation."""
    read: Count
    """Records in the source: planned + filtered + rejected + left_out."""
    planned: Count
    filtered: dict[str, int] = {}
    """By reason: whole records that are not taken by design."""
    rejected: dict[str, int]
    """By reason: what is broken or missing. Both as decided before any picture was opened."""
    left_out: Count
    """Not sampled: the split has more records than the preset or --limit takes. Spares count until they are tried."""
    shards: Count
    """Those of the plan, and those of replacements."""
    replacements: Count = 0
    """So many of the shards, the last ones, hold records in place of lost ones; known when the others are written."""
    translation: TranslationFacts | None = None
    """None for a split that was built from its source."""

    @field_validator("split")
    @classmethod
    def _known(cls, split: str) -> str:
        return Split(split).value

    @model_validator(mode="after")
    def _fit(self) -> "Summary":
        """What paths, loops and readers take for granted."""
        Format(str(self.settings.get("format")))
        Images(str(self.settings.get("images")))
        if not all(isinstance(self.settings.get(name), int) for name in ("seed", "rows_per_shard")):
            raise ValueError("settings without seed or rows_per_shard")
        if not self.replacements <= self.shards <= self.planned + self.left_out:
            raise ValueError(f"{self.shards} shards of {self.planned} records")
        return self

    @property
    def planned_shards(self) -> int:
        """Shards of the plan, which come first."""
        return self.shards - self.replacements

    @property
    def language(self) -> str | None:
        """Of a translation."""
        return self.translation.language if self.translation else None

    @property
    def config(self) -> str:
        """The name that it is loaded by."""
        return self.task if self.translation is None else f"{self.task}-{self.translation.language}"


class Replaces(Frozen):
    """What a shard of replacements was made of; made again where one of these would be another now."""

    first: Count
    """The first spare that it tried, counted from 0."""
    wanted: Count
    """So many rows."""
    tried: Count
    """So many spares it took, or there were."""


class Manifest(Frozen):
    """A committed shard."""

    file: str | None
    """Relative to the output folder; None where every row was rejected."""
    rows: Count
    bytes: Count
    sha256: str | None
    decoded_bytes: Count = 0
    """Of all rows in a reader's memory, repeated pictures counted each time."""
    filtered: dict[str, int] = {}
    rejected: dict[str, int]
    images: Count
    """Distinct pictures and frames."""
    image_bytes: Count
    fingerprint: str
    answers: str
    """Hash of the stored answers that went into it."""
    pictures: dict[int, int] = {}
    """Rows by their number of pictures."""
    paraphrase: dict[str, int] = {}
    """Rows with a short answer, by how it was written out."""
    replaces: Replaces | None = None
    """None for a shard of the plan."""
    digests: str = ""
    """Of its rows, as base64: `twins.row_digest`. Empty in a shard of a translation."""
    several_names: dict[str, Names] = {}
    """Pictures that are files of several names, by the SHA-256 of the source's bytes."""
    left_out_pictures: Count = 0
    """Optional pictures of its rows that were not there."""

    @field_validator("file")
    @classmethod
    def _below(cls, file: str | None) -> str | None:
        """A shard lies below one of two folders, and nowhere else."""
        parts = PurePosixPath(file).parts if file is not None else ("data", "", "")
        if "\0" in str(file) or ".." in parts or len(parts) < 3 or parts[0] not in ("data", "translated"):
            raise ValueError(f"{file!r} is no shard")
        return file

    @property
    def spares(self) -> int:
        """Records that the sample had left out and that were tried in place of lost ones."""
        return self.replaces.tried if self.replaces else 0

    @property
    def lost(self) -> int:
        """Records that became no row."""
        return sum(self.filtered.values()) + sum(self.rejected.values())

    @property
    def records(self) -> int:
        """Planned ones and spares: those that became rows and those that did not."""
        return self.rows + self.lost


def task_order(summary: Summary) -> tuple[int, str, str, int]:
    """Where a split stands in every list: by group, task, language, and train, validation, test."""
    groups, splits = list(Group), list(Split)
    group = groups.index(Group(summary.group)) if summary.group in groups else len(groups)
    return group, summary.task, summary.language or "", splits.index(Split(summary.split))


def save(path: Path, content: Frozen) -> None:
    """Write a state file as a whole."""
    write_atomic(path, sealed(content.model_dump_json(indent=1).encode()))


def load(path: Path, kind: type[F]) -> F:
    """Read a state file.

    Raises:
        DamagedState: it is none.
        MachineError: it cannot be read.
        OutputError: it is not there.
    """
    found = find(path, kind)
    if found is None:
        raise OutputError(f"{path}: was there a moment ago, and is gone. Run the same command again.")
    return found


def find(path: Path, kind: type[F]) -> F | None:
    """Read a state file that may not be there.

    Raises:
        DamagedState: it is none.
        MachineError: it cannot be read.
    """
    data = read_sealed(path)
    try:
        return None if data is None else kind.model_validate_json(data)
    except (ValidationError, RecursionError) as error:
        told = error.errors()[0]["msg"] if isinstance(error, ValidationError) else "nested too deep"
        raise DamagedState(f"{path}: not a state file of this version of m3it ({told})") from error


def fingerprint(facts: Mapping[str, object]) -> str:
    """Hash of everything that changes a split's bytes."""
    return hashlib.sha256(dumps(dict(sorted(facts.items())))).hexdigest()

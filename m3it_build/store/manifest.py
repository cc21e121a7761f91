"""What was planned and what was written; the counts of everything that follows come from here."""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from m3it_build.core.errors import OutputError
from m3it_build.store.atomic import write_atomic


class Frozen(BaseModel):
    """A file of the state folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")


F = TypeVar("F", bound=Frozen)


class SourceFile(Frozen):
    """An annotation file that a plan was made from."""

    name: str
    bytes: int
    sha256: str


class Summary(Frozen):
    """A planned split: facts of its task, how it was planned, how many records went where."""

    task: str
    split: str
    title: str
    group: str
    category: str
    languages: list[str]
    license: str
    redistributable: bool
    homepage: str
    citation: str
    paraphrased: bool
    held_out: bool
    version: str
    """Of m3it."""
    settings: dict[str, Any]
    """Those that change bytes."""
    instructions: list[str]
    files: list[SourceFile]
    fingerprint: str
    """Hash of everything that changes the bytes of this split."""
    read: int
    """Records in the source: planned + rejected + left_out."""
    planned: int
    rejected: dict[str, int]
    """By reason, decided before any picture was opened."""
    left_out: int
    """Not sampled: the split has more records than the preset or --limit takes."""
    shards: int


class Manifest(Frozen):
    """A committed shard."""

    file: str | None
    """Relative to the output folder; None where every row was rejected."""
    rows: int
    bytes: int
    sha256: str | None
    rejected: dict[str, int]
    images: int
    """Distinct pictures and frames."""
    image_bytes: int
    fingerprint: str
    answers: str
    """Hash of the stored answers that went into it."""


def save(path: Path, content: Frozen) -> None:
    """Write a state file as a whole."""
    write_atomic(path, content.model_dump_json(indent=1).encode() + b"\n")


def load(path: Path, kind: type[F]) -> F:
    """Read a state file.

    Raises:
        OutputError: it is not one; names what to do.
    """
    try:
        return kind.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        lines = str(error).splitlines()
        raise OutputError(f"{path}: not a state file of this version of m3it ({lines[0]}). Use --overwrite.") from error

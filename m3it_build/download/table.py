"""The table of files: what each task needs, where it is had, how big it is and which hashes it has."""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Mapping
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from m3it_build.core.errors import SettingsError
from m3it_build.settings import in_words

ADDRESS = re.compile(r"https?://[^/\s]+/\S*|hub:[\w.-]+/[\w.-]+/\S+|drive:[\w-]+")
ARCHIVES = (".tar.gz", ".tgz", ".tar", ".zip", ".gz")


class Kind(StrEnum):
    """What a file holds: texts and lists, or pictures and clips (perhaps beside texts)."""

    ANNOTATIONS = "annotations"
    MEDIA = "media"


class Access(StrEnum):
    """How a file is had."""

    OPEN = "open"
    HUB = "hub"
    DRIVE = "drive"
    FORM = "form"
    LOGIN = "login"
    YOUTUBE = "youtube"
    DEAD = "dead"


def is_name(part: str) -> bool:
    """Whether a file or a folder can have this name, and a terminal can show it."""
    strange = any(unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp") for each in part)
    return (
        part not in ("", ".", "..") and "\\" not in part and not strange and len(part.encode("utf-8", "replace")) < 240
    )


def _place(value: str) -> str:
    parts = value.removesuffix("/").split("/")
    if (len(parts) < 2 and not value.endswith("/")) or not all(
        is_name(part) and not part.startswith(".") and not re.search(r'[:*?"<>|]', part) for part in parts
    ):
        raise ValueError("must be a path below the folder of sources, as okvqa/questions.zip")
    return value


def _address(value: str) -> str:
    if not ADDRESS.fullmatch(value) or not value.isprintable() or not _has_host(value):
        raise ValueError("must be an address: https://..., hub:ORG/REPO/PATH or drive:ID")
    return value


def _has_host(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return not value.startswith("http") or (bool(parts.hostname) and parts.port != 0)
    except ValueError:
        return False


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Wanted(_Entry):
    """One file, or the files of a folder that a pattern of the Hub names."""

    place: Annotated[str, AfterValidator(_place)]
    """Where it lies in the folder of sources; one that ends in a slash is a folder for several files."""
    tasks: list[str] = Field(alias="for", min_length=1)
    """Those that need it."""
    optional_for: list[str] = []
    """Those of them that do without."""
    kind: Kind
    access: Access
    gated: bool = False
    """Of the Hub: its owner lets in by account."""
    mirror: bool = False
    """Nobody's own."""
    urls: list[Annotated[str, AfterValidator(_address)]] = []
    """The owner's first; all have the same bytes."""
    bytes: int | None = Field(default=None, gt=0)
    about: int | None = Field(default=None, gt=0)
    """Bytes, where only a rounded size is known."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    md5: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None
    git: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")] | None = None
    """Id of the git blob."""
    source: str = ""
    """Where size and hashes stand."""
    page: str = ""
    say: str = ""
    """What a person does there."""
    extract: Annotated[str, AfterValidator(_place)] | None = None
    """The folder into which the archive is unpacked."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not self.urls and not (self.page and self.say):
            raise ValueError("a file without urls needs page and say")
        if not self.urls and self.access in (Access.OPEN, Access.HUB) and not self.page:
            raise ValueError("an open file needs urls or a page")
        if any(url.startswith("hub:") and re.search(r"[*?]", url) for url in self.urls) != (
            self.place.endswith("/") and bool(self.urls)
        ):
            raise ValueError("a pattern of the Hub goes with a place that ends in a slash, and no other does")
        if wrong := set(self.optional_for) - set(self.tasks):
            raise ValueError(f"optional_for names {sorted(wrong)}, which for does not")
        return self

    @property
    def hashes(self) -> Mapping[str, str]:
        """Those that are known, the strongest first."""
        known = {"sha256": self.sha256, "git": self.git, "md5": self.md5}
        return {name: value for name, value in known.items() if value is not None}

    @property
    def size(self) -> int | None:
        """In bytes, exact or rounded."""
        return self.bytes or self.about

    @property
    def unpacked(self) -> str:
        """Its place without the suffix of an archive: what a person has who unpacked it."""
        suffix = next((each for each in ARCHIVES if self.place.endswith(each)), "")
        return self.place.removesuffix(suffix)


class Choice(_Entry):
    """A task needs one of several sets of files."""

    task: str
    of: list[list[str]] = Field(min_length=2)
    """Places; the sets in order of preference."""


class Table(_Entry):
    """All files that can be needed."""

    file: list[Wanted]
    choice: list[Choice] = []

    @model_validator(mode="after")
    def _fits(self) -> Self:
        places = {each.place: each for each in self.file}
        if len(places) != len(self.file):
            twice = sorted({each.place for each in self.file if sum(each.place == x.place for x in self.file) > 1})
            raise ValueError(f"{', '.join(twice)}: stands there twice")
        for choice in self.choice:
            for place in (place for one in choice.of for place in one):
                if place not in places or choice.task not in places[place].tasks:
                    raise ValueError(f"{place}: is chosen for {choice.task}, but is no file for it")
        return self

    def of(self, task: str) -> list[Wanted]:
        """The files of a task, alternatives included."""
        return [each for each in self.file if task in each.tasks]

    def ways(self, task: str) -> tuple[list[Wanted], list[list[list[Wanted]]]]:
        """What a task needs in any case, and for each choice the sets of which it needs one."""
        own = {each.place: each for each in self.of(task)}
        choices = [[[own[place] for place in one] for one in each.of] for each in self.choice if each.task == task]
        chosen = {each.place for ways in choices for way in ways for each in way}
        return [each for place, each in own.items() if place not in chosen], choices


def read_table(path: Path | None = None, tasks: Collection[str] = ()) -> Table:
    """The bundled table, or another one.

    Args:
        path: Of another one.
        tasks: All that there are, so that it can name no other; without them it may.

    Raises:
        SettingsError: it cannot be read, or is no such table.
    """
    if path is None:
        return _bundled()
    table = _read(path)
    for each in table.file if tasks else ():
        if unknown := sorted(set(each.tasks) - set(tasks)):
            raise SettingsError(f"{path}: {each.place} is for {', '.join(unknown)}, which is no task. See: m3it tasks")
    return table


@cache
def _bundled() -> Table:
    return _read(Path(str(resources.files("m3it_build.configs") / "downloads.toml")))


def _read(path: Path) -> Table:
    try:
        return Table.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror}). Check [download] table.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(each) for each in first["loc"])
        raise SettingsError(f"{path}{f', {where}' if where else ''}: {in_words(first)}.") from error
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{path}: not TOML ({error}).") from error

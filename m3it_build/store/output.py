"""Names in the output folder (a shard is data/<group>/<task>/<split>-00000-of-00004.parquet)."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from m3it_build.store.patience import files_in, folders_in
from m3it_build.store.state import DamagedState

if TYPE_CHECKING:
    from m3it_build.store.manifest import Summary


class Format(StrEnum):
    """How shards are stored."""

    PARQUET = "parquet"
    JSONL = "jsonl"
    JSONL_ZST = "jsonl.zst"


class Images(StrEnum):
    """How pictures are stored."""

    BASE64 = "base64"
    """The released dataset's column `image_base64_str`."""
    BYTES = "bytes"
    """A column `images` with the Image feature of `datasets`, which the Hub's viewer shows."""


def picture_column(images: Images) -> str:
    """The Parquet column that holds the pictures themselves."""
    return "image_base64_str.list.element" if images is Images.BASE64 else "images.list.element.bytes"


class OutputFolder:
    """Every path below one output folder, in one place."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.state = root / ".m3it"
        """Never pushed: plans, manifests, rejects, stores."""
        self.settings = self.state / "settings.json"
        self.lock = self.state / "lock"
        self.answers = self.state / "answers.sqlite"
        """Paraphrases, paid for: nothing here ever deletes them."""
        self.batches = self.state / "batches"
        """Request files of batches that are not over."""
        self.translations = self.state / "translations.sqlite"
        """Translated sentences: hours of work, nothing here ever deletes them."""
        self.gate = self.state / "gate.json"
        """Which languages are good enough."""
        self.card = root / "README.md"
        self.own = (self.state, root / "data", root / "translated")
        """Where everything but the card is written; what lies elsewhere is not ours."""

    def folder(self, group: str, task: str, language: str | None = None) -> Path:
        """Where a task's shards lie, or those of its translation."""
        return self.root / "data" / group / task if language is None else self.root / "translated" / task / language

    def shard_of(self, summary: "Summary", index: int) -> Path:
        """A shard's data file."""
        name = f"{summary.split}-{index:05d}-of-{summary.shards:05d}.{summary.settings['format']}"
        return self.folder(summary.group, summary.task, summary.language) / name

    def data_file(self, name: str) -> Path:
        """A data file by the name that its manifest gives it; the one place where such a name becomes a path.

        Raises:
            DamagedState: it leads out of the output folder, where nobody wrote a shard.
        """
        path = self.root / name
        if not path.resolve().is_relative_to(self.root.resolve()):
            raise DamagedState(f"{path}: leads out of the output folder, and is not read")
        return path

    def plan(self, task: str, split: str) -> Path:
        """The planned rows of a split, a SQLite file."""
        return self.state / "plans" / task / f"{split}.sqlite"

    def summary(self, task: str, split: str, language: str | None = None) -> Path:
        """What a split is and how it was planned; the facts that its shards share."""
        return self._of("manifests", task, language) / f"{split}.json"

    def manifest(self, task: str, split: str, index: int, language: str | None = None) -> Path:
        """A shard's manifest: the shard is committed when it exists."""
        return self._of("manifests", task, language) / f"{split}-{index:05d}.json"

    def rejects(self, task: str, split: str, index: int | None = None, language: str | None = None) -> Path:
        """Rejects decided while planning (no index) or while writing a shard."""
        part = "plan" if index is None else f"{index:05d}"
        return self._of("rejects", task, language) / f"{split}-{part}.jsonl"

    def rejected(self, task: str) -> list[Path]:
        """All rejects files of a task's own splits, in order of their names."""
        return [path for path in files_in(self._of("rejects", task, None)) if path.suffix == ".jsonl"]

    def _of(self, part: str, task: str, language: str | None) -> Path:
        """The folder of a task, in which each of its languages has one of its own."""
        return self.state / part / task / (language or "")

    def summaries(self) -> list[Path]:
        """The summaries of all planned splits, in order of task and split."""
        return self._summaries(folders_in(self.state / "manifests"))

    def translated_summaries(self) -> list[Path]:
        """The summaries of all translated splits, in order of task, language and split."""
        tasks = folders_in(self.state / "manifests")
        return self._summaries([folder for task in tasks for folder in folders_in(task)])

    def _summaries(self, folders: Sequence[Path]) -> list[Path]:
        splits = ("train", "validation", "test")
        found = [(folder, set(files_in(folder))) for folder in folders]
        return [path for folder, files in found for split in splits if (path := folder / f"{split}.json") in files]

    def tasks(self) -> list[str]:
        """Tasks that have a planned split here."""
        return sorted({path.parent.name for path in self.summaries()})

    def built(self, task: str, split: str) -> bool:
        """Whether a shard of a split was committed here."""
        return any(path.name.startswith(f"{split}-") for path in files_in(self.state / "manifests" / task))

    def built_tasks(self) -> list[str]:
        """Tasks of which a shard was committed here."""
        tasks = folders_in(self.state / "manifests")
        return [task.name for task in tasks if any("-" in path.name for path in files_in(task))]

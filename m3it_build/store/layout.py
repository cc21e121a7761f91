"""Names in the output folder (a shard is data/<group>/<task>/<split>-00000-of-00004.parquet)."""

from enum import StrEnum
from pathlib import Path


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


class Layout:
    """Every path below one output folder, in one place."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.state = out / ".m3it"
        """Never pushed: plans, manifests, rejects, stores."""
        self.settings = self.state / "settings.json"
        self.lock = self.state / "lock"
        self.answers = self.state / "answers.sqlite"
        """Paraphrases, paid for: nothing here ever deletes them."""
        self.batches = self.state / "batches"
        """Request files of batches that are not over."""
        self.card = out / "README.md"

    def shard(self, group: str, task: str, split: str, index: int, shards: int, format: Format) -> Path:
        """A shard's data file."""
        return self.out / "data" / group / task / f"{split}-{index:05d}-of-{shards:05d}.{format}"

    def plan(self, task: str, split: str) -> Path:
        """The planned rows of a split, a SQLite file."""
        return self.state / "plans" / task / f"{split}.sqlite"

    def summary(self, task: str, split: str) -> Path:
        """What a split is and how it was planned; the facts that its shards share."""
        return self.state / "manifests" / task / f"{split}.json"

    def manifest(self, task: str, split: str, index: int) -> Path:
        """A shard's manifest: the shard is committed when it exists."""
        return self.state / "manifests" / task / f"{split}-{index:05d}.json"

    def rejects(self, task: str, split: str, index: int | None = None) -> Path:
        """Rejects decided while planning (no index) or while writing a shard."""
        part = "plan" if index is None else f"{index:05d}"
        return self.state / "rejects" / task / f"{split}-{part}.jsonl"

    def summaries(self) -> list[Path]:
        """The summaries of all planned splits, in order of task and split."""
        splits = ("train", "validation", "test")
        folders = sorted((self.state / "manifests").glob("*/"))
        return [path for folder in folders for split in splits if (path := folder / f"{split}.json").exists()]

    def tasks(self) -> list[str]:
        """Tasks that have a planned split here."""
        return sorted({path.parent.name for path in self.summaries()})

    def built(self, task: str, split: str) -> bool:
        """Whether a shard of a split was committed here."""
        return any((self.state / "manifests" / task).glob(f"{split}-*.json"))

    def built_tasks(self) -> list[str]:
        """Tasks of which a shard was committed here."""
        return sorted({path.parent.name for path in (self.state / "manifests").glob("*/*-*.json")})

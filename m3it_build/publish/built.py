"""What an output folder holds for others: configs and splits whose shards are all committed, as their manifests say."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from m3it_build.core.errors import OutputError, UnknownName
from m3it_build.core.task import Split
from m3it_build.store.manifest import Manifest, Summary, find, load, task_order
from m3it_build.store.output import Format, Images, OutputFolder
from m3it_build.store.patience import folders_in
from m3it_build.store.state import DamagedState


@dataclass(frozen=True)
class BuiltSplit:
    """A split and its committed shards."""

    summary: Summary
    manifests: tuple[Manifest, ...]
    """Of every shard, in order; one whose rows were all rejected has no file."""

    @property
    def shards(self) -> list[Manifest]:
        """Shards that have a file, in order."""
        return [manifest for manifest in self.manifests if manifest.file is not None]

    @property
    def filtered(self) -> Counter[str]:
        """Whole records that are not taken by design, by reason."""
        return sum((Counter(each.filtered) for each in self.manifests), Counter(self.summary.filtered))

    @property
    def rejected(self) -> Counter[str]:
        """Broken records by reason, found while planning or writing."""
        return sum((Counter(each.rejected) for each in self.manifests), Counter(self.summary.rejected))

    @property
    def left_out(self) -> int:
        """Records that were not sampled."""
        return self.summary.left_out - sum(each.spares for each in self.manifests)

    @property
    def rows(self) -> int:
        """Rows in all shards."""
        return sum(shard.rows for shard in self.shards)

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum(shard.bytes for shard in self.shards)

    @property
    def decoded_bytes(self) -> int:
        """Size of all rows in a reader's memory."""
        return sum(shard.decoded_bytes for shard in self.shards)

    @property
    def files(self) -> list[str]:
        """Their names, relative to the output folder."""
        return [shard.file for shard in self.shards if shard.file is not None]

    @property
    def pattern(self) -> str:
        """Matches the files of this build and none of another one that had another number of shards."""
        folder, _, name = self.files[0].rpartition("/")
        return f"{folder}/{self.summary.split}-*-of-{name.rpartition('-of-')[2]}"

    @property
    def format(self) -> Format:
        """How its shards are stored."""
        return Format(self.summary.settings["format"])

    @property
    def images(self) -> Images:
        """How its pictures are stored; JSON has no bytes."""
        return Images(self.summary.settings["images"]) if self.format is Format.PARQUET else Images.BASE64

    @property
    def picture_field(self) -> str:
        """The field that holds them."""
        return "images" if self.images is Images.BYTES else "image_base64_str"


@dataclass(frozen=True)
class Config:
    """What `load_dataset(..., name)` loads: a task, or a task in another language."""

    name: str
    task: str
    language: str | None
    """Of a translation."""
    splits: tuple[BuiltSplit, ...]
    """Those with rows; never empty."""

    @property
    def summary(self) -> Summary:
        """Facts that all its splits share."""
        return self.splits[0].summary

    @property
    def rows(self) -> int:
        """Rows in all splits."""
        return sum(split.rows for split in self.splits)

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum(split.bytes for split in self.splits)


@dataclass(frozen=True)
class Contents:
    """A finished output folder."""

    configs: tuple[Config, ...]
    """Tasks first, then translations."""

    @property
    def name(self) -> str:
        """Of the whole."""
        return "M3IT" if self.tasks else "M3IT translations"

    @property
    def tasks(self) -> list[Config]:
        """Configs that are no translation."""
        return [config for config in self.configs if config.language is None]

    @property
    def translations(self) -> list[Config]:
        """Configs in another language than their task's."""
        return [config for config in self.configs if config.language is not None]

    @property
    def splits(self) -> list[BuiltSplit]:
        """All splits of all configs."""
        return [split for config in self.configs for split in config.splits]

    @cached_property
    def files(self) -> dict[str, Manifest]:
        """Every data file by its name, relative to the output folder."""
        return {shard.file: shard for split in self.splits for shard in split.shards if shard.file is not None}

    @property
    def rows(self) -> int:
        """Rows of everything."""
        return sum(split.rows for split in self.splits)

    @property
    def bytes(self) -> int:
        """Size of all data files."""
        return sum(split.bytes for split in self.splits)

    @property
    def decoded_bytes(self) -> int:
        """Size of all rows in a reader's memory."""
        return sum(split.decoded_bytes for split in self.splits)

    def without_translations(self) -> "Contents":
        """Only the configs that are no translation."""
        return Contents(tuple(self.tasks))

    def translations_alone(self) -> "Contents":
        """Only the translations, for a repository of their own."""
        return Contents(tuple(self.translations))

    def of_tasks(self, names: Collection[str]) -> "Contents":
        """Only these tasks and their translations."""
        return Contents(tuple(config for config in self.configs if config.task in names))


def read_contents(out: Path, wanted: Collection[str] | None = None) -> Contents:
    """Read every manifest of an output folder; opens no data file.

    Args:
        out: The output folder.
        wanted: Tasks that must be finished; others are left out where they are not. None is all.

    Raises:
        OutputError: nothing was built there, a split is unfinished, or no split has a row.
        UnknownName: a wanted task that was not built.
    """
    output = OutputFolder(out)
    if not output.summaries():
        raise OutputError(f"{out}: nothing was built here. Build first (m3it build --task okvqa), or give its --out.")
    for name in wanted or ():
        if name not in output.tasks():
            raise UnknownName(f"{out}: no task {name!r} was built here. Built: {', '.join(output.tasks())}.")
    configs = [config for path in _folders(output) if (config := _config(path, wanted)) is not None]
    if not configs:
        raise OutputError(f"{out}: no split has a single row. See why in {output.state}/rejects.")
    return Contents(tuple(sorted(configs, key=_order)))


def _order(config: Config) -> tuple[bool, tuple[int, str, str, int]]:
    """Tasks as everywhere, then their translations in the same order."""
    return config.language is not None, task_order(config.summary)


def _folders(output: OutputFolder) -> list[Path]:
    """Folders of manifests: one a task, and in it one for each language that it was translated into."""
    manifests = output.state / "manifests"
    tasks = folders_in(manifests)
    return [*tasks, *(folder for task in tasks for folder in folders_in(task))]


def _config(folder: Path, wanted: Collection[str] | None) -> Config | None:
    summaries = [load(path, Summary) for split in Split if (path := folder / f"{split}.json").exists()]
    if not summaries:
        return None
    task = summaries[0].task
    try:
        splits = [BuiltSplit(summary, tuple(_manifests(folder, summary))) for summary in summaries]
    except (OutputError, DamagedState):
        if wanted is None or task in wanted:
            raise
        return None
    full = tuple(split for split in splits if split.rows)
    return Config(summaries[0].config, task, summaries[0].language, full) if full else None


def _manifests(folder: Path, summary: Summary) -> Iterator[Manifest]:
    for index in range(summary.shards):
        path = folder / f"{summary.split}-{index:05d}.json"
        manifest = find(path, Manifest)
        if manifest is None:
            raise OutputError(
                f"{summary.task}/{summary.split}: shard {index} of {summary.shards} is not finished. "
                "Run the command that was interrupted once more, then this one."
            )
        if manifest.fingerprint != summary.fingerprint:
            raise OutputError(
                f"{path}: written for another plan. Run the command that wrote it once more, then this one."
            )
        yield manifest

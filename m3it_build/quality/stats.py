"""Statistics of a built dataset, from its manifests and the texts of its shards."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from m3it_build.core.errors import OutputError
from m3it_build.store.manifest import Manifest, Summary, find, load, task_order
from m3it_build.store.output import OutputFolder
from m3it_build.store.reader import Texts, read_texts
from m3it_build.store.state import DamagedState

TOP_ANSWERS = 10


@dataclass(slots=True)
class Lengths:
    """Lengths: of texts in characters, of pictures in pixels."""

    count: int = 0
    total: int = 0
    shortest: int = 0
    longest: int = 0
    histogram: Counter[int] = field(default_factory=Counter)
    """How many have each length."""

    def add(self, length: int) -> None:
        """Count one."""
        self.shortest = length if not self.count else min(self.shortest, length)
        self.longest = max(self.longest, length)
        self.count += 1
        self.total += length
        self.histogram[length] += 1

    @property
    def mean(self) -> float:
        """Of all."""
        return self.total / self.count if self.count else 0.0

    def as_dict(self) -> dict[str, float]:
        """For JSON."""
        return {"mean": round(self.mean, 1), "min": self.shortest, "max": self.longest}


@dataclass(slots=True)
class SplitStats:
    """What a split holds."""

    summary: Summary
    rows: int = 0
    filtered: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    spares: int = 0
    """Records that the sample had left out, tried in place of lost ones."""
    images: int = 0
    image_bytes: int = 0
    file_bytes: int = 0
    unfinished: int = 0
    """Shards that are not written yet."""
    instruction: Lengths = field(default_factory=Lengths)
    inputs: Lengths = field(default_factory=Lengths)
    outputs: Lengths = field(default_factory=Lengths)
    instructions: Counter[int] = field(default_factory=Counter)
    """Rows by instruction of the pool."""
    sides: Lengths = field(default_factory=Lengths)
    """The longer sides of the pictures of all rows."""
    answers: Counter[str] = field(default_factory=Counter)
    """Rows by short answer, or by output where there is none."""
    paraphrase: Counter[str] = field(default_factory=Counter)
    """Rows by how their short answer was written out."""

    @property
    def left_out(self) -> int:
        """Records that were not sampled."""
        return self.summary.left_out - self.spares

    def add_shard(self, manifest: Manifest) -> None:
        """Count what a manifest says."""
        self.rows += manifest.rows
        self.spares += manifest.spares
        self.filtered.update(manifest.filtered)
        self.rejected.update(manifest.rejected)
        self.images += manifest.images
        self.image_bytes += manifest.image_bytes
        self.file_bytes += manifest.bytes

    def add_row(self, row: Texts) -> None:
        """Count what a row says."""
        self.instruction.add(len(row.instruction))
        self.inputs.add(len(row.inputs))
        self.outputs.add(len(row.outputs))
        images = row.meta["images"]
        if isinstance(images, list):
            for image in images:
                self.sides.add(max(image["width"], image["height"]))
        self.instructions[int(str(row.meta["instruction_index"]))] += 1
        options, place = row.meta.get("options"), row.meta.get("answer_index")
        if isinstance(options, list) and isinstance(place, int):
            self.answers[str(options[place])] += 1
        else:
            self.answers[str(row.meta.get("answer", row.outputs))] += 1
        paraphrase = row.meta.get("paraphrase")
        if isinstance(paraphrase, dict):
            self.paraphrase[str(paraphrase.get("status"))] += 1

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        summary = self.summary
        return {
            "task": summary.task,
            "split": summary.split,
            "group": summary.group,
            "read": summary.read,
            "rows": self.rows,
            "left_out": self.left_out,
            "filtered": dict(sorted(self.filtered.items())),
            "rejected": dict(sorted(self.rejected.items())),
            "unfinished_shards": self.unfinished,
            "images": self.images,
            "image_bytes": self.image_bytes,
            "file_bytes": self.file_bytes,
            "instruction": self.instruction.as_dict(),
            "inputs": self.inputs.as_dict(),
            "outputs": self.outputs.as_dict(),
            "instructions": {str(index): count for index, count in sorted(self.instructions.items())},
            "answers": dict(self.answers.most_common(TOP_ANSWERS)),
            "different_answers": len(self.answers),
            "paraphrase": dict(sorted(self.paraphrase.items())),
        }


def split_stats(out: Path, *, texts: bool = True) -> list[SplitStats]:
    """Statistics of every split; without `texts` from the manifests alone.

    Raises:
        OutputError: nothing was built there.
    """
    output = OutputFolder(out)
    found = []
    for summary in sorted((load(path, Summary) for path in output.summaries()), key=task_order):
        stats = SplitStats(summary, filtered=Counter(summary.filtered), rejected=Counter(summary.rejected))
        for index in range(summary.shards):
            manifest_path = output.manifest(summary.task, summary.split, index)
            try:
                manifest = find(manifest_path, Manifest)
            except DamagedState:  # it counts as not written, as in a build
                manifest = None
            if manifest is None:
                stats.unfinished += 1
                continue
            stats.add_shard(manifest)
            if texts and manifest.file is not None:
                for row in read_texts(output.data_file(manifest.file)):
                    stats.add_row(row)
        found.append(stats)
    if not found:
        raise OutputError(f"{out}: nothing was built here. Build first (m3it build --task okvqa), or give its --out.")
    return found

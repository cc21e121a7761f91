"""Whole builds of bundled samples, one of whose files is damaged: every record is accounted for."""

import hashlib
import json
import shutil
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from m3it_build import api
from m3it_build.core.errors import M3itError, MachineError
from m3it_build.plan.settings import BuildSettings
from m3it_build.store.output import Format, OutputFolder
from m3it_build.store.rejects import read_rejects
from tests.corpus import _forget
from tests.faults.mutations import damaged, other_line, types
from tests.faults.readers import SAMPLES

NAME = "build"


class Damage(NamedTuple):
    """A file of a sample, and what it holds instead."""

    task: str
    place: str
    data: bytes

    @property
    def kept(self) -> str:
        """The name of its file in the corpus."""
        return f"{NAME}--{self.task}--{self.place.replace('/', '@')}--{hashlib.sha256(self.data).hexdigest()[:12]}"


@cache
def _files() -> dict[str, list[str]]:
    """By task; annotations more often than the many pictures."""
    found: dict[str, list[str]] = {}
    for task in sorted(path for path in SAMPLES.iterdir() if path.is_dir()):
        files = sorted(path.relative_to(task).as_posix() for path in task.rglob("*") if path.is_file())
        media = [name for name in files if name.lower().endswith((".jpg", ".jpeg", ".png", ".mp4", ".webm", ".avi"))]
        found[task.name] = [*(name for name in files if name not in media), *media[:2]]
    return found


def damage(seed: int, number: int) -> Damage:
    """The case of a number."""
    draw = Random(f"{seed}/{NAME}/{number}")
    task = draw.choice(list(_files()))
    place = draw.choice(_files()[task])
    data = (SAMPLES / task / place).read_bytes()
    if place.endswith((".json", ".jsonl")) and draw.random() < 0.7:
        return Damage(task, place, other_line(data, draw) if place.endswith(".jsonl") else types(data, draw))
    return Damage(task, place, damaged(data, draw))


def prepared(case: Damage, scratch: Path) -> tuple[Path, Path]:
    """A damaged source, and an output folder that is not there yet."""
    source, out = scratch / "source", scratch / "out"
    for folder in (source, out):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(SAMPLES / case.task, source / case.task)
    (source / case.task / case.place).write_bytes(case.data)
    return source, out


def wrong(case: Damage, source: Path, out: Path) -> str:
    """What is wrong with a build of it; empty if nothing."""
    _forget()
    try:
        report = api.build(
            case.task, source=source, out=out, settings=BuildSettings(format=Format.JSONL, workers=1, rows_per_shard=8)
        )
    except MachineError as error:
        return f"the machine is blamed: {error}"
    except M3itError:
        return ""
    found = []
    for split in report.splits:
        became = split.rows + split.filtered.total() + split.rejected.total() + split.left_out
        written = list(_rows(out, case.task, split.split))
        listed = sum(
            1
            for path in OutputFolder(out).rejected(case.task)
            if path.name.startswith(f"{split.split}-")
            for _ in read_rejects(path)
        )
        if split.read != became:
            found.append(f"{split.split}: read {split.read}, but {became} became something")
        if len(written) != split.rows or len(set(written)) != len(written):
            found.append(f"{split.split}: {split.rows} rows told, {len(written)} written, {len(set(written))} ids")
        if listed != split.filtered.total() + split.rejected.total():
            found.append(
                f"{split.split}: {split.filtered.total() + split.rejected.total()} rejects told, {listed} listed"
            )
    found += ["an internal error is told" for each in report.errors if "internal" in each]
    return "; ".join(found)


def _rows(out: Path, task: str, split: str) -> list[str]:
    return [
        json.loads(line)["meta"]["id"]
        for path in sorted(out.glob(f"data/*/{task}/{split}-*.jsonl"))
        for line in path.read_bytes().splitlines()
    ]


def kept(path: Path) -> Damage:
    """A case of the corpus."""
    _, task, place, _ = path.name.split("--")
    return Damage(task, place.replace("@", "/"), path.read_bytes())

"""Output folders to be pushed: real builds and translations."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from m3it_build.publish.built import BuiltSplit, Config, Contents
from m3it_build.services.mt.glossary import write_glossary
from m3it_build.store.output import Images, picture_column
from tests.corpus import change_state, m3it


def build(source: Path, out: Path, *more: object) -> Path:
    """OK-VQA, two shards a split unless told otherwise."""
    m3it("build", "--task", "okvqa", "--source", source, "--out", out, "--workers", 1, "--rows-per-shard", 6, *more)
    return out


def translate(out: Path, language: str) -> None:
    """The validation rows of `okvqa` in another language, by a model under NLLB's licence: the sample's glossary."""
    model = out.parent / "model"
    write_glossary(model)
    change_state(model / "m3it-model.json", name="tiny", license="CC-BY-NC-4.0")
    m3it("translate", "--model", model, "--langs", language, "--out", out, "--task", "okvqa", "--split", "validation")


def add_task(out: Path, name: str) -> None:
    """Lay the rows of `okvqa` down as another task."""
    for path in sorted((out / ".m3it/manifests/okvqa").glob("*.json")):
        content: dict[str, Any] = json.loads(path.read_text())
        if "file" in content:
            target = out / "data/kvqa" / name / Path(content["file"]).name
            content = _changed(out, content, target, "meta", lambda text: text.replace('"okvqa', f'"{name}'))
        else:
            content |= {"task": name}
        _write(out / ".m3it/manifests" / name / path.name, content)


def multiplied(contents: Contents, tasks: int, languages: int) -> Contents:
    """The same configs under many names: so many tasks, each translated into so many languages."""
    task, translation = contents.tasks[0], contents.translations[0]
    names = [f"task-number-{number:02d}" for number in range(tasks)]
    codes = [f"l{number:02d}" for number in range(languages)]
    return Contents(
        (
            *(_named(task, name, None) for name in names),
            *(_named(translation, name, code) for name in names for code in codes),
        )
    )


def _named(config: Config, task: str, language: str | None) -> Config:
    splits = []
    for split in config.splits:
        facts = split.summary.translation and split.summary.translation.model_copy(update={"language": language})
        folder = f"translated/{task}/{language}" if language else f"data/vqa/{task}"
        manifests = tuple(
            each.model_copy(update={"file": f"{folder}/{Path(str(each.file)).name}"}) for each in split.manifests
        )
        splits.append(BuiltSplit(split.summary.model_copy(update={"task": task, "translation": facts}), manifests))
    return Config(f"{task}-{language}" if language else task, task, language, tuple(splits))


def _changed(
    out: Path, manifest: dict[str, Any], target: Path, column: str, change: Callable[[str], str]
) -> dict[str, Any]:
    """Write a shard with one column changed; returns its manifest."""
    table = pq.read_table(out / manifest["file"])
    texts = pa.array([change(text) for text in table[column].to_pylist()], pa.string())
    target.parent.mkdir(parents=True, exist_ok=True)
    place = table.column_names.index(column)
    changed = table.set_column(place, table.schema.field(column), texts)
    metadata = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    pictures = [picture_column(images) for images in Images]
    with pq.ParquetWriter(target, changed.schema, store_schema=False, use_dictionary=pictures) as writer:
        writer.add_key_value_metadata(metadata)
        writer.write_table(changed)
    data = target.read_bytes()
    name = target.relative_to(out).as_posix()
    return manifest | {"file": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content))
    change_state(path)

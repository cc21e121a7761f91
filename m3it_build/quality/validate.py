"""Holds an output folder against its manifests, row by row, through the `datasets` library that users load it with."""

import hashlib
import io
import json
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from glob import escape
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from m3it_build.core.errors import M3itError, MachineError, OutputError
from m3it_build.core.instructions import unmet
from m3it_build.core.machine import is_of_machine
from m3it_build.core.progress import Progress
from m3it_build.core.schema import FIELDS, SCHEMA, Instance, Meta
from m3it_build.core.text import damage, is_visible, tidy
from m3it_build.quality.twins import Twins
from m3it_build.stages.options import gives_option, heading_of, options_block
from m3it_build.stages.row_facts import row_facts
from m3it_build.stages.texts import damaged_keys
from m3it_build.stages.untranslated import NOTHING, Originals, Said, Untranslated, in_script, said
from m3it_build.store.digest import file_sha256
from m3it_build.store.lock import is_locked
from m3it_build.store.manifest import Manifest, Summary, find, load, task_order
from m3it_build.store.output import Format, Images, OutputFolder
from m3it_build.store.patience import files_in, folders_in
from m3it_build.store.reader import Texts, WholeLine, open_lines
from m3it_build.store.rejects import read_rejects
from m3it_build.store.state import DamagedState, size_of

SOURCES_OWN = ("source", "images", "original")
"""Keys of `meta` that hold names of files, or texts as they were."""
MODEL_MARKS = re.compile(r"</?s>|<unk>|<pad>|<mask>|\b[a-z]{3}_[A-Z][a-z]{3}\b")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is off, and where."""

    where: str
    what: str


@dataclass(slots=True)
class ValidationReport:
    """What was checked, and what is off."""

    rows: int = 0
    """Of the files that could be read to their ends."""
    shards: int = 0
    """Files that could be read to their ends."""
    problems: list[Problem] = field(default_factory=list)
    is_running: bool = False
    """Another m3it was working in the folder meanwhile: what is not finished is no problem then."""
    unread: Problem | None = None
    """The first that is none of the folder: the machine did not give some of it."""
    notices: list[Problem] = field(default_factory=list)
    """What is no fault of the folder: what stands twice (`twins`), which the source may have so, and a sample's own."""

    def problem(self, where: object, error: Exception, what: str = "") -> Problem:
        """Whatever stopped the reading of something; noted where it was the machine."""
        problem = Problem(str(where), f"{what}{type(error).__name__}: {str(error)[:300]}" if what else str(error))
        if isinstance(error, MachineError) or is_of_machine(error):
            self.unread = self.unread or problem
        return problem


def validate(out: Path, progress: Progress, tasks: Set[str] | None = None) -> ValidationReport:
    """Check every split, shard, row and picture of an output folder.

    Args:
        out: The output folder.
        progress: Who is told of shards and problems.
        tasks: Only these; None is all.

    Raises:
        OutputError: nothing was built there.
    """
    output = OutputFolder(out)
    report = ValidationReport(is_running=is_locked(output))
    with Twins() as twins:
        for problem in _problems(output, progress, tasks, report, twins):
            report.problems.append(problem)
            progress.problem(problem.where, problem.what)
        report.notices += [Problem(task, what) for task, what in twins.found()]
    return report


def _problems(
    output: OutputFolder, progress: Progress, tasks: Set[str] | None, report: ValidationReport, twins: Twins
) -> Iterator[Problem]:
    out = output.root
    paths = [*output.summaries(), *output.translated_summaries()]
    if not paths and report.is_running:
        raise OutputError(f"{out}: another m3it is working here, and has finished nothing yet. Wait for it.")
    if not paths:
        raise OutputError(f"{out}: nothing was built here. Build first (m3it build --task okvqa), or give its --out.")
    known: set[Path] = set()
    configs: dict[str, Untranslated] = {}
    unfinished: set[str] = set()
    originals = Originals(output)
    summaries: list[Summary] = []
    yield from _planned(paths, summaries, report)
    for summary in sorted(summaries, key=task_order):
        if tasks is None or summary.task in tasks:
            split = _Split(output, summary, progress, known, report, twins)
            yield from split.problems()
            made = summary.translation
            config = configs.setdefault(summary.config, Untranslated(sample=made is not None and made.sample))
            config.rows += split.rows
            try:
                before = originals.said(summary.task, summary.split, split.said.keys())
            except MachineError as error:
                yield report.problem(f"{summary.config}/{summary.split}", error)
                continue
            for source_id, (text, part) in split.said.items():
                config.add(text, before.get(source_id, NOTHING), part)
            if not split.finished:
                unfinished.add(summary.config)
    for name, config in configs.items():
        if config.fault and not report.is_running and (config.rows or name not in unfinished):
            yield Problem(name, config.fault)
        if config.remark:
            report.notices.append(Problem(name, config.remark))
    report.is_running = report.is_running or is_locked(output)
    if not (report.is_running or report.unread):  # else a manifest may name it that is to come, or was not read
        yield from _foreign(out, tasks, known)


def _planned(paths: Iterable[Path], summaries: list[Summary], report: ValidationReport) -> Iterator[Problem]:
    """Read them; whatever is wrong with one."""
    for path in paths:
        try:
            summaries.append(load(path, Summary))
        except M3itError as error:
            yield report.problem(path, error)


def _foreign(out: Path, tasks: Set[str] | None, known: Set[Path]) -> Iterator[Problem]:
    """Files that belong to no shard."""
    waiting = [out / "data", out / "translated"]
    found = []
    while waiting:
        folder = waiting.pop()
        found += files_in(folder)
        waiting += folders_in(folder)
    for path in sorted(found):
        concerned = tasks is None or not tasks.isdisjoint(path.relative_to(out).parts)
        if concerned and path not in known and not path.name.startswith("."):
            yield Problem(str(path.relative_to(out)), "no manifest names this file")


class _Split:
    """The checks of one split."""

    def __init__(
        self,
        output: OutputFolder,
        summary: Summary,
        progress: Progress,
        known: set[Path],
        report: ValidationReport,
        twins: Twins,
    ) -> None:
        self.output = output
        self.summary = summary
        self.progress = progress
        self.known = known
        self.report = report
        self.twins = twins
        self.ids: dict[str, str] = {}
        self.rows = 0
        self.finished = True
        self.said: dict[str, tuple[Said, float | None]] = {}
        """Of a translation: what its rows say, and how much of it in the script, by the ids of the originals."""
        self.sound: set[tuple[object, ...]] = set()
        """Pictures that were found to be as their rows say, with what was said."""

    def problems(self) -> Iterator[Problem]:
        """Whatever is wrong with the split."""
        summary = self.summary
        written = spares = 0
        for index in range(summary.shards):
            path = self.output.manifest(summary.task, summary.split, index, summary.language)
            try:
                manifest = find(path, Manifest)
            except M3itError as error:
                self.finished = False
                yield self.report.problem(path.relative_to(self.output.root), error)
                continue
            if manifest is None:
                self.finished = False
                command = "build" if summary.translation is None else "translate"
                if not self.report.is_running:
                    yield Problem(
                        f"{summary.config}/{summary.split}",
                        f"shard {index} is not finished: run the same {command} command again",
                    )
                continue
            found = list(self.shard(manifest, index))
            if found and self.changes(path, manifest):
                self.finished = False
                continue
            yield from found
            self.rows += manifest.rows
            written += manifest.records
            spares += manifest.spares
            if manifest.fingerprint != summary.fingerprint:
                yield Problem(str(path), "written for another plan of this split: run the same command again")
            yield from self.rejects(manifest, index)
        unused = sum(summary.filtered.values()) + sum(summary.rejected.values()) + summary.left_out
        wanted = summary.planned + spares
        if (
            summary.read != summary.planned + unused
            or spares > summary.left_out
            or (self.finished and wanted != written)
        ):
            yield Problem(
                f"{summary.config}/{summary.split}",
                f"the account does not close: {summary.read} read, {written + unused - spares} as rows, filtered, "
                "rejected or left out",
            )
        if summary.translation is not None and not self.report.is_running and self.stale():
            yield Problem(
                f"{summary.config}/{summary.split}", "the English rows changed since: run m3it translate again"
            )

    def changes(self, path: Path, manifest: Manifest) -> bool:
        """Whether a shard was made again while it was looked at."""
        try:
            return self.report.is_running and find(path, Manifest) != manifest
        except M3itError:
            return True

    def rejects(self, manifest: Manifest, index: int) -> Iterator[Problem]:
        """Whatever is wrong with the list of what became no row."""
        summary = self.summary
        path = self.output.rejects(summary.task, summary.split, index, summary.language)
        try:
            found = len(read_rejects(path))
        except M3itError as error:
            yield self.report.problem(path.relative_to(self.output.root), error)
            return
        if found != manifest.lost and not self.report.is_running:
            told = f"{found} rejects, the manifest says {manifest.lost}: run the same command again"
            yield Problem(str(path.relative_to(self.output.root)), told)

    def stale(self) -> bool:
        """Whether a translation was made from other rows than those that are there now."""
        summary, output = self.summary, self.output
        try:
            if (english := find(output.summary(summary.task, summary.split), Summary)) is None:
                return True
            paths = (output.manifest(summary.task, summary.split, index) for index in range(english.shards))
            there = {found.sha256 for path in paths if (found := find(path, Manifest)) is not None} - {None}
        except M3itError:
            return False  # told where it is checked itself
        return there != {file.sha256 for file in summary.files}

    def shard(self, manifest: Manifest, index: int) -> Iterator[Problem]:
        """Whatever is wrong with one data file."""
        if manifest.file is None:
            return
        path = self.output.shard_of(self.summary, index)
        self.known.add(path)
        try:
            self.output.data_file(manifest.file)
        except DamagedState as error:
            yield Problem(manifest.file, str(error))
            return
        if manifest.file != path.relative_to(self.output.root).as_posix():
            yield Problem(manifest.file, f"a manifest names this file in place of {path.name}")
            return
        try:
            if size_of(path) is None:
                yield Problem(manifest.file, "the file is missing")
                return
            digest = file_sha256(path)
        except MachineError as error:
            yield self.report.problem(manifest.file, error)
            return
        if digest != manifest.sha256:
            yield Problem(
                manifest.file,
                f"its bytes changed since it was written (sha256 {digest[:12]}, not {str(manifest.sha256)[:12]})",
            )
        yield from self.pages(path, manifest.file)
        rows = 0
        try:
            for row in read_rows(path, self.summary):
                rows += 1
                for what in self.row(row, manifest.file):
                    yield Problem(f"{manifest.file}, row {rows}", what)
        except Exception as error:  # noqa: BLE001 - whatever a damaged file makes a reader raise is the finding
            yield self.report.problem(manifest.file, error, f"cannot be loaded after row {rows}: ")
            return
        if rows != manifest.rows:
            yield Problem(manifest.file, f"{rows} rows, the manifest says {manifest.rows}")
        self.report.rows += rows
        self.report.shards += 1
        self.progress.checked(manifest.file, rows)

    def pages(self, path: Path, name: str) -> Iterator[Problem]:
        """Whatever is wrong with how a Parquet file holds its pictures."""
        if self.summary.settings["format"] != Format.PARQUET:
            return
        from m3it_build.store.pages import faults_of

        try:
            for fault in faults_of(path, Images(self.summary.settings["images"])):
                yield Problem(name, f"{fault}: build it anew with --overwrite")
        except MachineError as error:
            yield self.report.problem(name, error)
        except Exception as error:  # noqa: BLE001 - whatever a damaged file makes a reader raise is the finding
            yield self.report.problem(name, error, "its pages cannot be read: ")

    def row(self, row: dict[str, Any], file: str) -> Iterator[str]:
        """Whatever is wrong with one row."""
        summary = self.summary
        pictures = row.pop("images", None)
        if pictures is not None and summary.settings["images"] == Images.BYTES:
            row["image_base64_str"] = []
            data: list[bytes | None] = [picture["bytes"] for picture in pictures]
        else:
            data = [decode_base64(text) for text in row.get("image_base64_str") or []]
        try:
            instance = Instance.model_validate(row)
        except ValidationError as error:
            for each in error.errors():
                yield f"{'.'.join(map(str, each['loc']))}: {each['msg']}"
            return
        meta = instance.meta
        self.twins.add(instance, row["meta"])
        yield from check_form(row["meta"])
        if meta.id in self.ids:
            yield f"id {meta.id} stands in {self.ids[meta.id]} too"
        self.ids[meta.id] = file
        ours = meta.id.startswith(f"{summary.config}/{summary.split}/")
        if not ours or (meta.task, meta.split) != (summary.task, summary.split):
            here = f"{summary.config}/{summary.split}"
            yield f"id {meta.id}, task {meta.task}, split {meta.split} do not belong to {here}"
        yield from check_instruction(instance, summary)
        if not is_visible(instance.outputs):
            yield "outputs is empty"
        for name in ("inputs", "outputs"):
            if what := damage(getattr(instance, name)):
                yield f"{name} is damaged: {what}"
        for name in damaged_keys({key: value for key, value in row["meta"].items() if key not in SOURCES_OWN}):
            yield f"meta.{name} is damaged by an encoding"
        yield from check_options(instance, "en" if summary.translation else summary.languages[0])
        yield from check_translation(instance, summary) if summary.translation else check_spaces(instance)
        if summary.translation is not None:
            told: dict[str, Any] = meta.model_dump()
            source_id = str((told.get("translation") or {}).get("source_id"))
            texts = Texts(instance.instruction, instance.inputs, instance.outputs, told)
            self.said[source_id] = (said(texts), in_script(texts, summary.translation.nllb[4:]))
        if len(data) != len(meta.images):
            yield f"{len(data)} pictures, meta names {len(meta.images)}"
        yield from self.pictures(data, meta, file)

    def pictures(self, data: Sequence[bytes | None], meta: Meta, file: str) -> Iterator[str]:
        """Whatever is wrong with the pictures of a row; what Pillow warns of is told with the row's id."""
        for place, (picture, facts) in enumerate(zip(data, meta.images, strict=False)):
            digest = hashlib.sha256(picture).hexdigest() if picture is not None else ""
            known = (digest, *(facts.get(name) for name in ("sha256", "width", "height", "format")))
            if known in self.sound:
                continue
            with warnings.catch_warnings(record=True) as odd:
                warnings.simplefilter("always")
                found = list(check_picture(picture, digest, facts))
            if not found:
                self.sound.add(known)
            name = f"picture {place} ({facts.get('name')})"
            for warning in odd:
                self.progress.odd(f"{file}, {meta.id}", f"{name}: {' '.join(str(warning.message).split())}")
            yield from (f"{name}: {what}" for what in found)


def check_form(meta: dict[str, Any]) -> Iterator[str]:
    """The form of a row is today's, and no key of its meta is without a value."""
    if meta["schema"] != SCHEMA:
        yield f"meta.schema is {meta['schema']}, not {SCHEMA}: build it anew with --overwrite"
    if nulls := sorted(null_keys(meta)):
        yield f"meta holds nulls ({', '.join(nulls)})"


def null_keys(value: Any, name: str = "meta") -> Iterator[str]:
    """Where in a JSON value nulls are."""
    if value is None:
        yield name
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from null_keys(part, f"{name}.{key}")
    elif isinstance(value, list):
        for part in value:
            yield from null_keys(part, f"{name}[]")


def check_instruction(instance: Instance, summary: Summary) -> Iterator[str]:
    """The instruction is the one of the pool that meta names, and the row has what it speaks of."""
    place = instance.meta.instruction_index
    if not 0 <= place < len(summary.instructions):
        yield f"instruction_index {place} is outside the pool"
        return
    instruction = summary.instructions[place]
    if instance.instruction != instruction.text:
        yield f"instruction is not number {place} of the pool"
    elif summary.translation is None:  # else it was drawn for the English row, whose words these facts are read off
        for what in unmet(instruction, row_facts(instance.outputs, instance.meta.model_dump(), instruction.needs)):
            yield f"instruction {place} {what}, which the row does not have"


def check_options(instance: Instance, language: str) -> Iterator[str]:
    """The options in meta stand in inputs, and the right one in outputs, under its letter.

    Args:
        instance: The row.
        language: Of the heading: the task's, or English in translated rows, which keep it.
    """
    options: Any = getattr(instance.meta, "options", None)
    place: Any = getattr(instance.meta, "answer_index", None)
    if not isinstance(options, list) or not isinstance(place, int):
        return
    if not instance.inputs.endswith(options_block(options, heading_of(language))):
        yield "inputs do not end with the options that meta gives"
    if not gives_option(instance.outputs, options, place):
        yield f"outputs do not give option {place} under its letter"


def check_spaces(instance: Instance) -> Iterator[str]:
    """No run of white space in a row's texts, which become one blank."""
    for name in ("inputs", "outputs"):
        if tidy(getattr(instance, name)) != getattr(instance, name):
            yield f"{name} has white space that is not one blank"


def check_translation(instance: Instance, summary: Summary) -> Iterator[str]:
    """Language and origin of a translated row; no mark of the model in its texts."""
    meta = instance.meta.model_dump()
    if meta.get("language") != summary.language:
        yield f"language is {meta.get('language')}, not {summary.language}"
    key = instance.meta.id.removeprefix(f"{summary.config}/{summary.split}/")
    source = (meta.get("translation") or {}).get("source_id")
    if source != f"{summary.task}/{summary.split}/{key}":
        yield f"translation.source_id is {source}"
    for name in ("instruction", "inputs", "outputs"):
        if mark := MODEL_MARKS.search(getattr(instance, name)):
            yield f"{name} holds {mark[0]}"
    if not instance.instruction.strip():
        yield "instruction is empty"


def decode_base64(text: str) -> bytes | None:
    """The picture's bytes; None where the text is not plain base64."""
    import pybase64

    try:
        return pybase64.b64decode(text, validate=True)
    except ValueError:
        return None


def check_picture(data: bytes | None, digest: str, facts: dict[str, Any]) -> Iterator[str]:
    """Hold a picture, whose SHA-256 is `digest`, against its entry in `meta.images`."""
    from PIL import Image

    if data is None:
        yield "not plain base64"
        return
    if digest != facts.get("sha256"):
        yield "its bytes do not have the sha256 that meta gives"
    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.load()
            seen = {
                "width": picture.width,
                "height": picture.height,
                "format": "JPEG" if picture.format == "MPO" else picture.format,
            }
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - Pillow raises many types on broken data
        yield f"cannot be decoded: {error}"
        return
    for name, value in seen.items():
        if facts.get(name) != value:
            yield f"{name} is {value}, meta says {facts.get(name)}"


def read_rows(path: Path, summary: Summary) -> Iterator[dict[str, Any]]:
    """Rows of one shard as `datasets` gives them, pictures as bytes.

    Raises:
        ValueError: other columns than the five.
    """
    import datasets

    by_bytes = summary.settings["images"] == Images.BYTES
    columns = [name if not (by_bytes and name == "image_base64_str") else "images" for name in FIELDS]
    text = datasets.Value("string")
    pictures = datasets.List(datasets.Image() if by_bytes else text)
    features = datasets.Features(dict(zip(columns, (text, text, pictures, text, text), strict=True)))
    if summary.settings["format"] == Format.PARQUET:
        rows = datasets.IterableDataset.from_parquet(escape(str(path)))  # load_dataset asks a server
        if rows.features is None or dict(rows.features) != dict(features):
            found = rows.features or {}
            if list(found) != columns:
                raise ValueError(f"its columns are {', '.join(found)}, not {', '.join(columns)}")
            other = next(name for name in columns if found[name] != features[name])
            raise ValueError(f"column {other} is {found[other]}, not {features[other]}: build it anew with --overwrite")
        if by_bytes:
            rows = rows.cast_column("images", datasets.List(datasets.Image(decode=False)))
        for row in rows:
            yield {**row, "meta": json.loads(row["meta"])}
    else:
        features["meta"] = datasets.Json()
        yield from _jsonl_rows(path, columns, features)


def _jsonl_rows(path: Path, columns: list[str], features: Any) -> Iterator[dict[str, Any]]:
    """`datasets` gives every row the declared columns; a row's own keys are seen only in its line."""
    import datasets
    import msgspec

    keys, typed = msgspec.json.Decoder(dict[str, msgspec.Raw]), msgspec.json.Decoder(WholeLine)
    with open_lines(path) as stream:
        for number, line in enumerate(stream, 1):
            if (found := list(keys.decode(line))) != columns:
                raise ValueError(f"the fields of row {number} are {found}, not {columns}")
            try:
                typed.decode(line)
            except msgspec.ValidationError as error:
                raise ValueError(f"row {number}: {error}") from error
    yield from datasets.IterableDataset.from_json(escape(str(path)), features=features)

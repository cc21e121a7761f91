"""How a shard comes to be: its data, then its rejects, then its manifest, which is the commit."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path

from m3it_build.core.sample import Reason, Reject, tally
from m3it_build.store.atomic import atomic_file, remove, writing
from m3it_build.store.digest import file_sha256
from m3it_build.store.disk import sync_folder
from m3it_build.store.jsonl import write_jsonl, write_jsonl_zst
from m3it_build.store.manifest import Manifest, Replaces, Summary, find, save
from m3it_build.store.output import Format, Images, OutputFolder
from m3it_build.store.patience import files_in, folders_in
from m3it_build.store.record import Record
from m3it_build.store.rejects import read_rejects, write_rejects
from m3it_build.store.state import DamagedState, size_of
from m3it_build.store.twins import is_file, packed, row_digest, several

SHARD = re.compile(r"[a-z]+-\d{5}(-of-\d{5})?\.[a-z.]+")
"""The name of a shard's data, rejects or manifest."""


def commit_shard(
    output: OutputFolder,
    summary: Summary,
    index: int,
    records: Iterable[Record],
    rejects: Sequence[Reject],
    answers: Callable[[], str],
    replaces: Callable[[], Replaces | None] = lambda: None,
) -> Manifest:
    """Write one shard of a split, of a task or of its translation.

    Args:
        output: The output folder.
        summary: The split.
        index: Of the shard.
        records: Its rows.
        rejects: Filled while the rows are drawn.
        answers: Asked, after the last row, for the hash of the stored answers that went into them.
        replaces: Asked likewise, of a shard of replacements, for what it was made of.
    """
    format = Format(summary.settings["format"])
    place = output.manifest(summary.task, summary.split, index, summary.language)
    uncommit(place)
    path = output.shard_of(summary, index)
    seen = _Seen()
    counted = seen.counting(records)
    with atomic_file(path) as stream:
        if format is Format.PARQUET:
            from m3it_build.store.parquet import write_parquet

            written = write_parquet(stream, counted, Images(summary.settings["images"]))
        else:
            write = write_jsonl if format is Format.JSONL else write_jsonl_zst
            written = write(stream, counted)
    write_rejects(output.rejects(summary.task, summary.split, index, summary.language), rejects)
    rows = written.rows
    if not rows:
        remove(path)
    manifest = Manifest(
        file=path.relative_to(output.root).as_posix() if rows else None,
        rows=rows,
        bytes=size_of(path) or 0 if rows else 0,
        sha256=file_sha256(path) if rows else None,
        decoded_bytes=written.decoded_bytes,
        **tally(rejects)._asdict(),
        images=len(seen.pictures),
        image_bytes=sum(seen.pictures.values()),
        fingerprint=summary.fingerprint,
        answers=answers(),
        pictures=dict(sorted(seen.shown.items())),
        paraphrase=dict(sorted(seen.statuses.items())),
        replaces=replaces(),
        digests=packed(seen.digests) if summary.translation is None else "",
        several_names=several(seen.names) if summary.translation is None else {},
        left_out_pictures=seen.left_out[Reason.MISSING_MEDIA],
    )
    save(place, manifest)
    return manifest


def uncommit(place: Path) -> None:
    """Take a manifest away: it says nothing of what is written from now on, also after a power cut."""
    if place.exists() or place.is_symlink():
        remove(place)
        with writing(place):
            sync_folder(place.parent)


def committed(
    output: OutputFolder,
    summary: Summary,
    index: int,
    *,
    verify: bool = False,
    lost: Callable[[str], None] = lambda _: None,
) -> Manifest | None:
    """The manifest of a shard that was committed for this plan, if its files are still there and as they were.

    Args:
        output: The output folder.
        summary: The split.
        index: Of the shard.
        verify: Compare the SHA-256 of the data, not only its size.
        lost: Is told of a shard that was committed and is not any more.

    Raises:
        MachineError: its files cannot be read.
    """
    try:
        manifest = find(output.manifest(summary.task, summary.split, index, summary.language), Manifest)
        if manifest is None or manifest.fingerprint != summary.fingerprint:
            return None
        _require_whole(output, summary, index, manifest, verify=verify)
    except DamagedState as error:
        lost(error.what)
        return None
    return manifest


def _require_whole(output: OutputFolder, summary: Summary, index: int, manifest: Manifest, *, verify: bool) -> None:
    if manifest.file is not None:
        path = output.data_file(manifest.file)
        own = output.shard_of(summary, index)
        if path.parent != own.parent or path.name.partition("-of-")[0] != own.name.partition("-of-")[0]:
            raise DamagedState(f"{manifest.file}: named by the manifest of {own.name}")
        if (size := size_of(path)) != manifest.bytes:
            raise DamagedState(f"{path}: " + ("is gone" if size is None else f"{size:,} bytes, not {manifest.bytes:,}"))
        if verify and file_sha256(path) != manifest.sha256:
            raise DamagedState(f"{path}: its bytes changed since it was written")
    rejects = output.rejects(summary.task, summary.split, index, summary.language)
    if (count := len(read_rejects(rejects))) != manifest.lost:
        raise DamagedState(f"{rejects}: {count:,} rejects, not {manifest.lost:,}")


def with_replacements(output: OutputFolder, summary: Summary, replacements: int) -> Summary:
    """The summary of a split that has so many shards of replacements, written."""
    shards = summary.planned_shards + replacements
    now = summary.model_copy(update={"shards": shards, "replacements": replacements})
    save(output.summary(summary.task, summary.split), now)
    return now


def remove_others(output: OutputFolder, summary: Summary) -> None:
    """Take away files of a split that belong to none of its shards: of a time when there were more or fewer of them."""
    task, split, language = summary.task, summary.split, summary.language
    shards = range(summary.shards)
    known = {of(task, split, index, language) for of in (output.manifest, output.rejects) for index in shards}
    known |= {output.shard_of(summary, index) for index in shards}
    for folder in _folders(output, summary):
        _clear(folder, split, known)


def named(output: OutputFolder, summary: Summary, index: int, manifest: Manifest) -> Manifest:
    """A committed shard under the name that tells of how many it is now.

    A kill between file and manifest leaves a manifest without its file: that shard is made again.
    """
    path = output.shard_of(summary, index)
    name = path.relative_to(output.root).as_posix()
    if manifest.file in (None, name):
        return manifest
    with writing(path):
        output.data_file(str(manifest.file)).replace(path)
        sync_folder(path.parent)
    now = manifest.model_copy(update={"file": name})
    save(output.manifest(summary.task, summary.split, index), now)
    return now


def clear(
    output: OutputFolder, task: str, split: str, language: str | None = None, *, keep: Summary | None = None
) -> None:
    """Take away what was built of a split, what others rely on first: summary, commits, then the rest.

    Args:
        output: The output folder.
        task: Its name.
        split: Which.
        language: Of its translation; None is the task's own.
        keep: A plan, not yet saved, whose shards stay.
    """
    remove(output.summary(task, split, language))
    known = _committed_files(output, keep) if keep is not None else set()
    state = [of(task, split, 0, language).parent for of in (output.manifest, output.rejects)]
    groups = folders_in(output.root / "data") if language is None else []
    data = [group / task for group in groups] if language is None else [output.folder("", task, language)]
    for folder in (*state, *data):
        _clear(folder, split, known)


def clear_translations(output: OutputFolder, task: str, split: str) -> list[str]:
    """Take away the translations of a split, in the same order; gives their languages."""
    found: set[str] = set()
    for root in (output.state / "manifests", output.state / "rejects", output.root / "translated"):
        for folder in folders_in(root / task):
            if root.name == "manifests":
                remove(folder / f"{split}.json")
            if _clear(folder, split, set()):
                found.add(folder.name)
    return sorted(found)


def _clear(folder: Path, split: str, known: Set[Path]) -> bool:
    """Take away a folder's shards of a split, or what belongs to them; whether there were some."""
    gone = [path for path in _shards_in(folder, split) if path not in known]
    for path in gone:
        remove(path)
    return bool(gone)


def _shards_in(folder: Path, split: str) -> list[Path]:
    """Files of a split's shards in a folder, or what belongs to them."""
    names = f"{split}-"
    return [path for path in files_in(folder) if path.name.startswith(names) and SHARD.fullmatch(path.name)]


def _committed_files(output: OutputFolder, summary: Summary) -> set[Path]:
    """The files of all shards that were committed for a plan, those of replacements too, of which it does not know."""
    known = set()
    task, split, language = summary.task, summary.split, summary.language
    for path in _shards_in(output.manifest(task, split, 0, language).parent, split):
        index = int(digits) if (digits := path.stem.rpartition("-")[2]).isdecimal() else 0
        if (manifest := committed(output, summary, index)) is not None:
            known |= {path, output.rejects(task, split, index, language)}
            known |= {output.data_file(manifest.file)} if manifest.file is not None else set()
    return known


def _folders(output: OutputFolder, summary: Summary) -> tuple[Path, Path, Path]:
    """Where a split's commits, rejects and data lie; what others rely on first."""
    task, split, language = summary.task, summary.split, summary.language
    manifest, rejects = (of(task, split, 0, language) for of in (output.manifest, output.rejects))
    return manifest.parent, rejects.parent, output.folder(summary.group, task, language)


@dataclass(slots=True)
class _Seen:
    """What a manifest says of the rows that went through."""

    pictures: dict[str, int] = field(default_factory=dict)
    """Bytes of each, by SHA-256."""
    shown: Counter[int] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    """Optional pictures, by reason."""
    digests: list[bytes] = field(default_factory=list)
    names: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def counting(self, records: Iterable[Record]) -> Iterator[Record]:
        for record in records:
            self.shown[len(record.images)] += 1
            self.left_out.update(each["reason"] for each in record.meta.get("images_left_out", ()))
            if (paraphrase := record.meta.get("paraphrase")) is not None:
                self.statuses[paraphrase["status"]] += 1
            shown = [image.sha256 for image in record.images]
            self.digests.append(row_digest(record.inputs, record.outputs, record.meta, shown))
            for image in record.images:
                self.pictures.setdefault(image.sha256, len(image.data))
                if is_file(image.name):
                    self.names[image.of_source].add(image.name)
            yield record

"""Which splits are there, and the plan of each: read once, kept, and used by everyone who needs its rows."""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import Any, NamedTuple

from m3it_build.core.choice import Draw
from m3it_build.core.errors import M3itError, SettingsError, SourceError
from m3it_build.core.plural import first_of
from m3it_build.core.sample import tally
from m3it_build.core.schema import ROWS
from m3it_build.core.task import Preset, Split, Task
from m3it_build.core.version import __version__
from m3it_build.paper import paper
from m3it_build.plan.check import SplitCheck, check_files
from m3it_build.plan.layouts import not_read
from m3it_build.plan.parts import unfinished
from m3it_build.plan.settings import BuildSettings
from m3it_build.plan.task_sources import TaskSource, looked_in
from m3it_build.plan.writer import PlanWriter
from m3it_build.sources.archives import state_of
from m3it_build.sources.files import File
from m3it_build.sources.folder import Folder, shortly
from m3it_build.store.atomic import remove
from m3it_build.store.commit import clear, clear_translations
from m3it_build.store.digest import file_sha256
from m3it_build.store.manifest import SourceFile, Summary, find, fingerprint, save
from m3it_build.store.output import OutputFolder
from m3it_build.store.patience import is_file, patiently
from m3it_build.store.rejects import read_rejects, write_rejects
from m3it_build.store.state import DamagedState

WHOLE_DIGEST = 1 << 30
"""Larger files are recognised by their size, first and last MiB."""


class Kind(StrEnum):
    """Why something must be told, in the order in which it is: what the user can mend comes last."""

    UNLABELLED = "unlabelled"
    """A split: the source does not give it, or not its answers."""
    NOT_IN_PAPER = "not_in_paper"
    """A split: the paper has no rows of it."""
    NO_SHORT_ANSWERS = "no_short_answers"
    """A task: there is nothing to paraphrase."""
    ARRIVED = "arrived"
    """A split of which more is there than when it was built: what it changes was made anew."""
    MENDED = "mended"
    """A split of which something that was finished is damaged or lost: it was made again."""
    REPLACED = "replaced"
    """A split that was planned anew as asked, and whose translations went with its rows."""
    MISSING = "missing"
    """A split: its files are not there."""
    INCOMPLETE = "incomplete"
    """A split that is taken, though some of its files are not there."""
    UNREAD = "unread"
    """A task: an archive of its download is not looked into."""
    OTHER_ROWS = "other_rows"
    """A split that is taken, out of files that do not give the rows which better ones would."""
    TWICE = "twice"
    """A task in which stands twice what should stand once."""

    @property
    def passed_over(self) -> bool:
        """Whether nothing comes of it."""
        return self not in {
            Kind.ARRIVED,
            Kind.MENDED,
            Kind.REPLACED,
            Kind.INCOMPLETE,
            Kind.UNREAD,
            Kind.OTHER_ROWS,
            Kind.TWICE,
        }


class Notice(NamedTuple):
    """A split, or a task, of which something must be told; most often that it is passed over."""

    kind: Kind
    name: str
    why: str


class Planner:
    """Plans splits of one output folder under one set of settings."""

    def __init__(
        self,
        layout: OutputFolder,
        settings: BuildSettings,
        read: Callable[[int], None] = lambda _: None,
        *,
        takes_in: bool = False,
        overwrite: bool = False,
    ) -> None:
        """Tell `read` now and then how many records of the split in work were read.

        One that `takes_in` what arrived plans a split anew, and takes away what was built of it, where more of its
        files are there; one that is to `overwrite` does so in any case, when all of a split is read.
        """
        self.output = layout
        self.takes_in = takes_in
        self.overwrite = overwrite
        self.settings = settings
        self.read = read
        self.notices: list[Notice] = []
        """Splits that are not planned, and why; and those that are planned out of files that are not the best."""
        self.counts = paper().tasks

    def splits(self, source: TaskSource, chosen: Sequence[Split] | None) -> list[Split]:
        """The task's splits that are asked for and have labels; what is left out is noted."""
        task = source.entry.task
        asked = [split for split in Split if chosen is None or split in chosen]
        for split in asked:
            if split in task.unlabelled:
                self._note(Kind.UNLABELLED, task, split, task.unlabelled[split])
            elif split in task.splits and self.take(task, split) == 0:
                self._note(Kind.NOT_IN_PAPER, task, split, "the paper has no rows of it; --preset full takes it")
        splits = [split for split in asked if split in task.splits and self.take(task, split) != 0]
        folder = self._folder(source)
        self.notices += [Notice(Kind.UNREAD, task.name, fault) for fault in folder.faults()]
        if chosen is not None:
            return splits
        found = {split: check_files(task, split, folder) for split in splits}
        absent = {split: each for split, each in found.items() if each.nothing}
        if len(absent) == len(splits):
            return splits
        for split, each in absent.items():
            gone = f"{shortly(each.missing)} not there ({looked_in(source.roots)})"
            self._note(Kind.MISSING, task, split, f"{gone}. See: m3it sources {task.name}{not_read(task, folder)}")
        return [split for split in splits if split not in absent]

    def expected(self, task: Task, split: Split) -> int:
        """About how many rows a split will be planned with, before it is read."""
        with suppress(M3itError):  # it is told when the split is planned
            if (summary := find(self.output.summary(task.name, split), Summary)) is not None:
                return summary.planned
        counts = self.counts.get(task.name)
        most = self.take(task, split)
        return most if most is not None else max(1, counts.of(split)) if counts is not None else 1

    def _note(self, kind: Kind, task: Task, split: Split, why: str) -> None:
        self.notices.append(Notice(kind, f"{task.name}/{split}", why))

    def plan(self, source: TaskSource, split: Split) -> Summary:
        """The split's plan, made now unless it is there.

        Raises:
            SourceError: the split's files are missing or cannot be read, or changed while they were read.
            MachineError: the machine does not give them now.
            SettingsError: shards were built of a plan that would no longer be made.
        """
        folder = self._folder(source)
        task, pool = source.entry.task.under(folder.options), source.entry.pool().under(folder.options)
        take = self.take(task, split)
        check = self._need(task, split, folder)
        layout = check.layout
        if layout.note:
            self._note(Kind.OTHER_ROWS, task, split, layout.note)
        for parts in check.parts:
            left = unfinished(folder, parts.missing[0])
            half = f" ({left} is there: its download did not finish)" if left else ""
            self._note(Kind.INCOMPLETE, task, split, f"{parts.told(split)}{half}; {looked_in(source.roots)}")
        facts: dict[str, Any] = {
            "rows": ROWS,
            "code": dict(source.code),
            "instructions": pool.all,
            "settings": self.settings.choosing() | {"options": dict(folder.options)},
            "take": take,
        }
        path, plan = self.output.summary(task.name, split), self.output.plan(task.name, split)
        replacements = 0
        arrived: list[str] = []
        known = None if self.overwrite else self._known(task, split)
        if known is not None:
            files = [_source_file(file) for each in known.files if (file := folder.find(each.name))]
            if self._holds(known, facts, files) and not (arrived := self._arrived(known, check)):
                if self._is_whole(known):
                    return known
                replacements = known.replacements
        draw = Draw(self.settings.seed, task.name)
        files = []

        def ready() -> None:
            """A summary stands beside no other plan: it goes when all was read, before the plan takes its place."""
            files[:] = _read_files(folder)
            remove(path)

        writer = PlanWriter(plan, task, draw, take, self.read, ready)
        counts, shards, rejects = writer.write(layout, folder, self.settings.rows_per_shard)
        if arrived:
            self._note(Kind.ARRIVED, task, split, f"made anew, as {first_of(arrived)} arrived since")
        summary = Summary(
            task=task.name,
            split=split,
            title=task.title,
            group=task.group,
            category=task.category,
            languages=list(task.languages),
            license=task.license.id,
            license_note=task.license.note,
            redistributable=task.license.redistributable,
            homepage=task.homepage,
            citation=task.citation,
            paraphrased=task.paraphrased,
            held_out=task.held_out,
            translated=task.translated,
            version=__version__,
            rows=ROWS,
            code=dict(source.code),
            settings=facts["settings"],
            instructions=pool.all,
            files=files,
            fingerprint=_fingerprint(facts, files),
            plan=writer.digest,
            read=counts["read"],
            planned=counts["planned"],
            **tally(rejects)._asdict(),
            left_out=counts["left_out"],
            shards=shards + replacements,
            replacements=replacements,
        )
        if self.overwrite:
            clear(self.output, task.name, split)
            if languages := clear_translations(self.output, task.name, split):
                why = (
                    f"built anew, so its translations ({first_of(languages)}) were taken away: run m3it translate again"
                )
                self._note(Kind.REPLACED, task, split, why)
        else:
            clear(self.output, task.name, split, keep=summary)
        write_rejects(self.output.rejects(task.name, split), rejects)
        save(path, summary)
        return summary

    def _known(self, task: Task, split: Split) -> Summary | None:
        """What was planned before; a summary that is damaged stands for nothing."""
        try:
            known = find(self.output.summary(task.name, split), Summary)
        except DamagedState as error:
            self._note(Kind.MENDED, task, split, f"planned again, as what was planned is damaged: {error.what}")
            return None
        return known if known is None or (known.task, known.split) == (task.name, split) else None

    def _is_whole(self, summary: Summary) -> bool:
        """Whether the plan that a summary speaks of is there, and the list of what was rejected for it."""
        plan = self.output.plan(summary.task, summary.split)
        try:
            early = read_rejects(self.output.rejects(summary.task, summary.split))
        except DamagedState:
            return False
        lost = sum(summary.filtered.values()) + sum(summary.rejected.values())
        return len(early) == lost and is_file(plan) and file_sha256(plan) == summary.plan

    def _holds(self, summary: Summary, facts: dict[str, Any], files: list[SourceFile]) -> bool:
        """Whether a plan is the one that would be made now; one of which nothing was built may be made anew."""
        if _fingerprint(facts, files) == summary.fingerprint:
            return True
        if not self.output.built(summary.task, summary.split):
            return False
        changed = ", ".join(known.name for known in summary.files if known not in files)
        code = ", ".join(sorted({name for name, _ in summary.code.items() ^ facts["code"].items()}))
        what = (
            f"it was planned by m3it {summary.version}, whose rows differ from this one's"
            if summary.rows != ROWS
            else f"the task's code changed since ({code})" if code
            else f"source files changed since ({changed})" if changed
            else "instructions changed since" if facts["instructions"] != summary.instructions
            else "another number of rows would be taken now"
        )  # fmt: skip
        here = {file.name for file in files}
        gone = [known.name for known in summary.files if known.name not in here]
        if gone and summary.rows == ROWS and not code:
            raise SourceError(
                f"{summary.task}/{summary.split} in {self.output.root} cannot be continued: {first_of(gone)}, of which "
                "it was planned, is not there any more. Put it back (is its disk mounted?), or use --overwrite to "
                "build without it."
            )
        raise SettingsError(
            f"{summary.task}/{summary.split} in {self.output.root} cannot be continued: {what}. "
            "Use --overwrite to build it anew, or another --out."
        )

    def _need(self, task: Task, split: Split, folder: Folder) -> SplitCheck:
        """The split's annotation files.

        Raises:
            SourceError: one is missing, or is not what its name says.
        """
        check = check_files(task, split, folder)
        if check.absent is not None:
            raise check.absent
        if faults := [file.fault for file in check.files if file.fault]:
            raise SourceError(f"{task.name}: {faults[0].removesuffix('.')}. See: m3it sources {task.name}")
        return check

    def _arrived(self, summary: Summary, check: SplitCheck) -> list[str]:
        """Files of which a plan that holds knows nothing, if it is to be made anew for them."""
        known = {file.name for file in summary.files}
        now = {file.name for file in check.annotations}
        arrived = sorted(now - known)
        if arrived and not now & known:
            why = f"{arrived[0]} is there now, and is not read, as rows are built of {min(known)}: --overwrite takes it"
            self.notices.append(Notice(Kind.OTHER_ROWS, f"{summary.task}/{summary.split}", why))
            return []
        return arrived if self.takes_in or not self.output.built(summary.task, summary.split) else []

    def take(self, task: Task, split: Split) -> int | None:
        """How many rows of a split; None is all."""
        counts = self.counts.get(task.name)
        paper = counts.of(split) if counts is not None and self.settings.preset is Preset.PAPER else None
        return (
            paper
            if self.settings.limit is None
            else self.settings.limit
            if paper is None
            else min(paper, self.settings.limit)
        )

    def _folder(self, source: TaskSource) -> Folder:
        """The task's files under the chosen options."""
        return Folder(source.entry.task.name, source.roots, self.settings.options_of(source.entry.task))


def _fingerprint(facts: Mapping[str, Any], files: Sequence[SourceFile]) -> str:
    return fingerprint({**facts, "files": [file.model_dump() for file in files]})


def _read_files(folder: Folder) -> list[SourceFile]:
    """The files that were read, as they were then.

    Raises:
        SourceError: one is another by now, so that nobody could say of which the rows are.
    """
    found = [_source_file(file) for _, file in sorted(folder.opened.items())]
    for name, file in folder.opened.items():
        if state_of(file.paths) != folder.editions[name]:
            raise SourceError(f"{file.where()}: changed while it was read. Run the command again.")
    return found


def _source_file(file: File) -> SourceFile:
    """Name, size and hash of an annotation file; of one in an archive those of the archive, all its pieces."""
    return patiently(file.where(), lambda: _hashed(file))


def _hashed(file: File) -> SourceFile:
    sizes = [path.stat().st_size for path in file.paths]
    found = hashlib.sha256()
    for path, size in zip(file.paths, sizes, strict=True):
        with path.open("rb") as stream:
            if size > WHOLE_DIGEST:
                found.update(stream.read(1 << 20))
                stream.seek(-(1 << 20), os.SEEK_END)
            while piece := stream.read(1 << 20):
                found.update(piece)
    return SourceFile(name=file.name, bytes=sum(sizes), sha256=found.hexdigest())

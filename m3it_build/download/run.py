"""A download is carried out: several files at once, each on its own, none stopping another."""

import re
import threading
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from m3it_build.core.errors import M3itError, MachineError, OutputError, SettingsError
from m3it_build.core.machine import is_of_machine
from m3it_build.core.names import closest
from m3it_build.core.progress import Progress
from m3it_build.core.version import __version__
from m3it_build.download.plan import Item, State, Wish, broken, items, names_of, still_to_come, told
from m3it_build.download.record import Acceptance, FileRecord, FolderRecord, Record
from m3it_build.download.settings import DownloadSettings
from m3it_build.download.table import Access, Kind, Table, Wanted, is_name, read_table
from m3it_build.download.unpack import Broken, unpack
from m3it_build.services.door import Address, Again, Door, Refused, masked
from m3it_build.services.hub import endpoint_host, has_token, hub_files
from m3it_build.services.transfer import Expected, Fetched, Full, Pace, Stopped, alone, hash_of, transfer, writing
from m3it_build.store.disk import free_bytes
from m3it_build.store.patience import is_anything, is_dir, is_file
from m3it_build.store.state import size_of

A_HOST = 2
"""Files that are fetched from one host at once."""
DRIVE = "https://drive.google.com/uc?export=download&id="


@dataclass(frozen=True, slots=True)
class DownloadReport:
    """What is there after a download, or would be fetched."""

    folder: Path
    tasks: Sequence[str]
    items: Sequence[Item]
    """Every file of the tasks, as it is now."""
    to_fetch: int
    """Bytes, as far as they are known."""
    unsized: int
    """Files to fetch of which the size is not known."""
    free: int
    """Bytes on the disk."""

    @property
    def missing(self) -> list[Item]:
        """What is needed and not there."""
        return [each for each in self.items if not each.state.done and not each.optional]

    @property
    def failed(self) -> list[Item]:
        """Of what the machine failed; the same command goes on with them."""
        return [each for each in self.items if each.state is State.FAILED]


@dataclass(frozen=True, slots=True)
class _Target:
    """One file to fetch."""

    place: str
    addresses: Sequence[Address]
    expected: Expected


def download(
    tasks: Sequence[str],
    folder: Path,
    settings: DownloadSettings,
    progress: Progress,
    *,
    media: dict[str, Path],
    only: Kind | None = None,
    accept: Sequence[str] = (),
    dry_run: bool = False,
    verify: bool = False,
    pace: Pace | None = None,
    known: Collection[str] = (),
    here: Callable[[str], frozenset[Kind]] = lambda _: frozenset(),
) -> DownloadReport:
    """Fetch what some tasks need; see `m3it_build.download`, and `read_table` of `known`, all tasks that there are.

    Raises:
        SettingsError: a table that cannot be read, a proxy or certificates that cannot be used.
        OutputError: too little room, or a folder that cannot be written.
    """
    table = read_table(settings.table, known)
    _check_folder(folder)
    record = Record(folder)
    wish = Wish(tasks, folder, media, only, settings.mirrors, frozenset(accept), has_token(), here)
    _check_accepted(table, wish.accept)
    found = items(table, wish, record)
    if verify:
        found = [_verified(each, record, wish) for each in found]
    if not dry_run and any(each.state.open for each in found):
        for each in found:
            _keep_acceptance(each.wanted, wish, record)
        run = _Run(folder, wish, record, settings, progress, pace or Pace())
        try:
            found = run.all(found)
        finally:
            run.door.close()
    coming, unsized = still_to_come(found)
    return DownloadReport(folder, tasks, found, coming, unsized, free_bytes(folder))


def _check_folder(folder: Path) -> None:
    here = folder.absolute()
    there = next(each for each in (here, *here.parents) if is_anything(each))
    if not is_dir(there):
        raise OutputError(f"{folder}: {there} is a file. Choose another --source.")


def _verified(item: Item, record: Record, wish: Wish) -> Item:
    """The same, after its hash was compared with the table's, else with the one that was measured."""
    known = record.content.files.get(item.wanted.place)
    hashes = item.wanted.hashes or ({"sha256": known.sha256} if known else {})
    if not item.state.done or not hashes:
        return item
    kind, expected = next(iter(hashes.items()))
    try:
        if not is_file(item.path):
            return item
        found = hash_of(item.path, kind)
    except MachineError as error:
        return replace(item, state=State.FAILED, why=str(error))
    if found == expected or f"{kind}:{found}" in wish.accept or (known and known.sha256 == found):
        return item
    return replace(item, state=State.WRONG, why=f"has {kind} {found}, not {expected}. Remove it and run this again")


def _keep_acceptance(wanted: Wanted, wish: Wish, record: Record) -> None:
    known = {each.name for each in record.content.accepted}
    for name in sorted(wish.accept & set(names_of(wanted)) - known):
        if wanted.access is Access.FORM:
            date = datetime.now(UTC).isoformat(timespec="seconds")
            record.accept(Acceptance(name=name, page=wanted.page, date=date, version=__version__))


class _Run:
    """Files on their way."""

    def __init__(
        self, folder: Path, wish: Wish, record: Record, settings: DownloadSettings, progress: Progress, pace: Pace
    ) -> None:
        self.folder, self.wish, self.record, self.progress, self.pace = folder, wish, record, progress, pace
        self.connections = settings.connections
        self.door = Door(allow_private=settings.allow_private, own=[endpoint_host()])
        self.stop = threading.Event()
        self.turn = threading.Condition()
        self.hosts: Counter[str] = Counter()
        self.waiting: list[tuple[Item, list[_Target]]] = []
        self.done: dict[str, Item] = {}
        self.fatal: M3itError | None = None

    def all(self, found: Sequence[Item]) -> list[Item]:
        """Fetch what can be fetched; each item as it is afterwards."""
        for item in found:
            if item.state.open:
                try:
                    self.waiting.append((item, self._targets(item.wanted)))
                except OutputError:
                    raise
                except M3itError as error:
                    self.done[item.wanted.place] = _undone(item, error)
        self._check_room()
        self.progress.fetching(
            len(self.waiting), sum(each.expected.size or 0 for _, targets in self.waiting for each in targets)
        )
        threads = [
            threading.Thread(target=self._work, daemon=True) for _ in range(min(self.connections, len(self.waiting)))
        ]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                while thread.is_alive():
                    thread.join(0.2)
        except BaseException:
            self.stop.set()
            for thread in threads:
                thread.join(2)
            raise
        if self.fatal is not None:
            raise self.fatal
        return [self.done.get(each.wanted.place, each) for each in found]

    def _check_room(self) -> None:
        need = 0
        for item, targets in self.waiting:
            size = sum(each.expected.size or 0 for each in targets) or item.wanted.size or 0
            need += max(0, size - item.have) + (size if item.wanted.extract else 0)
        need += need // 20
        if need > (free := free_bytes(self.folder)):
            raise OutputError(
                f"{self.folder}: {need:,} bytes are needed and {free:,} are free. Make room, choose another --source, "
                "or take --only annotations."
            )

    def _targets(self, wanted: Wanted) -> list[_Target]:
        """The files behind a row of the table.

        Raises:
            Refused: the Hub does not have it, or not for us.
        """
        known = self.record.content.files.get(wanted.place)
        hashes = dict(wanted.hashes) or ({"sha256": known.sha256} if known else {})
        if wanted.place.endswith("/"):
            return self._folder(wanted)
        addresses, size = [], wanted.bytes
        errors: list[Refused | Again] = []
        for url in wanted.urls:
            if url.startswith("drive:"):
                addresses.append(Address(DRIVE + url.removeprefix("drive:"), drive=True))
            elif url.startswith("hub:"):
                owner, name, path = url.removeprefix("hub:").split("/", 2)
                try:
                    file = hub_files(f"{owner}/{name}", path).files[0]
                except (Refused, Again) as error:
                    errors.append(error)
                else:
                    addresses.append(file.address)
                    size, hashes = size or file.size, hashes or file.hashes
            else:
                addresses.append(Address(url))
        if not addresses:
            raise errors[0]
        return [_Target(wanted.place, addresses, Expected(size, hashes, self.wish.accept))]

    def _folder(self, wanted: Wanted) -> list[_Target]:
        owner, name, pattern = wanted.urls[0].removeprefix("hub:").split("/", 2)
        known = self.record.content.folders.get(wanted.place)
        found = hub_files(f"{owner}/{name}", pattern, revision=known.commit if known else None)
        targets = [
            _Target(wanted.place + each.path, [each.address], Expected(each.size, each.hashes, self.wish.accept))
            for each in found.files
        ]
        for each in targets:
            if not all(is_name(part) for part in each.place.split("/")):
                raise Refused(f"{owner}/{name}: {each.place!r} is no name for a file.")
        self.record.add(wanted.place, FolderRecord(commit=found.commit, files=[each.place for each in targets]))
        return targets

    def _work(self) -> None:
        """Take files as long as there are some, never more than `A_HOST` of a host at once."""
        while not self.stop.is_set():
            with self.turn:
                free = [each for each in self.waiting if self.hosts[_host(each[1])] < A_HOST]
                if not self.waiting:
                    return
                if not free:
                    self.turn.wait(0.5)
                    continue
                item, targets = free[0]
                self.waiting.remove(free[0])
                self.hosts[_host(targets)] += 1
            try:
                done = self._one(item, targets)
            except (Full, OutputError) as error:
                self.fatal = error
                self.stop.set()
                return
            except Exception as error:  # noqa: BLE001 - a fault of ours in one file is no fault of the others
                done = _undone(item, error)
                self.progress.unfetched(item.wanted.place, done.why)
            with self.turn:
                self.hosts[_host(targets)] -= 1
                self.done[item.wanted.place] = done
                self.turn.notify_all()

    def _one(self, item: Item, targets: Sequence[_Target]) -> Item:
        """Fetch a row of the table, several files of it one after another, and unpack it."""
        wanted = item.wanted
        archive = self.folder / wanted.place
        once = alone(archive, self.progress.note, self.stop, "unpack.lock") if wanted.extract else nullcontext()
        with once:
            known = self.record.again(wanted.place) if wanted.extract else None
            if (
                known is not None
                and known.unpacked
                and is_dir(self.folder / known.unpacked)
                and not is_anything(archive)
            ):
                size = known.bytes  # by another process meanwhile
            else:
                size = sum(self._fetch(each) for each in targets)
                if wanted.extract:
                    self._unpack(item, wanted.extract)
        self.progress.fetched(wanted.place, size)
        return replace(item, state=State.UNPACKED if wanted.extract else State.THERE, have=size)

    def _fetch(self, target: _Target) -> int:
        """Fetch a file that is not there yet; its size in bytes."""
        path = self.folder / target.place
        known = self.record.content.files.get(target.place)
        if known is not None and size_of(path) == known.bytes:
            return known.bytes

        def keep(got: Fetched) -> None:
            self.record.add(target.place, FileRecord(url=got.url, bytes=got.size, sha256=got.sha256))

        return transfer(
            target.addresses,
            path,
            target.expected,
            door=self.door,
            pace=self.pace,
            moved=lambda more: self.progress.came(target.place, more),
            say=self.progress.note,
            right=keep,
            stop=self.stop,
        ).size

    def _unpack(self, item: Item, extract: str) -> None:
        archive, known = self.folder / item.wanted.place, self.record.content.files[item.wanted.place]
        self.progress.note(f"{item.wanted.place}: unpacking into {extract}")
        with writing(archive, "unpacked"):
            try:
                if not unpack(archive, self.folder / extract, self.stop.is_set):
                    raise Stopped("stopped while unpacking.")
            except Broken as error:
                aside = broken(archive)
                archive.replace(aside)
                self.record.forget(item.wanted.place)
                raise Refused(
                    f"{archive.name}: {error}. It was set aside as {aside}: run this again to fetch it anew, or, if "
                    f"you trust it, unpack it yourself into {self.folder / extract} and remove it."
                ) from error
            self.record.add(item.wanted.place, known.model_copy(update={"unpacked": extract}))
            archive.unlink()
            broken(archive).unlink(missing_ok=True)


def _undone(item: Item, error: Exception) -> Item:
    """A file that did not come, and why."""
    if isinstance(error, MachineError) or is_of_machine(error):
        return replace(item, state=State.FAILED, why=told(error))
    if isinstance(error, M3itError):
        return replace(item, state=State.PERSON, why=str(error))
    why = f"cannot be fetched: an internal error, {type(error).__name__}: {masked(str(error))}. Report it."
    return replace(item, state=State.PERSON, why=why)


def _host(targets: Sequence[_Target]) -> str:
    return urlsplit(targets[0].addresses[0].url).netloc


def _check_accepted(table: Table, accept: Collection[str]) -> None:
    """Refuse a name that no file goes by, and what is no hash: a slip would look as if it were accepted."""
    known = {name for each in table.file for name in names_of(each)}
    for each in accept:
        if each not in known and not re.fullmatch(r"sha256:[0-9a-f]{64}|bytes:[0-9]+", each):
            hint = "" if ":" in each else f" {closest(each, sorted(known))}"
            raise SettingsError(
                f"--accept {each}: neither a task of the table nor sha256:<hex> or bytes:<count>.{hint}"
            )

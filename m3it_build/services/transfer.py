"""One file over HTTP: resumed where it was cut, never two editions in one, under its name only when it is right.

While it comes, `.NAME.part` holds the bytes and `.NAME.part.json` says of what. A part is continued only at the same
address and with a validator in If-Range, so a server that has another edition by then sends that one from its start.
"""

import errno
import hashlib
import html
import math
import os
import queue
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple
from urllib.parse import urlencode, urljoin, urlsplit

from pydantic import BaseModel, ValidationError

from m3it_build.core.errors import M3itError, MachineError
from m3it_build.core.machine import machine_error, machine_failed
from m3it_build.services.door import Address, Again, Door, Refused, body, masked, shown
from m3it_build.services.whole import HEAD, TEXT, damage, wrong_kind
from m3it_build.store.atomic import advice
from m3it_build.store.disk import FULL, free_bytes, sync_folder
from m3it_build.store.patience import if_there, is_anything, is_dir, retried
from m3it_build.store.regular_file import Disk
from m3it_build.store.state import size_of

if TYPE_CHECKING:
    import httpx2

CHUNK = 1 << 20
LARGEST = 1 << 36
"""Bytes of a file whose size nobody tells: 64 GiB."""
RESERVE = 1 << 26
"""Bytes that stay free on the disk."""
MISSING = (401, 403)
PACKED = ("gzip", "x-gzip", "deflate", "br", "zstd", "compress")
"""Codings of the way."""
OF_ONE = (
    errno.EISDIR,
    errno.ENOTDIR,
    errno.EEXIST,
    errno.ENOTEMPTY,
    errno.ENAMETOOLONG,
    errno.ELOOP,
    errno.EILSEQ,
    errno.EINVAL,
)
"""Errors of a place, not of the disk: other files may be written."""


class Changed(Refused):
    """An address gives another file than the table says."""

    def __init__(self, text: str, sha256: str, size: int) -> None:
        super().__init__(text)
        self.sha256, self.size = sha256, size


class Unwritable(MachineError):
    """A file cannot be written; what came is kept."""


class Full(Unwritable):
    """Nor can any other: the disk is full, or may not be written."""


class Stopped(M3itError):
    """Somebody asked to stop; what came is kept."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known of a file before it comes."""

    size: int | None = None
    hashes: Mapping[str, str] = field(default_factory=dict)
    """sha256, md5, git (the id of its blob)."""
    accepted: frozenset[str] = frozenset()
    """What a person trusts instead: "sha256:<hex>", "bytes:<count>"."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often, and how long, a server is asked."""

    tries: int = 6
    first: float = 1.0
    """Seconds before the second try; each time twice as many."""
    most: float = 60.0
    longest: float = 600.0
    """Seconds that a server may ask to wait."""
    worth: int = 1 << 16
    """Bytes beyond the furthest place so far, of a try that does not count."""
    window: float = 60.0
    slowest: int = 60 << 10
    """Bytes that must come in a window of seconds."""


class Fetched(NamedTuple):
    """A file that is there now."""

    url: str
    """Of whom it came, without a password or a query."""
    size: int
    sha256: str
    came: int
    """Bytes over the network in this call."""


class _Part(BaseModel):
    """What the bytes of a part are of."""

    url: str
    etag: str = ""
    modified: str = ""
    total: int | None = None

    @property
    def validator(self) -> str:
        """For If-Range: a strong ETag, else the date; empty without one that can stand in a header."""
        strong = "" if self.etag.startswith("W/") else self.etag
        return next((each for each in (strong, self.modified) if each and _is_plain(each)), "")


def transfer(
    addresses: Sequence[Address],
    target: Path,
    expected: Expected | None = None,
    *,
    door: Door,
    pace: Pace | None = None,
    moved: Callable[[int], None] = lambda _: None,
    say: Callable[[str], None] = lambda _: None,
    right: Callable[[Fetched], None] = lambda _: None,
    stop: threading.Event | None = None,
) -> Fetched:
    """Fetch a file from the first of some addresses that gives it.

    Args:
        addresses: All of the same bytes.
        target: Where it is put, when it is whole and right.
        expected: Its size and hashes, as far as they are known.
        door: Through which they are asked.
        pace: How often.
        moved: Is told of bytes: those of an earlier run first, less where they must come again.
        say: Is told what a person may wonder about.
        right: Is told of the file before it has its name, so that none of that name is there of which it does not know.
        stop: Ends the transfer when it is set.

    Returns:
        What is there; also where another process put it there meanwhile.

    Raises:
        Changed: every address that gives the file gives another one.
        Refused: no address gives it.
        Unwritable: the disk is full, or the folder cannot be written.
        MachineError: what is there already cannot be read, or this machine has no room for a connection.
        Stopped: `stop` was set.
    """
    expected, stop = expected or Expected(), stop or threading.Event()
    with alone(target, say, stop), writing(target):
        if (size := size_of(target)) is not None:
            got = Fetched("", size, hash_of(target, "sha256"), 0)
            right(got)
            return got
        bad = _beside(target, "bad")
        size = size_of(bad)
        if size is not None and f"sha256:{(found := hash_of(bad, 'sha256'))}" in expected.accepted:
            got = Fetched("", size, found, 0)
            right(got)
            bad.replace(target)
            return got
        errors: list[Refused] = []
        for address in addresses:
            try:
                got = _Transfer(address, target, expected, door, pace or Pace(), moved, say, right, stop).run()
            except Refused as error:
                errors.append(error)
            else:
                bad.unlink(missing_ok=True)
                return got
        others = [error for error in errors if isinstance(error, Changed)]
        if others and len({error.sha256 for error in others}) == 1:
            raise others[0]
        raise Refused(" ".join(str(error) for error in errors))


def hash_of(path: Path, kind: str) -> str:
    """A hash of a file.

    Args:
        path: The file.
        kind: sha256, md5, or git, the id of its blob.

    Raises:
        MachineError: it cannot be read.
    """
    digest = hashlib.sha256() if kind == "sha256" else hashlib.new("md5" if kind == "md5" else "sha1")
    with Disk(path) as stream:
        if kind == "git":
            digest.update(b"blob %d\0" % stream.size)
        while part := stream.read(CHUNK):
            digest.update(part)
    return digest.hexdigest()


class _Transfer:
    """A file from one address."""

    def __init__(
        self,
        address: Address,
        target: Path,
        expected: Expected,
        door: Door,
        pace: Pace,
        moved: Callable[[int], None],
        say: Callable[[str], None],
        right: Callable[[Fetched], None],
        stop: threading.Event,
    ) -> None:
        self.address, self.target, self.expected, self.door, self.pace = address, target, expected, door, pace
        self.moved, self.say, self.right, self.stop = moved, say, right, stop
        self.part, self.facts = _beside(target, "part"), _beside(target, "part.json")
        self.told = self.came = self.furthest = 0
        self.digest = hashlib.sha256()

    def run(self) -> Fetched:
        """Try as long as it brings something new; what comes again, as of a server without ranges, is not."""
        tries = 0
        self.furthest = self._known()[1]
        while True:
            before = self.furthest
            try:
                return self._try()
            except Again as error:
                if self.furthest - before >= self.pace.worth:
                    tries = 0
                tries += 1
                if tries >= self.pace.tries:
                    self._count(0)
                    raise Refused(f"{str(error).rstrip('.')} ({tries} tries).") from error
                wait = min(self.pace.first * 2 ** (tries - 1), self.pace.most) * random.uniform(0.75, 1.25)  # noqa: S311 - spreads the tries of many, decides nothing
                if error.after is not None:
                    if error.after > self.pace.longest:
                        when = f"in {error.after:,.0f} s" if error.after < 1e6 else "much later"
                        raise Refused(f"{self.address.host}: asks to come back {when}.") from error
                    wait = error.after
                if self.stop.wait(0 if error.at_once else wait):
                    raise Stopped("stopped.") from error
            except Refused:
                self._count(0)
                raise
            except (M3itError, OSError):
                raise
            except Exception as error:  # whatever an answer leads to is of this address alone
                self._count(0)
                if machine_failed(error):
                    raise machine_error(self.target, error) from error
                raise Refused(
                    f"{self.address.host}: answers what cannot be read for {self.target.name} "
                    f"({type(error).__name__}: {masked(str(error), self.address.token)})."
                ) from error

    def _try(self) -> Fetched:
        known, start = self._known()
        headers = {}
        if known is not None and start:
            headers["Range"] = f"bytes={start}-"
            if known.validator:
                headers["If-Range"] = known.validator
        with self._asked(headers) as answer:
            if answer.status_code == 416 and start:
                if _total(answer.headers.get("content-range", "")) == start:
                    self._reread(start)
                    return self._finish(resumed=True)
                self._forget()
                raise Again(f"{self.address.host}: has another edition by now", at_once=True)
            self._judge_status(answer)
            facts = _Part(
                url=shown(self.address.url),
                etag=answer.headers.get("etag", ""),
                modified=answer.headers.get("last-modified", ""),
            )
            if answer.status_code == 206 and not start:
                raise Refused(f"{self.address.host}: gives a part of {self.target.name}, though asked for all of it.")
            if answer.status_code == 206:
                start, facts.total = self._range(answer, facts, known, start)
            else:
                if start:
                    self.say(f"{self.target.name}: the server begins anew, {start:,} bytes come again.")
                start, facts.total = 0, _number(answer.headers.get("content-length", ""))
            self._judge(answer, facts.total, start)
            self._take(answer, facts, start)
        return self._finish(resumed=start > 0)

    def _known(self) -> tuple[_Part | None, int]:
        """What the part is of, and its size, if it can be continued."""
        try:
            data = if_there(self.facts, self.facts.read_bytes)
            known = None if data is None else _Part.model_validate_json(data)
        except ValidationError:
            known = None
        size = size_of(self.part)
        if known is None or size is None:
            return None, 0
        if known.url != shown(self.address.url):  # of a mirror: its hash tells whether the parts belong together
            known = known.model_copy(update={"etag": "", "modified": ""})
        return (known, size) if known.validator or "sha256" in self.expected.hashes else (None, 0)

    def _forget(self) -> None:
        self.facts.unlink(missing_ok=True)
        self.part.unlink(missing_ok=True)
        self._count(0)

    def _count(self, size: int) -> None:
        """Tell how many bytes of the file are there."""
        self.moved(size - self.told)
        self.told = size

    @contextmanager
    def _asked(self, headers: Mapping[str, str]) -> Iterator["httpx2.Response"]:
        """The answer; of Google Drive that behind its question."""
        hashed = "sha256" in self.expected.hashes
        if not self.address.drive:
            with self.door.get(self.address, headers, hashed=hashed) as answer:
                yield answer
            return
        with self.door.get(self.address, {}, hashed=hashed) as answer:
            if not _is_page(answer):
                behind = None
            else:
                self._judge_status(answer)
                behind = _form(answer)
        if behind is None:
            behind = self.address.url
        with self.door.get(Address(behind), headers, hashed=hashed) as answer:
            if _is_page(answer):
                raise Refused(
                    f"{self.address.host}: Google refuses, mostly for 24 hours. Open it in a browser where you are "
                    f"signed in ({self.address.url}) and put the file there."
                )
            yield answer

    def _judge_status(self, answer: "httpx2.Response") -> None:
        code = answer.status_code
        if code in (408, 425, 429) or code >= 500:
            raise Again(f"{self.address.host}: answers {code}", _after(answer.headers.get("retry-after", "")))
        if code not in (200, 206):
            hint = " It may ask for a login." if code in MISSING else ""
            raise Refused(f"{self.address.host}: answers {code} for {self.target.name}.{hint}")

    def _range(
        self, answer: "httpx2.Response", facts: _Part, known: _Part | None, start: int
    ) -> tuple[int, int | None]:
        """Where the bytes of a 206 begin, and how many the file has."""
        found = re.fullmatch(
            r"bytes ([0-9]{1,19})-[0-9]{0,19}/([0-9]{1,19}|\*)", answer.headers.get("content-range", "").strip()
        )
        total = int(found[2]) if found and found[2] != "*" else known.total if known else None
        same = known is not None and (known.total is None or known.total == total)
        if same and known is not None and known.validator and facts.validator:
            same = known.validator == facts.validator
        if found is None or not same or int(found[1]) > start:
            self._forget()
            raise Again(f"{self.address.host}: has another edition by now", at_once=True)
        return int(found[1]), total

    def _judge(self, answer: "httpx2.Response", total: int | None, start: int) -> None:
        """Refuse before a byte is written."""
        if _is_page(answer) and self.target.suffix not in (".html", ".htm"):
            raise Refused(f"{self.address.host}: gives a web page instead of {self.target.name}.")
        coding = answer.headers.get("content-encoding", "").strip().lower()
        if coding in PACKED and not self.expected.hashes and self.target.suffix not in (".gz", ".tgz"):
            raise Refused(
                f"{self.address.host}: gives {self.target.name} packed ({coding}), though asked for it as it is."
            )
        wanted, trusted = self.expected.size, f"bytes:{total}" in self.expected.accepted
        if total is not None and wanted is not None and total != wanted and not trusted:
            raise Refused(
                f"{self.address.host}: gives {total:,} bytes for {self.target.name}, not {wanted:,}. If you trust it: "
                f"--accept bytes:{total}."
            )
        need = (total or wanted or 0) - start
        if (free := free_bytes(self.target.parent)) < need + RESERVE:
            raise Full(
                f"{self.target}: {need:,} bytes are still to come and {free:,} are free. Make room, then run the same "
                "command again."
            )

    def _take(self, answer: "httpx2.Response", facts: _Part, start: int) -> None:
        """Write the body behind what is there."""
        most = facts.total or self.expected.size or LARGEST
        pieces = body(answer)
        head = b""
        if not start:
            for piece in pieces:
                head += piece
                if len(head) >= HEAD:
                    break
            hashed = self.expected.hashes and (not head or self.target.suffix.lower() in TEXT)
            if not hashed and (wrong := wrong_kind(self.target.name, head)) is not None:
                raise Refused(f"{self.address.host}: gives {wrong} for {self.target.name}.")
        self._reread(start)
        self._count(start)
        if not start:
            self.facts.unlink(missing_ok=True)  # before the bytes that it speaks of
        with self.part.open("r+b" if start else "wb", buffering=0) as stream:
            temporary = _beside(self.target, "part.json.tmp")
            temporary.write_text(facts.model_dump_json(), "utf-8")
            temporary.replace(self.facts)
            stream.seek(start)
            stream.truncate()
            size, since, mark = start, time.monotonic(), start
            with _Writer(stream, self.digest) as writer:
                for piece in _chain(head, pieces):
                    size += len(piece)
                    if size > most:
                        break
                    writer.put(piece)
                    self.came += len(piece)
                    self._count(size)
                    self.furthest = max(self.furthest, size)
                    if self.stop.is_set():
                        raise Stopped("stopped.")
                    if (now := time.monotonic()) - since > self.pace.window:
                        if size - mark < self.pace.slowest:
                            raise Again(
                                f"{self.address.host}: {size - mark:,} bytes in {now - since:.0f} s are too slow"
                            )
                        since, mark = now, size
            if size > most:
                self._forget()
                raise Refused(f"{self.address.host}: gives more than {most:,} bytes for {self.target.name}.")
            if size < (facts.total or 0):
                raise Again(f"{self.address.host}: stopped at {size:,} of {facts.total:,} bytes")
            os.fsync(stream.fileno())

    def _reread(self, size: int) -> None:
        self.digest = hashlib.sha256()
        if size:
            with Disk(self.part) as stream:
                while size > 0 and (part := stream.read(min(size, CHUNK))):
                    self.digest.update(part)
                    size -= len(part)

    def _finish(self, *, resumed: bool) -> Fetched:
        """Check the whole file and give it its name."""
        size, sha256 = size_of(self.part) or 0, self.digest.hexdigest()
        trusted = f"sha256:{sha256}" in self.expected.accepted
        wrong = None if trusted else self._wrong(size, sha256)
        if wrong is None:
            got = Fetched(shown(self.address.url), size, sha256, self.came)
            self.right(got)
            self.part.replace(self.target)
            sync_folder(self.target.parent)
            self.facts.unlink(missing_ok=True)
            return got
        if resumed:  # perhaps its parts do not belong together
            self._forget()
            raise Again(f"{self.address.host}: {wrong}")
        if self.expected.hashes:
            self.part.replace(_beside(self.target, "bad"))
        self._forget()
        if not self.expected.hashes:
            raise Refused(f"{self.address.host}: gives {wrong} for {self.target.name}.")
        raise Changed(
            f"{self.target.name}: {self.address.host} gives another file by now: sha256 {sha256}, {size:,} bytes. If "
            f"you trust it: --accept sha256:{sha256}.",
            sha256,
            size,
        )

    def _wrong(self, size: int, sha256: str) -> str | None:
        wanted = self.expected.size
        if wanted is not None and size != wanted and f"bytes:{size}" not in self.expected.accepted:
            return f"{size:,} bytes, not {wanted:,},"
        if f"bytes:{size}" in self.expected.accepted or not self.expected.hashes:
            return damage(self.part, self.target.name)
        kind, known = next(iter(self.expected.hashes.items()))
        found = sha256 if kind == "sha256" else hash_of(self.part, kind)
        return None if found == known else f"a file with another {kind}"


def _beside(target: Path, what: str) -> Path:
    return target.with_name(f".{target.name}.{what}")


def _chain(head: bytes, body: Iterator[bytes]) -> Iterator[bytes]:
    if head:
        yield head
    yield from body


class _Writer:
    """Writes and hashes in a thread of its own, while more comes; at its end all that was put is written."""

    def __init__(self, stream: BinaryIO, digest: "hashlib._Hash") -> None:
        self.stream, self.digest = stream, digest
        self.pieces: queue.Queue[bytes | None] = queue.Queue(8)
        self.error: OSError | MemoryError | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)

    def put(self, piece: bytes) -> None:
        """Take a piece; raises what went wrong with an earlier one."""
        if self.error is not None:
            raise self.error
        self.pieces.put(piece)

    def _run(self) -> None:
        while (piece := self.pieces.get()) is not None:
            if self.error is None:
                try:
                    view = memoryview(piece)
                    while view:  # a stream without a buffer may take less, as before a disk is full
                        view = view[self.stream.write(view) :]
                    self.digest.update(piece)
                except (OSError, MemoryError) as error:
                    self.error = error

    def __enter__(self) -> "_Writer":
        self.thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.pieces.put(None)
        self.thread.join()
        if self.error is not None and kind is None:
            raise self.error


def _is_page(answer: "httpx2.Response") -> bool:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind in ("text/html", "application/xhtml+xml")


def _total(content_range: str) -> int | None:
    found = re.fullmatch(r"bytes \*/([0-9]+)", content_range.strip())
    return _number(found[1]) if found else None


def _number(text: str) -> int | None:
    """A count of bytes or seconds; None for what is none, or more than anybody has."""
    return int(text) if re.fullmatch("[0-9]{1,19}", text.strip()) else None


def _is_plain(value: str) -> bool:
    """Whether it can be sent back in a header."""
    return value.isascii() and value.isprintable() and len(value) < 512


def _after(value: str) -> float | None:
    """Seconds of a Retry-After, which may be a date."""
    if re.fullmatch("[0-9]+", value.strip()):
        found = _number(value)
        return math.inf if found is None else float(found)
    with suppress(ValueError, TypeError, OverflowError):
        when = parsedate_to_datetime(value)
        return max(0.0, (when - datetime.now(UTC)).total_seconds())
    return None


def _form(answer: "httpx2.Response") -> str | None:
    """The address behind Google Drive's question whether a file that it could not scan is wanted."""
    page = b""
    for piece in body(answer):
        page += piece
        if len(page) > CHUNK:
            break
    text = page.decode("utf-8", "replace")
    form = re.search(r'<form[^>]*id="download-form"[^>]*action="([^"]+)"(.*?)</form>', text, re.DOTALL)
    if form is None:
        return None
    action = urljoin(str(answer.url), html.unescape(form[1]))
    host = urlsplit(action).netloc
    if host != answer.url.netloc.decode() and not host.endswith((".google.com", ".googleusercontent.com")):
        return None
    fields = re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form[2])
    return f"{action}?{urlencode([(name, html.unescape(value)) for name, value in fields])}"


@contextmanager
def writing(target: Path, done: str = "written") -> Iterator[None]:
    """What the disk says while a file is written, or `done` otherwise, becomes a message.

    Raises:
        Refused: nothing can lie at this place.
        Unwritable: it cannot be written.
    """
    try:
        yield
    except OSError as error:
        place = "" if error.filename in (None, str(target)) else f"{error.filename}: "
        why = f"{target}: cannot be {done} ({place}{error.strerror or error})."
        if error.errno in OF_ONE:
            raise Refused(f"{why} Move away what lies there, then run the same command again.") from error
        all_of_it = error.errno in (*FULL, errno.EROFS)
        raise (Full if all_of_it else Unwritable)(
            f"{why} {advice(error, 'place')}, then run the same command again: what came is kept."
        ) from error


@contextmanager
def alone(target: Path, say: Callable[[str], None], stop: threading.Event, what: str = "lock") -> Iterator[None]:
    """One process makes a file, or unpacks it; another one waits for that.

    Args:
        target: The file.
        say: Is told that somebody else is at it.
        stop: Ends the waiting.
        what: Names the lock beside the file.

    Raises:
        Refused: nothing can lie at this place.
        Unwritable: the folder cannot be written.
        Stopped: `stop` was set.
    """
    from filelock import FileLock, Timeout

    path = _beside(target, what)
    lock = FileLock(path)
    with writing(target):
        if is_dir(target):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        retried(lambda: make_parents(target))
        try:
            retried(lambda: lock.acquire(timeout=0))
        except Timeout:
            say(f"{target.name}: another m3it is fetching it; waiting for that.")
            while not lock.is_locked:
                if stop.is_set():
                    raise Stopped("stopped.") from None
                with suppress(Timeout):
                    lock.acquire(timeout=0.5)
    try:
        yield
    finally:
        with suppress(OSError, MachineError):  # a lock that stays is in nobody's way
            if is_anything(target) or not is_anything(_beside(target, "part")):  # nothing that two could write
                path.unlink(missing_ok=True)
        with suppress(OSError):  # the system gives it back when its file is closed
            lock.release()


def make_parents(target: Path) -> None:
    """The folders above a file; `Path.mkdir` takes one that cannot be looked at for something else in its place."""
    if not is_dir(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)

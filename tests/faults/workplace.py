"""A small place for commands: sources, an output folder, servers of this machine; and what its end state is."""

import hashlib
import os
import re
import shutil
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.chat_server import ChatServer
from tests.corpus import ROOT, write_okvqa
from tests.download.mirror import Mirror, add_okvqa
from tests.fault_server import fault_server
from tests.faults.shim import ERRORS, Calls, Orders
from tests.faults.zygote import Done, Zygote
from tests.publish.hub import LoopbackHub

KEPT = ("data", "translated", "card", "README.md", "croissant.json", ".m3it/manifests", ".m3it/rejects")
"""What an output folder is compared by."""
CODES = (0, 1, 2)
"""How a command may end that nobody stopped."""
STOPPED = (129, 130, 143, -9)
"""And one that somebody did."""

MISSED = "missed"
"""What is counted where a fault never struck."""
FEW_MISSED = 4
MOST_MISSED = 0.05
"""Of the cases of a suite: how many calls a command makes differs a little from run to run."""
FAILURES = re.compile(
    "|".join(map(re.escape, [*map(os.strerror, ERRORS.values()), "disk I/O error", "unable to open"]))
)
"""How systems and libraries say that a call failed."""
SPLIT = re.compile(r"^[\w-]+/\w+(, \d+ of \d+ shards)?:")
NAME = re.compile(r"\w[./]\w")

T = TypeVar("T")
State = dict[str, str]
"""A digest of each thing that a command leaves behind."""


@dataclass(frozen=True)
class Command:
    """A command, and the folder that it finds."""

    name: str
    arguments: tuple[str, ...]
    after: tuple[str, ...] = ()
    """Commands that were run before."""
    workers: int = 1

    @property
    def key(self) -> str:
        """Its name in the names of cases."""
        return self.name if self.workers == 1 else f"{self.name}-{self.workers}"


BUILD = (
    "build",
    "--task",
    "okvqa",
    "--task",
    "msvd-qa",
    "--source",
    "{place}/source",
    "--out",
    "{place}/out",
    "--rows-per-shard",
    "4",
)
ONE_SPLIT = ("--task", "okvqa", "--source", "{place}/source", "--out", "{place}/out")
COMMANDS = {
    each.key: each
    for each in (
        Command("build", (*BUILD, "--workers", "1")),
        Command("build", (*BUILD, "--workers", "2"), workers=2),
        Command("rebuild", (*BUILD, "--workers", "1"), ("build",)),
        Command(
            "paraphrase",
            ("paraphrase", *ONE_SPLIT, "--model", "tiny", "--base-url", "{chat}", "--concurrency", "2"),
            ("build",),
        ),
        Command(
            "translate",
            ("translate", "--langs", "de,zh", "--sample", "--task", "okvqa", "--out", "{place}/out"),
            ("build",),
        ),
        Command("validate", ("validate", "{place}/out"), ("build", "translate")),
        Command("card", ("card", "{place}/out"), ("build", "translate")),
        Command("push", ("push-to-hub", "{place}/out", "--repo-id", "org/m3it"), ("build", "translate")),
        Command("download", ("download", "okvqa", "--source", "{place}/fetched")),
    )
}


def write_sources(folder: Path) -> Path:
    """OK-VQA with the pictures of one split in an archive, and some clips."""
    root = write_okvqa(folder, pictures=3, questions=2)
    packed = root / "train2014"
    with zipfile.ZipFile(root / "train2014.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(packed.iterdir()):
            archive.writestr(zipfile.ZipInfo(f"train2014/{path.name}", (2020, 1, 1, 0, 0, 0)), path.read_bytes())
    shutil.rmtree(packed)
    clips = shutil.copytree(ROOT / "m3it_build/samples/msvd-qa", folder / "msvd-qa")
    for name in ("train_qa.json", "test_qa.json"):
        (clips / name).unlink()
    return folder


class Workplace:
    """Runs commands in one folder, again and again from the same beginning."""

    def __init__(self, folder: Path, zygote: Zygote, hub: LoopbackHub, chat: ChatServer, mirror: Mirror) -> None:
        self.folder, self.zygote, self.hub, self.chat, self.mirror = folder, zygote, hub, chat, mirror
        self.place = folder / "place"
        self.out = self.place / "out"
        self.sources = write_sources(folder / "sources")
        self.kept: dict[tuple[str, ...], Path] = {}
        self.ends: dict[str, State] = {}
        self.counted: dict[str, dict[Calls, int]] = {}
        """Calls of each kind that an undisturbed run makes."""
        self.calm_rejects: dict[str, set[str]] = {}
        self.found: State = {}
        """What a command found."""
        self.asked: Counter[str] = Counter()

    def begin(self, command: Command) -> None:
        """The folder as the command finds it, and servers that know nothing."""
        if command.after not in self.kept:
            self._fresh(None)
            for name in command.after:
                done = self.run(COMMANDS[name])
                assert done.code == 0, done.told
            kept = self.folder / "-".join(("kept", *command.after))
            shutil.copytree(self.place, kept)
            self.kept[command.after] = kept
        self._fresh(self.kept[command.after])
        self.found = digests(self.out, *KEPT)

    def _fresh(self, kept: Path | None) -> None:
        shutil.rmtree(self.place, ignore_errors=True)
        if kept is None:
            self.place.mkdir()
            shutil.copytree(self.sources, self.place / "source")
        else:
            shutil.copytree(kept, self.place)
        with self.hub.lock:
            self.hub.repos.clear()
            self.hub.objects.clear()
            self.hub.received.clear()
        self.asked = Counter(self.chat.asked())
        self.mirror.server.requests.clear()

    def run(self, command: Command, orders: Orders | None = None) -> Done:
        """The command, and nothing in its way unless told."""
        self.zygote.shim.order(orders or Orders(()))
        words = {"place": str(self.place), "chat": self.chat.url}
        arguments = [each.format(**words) for each in command.arguments]
        return self.zygote.run(*arguments, **self.environment())

    def environment(self) -> dict[str, str]:
        """Of each command."""
        return {
            "HOME": str(self.place),
            "TMPDIR": str(self.place.parent),
            "XDG_CACHE_HOME": str(self.place / "cache"),
            "OPENAI_API_KEY": "sk-none",
            **self.mirror.environment(),
        }

    def end(self, command: Command) -> State:
        """What an undisturbed run leaves behind."""
        if command.key not in self.ends:
            self.begin(command)
            done = self.run(command, Orders((self.place,)))
            assert done.code == 0, done.told
            self.counted[command.key] = self.zygote.shim.each
            self.ends[command.key] = self.state(command)
            self.calm_rejects[command.key] = self.rejects()
        return self.ends[command.key]

    def calls(self, command: Command, kinds: Calls = Calls.ALL) -> int:
        """How many calls of some kinds an undisturbed run makes."""
        self.end(command)
        count = sum(count for kind, count in self.counted[command.key].items() if kind in kinds)
        assert count, f"the shim saw no call of {command.key}"
        return count

    def state(self, command: Command) -> State:
        """What is there now."""
        found = digests(self.out, *KEPT)
        if command.name == "push":
            found |= {f"hub:{name}": _hash(data) for name, data in self.hub.tree("org/m3it").items()}
        if command.name == "paraphrase":
            found |= answers(self.out / ".m3it/answers.sqlite")
        if command.name == "download":
            found |= digests(self.place, "fetched")
        return found

    def wrong(self, command: Command, done: Done, codes: tuple[int, ...]) -> list[str]:
        """What must not be, however a command was disturbed."""
        found = ["an internal error"] if "internal error" in done.told else []
        if "Traceback" in done.told and "M3IT_TRACEBACK" not in os.environ:
            found.append("a traceback")
        found += [f"says not where: {each}" for each in nameless(done.told)]
        if done.hung:
            found.append("hung")
        if done.left:
            found.append(f"{done.left} processes stayed")
        if done.code not in codes:
            found.append(f"exit {done.code}")
        more = sorted(self.rejects() - self.calm_rejects[command.key])
        found += [f"rejected: {each}" for each in more[:3]]
        wanted = self.ends[command.key]
        there = digests(self.out, "data", "translated")
        for name, digest in there.items():
            if digest not in (self.found.get(name), wanted.get(name)) and not name.rpartition("/")[2].startswith("."):
                found.append(f"{name} is visible and not whole")
        finished = [name for name in self.found if name.startswith(("data/", "translated/")) and name in wanted]
        found += [f"{name} was finished and is gone" for name in finished if name not in there]
        return [*found, *self._paid_twice(command)]

    def rejects(self) -> set[str]:
        """The lines of all rejects."""
        return {
            f"{path.parent.name}/{line[:160]}"
            for path in self.out.glob(".m3it/rejects/**/*.jsonl")
            for line in path.read_text(errors="replace").splitlines()
        }

    def recovers(self, command: Command) -> list[str]:
        """What is wrong after the same command, undisturbed."""
        done = self.run(command)
        found = self.wrong(command, done, CODES)
        if done.code:
            return [*found, f"the same command again ends with {done.code}: {done.told.strip()[-300:]}"]
        return [*found, *differences(self.ends[command.key], self.state(command)), *leftovers(self.place)]

    def _paid_twice(self, command: Command) -> list[str]:
        asked = Counter(self.chat.asked()) - self.asked
        extra = sum(asked.values()) - len(asked)
        told = [f"{extra} questions paid twice, with 2 in flight"] if extra > 2 else []
        sent = {oid: times for oid, times in self.hub.received.items() if times > 1}
        return [*told, *([f"{len(sent)} files sent twice"] if sent and command.name == "push" else [])]


@contextmanager
def workplace(folder: Path, library: Path) -> Iterator[Workplace]:
    """A workplace with all its servers."""
    (folder / "chat").mkdir(parents=True)
    (folder / "zygote").mkdir()
    with (
        LoopbackHub().serving() as hub,
        ChatServer(folder / "chat").serving() as chat,
        fault_server() as server,
        Zygote(library, folder / "zygote", hub.environment(folder / "hf")).serving() as zygote,
    ):
        (folder / "mirror").mkdir()
        mirror = Mirror(server, folder / "mirror")
        add_okvqa(mirror)
        yield Workplace(folder, zygote, hub, chat, mirror)


def digests(root: Path, *parts: str) -> State:
    """Of every file below some parts of a folder, but for hidden ones of `fetched`."""
    found = {}
    for part in parts:
        paths = [root / part] if (root / part).is_file() else sorted((root / part).rglob("*"))
        for path in paths:
            if path.is_file() and not (part == "fetched" and path.name.startswith(".")):
                found[path.relative_to(root).as_posix()] = _hash(path.read_bytes())
    return found


def answers(path: Path) -> State:
    """The stored answers, but for the time."""
    with sqlite3.connect(path) as database:
        rows = database.execute("SELECT key, task, prompt, model, text FROM answers ORDER BY key").fetchall()
    database.close()
    return {f"answer:{row[0]}": repr(row) for row in rows}


def differences(wanted: State, found: State) -> list[str]:
    """In what two states differ."""
    names = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    told = [
        f"{name} {'is too many' if name not in wanted else 'differs' if name in found else 'is missing'}"
        for name in names[:4]
    ]
    return [*told, *([f"and {len(names) - 4} more differ"] if len(names) > 4 else [])]


def nameless(told: str) -> list[str]:
    """Lines that tell of a call that failed, and name no file."""
    found = []
    for line in told.splitlines():
        failure = FAILURES.search(line)
        if failure is None:
            continue
        before = SPLIT.sub("", line[: failure.start()].removeprefix("m3it: "))
        after = re.search("'[^']+'", line[failure.end() :])
        if not NAME.search(before) and after is None:
            found.append(line.strip()[:160])
    return found


def leftovers(place: Path) -> list[str]:
    """Files of a moment that stayed."""
    found = [path.relative_to(place).as_posix() for path in place.rglob("*.tmp")]
    found += [path.relative_to(place).as_posix() for path in (place / "out").rglob("*-journal")]
    return [f"{each} was left behind" for each in found]


def chosen(cases: Iterable[T], name: Callable[[T], str], short: int, config: pytest.Config) -> list[T]:
    """The cases to be tried: all in the long form (or a share), some by hash in the short one, or one that is named.

    Args:
        cases: All there are.
        name: Of a case.
        short: How many in the short form.
        config: The options of the run.

    Raises:
        ValueError: none has the name.
    """
    if only := str(config.getoption("--case")):
        if not (found := [case for case in cases if name(case) == only]):
            raise ValueError(f"there is no case {only}")
        return found
    seed = config.getoption("--seed")
    ordered = sorted(cases, key=lambda case: chance(seed, name(case)))
    if not config.getoption("--long"):
        return ordered[:short]
    place, _, parts = str(config.getoption("--share")).partition("/")
    return ordered[int(place) - 1 :: int(parts)]


def chance(*parts: Any) -> int:
    """A number that only these decide."""
    return int.from_bytes(hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()[:8], "big")


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass
class Outcomes:
    """How the cases of a suite went."""

    module: str
    seed: str = "0"
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def add(self, case: str, wrong: list[str], kind: str = "cases", *, struck: bool = True) -> None:
        """Note a case; one whose fault never struck holds nothing."""
        self.counts[kind if struck else MISSED] += 1
        if wrong:
            repeat = f"python -m pytest tests/faults/{self.module} --long --case '{case}' --seed {self.seed}"
            self.failures.append(f"{case}: {'; '.join(wrong)}\n    again: {repeat}")

    def close(self) -> None:
        """Tell them, and fail where a case did, where none was tried, or too many were in vain."""
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted(self.counts.items()))
        print(f"{self.module}: {counts}; {len(self.failures)} wrong")
        path = os.environ.get("M3IT_FAULTS_LOG")
        if path:
            with Path(path).open("a", encoding="utf-8") as stream:
                stream.writelines(f"{each}\n" for each in (f"{self.module}: {counts}", *self.failures))
        assert counts, "no case was tried"
        missed, most = self.counts[MISSED], max(FEW_MISSED, MOST_MISSED * self.counts.total())
        assert missed <= most, f"{missed} of {counts}: the fault never struck"
        assert not self.failures, f"{len(self.failures)} of {counts} went wrong:\n" + "\n".join(self.failures[:200])

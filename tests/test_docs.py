"""Every command and every piece of Python in the pages for users runs as it stands there, from top to bottom."""

import importlib.util
import itertools
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer

from m3it_build.cli.app import COMMANDS, app
from tests.chat_server import ChatServer
from tests.corpus import ROOT, write_okvqa, write_own_task
from tests.publish.hub import LoopbackHub

PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")))
WITHOUT_COMMANDS = {
    "CHANGELOG.md",
    "docs/architecture.md",
    "docs/index.md",
    "docs/promises.md",
    "docs/reference.md",
}
"""The pages that have none; any other has some."""
NOT_RUN = {
    r"python3 -m venv .*|\. \S+/activate|pip install .*": "installs: the checks do so from nothing",
    r"python -m (pytest|scripts)\b.*": "a maintainer's, in a checkout with all that tests need",
    r"m3it download (?!.*--dry-run).*": "gigabytes from other servers",
    r"m3it models fetch .*": "gigabytes from other servers",
    r"m3it translate (?!.*--sample).*": "by such a model",
    r"m3it gate (?!.*--explain).*": "of such a model",
    r"swift .*": "a trainer of others",
    r"zensical .*": "the site, which the checks build with the docs extra",
}
"""What stays out, and why; a command of ours is looked at all the same: it has these flags and takes these values."""
STAND_INS = {r"(?<= )/data\b": "downloads", r"http://127.0.0.1:8000/v1": "$CHAT_SERVER", "ORG/NAME": "my-org/m3it"}
"""What a reader has elsewhere, or under another name."""
PROGRAMS = ("m3it", "python", "python3", "pip", "export", "swift", ".ci/run", "pre-commit")
"""How an indented block begins that is typed into a shell; others show files."""

NAMED = re.compile(r"`((?:m3it_build|tests|scripts|tasks|configs|instructions|docs|\.ci)/[\w./-]+)`")
"""Files of the project."""
FENCED = r"^```(?P<language>\w*)\n(?P<fenced>(?:.*\n)*?)```$"
INDENTED = r"(?<=\n\n)(?P<indented>(?: {4}.*\n|\n(?= {4}))+)"
BLOCK = re.compile(f"{FENCED}|{INDENTED}", re.MULTILINE)


class Block(NamedTuple):
    """What is run at once."""

    language: str
    text: str


def blocks(page: str) -> Iterator[Block]:
    """What a reader of a page would run, in its order."""
    for match in BLOCK.finditer((ROOT / page).read_text(encoding="utf-8")):
        if match["language"] in {"bash", "python"}:
            yield Block(match["language"], match["fenced"])
        elif match["indented"] and match["indented"].split()[0] in PROGRAMS:
            yield Block("bash", re.sub("^ {4}", "", match["indented"], flags=re.MULTILINE))


def commands(text: str) -> Iterator[list[str]]:
    """The commands of each line; one that is begun in a line and ends in the next is one line."""
    for line in text.replace("\\\n", " ").splitlines():
        if found := re.sub(r"(^|\s+)#.*", "", line).strip():
            yield found.split(" && ")


def stays_out(command: str) -> bool:
    """Whether a command is one of those that are not run."""
    return any(re.fullmatch(pattern, command) for pattern in NOT_RUN)


def script(page: str) -> str:
    """The page as one script for bash, without what stays out."""
    lines = ["set -eux"]
    for language, together in itertools.groupby(blocks(page), key=lambda block: block.language):
        texts = [block.text for block in together]
        if language == "python":  # pieces that follow each other are one program
            lines += ["cat > page.py <<'END'", *texts, "END", "python page.py"]
            continue
        for text in texts:
            lines += [
                " && ".join(run) for line in commands(text) if (run := [*filter(lambda c: not stays_out(c), line)])
            ]
    told = "\n".join(lines)
    for written, ours in STAND_INS.items():
        told = re.sub(written, ours, told)
    return told


@pytest.fixture
def world(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A folder with downloads and what of a checkout is written to, and variables that name a Hub and a chat server."""
    write_okvqa(tmp_path / "downloads")
    write_own_task(tmp_path / "elsewhere", "my-task")
    (tmp_path / "elsewhere/my-task").rename(tmp_path / "downloads/my-task")
    for name in ("tasks", "instructions", "scripts"):
        shutil.copytree(ROOT / name, tmp_path / name)
    programs = {"m3it": f'"{sys.executable}" -m m3it_build', "python": f'"{sys.executable}"'}
    (tmp_path / "bin").mkdir()
    for name, command in programs.items():
        (tmp_path / "bin" / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        (tmp_path / "bin" / name).chmod(0o755)
    with LoopbackHub().serving() as hub, ChatServer(tmp_path).serving() as chat:
        yield {
            **hub.environment(tmp_path / "hf"),
            "CHAT_SERVER": chat.url,
            "OPENAI_BASE_URL": chat.url,
            "M3IT_CACHE": str(tmp_path / "cache"),
            "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
        }


@pytest.mark.parametrize("page", [page for page in PAGES if page not in WITHOUT_COMMANDS])
def test_the_commands_of_a_page_run(page: str, tmp_path: Path, world: dict[str, str]) -> None:
    assert list(blocks(page)), "no command: list it among those without"
    done = subprocess.run(
        ["bash", "-c", script(page)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **world},
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("page", [page for page in PAGES if page in WITHOUT_COMMANDS])
def test_pages_without_commands_have_none(page: str) -> None:
    assert not list(blocks(page))


def test_commands_that_are_not_run_could_be_typed() -> None:
    group = typer.main.get_command(app)
    for page in PAGES:
        for language, text in blocks(page):
            for command in (each for line in commands(text) for each in line):
                if language == "bash" and command.startswith("m3it ") and stays_out(command):
                    parse(group, shlex.split(command)[1:])


def parse(command: Any, arguments: list[str]) -> None:
    """As the command line is parsed before a command is called."""
    if hasattr(command, "get_command"):
        found = command.get_command(None, arguments[0])
        assert found is not None, arguments
        parse(found, arguments[1:])
    else:
        command.make_context(command.name, list(arguments))


def test_what_stays_out_is_on_some_page() -> None:
    typed = [each for page in PAGES for _, text in blocks(page) for line in commands(text) for each in line]
    assert not [pattern for pattern in NOT_RUN if not any(re.fullmatch(pattern, each) for each in typed)]


def test_commands_and_modules_in_the_text_exist() -> None:
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        assert {name for name in re.findall(r"`m3it ([a-z-]+)", text) if not name.startswith("-")} <= set(COMMANDS), (
            page
        )
        for module in re.findall(r"`?python -m ([\w.]+)", text):
            assert importlib.util.find_spec(module), (page, module)


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / page).read_text(encoding="utf-8")):
        assert (ROOT / page).parent.joinpath(target).exists(), target


def test_files_that_pages_name_are_there() -> None:
    for page in (*PAGES, *(path.relative_to(ROOT).as_posix() for path in ROOT.glob(".github/*.md"))):
        for name in NAMED.findall((ROOT / page).read_text(encoding="utf-8")):
            assert (ROOT / name).exists(), (page, name)

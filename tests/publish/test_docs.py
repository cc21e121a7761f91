"""Every command and every piece of Python in the pages for users runs as it stands."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.corpus import write_okvqa

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ["adding-a-task", "output-format", "resuming", "sources-and-licences", "translating", "publishing"]
BLOCK = re.compile(r"^```(bash|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"`((?:m3it_build|tests|scripts|tasks|configs|instructions|docs|\.ci)/[\w./-]+)`")


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_run(page: str, tmp_path: Path, environment: dict[str, str]) -> None:
    write_okvqa(tmp_path / "downloads")
    (tmp_path / "bin").mkdir()
    for name, module in {"m3it": "-m m3it_build", "python": ""}.items():
        command = tmp_path / "bin" / name
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n')
        command.chmod(0o755)
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    blocks = BLOCK.findall((DOCS / f"{page}.md").read_text(encoding="utf-8"))
    assert blocks
    for language, text in blocks:
        done = subprocess.run(
            ["bash", "-euc", text] if language == "bash" else [sys.executable, "-c", text],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **environment, "PATH": path},
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"


def test_files_that_pages_name_are_there() -> None:
    root = DOCS.parent
    for page in [*DOCS.glob("*.md"), *root.glob("*.md"), *root.glob(".github/*.md")]:
        for name in NAMED.findall(page.read_text(encoding="utf-8")):
            assert (root / name).exists(), (page.name, name)


def test_links_between_pages_lead_somewhere() -> None:
    for page in DOCS.glob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (DOCS / target).exists(), (page.name, target)

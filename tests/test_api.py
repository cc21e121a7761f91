"""m3it as a library: what the command builds, errors with their way out, names that stay what they are."""

import ast
import asyncio
import gc
import importlib
import inspect
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import m3it_build as m3it
from m3it_build import api
from tests.chat_server import ChatServer
from tests.corpus import tree

ROOT = Path(__file__).parent.parent


def test_a_build_from_python_is_that_of_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("M3IT_LIMIT", "1")  # a library call reads no environment,
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m3it.toml").write_text("[build]\nlimit = 1\n")  # and no settings file
    settings = m3it.BuildSettings.model_validate({"format": "jsonl", "workers": 1})
    report = m3it.build("okvqa", sample=True, out="a", settings=settings)
    assert capfd.readouterr() == ("", "")
    assert {split.rows for split in report.splits} == {8}
    command = [sys.executable, "-m", "m3it_build", "build", "--task", "okvqa", "--sample", "--out", "b"]
    bare = {name: value for name, value in os.environ.items() if not name.startswith("M3IT_")}
    (tmp_path / "m3it.toml").unlink()
    subprocess.run([*command, "--format", "jsonl"], env=bare, capture_output=True, check=True)
    assert tree(tmp_path / "a", "data") == tree(tmp_path / "b", "data")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"tasks": "okvqa"}, "m3it-sources: no such folder"),
        ({"tasks": "okvqa", "source": "x", "sample": True}, "not both"),
        ({"tasks": [], "sample": True}, "No task is named"),
        ({"tasks": "okvqa", "sample": True, "splits": "trian"}, "There is no split 'trian': train, validation, test"),
        ({"tasks": "okvqa", "source": "nowhere"}, "nowhere: no such folder"),
    ],
)
def test_what_is_wrong_is_one_error_with_its_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: dict[str, object], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(m3it.M3itError, match=re.escape(said)):
        m3it.build(**arguments, out=tmp_path)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_public_names_stay_what_they_are_whatever_is_imported() -> None:
    for path in (ROOT / "m3it_build").rglob("*.py"):
        if "samples" not in path.parts and path.name != "__main__.py":
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
    importlib.import_module("m3it_build.tasks.okvqa")
    functions = [name for name, _ in inspect.getmembers(api, inspect.isfunction) if not name.startswith("_")]
    for name in functions:
        if getattr(api, name).__module__ == api.__name__:
            assert getattr(m3it, name) is getattr(api, name)
            assert name in m3it.__all__
    assert all(getattr(m3it, name) is not None for name in m3it.__all__)
    assert set(m3it.__all__) <= set(dir(m3it))
    with pytest.raises(AttributeError):
        getattr(m3it, "nothing")  # noqa: B009


def test_each_public_function_says_what_it_takes_gives_and_raises() -> None:
    for name in m3it.__all__:
        value = getattr(m3it, name)
        text = inspect.getdoc(value) or ""
        assert text, name
        if inspect.isfunction(value):
            taken = [each for each in inspect.signature(value).parameters if each != "self"]
            missing = [each for each in taken if not re.search(rf"^\s*{each}: ", text, re.MULTILINE)]
            assert not missing or "The other arguments" in text, f"{name}: {missing}"


def test_annotations_of_the_stub_and_names_at_run_time_agree() -> None:
    body = ast.parse((ROOT / "m3it_build/__init__.py").read_text()).body
    block = next(each for each in body if isinstance(each, ast.If))
    named = [
        alias.asname or alias.name for each in block.body if isinstance(each, ast.ImportFrom) for alias in each.names
    ]
    assert sorted(named) == sorted(m3it.__all__)


@pytest.mark.parametrize("where", ["loop", "thread"])
def test_paraphrasing_works_where_a_notebook_or_a_server_calls_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    collector = gc.get_threshold()
    with ChatServer(tmp_path).serving() as chat:
        settings = m3it.ParaphraseSettings(base_url=chat.url)

        def ask() -> m3it.PassReport:
            return m3it.paraphrase("okvqa", sample=True, out=tmp_path / "out", settings=settings)

        async def in_loop() -> m3it.PassReport:
            return ask()

        if where == "loop":
            report = asyncio.run(in_loop())
        else:
            with ThreadPoolExecutor(1) as pool:
                report = pool.submit(ask).result()
    assert report.outcome.stop is None
    assert sum(task.answered for task in report.tasks) == 16
    assert gc.get_threshold() == collector

"""What tests share: the place of the real source records, a build of all samples, who runs beside whom."""

import os
import signal
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from tests.corpus import FORMS, m3it

settings.register_profile("untimed", deadline=None)  # no test is of speed, and a first call may import a library
settings.load_profile("untimed")

SHARED = Path(os.environ.get("M3IT_SHARED", Path(__file__).parents[2] / "shared"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """How much the suites of `tests/faults` do."""
    group = parser.getgroup("m3it", "faults of the machine (tests/faults)")
    group.addoption("--long", action="store_true", help="all cases: hours; CONTRIBUTING.md says more")
    group.addoption("--seed", default="0", help="what decides the cases (default: 0)")
    group.addoption("--case", default="", help="one case alone, as a failure names it")
    group.addoption("--share", default="1/1", help="a part of the cases of the long form: 2/3 is the second of three")


@pytest.fixture(scope="session", autouse=True)
def cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is indexed in tests is not left in the user's cache."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as of what a shell runs in the background
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # as of what nohup runs
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real records of every source and the facts about them."""
    if not (SHARED / "sources").is_dir():
        pytest.skip(
            f"no real source records at {SHARED}; set M3IT_SHARED to the folder that holds sources/ and expected/"
        )
    return SHARED


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives an output folder with all samples in one of `FORMS`, which is not to be changed."""

    @cache
    def built(form: str) -> Path:
        out = tmp_path_factory.mktemp("samples") / "out"
        m3it("build", "--all", "--sample", "--out", out, *FORMS[form])
        return out

    return built


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With `--dist loadgroup`, tests that share what is dear to make run in one process: it is made once."""
    if not config.pluginmanager.has_plugin("xdist"):
        return
    for item in items:
        if isinstance(item, pytest.Function) and (shared := _shared_fixture(item)) is not None:
            item.add_marker(pytest.mark.xdist_group(shared))


def _shared_fixture(item: pytest.Function) -> str | None:
    """A name for the fixtures of its module that a test needs, and for their parameters; None if there are none."""
    if "samples" in item.fixturenames:
        return "samples"
    found = [
        f"{name}{item.callspec.indices.get(name, '') if hasattr(item, 'callspec') else ''}"
        for name, definitions in item._fixtureinfo.name2fixturedefs.items()
        if definitions[-1].scope == "module"
    ]
    return f"{item.module.__name__} {found[0]}" if found else None

"""What the suites of faults share: the short and the long form, one case alone, a workplace under the shim."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.shim import build_shim
from tests.faults.workplace import Workplace, workplace


@pytest.fixture(scope="session")
def long(pytestconfig: pytest.Config) -> bool:
    """Whether all cases are asked for."""
    return bool(pytestconfig.getoption("--long"))


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shim."""
    return build_shim(tmp_path_factory.mktemp("shim"))


@pytest.fixture(scope="session")
def work(tmp_path_factory: pytest.TempPathFactory, library: Path) -> Iterator[Workplace]:
    """A workplace."""
    with workplace(tmp_path_factory.mktemp("work"), library) as place:
        yield place

"""What the code imports is declared, what is declared is used, and what is declared is pinned for the checks."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.corpus import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
FOR_MAINTAINERS = {"dev", "docs"}
OURS = {"m3it_build", "scripts", "tests"}
ASKED_FOR = {"torch", "transformers"}
"""Used where they are; `m3it models` says when they are needed and how to install them."""


def declared(*lists: list[str]) -> dict[str, Requirement]:
    """Requirements by the canonical name of their distribution."""
    found = [Requirement(text) for each in lists for text in each]
    return {canonicalize_name(each.name): each for each in found}


def imported(*places: str) -> dict[str, Path]:
    """Modules of others that these files import at any depth, but for their types alone; and one file that does."""
    files = [file for place in places for file in sorted((ROOT / place).rglob("*.py"))]
    assert files
    names = {name.split(".")[0]: file for file in files for name in imports(ast.parse(file.read_text("utf-8")))}
    return {name: file for name, file in names.items() if name not in sys.stdlib_module_names | OURS}


def imports(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported below a node, but under `if TYPE_CHECKING`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
        elif not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield from imports(node)


def undeclared(modules: dict[str, Path], requirements: dict[str, Requirement]) -> dict[str, Path]:
    """Modules that come with no distribution of these."""
    owners = packages_distributions()
    names = {module: {canonicalize_name(name) for name in owners.get(module, [module])} for module in modules}
    return {module: file for module, file in modules.items() if not names[module] & requirements.keys()}


def test_the_package_declares_what_it_imports_and_nothing_else() -> None:
    for_users = [each for name, each in EXTRAS.items() if name not in FOR_MAINTAINERS]
    modules = imported("m3it_build", "tasks")
    assert "numpy" in modules
    assert not undeclared(modules, declared(PROJECT["dependencies"], *for_users))
    owners = {canonicalize_name(name) for module in modules for name in packages_distributions().get(module, [])}
    assert not declared(PROJECT["dependencies"], *for_users).keys() - owners


def test_tests_and_scripts_import_what_dev_brings() -> None:
    everything = declared(PROJECT["dependencies"], *EXTRAS.values())
    assert undeclared(imported("tests", "scripts"), everything).keys() <= ASKED_FOR


def test_every_requirement_has_a_lower_bound_and_a_pin_that_fits() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if not line.startswith("#")]
    for name, requirement in declared(PROJECT["dependencies"], *EXTRAS.values()).items():
        assert any(each.operator == ">=" for each in requirement.specifier), f"{requirement} has no lower bound"
        versions = [re.sub("^==", "", str(pin.specifier)) for pin in pins if canonicalize_name(pin.name) == name]
        assert versions, f"{name} is not in constraints.txt: see its first lines"
        assert all(version in requirement.specifier for version in versions), f"{requirement}: pinned to {versions}"

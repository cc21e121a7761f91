"""Wheels, source distributions and editable installs hold the tree and nothing else."""

import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from m3it_build import __version__
from tests.corpus import ROOT

PACKAGES = {"m3it_build": "m3it_build"} | {name: f"m3it_build/{name}" for name in ("configs", "instructions", "tasks")}
"""Folders of the tree, and where they are in a wheel."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what a build reads."""
    copy = tmp_path / "checkout"
    for folder in PACKAGES:
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    return copy


def listed(checkout: Path) -> set[str]:
    """What a wheel of this tree has to hold."""
    return {
        f"{place}/{path.relative_to(checkout / folder).as_posix()}"
        for folder, place in PACKAGES.items()
        for path in (checkout / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def backend(call: str, source: Path, folder: Path) -> Path:
    """Let the build backend of this environment make an archive, as pip does; returns it."""
    folder.mkdir()
    code = f"from setuptools import build_meta; build_meta.{call}({str(folder)!r})"
    done = subprocess.run([sys.executable, "-c", code], cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return next(folder.iterdir())


def wheel(source: Path, folder: Path) -> set[str]:
    """Build a wheel and list its modules and data."""
    with zipfile.ZipFile(backend("build_wheel", source, folder)) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def test_a_wheel_is_the_tree_also_after_a_deletion(checkout: Path, tmp_path: Path) -> None:
    ghosts = ["tasks/ghost.py", "instructions/ghost.toml", "m3it_build/core/ghost.py", "m3it_build/samples/ghost/a.txt"]
    ghosts += ["m3it_build/haunted/__init__.py", "m3it_build/haunted/house.py", "configs/prompts/ghost.txt"]
    for name in ghosts:
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text("")
    before = wheel(checkout, tmp_path / "before")
    assert before == listed(checkout)
    assert {"m3it_build/tasks/ghost.py", "m3it_build/haunted/house.py", "m3it_build/py.typed"} < before
    for name in ghosts:
        (checkout / name).unlink()
    (checkout / "tasks/__pycache__").mkdir()
    (checkout / "tasks/__pycache__/ghost.cpython-311.pyc").write_bytes(b"")
    after = wheel(checkout, tmp_path / "after")
    assert after == listed(checkout)
    assert len(before) - len(after) == len(ghosts)


def test_a_source_distribution_makes_the_same_wheel_of_the_packages_version(checkout: Path, tmp_path: Path) -> None:
    module = checkout / "m3it_build/core/version.py"
    module.write_text(module.read_text().replace(f'"{__version__}"', '"7.8.9"'))
    with tarfile.open(backend("build_sdist", checkout, tmp_path / "sdist")) as archive:
        archive.extractall(tmp_path, filter="data")
    assert wheel(tmp_path / "m3it_build-7.8.9", tmp_path / "wheel") == listed(checkout)
    assert next((tmp_path / "wheel").iterdir()).name.startswith("m3it_build-7.8.9-")


NAMES = """
import json, site, sys
site.addsitedir(sys.argv[1])
sys.path += json.loads(sys.argv[2])
from importlib.resources import files
import m3it_build.configs, m3it_build.instructions
from m3it_build.plan.registry import load_registry
print(json.dumps([m3it_build.__file__, *(entry.task.name for entry in load_registry() if entry.pool())]))
"""


def test_an_editable_install_sees_new_files_at_once(checkout: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(backend("build_editable", checkout, tmp_path / "wheel")) as archive:
        archive.extractall(tmp_path / "site")
    others = [path for path in sys.path if path.endswith("site-packages")]
    command = [sys.executable, "-I", "-S", "-c", NAMES, str(tmp_path / "site"), json.dumps(others)]
    place, *before = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert Path(place) == checkout / "m3it_build/__init__.py"
    module = (checkout / "tasks/shapes.py").read_text().replace('name="shapes"', 'name="ghost"')
    (checkout / "tasks/ghost.py").write_text(module)
    shutil.copy(checkout / "instructions/shapes.toml", checkout / "instructions/ghost.toml")
    _, *after = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert set(after) - set(before) == {"ghost"}

"""Which code a task is: its module and what that imports of its own package, and what of that again."""

import ast
import hashlib
import importlib.util
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from m3it_build.core.errors import SettingsError
from m3it_build.plan.registry import BUNDLED, FOLDER_PACKAGE


@cache
def task_code(module: ModuleType) -> Mapping[str, str]:
    """The files whose code makes a task's records and samples, each with its SHA-256, by name.

    Imports are followed wherever they stand in a file, into the task's own package and the bundled tasks. The rest of
    m3it is known by `core.schema.ROWS`; other libraries, and what is imported by a computed name, are not looked at.
    Asked once a module, so that a file which changes later does not pass for the code that runs.
    """
    own = module.__name__.split(".")[0]
    packages = (BUNDLED,) if own == BUNDLED.split(".")[0] else (BUNDLED, own)
    found: dict[str, str] = {}
    seen: set[str] = set()
    waiting = [module.__name__]
    while waiting:
        name = waiting.pop()
        if name in seen or not any(f"{name}.".startswith(f"{package}.") for package in packages):
            continue
        seen.add(name)
        waiting.append(name.rpartition(".")[0])  # an import runs the packages around a module first
        spec = _spec(name)
        if spec is None or not spec.has_location or spec.origin is None:
            continue
        path = Path(spec.origin)
        content = path.read_bytes()
        found[_label(spec, path)] = hashlib.sha256(content).hexdigest()
        if path.suffix == ".py":
            waiting += _imported(content, spec.parent, path)
    return dict(sorted(found.items()))


def _spec(name: str) -> ModuleSpec | None:
    """None for what an import statement names beside modules: functions, constants."""
    try:
        return importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None


def _label(spec: ModuleSpec, path: Path) -> str:
    """The file as a person knows it, wherever the package lies; no two modules have the same.

    `m3it_build/tasks/_coco.py`; `./_votes.py` of a folder of tasks.
    """
    parts = (spec.parent or "").split(".")
    if parts[0].startswith(FOLDER_PACKAGE):
        parts[0] = "."
    return "/".join(filter(None, (*parts, path.name)))


def _imported(source: bytes, package: str | None, path: Path) -> Iterator[str]:
    """Every module that a file may import, by its full name."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError as error:
        raise SettingsError(f"{path}: cannot be imported ({error}).") from error
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (package or not node.level):
            try:
                base = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            except ImportError:  # beyond the package: an import that fails, and is caught, or the task would not load
                continue
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)

"""A small OK-VQA download made on the spot: real files in the official layout, for tests that break them."""

import gc
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from PIL import Image, ImageDraw

from m3it_build.api import new_task
from m3it_build.cli import main

ROOT = Path(__file__).parents[1]
SUBSETS = ("train2014", "val2014")
FORMS = {
    "parquet": (),
    "bytes": ("--images", "bytes"),
    "jsonl": ("--format", "jsonl"),
    "jsonl.zst": ("--format", "jsonl.zst"),
}
"""All forms of an output folder, and their flags."""


def tarred(members: Mapping[str, bytes], mode: str = "w") -> bytes:
    """An archive; `mode` is that of `tarfile`, as "w:gz"."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:  # type: ignore[call-overload]  # only constants are typed
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def jpeg(number: int, size: tuple[int, int] = (96, 64), **options: Any) -> bytes:
    """A picture of its own: a disc on a background, both coloured by number."""
    picture = Image.new("RGB", size, ((number * 53) % 256, (number * 97) % 256, (number * 193) % 256))
    left = (number * 7) % (size[0] // 2)
    ImageDraw.Draw(picture).ellipse(
        (left, 8, left + size[1] // 2, 8 + size[1] // 2), fill=(255, 255, (number * 31) % 256)
    )
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=90, **options)
    return stream.getvalue()


def records(subset: str, pictures: int, questions: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The questions file and the annotations file of a subset."""
    start = SUBSETS.index(subset) * 1000
    asked, answered = [], []
    for image in range(start + 1, start + 1 + pictures):
        for number in range(questions):
            key = image * 10 + number
            asked.append({"image_id": image, "question": f"What is shape {number} of {image}?", "question_id": key})
            answers = [
                {"answer_id": place + 1, "raw_answer": text, "answer": text, "answer_confidence": "yes"}
                for place, text in enumerate(["disc"] * 4 + [f"circle {number}"] * 4 + ["round"] * 2)
            ]
            answered.append(
                {
                    "image_id": image,
                    "question_id": key,
                    "question_type": "four",
                    "answer_type": "other",
                    "answers": answers,
                    "confidence": 2,
                }
            )
    header = {"info": {"version": "1.1"}, "data_type": "mscoco", "data_subtype": subset}
    return {**header, "questions": asked}, {**header, "annotations": answered}


def noise(number: int) -> bytes:
    """A picture that hardly compresses: some 30 KB."""
    pixels = b"".join(hashlib.sha256(b"%d %d" % (number, place)).digest() for place in range(128 * 96 * 3 // 32))
    stream = io.BytesIO()
    Image.frombytes("RGB", (128, 96), pixels).save(stream, "JPEG", quality=95)
    return stream.getvalue()


def write_okvqa(folder: Path, pictures: int = 6, questions: int = 2, *, noisy: bool = False) -> Path:
    """A whole download below `folder`/okvqa; returns that folder."""
    root = folder / "okvqa"
    for subset in SUBSETS:
        asked, answered = records(subset, pictures, questions)
        (root / subset).mkdir(parents=True)
        (root / f"OpenEnded_mscoco_{subset}_questions.json").write_text(json.dumps(asked))
        (root / f"mscoco_{subset}_annotations.json").write_text(json.dumps(answered))
        for image in {question["image_id"] for question in asked["questions"]}:
            (root / subset / f"COCO_{subset}_{image:012d}.jpg").write_bytes(noise(image) if noisy else jpeg(image))
    return root


def write_own_task(folder: Path, name: str = "my-colours") -> Path:
    """A folder with a started task and its source: eight questions, two a picture."""
    new_task(name, folder)
    return folder


def edit_json(path: Path, change: Any) -> None:
    """Load a JSON file, let `change` mutate it, write it back."""
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


READ_AT_START = ("HF_", "PYTHON", "ARROW_", "MALLOC_", "CT2_")
"""How variables begin that the interpreter or a library reads once."""
KEPT = ("kernel",)
"""Caches that no command can change, and that are dear to fill: what the machine is."""


def change_state(path: Path, *without: str, **facts: object) -> None:
    """Other facts in a state file, some left out, as a hand or another version would write them: with no check line."""
    content = {**json.loads(path.read_text()), **facts}
    path.write_text(json.dumps({name: each for name, each in content.items() if name not in {*without, "check"}}))


def m3it(*arguments: object, check: int | None = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in this process, as a fresh one would, with one worker.

    What several workers do, what a library reads as it is imported, and what kills or counts a process needs
    `m3it_process`.

    Args:
        arguments: What is typed after `m3it`.
        check: The exit code that it must have; None for any.
        environment: More variables.
    """
    assert not [name for name in environment if name.startswith(READ_AT_START)], "use m3it_process"
    command = ["m3it", *map(str, arguments)]
    handler, thresholds = signal.getsignal(signal.SIGINT), gc.get_threshold()
    _forget()
    with (
        mock.patch.object(sys, "argv", command),
        mock.patch.dict(os.environ, {"COLUMNS": "200", "M3IT_WORKERS": "1", **environment}),
        _captured("stdout", 1) as stdout,
        _captured("stderr", 2) as stderr,
        warnings.catch_warnings(),
    ):
        _warn_as_usual()
        try:
            main()
        except SystemExit as end:
            code = end.code
        finally:
            signal.signal(signal.SIGINT, handler)
            gc.set_threshold(*thresholds)
        assert code is None or isinstance(code, int), code
        return _checked(subprocess.CompletedProcess(command, code or 0, stdout(), stderr()), check)


def m3it_process(*arguments: object, check: int | None = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "m3it_build", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "200", **environment},
    )
    return _checked(done, check)


def unmeasured() -> dict[str, str]:
    """Variables for a process that can write no file: not even what coverage would tell of it."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}


def _checked(done: subprocess.CompletedProcess[str], code: int | None) -> subprocess.CompletedProcess[str]:
    if code is not None:
        assert done.returncode == code, f"exit {done.returncode}, not {code}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr, done.stderr
    assert "internal error" not in done.stderr, done.stderr
    return done


def _forget() -> None:
    """Empty all caches of the package."""
    for name, module in list(sys.modules.items()):
        if name.startswith("m3it_build."):
            for each in list(vars(module).values()):
                if hasattr(each, "cache_clear") and each.__module__ == name and each.__name__ not in KEPT:
                    each.cache_clear()


def _warn_as_usual() -> None:
    """As Python does by itself, and not as pytest wants it: on stderr."""
    warnings.resetwarnings()
    for kind in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
        warnings.simplefilter("ignore", kind)

    def show(message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: Any, **__: Any) -> None:
        sys.stderr.write(warnings.formatwarning(message, category, filename, lineno))

    warnings.showwarning = show


@contextmanager
def _captured(name: str, number: int) -> Iterator[Callable[[], str]]:
    """Take what is written to a standard stream, also by libraries that are not Python; gives what reads it."""
    before = os.dup(number)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), number)
        stream = os.fdopen(os.dup(number), "w", encoding="utf-8")

        def written() -> str:
            stream.flush()
            return os.pread(number, os.fstat(number).st_size, 0).decode()

        try:
            with mock.patch.object(sys, name, stream), stream:
                yield written
        finally:
            os.dup2(before, number)
            os.close(before)


def tree(out: Path, *parts: str) -> dict[str, bytes]:
    """Every file below an output folder (or below some of its parts) and its bytes."""
    roots = [out / part for part in parts] or [out]
    files = sorted(path for root in roots for path in root.rglob("*") if path.is_file())
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def rows(out: Path, task: str = "okvqa") -> dict[str, dict[str, Any]]:
    """Rows of a JSONL build by id."""
    found = {}
    for path in sorted(out.glob(f"data/*/{task}/*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            found[row["meta"]["id"]] = row
    return found


def rejects(out: Path, task: str = "okvqa") -> dict[str, str]:
    """Reasons of all rejects by split and key."""
    return {key: each["reason"] for key, each in reject_lines(out, task).items()}


def reject_lines(out: Path, task: str = "okvqa") -> dict[str, dict[str, str]]:
    """What is kept of each record that became no row, by split and key."""
    found = {}
    for path in sorted(out.glob(f".m3it/rejects/{task}/*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            reject = json.loads(line)
            found[f"{path.stem.split('-')[0]}/{reject['key']}"] = reject
    return found

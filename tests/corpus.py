"""A small OK-VQA download made on the spot: real files in the official layout, for tests that break them."""

import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from m3it_build.api import new_task

ROOT = Path(__file__).parents[1]
SUBSETS = ("train2014", "val2014")


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


def write_own_task(folder: Path) -> Path:
    """A folder with a started task, `my-colours`, and its source: eight questions, two a picture."""
    new_task("my-colours", folder)
    return folder


def edit_json(path: Path, change: Any) -> None:
    """Load a JSON file, let `change` mutate it, write it back."""
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def m3it(*arguments: object, check: int | None = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the real command in a process of its own; `check` is the exit code it must have."""
    done = subprocess.run(
        [sys.executable, "-m", "m3it_build", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "200", **environment},
    )
    if check is not None:
        assert done.returncode == check, f"exit {done.returncode}, not {check}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr, done.stderr
    return done


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
    found = {}
    for path in sorted(out.glob(f".m3it/rejects/{task}/*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            reject = json.loads(line)
            found[f"{path.stem.split('-')[0]}/{reject['key']}"] = reject["reason"]
    return found

"""Full-size annotation files: peak memory and records per second of reading, converting and planning them.

python -m scripts.bench.annotations [--folder DIR] [--scale 1.0] [TASK ...]

Files of the official size and shape are made up in DIR (some 3 GB at scale 1). `--limit 1` keeps the build to the plan:
every record is read, converted and counted; one picture is looked for, and is missing.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, TextIO

from scripts.bench.process import measure

FILLER = "0123456789abcdef" * 16


def write_list(stream: TextIO, items: Iterator[Any]) -> None:
    """A JSON array, an item at a time."""
    stream.write("[")
    for place, item in enumerate(items):
        stream.write("," if place else "")
        json.dump(item, stream)
    stream.write("]")


def gqa(folder: Path, scale: float) -> tuple[Path, int]:
    """train_balanced_questions.json: 943,000 questions in one object, 1 GB."""
    path = folder / "questions" / "train_balanced_questions.json"
    records = int(943_000 * scale)
    path.parent.mkdir(parents=True)
    with path.open("w") as stream:
        stream.write("{")
        for number in range(records):
            question = {
                "semantic": [{"operation": "select", "dependencies": [], "argument": f"thing ({number})"}] * 4,
                "entailed": [f"{number + each:08d}" for each in range(8)],
                "equivalent": [f"{number:08d}"],
                "question": f"Is thing {number} to the left of the other thing?",
                "imageId": str(2_300_000 + number // 12),
                "isBalanced": True,
                "groups": {"global": None, "local": "06-thing"},
                "answer": "yes",
                "semanticStr": FILLER,
                "annotations": {"answer": {}, "question": {"2": "1"}, "fullAnswer": {"2": "1"}},
                "types": {"detailed": "relVerify", "semantic": "rel", "structural": "verify"},
                "fullAnswer": f"Yes, thing {number} is to the left of the other thing.",
            }
            stream.write(f'{"," if number else ""}"{number:08d}": {json.dumps(question)}')
        stream.write("}")
    return path, records


def coco_goi(folder: Path, scale: float) -> tuple[Path, int]:
    """instances_train2014.json: 604,907 boxes with their outlines, 330 MB."""
    path = folder / "annotations" / "instances_train2014.json"
    pictures = int(82_783 * scale)
    records = int(604_907 * scale)
    path.parent.mkdir(parents=True)
    categories = [{"id": number, "name": f"class {number}", "supercategory": "thing"} for number in range(1, 81)]
    with path.open("w") as stream:
        stream.write('{"info": {}, "licenses": [], "categories": ' + json.dumps(categories) + ', "images": ')
        write_list(
            stream,
            (
                {
                    "id": number,
                    "file_name": f"COCO_train2014_{number:012d}.jpg",
                    "width": 640,
                    "height": 480,
                    "license": 1,
                }
                for number in range(pictures)
            ),
        )
        stream.write(', "annotations": ')
        write_list(
            stream,
            (
                {
                    "id": number,
                    "image_id": number % pictures,
                    "category_id": number * 7 % 80 + 1,
                    "bbox": [number % 300, number % 200, 60.5 + number % 90, 70.25],
                    "area": 4000.5,
                    "iscrowd": 0,
                    "segmentation": [[round(100 + 0.37 * each, 2) for each in range(50)]],
                }
                for number in range(records)
            ),
        )
        stream.write("}")
    return path, records


def vqa_v2(folder: Path, scale: float) -> tuple[Path, int]:
    """v2_mscoco_train2014_annotations.json: 443,757 annotations of ten answers, 350 MB."""
    folder.mkdir(parents=True)
    records = int(443_757 * scale)
    path = folder / "v2_mscoco_train2014_annotations.json"
    with (folder / "v2_OpenEnded_mscoco_train2014_questions.json").open("w") as stream:
        stream.write('{"data_subtype": "train2014", "questions": ')
        items = ({"image_id": n // 5, "question": f"What is thing {n}?", "question_id": n} for n in range(records))
        write_list(stream, items)
        stream.write("}")
    with path.open("w") as stream:
        stream.write('{"data_subtype": "train2014", "annotations": ')
        write_list(
            stream,
            (
                {
                    "question_type": "what is",
                    "multiple_choice_answer": f"thing {n % 3000}",
                    "answers": [
                        {"answer": f"thing {n % 3000}", "answer_confidence": "maybe", "answer_id": place}
                        for place in range(1, 11)
                    ],
                    "image_id": n // 5,
                    "answer_type": "other",
                    "question_id": n,
                }
                for n in range(records)
            ),
        )
        stream.write("}")
    return path, records


def visual_dialog(folder: Path, scale: float) -> tuple[Path, int]:
    """visdial_1.0_train.json: 123,287 dialogs of ten rounds with a hundred options each, 0.8 GB."""
    folder.mkdir(parents=True)
    path = folder / "visdial_1.0_train.json"
    records = int(123_287 * scale)
    numbers = count()
    with path.open("w") as stream:
        stream.write('{"version": "1.0", "split": "train", "data": {"questions": ')
        write_list(stream, (f"is there a thing number {each}" for each in range(380_000)))
        stream.write(', "answers": ')
        write_list(stream, (f"yes, thing number {each}" for each in range(340_000)))
        stream.write(', "dialogs": ')
        options = list(range(300_000, 300_100))
        write_list(
            stream,
            (
                {
                    "image_id": number,
                    "caption": f"a thing with number {number}",
                    "dialog": [
                        {
                            "question": next(numbers) % 380_000,
                            "answer": 300_000 + turn,
                            "answer_options": options,
                            "gt_index": turn,
                        }
                        for turn in range(10)
                    ],
                }
                for number in range(records)
            ),
        )
        stream.write("}}")
    return path, records


CORPORA: dict[str, Callable[[Path, float], tuple[Path, int]]] = {
    "gqa": gqa,
    "coco-goi": coco_goi,
    "vqa-v2": vqa_v2,
    "visual-dialog": visual_dialog,
}


def main() -> None:
    """Print a line for each corpus."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="*", metavar="TASK", help=f"of {', '.join(CORPORA)}; all by default")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "m3it-bench-annotations")
    parser.add_argument("--scale", type=float, default=1.0, help="of the official number of records")
    arguments = parser.parse_args()
    print(f"{'':14} {'file MB':>8} {'records':>9} {'s':>7} {'records/s':>10} {'peak MB':>8}")
    for task in arguments.tasks or CORPORA:
        source = arguments.folder / f"{task}-{arguments.scale:g}"
        shutil.rmtree(source, ignore_errors=True)
        path, records = CORPORA[task](source, arguments.scale)
        out = arguments.folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        command = [
            sys.executable, "-m", "m3it_build", "build", "--task", task, "--source", str(source), "--out", str(out),
            "--split", "train", "--workers", "1", "--limit", "1", "--preset", "full",
        ]  # fmt: skip
        cost = measure(command, arguments.folder / "log.txt", codes=(0, 1))
        size = path.stat().st_size / 1e6
        print(
            f"{task:14} {size:8.0f} {records:9} {cost.wall:7.1f} {records / cost.wall:10.0f} {cost.largest:8.0f}",
            flush=True,
        )
        shutil.rmtree(source)


if __name__ == "__main__":
    main()

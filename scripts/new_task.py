"""Starts a task: a module, an instruction file and a sample maker to fill in.

python scripts/new_task.py NAME [--folder DIR]     (DIR: outside the package, for --tasks-dir)
"""

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

MODULE = '''"""{title}: what the model is asked, in one line.

Authors, venue, year. What becomes a row, and what was chosen where the source leaves it open.
"""

from m3it_build.core.fields import fields
from m3it_build.core.sample import Rows
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.json_files import read_array
from m3it_build.sources.rows import json_rows


def rows(_: SourceFolder, file: FoundFile) -> Rows:
    """The train split: one record a question."""
    return json_rows(file, read_array(file), "id")


convert = fields(question="question", answer="answer", image="image", folders=("images/",), meta={{"image": "image"}})


TASK = Task(
    name="{name}",
    title="{title}",
    group=Group.VQA,
    category=Category.VQA,
    license=License("LicenseRef-{name}", note="Under which terms the source may be used."),
    homepage="example.org",
    citation="Authors. Title. Venue Year.",
    download="""
From example.org: train.json (records) and images.zip.
""",
    tree="""
train.json
images/a.jpg ...
""",
    splits={{Split.TRAIN: (Layout(("train.json",), rows),)}},
    convert=convert,
    paraphrased=True,
)
'''

INSTRUCTIONS = """language = "en"
instructions = [
    "What does the picture tell about the question below? Reply briefly.",
    { text = "Look at the picture and answer the question about it in a full sentence.", form = "sentence" },
]
"""

SAMPLE = '''"""The bundled sample of {name}: a tiny source of our own making in the official layout."""

import json
from pathlib import Path

from PIL import Image

COLOURS = ("red", "green", "blue", "yellow", "white", "black", "orange", "purple")


def make(folder: Path) -> None:
    """Write the source: one picture of one colour a record."""
    (folder / "images").mkdir(parents=True)
    records = []
    for place, colour in enumerate(COLOURS):
        Image.new("RGB", (64, 48), colour).save(folder / "images" / f"{{colour}}.png")
        question = "Which colour is this?"
        records.append({{"id": place, "image": f"{{colour}}.png", "question": question, "answer": colour}})
    (folder / "train.json").write_text(json.dumps(records), encoding="utf-8")
'''


def main() -> int:
    """Write the three files, never over existing ones."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help="lower case, words joined by hyphens")
    parser.add_argument("--folder", type=Path, help="a folder outside the package instead of tasks/ and instructions/")
    arguments = parser.parse_args()
    name: str = arguments.name
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        print(f"{name!r}: a task's name is lower case, words joined by hyphens", file=sys.stderr)
        return 2
    module = name.replace("-", "_")
    folder: Path | None = arguments.folder
    files = {
        (folder or ROOT / "tasks") / f"{module}.py": MODULE,
        (folder or ROOT / "instructions") / f"{name}.toml": INSTRUCTIONS,
        (folder / "_samples" if folder else ROOT / "scripts" / "make_samples") / f"{module}.py": SAMPLE,
    }
    if existing := [str(path) for path in files if path.exists()]:
        print(f"{', '.join(existing)}: there already", file=sys.stderr)
        return 2
    title = name.replace("-", " ").capitalize()
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text if text is INSTRUCTIONS else text.format(name=name, title=title), encoding="utf-8")
        print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

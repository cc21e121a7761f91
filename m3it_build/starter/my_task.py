"""My task: what the model is asked.

Who made the source, and where it was published. What becomes a row; where the source leaves something open, as which of
several answers is the target, what was chosen, and why.
"""

from m3it_build.core.fields import fields
from m3it_build.core.sample import Rows
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.json_files import read_array
from m3it_build.sources.rows import json_rows


def rows(_: SourceFolder, file: FoundFile) -> Rows:
    """One record a question, under the id that the source gives it."""
    return json_rows(file, read_array(file), "id")


convert = fields(
    question="question",
    answer="answer",
    image="image",
    folders=("images/",),
    meta={"image_file": "image"},
)


TASK = Task(
    name="my-task",
    title="My task",
    group=Group.VQA,
    category=Category.VQA,
    license=License("LicenseRef-unknown", note="Under which terms the source may be used is not known."),
    homepage="example.org",
    citation="Authors. Title. Venue, year.",
    download="""
From example.org: train.json (the questions) and the folder images.
""",
    tree="""
train.json
images/apple.png ...
""",
    splits={Split.TRAIN: (Layout(("train.json",), rows),)},
    convert=convert,
    paraphrased=True,
)

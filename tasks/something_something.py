"""Something-Something V2: which action does the clip show?

Goyal et al., ICCV 2017 (the paper cites V1; the release holds V2's 174 classes). A class is a template without its
brackets, "Holding something next to something"; the filled-in label is not the answer and stays in meta. The release
lists numbered candidates, how many is not said; ours are ten, lettered like all options. Classes of which one says
what the other says and less ("Holding something", "Holding something over something"), by its words or by what is
done (`_something_classes`), never stand together: both would be right. The answers of test came later, in a file of
their own; test clips without one, or with two, are rejected. Frames: eight, uniformly, of a clip or, where it was taken
apart, of a folder with its numbered pictures.
"""

import re
from collections.abc import Sequence

from m3it_build.core.sample import Options, Picture, Reason, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.json_files import read_array, read_object
from m3it_build.sources.rows import json_rows
from m3it_build.sources.tables import read_lines

from ._numbers import Numbers
from ._options import apart, begins
from ._something_classes import pairs
from ._video import clip

FOLDERS = ("20bn-something-something-v2", "videos", "video")
TAKEN_APART = (*FOLDERS, "20bn-something-something-v2-frames", "frames", "rawframes")
"""Where clips lie as folders of pictures."""
CLIPS = Numbers("", {Split.TRAIN: range(1, 220_848)}, FOLDERS[:-1])
"""Of all splits, which share the numbers out among them."""
FRAME = re.compile(r"(?!\.).*?([0-9]+)\.(?:jpe?g|png)", re.IGNORECASE)
OPTIONS = 10
FRAMES = 8


def rows(folder: SourceFolder, file: FoundFile, labels: FoundFile, told: FoundFile | None = None) -> Rows:
    """One split; the template of a test clip comes from the answers' file."""
    CLIPS.refuse_others(folder)
    classes = dict(sorted(read_object(labels).items()))
    together = pairs(classes)
    beside = {name: apart(name, classes, begins, together) for name in classes}
    answers = None if told is None else read_answers(told)
    asked = set()
    for row in json_rows(file, read_array(file), "id"):
        if isinstance(row, Reject):
            yield row
            continue
        asked.add(row.key)
        known = {"classes": classes, "beside": beside, "frames": frames_of(folder, row.key)}
        templates = None if answers is None else answers.get(row.key, set())
        yield Row(row.key, {**row.fields, **known, "answers": templates}, row.origin)
    for key in sorted((answers or {}).keys() - asked):
        yield Reject(key, "source", Reason.NO_QUESTION, f"an answer whose clip is not in {file.name}")


def read_answers(file: FoundFile) -> dict[str, set[str]]:
    """Templates by clip: `id;template`, no header; a clip that stands twice has one or two."""
    answers: dict[str, set[str]] = {}
    for line in read_lines(file):
        key, _, template = (part.strip().strip('"') for part in line.partition(";"))
        if key:
            answers.setdefault(key, set()).update({template} - {""})
    return answers


def frames_of(folder: SourceFolder, key: str) -> tuple[tuple[int, str], ...]:
    """All numbered pictures of a clip that lies as a folder of them, in order; none where there is a clip, too."""
    names = next(filter(None, (folder.inside(f"{top}/{key}") for top in TAKEN_APART)), ()) if key.isdecimal() else ()
    if not names or folder.find(*clip([key], FOLDERS).paths, globs=False):
        return ()
    found = {int(match[1]): name for name in names if (match := FRAME.fullmatch(name.rpartition("/")[2]))}
    return tuple(sorted(found.items()))


def class_of(template: str) -> str:
    """A template without its brackets."""
    return " ".join(template.replace("[", "").replace("]", "").split())


def shown(frames: Sequence[tuple[int, str]], origin: str) -> tuple[Picture, ...]:
    """Eight of the pictures, at the places where a clip's frames are taken."""
    places = ((2 * place + 1) * len(frames) // (2 * FRAMES) for place in range(FRAMES))
    return tuple(Picture((frames[place][1],), origin=origin) for place in places) if frames else ()


def convert(row: Row) -> Sample | Reject:
    """One clip and its class."""
    answers = row.fields["answers"]
    if answers is not None and len(answers) > 1:
        return reject(row, Reason.BAD_LABEL, f"different answers: {', '.join(sorted(answers))}")
    template = row.fields["template"] if answers is None else "".join(answers)
    if not template.strip():
        reason = Reason.NO_ANSWER if answers is None else Reason.NO_LABEL
        return reject(row, reason, "the clip has no label")
    name = class_of(template)
    classes = row.fields["classes"]
    if name not in classes:
        return reject(row, Reason.BAD_LABEL, f"{name!r} is not one of the {len(classes)} classes")
    frames = row.fields["frames"]
    if frames and frames[-1][0] - frames[0][0] + 1 != len(frames):
        return reject(row, Reason.MISSING_MEDIA, f"of frames {frames[0][0]} to {frames[-1][0]} {len(frames)} are there")
    origin = f"something-something:{row.key}"
    return Sample(
        key=row.key,
        images=shown(frames, origin) or (clip([row.key], FOLDERS, origin),),
        options=Options(name, row.fields["beside"][name], OPTIONS),
        meta={
            "video_id": row.key,
            "class_id": classes[name],
            "template": template,
            "caption": row.fields.get("label"),
            "placeholders": row.fields.get("placeholders"),
        },
    )


def layout(split: str) -> Layout:
    """Files of the labels package, or of older releases."""
    parts = [
        (f"labels/{part}.json", f"{part}.json", f"something-something-v2-{part}.json") for part in (split, "labels")
    ]
    answers = ("labels/test-answers.csv", "test-answers.csv")
    return Layout((*parts, answers) if split == "test" else tuple(parts), rows)


TASK = Task(
    name="something-something",
    title="Something-Something V2: actions with everyday objects",
    group=Group.VIDEO,
    category=Category.CLASSIFICATION,
    license=License("LicenseRef-Something-Something", note="Research use, no redistribution."),
    homepage="www.qualcomm.com/developer/software/something-something-v-2-dataset",
    citation='Goyal et al. The "Something Something" Video Database for Learning and Evaluating Visual Common Sense. '
    "ICCV 2017.",
    download="""
The labels package (labels.json, train.json, validation.json, test.json, test-answers.csv) and the two parts of the
videos, which together are one gzip tar and are read as that: nothing is to be joined or unpacked.
""",
    tree="""
labels/labels.json
labels/train.json
labels/validation.json
labels/test.json            labels/test-answers.csv
20bn-something-something-v2/<id>.webm ...       or folders of frames, <id>/000001.jpg ...
""",
    splits={
        Split.TRAIN: (layout("train"),),
        Split.VALIDATION: (layout("validation"),),
        Split.TEST: (layout("test"),),
    },
    convert=convert,
    aliases=("ss",),
    held_out=True,
)

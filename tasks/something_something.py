"""Something-Something V2: which action does the clip show?

Goyal et al., ICCV 2017 (the paper cites V1; the release holds V2's 174 classes). A class is a template without its
brackets, "Holding something next to something"; the filled-in label is not the answer and stays in meta. The release
lists numbered candidates, how many is not said; ours are ten, lettered like all options. The answers of test came
later, in a file of their own; test clips without one are rejected. Frames: eight, uniformly.
"""

from collections.abc import Callable, Iterator
from typing import Any

from m3it_build.core.sample import Options, Origin, Reason, Reject, Row, Sample, reject
from m3it_build.core.task import Category, Group, Layout, License, Split, Task
from m3it_build.sources.folder import Folder
from m3it_build.sources.joined import record_id
from m3it_build.sources.json_files import read_array, read_object
from m3it_build.sources.tables import read_lines

from ._video import clip

FOLDERS = ("20bn-something-something-v2", "videos", "video", "")
OPTIONS = 10
ANSWERS = ("labels/test-answers.csv", "test-answers.csv")


def file_names(part: str) -> tuple[str, ...]:
    """A file of the labels package, or of older releases."""
    return (f"labels/{part}.json", f"{part}.json", f"something-something-v2-{part}.json")


def rows(split: str) -> Callable[[Folder], Iterator[Row | Reject]]:
    """Reads one split; the template of a test clip comes from the answers' file."""

    def read(folder: Folder) -> Iterator[Row | Reject]:
        file = folder.need(*file_names(split))
        labels = read_object(folder.need(*file_names("labels")))
        classes = {name: labels[name] for name in sorted(labels)}
        names = tuple(classes)
        answers = read_answers(folder) if split == "test" else None
        asked = set()
        for place, record in enumerate(read_array(file)):
            key = record_id(record.get("id")) if isinstance(record, dict) else None
            if key is None:
                detail = f"record {place} (from 0) has no usable 'id'"
                yield Reject(f"{file.name}#{place}", "source", Reason.BAD_RECORD, detail)
                continue
            asked.add(key)
            fields = {**record, "classes": classes, "names": names}
            if answers is not None:
                fields["template"] = answers.get(key, "")
            yield Row(key, fields, Origin(file.name, key))
        for key in sorted((answers or {}).keys() - asked):
            yield Reject(key, "source", Reason.NO_QUESTION, f"an answer whose clip is not in {file.name}")

    return read


def read_answers(folder: Folder) -> dict[str, str]:
    """Templates by clip: `id;template`, no header."""
    pairs = (line.partition(";") for line in read_lines(folder.need(*ANSWERS)))
    return {key.strip(): template.strip() for key, _, template in pairs if key.strip()}


def class_of(template: str) -> str:
    """A template without its brackets."""
    return " ".join(template.replace("[", "").replace("]", "").split())


def convert(row: Row) -> Sample | Reject:
    """One clip and its class."""
    template = row.fields["template"]
    if not template.strip():
        return reject(row, Reason.NO_ANSWER, "the clip has no label")
    name = class_of(template)
    classes: dict[str, Any] = row.fields["classes"]
    if name not in classes:
        return reject(row, Reason.BAD_LABEL, f"{name!r} is not one of the {len(classes)} classes")
    return Sample(
        key=row.key,
        images=(clip([row.key], FOLDERS),),
        options=Options(name, row.fields["names"], OPTIONS),
        meta={
            "video_id": row.key,
            "class": classes[name],
            "template": template,
            "label": row.fields.get("label"),
            "placeholders": row.fields.get("placeholders"),
        },
    )


def layout(split: str) -> Layout:
    """The official files of a split."""
    answers = (ANSWERS,) if split == "test" else ()
    return Layout((file_names(split), file_names("labels"), *answers), rows(split))


TASK = Task(
    name="something-something",
    title="Something-Something V2: actions with everyday objects",
    group=Group.VIDEO,
    category=Category.CLASSIFICATION,
    license=License("LicenseRef-Something-Something", note="Research use, no redistribution."),
    homepage="developer.qualcomm.com/software/ai-datasets/something-something",
    citation='Goyal et al. The "Something Something" Video Database for Learning Visual Common Sense. ICCV 2017.',
    download="""
From developer.qualcomm.com (login, licence): the labels package (labels.json, train.json, validation.json, test.json,
test-answers.csv) and the video parts, which together are one gzip tar of 19.4 GB: unpack it.
""",
    tree="""
labels/labels.json
labels/train.json
labels/validation.json
labels/test.json            labels/test-answers.csv
20bn-something-something-v2/<id>.webm ...
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

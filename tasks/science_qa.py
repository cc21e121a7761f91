"""ScienceQA: multiple-choice questions from school, half of them without a picture.

Lu et al., NeurIPS 2022. Inputs are the hint (if any), the question and the lettered choices; the lettered choice is the
target. Choices keep the source's order: no place in it is favoured, texts refer to each other ("neither; ..."), and
letters stay comparable with published results. Lecture and solution stay in meta.

Table 7 counts 12,726 / 4,241 / 4,241, i.e. all questions, so those without a picture are rows with an empty image list;
the option `images = "pictured"` rejects them. `split` in the record decides; `pid_splits.json` says the same.
Pictured choices (choice_0.png ...) are not referenced by the records and not shown. Mirrors drop the ids: their rows
are numbered. Open until a full download is read: how often each place is right (about equally often in 35 records), and
whether the right choice ever stands twice, which is rejected.
"""

from collections.abc import Sequence
from functools import partial

from m3it_build.core.sample import Options, Origin, Picture, Reason, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.json_files import read_object
from m3it_build.sources.tables import read_parquet

FILE = ("data/scienceqa/problems.json", "scienceqa/problems.json", "problems.json")
SPLITS = {"train": Split.TRAIN, "val": Split.VALIDATION, "test": Split.TEST}
FOLDERS = ("data/scienceqa/images/", "scienceqa/images/", "images/", "")
"""As the authors' script leaves the pictures, or cut shorter."""


def rows(folder: SourceFolder, file: FoundFile, *, split: Split) -> Rows:
    """One split out of the one file; records of no known split are reported with train."""
    for pid, problem in read_object(file).items():
        name = problem.get("split") if isinstance(problem, dict) else None
        of = SPLITS.get(name) if isinstance(name, str) and pid.strip() else None
        if of is None and split is Split.TRAIN:
            yield Reject(pid, "source", Reason.BAD_RECORD, f"no pid, or split {name!r} is not train, val or test")
        elif of is split:
            paths = tuple(f"{top}{name}/{pid}/{problem.get('image')}" for top in FOLDERS)
            fields = {"problem": problem, "pid": pid, "paths": paths, "only": folder.options["images"]}
            yield Row(pid, fields, Origin(file.name, pid))


def mirror_rows(folder: SourceFolder, files: Sequence[FoundFile]) -> Rows:
    """A mirror's Parquet files, in which pictures are cells and ids are gone."""
    for place, (file, number, cells) in enumerate(read_parquet(files, columns=("image", "choices", "answer"))):
        problem = {**cells, "image": None if cells["image"] is None else "image.png"}
        paths = (f"{file.name}#{number}/image",)
        fields = {"problem": problem, "pid": None, "paths": paths, "only": folder.options["images"]}
        yield Row(f"row-{place}", fields, Origin(file.name, str(number)))


def convert(row: Row) -> Sample | Reject:
    """One question with its choices."""
    problem = row.fields["problem"]
    image = problem["image"]
    if image is None and row.fields["only"] == "pictured":
        return reject(row, Reason.NO_PICTURE, "the question has no picture")
    if image is not None and not image.strip():
        return reject(row, Reason.NO_MEDIA, "the record names no picture")
    question, hint = problem["question"].strip(), (problem.get("hint") or "").strip()
    if not question:
        return reject(row, Reason.NO_QUESTION, "the question is empty")
    choices, answer = problem["choices"], problem["answer"]
    if not isinstance(choices, list) or not all(choice.strip() for choice in choices):
        return reject(row, Reason.BAD_RECORD, f"choices {choices!r} are not all text")
    if type(answer) is not int or not 0 <= answer < len(choices):
        return reject(row, Reason.BAD_LABEL, f"answer {answer!r} is no index into {len(choices)} choices")
    return Sample(
        key=row.key,
        images=(Picture(row.fields["paths"]),) if image else (),
        inputs="\n".join(part for part in (hint, question) if part),
        options=Options(choices[answer], choices, ordered=True, verbatim=True),
        meta={
            "question_id": row.fields["pid"],
            **{name: problem.get(name) for name in ("grade", "subject", "topic", "category", "skill")},
            "question_type": problem.get("task"),
            "lecture": problem.get("lecture"),
            "solution": problem.get("solution"),
        },
    )


def layouts(split: Split, pattern: str) -> tuple[Layout, ...]:
    """The official file, or a mirror's Parquet files."""
    return (Layout((FILE,), partial(rows, split=split)), Layout((pattern,), mirror_rows))


TASK = Task(
    name="science-qa",
    title="ScienceQA: school questions with and without pictures",
    group=Group.KVQA,
    category=Category.KVQA,
    license=License("CC-BY-NC-SA-4.0", redistributable=True, note="Not for commercial use; share alike."),
    homepage="scienceqa.github.io",
    citation="Lu et al. Learn to Explain: Multimodal Reasoning via Thought Chains for Science Question Answering. "
    "NeurIPS 2022.",
    download="""
From github.com/lupantech/ScienceQA, tools/download.sh: data/scienceqa/problems.json (30 MB, 21,208 questions) and
train.zip, val.zip, test.zip with the pictures of 10,332 of them (several hundred MB; may stay zipped).
The Parquet files of derek-thomas/ScienceQA are read too.
""",
    tree="""
data/scienceqa/problems.json
data/scienceqa/images/train/1/image.png ...     or images/train/..., or train.zip
data/scienceqa/images/val/...
data/scienceqa/images/test/...
""",
    splits={
        Split.TRAIN: layouts(Split.TRAIN, "data/train-*.parquet"),
        Split.VALIDATION: layouts(Split.VALIDATION, "data/val*-*.parquet"),
        Split.TEST: layouts(Split.TEST, "data/test-*.parquet"),
    },
    convert=convert,
    options={"images": ("all", "pictured")},
)

"""ActivityNet-QA: questions written by hand about long web videos.

Yu et al., AAAI 2019. One row a video: one of its ten questions, drawn by hash, as M3IT's own note says. Questions
have no mark and no capitals and stay as they are, but for blanks at their ends. Questions and answers are joined by
`question_id`. The splits are not ActivityNet's, so a video is found by its name in any folder, with and without the
prefix `v_`. A mirror of test has question and answer in one row. Frames: eight, uniformly over the whole video.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from m3it_build.core.sample import Fields, Reason, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.json_files import read_array
from m3it_build.sources.rows import json_rows, record_id
from m3it_build.sources.tables import read_parquet

from ._video import asked, by_clip, clip

FOLDERS = ("v1-2/train", "v1-2/val", "v1-3/train_val", "v1-3/test", "Activity_Videos", "videos", "video")
TYPES = (
    "motion", "spatial relation", "temporal relation", "yes/no", "colour", "object", "location", "number", "other",
)  # fmt: skip


def rows(_: SourceFolder, file: FoundFile, answers: FoundFile) -> Rows:
    """One split: questions with their answers, grouped by video."""
    answered: dict[str, Fields] = {}
    for answer in json_rows(answers, read_array(answers), "question_id"):
        if isinstance(answer, Row):
            answered.setdefault(answer.key, answer.fields)
        else:
            yield answer
    questions = read_array(file)
    yield from by_clip(file, joined(questions, answered), "video_name")
    asked_for = {record_id(picked.get("question_id")) for picked in questions.pick("question_id")}
    for name in sorted(answered.keys() - asked_for):
        yield Reject(name, "source", Reason.NO_QUESTION, f"not in {file.name}")


def joined(questions: Iterable[Any], answered: Mapping[str, Fields]) -> Iterator[Any]:
    """Each question with its answer, if it has one; what is no object stays as it is."""
    for question in questions:
        known = answered.get(record_id(question.get("question_id")) or "", {}) if isinstance(question, dict) else {}
        yield {**known, **question} if isinstance(question, dict) else question


def mirror_rows(_: SourceFolder, files: Sequence[FoundFile]) -> Rows:
    """A mirror's Parquet files of test, in which question and answer are one row."""
    needed = ("video_name", "question", "question_id", "answer")
    return by_clip(files[0], (cells for _, _, cells in read_parquet(files, columns=needed)), "video_name")


def type_name(number: Any) -> str | None:
    """A question's type in words; a mirror has its number as text."""
    number = int(number) if isinstance(number, str) and number.isdecimal() else number
    return TYPES[number] if type(number) is int and 0 <= number < len(TYPES) else None


def convert(row: Row) -> Sample | Reject:
    """One video with all its questions; those without text or answer do not count."""
    variants, unusable = asked(row.fields["questions"], "question_id")
    if not variants:
        return reject(row, Reason.NO_ANSWER, "no question of the video has an answer")
    kinds = {record_id(each.get("question_id")): type_name(each.get("type")) for each in row.fields["questions"]}
    return Sample(
        key=row.key,
        images=(clip((f"v_{row.key}", row.key), FOLDERS, f"youtube:{row.key}"),),
        variants=tuple(
            replace(variant, meta={**variant.meta, "question_type": kinds[record_id(variant.meta["question_id"])]})
            for variant in variants
        ),
        meta={"video_id": row.key, "questions_left_out": unusable},
    )


def layout(split: str) -> Layout:
    """The questions (`q`) and answers (`a`) of a split."""
    return Layout(tuple((f"dataset/{split}_{part}.json", f"{split}_{part}.json") for part in ("q", "a")), rows)


MIRROR = Layout((("data/test-*.parquet", "*/test-*.parquet"),), mirror_rows)

TASK = Task(
    name="activitynet-qa",
    title="ActivityNet-QA: questions about long web videos",
    group=Group.VIDEO,
    category=Category.VQA,
    license=License(
        "LicenseRef-ActivityNet-QA",
        note="Questions: LICENSE file MIT, README non-commercial use only; the videos keep their YouTube terms.",
    ),
    homepage="github.com/MILVLG/activitynet-qa",
    citation="Yu et al. ActivityNet-QA: A Dataset for Understanding Complex Web Videos via Question Answering. "
    "AAAI 2019. Videos: Caba Heilbron et al. ActivityNet: A Large-Scale Video Benchmark for Human Activity "
    "Understanding. CVPR 2015.",
    download="""
The folder dataset/ of github.com/MILVLG/activitynet-qa: 58,000 questions on 5,800 videos.
The videos are those of ActivityNet 200 v1.3. For test, the Parquet files of lmms-lab/ActivityNetQA are read too.
""",
    tree="""
dataset/train_q.json        dataset/train_a.json
dataset/val_q.json          dataset/val_a.json
dataset/test_q.json         dataset/test_a.json
v1-2/train/v_<name>.mp4 ...         any folder, also .mkv and .webm, also without v_
""",
    splits={Split.TRAIN: (layout("train"),), Split.VALIDATION: (layout("val"),), Split.TEST: (layout("test"), MIRROR)},
    convert=convert,
    collections=("activitynet",),
    paraphrased=True,
    held_out=True,
)

"""MSRVTT-QA: questions generated from the captions of MSR-VTT clips.

Xu et al., ACM MM 2017. One row a clip: one of its questions (about 24), drawn by hash, as M3IT's own note says.
Questions and answers are machine-made and stay as they are. All answers are kept: dropping those outside a training
vocabulary, as much code for this set does, would change the task. Frames: eight, uniformly.
"""

from collections.abc import Callable, Iterator
from typing import Any

from m3it_build.core.sample import Origin, Reason, Reject, Row, Sample, Variant, reject
from m3it_build.core.task import Category, Group, Layout, License, Split, Task
from m3it_build.sources.folder import Folder
from m3it_build.sources.joined import record_id
from m3it_build.sources.json_files import read_array

from ._msrvtt import CATEGORIES, msrvtt_clip


def rows(split: str) -> Callable[[Folder], Iterator[Row | Reject]]:
    """Reads one split: questions grouped by clip."""

    def read(folder: Folder) -> Iterator[Row | Reject]:
        file = folder.need(f"{split}_qa.json")
        clips: dict[str, list[Any]] = {}
        for place, record in enumerate(read_array(file)):
            clip = record_id(record.get("video_id")) if isinstance(record, dict) else None
            if clip is None:
                yield Reject(
                    f"{file.name}#{place}",
                    "source",
                    Reason.BAD_RECORD,
                    f"record {place} (from 0) has no usable 'video_id'",
                )
            else:
                clips.setdefault(clip.removeprefix("video"), []).append(record)
        for clip, questions in clips.items():
            yield Row(f"video{clip}", {"clip": clip, "questions": questions}, Origin(file.name, f"video_id {clip}"))

    return read


def convert(row: Row) -> Sample | Reject:
    """One clip with all its questions; those without text or answer do not count."""
    questions = sorted(row.fields["questions"], key=lambda question: int(question["id"]))
    usable = [each for each in questions if each["question"].strip() and str(each["answer"]).strip()]
    if not usable:
        return reject(row, Reason.NO_ANSWER, "no question of the clip has an answer")
    category = usable[0].get("category_id")
    return Sample(
        key=row.key,
        images=(msrvtt_clip(row.fields["clip"]),),
        variants=tuple(
            Variant(inputs=each["question"], answer=str(each["answer"]), meta={"question_id": each["id"]})
            for each in usable
        ),
        meta={
            "video_id": row.key,
            "category": CATEGORIES[category] if isinstance(category, int) and 0 <= category < len(CATEGORIES) else None,
        },
    )


def layout(split: str) -> Layout:
    """The official file of a split."""
    return Layout((f"{split}_qa.json",), rows(split))


TASK = Task(
    name="msrvtt-qa",
    title="MSRVTT-QA: questions about video clips",
    group=Group.VIDEO,
    category=Category.VQA,
    license=License("LicenseRef-MSRVTT-QA", note="None stated for the data; repository MIT."),
    homepage="github.com/xudejing/video-question-answering",
    citation="Xu et al. Video Question Answering via Gradually Refined Attention over Appearance and Motion. MM 2017.",
    download="""
From github.com/xudejing/video-question-answering: the archive MSRVTT-QA (train_qa.json, val_qa.json, test_qa.json).
The clips are those of MSR-VTT (train_val_videos.zip, test_videos.zip; 6 GB), which may stay zipped.
""",
    tree="""
train_qa.json
val_qa.json
test_qa.json
TrainValVideo/video0.mp4 ...        or video/, videos/, videos/all/
TestVideo/video7010.mp4 ...
""",
    splits={Split.TRAIN: (layout("train"),), Split.VALIDATION: (layout("val"),), Split.TEST: (layout("test"),)},
    convert=convert,
    collections=("msr-vtt",),
    paraphrased=True,
    translated=True,
    held_out=True,
)

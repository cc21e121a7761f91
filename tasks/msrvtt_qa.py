"""MSRVTT-QA: questions generated from the captions of MSR-VTT clips.

Xu et al., ACM MM 2017. One row a clip: one of its questions (about 24), drawn by hash, as M3IT's own note says.
Questions and answers are machine-made and stay as they are. All answers are kept. M3IT's own note counts 149,074 /
12,277 / 72,820 questions where the files have 158,581 / 12,278 / 72,821: it seems to have read them through code that
drops questions of train whose answer is none of the 4,000 most frequent, as preproc_msrvttqa.py of just-ask does, so
that 6 % of the questions from which ours are drawn in train cannot be in it. They stay: without them, train would have
frequent answers only and test all. Splits are MSR-VTT's own (clips 0 to 6512, 6513 to 7009, 7010 to 9999), whatever a
file is called. Frames: eight, uniformly.
"""

from functools import partial

from m3it_build.core.sample import Reason, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task, Translated
from m3it_build.sources.json_files import read_array

from ._msrvtt import CLIPS, category_name, msrvtt_clip
from ._numbers import of_split
from ._video import asked, by_clip


def rows(folder: SourceFolder, file: FoundFile, *, split: Split) -> Rows:
    """One split: questions grouped by clip."""
    CLIPS.refuse_others(folder)
    return of_split(by_clip(file, read_array(file), "video_id"), file, CLIPS, split)


def convert(row: Row) -> Sample | Reject:
    """One clip with all its questions; those without text or answer do not count."""
    variants, unusable = asked(row.fields["questions"], "id")
    if not variants:
        return reject(row, Reason.NO_ANSWER, "no question of the clip has an answer")
    number = row.key.removeprefix("video")
    category = row.fields["questions"][0].get("category_id")
    return Sample(
        key=row.key,
        images=(msrvtt_clip(number),),
        variants=tuple(variants),
        meta={"video_id": f"video{number}", "category": category_name(category), "questions_left_out": unusable},
    )


def layout(name: str, split: Split) -> Layout:
    """The official file of a split."""
    return Layout((f"{name}_qa.json",), partial(rows, split=split))


TASK = Task(
    name="msrvtt-qa",
    title="MSRVTT-QA: questions about video clips",
    group=Group.VIDEO,
    category=Category.VQA,
    license=License(
        "LicenseRef-MSRVTT-QA",
        note="None known for the questions: repository MIT, their page at Mendeley Data tells its own; "
        "the clips of MSR-VTT keep their YouTube terms.",
    ),
    homepage="github.com/xudejing/video-question-answering",
    citation="Xu et al. Video Question Answering via Gradually Refined Attention over Appearance and Motion. MM 2017. "
    "Clips: Xu et al. MSR-VTT: A Large Video Description Dataset for Bridging Video and Language. CVPR 2016.",
    download="""
MSRVTT-QA (DOI 10.17632/bvxhs33bw6): train_qa.json, val_qa.json, test_qa.json. The clips are those of MSR-VTT, which
may stay zipped.
""",
    tree="""
train_qa.json
val_qa.json
test_qa.json
TrainValVideo/video0.mp4 ...        or video/, videos/, videos/all/
TestVideo/video7010.mp4 ...
""",
    splits={
        Split.TRAIN: (layout("train", Split.TRAIN),),
        Split.VALIDATION: (layout("val", Split.VALIDATION),),
        Split.TEST: (layout("test", Split.TEST),),
    },
    unreadable={"data/*.parquet": "the columns of the copies on the Hub are not known to be those of the source"},
    convert=convert,
    collections=("msr-vtt",),
    paraphrased=True,
    translated=Translated.SAMPLE,
    held_out=True,
)

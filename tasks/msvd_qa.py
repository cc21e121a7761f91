"""MSVD-QA: questions generated from the captions of the MSVD (YouTube2Text) clips.

Xu et al., ACM MM 2017. One row a clip: one of its questions, drawn by hash, as M3IT's own note says. Questions and
answers are machine-made and stay as they are ("what is a squirrel=l doing?"). 60 clips of the mapping have no
question and are no records of the source. Frames: eight, uniformly. Clips lie as `video/vid<N>.avi`, or under their
YouTube names, which the mapping tells. N counts from 1 to 1970: where a clip 0 lies beside, as in copies that are
counted from 0, each would be its neighbour's, and nothing is built.
"""

import re
from collections.abc import Sequence
from functools import partial

from m3it_build.core.sample import Reason, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.json_files import read_array
from m3it_build.sources.rows import bad_record
from m3it_build.sources.tables import read_lines

from ._numbers import Numbers, of_split
from ._video import asked, by_clip, clip

MAPPING = "youtube_mapping.txt"
FOLDERS = ("video", "videos", "YouTubeClips")
LINE = re.compile(r"\s*(?P<name>\S.*?)\s+(?:vid)?(?P<number>\d+)\s*")
CLIPS = Numbers(
    "vid",
    {Split.TRAIN: range(1, 1201), Split.VALIDATION: range(1201, 1451), Split.TEST: range(1451, 1971)},
    FOLDERS,
)
"""The splits of the questions; those of MSVD's captions are others."""


def rows(folder: SourceFolder, file: FoundFile, *, split: Split) -> Rows:
    """One split: questions grouped by clip; what cannot be read of the mapping is told with train."""
    CLIPS.refuse_others(folder)
    names, broken = youtube_names(folder)
    yield from broken if split is Split.TRAIN else ()
    for row in of_split(by_clip(file, read_array(file), "video_id"), file, CLIPS, split):
        if isinstance(row, Row):
            number = row.key.removeprefix("vid")
            yield Row(row.key, {**row.fields, "stems": (f"vid{number}", *names.get(number, ()))}, row.origin)
        else:
            yield row


def youtube_names(folder: SourceFolder) -> tuple[dict[str, tuple[str, ...]], list[Reject]]:
    """The YouTube name of each clip number, where the mapping is there: `<youtube id>_<start>_<end> vid<N>`."""
    if not folder.has(MAPPING):
        return {}, []
    file = folder.need(MAPPING)
    names: dict[str, set[str]] = {}
    broken = []
    for place, line in enumerate(read_lines(file), 1):
        if found := LINE.fullmatch(line):
            names.setdefault(found["number"], set()).add(found["name"])
        elif line.strip():
            broken.append(bad_record(file, place, f"line {place} is not a clip's YouTube name and vid<number>"))
    return {number: tuple(found) for number, found in names.items() if len(found) == 1}, broken  # of two, one is wrong


def origin(stems: Sequence[str]) -> str:
    """The video's id on YouTube, where the mapping tells it: before start and end in the second name."""
    return f"youtube:{stems[1].rsplit('_', 2)[0]}" if len(stems) > 1 else ""


def convert(row: Row) -> Sample | Reject:
    """One clip with all its questions; those without text or answer do not count."""
    variants, unusable = asked(row.fields["questions"], "id")
    if not variants:
        return reject(row, Reason.NO_ANSWER, "no question of the clip has an answer")
    stems = row.fields["stems"]
    return Sample(
        key=row.key,
        images=(clip(stems, FOLDERS, origin(stems)),),
        variants=tuple(variants),
        meta={
            "video_id": row.key,
            "youtube_name": stems[-1] if len(stems) > 1 else None,
            "questions_left_out": unusable,
        },
    )


def layout(name: str, split: Split) -> Layout:
    """The official file of a split."""
    return Layout((f"{name}_qa.json",), partial(rows, split=split))


TASK = Task(
    name="msvd-qa",
    title="MSVD-QA: questions about short video clips",
    group=Group.VIDEO,
    category=Category.VQA,
    license=License(
        "LicenseRef-MSVD-QA",
        note="None known for the questions: repository MIT, their page at Mendeley Data tells its own; "
        "the clips keep their YouTube terms.",
    ),
    homepage="github.com/xudejing/video-question-answering",
    citation="Xu et al. Video Question Answering via Gradually Refined Attention over Appearance and Motion. MM 2017. "
    "Clips: Chen and Dolan. Collecting Highly Parallel Data for Paraphrase Evaluation. ACL 2011.",
    download="""
MSVD-QA (DOI 10.17632/h5j7cpwnvn): train_qa.json, val_qa.json, test_qa.json, youtube_mapping.txt. The 1,970 clips are
those of MSVD at UT Austin, which may stay packed.
""",
    tree="""
train_qa.json
val_qa.json
test_qa.json
youtube_mapping.txt
video/vid1.avi ...          or YouTubeClips/<youtube id>_<start>_<end>.avi
""",
    splits={
        Split.TRAIN: (layout("train", Split.TRAIN),),
        Split.VALIDATION: (layout("val", Split.VALIDATION),),
        Split.TEST: (layout("test", Split.TEST),),
    },
    unreadable={"data/*.parquet": "the columns of the copies on the Hub are not known to be those of the source"},
    convert=convert,
    collections=("msvd",),
    paraphrased=True,
    held_out=True,
)

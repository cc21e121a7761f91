"""iVQA: questions about clips of instructional videos, answered by five people each.

Yang et al., ICCV 2021. One row a question, which is one a clip. M3IT's own note says "randomly sample an answer from
the majority": one of the most frequent answers, drawn by hash where several are equally frequent. They are counted as
they are written, as the authors' metric compares them; `agreement` in meta is how many of the five gave the target.
"none" and "null" are answers. Five people always answered, so a record with fewer has lost some (pandas drops these
words when it writes a table anew), and is rejected.

A clip is a file of its own, `<id>_<start>_<end>.*`; where only `<id>.*` is there, the eight frames are sampled from
these seconds of it, or, where it is just as long as they are, from all of it: some cut the videos and keep their names.
The second `end` belongs to them, as in the authors' code: they count `end - start + 1` seconds (misc/plots.ipynb), and
take as many features, one a second, in misc/server_videoqa.py.
"""

import re
from collections import Counter

from m3it_build.core.sample import Clip, Origin, Reason, Reject, Row, Rows, Sample, Variant, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.rows import without_id
from m3it_build.sources.tables import read_csv

from ._video import clip

FOLDERS = ("video", "videos")
ANSWERS = tuple(f"answer{number}" for number in range(1, 6))


def rows(folder: SourceFolder, file: FoundFile) -> Rows:
    """One split, by the names of its columns."""
    for line, cells in read_csv(file, ("video_id", "start", "end", "question", *ANSWERS)):
        name = cells["video_id"].strip()
        # Whole seconds; pandas writes "8.0" in a column with gaps.
        start, end = (re.sub(r"\.0+$", "", cells[column].strip()) for column in ("start", "end"))
        if not name:
            yield without_id(file, line, "video_id", "line")
            continue
        key = f"{name}_{start}_{end}"
        cut, whole = clip([key], FOLDERS), clip([name], FOLDERS)
        is_whole = not folder.find(*cut.paths, globs=False) and bool(folder.find(*whole.paths, globs=False))
        fields = {**cells, "paths": whole.paths if is_whole else cut.paths, "whole": is_whole}
        yield Row(key, fields, Origin(file.name, f"line {line}"))


def convert(row: Row) -> Sample | Reject:
    """One question with its five answers."""
    cells = row.fields
    start, end = float(cells["start"]), float(cells["end"])
    if not 0 <= start <= end:
        return reject(row, Reason.BAD_RECORD, f"the clip goes from {cells['start']} to {cells['end']} seconds")
    if not cells["question"].strip():
        return reject(row, Reason.NO_QUESTION, "the question is empty")
    answers = [cells[column].strip() for column in ANSWERS]
    counts = Counter(answer for answer in answers if answer)
    if counts.total() < len(ANSWERS):
        what = f"{counts.total()} of five answers: where a table was written anew, 'none' and 'null' are easily lost"
        return reject(row, Reason.NO_ANSWER, f"{what}. Fetch the official file")
    top = max(counts.values())
    name = cells["video_id"].strip()
    first, last = (start, end + 1) if cells["whole"] else (None, None)
    return Sample(
        key=row.key,
        images=(Clip(cells["paths"], first, last, origin=f"youtube:{name}"),),
        inputs=cells["question"],
        variants=tuple(Variant(answer=answer) for answer, count in counts.items() if count == top),
        meta={"video_id": name, "start": start, "end": end, "answers": answers, "agreement": top},
    )


def layout(split: str) -> Layout:
    """The official file of a split."""
    return Layout((f"{split}.csv",), rows)


TASK = Task(
    name="ivqa",
    title="iVQA: questions about instructional video clips",
    group=Group.VIDEO,
    category=Category.VQA,
    license=License("LicenseRef-iVQA", note="Questions: repository Apache-2.0; the clips keep their YouTube terms."),
    homepage="github.com/antoyang/just-ask",
    citation="Yang et al. Just Ask: Learning to Answer Questions from Millions of Narrated Videos. ICCV 2021. "
    "Videos: Miech et al. HowTo100M: Learning a Text-Video Embedding by Watching Hundred Million Narrated Video Clips. "
    "ICCV 2019.",
    download="""
The tables iVQA/train.csv, val.csv, test.csv (9,994 rows) of github.com/antoyang/just-ask.
No videos are given: fetch them from YouTube by id, and cut them from start to end or keep them whole.
""",
    tree="""
train.csv
val.csv
test.csv
video/<video_id>_<start>_<end>.mp4 ...      or <video_id>.mp4, the whole video
""",
    splits={Split.TRAIN: (layout("train"),), Split.VALIDATION: (layout("val"),), Split.TEST: (layout("test"),)},
    convert=convert,
    paraphrased=True,
    held_out=True,
)

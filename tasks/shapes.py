"""SHAPES: yes/no questions about a small grid of coloured shapes.

Andreas et al., CVPR 2016. Pictures are rows of a NumPy array in BGR order, checked against the answers; they are turned
to RGB and stored as PNG of 30 x 30 pixels: nothing is enlarged, as every vision encoder does that its own way.
Questions stay as in the source (lower case, no question mark); "true" and "false" become yes and no, and these
sentences, as in the authors' re-issue `shapes-rephrased`. Train is train.large, of which tiny, small and med are parts:
13,568 / 1,024 / 1,024 rows, as in Table 7.

Where the questions in words are not at hand, they are written from the s-expressions, which gives the same text; where
both are there and disagree, the files do not belong together, and the row is rejected.
"""

import re
from functools import partial

from m3it_build.core.errors import SourceError
from m3it_build.core.sample import Origin, Picture, Reason, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.arrays import png_of_bgr, read_bytes
from m3it_build.sources.tables import read_lines

SIDE = 30
ANSWERS = {"true": "yes", "false": "no"}
NOUNS = {
    **{colour: f"a {colour} shape" for colour in ("red", "green", "blue")},
    **{shape: f"a {shape}" for shape in ("circle", "square", "triangle")},
}
QUESTIONS = ("query", "query_str.txt")
"""As s-expressions, and in words."""
RELATIONS = ("left_of", "right_of", "above", "below")


def rows(folder: SourceFolder, arrays: FoundFile, output: FoundFile, _: FoundFile, *, split: str) -> Rows:
    """One split; row i of all its files belongs together. The questions are read in each form that is there."""
    pictures = read_bytes(arrays, SIDE, SIDE, 3)
    files = {kind: folder.need(*names(split, kind)) for kind in QUESTIONS if folder.has(names(split, kind))}
    columns = [lines(file, len(pictures)) for file in (output, *files.values())]
    for place, (answer, *questions) in enumerate(zip(*columns, strict=True)):
        fields = {"split": split, "row": place, "bgr": pictures.item(place), "output": answer}
        yield Row(
            str(place), fields | dict(zip(files, questions, strict=True)), Origin(f"{split}.input.npy", str(place))
        )


def names(split: str, kind: str) -> tuple[str, ...]:
    """A file of a split, where the repositories have it or by itself."""
    return tuple(f"{folder}{split}.{kind}" for folder in ("", "data/shapes/", "shapes_dataset/"))


def lines(file: FoundFile, count: int) -> list[str]:
    """A line for each picture.

    Raises:
        SourceError: more or fewer of them, so that rows would be shifted.
    """
    found = [line.strip() for line in read_lines(file)]
    while len(found) > count and not found[-1]:
        found.pop()
    if len(found) != count:
        raise SourceError(
            f"{file.path}: {len(found)} lines for {count} pictures. The files do not belong together; fetch them again."
        )
    return found


def in_words(query: str) -> str:
    """The question that an s-expression stands for, as `(is green (left_of red))`.

    Raises:
        ValueError: not of that form.
    """
    verb, *rest = re.findall(r"\w+", query)
    first, rest = phrase(rest)
    bare = len(rest) == 1 and rest[0] in {"red", "green", "blue"}
    second, left = phrase(rest)
    if verb != "is" or left or query.count("(") != query.count(")"):
        raise ValueError(f"{query!r} is not of the documented form")
    return f"is {first} {rest[0] if bare else second}"


def phrase(words: list[str]) -> tuple[str, list[str]]:
    """The first argument in `words`, a thing or a relation to one, and what is left of them."""
    head, *rest = words
    if head in NOUNS:
        return NOUNS[head], rest
    if head not in RELATIONS:
        raise ValueError(f"{head!r} is neither a thing nor a relation")
    other, left = phrase(rest)
    return f"{head.replace('_', ' ')} {other}", left


def convert(row: Row) -> Sample | Reject:
    """One question about one picture."""
    query, words, answer = row.fields.get("query", ""), row.fields.get("query_str.txt", ""), row.fields["output"]
    if not query and not words:
        return reject(row, Reason.NO_QUESTION, "the question is empty")
    if answer not in ANSWERS:
        return reject(row, Reason.BAD_LABEL if answer else Reason.NO_ANSWER, f"{answer!r} is neither true nor false")
    question = in_words(query) if query else words
    if words and words != question:
        return reject(row, Reason.BAD_RECORD, f"{query} is not {words!r}")
    split, place = row.fields["split"], row.fields["row"]
    return Sample(
        key=row.key,
        images=(Picture((f"{split}.input.npy#{place}",), png_of_bgr(row.fields["bgr"], SIDE, SIDE)),),
        inputs=question,
        answer=ANSWERS[answer],
        meta={"source_split": split, "row": place, "query": query or None, "source_answer": answer},
    )


def layout(split: str) -> Layout:
    """The files of a split; the questions in either form."""
    questions = tuple(name for kind in QUESTIONS for name in names(split, kind))
    return Layout((names(split, "input.npy"), names(split, "output"), questions), partial(rows, split=split))


TASK = Task(
    name="shapes",
    title="SHAPES: questions about coloured shapes",
    group=Group.VQA,
    category=Category.VQA,
    license=License(
        "LicenseRef-SHAPES",
        note="None stated for the data; its repositories are BSD-2-Clause (ronghanghu/n2nmn) and Apache-2.0 "
        "(jacobandreas/nmn2).",
    ),
    homepage="github.com/ronghanghu/n2nmn",
    citation="Andreas et al. Neural Module Networks. CVPR 2016.",
    download="""
Four files each of train.large, val and test, of github.com/ronghanghu/n2nmn. The folder data/shapes of
github.com/jacobandreas/nmn2, branch shapes, has the same without query_str.txt.
""",
    tree="""
train.large.input.npy   train.large.output   train.large.query   train.large.query_str.txt
val.input.npy           val.output           val.query           val.query_str.txt
test.input.npy          test.output          test.query          test.query_str.txt
""",
    splits={
        Split.TRAIN: (layout("train.large"),),
        Split.VALIDATION: (layout("val"),),
        Split.TEST: (layout("test"),),
    },
    convert=convert,
    aliases=("shapes-rephrased",),
    paraphrased=True,
)

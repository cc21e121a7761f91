"""VCR: multiple-choice questions about film stills that need common sense.

Zellers et al., CVPR 2019. Objects are drawn, not described (paper, 3.2): as in the release, each object that the
question or one of its answers mentions gets a box of its own colour and is called by it, "the person in the red box".
Colours follow the objects' numbers, so that they tell nothing about the answers. Objects mentioned only in the
rationales are not drawn; more objects than there are colours to tell apart are rejected (`unclear region`).

Other people are drawn where the authors' loader takes them (r2c, `_get_dets_to_use`): where a text says "everyone", and
where nothing is mentioned. There the boxes are only an aid, so people get them in order of number for as long as there
are colours; a row without boxes mentions nothing, and nobody is in its picture. A reference outside the object list is
a bad record, as it is an error for the authors' loader: an answer about nobody cannot be told from a wrong one.

Inputs are the question and its four answers, shuffled by hash and lettered. Their tokens are put together by one rule
for all: how the right answer was typed is known (`answer_orig`, in meta), but only of that one, so its slips would give
it away. The rationale stays in meta, as typed.

Table 7 counts 25,000 / 5,000 / 5,000, but the labels of test were never published, and the paper does not say where its
test labels come from: test is not built. Validation's 26,534 questions, cut by film, would give both of the smaller
splits.

The small file beside each picture states its size, and the authors' loader scales boxes as the picture that it has
opened, so both belong to one grid: a picture of another size is rejected.
"""

from functools import lru_cache
from typing import Any

from m3it_build.core.errors import SourceError
from m3it_build.core.sample import Fields, Options, Picture, Reason, Region, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.json_files import read_object
from m3it_build.sources.rows import jsonl_rows, with_fields

from ._mentions import PEOPLE, Objects, references, says_everyone
from ._names import anywhere
from ._size import stated_size

CHOICES = 4
COLOURS = (
    "red", "blue", "yellow", "green", "orange", "cyan", "magenta", "white", "black", "brown", "pink", "purple", "gray",
)  # fmt: skip
"""In the order in which they are given out: the easiest to tell apart first."""


def rows(folder: SourceFolder, file: FoundFile) -> Rows:
    """One split, with the boxes and the size of each picture from the small file beside it."""
    beside = lru_cache(maxsize=64)(lambda name: read_beside(folder, name))  # questions about a picture stand together

    def found(record: Fields) -> Fields:
        name = record.get("metadata_fn")
        named = isinstance(name, str) and name.strip()
        boxes, size = beside(name) if named else ("the record names no metadata file", None)
        return {"boxes": boxes, "size": size}

    return with_fields(jsonl_rows(file, "annot_id"), found)


def read_beside(folder: SourceFolder, name: str) -> tuple[list[Any] | str, tuple[int, int] | None]:
    """The boxes and the size of a picture, or why there are none: the file is one picture's, so no others suffer."""
    file = folder.find(*paths(name), globs=False)
    if file is None:
        return f"{name} not found", None
    try:
        facts = read_object(file)
        return list(facts.array("boxes")), stated_size(facts.get("width"), facts.get("height"))
    except SourceError as error:
        return f"{name}: {str(error).removeprefix(f'{file.path}: ')}", None


def paths(name: str) -> tuple[str, ...]:
    """Where a picture or its metadata lies; some tools write `_0` for `@0`."""
    return anywhere(f"{top}{spelled}" for top in ("vcr1images/", "") for spelled in (name, name.replace("@", "_")))


def convert(row: Row) -> Sample | Reject:
    """One question with its four answers."""
    record, boxes = row.fields, row.fields["boxes"]
    question, choices, label, names = (
        record["question"], record["answer_choices"], record["answer_label"], record["objects"],
    )  # fmt: skip
    if not isinstance(choices, list) or len(choices) != CHOICES:
        return reject(row, Reason.BAD_RECORD, f"answer_choices are not {CHOICES}")
    if type(label) is not int or not 0 <= label < CHOICES:
        return reject(row, Reason.BAD_LABEL, f"answer_label {label!r} is no index into {CHOICES} choices")
    if not isinstance(names, list) or not all(isinstance(name, str) and name.strip() for name in names):
        return reject(row, Reason.BAD_RECORD, "objects are not all text")
    image = (record["img_fn"] or "").strip()
    if not image:
        return reject(row, Reason.NO_MEDIA, "the record names no picture")
    texts = (question, *choices)
    mentioned = sorted({number for tokens in texts for number in references(tokens)})
    if mentioned and not 0 <= mentioned[0] <= mentioned[-1] < len(names):
        return reject(row, Reason.BAD_RECORD, f"objects {mentioned} are mentioned, of a list of {len(names)}")
    if len(mentioned) > len(COLOURS):
        return reject(row, Reason.UNCLEAR_REGION, f"{len(mentioned)} objects, more than colours that can be told apart")
    everyone = not mentioned or any(says_everyone(tokens) for tokens in texts)
    drawn = sorted([*mentioned, *others(names, mentioned)] if everyone else mentioned)
    if drawn and isinstance(boxes, str):
        return reject(row, Reason.MISSING_MEDIA if boxes.endswith("not found") else Reason.BAD_RECORD, boxes)
    if not isinstance(boxes, str) and len(boxes) != len(names):
        return reject(row, Reason.BAD_BOX, f"{len(boxes)} boxes for {len(names)} objects")
    objects = Objects(names, dict(zip(drawn, COLOURS, strict=False)))
    asked, answers = objects.text(question), [objects.text(choice) for choice in choices]
    if not asked:
        return reject(row, Reason.NO_QUESTION, "the question is empty")
    if not all(answers):
        return reject(row, Reason.BAD_RECORD, "an answer is empty")
    if [answer.rstrip(". ") for answer in answers].count(answers[label].rstrip(". ")) > 1:
        return reject(row, Reason.BAD_LABEL, f"{answers[label]!r} stands twice")
    return Sample(
        key=row.key,
        images=(Picture(paths(image), size=row.fields["size"]),),
        inputs=asked,
        options=Options(answers[label], [answer for place, answer in enumerate(answers) if place != label]),
        regions=tuple(
            Region(corners(boxes[number]), objects.label(number), colour) for number, colour in objects.colours.items()
        ),
        meta={
            "question_id": row.key,
            "image_id": record.get("img_id"),
            "image_file": image,
            "source_answer_index": label,
            "objects": dict(zip(map(str, drawn), (names[number] for number in drawn), strict=True)),
            **{name: record.get(name) for name in ("question_orig", "answer_orig", "rationale_orig")},
        },
    )


def others(names: list[str], mentioned: list[int]) -> list[int]:
    """The people who are not mentioned: those with the lowest numbers, as many as there are colours left."""
    people = [number for number, name in enumerate(names) if name == PEOPLE and number not in mentioned]
    return people[: len(COLOURS) - len(mentioned)]


def corners(box: Any) -> tuple[float, float, float, float]:
    """x0, y0, x1, y1; the detector's score follows."""
    x0, y0, x1, y1 = box[:4]
    if any(type(value) not in (int, float) for value in (x0, y0, x1, y1)):
        raise TypeError(f"box {box!r} is not made of numbers")
    return (float(x0), float(y0), float(x1), float(y1))


def layout(split: str) -> Layout:
    """The official annotations of a split."""
    return Layout(((f"{split}.jsonl", f"vcr1annots/{split}.jsonl"),), rows)


TASK = Task(
    name="vcr",
    title="VCR: visual commonsense reasoning",
    group=Group.REASONING,
    category=Category.REASONING,
    license=License("LicenseRef-VCR", note="Research only; the film stills may not be passed on."),
    homepage="visualcommonsense.com",
    citation="Zellers et al. From Recognition to Cognition: Visual Commonsense Reasoning. CVPR 2019.",
    download="""
212,923 and 26,534 questions, and 110,000 pictures, each with its boxes as JSON. Both archives may stay zipped.
""",
    tree="""
train.jsonl
val.jsonl
vcr1images/<movie>/<shot>@0.jpg ...         or vcr1images.zip
vcr1images/<movie>/<shot>@0.json ...
""",
    splits={Split.TRAIN: (layout("train"),), Split.VALIDATION: (layout("val"),)},
    unlabelled={Split.TEST: "the answers of the test set are kept by the leaderboard"},
    convert=convert,
)

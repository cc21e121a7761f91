"""Visual Dialog v1.0: answer the last question of a conversation about a picture.

Das et al., CVPR 2017. One row a picture: the caption and the rounds so far are the inputs, one answer is the target.
The round is chosen by hash, so that early and late ones occur as in the official test set, which is cut at a random
round; there it is the last round with a known answer (the last answer is withheld, and a dialogue of one round has
none). Caption, questions and answers stay as typed, mostly in lower case without stops, but for blanks before commas
("Male , I think"): `meta.typed` has the rounds whose words were so, `meta.caption` the caption. The released answers
were rewritten later; the paper does not name the task among those that are paraphrased.
Files of version 0.9 have other splits and are not read.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from m3it_build.core.instructions import Need
from m3it_build.core.sample import Fields, Origin, Picture, Reason, Reject, Row, Rows, Sample, Variant, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.core.text import one_line
from m3it_build.sources.json_files import read_object
from m3it_build.sources.rows import record_id, without_id

from ._coco import COCO, coco_number, coco_picture
from ._names import anywhere
from ._release import REPHRASED


class Exchange(NamedTuple):
    """One round, as typed."""

    question: str
    answer: str

    @property
    def said(self) -> "Exchange":
        """The round as it is shown."""
        return Exchange(shown(self.question), shown(self.answer))


def rows(_: SourceFolder, file: FoundFile, *, split: str) -> Rows:
    """One split; the pools of texts belong to the file, dialogues are decoded one by one."""
    data = read_object(file, "data")
    pools = {"questions": list(data.array("questions")), "answers": list(data.array("answers"))}
    for place, dialog in enumerate(data.array("dialogs").pick("image_id", "caption", "dialog")):
        key = record_id(dialog.get("image_id"))
        if key is None:
            yield without_id(file, place, "image_id", "dialogue")
        else:
            yield Row(key, {**dialog, **pools, "split": split}, Origin(file.name, f"image_id {key}"))


def convert(row: Row) -> Sample | Reject:
    """One dialogue: one variant for each round that may be the target."""
    record, split = row.fields, row.fields["split"]
    caption = record["caption"].strip()
    turns = said(record["dialog"], record["questions"], record["answers"], withheld=split == "test")
    if not turns:
        if split == "test" and len(record["dialog"]) == 1:
            return reject(row, Reason.WITHHELD, "the only answer is withheld")
        return reject(row, Reason.NO_ANSWER, "no round")
    if not all(turn.said.question and turn.said.answer for turn in turns):
        return reject(row, Reason.EMPTY_TEXT, "a question or an answer is empty")
    targets = range(len(turns) - 1, len(turns)) if split == "test" else range(len(turns))
    return Sample(
        key=row.key,
        images=(picture(split, record["image_id"]),),
        variants=tuple(
            Variant(
                inputs=conversation(caption, turns[: place + 1]),
                outputs=turns[place].said.answer,
                traits=(Need.HISTORY,) if place else (),
                meta={
                    "round": place + 1,
                    "source_answer_index": record["dialog"][place].get("gt_index"),
                    **typed(turns[: place + 1]),
                },
            )
            for place in targets
        ),
        meta={"image_id": coco_number(record["image_id"]), "caption": caption, "rounds": len(record["dialog"])},
    )


def said(
    rounds: Sequence[Fields], questions: Sequence[Any], answers: Sequence[Any], *, withheld: bool
) -> list[Exchange]:
    """The rounds as typed; the last one is left out where its answer may be and is withheld."""
    if withheld and rounds and rounds[-1].get("answer") is None:
        rounds = rounds[:-1]
    return [Exchange(text(questions, each["question"]), text(answers, each["answer"])) for each in rounds]


def text(pool: Sequence[Any], place: Any) -> str:
    """An entry of a pool of texts.

    Raises:
        IndexError: there is none at that place; a negative one counts from nowhere.
        TypeError: the place is no number, or the entry no text.
    """
    if isinstance(place, bool) or not isinstance(place, int):
        raise TypeError(f"{place!r} is no place in a pool")
    if place < 0:
        raise IndexError(f"{place} is no place in a pool")
    entry = pool[place]
    if not isinstance(entry, str):
        raise TypeError(f"entry {place} of a pool is no text")
    return entry.strip()


def shown(text: str) -> str:
    """A text in one line, without blanks before its commas."""
    return one_line(text).replace(" ,", ",")


def typed(turns: Sequence[Exchange]) -> Fields:
    """The rounds that are shown otherwise than they were typed, for meta."""
    changed = [{"round": place, **turn._asdict()} for place, turn in enumerate(turns, 1) if turn != turn.said]
    return {"typed": changed} if changed else {}


def conversation(caption: str, turns: Sequence[Exchange]) -> str:
    """Caption and rounds, one a line, up to the question of the last one."""
    lines = [f"Caption: {shown(caption)}"] if caption else []
    for turn in (turn.said for turn in turns):
        lines += [f"Question: {turn.question}", f"Answer: {turn.answer}"]
    return "\n".join(lines[:-1])


def picture(split: str, image_id: Any) -> Picture:
    """The picture of a dialogue; a training record does not say in which half of COCO 2014 it lies."""
    if split == "train":
        return coco_picture(image_id, "train2014", "val2014")
    name = f"VisualDialog_{split}2018"
    return Picture(anywhere([f"{name}/{name}_{coco_number(image_id):012d}.jpg"]))


def layout(split: str) -> Layout:
    """The official file of a split."""
    return Layout((f"visdial_1.0_{split}.json",), partial(rows, split=split))


TASK = Task(
    name="visual-dialog",
    title="Visual Dialog: a conversation about a picture",
    group=Group.GENERATION,
    category=Category.GENERATION,
    license=License("LicenseRef-COCO", note="Dialogues CC-BY-4.0; the photos keep their Flickr terms."),
    homepage="visualdialog.org",
    citation="Das et al. Visual Dialog. CVPR 2017. Lin et al. Microsoft COCO: Common Objects in Context. ECCV 2014.",
    download="""
VisDial v1.0, its own photos of val and test (2,064 and 8,000), and those of COCO 2014, all of them for training. All
may stay zipped.
""",
    tree="""
visdial_1.0_train.json
visdial_1.0_val.json
visdial_1.0_test.json
train2014/COCO_train2014_000000378466.jpg ...
val2014/COCO_val2014_000000574189.jpg ...
VisualDialog_val2018/VisualDialog_val2018_000000185565.jpg ...
VisualDialog_test2018/VisualDialog_test2018_000000568676.jpg ...
""",
    splits={Split.TRAIN: (layout("train"),), Split.VALIDATION: (layout("val"),), Split.TEST: (layout("test"),)},
    unreadable={"data/*.parquet": "the mirror (jxu124/visdial) drops the pools of texts and which answer is right"},
    convert=convert,
    collections=COCO,
    errata="""
Captions of val and test may be wrong about their picture, and answers about both: nobody corrected what was typed.
""",
    refused_names={"visual-dialog-rephrased": REPHRASED},
)

"""ScienceQA: multiple-choice questions from school, half of them without a picture.

Lu et al., NeurIPS 2022. Inputs are the hint (if any) after "Context:", which LLaVA and lmms-eval put before it, too (a
hint of several paragraphs cannot be told from the question else), the question and the lettered choices; the lettered
choice is the target. Choices keep the source's order: no place in it is favoured (in 1,773 problems each is right about
equally often, and no choice stands there twice), texts refer to each other ("neither; ..."), and letters stay
comparable with published results. The target is the choice to the letter, without a stop: 45 of the 1,773 ask how
titles or letters are punctuated. White space of choices, such as the line breaks of poems, is put in order as
everywhere; `meta.original.options` has them as they were. Lecture and solution stay in meta.

Table 7 counts 12,726 / 4,241 / 4,241, i.e. all questions, so those without a picture are rows with an empty image list;
the option `images = "pictured"` leaves them out. Some of them speak of a picture that the source lost ("Select the
temperature shown by this thermometer."): nobody can answer these, so they are left out, and the counts fall a little
short of Table 7. They are known by what question or hint say of a picture (LOST). Of 894 problems without one, among
the 1,773, that takes 4, which are all, and no other. It cannot know each: of 868 problems with a picture, in natural
and social science, 555 say so in such words, and many of the rest can be answered without ("What is the capital of
..."). Problems of language science quote sentences about anything, and are not looked at. `split` in the record
decides; `pid_splits.json` says the same. Pictured choices (choice_0.png ...) are not referenced by the records and not
shown. Mirrors drop the ids: their rows are numbered. A problem in which the right choice stands twice would be
rejected.
"""

import re
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
PICTURE = r"(?:picture|photo|photograph|image|diagram|drawing|illustration|map|graph|chart|thermometer|ruler|clock)s?"
MODEL = rf"(?:{PICTURE}|figures?|models?)"
"""Figures and models may be of speech or thought, so less is taken for a reference to one."""
THIS = r"\b(?:the|this|these)"
POINTED = r"(?:above|below)\b(?! (?:the|a|an|his|her|my|our|their|its)\b)"
LOST = re.compile(
    "|".join((
        rf"\b(?:shown|seen|marked|labell?ed|highlighted|shaded|described) (?:by|in|on) {THIS} {MODEL}\b(?! of speech)",
        rf"\b(?:look at|use|study|examine|consider) {THIS} (?:\w+ )?{PICTURE}\b",
        rf"\b(?:in|on|from|to) {THIS} {PICTURE}(?=[.?,]|$| to answer)",
        rf"{THIS} {MODEL}(?: of [\w ]+)? {POINTED}",
        rf"{THIS} {PICTURE} shows?\b|\b(?:does|do) {THIS} {PICTURE} show\b|\bmatches {THIS} {PICTURE}\b",
        rf"\bshown(?:\?| here\b| {POINTED})|\bplaced as shown\b|\bis (?:highlighted|shaded)\?",
        r"\bpictured(?: here| above| below)?[.?]|^select the [\w ]+ below\.|\bbased on the arrows\b|^figure:",
        rf"\b(?:in|for|of) this (?:ad|food web|molecule|{PICTURE})\b|\bthis (?:organism|animal|object)(?:'s\b|\?)",
        r"\bthese (?:two|three|four) objects\b",
    )),
    re.IGNORECASE | re.MULTILINE,
)  # fmt: skip
"""What question or hint say of a picture. A table is text in the hint, and so are passages, sentences and traits that
stand "below"."""
PICTURED = "a mirror of the questions with a picture alone, about half of all; ScienceQA-FULL has the others, too"
LANGUAGE = "language science"
"""Its problems quote sentences, which may speak of any picture."""


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
    if image is None and problem.get("subject") != LANGUAGE and LOST.search(f"{hint}\n{question}"):
        return reject(row, Reason.LOST_PICTURE, "the question speaks of a picture, and the record has none")
    choices, answer = problem["choices"], problem["answer"]
    if not isinstance(choices, list) or not all(choice.strip() for choice in choices):
        return reject(row, Reason.BAD_RECORD, f"choices {choices!r} are not all text")
    if type(answer) is not int or not 0 <= answer < len(choices):
        return reject(row, Reason.BAD_LABEL, f"answer {answer!r} is no index into {len(choices)} choices")
    return Sample(
        key=row.key,
        images=(Picture(row.fields["paths"]),) if image else (),
        inputs=f"Context: {hint}\n{question}" if hint else question,
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
    named = pattern.removeprefix("data/")
    return (
        Layout((FILE,), partial(rows, split=split)),
        Layout(((pattern, f"ScienceQA-FULL/{named}"),), mirror_rows),
        Layout((f"ScienceQA-IMG/{named}",), mirror_rows, note=PICTURED),
    )


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
21,208 questions, and the pictures of 10,332 of them, which may stay zipped.
The Parquet files of derek-thomas/ScienceQA and lmms-lab/ScienceQA are read too.
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
    errata="""
Some questions without a picture ask about one that the source lost ("Select the temperature shown by this
thermometer."; perhaps 50 of 21,208): they are filtered.
""",
    convert=convert,
    options={"images": ("all", "pictured")},
)

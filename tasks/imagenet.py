"""ImageNet-1k: which of ten names fits the picture?

Russakovsky et al., IJCV 2015 (ILSVRC 2012). As in the release, the 1,000 names are reduced to ten, the right one among
nine others, drawn by hash. A class is called by the first of its synonyms, the same way everywhere; all of them are in
meta, with the WordNet id. Some names belong to two classes ("crane" is a bird and a machine, "missile" a synonym of
"projectile"), and some are right wherever others are ("sunglass" and "sunglasses"; "gown" and "academic gown"): classes
that share any synonym, of which one's name ends the other's, or that a list by hand names (`_imagenet_classes`) are
never shown together, so one option is right. `form = "open"` gives no options and the name alone, as the release's
config imagenet-open-ended.

Where real.json of Beyer et al. (Are We Done with ImageNet?, 2020) lies beside, `meta.real_labels` has the classes that
they found in a validation picture, by number; none where their raters agreed on none.

The class index counts the sorted WordNet ids from 0; the devkit's own ids (1 to 1,000 in another order) are looked up
in its meta.mat and never mixed with it. Train is listed by train_cls.txt, validation by the solution table, which is
not in name order and in which the first token is the label; else by the devkit, or by a picture's folder.
Table 7 counts 30,000 (the hash draws about 30 a class) / 50,000; test has no labels.

Open until a full download is read: the devkit's meta.mat (its documented form is read; none was at hand).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from m3it_build.core.errors import SourceError
from m3it_build.core.sample import Options, Origin, Picture, Reason, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import (
    Category,
    Edition,
    FoundFile,
    Group,
    Layout,
    License,
    Reader,
    SourceFolder,
    Split,
    Task,
    Translated,
)
from m3it_build.core.text import with_stop
from m3it_build.sources.json_files import read_array
from m3it_build.sources.rows import bad_record, csv_rows, with_fields
from m3it_build.sources.tables import read_lines, read_parquet

from ._imagenet_classes import CLASSES, DEVKIT, MAPPING, META, WNID, described, leaves, read_labels
from ._names import anywhere
from ._release import REPHRASED

OPTIONS = 10
KAGGLE = "ILSVRC/Data/CLS-LOC/"
TRUTH = tuple(f"{folder}ILSVRC2012_validation_ground_truth.txt" for folder in DEVKIT)
TRAIN_LIST = tuple(f"{folder}train_cls.txt" for folder in ("ILSVRC/ImageSets/CLS-LOC/", "ImageSets/CLS-LOC/", ""))
NAMED = re.compile(rf"{WNID.pattern}_|ILSVRC2012_val_")
"""A picture's own name; mirrors have none."""
REAL = ("real.json", "reassessed-imagenet/real.json")


def told(folder: SourceFolder, *files: Any, reader: Reader) -> Rows:
    """The rows of a reader, each with the chosen form."""
    form = {"form": folder.options["form"]}
    return with_fields(iter(reader(folder, *files)), lambda _: form)


def validation(folder: SourceFolder, *files: Any, reader: Reader) -> Rows:
    """The same, with the classes that others found in a picture, where their file is there."""
    real = read_real(folder.need(*REAL)) if folder.has(REAL) else {}
    for row in told(folder, *files, reader=reader):
        if isinstance(row, Row) and row.key in real:
            yield replace(row, fields={**row.fields, "real": real[row.key]})
        else:
            yield row


def read_real(file: FoundFile) -> dict[str, list[int]]:
    """Classes by validation picture.

    Raises:
        SourceError: not a list of lists of class numbers.
    """
    found: dict[str, list[int]] = {}
    for number, labels in enumerate(read_array(file), 1):
        if not isinstance(labels, list) or not all(type(label) is int for label in labels):
            raise SourceError(f"{file.path}: entry {number} is no list of class numbers. Fetch it again.")
        found[f"ILSVRC2012_val_{number:08d}"] = labels
    return found


def listed(_: SourceFolder, names: FoundFile, file: FoundFile) -> Rows:
    """Train from the list of its pictures: `<wnid>/<stem> <running number>`."""
    classes = read_labels(names)
    for number, line in enumerate(read_lines(file), 1):
        if not line.strip():
            continue
        wnid, *below = line.split()[0].split("/")
        if len(below) != 1 or not below[0]:
            yield bad_record(file, number, f"line {number} names no picture")
            continue
        tops = (f"{KAGGLE}train/", "Data/CLS-LOC/train/", "train/", "ILSVRC2012_img_train/")
        stem, name = below[0], f"{wnid}/{below[0]}"
        paths = anywhere(f"{top}{name}.JPEG" for top in tops)
        yield Row(stem, classes.fields(classes.sorted_as(wnid, stem), name, paths), Origin(file.name, name))


def solved(_: SourceFolder, names: FoundFile, file: FoundFile) -> Rows:
    """Validation from the solution table: the label, then boxes, each again with the label."""
    classes = read_labels(names)
    for row in csv_rows(file, "ImageId", ("ImageId", "PredictionString")):
        if isinstance(row, Reject):
            yield row
            continue
        tokens = row.fields["PredictionString"].split()
        given = tokens[0] if len({token for token in tokens if WNID.fullmatch(token)}) == 1 else " ".join(tokens)
        fields = classes.fields(classes.by_wnid.get(given), given, val_paths(row.key, given))
        yield Row(row.key, fields, row.origin)


def judged(_: SourceFolder, names: FoundFile, meta: FoundFile, file: FoundFile) -> Rows:
    """Validation from the devkit: a devkit id a line, in the order of the pictures' names."""
    classes = read_labels(names)
    devkit = {int(synset["ILSVRC2012_ID"]): synset["WNID"] for synset in leaves(meta)}
    for number, line in enumerate(read_lines(file), 1):
        key, given = f"ILSVRC2012_val_{number:08d}", line.strip()
        wnid = devkit.get(int(given)) if re.fullmatch(r"[0-9]{1,4}", given) else None
        label = classes.by_wnid.get(wnid) if wnid else None
        yield Row(key, classes.fields(label, given, val_paths(key, wnid or "")), Origin(file.name, str(number)))


def val_paths(key: str, wnid: str) -> tuple[str, ...]:
    """A validation picture: flat as in the archive, or sorted into folders."""
    tops = (f"{KAGGLE}val/", "Data/CLS-LOC/val/", "val/")
    return (
        *(f"{top}{name}.JPEG" for top in tops for name in (key, f"{wnid}/{key}") if wnid or "/" not in name),
        f"ILSVRC2012_img_val/{key}.JPEG",
        f"{key}.JPEG",
    )


def sorted_pictures(split: str) -> tuple[str, ...]:
    """Where pictures sorted by class lie."""
    return tuple(f"{top}{split}/n*/*.[Jj][Pp]*[Gg]" for top in ("", KAGGLE, "Data/CLS-LOC/"))


def sorted_by_class(split: str, reader: Callable[..., Rows]) -> Layout:
    """A split whose folders, each named by a WordNet id, are its list."""
    rows = partial(reader, reader=partial(in_folders, split=split))
    return Layout((CLASSES,), rows, pictures=sorted_pictures(split))


def in_folders(folder: SourceFolder, names: FoundFile, *, split: str) -> Rows:
    """A split from its folders, each named by a WordNet id."""
    classes = read_labels(names)
    pictures = next(filter(None, map(folder.glob, sorted_pictures(split))), [])
    if not pictures:
        raise folder.missing([f"{split}/<wnid>/*.JPEG"])
    for file in pictures:
        *_, wnid, name = file.name.split("/")
        stem = name.rpartition(".")[0]
        label = classes.sorted_as(wnid, stem)
        yield Row(stem, classes.fields(label, f"{wnid}/{stem}", (file.name,)), Origin(file.name, stem))


def mirror_rows(folder: SourceFolder, files: Sequence[FoundFile]) -> Rows:
    """A mirror's Parquet files: labels are class indices, whose names stand in the files' own description."""
    classes = read_labels(folder.need(MAPPING)) if folder.has(MAPPING) else described(files[0])
    for place, (file, number, record) in enumerate(read_parquet(files, unread=("image",))):
        given = record["label"]
        label = classes.all[given] if type(given) is int and 0 <= given < len(classes.all) else None
        cell = f"{file.name}#{number}/image"
        yield Row(f"row-{place}", classes.fields(label, given, (cell,)), Origin(file.name, str(number)))


def convert(row: Row) -> Sample | Reject:
    """One picture and its class."""
    label, given = row.fields["label"], row.fields["given"]
    if label is None:
        return reject(row, Reason.BAD_LABEL if given != "" else Reason.NO_ANSWER, f"{given!r} names no class")
    name, is_open = label.names[0], row.fields["form"] == "open"
    return Sample(
        key=row.key,
        images=(Picture(row.fields["paths"], origin=f"imagenet:{row.key}" if NAMED.match(row.key) else ""),),
        outputs=with_stop(name) if is_open else "",
        options=None if is_open else Options(name, row.fields["others"], count=OPTIONS),
        meta={
            "image_id": row.key,
            "wnid": label.wnid,
            "class_id": label.index,
            "class_names": list(label.names),
            **({"answer": name} if is_open else {}),
            **({"real_labels": row.fields["real"]} if "real" in row.fields else {}),
        },
    )


TASK = Task(
    name="imagenet",
    title="ImageNet-1k: image classification",
    group=Group.CLASSIFICATION,
    category=Category.CLASSIFICATION,
    license=License("LicenseRef-ImageNet", note="Non-commercial research and education only; no redistribution."),
    homepage="image-net.org",
    citation="Russakovsky et al. ImageNet Large Scale Visual Recognition Challenge. IJCV 2015.",
    download="""
Kaggle's "ImageNet Object Localization Challenge" (unpack it), of which the Annotations are not needed.
Or from image-net.org: ILSVRC2012_img_train.tar, unpacked to train/ (the archives of its classes may stay packed),
ILSVRC2012_img_val.tar and ILSVRC2012_devkit_t12.tar.gz, which may stay packed.
Or folders sorted by class, as torchvision has them, with LOC_synset_mapping.txt.
The Parquet files of ILSVRC/imagenet-1k, pictures included, are read too; their rows are numbered.
""",
    tree="""
LOC_synset_mapping.txt                                      or ILSVRC2012_devkit_t12/data/meta.mat
LOC_val_solution.csv                                        or .../ILSVRC2012_validation_ground_truth.txt
real.json                                                   may be left out
ILSVRC/ImageSets/CLS-LOC/train_cls.txt                      or the folders themselves
ILSVRC/Data/CLS-LOC/train/n01443537/n01443537_10007.JPEG    or train/...
ILSVRC/Data/CLS-LOC/val/ILSVRC2012_val_00000236.JPEG        or val/..., val/<wnid>/..., ILSVRC2012_img_val.tar
""",
    splits={
        Split.TRAIN: (
            Layout((CLASSES, TRAIN_LIST), partial(told, reader=listed)),
            Layout(("data/train-*.parquet",), partial(told, reader=mirror_rows)),
            sorted_by_class("train", told),
        ),
        Split.VALIDATION: (
            Layout((CLASSES, "LOC_val_solution.csv"), partial(validation, reader=solved)),
            Layout((CLASSES, META, TRUTH), partial(validation, reader=judged)),
            Layout(("data/val*-*.parquet",), partial(told, reader=mirror_rows)),
            sorted_by_class("val", validation),
        ),
    },
    unreadable={
        f"imagenet1k-{split}-*.tar": "the shards of timm/imagenet-1k-wds have facts beside each picture, and no list; "
        "take ILSVRC/imagenet-1k, which is as large"
        for split in ("train", "validation")
    },
    unlabelled={Split.TEST: "the test pictures have no labels"},
    convert=convert,
    translated=Translated.SAMPLE,
    options={"form": ("options", "open")},
    editions=(Edition(when={"form": "open"}, title="ImageNet-1k: naming what a picture shows"),),
    errata="""
Beyer et al. (Are We Done with ImageNet?, 2020) labelled the validation pictures again: many show several classes, some
none; their real.json (github.com/google-research/reassessed-imagenet, 2 MB), put beside, gives meta.real_labels.
Vasudevan et al. (When Does Dough Become a Bagel?, NeurIPS 2022) list classes that cannot be told apart.
""",
    refused_names={
        "imagenet-open-ended": 'its rows have no options; build imagenet with [options.imagenet] form = "open".',
        "imagenet-rephrased": REPHRASED,
    },
)

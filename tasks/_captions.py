"""COCO's captions as several tasks read them: Karpathy's file, its mirrors on the Hub, the official files."""

from collections.abc import Sequence
from typing import Any

from m3it_build.core.sample import Fields, Origin, Picture, Reason, Reject, Row, Rows
from m3it_build.core.task import FoundFile, SourceFolder, Split
from m3it_build.sources.json_files import read_array
from m3it_build.sources.rows import bad_record, record_number, without_id
from m3it_build.sources.tables import read_parquet

from ._coco import coco_origin
from ._names import anywhere

KARPATHY = "dataset_coco.json"
SUBSETS = {Split.TRAIN: ("train", "restval"), Split.VALIDATION: ("val",), Split.TEST: ("test",)}
"""`restval`, the rest of val2014, belongs to training."""


OFFICIAL = {Split.TRAIN: "train2014", Split.VALIDATION: "val2014"}
"""The COCO subsets, for want of Karpathy's splits."""


def mirror(split: Split) -> str:
    """The Parquet files of a mirror, whether it spells validation out or not."""
    return f"data/{'val' if split is Split.VALIDATION else split.value}*-*.parquet"


def official(subset: str) -> tuple[str, str]:
    """The captions file of a COCO subset, with or without its folder."""
    return (f"annotations/captions_{subset}.json", f"captions_{subset}.json")


def karpathy_entries(file: FoundFile, split: Split) -> Rows:
    """One row a picture of the split, keyed by `cocoid`; entries of no known split are rejected with train.

    Karpathy's train is train2014 and all else val2014: an entry that says otherwise is of a file that somebody split
    anew.
    """
    entries = read_array(file, "images")
    known = [name for names in SUBSETS.values() for name in names]
    for place, picked in enumerate(entries.pick("split", "cocoid", "filepath")):
        if picked.get("split") in SUBSETS[split]:
            key = record_number(picked["cocoid"])
            if key is None:
                yield without_id(file, place, "cocoid", "entry")
            elif picked["filepath"] == ("val2014" if picked["split"] == "train" else "train2014"):
                detail = f"a photo of {picked['filepath']} is not of {picked['split']}"
                yield Reject(key, "source", Reason.OTHER_SPLIT, detail)
            else:
                yield Row(key, entries[place], Origin(file.name, f"cocoid {key}"))
        elif split is Split.TRAIN and picked.get("split") not in known:
            yield bad_record(file, place, f"entry {place}: split {picked.get('split')!r}")


def mirror_entries(files: Sequence[FoundFile]) -> Rows:
    """As `karpathy_entries`, from a mirror with a row a picture (captions are a list) or a row a caption (a struct)."""
    pictures: dict[str, tuple[dict[str, Any], Origin]] = {}
    for file, number, cells in read_parquet(files, unread=("image",)):
        key = record_number(cells["cocoid"])
        if key is None:
            yield without_id(file, number, "cocoid", "row")
            continue
        if isinstance(cells["sentences"], dict):
            cells |= {"sentences": [cells["sentences"]], "picture": f"{file.name}#{number}/image"}
        else:
            texts, names = cells["sentences"] or [], cells["sentids"] or []
            if len(texts) != len(names):
                yield bad_record(file, number, "captions and ids differ in number")
                continue
            cells["sentences"] = [{"sentid": name, "raw": text} for name, text in zip(names, texts, strict=True)]
        if key in pictures:
            pictures[key][0]["sentences"] += cells["sentences"]
        else:
            pictures[key] = (cells, Origin(file.name, f"cocoid {key}"))
    for key, (entry, origin) in pictures.items():
        yield Row(key, entry, origin)


def official_entries(file: FoundFile, subset: str) -> Rows:
    """As `karpathy_entries`, from the official captions file of a COCO subset, in which captions are scattered."""
    captions: dict[str, list[dict[str, Any]]] = {}
    for each in read_array(file, "annotations").pick("image_id", "id", "caption"):
        if (name := record_number(each.get("image_id"))) is not None:
            captions.setdefault(name, []).append({"sentid": each["id"], "raw": each["caption"]})
    for place, image in enumerate(read_array(file, "images").pick("id", "file_name")):
        key = record_number(image.get("id"))
        if key is None:
            yield without_id(file, place, "id", "image")
        else:
            entry = {"cocoid": key, "filepath": subset, "filename": image["file_name"], "sentences": captions.get(key)}
            yield Row(key, entry, Origin(file.name, f"image {key}"))


def entry_picture(entry: Fields) -> Picture:
    """The photo of an entry: a mirror's cell, the 2014 file, or the same photo in the 2017 download."""
    origin = coco_origin(entry["cocoid"])
    if "picture" in entry:
        return Picture((entry["picture"],), origin=origin)
    name = entry["filename"].strip()
    number = name.rpartition("_")[2]
    paths = ("/".join((entry["filepath"], name)), f"train2017/{number}", f"val2017/{number}") if name else ()
    return Picture(anywhere(paths), origin=origin)


def captions_of(folder: SourceFolder, subset: str) -> dict[int, str]:
    """All captions of each picture of a COCO subset, joined; empty where no captions file is at hand.

    Only the paraphraser reads them (paper, appendix B), so the file may be missing.
    """
    found: dict[int, list[tuple[int, str]]] = {}
    if folder.has(official(subset)):
        for each in read_array(folder.need(*official(subset)), "annotations").pick("image_id", "id", "caption"):
            _note(found, each.get("image_id"), each.get("id"), each.get("caption"))
    elif folder.has(KARPATHY):
        for entry in read_array(folder.need(KARPATHY), "images").pick("cocoid", "filepath", "sentences"):
            if entry.get("filepath") == subset and isinstance(entry["sentences"], list):
                for sentence in entry["sentences"]:
                    if isinstance(sentence, dict):
                        _note(found, entry["cocoid"], sentence.get("sentid"), sentence.get("raw"))
    return {image: " ".join(text for _, text in sorted(texts)) for image, texts in found.items()}


def _note(found: dict[int, list[tuple[int, str]]], image: Any, number: Any, text: Any) -> None:
    """Keep a caption that is one; a broken one is no loss here."""
    if type(image) is int and type(number) is int and isinstance(text, str) and text.strip():
        found.setdefault(image, []).append((number, " ".join(text.split())))

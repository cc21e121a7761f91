"""COCO-CN v1.1: Chinese captions of photos from both COCO 2014 folders.

In it: one to three captions a photo, with and without a final stop, tabs in one file and blanks in the other, a list
without its final newline, greyscale photos, Mac litter beside the files, and files that are not to be read: translated
captions, tags, an extension.
"""

from pathlib import Path

from scripts.make_samples._chinese import SHOTS, write_shot

TOP = "coco-cn-version1805v1.1"


def make(folder: Path) -> None:
    """Write eight photos a split."""
    top = folder / TOP
    top.mkdir()
    captions, translated, tags = [], [], []
    for part, split in enumerate(("train", "val", "test")):
        names = []
        for place, shot in enumerate(SHOTS[8 * part : 8 * part + 8]):
            subset = ("train2014", "train2014", "val2014")[place % 3]
            name = f"COCO_{subset}_{910_000 + 10 * part + place:012d}"
            names.append(name)
            for number, text in enumerate(shot.captions()[: 1 + place % 3]):
                captions.append(f"{name}#{number}\t{text.removesuffix('。') if place % 4 == 1 else text}")
            tags.append(f"{name} {shot.captions()[4].removesuffix('。')}")
            if split == "test":
                translated.append(f"{name}#zhm#0 {shot.captions()[3]}")
            write_shot(shot, folder / subset / f"{name}.jpg", "L" if shot.colour in ("white", "gray") else "RGB")
        (top / f"coco-cn_{split}.txt").write_text("\n".join(names) + ("" if split == "val" else "\n"), encoding="utf-8")
    for file, lines in (
        ("imageid.human-written-caption.txt", captions),
        ("imageid.human-written-tags.txt", tags),
        ("imageid.manually-translated-caption.txt", translated),
    ):
        (top / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
    (top / "._coco-cn_train.txt").write_bytes(b"\0\5\x16\7\0\2\0\0Mac OS X")
    (folder / "coco-cn_ext.icap2020.txt").write_text(
        "COCO_val2014_000000919999#0\t不属于本数据集。\n", encoding="utf-8"
    )

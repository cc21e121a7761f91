"""ImageNet in Kaggle's layout: classes of our own, with ids that WordNet does not use.

In it: two classes of one name (the toy kite and the bird kite), a synonym of one class that is the name of another
(`wagon`), a name with an apostrophe, a PNG called .JPEG, CMYK and grayscale photos, a solution table in another order
than the names, with several boxes and trailing blanks, and test pictures without labels.
"""

from pathlib import Path

from PIL import Image

from scripts.make_samples.draw import Scene, save

CLASSES = {
    "n90000011": ("dog, domestic dog", "dog", "brown"),
    "n90000012": ("kite", "bird", "brown"),
    "n90000013": ("goldfish, ornamental fish", "fish", "orange"),
    "n90000014": ("horse", "horse", "brown"),
    "n90000021": ("car, motor car, wagon", "car", "red"),
    "n90000022": ("sailboat, sailing boat", "boat", "white"),
    "n90000023": ("kite", "kite", "red"),
    "n90000024": ("wagon, railway carriage", "train", "green"),
    "n90000031": ("reader's lamp, reading lamp", "lamp", "yellow"),
    "n90000032": ("teacup", "cup", "blue"),
    "n90000033": ("banana", "banana", "yellow"),
    "n90000034": ("parasol, sunshade", "umbrella", "purple"),
}
"""Names, the thing that is drawn, its colour."""
BACKGROUNDS = ("meadow", "lightgray", "skyblue", "white", "beach", "room")
PLACE, WIDE = (40, 15, 120, 110), (15, 35, 145, 105)
TRAIN = tuple(CLASSES)
VAL = (
    "n90000022", "n90000012", "n90000033", "n90000024", "n90000011", "n90000031", "n90000023", "n90000034", "n90000013",
)  # fmt: skip
"""In the order of their names."""


def make(folder: Path) -> None:
    """The mapping, lists, solutions and pictures."""
    data = folder / "ILSVRC" / "Data" / "CLS-LOC"
    lists = folder / "ILSVRC" / "ImageSets" / "CLS-LOC"
    lists.mkdir(parents=True)
    mapping = "".join(f"{wnid} {names}\n" for wnid, (names, *_) in CLASSES.items())
    (folder / "LOC_synset_mapping.txt").write_text(mapping, encoding="utf-8")
    train = [(wnid, f"{wnid}_{37 + 11 * place}") for place, wnid in enumerate(TRAIN)]
    for place, (wnid, stem) in enumerate(train):
        path = data / "train" / wnid / f"{stem}.JPEG"
        mode = {3: "CMYK", 5: "L"}.get(place, "RGB")
        if place == 7:  # a PNG with the name of a JPEG
            save(picture(wnid, place), path.with_suffix(".png"), "P")
            path.with_suffix(".png").rename(path)
        else:
            save(picture(wnid, place), path, mode)
    write(lists / "train_cls.txt", [f"{wnid}/{stem} {number}" for number, (wnid, stem) in enumerate(train, 1)])
    boxed = [f"{stem},{wnid} 15 15 145 110 " for wnid, stem in train[::-1]]
    write(folder / "LOC_train_solution.csv", ["ImageId,PredictionString", *boxed])
    names = [f"ILSVRC2012_val_{3 + 5 * place:08d}" for place in range(len(VAL))]
    for place, (name, wnid) in enumerate(zip(names, VAL, strict=True)):
        save(picture(wnid, place + 1), data / "val" / f"{name}.JPEG", "L" if place == 2 else "RGB")
    write(lists / "val.txt", [f"{name} {number}" for number, name in enumerate(names, 1)])
    solved = [
        f"{name},{' '.join([f'{wnid} 15 15 145 110'] * (1 + place % 2))}{' ' * (place % 3 > 0)}"
        for place, (name, wnid) in enumerate(zip(names, VAL, strict=True))
    ]
    write(folder / "LOC_val_solution.csv", ["ImageId,PredictionString", *solved[3:], *solved[:3]])
    for number in (9, 26):
        save(picture(TRAIN[number % 5], number), data / "test" / f"ILSVRC2012_test_{number:08d}.JPEG")
    write(lists / "test.txt", ["ILSVRC2012_test_00000009 1", "ILSVRC2012_test_00000026 2"])


def write(path: Path, lines: list[str]) -> None:
    """A list."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def picture(wnid: str, place: int) -> Image.Image:
    """One thing on one of several backgrounds."""
    _, thing, colour = CLASSES[wnid]
    scene = Scene(BACKGROUNDS[place % len(BACKGROUNDS)], (160, 120))
    scene.add(thing, colour, WIDE if thing in {"car", "train", "fish", "banana"} else PLACE)
    return scene.image()

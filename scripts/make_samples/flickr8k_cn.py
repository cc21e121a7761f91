"""Flickr8k-CN: five Chinese captions a photo.

In it: ids with their suffix before captions and without it in the lists, two blanks after an id, captions of two or
three characters, captions sorted by their number and not by photo, a photo in no split, a greyscale photo, and the
files that are not to be read.
"""

from pathlib import Path

from scripts.make_samples._chinese import SHOTS, write_shot


def make(folder: Path) -> None:
    """Write seven or eight photos a split, and one that is in none."""
    data = folder / "data"
    data.mkdir()
    shots = {f"{9_100_000_000 + 17 * place}_{place:010x}": shot for place, shot in enumerate(SHOTS)}
    names = list(shots)
    for split, part in (("train", names[:8]), ("val", names[8:16]), ("test", names[16:23])):
        (data / f"flickr8k{split}.txt").write_text("\n".join(part) + "\n", encoding="utf-8")
    lines = [
        f"{name}.jpg#zhc#{number} {' ' if (number, name) == (0, names[2]) else ''}{shot.captions()[number]}"
        for number in range(5)
        for name, shot in shots.items()
    ]
    (data / "flickr8kzhc.caption.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for kind in ("enc", "zhb"):
        text = "".join(f"{name}.jpg#{kind}#0 not to be read\n" for name in names)
        (data / f"flickr8k{kind}.caption.txt").write_text(text, encoding="utf-8")
    (data / "flickr8kzhmtest.captions.txt").write_text(f"{names[16]}.jpg#zhm#0 不应读取。\n", encoding="utf-8")
    for place, (name, shot) in enumerate(shots.items()):
        write_shot(shot, folder / "Flicker8k_Dataset" / f"{name}.jpg", "L" if place == 5 else "RGB")

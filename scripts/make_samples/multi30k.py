"""Multi30k, task 1: captions in four languages, line by line, gzipped, and the lists of photos.

In it: blanks at line ends and starts, a tab among them; sentences without a full stop; typographic quotes; photos of
2018 with a hash in their names, in a folder of their own. Each line gives six rows.
"""

import gzip
from pathlib import Path
from typing import NamedTuple

from scripts.make_samples._photos import Photo, save_photo


class Line(NamedTuple):
    """A photo and its caption in four languages, as typed."""

    photo: Photo
    en: str
    de: str
    fr: str
    cs: str
    suffix: str = ""
    """What follows the number in the photo's name."""


LINES: dict[str, tuple[Line, ...]] = {
    "train": (
        Line(Photo(9010101, "meadow", (("dog", "brown", (15, 65, 95, 140)), ("ball", "red", (120, 100, 155, 135)))),
             "A brown dog looks at a red ball on the grass.",
             "Ein brauner Hund schaut auf einen roten Ball im Gras. \t",
             "Un chien brun regarde une balle rouge dans l'herbe.", "Hnědý pes se dívá na červený míč na trávě."),
        Line(Photo(9010102, "street", (("bus", "yellow", (15, 40, 125, 135)), ("person", "blue", (145, 45, 190, 140)))),
             "A person in a blue shirt waits next to a yellow bus.",
             "Eine Person in blauem Hemd wartet neben einem gelben Bus.",
             " Une personne en chemise bleue attend à côté d'un bus jaune.",
             "Osoba v modré košili čeká vedle žlutého autobusu."),
        Line(Photo(9010103, "sea", (("boat", "red", (25, 25, 130, 140)), ("sun", "gold", (150, 8, 190, 48)))),
             "A red sailing boat on a sunny day", "Ein rotes Segelboot an einem sonnigen Tag",
             "Un voilier rouge par une journée ensoleillée", "Červená plachetnice za slunečného dne"),
    ),
    "val": (
        Line(Photo(9010111, "room", (("table", "brown", (20, 75, 130, 142)), ("cake", "pink", (50, 25, 105, 86)))),
             "A pink cake with three candles stands on a table.",
             "Eine rosa Torte mit drei Kerzen steht auf einem Tisch.",
             "Un gâteau rose avec trois bougies est posé sur une table.",
             "Na stole stojí růžový dort se třemi svíčkami."),
        Line(Photo(9010112, "beach",
                   (("umbrella", "orange", (20, 30, 110, 140)), ("bird", "white", (135, 80, 185, 138)))),
             "A white bird walks past an orange umbrella on the beach.",
             "Ein weißer Vogel läuft am Strand an einem orangen Sonnenschirm vorbei. ",
             "Un oiseau blanc passe devant un parasol orange sur la plage.",
             "Bílý pták jde po pláži kolem oranžového slunečníku."),
    ),
    "test_2016_flickr": (
        Line(Photo(9010121, "room", (("cat", "gray", (20, 55, 100, 140)), ("sofa", "green", (110, 60, 195, 140)))),
             "A gray cat sits beside a green sofa.", "Eine graue Katze sitzt neben einem grünen Sofa.",
             "Un chat gris est assis à côté d'un canapé vert.", "Šedá kočka sedí vedle zelené pohovky."),
        Line(Photo(9010122, "meadow", (("horse", "black", (20, 40, 110, 140)), ("tree", "green", (125, 15, 190, 140)))),
             "A black horse stands near a tree.", "Ein schwarzes Pferd steht bei einem Baum.",
             "Un cheval noir se tient près d'un arbre.", "Černý kůň stojí u stromu."),
    ),
    "test_2018_flickr": (
        Line(Photo(90101310001, "night",
                   (("house", "white", (20, 45, 110, 140)), ("lamp", "yellow", (140, 40, 185, 140)))),
             "A lamp shines in front of the house, “as bright as day”.",
             "Eine Lampe leuchtet vor dem Haus, „taghell“.",
             "Une lampe éclaire devant la maison, « comme en plein jour ». ",
             "Lampa před domem svítí „jako ve dne“. ", "_0a1b2c3d4e"),
        Line(Photo(90101310002, "street", (("bicycle", "red", (30, 40, 165, 140)),)),
             "A red bicycle in an empty street", "Ein rotes Fahrrad in einer leeren Straße",
             "Un vélo rouge dans une rue vide", "Červené kolo v prázdné ulici ", "_5f6a7b8c9d"),
    ),
}  # fmt: skip


def make(folder: Path) -> None:
    """The texts, the lists and the photos."""
    task = folder / "data" / "task1"
    for part in ("raw", "image_splits"):
        (task / part).mkdir(parents=True)
    for name, lines in LINES.items():
        names = [f"{line.photo.number}{line.suffix}.jpg" for line in lines]
        (task / "image_splits" / f"{name}.txt").write_text("".join(f"{each}\n" for each in names), encoding="utf-8")
        for language in ("en", "de", "fr", "cs"):
            text = "".join(f"{getattr(line, language)}\n" for line in lines)
            (task / "raw" / f"{name}.{language}.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
        photos = "test_2018_flickr_images" if name == "test_2018_flickr" else "flickr30k-images"
        for line, each in zip(lines, names, strict=True):
            save_photo(line.photo, folder / photos / each)

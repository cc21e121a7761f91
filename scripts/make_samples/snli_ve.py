"""e-SNLI-VE: photos as premises, sentences to be judged, and the reasons for the judgements.

In it: commas, doubled quotes and accents in cells; running numbers with gaps that restart in each file; a typing
mistake; a pair that was relabelled, so that the last letter of its id is not its label; a grayscale photo.
"""

import csv
from pathlib import Path
from typing import NamedTuple

from scripts.make_samples._photos import Photo, save_photo

NUMBER_STEP = 3


class Pair(NamedTuple):
    """A sentence, its label, the reason, and the last letter of the id where it is not that of the label."""

    hypothesis: str
    label: str
    explanation: str
    letter: str = ""


E, N, C = "entailment", "neutral", "contradiction"
PAIRS: dict[str, tuple[tuple[Photo, tuple[Pair, ...]], ...]] = {
    "train": (
        (Photo(9000101, "meadow", (("dog", "brown", (15, 65, 95, 140)), ("ball", "red", (120, 100, 155, 135)))), (
            Pair("A dog is outdoors.", E, "A meadow under the sky is outdoors."),
            Pair("The dog has won a prize.", N, "A dog on a meadow need not have won a prize."),
            Pair("The dog is asleep in its basket, at home.", C, "It stands on a meadow, so it cannot be in a basket."),
        )),
        (Photo(9000102, "street", (("bus", "yellow", (15, 40, 125, 135)), ("person", "blue", (145, 45, 190, 140)))), (
            Pair("Someone in a blue shirt is near a bus.", E, "The person next to the bus wears a blue shirt."),
            Pair('The bus goes to the stop "Café Zoë".', N, "No sign says where the bus goes."),
            Pair("The bus is red.", C, "A bus cannot be red and yellow all over."),
        )),
        (Photo(9000103, "beach",
               (("umbrella", "orange", (20, 30, 110, 140)), ("bird", "white", (135, 80, 185, 138)))), (
            Pair("A bird walks on the beach.", E, "The white animal with a beak is a bird on the sand."),
            Pair("The bird is wating for bread.", N, "What the bird waits for cannot be seen."),
            Pair("The umbrella is closed.", C, "The umbrella is spread out, thus open."),
        )),
        (Photo(9000104, "room", (("table", "brown", (20, 75, 130, 142)), ("cake", "pink", (50, 25, 105, 86)))), (
            Pair("There is a cake with candles.", E, "Three candles stand on the cake."),
            Pair("Somebody turns three today.", N, "Three candles may mean something else.", "e"),
            Pair("The table is empty.", C, "A table with a cake on it is not empty."),
        )),
    ),
    "dev": (
        (Photo(9000111, "sea", (("boat", "red", (25, 25, 130, 140)), ("sun", "gold", (150, 8, 190, 48)))), (
            Pair("A boat is on the water.", E, "The sea is water, and the boat sails on it."),
            Pair("The crew is having lunch.", N, "Nobody can be seen, so the crew may do anything."),
            Pair("It is a dark, rainy night.", C, "The sun is shining."),
        )),
        (Photo(9000112, "lightgray", (("horse", "black", (20, 40, 110, 140)), ("tree", "gray", (125, 15, 190, 140))),
               "L"), (
            Pair("An animal stands beside a tree.", E, "A horse is an animal."),
            Pair("The horse belongs to a farmer.", N, "Nothing tells whose horse it is."),
            Pair("Two cats climb the tree.", C, "There is a horse, and no cat.", "n"),
        )),
        (Photo(9000113, "street",
               (("car", "red", (20, 70, 120, 135)), ("traffic light", "green", (150, 20, 185, 140)))), (
            Pair("The traffic light is green.", E, "The lamp that is lit is green."),
            Pair("The driver is late.", N, "A car at a light does not tell how late it is."),
            Pair("The car must stop at the red light.", C, "The light is not red but green."),
        )),
    ),
    "test": (
        (Photo(9000121, "room", (("cat", "gray", (20, 55, 100, 140)), ("sofa", "green", (110, 60, 195, 140)))), (
            Pair("A cat is next to a sofa.", E, "The gray animal beside the green sofa is a cat."),
            Pair("The cat would rather be on the sofa.", N, "Cats do not tell."),
            Pair("The cat sleeps on the sofa.", C, "The cat is beside the sofa, not on it."),
        )),
        (Photo(9000122, "night", (("house", "white", (20, 45, 110, 140)), ("lamp", "yellow", (140, 40, 185, 140)))), (
            Pair("A lamp stands outside a house.", E, "There is a lamp to the right of the house."),
            Pair("The people in the house are asleep, all of them.", N, "One cannot look into the house."),
            Pair("The sun is high above the house.", C, "The sky is dark, so the sun is not up."),
        )),
        (Photo(9000123, "skyblue", (("plane", "white", (20, 30, 180, 120)),)), (
            Pair("Something flies.", E, "A plane in the sky flies."),
            Pair("The plane is on its way to Zürich.", N, "The picture does not show where it goes."),
            Pair("The plane is being repaired in a hangar.", C, "It is in the sky, and no hangar is there."),
        )),
    ),
}  # fmt: skip


def make(folder: Path) -> None:
    """Three tables and the photos."""
    (folder / "data").mkdir()
    for split, photos in PAIRS.items():
        lines = [["", "pairID", "Flickr30kID", "hypothesis", "gold_label", "explanation"]]
        for photo, pairs in photos:
            name = f"{photo.number}.jpg"
            save_photo(photo, folder / "flickr30k_images" / name)
            for place, pair in enumerate(pairs):
                key = f"{name}#{place % 2}r1{pair.letter or pair.label[0]}"
                number = str(NUMBER_STEP * (len(lines) - 1))
                lines.append([number, key, name, pair.hypothesis, pair.label, pair.explanation])
        with (folder / "data" / f"esnlive_{split}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(lines)

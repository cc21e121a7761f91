"""The classes of ImageNet-1k: their numbers and names, and which of them may be shown together."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
from typing import Any

from m3it_build.core.errors import SourceError
from m3it_build.core.sample import Fields
from m3it_build.core.task import FoundFile
from m3it_build.sources.matlab import read_structs
from m3it_build.sources.tables import class_names, read_lines

from ._options import apart, ends

MAPPING = "LOC_synset_mapping.txt"
DEVKIT = ("ILSVRC2012_devkit_t12/data/", "data/", "")
META = tuple(f"{folder}meta.mat" for folder in DEVKIT)
CLASSES = (MAPPING, *META)
"""The mapping file, or else the devkit's."""
WNID = re.compile(r"n\d{8}")
MAPPED = re.compile(r"(n\d{8})\s*:?\s+(.+)")
"""Some copies write a colon after the id."""

GROUPS = (
    # one thing under two names, or one kind inside another; the first nine after Vasudevan et al., 2022
    ("sunglass", "sunglasses"),
    ("laptop", "notebook"),
    ("monitor", "screen", "television"),
    ("cassette player", "tape player", "cassette"),
    ("coffee mug", "cup", "espresso"),
    ("Eskimo dog", "malamute", "Siberian husky"),
    ("weasel", "mink", "polecat", "black-footed ferret"),
    ("tusker", "Indian elephant"),
    ("tusker", "African elephant"),
    ("mushroom", "agaric", "bolete", "gyromitra", "earthstar", "stinkhorn", "coral fungus", "hen-of-the-woods"),
    ("corn", "ear"),
    ("cliff", "promontory", "seashore"),
    ("seashore", "sandbar"),
    ("water jug", "pitcher", "whiskey jug"),
    ("water bottle", "pop bottle"),
    ("crib", "cradle", "bassinet"),
    ("cuirass", "breastplate"),
    ("tabby", "tiger cat", "Egyptian cat"),
    ("gibbon", "siamang"),
    ("ram", "bighorn"),
    ("common newt", "eft"),
    ("mud turtle", "terrapin"),
    ("green snake", "green mamba", "vine snake"),
    ("green lizard", "American chameleon"),
    ("timber wolf", "white wolf"),
    ("partridge", "quail"),
    ("garden spider", "barn spider", "black and gold garden spider"),
    ("Staffordshire bullterrier", "American Staffordshire terrier"),
    ("padlock", "combination lock"),
    ("lotion", "sunscreen"),
    ("moped", "motor scooter"),
    ("racer", "sports car", "convertible"),
    ("streetcar", "trolleybus"),
    ("photocopier", "printer"),
    ("sliding door", "shoji"),
    ("gown", "hoopskirt", "overskirt"),
    ("abaya", "cloak"),
    ("mask", "gasmask"),
    ("analog clock", "wall clock"),
    ("dial telephone", "pay-phone"),
    ("chain", "necklace"),
    ("hand-held computer", "iPod", "cellular telephone"),
    ("hare", "wood rabbit"),
    ("cardoon", "artichoke"),
    ("bullet train", "electric locomotive", "passenger car"),
    ("yawl", "schooner"),
    ("minibus", "minivan"),
    ("trailer truck", "moving van"),
    ("harvester", "thresher"),
    ("mailbag", "purse"),
    ("bikini", "brassiere"),
    ("stole", "fur coat", "poncho"),
    ("castle", "palace"),
    ("Christmas stocking", "sock"),
    ("comic book", "book jacket"),
    # a part or a place that is hardly ever seen without the other
    ("desktop computer", "monitor"),
    ("desktop computer", "screen"),
    ("desktop computer", "computer keyboard"),
    ("computer keyboard", "typewriter keyboard", "space bar"),
    ("lampshade", "table lamp"),
    ("academic gown", "mortarboard"),
    ("suit", "Windsor tie"),
    ("suit", "groom"),
    ("bookcase", "bookshop", "library"),
    ("barbershop", "barber chair"),
    ("entertainment center", "home theater", "television"),
    ("airliner", "wing"),
    ("altar", "church", "vault"),
    ("ballplayer", "baseball"),
    ("bee", "apiary", "honeycomb"),
    ("brain coral", "coral reef"),
    ("dome", "mosque"),
    ("dome", "planetarium"),
    ("drum", "drumstick"),
    ("ox", "oxcart"),
    ("reflex camera", "lens cap"),
    ("revolver", "holster"),
    ("sea anemone", "anemone fish"),
    ("spider web", "garden spider"),
    ("spider web", "barn spider"),
    ("spider web", "black and gold garden spider"),
    ("stage", "theater curtain"),
    ("wine bottle", "red wine"),
    ("red wine", "goblet"),
    ("dough", "bagel"),
    ("dough", "French loaf"),
    ("dough", "pretzel"),
    ("desktop computer", "desk"),
    ("desktop computer", "mouse", "computer keyboard"),
    ("canoe", "paddle"),
    ("scuba diver", "snorkel"),
    ("four-poster", "quilt", "pillow"),
    ("four-poster", "mosquito net"),
    ("studio couch", "pillow"),
    ("bakery", "French loaf"),
    ("bakery", "confectionery", "grocery store"),
    ("restaurant", "dining table", "plate"),
    ("lab coat", "stethoscope"),
    ("ski", "alp"),
    ("alp", "valley", "lakeside"),
    ("horse cart", "sorrel"),
    ("racket", "tennis ball"),
    ("cardigan", "wool"),
    ("eggnog", "cup"),
    ("espresso", "espresso maker"),
    ("church", "bell cote", "monastery"),
    ("warplane", "aircraft carrier"),
    ("plow", "tractor"),
    ("plate rack", "dishwasher"),
)
"""Classes of which one is right wherever, or nearly wherever, another is, though they share no name: by hand."""
PARTS = (
    (("screen", "monitor", "computer keyboard"), ("laptop", "notebook")),
    (("screen", "monitor"), ("web site",)),
    (
        ("car wheel", "grille"),
        (
            "ambulance", "beach wagon", "cab", "convertible", "jeep", "limousine", "minivan", "Model T", "pickup",
            "police van", "racer", "recreational vehicle", "sports car", "tow truck", "trailer truck",
        ),
    ),
    (("military uniform",), ("bearskin", "pickelhaube")),
    (("soup bowl",), ("consomme", "hot pot")),
    (("plate",), ("carbonara", "meat loaf", "burrito", "mashed potato", "guacamole")),
    (("dogsled",), ("Eskimo dog", "malamute", "Siberian husky")),
    (("shoe shop",), ("running shoe", "Loafer", "clog", "sandal", "cowboy boot")),
    (("dock",), ("liner", "container ship")),
)  # fmt: skip
"""Parts and companions, each with what it is hardly ever missing from."""
TOGETHER = frozenset(
    frozenset(pair)
    for pairs in (*(combinations(group, 2) for group in GROUPS), *(product(*sides) for sides in PARTS))
    for pair in pairs
)


@dataclass(frozen=True, slots=True)
class Label:
    """A class."""

    index: int
    """Place among the sorted WordNet ids, from 0."""
    wnid: str | None
    """None where a mirror dropped it."""
    names: tuple[str, ...]


class Labels:
    """The classes, and which of them may be shown together."""

    def __init__(self, named: Sequence[tuple[str | None, str]]) -> None:
        """Number the classes, WordNet ids and names, in the order given."""
        self.all = [
            Label(place, wnid, tuple(part for name in names.split(",") if (part := name.strip())))
            for place, (wnid, names) in enumerate(named)
        ]
        self.by_wnid = {label.wnid: label for label in self.all}
        self._others: dict[int, tuple[str, ...]] = {}

    @cached_property
    def everyone(self) -> tuple[str, ...]:
        """What the classes are called."""
        return tuple(label.names[0] for label in self.all)

    @cached_property
    def sharing(self) -> dict[int, set[int]]:
        """The classes of which a name is also one of each class; most share none."""
        named: dict[str, list[int]] = {}
        for label in self.all:
            for name in {name.casefold() for name in label.names}:
                named.setdefault(name, []).append(label.index)
        sharing: dict[int, set[int]] = {}
        for places in named.values():
            for place in places if len(places) > 1 else ():
                sharing.setdefault(place, set()).update(places)
        return sharing

    def others(self, label: Label) -> tuple[str, ...]:
        """What may stand among the options of a class: no name that is right as well."""
        if (known := self._others.get(label.index)) is None:
            same: Collection[int] = self.sharing.get(label.index, ())
            names = tuple(other.names[0] for other in self.all if other.index not in same) if same else self.everyone
            known = self._others[label.index] = apart(label.names[0], names, ends, TOGETHER)
        return known

    def sorted_as(self, wnid: str, stem: str) -> Label | None:
        """The class of a picture in a folder; None where its own name says otherwise."""
        return self.by_wnid.get(wnid) if stem[:9] == wnid or not WNID.match(stem) else None

    def fields(self, label: Label | None, given: Any, paths: tuple[str, ...]) -> Fields:
        """A row's fields: its class (None if `given` is none) and what else may stand among its options."""
        return {"label": label, "given": given, "others": self.others(label) if label else (), "paths": paths}


def read_labels(file: FoundFile) -> Labels:
    """The classes of the mapping file or the devkit.

    Raises:
        SourceError: a line or entry that is no class, or one that stands twice.
    """
    if file.name in META:
        return Labels(sorted((synset["WNID"], synset["words"]) for synset in leaves(file)))
    named: dict[str, str] = {}
    for number, line in enumerate(read_lines(file), 1):
        match = MAPPED.fullmatch(line.strip())
        if line.strip() and (match is None or match[1] in named or not match[2].strip(", ")):
            raise SourceError(f"{file.path}: line {number} is no class with an id of its own. Fetch it again.")
        if match:
            named[match[1]] = match[2]
    return Labels(sorted(named.items()))


def leaves(meta: FoundFile) -> list[Fields]:
    """The devkit's synsets that are classes."""
    return [synset for synset in read_structs(meta, "synsets") if synset["num_children"] == 0]


def described(file: FoundFile) -> Labels:
    """The classes in the order of a mirror's labels.

    Raises:
        SourceError: the file does not say what they are called.
    """
    names = class_names(file, "label")
    if not names:
        raise SourceError(f"{file.path}: does not name its classes. Put {MAPPING} into the task's folder.")
    bare = [name.rstrip("0123456789") for name in names]  # equal names were told apart by a number: "crane2"
    return Labels([(None, short if short in names else name) for name, short in zip(names, bare, strict=True)])

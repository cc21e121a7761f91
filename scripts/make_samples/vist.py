"""VIST: stories of five sentences about five photos, several stories for an album.

In it: annotations as lists of one; a story whose sentences are not in order; `text` in lower case with placeholders;
sentences without a full stop or with stray blanks; a photo that no story uses; one stored as PNG; one without `url_o`.
Rejected on purpose (train): story 9107, one of whose photos is gone.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from scripts.make_samples._photos import Photo, Thing, save_photo, write_json

MIDDLE = (50, 30, 150, 140)


class Album(NamedTuple):
    """An event: its name, and each photo as a background, what is on it, and how one speaks of that."""

    event: str
    shots: tuple[tuple[str, Thing, str], ...]


ALBUMS = {
    "train": (
        Album("beach", (
            ("beach", ("umbrella", "orange", MIDDLE), "an orange umbrella"),
            ("sea", ("boat", "red", MIDDLE), "a red boat"),
            ("beach", ("bird", "white", MIDDLE), "a white bird"),
            ("beach", ("kite", "purple", MIDDLE), "a purple kite"),
            ("skyblue", ("sun", "gold", MIDDLE), "the bright sun"))),
        Album("farm", (
            ("meadow", ("train", "green", (20, 40, 180, 135)), "a green train"),
            ("meadow", ("horse", "brown", MIDDLE), "a brown horse"),
            ("meadow", ("dog", "black", MIDDLE), "a black dog"),
            ("room", ("apple", "red", MIDDLE), "a red apple"), ("meadow", ("tree", "green", MIDDLE), "a green tree"))),
    ),
    "val": (
        Album("birthday", (
            ("room", ("cake", "pink", MIDDLE), "a pink cake"), ("room", ("book", "blue", MIDDLE), "a blue book"),
            ("room", ("cat", "gray", MIDDLE), "a gray cat"),
            ("room", ("pizza", "yellow", MIDDLE), "a pizza with salami"),
            ("night", ("lamp", "yellow", MIDDLE), "a yellow lamp"))),
        Album("city", (
            ("street", ("bus", "yellow", (20, 40, 180, 138)), "a yellow bus"),
            ("room", ("clock", "gray", MIDDLE), "a big clock"),
            ("street", ("traffic light", "red", (60, 10, 140, 142)), "a red traffic light"),
            ("street", ("car", "blue", (20, 60, 180, 138)), "a blue car"),
            ("night", ("house", "white", MIDDLE), "a white house"))),
    ),
    "test": (
        Album("market", (
            ("white", ("banana", "yellow", MIDDLE), "a yellow banana"),
            ("white", ("fish", "orange", (30, 50, 170, 125)), "an orange fish"),
            ("room", ("flower", "pink", MIDDLE), "a pink flower"),
            ("room", ("bottle", "green", (80, 20, 120, 140)), "a green bottle"),
            ("street", ("bicycle", "red", (30, 40, 165, 140)), "a red bicycle"))),
        Album("moving", (
            ("room", ("sofa", "green", (25, 50, 175, 140)), "a green sofa"),
            ("room", ("table", "brown", MIDDLE), "a brown table"),
            ("room", ("chair", "brown", MIDDLE), "a brown chair"), ("room", ("cup", "white", MIDDLE), "a white cup"),
            ("skyblue", ("plane", "white", (20, 30, 180, 120)), "a white plane"))),
    ),
}  # fmt: skip

TOLD = (
    ("We started the day with {}.", "Then Anna saw {}.", "Next there was {}", "Nobody had expected {} .",
     "In the end we were all happy about {}!"),
    ("The first thing that I remember is {}.", "Tom showed us {}.", "We spent a long time with {}.",
     "What a surprise: {}!", "My last picture shows {}. I will keep it."),
    ("Here you can see {}.", " After that came {}.", "Our friends liked {} best.", "Only Anna cared for {}.",
     "We said goodbye to {}."),
    ("It was a good day for {}.", "Somebody pointed at {}.", "Who would have thought of {}?", "We could not miss {}.",
     "The day ended with {}"),
)  # fmt: skip
"""Four ways to tell of five photos."""

NAMES = {"anna": "[female]", "tom": "[male]"}


def make(folder: Path) -> None:
    """Stories, albums and photos of three splits."""
    for number, (split, albums) in enumerate(ALBUMS.items(), 1):
        images, about, annotations = [], [], []
        for place, album in enumerate(albums):
            key = f"72{number}{place}"
            photos = [f"99{number}{place}{shot}" for shot in range(len(album.shots))]
            for photo, (background, thing, _) in zip(photos, album.shots, strict=True):
                suffix = "png" if photo.endswith("12") else "jpg"
                save_photo(Photo(int(photo), background, (thing,)), folder / split / f"{photo}.{suffix}")
            images += [image(photo, key) for photo in [*photos, f"99{number}{place}9"]]
            about.append(entry(key, album, len(photos)))
            phrases = [phrase for _, _, phrase in album.shots]
            for voice, frames in enumerate(TOLD):
                annotations += story(f"9{number}{place}{voice}", key, photos, frames, phrases)
            if (split, place) == ("train", 0):
                annotations += story("9107", key, [*photos[:4], f"99{number}{place}9"], TOLD[0], phrases)
        annotations[1], annotations[13] = annotations[13], annotations[1]
        del images[0]["url_o"]
        content = {"images": images, "albums": about, "annotations": annotations, "type": "sis", "info": {"year": 2026}}
        write_json(folder / "sis" / f"{split}.story-in-sequence.json", content)


def story(
    key: str, album: str, photos: Sequence[str], frames: Sequence[str], phrases: Sequence[str]
) -> list[list[dict[str, Any]]]:
    """Five annotations, each a list of one."""
    return [
        [
            {
                "story_id": key,
                "storylet_id": str(5 * int(key) + place),
                "album_id": album,
                "photo_flickr_id": photo,
                "worker_arranged_photo_order": place,
                "original_text": frame.format(phrase),
                "text": tokens(frame.format(phrase)),
                "setting": "first-2-pick-and-tell",
                "tier": "story-in-sequence",
                "worker_id": "drawn",
            }
        ]
        for place, (photo, frame, phrase) in enumerate(zip(photos, frames, phrases, strict=True))
    ]


def tokens(text: str) -> str:
    """Lower case, signs apart, names replaced."""
    for sign in ".!?:":
        text = text.replace(sign, f" {sign}")
    return " ".join(NAMES.get(word, word) for word in text.lower().split())


def image(photo: str, album: str) -> dict[str, str]:
    """What the file says of a photo; all values are text."""
    return {
        "id": photo,
        "album_id": album,
        "title": "",
        "text": "",
        "tags": "",
        "datetaken": "2026-01-01 12:00:00",
        "license": "1",
        "latitude": "0",
        "longitude": "0",
        "secret": "",
        "media": "photo",
        "url_o": f"https://photos.example/{photo}_o.jpg",
    }


def entry(key: str, album: Album, photos: int) -> dict[str, str]:
    """What the file says of an album."""
    return {
        "id": key,
        "title": album.event,
        "description": "",
        "vist_label": album.event,
        "photos": str(photos),
        "primary": "",
        "owner": "",
        "farm": "1",
        "server": "1",
        "secret": "",
        "date_create": "0",
        "date_update": "0",
    }

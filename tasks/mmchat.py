"""MMChat: the next utterance of a Chinese dialogue under a post with photos.

Zheng et al., LREC 2022. One row a dialogue: all utterances but the last are the inputs, one a line; the last is the
target; the photos of the post are all shown. (The release's loader hands on one value a row, so it may have shown one
photo; its 2.2 MB a row fit a large one or a few.) The photos are not distributed, only their addresses, most of them
dead by now: a dialogue is kept when at least one photo is there, and what is missing is listed by file name. The name
is the SHA-256 of the address, as the authors' crawler writes it. Addresses are personal data and go nowhere.
Line i of each file belongs together and has no id, so a row's key is a hash of its texts and addresses. Table 7 counts
3,000 / 1,000 / 1,000, sampled from dialogues with a photo. The version judged by people has no splits and is not read,
though its authors advise it where a dialogue should be about its photos: most replies here do not need them.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from m3it_build.core.errors import SourceError
from m3it_build.core.instructions import Need
from m3it_build.core.plural import plural
from m3it_build.core.sample import Fields, Origin, Picture, Reason, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.tables import read_aligned, read_parquet

COLUMNS = ("dialog", "weibo_content", "imgs")
"""Of the Hub's Parquet conversion, and of the records here."""
FOLDERS = ("weibo_img/image", "image", "images")
"""Where the crawler puts the photos, and where copies have them."""


def rows(folder: SourceFolder, dialogs: FoundFile, addresses: FoundFile, posts: FoundFile) -> Rows:
    """One split of the parallel files."""
    photos = arrived(folder)
    for number, (dialog, joined, post) in enumerate(read_aligned(dialogs, addresses, posts), 1):
        record = {
            "dialog": value(dialogs, number, dialog),
            "imgs": joined.split(";"),
            "weibo_content": value(posts, number, post),
        }
        yield row(photos, record, Origin(dialogs.name, f"line {number}"))


def mirror_rows(folder: SourceFolder, files: Sequence[FoundFile]) -> Rows:
    """One split of the Parquet conversion."""
    photos = arrived(folder)
    for file, number, record in read_parquet(files, columns=COLUMNS):
        yield row(photos, record, Origin(file.name, f"row {number}"))


def value(file: FoundFile, number: int, line: str) -> Any:
    """The JSON value of a line; None for a blank one.

    Raises:
        SourceError: it is not JSON.
    """
    try:
        return json.loads(line) if line.strip() else None
    except ValueError as error:
        raise SourceError(f"{file.path}: line {number} is not JSON ({error}). Fetch the file again.") from error


def arrived(folder: SourceFolder) -> dict[str, str]:
    """Where each photo lies that is there, by its name in lower case; listed once, as most are looked for in vain."""
    files = [file for place in FOLDERS for file in folder.glob(f"{place}/*")]
    return {PurePosixPath(file.name).name.lower(): file.name for file in reversed(files)}


def row(photos: Mapping[str, str], record: Fields, origin: Origin) -> Row:
    """A dialogue and which of its photos are there: most are not, and sampling should not draw those."""
    addresses = record.get("imgs") if isinstance(record.get("imgs"), list) else []
    names = [photo_name(each.strip()) for each in addresses or [] if isinstance(each, str) and each.strip()]
    found = {name: photos[name.lower()] for name in names if name.lower() in photos}
    text = json.dumps([record.get("dialog"), record.get("weibo_content"), addresses], ensure_ascii=False)
    return Row(
        hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16],
        {
            "dialog": record.get("dialog"),
            "weibo_content": record.get("weibo_content"),
            "photos": list(found.values()),
            "missing": list(dict.fromkeys(name for name in names if name not in found)),
        },
        origin,
    )


def photo_name(address: str) -> str:
    """The file name that the crawler gives to the photo of an address."""
    try:
        suffix = PurePosixPath(urlsplit(address).path).suffix.removeprefix(".")
    except ValueError:
        suffix = ""
    digest = hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{digest}.{suffix if suffix.isascii() and suffix.isalnum() else 'jpg'}"


def convert(row: Row) -> Sample | Reject:
    """One dialogue."""
    utterances, photos, missing = (row.fields[name] for name in ("dialog", "photos", "missing"))
    if not isinstance(utterances, list) or len(utterances) < 2:
        return reject(row, Reason.BAD_RECORD, "not a list of two utterances or more")
    said = [one_line(utterance) for utterance in utterances]
    if not all(said):
        return reject(row, Reason.EMPTY_TEXT, "an utterance is empty")
    if not photos:
        reason = Reason.MISSING_MEDIA if missing else Reason.NO_PICTURE
        return reject(row, reason, f"{plural(len(missing), 'photo')} not there" if missing else "no address of a photo")
    post = row.fields["weibo_content"]
    return Sample(
        key=row.key,
        images=tuple(Picture((photo,), optional=True) for photo in photos),
        inputs="\n".join(said[:-1]),
        outputs=said[-1],
        traits=(Need.HISTORY,) if len(said) > 2 else (),
        meta={"weibo_content": post if isinstance(post, str) else None, "missing_photos": missing},
    )


def one_line(utterance: str) -> str:
    """The utterance as typed, but without line breaks, which part utterances here."""
    return " ".join(line.strip() for line in utterance.splitlines()).strip()


def layouts(split: str, mirrored: str) -> tuple[Layout, ...]:
    """The parallel files of a split (gzipped on the Hub), or its Parquet conversion under its present and old names."""
    tops, suffixes = ("mmchat/", "MMChat/", ""), ("jsonl", "json")
    parallel = tuple(
        tuple(f"{top}{kind}_{split}.{suffix}" for top in tops for suffix in suffixes)
        for kind in ("dialog", "img_url", "weibo")
    )
    mirror = (f"mmchat/{mirrored}/*.parquet", f"mmchat/mmchat-{mirrored}*.parquet", f"mmchat/{mirrored}-*.parquet")
    return (Layout(parallel, rows), Layout((mirror,), mirror_rows))


TASK = Task(
    name="mmchat",
    title="MMChat: Chinese dialogue about photos",
    group=Group.CHINESE,
    category=Category.GENERATION,
    license=License("LicenseRef-MMChat", note="Dialogues MIT, by their card; photos and posts of Weibo users."),
    homepage="github.com/silverriver/MMChat",
    citation="Zheng et al. MMChat: Multi-Modal Chat Dataset on Social Media. LREC 2022.",
    download="""
Version MMChat: dialog_*, img_url_* and weibo_* of train, dev and test (120,840 dialogues). The Hub's Parquet
conversion is read too. The photos (198,820 addresses, most of them dead) with the crawler of
github.com/silverriver/MMChat.
""",
    tree="""
mmchat/dialog_train.jsonl.gz ...        or .json, .jsonl; train, dev, test
mmchat/img_url_train.jsonl.gz ...
mmchat/weibo_train.jsonl.gz ...
weibo_img/image/06c6c2f8976db453...7da7e880.jpg ...
""",
    splits={
        Split.TRAIN: layouts("train", "train"),
        Split.VALIDATION: layouts("dev", "validation"),
        Split.TEST: layouts("test", "test"),
    },
    unreadable={
        f"{version}/dialog_*": f"{version} is another version, without the splits of mmchat"
        for version in ("mmchat_hf", "mmchat_raw", "mmchat_lccc_filtered")
    },
    convert=convert,
    languages=("zh",),
    held_out=True,
    errata="""
Most replies can be given without the photos: the authors' card advises the version mmchat_hf, judged by people, where
dialogue and photos should belong together. That one has no splits, and is not what the paper took.
""",
)

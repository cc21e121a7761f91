"""MMChat: parallel files, and photos of which most are gone."""

import gzip
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from m3it_build.core.errors import SourceError
from m3it_build.core.sample import Picture
from m3it_build.testing import plan

HERE, THERE, GONE = "https://a.cn/mw/1.png", "https://a.cn/mw/2", "https://a.cn/mw/3.jpg"


def name(address: str, suffix: str) -> str:
    return f"{hashlib.sha256(address.encode()).hexdigest()}.{suffix}"


def photos(folder: Path) -> Path:
    (folder / "weibo_img/image").mkdir(parents=True, exist_ok=True)
    for each in (name(HERE, "png"), name(THERE, "jpg")):
        (folder / "weibo_img/image" / each).write_bytes(b"planning opens no picture")
    return folder


def written(folder: Path, dialogs: Sequence[Any], addresses: Sequence[str], tail: str = "\n") -> Path:
    (folder / "mmchat").mkdir(exist_ok=True)
    lines = [dialog if isinstance(dialog, str) else json.dumps(dialog, ensure_ascii=False) for dialog in dialogs]
    files = {"dialog": lines, "img_url": addresses, "weibo": ['"分享图片"'] * len(lines)}
    for kind, content in files.items():
        (folder / f"mmchat/{kind}_train.jsonl.gz").write_bytes(gzip.compress(("\n".join(content) + tail).encode()))
    return photos(folder)


def test_the_last_utterance_answers_the_others(tmp_path: Path) -> None:
    (row,), rejects = plan("mmchat", written(tmp_path, [["好香～", "火锅 [笑cry]", "明天\n就去！！"]], [HERE]))
    assert not rejects
    assert (row.sample.inputs, row.sample.outputs) == ("好香～\n火锅 [笑cry]", "明天 就去！！")
    assert row.sample.meta["weibo_content"] == "分享图片"


def test_photos_are_named_by_the_hash_of_their_address(tmp_path: Path) -> None:
    (row,), _ = plan("mmchat", written(tmp_path, [["a", "b"]], [f"{THERE}; {HERE} ;{THERE}"]))
    assert [photo.paths[0] for photo in row.sample.images] == [
        f"weibo_img/image/{name(THERE, 'jpg')}",
        f"weibo_img/image/{name(HERE, 'png')}",
    ]


def test_a_dialogue_stays_while_one_photo_is_there_and_no_address_gets_out(tmp_path: Path) -> None:
    (row,), _ = plan("mmchat", written(tmp_path, [["a", "b"]], [f"{GONE};{HERE}"]))
    assert row.sample.meta["missing_photos"] == [name(GONE, "jpg")]
    assert all(isinstance(photo, Picture) and photo.optional for photo in row.sample.images)
    assert "a.cn" not in repr(row)


@pytest.mark.parametrize(
    ("address", "reason"), [(GONE, "missing media"), ("", "no picture by design"), (" ; ", "no picture by design")]
)
def test_a_dialogue_without_photos_is_rejected(tmp_path: Path, address: str, reason: str) -> None:
    rows, (reject,) = plan("mmchat", written(tmp_path, [["a", "b"]], [address]))
    assert (len(rows), reject.reason) == (0, reason)
    assert "a.cn" not in reject.detail


def test_rows_do_not_depend_on_the_order_of_lines(tmp_path: Path) -> None:
    dialogs, addresses = [["a", "b"], ["c", "d"]], [HERE, THERE]
    forth, _ = plan("mmchat", written(tmp_path, dialogs, addresses))
    back, _ = plan("mmchat", written(tmp_path, dialogs[::-1], addresses[::-1]))
    assert [row.sample for row in forth] == [row.sample for row in back]


def test_files_of_different_lengths_stop_the_build(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"img_url_train\.jsonl\.gz: 1 lines, but .* has 2"):
        plan("mmchat", written(tmp_path, [["a", "b"], ["c", "d"]], [HERE]))


def test_a_blank_tail_is_no_dialogue(tmp_path: Path) -> None:
    rows, rejects = plan("mmchat", written(tmp_path, [["a", "b"]], [HERE], tail="\n\n\n"))
    assert (len(rows), rejects) == (1, [])


def test_a_blank_line_within_shifts_nothing(tmp_path: Path) -> None:
    rows, (reject,) = plan("mmchat", written(tmp_path, ["", ["c", "d"]], [HERE, THERE]))
    assert reject.reason == "bad record"
    assert [row.sample.images[0].paths[0] for row in rows] == [f"weibo_img/image/{name(THERE, 'jpg')}"]


@pytest.mark.parametrize(
    ("dialog", "reason"),
    [(["一"], "bad record"), ("null", "bad record"), (["a", " "], "empty text"), ([1, "b"], "bad record")],
)
def test_a_broken_dialogue_is_rejected(tmp_path: Path, dialog: Any, reason: str) -> None:
    rows, (reject,) = plan("mmchat", written(tmp_path, [dialog], [HERE]))
    assert (len(rows), reject.reason) == (0, reason)


def test_a_line_that_is_not_json_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="line 2 is not JSON"):
        plan("mmchat", written(tmp_path, [["a", "b"], '["a", "b'], [HERE, HERE]))


def test_the_drives_and_the_hubs_parquet_give_the_same_rows(tmp_path: Path) -> None:
    dialog, imgs = ["好香～", "明天就去"], [HERE, GONE]
    (tmp_path / "hub").mkdir()
    hub, _ = plan("mmchat", written(tmp_path / "hub", [dialog], [";".join(imgs)]))
    drive, mirror = tmp_path / "drive", tmp_path / "mirror/mmchat/train"
    drive.mkdir()
    mirror.mkdir(parents=True)
    for kind, line in (("dialog", json.dumps(dialog)), ("img_url", ";".join(imgs)), ("weibo", '"分享图片"')):
        (photos(drive) / f"{kind}_train.json").write_bytes(f"\ufeff{line}\r\n".encode())
    pq.write_table(pa.table({"dialog": [dialog], "weibo_content": ["分享图片"], "imgs": [imgs]}), mirror / "0.parquet")
    for folder in (drive, photos(tmp_path / "mirror")):
        rows, _ = plan("mmchat", folder)
        assert [row.sample for row in rows] == [row.sample for row in hub]

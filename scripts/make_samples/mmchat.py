"""MMChat: Chinese dialogues under posts with photos, in parallel gzipped files, and the photos that a crawler found.

In it: emoticon codes, emoji, repeated punctuation and full-width signs; two to four utterances; the same photos under
two dialogues of a post; an address without a suffix; a photo that is gone beside one that is there; a downloaded file
that is a web page beside a photo. The addresses do not exist.
Rejected on purpose (train): a dialogue whose only photo is gone, and one of a post without photos.
"""

import gzip
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from scripts.make_samples._photos import Thing
from scripts.make_samples.draw import Scene

MIDDLE = (50, 30, 150, 140)


class Shot(NamedTuple):
    """A photo of a post."""

    name: str
    background: str = ""
    things: tuple[Thing, ...] = ()
    suffix: str = ".jpg"

    def address(self) -> str:
        """Where it once was."""
        return f"https://wx.example/mw2048/{self.name}{self.suffix}"


class Talk(NamedTuple):
    """A dialogue and the photos of its post."""

    said: tuple[str, ...]
    shots: tuple[Shot, ...]


GONE = Shot("gone")
PAGE = Shot("page", "a page")
CAT = Shot("cat", "room", (("cat", "gray", MIDDLE),))
SOFA = Shot("sofa", "room", (("cat", "gray", (20, 55, 100, 140)), ("sofa", "green", (110, 60, 195, 140))))
TALKS = {
    "train": (
        Talk(("这只灰猫好胖啊", "它刚吃完两碗饭 [笑cry]"), (CAT, SOFA)),
        Talk(("绿沙发哪儿买的？", "旧货市场，便宜！！", "下次带上我～"), (CAT, SOFA)),
        Talk(("生日快乐🎂", "谢谢谢谢", "蛋糕什么味的", "草莓味，粉色的就是"),
             (Shot("cake", "room", (("cake", "pink", MIDDLE),)),)),
        Talk(("好大的风筝", "紫色那个是我自己做的"), (GONE, Shot("kite", "beach", (("kite", "purple", MIDDLE),)))),
        Talk(("今天又坐公交上班？", "对啊，黄色的那路，人特别多。。。"),
             (Shot("bus", "street", (("bus", "yellow", (20, 40, 180, 138)),)), PAGE)),
        Talk(("出海了？", "天气太好了，不出去可惜"),
             (Shot("boat", "sea", (("boat", "red", (25, 25, 130, 140)), ("sun", "gold", (150, 8, 190, 48))), ""),)),
        Talk(("狗狗在看什么", "看那个红球呢", "快扔给它呀"),
             (Shot("dog", "meadow", (("dog", "brown", (15, 65, 95, 140)), ("ball", "red", (120, 100, 155, 135)))),)),
        Talk(("这花开得真好", "阳台上种的，第一次开"),
             (Shot("flower", "white", (("flower", "pink", MIDDLE),), ".png"),)),
        Talk(("图呢？", "已经删了"), (GONE,)),
        Talk(("早上好", "早～"), ()),
    ),
    "dev": (
        Talk(("几点了还不睡", "钟停了，一直是十点十分 [偷笑]"), (Shot("clock", "room", (("clock", "gray", MIDDLE),)),)),
        Talk(("苹果甜吗", "不甜，酸的"), (Shot("apple", "white", (("apple", "red", MIDDLE),)),)),
        Talk(("披萨看着不错", "妈妈烤的", "羡慕了"), (Shot("pizza", "room", (("pizza", "yellow", MIDDLE),)),)),
        Talk(("这是谁的自行车？", "我的，红色多好看！"),
             (Shot("bike", "street", (("bicycle", "red", (30, 40, 165, 140)),)),)),
        Talk(("飞机晚点了吗", "没有，准时起飞"),
             (Shot("plane", "skyblue", (("plane", "white", (20, 30, 180, 120)),)),)),
        Talk(("下雨了？", "没有，撑伞遮太阳"), (Shot("umbrella", "beach", (("umbrella", "orange", MIDDLE),)),)),
        Talk(("鱼是你钓的？", "超市买的，嘿嘿"),
             (Shot("fish", "lightblue", (("fish", "orange", (30, 50, 170, 125)),)),)),
        Talk(("家里真整洁", "就一盏灯一把椅子，能不整洁吗"),
             (Shot("lamp", "room", (("lamp", "yellow", (20, 30, 80, 140)), ("chair", "brown", (120, 40, 180, 140)))),)),
    ),
    "test": (
        Talk(("在看什么书", "蓝皮的那本小说", "好看吗？", "还行，睡前看正好"),
             (Shot("book", "room", (("book", "blue", MIDDLE),)),)),
        Talk(("这马真精神", "它叫小黑"), (Shot("horse", "meadow", (("horse", "black", MIDDLE),)),)),
        Talk(("红灯要等多久啊", "两分钟，急死我了！！"),
             (Shot("light", "street", (("traffic light", "red", (60, 10, 140, 142)),)),)),
        Talk(("你家在哪栋", "白色这栋，门口有路灯"),
             (Shot("house", "night",
                   (("house", "white", (20, 45, 110, 140)), ("lamp", "yellow", (140, 40, 185, 140)))),)),
        Talk(("坐火车回家啦", "绿皮车，慢但是便宜"),
             (Shot("train", "meadow", (("train", "green", (20, 40, 180, 135)),)),)),
        Talk(("喝的什么", "咖啡，没加糖～"), (Shot("cup", "tan", (("cup", "white", MIDDLE),)),)),
        Talk(("香蕉熟了没", "黄了，可以吃了", "给我留一根"),
             (Shot("banana", "white", (("banana", "yellow", MIDDLE),)),)),
        Talk(("树底下好凉快", "夏天就靠它了🌳"), (Shot("tree", "meadow", (("tree", "green", MIDDLE),)),)),
    ),
}  # fmt: skip


def make(folder: Path) -> None:
    """Three files a split, and the photos under the names that the crawler gives them."""
    (folder / "mmchat").mkdir()
    for split, talks in TALKS.items():
        lines = {
            "dialog": [json.dumps(talk.said, ensure_ascii=False) for talk in talks],
            "img_url": [";".join(shot.address() for shot in talk.shots) for talk in talks],
            "weibo": ['"分享图片"' for _ in talks],
        }
        for kind, texts in lines.items():
            write(folder / "mmchat" / f"{kind}_{split}.jsonl.gz", texts)
        for shot in (shot for talk in talks for shot in talk.shots if shot != GONE):
            save(shot, folder / "weibo_img" / "image")


def write(path: Path, lines: Sequence[str]) -> None:
    """Lines, gzipped."""
    path.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0))


def save(shot: Shot, folder: Path) -> None:
    """Draw a photo under the hash of its address."""
    path = folder / f"{hashlib.sha256(shot.address().encode()).hexdigest()}{shot.suffix or '.jpg'}"
    scene = Scene(shot.background if shot != PAGE else "white")
    for thing in shot.things:
        scene.add(*thing)
    scene.save(path)
    if shot == PAGE:
        path.write_bytes(b"<html><body>This picture was removed.</body></html>")

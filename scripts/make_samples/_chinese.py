"""Drawn photos with Chinese captions, shared by the two Chinese caption samples."""

from pathlib import Path
from typing import NamedTuple

from scripts.make_samples.draw import Scene

THINGS = {
    "cat": "猫", "dog": "狗", "car": "汽车", "bus": "公交车", "bicycle": "自行车", "boat": "帆船",
    "tree": "树", "house": "房子",
    "apple": "苹果", "cup": "杯子", "flower": "花", "horse": "马", "bird": "鸟", "kite": "风筝", "umbrella": "雨伞",
    "clock": "钟", "cake": "蛋糕", "plane": "飞机", "train": "火车", "sofa": "沙发", "book": "书", "person": "人",
}  # fmt: skip
MEASURES = {
    "cat": "只", "dog": "只", "bird": "只", "car": "辆", "bus": "辆", "bicycle": "辆", "boat": "艘",
    "tree": "棵", "house": "座",
    "flower": "朵", "horse": "匹", "plane": "架", "train": "列", "umbrella": "把", "sofa": "张", "book": "本",
    "cake": "块",
}  # fmt: skip
COLOURS = {
    "red": "红色", "blue": "蓝色", "yellow": "黄色", "green": "绿色", "white": "白色", "black": "黑色",
    "brown": "棕色",
    "orange": "橙色", "pink": "粉色", "gray": "灰色",
}  # fmt: skip
PLACES = {"meadow": "草地上", "street": "街上", "room": "房间里", "sea": "海面上", "beach": "沙滩上", "night": "夜里"}


class Shot(NamedTuple):
    """One photo."""

    thing: str
    colour: str
    place: str

    def captions(self) -> list[str]:
        """Five ways to say what is shown; the last one is very short."""
        one = f"一{MEASURES.get(self.thing, '个')}"
        name, colour, place = THINGS[self.thing], COLOURS[self.colour], PLACES[self.place]
        if self.thing == "person":  # nobody is blue
            worn = f"一个穿{colour}衣服的人"
            return [
                f"{place}有{worn}。",
                f"{worn}出现在{place}。",
                f"画面中间是一个人，衣服是{colour}。",
                f"可以看到{worn}。",
                f"{place}的人。",
            ]
        return [
            f"{place}有{one}{colour}的{name}。",
            f"{one}{colour}的{name}出现在{place}。",
            f"画面中间是{one}{name}，颜色是{colour}。",
            f"可以看到{one}{colour}{name}。",
            f"{colour[0]}{name}。",
        ]


SHOTS = tuple(
    Shot(thing, colour, place)
    for thing, colour, place in (
        ("cat", "black", "room"), ("dog", "brown", "meadow"), ("car", "red", "street"), ("bus", "yellow", "street"),
        ("bicycle", "blue", "street"), ("boat", "white", "sea"), ("tree", "green", "meadow"),
        ("house", "orange", "meadow"),
        ("apple", "red", "room"), ("cup", "blue", "room"), ("flower", "pink", "meadow"), ("horse", "brown", "beach"),
        ("bird", "yellow", "meadow"), ("kite", "red", "beach"), ("umbrella", "green", "beach"),
        ("clock", "black", "room"),
        ("cake", "pink", "room"), ("plane", "gray", "sea"), ("train", "blue", "meadow"), ("sofa", "red", "room"),
        ("book", "green", "room"), ("person", "blue", "beach"), ("dog", "black", "beach"), ("car", "green", "night"),
    )
)  # fmt: skip


def write_shot(shot: Shot, path: Path, mode: str = "RGB") -> None:
    """Draw a photo."""
    scene = Scene(shot.place)
    scene.add(shot.thing, shot.colour, (50, 36, 150, 136))
    scene.save(path, mode)

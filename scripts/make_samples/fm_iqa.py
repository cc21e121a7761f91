"""FM-IQA: Chinese questions about photos of COCO 2014, in one file of two lists.

In it: ids as text; doubled punctuation; a question without its mark; Latin words in an answer; answers of one word and
of a sentence; an answer without a full stop; the same question on several photos; a grayscale photo.
"""

import json
from pathlib import Path

from scripts.make_samples._photos import Photo, name_2014, save_photo

MIDDLE = (50, 30, 150, 140)
QUESTIONS: dict[str, tuple[tuple[Photo, tuple[tuple[str, str], ...]], ...]] = {
    "train": (
        (Photo(904101, "meadow", (("dog", "brown", (15, 65, 95, 140)), ("ball", "red", (120, 100, 155, 135)))), (
            ("球是什么颜色的？", "红色的。"), ("草地上有狗吗？", "草地上有一只棕色的狗。"))),
        (Photo(904102, "street", (("bus", "yellow", (15, 40, 125, 135)), ("person", "blue", (145, 45, 190, 140)))), (
            ("这是什么车？", "公共汽车。"), ("公交车是什么颜色？？", "黄色。"))),
        (Photo(904103, "room", (("cat", "gray", MIDDLE),)), (("这是什么？", "猫。"),)),
        (Photo(904104, "sea", (("boat", "red", (25, 25, 130, 140)), ("sun", "gold", (150, 8, 190, 48)))), (
            ("船在哪里", "在海上。"), ("今天天气怎么样？", "晴天，太阳出来了。"))),
        (Photo(904105, "white", (("apple", "red", MIDDLE),)), (
            ("这是什么？", "苹果(Apple)。"), ("这是水果么？", "是的。"))),
        (Photo(904106, "night", (("house", "white", (20, 45, 110, 140)), ("lamp", "yellow", (140, 40, 185, 140)))), (
            ("现在是白天还是晚上？", "晚上"), ("房子右边有什么？", "房子右边有一盏黄色的灯！。"))),
    ),
    "val": (
        (Photo(904201, "room", (("cake", "pink", MIDDLE),)), (
            ("蛋糕上有几根蜡烛？", "三根。"), ("这是什么？", "蛋糕。"))),
        (Photo(904202, "lightgray", (("horse", "black", MIDDLE),), "L"), (
            ("这是一匹马吗？", "是的。"), ("马是什么颜色的？", "黑色的。"))),
        (Photo(904203, "skyblue", (("plane", "white", (20, 30, 180, 120)),)), (
            ("飞机在哪里？", "飞机在天上飞。"), ("天空是什么颜色的？", "蓝色。"))),
        (Photo(904204, "street", (("traffic light", "red", (60, 10, 140, 142)),)), (
            ("现在亮的是什么灯？", "红灯。"), ("司机可以开过去吗？", "不可以。"))),
    ),
}  # fmt: skip


def make(folder: Path) -> None:
    """One file and the photos of both halves."""
    content: dict[str, list[dict[str, str]]] = {}
    for start, (split, photos) in enumerate(QUESTIONS.items(), 1):
        content[split] = []
        for photo, asked in photos:
            save_photo(photo, folder / f"{split}2014" / name_2014(f"{split}2014", photo.number))
            for question, answer in asked:
                key = f"{start}{len(content[split]):05d}"
                record = {"question_id": key, "image_id": str(photo.number), "Question": question, "Answer": answer}
                content[split].append(record)
    (folder / "FM-IQA.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

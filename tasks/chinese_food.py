"""ChineseFoodNet: which of ten Chinese dishes is in the photo?

Chen et al., 2017. Test only, 1,100 photos (Table 7); the release first called its file val, so they are drawn from
the validation list here. The options are the dish and nine others, drawn by hash, in Chinese: the English names of
the table are not unique. Dishes of which one is a kind of the other (饼干 and 曲奇饼干, 面包 and 吐司) never stand
together. How the release heads Chinese options is not known; ours stand under 选项：. Sampling takes
the photos with one file number from all classes before those with another, which spreads 1,100 photos over the 208
classes. Whether folders number their files from zero, as the known lines suggest, only the full download can tell; if
not, photos are drawn evenly.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from m3it_build.core.errors import SourceError
from m3it_build.core.sample import Options, Origin, Picture, Reason, Reject, Row, Rows, Sample, reject
from m3it_build.core.task import Category, FoundFile, Group, Layout, License, SourceFolder, Split, Task
from m3it_build.sources.rows import bad_record
from m3it_build.sources.sheets import read_sheet
from m3it_build.sources.tables import read_lines

from ._options import apart, ends

COUNT = 10
"""Options a row: the release's folder is called chinesefoodnet-10."""
FOLDERS = ("ChineseFoodNet/", "")
CLASSES = tuple(f"{folder}class_names.{suffix}" for suffix in ("xlsx", "csv", "txt") for folder in FOLDERS)
"""The official sheet, or a text that users made of it: commas or tabs, UTF-8 or GB18030."""
PHOTOS = ("ChineseFoodNet/release_data/", "release_data/", "")
NUMBER = re.compile(r"0*([0-9]+)(\.0+)?")
KINDS = {
    "面包": ("吐司", "牛角包"),
    "饺子": ("煎饺", "水晶虾饺"),
    "包子": ("小笼汤包",),
    "炒青菜": ("香菇青菜", "炒空心菜", "清炒菠菜", "蒜蓉油麦菜", "蚝油生菜"),
    "家常早餐鸡蛋饼": ("土豆鸡蛋饼", "鸡蛋灌饼"),
    "家常豆腐": ("煎豆腐",),
    "红烧牛肉": ("红烧牛肉面",),
    "肉酱意大利面": ("茄汁拌面",),
    "莲藕": ("莲藕排骨汤", "香煎藕盒"),
    "玉米棒": ("玉米排骨汤",),
    "猪肝": ("菠菜猪肝汤",),
    "香辣虾": ("香辣小龙虾",),
    "木耳炒肉丝": ("木须肉",),
    "孜然羊肉": ("羊肉串",),
    "米饭": ("扬州炒饭", "石锅饭"),
    "大米粥": ("皮蛋瘦肉粥", "红薯粥"),
}
"""Dishes that are kinds of another, or hold it, though the name does not end alike; found by reading all 208."""
PAIRS = frozenset(frozenset((wide, narrow)) for wide, kinds in KINDS.items() for narrow in kinds)


def rows(_: SourceFolder, names: FoundFile, file: FoundFile) -> Rows:
    """The table of classes and the validation list."""
    classes = read_classes(names)
    for number, line in enumerate(read_lines(file), 1):
        match line.split():
            case []:
                continue
            case [name, label]:
                yield Row(name, {"photo": name, "label": label, "classes": classes}, Origin(file.name, name))
            case _:
                yield bad_record(file, number, f"line {number} is not a file and a number")


def read_classes(file: FoundFile) -> dict[int, tuple[str, str]]:
    """Chinese and English names by class number; a header is skipped.

    Raises:
        SourceError: a line that is no class, or a number that stands twice.
    """
    classes: dict[int, tuple[str, str]] = {}
    for place, (line, cells) in enumerate(read_sheet(file) if file.name.endswith(".xlsx") else text_rows(file)):
        number, chinese, english = (*map(str.strip, cells), "", "", "")[:3]
        match = NUMBER.fullmatch(number)
        if match is None and place == 0:
            continue
        if match is None or not chinese or int(match[1]) in classes:
            raise SourceError(
                f"{file.path}: line {line} is not a new class number and a Chinese name ({', '.join(cells)}). "
                "Fetch the file again."
            )
        classes[int(match[1])] = (chinese, english)
    if not classes:
        raise SourceError(f"{file.path}: no class in it. Fetch the file again.")
    return classes


def text_rows(file: FoundFile) -> Iterator[tuple[int, Sequence[str]]]:
    """Line numbers and cells of a text table."""
    lines = read_lines(file, ("utf-8", "gb18030"))
    delimiter = "\t" if any("\t" in line for line in lines[:1]) else ","
    reader = csv.reader(lines, delimiter=delimiter)
    for cells in reader:
        if any(map(str.strip, cells)):
            yield reader.line_num, cells


def convert(row: Row) -> Sample | Reject:
    """One photo."""
    photo, label, classes = (row.fields[name] for name in ("photo", "label", "classes"))
    match = NUMBER.fullmatch(label)
    number = int(match[1]) if match else None
    if number not in classes:
        return reject(row, Reason.BAD_LABEL, f"class {label} is not in the table of classes")
    above = PurePosixPath(photo).parent.name
    if above.isdecimal() and int(above) != number:
        return reject(row, Reason.BAD_LABEL, f"in the folder of class {above}, but listed as {label}")
    chinese, english = classes[number]
    return Sample(
        key=row.key,
        images=(Picture(tuple(f"{folder}val/{photo}" for folder in PHOTOS)),),
        options=Options(chinese, apart(chinese, (name for name, _ in classes.values()), ends, PAIRS), COUNT),
        unit=PurePosixPath(photo).stem,
        meta={"image_file": f"val/{photo}", "class_id": number, "name_zh": chinese, "name_en": english},
    )


TASK = Task(
    name="chinese-food",
    title="ChineseFoodNet: Chinese dishes",
    group=Group.CHINESE,
    category=Category.CLASSIFICATION,
    license=License("LicenseRef-ChineseFoodNet", note="None stated; many of the photos come from the web."),
    homepage="sites.google.com/view/chinesefoodnet",
    citation="Chen et al. ChineseFoodNet: A Large-Scale Image Dataset for Chinese Food Recognition. arXiv 1705.02743, "
    "2017.",
    download="""
The archive may stay packed; only val and val_list.txt of it are read. A table of classes as .csv or .txt, in UTF-8 or
GB18030, will do as well.
""",
    tree="""
ChineseFoodNet/class_names.xlsx
ChineseFoodNet/release_data/val_list.txt
ChineseFoodNet/release_data/val/000/000000.jpg ...
""",
    splits={Split.TEST: (Layout((CLASSES, tuple(f"{folder}val_list.txt" for folder in PHOTOS)), rows),)},
    convert=convert,
    languages=("zh",),
    errata="""
English names of the table repeat ("Pan fried potato" is two classes) and are misspelled: they are in meta alone.
""",
    aliases=("chinesefoodnet-10",),
    held_out=True,
)

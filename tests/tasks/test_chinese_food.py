"""ChineseFoodNet: a table of classes in four forms, and a list of photos."""

import zipfile
from pathlib import Path

import pytest

from m3it_build.core.errors import MissingSource, SourceError
from m3it_build.testing import plan

DISHES = [
    "麻婆豆腐",
    "红烧肉",
    "烧麦",
    "香煎土豆",
    "水煮鱼",
    "宫保鸡丁",
    "春卷",
    "馄饨",
    "粽子",
    "月饼",
    "汤圆",
    "油条",
]
TABLE = [(str(number), name, "Fried potato") for number, name in enumerate(DISHES)]
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def listed(folder: Path, *lines: str) -> Path:
    (folder / "ChineseFoodNet/release_data").mkdir(parents=True, exist_ok=True)
    (folder / "ChineseFoodNet/release_data/val_list.txt").write_text("\n".join(lines))
    return folder


def text_table(folder: Path, data: bytes, name: str = "class_names.csv") -> Path:
    (folder / "ChineseFoodNet").mkdir(parents=True, exist_ok=True)
    (folder / "ChineseFoodNet" / name).write_bytes(data)
    return folder


def sheet(folder: Path) -> Path:
    """As Excel writes it: strings shared, in runs, with readings; numbers as floats; an empty sheet in front."""
    strings = "".join(
        f"<si><r><t>{name[:1]}</t></r><r><t>{name[1:]}</t></r><rPh sb='0' eb='1'><t>ma</t></rPh></si>"
        for name in DISHES
    )
    rows = "".join(
        f'<row r="{row}"><c r="A{row}"><v>{row - 1}.0</v></c><c r="B{row}" t="s"><v>{row - 1}</v></c>'
        f'<c r="C{row}" t="inlineStr"><is><t>dish</t></is></c></row>'
        for row in range(1, len(DISHES) + 1)
    )
    (folder / "ChineseFoodNet").mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / "ChineseFoodNet/class_names.xlsx", "w") as book:
        book.writestr("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{SHEET}"><sheetData/></worksheet>')
        book.writestr(
            "xl/worksheets/sheet2.xml", f'<worksheet xmlns="{SHEET}"><sheetData>{rows}</sheetData></worksheet>'
        )
        book.writestr("xl/sharedStrings.xml", f'<sst xmlns="{SHEET}">{strings}</sst>')
    return folder


def joined(separator: str, header: str = "", end: str = "\n") -> str:
    return header + end.join(separator.join(cells) for cells in TABLE)


def test_ten_dishes_in_chinese_one_of_them_right(tmp_path: Path) -> None:
    (row,), rejects = plan("chinese-food", listed(sheet(tmp_path), "002/000004.jpg 2"), "test")
    assert not rejects
    assert row.sample.outputs[4:] == "烧麦。"
    assert len(set(row.sample.meta["options"])) == 10
    assert set(row.sample.meta["options"]) < set(DISHES)
    assert row.sample.images[0].paths[0] == "ChineseFoodNet/release_data/val/002/000004.jpg"
    assert not any("train" in path for path in row.sample.images[0].paths)


def test_no_dish_stands_beside_a_kind_of_it(tmp_path: Path) -> None:
    names = (
        "饼干",
        "曲奇饼干",
        "面包",
        "吐司",
        "饺子",
        "煎饺",
        "炒青菜",
        "清炒菠菜",
        "莲藕",
        "莲藕排骨汤",
        "香辣虾",
        "香辣小龙虾",
        *DISHES,
    )
    text_table(tmp_path, "".join(f"{number},{name},x\n" for number, name in enumerate(names)).encode())
    photos = range(5000 // len(names) + 1)
    listed(tmp_path, *(f"{c:03d}/{photo:06d}.jpg {c}" for c in range(len(names)) for photo in photos))
    rows, _ = plan("chinese-food", tmp_path, "test")
    shown = {frozenset((row.sample.meta["answer"], other)) for row in rows for other in row.sample.meta["options"]}
    assert len(rows) >= 5000
    assert not {frozenset(names[place : place + 2]) for place in range(0, 12, 2)} & shown
    assert frozenset(("饼干", "面包")) in shown


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("class_names.csv", joined(",").encode("gbk")),
        ("class_names.csv", joined(",", "\ufeffnum,chname,enname\r\n", ".0\r\n").replace(".0\r\n", "\r\n").encode()),
        ("class_names.txt", joined("\t").encode("utf-8")),
    ],
)
def test_tables_that_users_made_give_the_same_rows(tmp_path: Path, name: str, data: bytes) -> None:
    official, _ = plan("chinese-food", listed(sheet(tmp_path / "a"), "002/000004.jpg 2"), "test")
    own, _ = plan("chinese-food", listed(text_table(tmp_path / "b", data, name), "002/000004.jpg 2"), "test")
    assert own[0].sample.meta["options"] == official[0].sample.meta["options"]
    assert own[0].sample.outputs == official[0].sample.outputs


def test_photos_with_one_number_are_sampled_from_all_classes_at_once(tmp_path: Path) -> None:
    folder = listed(sheet(tmp_path), *(f"{each:03}/000007.jpg {each}" for each in range(12)))
    rows, _ = plan("chinese-food", folder, "test")
    assert {row.sample.unit for row in rows} == {"000007"}
    assert len(rows) == 12


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("002/000004.jpg", "bad record"),
        ("002/000004.jpg 2 2", "bad record"),
        ("002/000004.jpg 208", "bad label"),
        ("002/000004.jpg -1", "bad label"),
        ("002/000004.jpg x", "bad label"),
        ("003/000004.jpg 2", "bad label"),
    ],
)
def test_a_broken_line_is_rejected(tmp_path: Path, line: str, reason: str) -> None:
    rows, (reject,) = plan("chinese-food", listed(sheet(tmp_path), line, "", "001/000001.jpg 01"), "test")
    assert (len(rows), reject.reason) == (1, reason)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no class"),
        ("0,麻婆豆腐,x\n0,红烧肉,x".encode(), "line 2"),
        ("0,麻婆豆腐,x\n1,,x".encode(), "line 2"),
        ("0,麻婆豆腐,x\nsum,红烧肉,x".encode(), "line 2"),
    ],
)
def test_a_broken_table_is_an_error(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        plan("chinese-food", listed(text_table(tmp_path, data), "002/000004.jpg 2"), "test")


@pytest.mark.parametrize("data", [b"<html>", b"", b"PK\x03\x04 cut off"])
def test_what_is_no_sheet_is_an_error(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(SourceError, match=r"not readable as an Excel sheet|is a web page"):
        plan("chinese-food", listed(text_table(tmp_path, data, "class_names.xlsx"), "0/1.jpg 0"), "test")


def test_a_sheet_with_entities_is_refused(tmp_path: Path) -> None:
    book = listed(tmp_path, "0/1.jpg 0") / "ChineseFoodNet/class_names.xlsx"
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    with pytest.raises(SourceError, match="declares entities"):
        plan("chinese-food", tmp_path, "test")


def test_without_a_table_or_a_list_it_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingSource, match=r"val_list\.txt not found"):
        plan("chinese-food", sheet(tmp_path), "test")

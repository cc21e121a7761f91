"""Excel sheets as spreadsheet programs write them, and files that only look like one."""

import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m3it_build.core.errors import SourceError
from m3it_build.sources.files import File
from m3it_build.sources.sheets import _column, read_sheet

SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def book(folder: Path, rows: str, strings: str = "", **parts: str) -> File:
    """A file with one sheet; `parts` are further ones by the end of their names."""
    path = folder / "x.xlsx"
    with zipfile.ZipFile(path, "w") as file:
        for name, content in ({"sheet1": rows} | parts).items():
            sheet = f"<worksheet {SPACE}><sheetData>{content}</sheetData></worksheet>"
            file.writestr(f"xl/worksheets/{name}.xml", sheet)
        if strings:
            file.writestr("xl/sharedStrings.xml", f"<sst {SPACE}>{strings}</sst>")
    return File("x.xlsx", path)


def test_cells_are_text_wherever_it_is_kept(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>Tofu</t></is></c></row>'
        '<row r="2"/>'
        '<row r="3"><c r="A3"><v>12</v></c><c r="D3" t="s"><v>1</v></c></row>'
        "<row><c><v> no place </v></c><c><v>next</v></c></row>"
    )
    strings = "<si><t>麻婆豆腐</t><rPh><t>mápó</t></rPh></si><si><r><t>in </t></r><r><t>runs</t></r></si>"
    assert list(read_sheet(book(tmp_path, rows, strings))) == [
        (1, ["麻婆豆腐", "Tofu"]),
        (3, ["12", "", "", "in runs"]),
        (4, ["no place", "next"]),
    ]


def test_the_first_sheet_that_has_cells_is_read(tmp_path: Path) -> None:
    sheets = {name: f'<row r="1"><c r="A1"><v>{name}</v></c></row>' for name in ("sheet10", "sheet2")}
    assert list(read_sheet(book(tmp_path, "", **sheets))) == [(1, ["sheet2"])]
    assert list(read_sheet(book(tmp_path, ""))) == []


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1" t="s"><v>7</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>-1</v></c></row>',
        '<row r="1"><c r="17"><v>x</v></c></row>',
        '<row r="1"><c r="AAAAAA1"><v>x</v></c></row>',
        '<row r="one"><c r="A1"><v>x</v></c></row>',
        "<row>",
    ],
)
def test_a_broken_sheet_is_named(tmp_path: Path, rows: str) -> None:
    with pytest.raises(SourceError, match=r"x\.xlsx: not readable as an Excel sheet"):
        list(read_sheet(book(tmp_path, rows, "<si><t>only</t></si>")))


def test_no_entity_is_expanded_and_no_part_is_larger_than_a_table_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("xl/worksheets/sheet1.xml", '<!DOCTYPE a [<!ENTITY b "bb">]><worksheet>&b;</worksheet>')
    with pytest.raises(SourceError, match="declares entities"):
        list(read_sheet(File("x.xlsx", path)))
    monkeypatch.setattr("m3it_build.sources.sheets.MAX_BYTES", 50)
    with pytest.raises(SourceError, match="too large"):
        list(read_sheet(book(tmp_path, "")))
    path.write_bytes(b"<html>")
    with pytest.raises(SourceError, match="Fetch it again"):
        list(read_sheet(File("x.xlsx", path)))


@given(st.integers(0, 16383), st.integers(1, 1_048_576))
def test_columns_are_counted_in_letters(column: int, row: int) -> None:
    letters, left = "", column + 1
    while left:
        left, digit = divmod(left - 1, 26)
        letters = chr(ord("A") + digit) + letters
    assert _column(f"{letters}{row}") == column

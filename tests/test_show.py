"""Rows for a person: `m3it show`."""

import io
import json
import os
import shutil
from pathlib import Path

import PIL.Image
import pytest

import m3it_build as m3it_package
from m3it_build.cli.inline import sequence
from m3it_build.core.text import visible
from m3it_build.media.sheet import CAPTION, SIDE, contact_sheet
from tests.corpus import FORMS, edit_json, jpeg, m3it, rows, tree, write_okvqa


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A download with two questions a picture."""
    folder = tmp_path_factory.mktemp("source")
    write_okvqa(folder)
    return folder


@pytest.fixture(scope="module")
def built(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its rows, also in German; not to be changed."""
    out = tmp_path_factory.mktemp("built") / "out"
    m3it("build", "--task", "okvqa", "--source", source, "--out", out, "--rows-per-shard", 4)
    m3it("translate", "--langs", "de", "--sample", "--out", out)
    return out


@pytest.mark.parametrize("form", FORMS)
def test_rows_are_shown_with_what_matters_and_their_pictures(source: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / "out"
    m3it("build", "--task", "okvqa", "--source", source, "--out", out, *FORMS[form])
    done = m3it("show", "okvqa", "--out", out, "--png", tmp_path / "sheet.png")
    ids = [line.split(": ")[1] for line in done.stdout.splitlines() if line.startswith("row ")]
    assert len(set(ids)) == 3
    assert "3 rows of 12 in okvqa/train" in done.stdout
    for word in ("instruction", "What is shape", "The answer is", "LicenseRef-COCO", "template", "(96x64 JPEG)"):
        assert word in done.stdout
    assert len({line for line in done.stdout.splitlines() if line.startswith("  pictures")}) == 3
    with PIL.Image.open(tmp_path / "sheet.png") as sheet:
        assert (sheet.format, sheet.size) == ("PNG", (3 * SIDE, SIDE + CAPTION))
    assert m3it("show", "okvqa", "--out", out, "--png", tmp_path / "sheet.png").stdout == done.stdout


def test_more_rows_than_pictures_are_filled_up_with_others_of_the_same(built: Path) -> None:
    found = m3it_package.show("okvqa", out=built, count=8)
    assert len({row.texts.meta["id"] for row in found.rows}) == 8
    assert len({row.images[0].sha256 for row in found.rows}) == 6
    assert len(m3it_package.show("okvqa", out=built, count=50).rows) == found.there == 12


def test_one_row_is_found_by_its_id_in_whatever_split(built: Path, tmp_path: Path) -> None:
    for id in ("okvqa/validation/10011", "10011"):
        told = json.loads(m3it("show", "OKVQA", "--out", built, "--id", id, "--json", "--png", tmp_path / "a").stdout)
        assert [row["meta"]["id"] for row in told["rows"]] == ["okvqa/validation/10011"]
        assert told["png"] == str(tmp_path / "a")
    said = m3it("show", "okvqa", "--out", built, "--id", "10011", "--split", "train", check=2).stderr
    assert "okvqa/train: no row '10011' is written here" in said


def test_a_translation_is_shown_with_the_row_it_came_from(built: Path, tmp_path: Path) -> None:
    said = m3it("show", "okvqa", "--lang", "de", "--out", built, "--n", "1", "--png", tmp_path / "a.png").stdout
    assert "row 1: okvqa-de/validation/" in said
    assert "by glossary, from okvqa/validation/" in said
    assert "(there are: de)" in m3it("show", "okvqa", "--lang", "fr", "--out", built, check=2).stderr


def test_what_is_not_there_is_told_with_what_is(built: Path, tmp_path: Path) -> None:
    assert "Build first (m3it build --task okvqa)" in m3it("show", "okvqa", "--out", tmp_path, check=2).stderr
    assert "gqa was not built here. Built: okvqa." in m3it("show", "gqa", "--out", built, check=2).stderr
    assert "has no split test here" in m3it("show", "okvqa", "--split", "test", "--out", built, check=2).stderr
    assert "Did you mean okvqa" in m3it("show", "okvqaa", "--out", built, check=2).stderr
    nowhere = tmp_path / "no" / "a.png"
    assert f"{nowhere}: cannot be written" in m3it("show", "okvqa", "--out", built, "--png", nowhere, check=2).stderr


def test_a_folder_that_cannot_be_written_can_be_looked_at(built: Path, tmp_path: Path) -> None:
    out = shutil.copytree(built, tmp_path / "out")
    (out / ".m3it" / "show.png").unlink(missing_ok=True)
    (out / ".m3it" / "show.png").mkdir()  # nobody, not even root, can write a file there
    done = m3it("show", "okvqa", "--out", out)
    assert "Give --png FILE" in done.stderr
    assert "3 rows of 12" in done.stdout


def test_without_png_the_sheet_lies_in_the_state_folder_and_no_row_changes(built: Path, tmp_path: Path) -> None:
    out = shutil.copytree(built, tmp_path / "out")
    before = tree(out)
    said = m3it("show", "okvqa", "--out", out).stdout
    assert f"3 pictures: {out / '.m3it' / 'show.png'}" in said
    assert {path for path, data in tree(out).items() if before.get(path) != data} == {".m3it/show.png"}
    m3it("validate", out)


def test_finished_shards_of_a_build_that_was_killed_are_shown(built: Path, tmp_path: Path) -> None:
    out = shutil.copytree(built, tmp_path / "out")
    (out / ".m3it/manifests/okvqa/train-00000.json").unlink()
    found = m3it_package.show("okvqa", out=out)
    assert found.split == "train"
    assert 0 < found.there < 12
    for path in out.glob(".m3it/manifests/okvqa/train-*.json"):
        path.unlink()
    assert m3it_package.show("okvqa", out=out).split == "validation"
    assert "no row is written yet" in m3it("show", "okvqa", "--split", "train", "--out", out, check=2).stderr


def test_nothing_of_a_row_reaches_the_terminal_as_a_control(tmp_path: Path) -> None:
    root = write_okvqa(tmp_path, pictures=1, questions=1)
    edit_json(
        root / "OpenEnded_mscoco_train2014_questions.json",
        lambda content: content["questions"][0].update(question="What\u200eis this \u061cone?"),
    )
    out = tmp_path / "out"
    m3it("build", "--task", "okvqa", "--source", tmp_path, "--out", out, "--format", "jsonl")
    [kept] = [row["inputs"] for id, row in rows(out).items() if "/train/" in id]
    assert "\u200e" in kept
    said = m3it("show", "okvqa", "--out", out).stdout
    assert "\\u200eis this \\u061cone?" in said
    assert "\u200e" not in said


def test_controls_are_written_out_and_scripts_stay() -> None:
    assert visible("a\x1b[2J\x07\r\nb\x9b31m\u2028\x7f") == "a\\x1b[2J\\x07\\r\nb\\x9b31m\\u2028\\x7f"
    for text in ("می\u200cروم", "क\u200dष", "日本\u3000語", "עברית"):
        assert visible(text) == text


def test_a_picture_that_cannot_be_read_leaves_an_empty_place() -> None:
    turned = jpeg(1, (90, 60), exif=_turned())
    with PIL.Image.open(io.BytesIO(contact_sheet([("a", turned), ("b", b"no picture"), ("ü", jpeg(2))]))) as sheet:
        assert sheet.size == (3 * SIDE, SIDE + CAPTION)
        upright = sheet.crop((0, 0, SIDE, SIDE)).getbbox()
        assert upright is not None
        dark = sheet.crop((SIDE, 0, 2 * SIDE, SIDE)).getcolors()
    assert dark is not None and len(dark) == 1
    with PIL.Image.open(io.BytesIO(contact_sheet([(str(number), jpeg(number)) for number in range(9)]))) as sheet:
        assert sheet.size == (4 * SIDE, 3 * (SIDE + CAPTION))


def _turned() -> bytes:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    return exif.tobytes()


def test_terminals_that_show_pictures_get_them_in_their_protocol() -> None:
    png = os.urandom(5000)
    kitty = sequence(png, {"TERM": "xterm-kitty"})
    assert kitty is not None
    assert kitty.startswith("\x1b_Ga=T,f=100,m=1;") and "\x1b_Gm=0;" in kitty and kitty.endswith("\x1b\\")
    iterm = sequence(png, {"TERM_PROGRAM": "iTerm.app"})
    assert iterm is not None and iterm.startswith("\x1b]1337;File=inline=1;size=5000:")
    assert sequence(png, {"TERM": "xterm-256color"}) is None
    assert sequence(png, {"TERM": "screen-256color", "LC_TERMINAL": "iTerm2"}) is None
    assert sequence(png, {"TERM_PROGRAM": "iTerm.app", "TMUX": "socket,1,0"}) is None


def test_a_pipe_gets_no_picture(built: Path, tmp_path: Path) -> None:
    assert "\x1b" not in m3it("show", "okvqa", "--out", built, "--png", tmp_path / "a", TERM="xterm-kitty").stdout

"""Multi30k: lines that belong together by their number alone."""

import gzip
from pathlib import Path

import pytest

from m3it_build.core.errors import SourceError
from m3it_build.testing import plan

TEXTS = {
    "en": ["A dog.", "Two men."],
    "de": ["Ein Hund.", "Zwei Männer."],
    "fr": ["Un chien.", "Deux hommes."],
    "cs": ["Pes.", "Dva muži."],
}


def written(folder: Path, name: str = "train", photos: str = "1.jpg\n2.jpg\n", **texts: str) -> Path:
    task = folder / "data/task1"
    (task / "raw").mkdir(parents=True, exist_ok=True)
    (task / "image_splits").mkdir(exist_ok=True)
    (task / f"image_splits/{name}.txt").write_text(photos)
    for language, lines in TEXTS.items():
        text = texts.get(language, "".join(f"{line}\n" for line in lines))
        (task / f"raw/{name}.{language}.gz").write_bytes(gzip.compress(text.encode()))
    return folder


def test_each_line_is_a_row_in_six_directions(tmp_path: Path) -> None:
    rows, rejects = plan("multi30k", written(tmp_path))
    assert not rejects
    pairs = [(row.sample.meta["source_language"], row.sample.meta["target_language"]) for row in rows]
    assert sorted(set(pairs)) == [(a, b) for a, b in sorted(set(pairs)) if "en" in (a, b)]
    assert (len(rows), len(set(pairs))) == (12, 6)
    row = next(row for row in rows if row.sample.key == "train:2.jpg:cs-en")
    assert row.sample.inputs == "Translate from Czech to English: Dva muži."
    assert row.sample.outputs == "Two men."
    assert "flickr30k-images/2.jpg" in row.sample.images[0].paths


def test_the_directions_of_a_line_are_sampled_together(tmp_path: Path) -> None:
    rows, _ = plan("multi30k", written(tmp_path))
    assert {row.sample.unit for row in rows} == {"train:1.jpg", "train:2.jpg"}


def test_blanks_at_the_ends_go_and_lines_of_a_file_end_at_newlines_only(tmp_path: Path) -> None:
    rows, _ = plan("multi30k", written(tmp_path, de=" Ein\u2028Hund. \t\r\nZwei Männer.\r\n"))
    row = next(row for row in rows if row.sample.key == "train:1.jpg:en-de")
    assert row.sample.outputs == "Ein Hund."
    assert row.sample.meta["original"] == {"outputs": "Ein\u2028Hund."}


@pytest.mark.parametrize("text", ["Ein Hund.\n", "Ein Hund.\nZwei Männer.\nDrei.\n", ""])
def test_files_of_different_lengths_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError, match=r"train\.de\.gz: . lines, but .*train\.txt has 2"):
        plan("multi30k", written(tmp_path, de=text))


@pytest.mark.parametrize("text", ["Ein Hund.\nZwei Männer.", "Ein Hund.\nZwei Männer.\n\n \n"])
def test_the_end_of_a_file_does_not_shift_lines(tmp_path: Path, text: str) -> None:
    rows, rejects = plan("multi30k", written(tmp_path, de=text))
    assert (len(rows), len(rejects)) == (12, 0)


def test_an_empty_line_costs_the_directions_that_need_it(tmp_path: Path) -> None:
    rows, rejects = plan("multi30k", written(tmp_path, fr=" \nDeux hommes.\n"))
    assert [reject.key for reject in rejects] == ["train:1.jpg:en-fr", "train:1.jpg:fr-en"]
    assert {reject.reason for reject in rejects} == {"empty text"}
    assert len(rows) == 10


def test_test_is_2016_and_2018_whose_photos_lie_elsewhere(tmp_path: Path) -> None:
    rows, _ = plan("multi30k", written(tmp_path, "test_2016_flickr"), "test")
    assert {row.sample.meta["source_split"] for row in rows} == {"test_2016_flickr"}
    rows, _ = plan("multi30k", written(tmp_path, "test_2018_flickr"), "test")
    paths = {row.sample.meta["source_split"]: row.sample.images[0].paths[0] for row in rows}
    assert paths["test_2018_flickr"].startswith("test_2018_flickr_images/")
    assert paths["test_2016_flickr"].startswith("flickr30k")
    assert len(rows) == 24


def test_a_photo_list_with_a_hole_names_the_line(tmp_path: Path) -> None:
    rows, (reject,) = plan("multi30k", written(tmp_path, photos=" \n2.jpg\n"))
    assert (reject.key, reject.reason, len(rows)) == ("train#1", "no media", 6)


def test_a_cut_or_wrongly_encoded_file_is_an_error(tmp_path: Path) -> None:
    raw = written(tmp_path) / "data/task1/raw/train.de.gz"
    raw.write_bytes(raw.read_bytes()[:-9])
    with pytest.raises(SourceError, match=r"train\.de\.gz"):
        plan("multi30k", tmp_path)
    raw.write_bytes(gzip.compress("Ein Hund.\nZwei Männer.\n".encode("latin-1")))
    with pytest.raises(SourceError, match="line 2 is not utf-8"):
        plan("multi30k", tmp_path)

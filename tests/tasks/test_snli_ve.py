"""e-SNLI-VE: a table whose labels are not those of its ids."""

import csv
from pathlib import Path

import pytest

from m3it_build.core.errors import SourceError
from m3it_build.testing import plan

HEADER = ["", "pairID", "Flickr30kID", "hypothesis", "gold_label", "explanation"]
PAIR = ["0", "7.jpg#0r1c", "7.jpg", 'A man reads "News", alone.', "entailment", "He holds it."]


def written(folder: Path, *pairs: list[str], header: list[str] = HEADER) -> Path:
    (folder / "data").mkdir(exist_ok=True)
    with (folder / "data/esnlive_train.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *pairs])
    return folder


def changed(place: int, cell: str) -> list[str]:
    return [*PAIR[:place], cell, *PAIR[place + 1 :]]


def test_the_label_is_gold_label_not_the_last_letter_of_the_id(tmp_path: Path) -> None:
    (row,), rejects = plan("snli-ve", written(tmp_path, PAIR))
    assert not rejects
    assert row.sample.inputs.startswith('Hypothesis: A man reads "News", alone.\nOptions:\n')
    assert row.sample.outputs[4:] == "entailment."
    assert sorted(row.sample.meta["options"]) == ["contradiction", "entailment", "neutral"]


def test_neither_the_explanation_nor_the_id_reaches_the_model(tmp_path: Path) -> None:
    (row,), _ = plan("snli-ve", written(tmp_path, PAIR))
    assert row.sample.meta["explanation"] == "He holds it."
    assert not any(text in row.sample.inputs + row.sample.outputs for text in ("He holds it", "7.jpg"))


def test_no_letter_tells_the_label(tmp_path: Path) -> None:
    pairs = [[str(n), f"{n}.jpg#0r1e", f"{n}.jpg", "x", "contradiction", "y"] for n in range(60)]
    rows, _ = plan("snli-ve", written(tmp_path, *pairs))
    letters = [row.sample.outputs[1] for row in rows]
    assert all(letters.count(letter) > 10 for letter in "ABC")


def test_photos_are_found_in_any_of_the_usual_folders(tmp_path: Path) -> None:
    (row,), _ = plan("snli-ve", written(tmp_path, PAIR))
    paths = row.sample.images[0].paths
    assert {"flickr30k_images/7.jpg", "flickr30k-images/7.jpg", "flickr30k_images/flickr30k_images/7.jpg"} < set(paths)


@pytest.mark.parametrize(
    ("place", "cell", "reason"),
    [
        (1, " ", "bad record"),
        (2, "", "no media"),
        (3, " ", "empty text"),
        (4, "-", "bad label"),
        (4, "Neutral?", "bad label"),
        (4, "", "no answer"),
    ],
)
def test_a_broken_pair_is_rejected(tmp_path: Path, place: int, cell: str, reason: str) -> None:
    rows, (reject,) = plan("snli-ve", written(tmp_path, changed(place, cell)))
    assert (len(rows), reject.reason) == (0, reason)


def test_a_table_without_labels_or_cut_off_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no column 'gold_label'"):
        plan("snli-ve", written(tmp_path, PAIR, header=[*HEADER[:4], "label", HEADER[5]]))
    with pytest.raises(SourceError, match="line 3 has 3 cells"):
        plan("snli-ve", written(tmp_path, PAIR, PAIR[:3]))

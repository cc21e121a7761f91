"""MOCHEG: one row a claim, whatever the number of its evidences, pictures and rows in the table."""

import csv
import zipfile
from pathlib import Path

import pytest

from m3it_build.testing import plan
from tests.corpus import jpeg, m3it, rejects, rows

CLAIM = {
    "claim_id": "7",
    "evidence_id": "1",
    "Claim": "Cats can fly.",
    "cleaned_truthfulness": "refuted",
    "Truthfulness": "pants-fire",
    "Evidence": "<p>Cats  have no wings &amp; no\nfeathers.</p>",
    "Origin": "We rate it absurd. " * 20_000,
    "ruling_outline": "absurd",
}


def written(folder: Path, *records: dict[str, str], pictures: tuple[str, ...] = ("00007-proof-01-a.jpg",)) -> Path:
    (folder / "train/images").mkdir(parents=True, exist_ok=True)
    with (folder / "train/Corpus2.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, list(CLAIM))
        table.writeheader()
        table.writerows([{**CLAIM, **record} for record in records])
    for name in pictures:
        (folder / "train/images" / name).write_bytes(b"planning opens no picture")
    return folder


def test_the_evidences_of_a_claim_are_one_row_in_their_own_order(tmp_path: Path) -> None:
    ten, two = {"evidence_id": "10", "Evidence": "Ten."}, {"evidence_id": "2", "Evidence": "Two."}
    (row,), rejects = plan("mocheg", written(tmp_path, ten, two, {}, two))
    assert not rejects
    text = "Claim: Cats can fly.\nEvidence: Cats have no wings & no feathers.\nEvidence: Two.\nEvidence: Ten.\nOptions:"
    assert row.sample.inputs.startswith(text)
    assert row.sample.outputs[4:] == "refuted."


def test_the_checkers_own_words_never_reach_the_inputs(tmp_path: Path) -> None:
    (row,), _ = plan("mocheg", written(tmp_path, {}))
    assert "absurd" not in row.sample.inputs
    assert "pants" not in row.sample.inputs
    assert row.sample.meta["truthfulness"] == "pants-fire"


def test_nei_is_a_word_not_a_missing_value(tmp_path: Path) -> None:
    (row,), _ = plan("mocheg", written(tmp_path, {"cleaned_truthfulness": "NEI"}))
    assert row.sample.outputs[4:] == "not enough information."


def test_all_evidence_pictures_in_order_of_their_numbers(tmp_path: Path) -> None:
    names = ("00007-proof-10-c.webp", "00007-proof-02-b.gif", "00007-002-01-candidate.jpg", "00070-proof-01-z.jpg")
    (tmp_path / "train/images").mkdir(parents=True)
    (tmp_path / "train/images/._00007-proof-01-a.jpg").write_bytes(b"litter")
    (row,), _ = plan("mocheg", written(tmp_path, {}, pictures=names))
    assert [picture.paths[0] for picture in row.sample.images] == [f"train/images/{name}" for name in names[1::-1]]


def test_pictures_that_cannot_be_read_are_left_out_while_one_can(tmp_path: Path) -> None:
    names = ("00007-proof-01-a.jpg", "00007-proof-02-b.png", "00007-proof-03-c.jpg")
    written(tmp_path / "mocheg", {}, {"claim_id": "8"}, pictures=(*names, "00008-proof-01-d.jpg"))
    images = tmp_path / "mocheg/train/images"
    (images / names[0]).write_bytes(b"<html>gone</html>")
    (images / names[1]).write_bytes(jpeg(1))
    (images / names[2]).write_bytes(b"")
    m3it("build", "--task", "mocheg", "--source", tmp_path, "--out", tmp_path / "out", "--format", "jsonl")
    row = rows(tmp_path / "out", "mocheg")["mocheg/train/7"]
    assert [image["name"] for image in row["meta"]["images"]] == [f"train/images/{names[1]}"]
    assert [left["reason"] for left in row["meta"]["images_left_out"]] == ["unreadable image"] * 2
    assert rejects(tmp_path / "out", "mocheg") == {"train/8": "unreadable image"}


def test_pictures_may_stay_in_an_archive_beside_the_table(tmp_path: Path) -> None:
    written(tmp_path, {}, pictures=())
    (tmp_path / "train/images").rmdir()
    with zipfile.ZipFile(tmp_path / "train/images.zip", "w") as archive:
        archive.writestr("images/00007-proof-01-a.jpg", b"x")
    (row,), _ = plan("mocheg", tmp_path)
    assert [picture.paths for picture in row.sample.images] == [("train/images/00007-proof-01-a.jpg",)]


def test_a_claim_without_a_picture_is_rejected(tmp_path: Path) -> None:
    planned, (reject,) = plan("mocheg", written(tmp_path, {}, {"evidence_id": "2"}, pictures=("00008-proof-1.jpg",)))
    assert (len(planned), reject.key, reject.reason) == (0, "7", "no picture by design")


def test_pictures_that_were_not_fetched_are_missing(tmp_path: Path) -> None:
    planned, (reject,) = plan("mocheg", written(tmp_path, {}, pictures=()))
    assert (len(planned), reject.key, reject.reason) == (0, "7", "missing media")


def test_long_evidence_is_cut_between_words_and_said_so(tmp_path: Path) -> None:
    (row,), _ = plan("mocheg", written(tmp_path, {"Evidence": "wing " * 1000}))
    evidence = row.sample.inputs.split("\n")[1]
    assert 3990 < len(evidence) < 4020
    assert evidence.endswith("wing ...")
    assert row.sample.meta["evidence_shortened"] is True


def test_of_long_evidence_every_text_is_shown_and_short_ones_stay_whole(tmp_path: Path) -> None:
    texts = ("leaf " * 1000, "A short one.", "wing " * 800, "The last decides.")
    records = [{"evidence_id": str(place), "Evidence": text} for place, text in enumerate(texts)]
    (row,), _ = plan("mocheg", written(tmp_path, *records))
    leaf, short, wing, last = (line.removeprefix("Evidence: ") for line in row.sample.inputs.split("\n")[1:5])
    assert (short, last) == ("A short one.", "The last decides.")
    assert leaf.endswith("leaf ...")
    assert wing.endswith("wing ...")
    assert abs(len(leaf) - len(wing)) < 5
    assert 3980 < len(leaf + short + wing + last) <= 4008


def test_evidence_that_fits_stays_as_it_is(tmp_path: Path) -> None:
    text = ("leaf " * 799).strip()
    (row,), _ = plan("mocheg", written(tmp_path, {"Evidence": text}))
    assert f"Evidence: {text}\n" in row.sample.inputs
    assert row.sample.meta["evidence_shortened"] is False


def test_a_claim_without_text_evidence_stands_alone(tmp_path: Path) -> None:
    (row,), _ = plan("mocheg", written(tmp_path, {"Evidence": "nan"}))
    assert row.sample.inputs.startswith("Claim: Cats can fly.\nOptions:")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"claim_id": "x"}, "bad record"),
        ({"claim_id": ""}, "bad record"),
        ({"Claim": ""}, "empty text"),
        ({"cleaned_truthfulness": "mixture"}, "bad label"),
        ({"cleaned_truthfulness": ""}, "no answer"),
    ],
)
def test_a_broken_claim_is_rejected(tmp_path: Path, change: dict[str, str], reason: str) -> None:
    planned, (reject,) = plan("mocheg", written(tmp_path, change))
    assert (len(planned), reject.reason) == (0, reason)


def test_two_verdicts_under_one_number_are_no_row(tmp_path: Path) -> None:
    planned, (reject,) = plan("mocheg", written(tmp_path, {}, {"cleaned_truthfulness": "supported"}))
    assert (len(planned), reject.reason) == (0, "bad record")


def test_claim_numbers_are_numbers_however_written(tmp_path: Path) -> None:
    planned, _ = plan("mocheg", written(tmp_path, {}, {"claim_id": "00007"}, {"claim_id": "7.0"}))
    assert [row.sample.key for row in planned] == ["7"]

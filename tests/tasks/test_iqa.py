"""IQA: five grades from scores on different scales, and no scene in two splits."""

from pathlib import Path

import pytest

from m3it_build.core.errors import MissingSource, SourceError
from m3it_build.core.sample import Reason
from m3it_build.core.task import Split
from m3it_build.plan.registry import load_registry
from m3it_build.testing import plan

HEADER = "dis_img_path,dis_type,ref_img_path,score"
WILD = "dis_img_path,dis_type,score"


def write(folder: Path, lines: list[str], database: str = "KADID-10k", header: str = HEADER) -> Path:
    (folder / "csv").mkdir(exist_ok=True)
    (folder / f"csv/{database}.txt").write_text("\n".join([header, *lines]) + "\n")
    return folder


def rated(score: object, number: int = 1, reference: str = "I01") -> str:
    return f"KADID-10k/images/{reference}_01_{number:02d}.png,GBLUR,KADID-10k/images/{reference}.png,{score}"


def grades(folder: Path, **options: str) -> list[str]:
    rows = [row for split in Split for row in plan("iqa", folder, split, **options)[0]]
    return [row.sample.outputs for row in sorted(rows, key=lambda row: row.sample.key)]


def test_the_grades_are_shown_from_bad_to_excellent(tmp_path: Path) -> None:
    (row,), _ = plan("iqa", write(tmp_path, [rated(2.67)]))
    assert row.sample.inputs == "Options:\n(A) bad\n(B) poor\n(C) fair\n(D) good\n(E) excellent"
    assert row.sample.outputs == "(C) fair."
    assert (row.sample.meta["score"], row.sample.meta["score_kind"]) == (2.67, "MOS")


def test_more_is_better_where_scores_are_opinions(tmp_path: Path) -> None:
    scores = (1.0, 1.9, 2.7, 3.5, 4.93)  # 1.9 is nearer to 2, poor, than to 1; 3.5 to 4 as to 3
    assert grades(write(tmp_path, [rated(score, place) for place, score in enumerate(scores)])) == [
        "(A) bad.", "(B) poor.", "(C) fair.", "(D) good.", "(E) excellent.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("database", "grade_of"),
    [
        ("KADID-10k", {1.49: "bad", 1.5: "poor", 2.49: "poor", 3.49: "fair", 4.2: "good", 4.57: "excellent"}),
        ("KonIQ-10k", {1.1: "bad", 2.61: "fair", 3.82857142857143: "good", 4.31: "good"}),
        ("TID2013", {0.24: "bad", 1.81: "poor", 3.61: "fair", 5.41: "good", 7.19: "good", 7.21: "excellent"}),
        ("LIVE_Challenge", {3.42: "bad", 20.5: "poor", 59.9: "fair", 60.1: "good", 92.4: "excellent"}),
        ("SPAQ", {2: "bad", 39.9: "poor", 50.2: "fair", 79.9: "good", 80.1: "excellent", 100: "excellent"}),
        ("PIPAL", {916.5: "bad", 1100.7: "bad", 1101: "poor", 1400: "fair", 1653: "excellent", 1836.4: "excellent"}),
        ("LIVE", {-2.64: "excellent", 19.9: "excellent", 20.1: "good", 79.9: "poor", 80.1: "bad", 111.8: "bad"}),
        ("CSIQ", {0: "excellent", 0.21: "good", 0.5: "fair", 0.79: "poor", 1: "bad"}),
        ("LIVE_MD", {0.61: "excellent", 35.8: "good", 50.9: "fair", 79.9: "poor", 84.7: "bad"}),
    ],
)  # fmt: skip
def test_grades_are_those_of_the_scale_that_raters_used(
    tmp_path: Path, database: str, grade_of: dict[float, str]
) -> None:
    wild = database in ("KonIQ-10k", "LIVE_Challenge", "SPAQ")
    lines = [f"{place}.png,X,{'' if wild else 'r.png,'}{score}" for place, score in enumerate(grade_of)]
    write(tmp_path, lines, database, WILD if wild else HEADER)
    assert [each[4:-1] for each in grades(tmp_path, database=database)] == list(grade_of.values())


@pytest.mark.parametrize(
    ("database", "score"),
    [
        ("KADID-10k", 5.01), ("KADID-10k", 0.99), ("TID2013", 9.1), ("TID2013", -0.1), ("CSIQ", 1.01), ("LIVE", 112.1),
        ("LIVE", -12.1), ("LIVE_MD", 100.1), ("PIPAL", 915), ("PIPAL", 1838),
    ],
)  # fmt: skip
def test_a_score_outside_the_scale_is_none_of_it(tmp_path: Path, database: str, score: float) -> None:
    write(tmp_path, [f"1.png,X,r.png,{score}"], database)
    found = [plan("iqa", tmp_path, split, database=database) for split in Split]
    assert [reject.reason for _, rejects in found for reject in rejects] == [Reason.BAD_LABEL]


def test_every_database_has_its_own_paper_and_terms() -> None:
    task = load_registry()["iqa"].task
    here = [task.under({"database": database}) for database in task.options["database"]]
    assert len({each.citation for each in here}) == len({each.license.id for each in here}) == len(here) == 9
    assert not any(each.license.redistributable for each in here)
    assert all(each.citation.startswith("Duanmu et al.") for each in here)


@pytest.mark.parametrize(("database", "missing"), [("KADID-10k", set()), ("KonIQ-10k", {"excellent"})])
def test_complete_lists_have_the_grades_that_their_raters_gave(shared: Path, database: str, missing: set[str]) -> None:
    found = {each[4:-1] for each in grades(shared / "full" / "iqa", database=database)}
    assert {"bad", "poor", "fair", "good", "excellent"} - found == missing


def test_less_is_better_where_scores_are_differences(tmp_path: Path) -> None:
    lines = [f"CSIQ/{score}.png,JPEG,CSIQ/r.png,{score}" for score in (0.0, 0.3, 0.5, 0.7, 1.0)]
    assert grades(write(tmp_path, lines, "CSIQ"), database="CSIQ") == [
        "(E) excellent.", "(D) good.", "(C) fair.", "(B) poor.", "(A) bad.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("score", "reason"),
    [
        ("", Reason.NO_ANSWER),
        ("nan", Reason.BAD_LABEL),
        ("inf", Reason.BAD_LABEL),
        ("5.01", Reason.BAD_LABEL),
        ("0.5", Reason.BAD_LABEL),
        ("1_0", Reason.BAD_LABEL),
        ("good", Reason.BAD_LABEL),
    ],
)
def test_a_score_off_the_scale_is_rejected(tmp_path: Path, score: str, reason: Reason) -> None:
    rows, (reject,) = plan("iqa", write(tmp_path, [rated(3), rated(score, 2)]))
    assert len(rows) == 1
    assert reject.reason is reason


def test_all_pictures_of_a_reference_are_in_one_split(tmp_path: Path) -> None:
    write(tmp_path, [rated(3, number, f"I{reference:02d}") for reference in range(1, 82) for number in range(1, 6)])
    split_of = {
        split: {row.sample.meta["reference_file"] for row in plan("iqa", tmp_path, split)[0]}
        for split in ("train", "validation", "test")
    }
    assert sum(map(len, split_of.values())) == len(set().union(*split_of.values())) == 81
    # Enough for Table 7: 125 pictures each give 7,625 / 1,250 / 1,250.
    assert {split: len(names) for split, names in split_of.items()} == {"train": 61, "validation": 10, "test": 10}


def test_the_case_of_a_reference_does_not_matter(tmp_path: Path) -> None:
    header, lines = HEADER, [f"TID2013/{n}.bmp,AWGN,TID2013/{ref},4" for n, ref in enumerate(("i01.bmp", "I01.BMP"))]
    write(tmp_path, lines, "TID2013", header)
    assert sorted(len(plan("iqa", tmp_path, split, database="TID2013")[0]) for split in Split) == [0, 0, 2]


def test_pictures_from_the_wild_are_their_own_reference(tmp_path: Path) -> None:
    write(tmp_path, [f"SPAQ/{n}.jpg,Authentic,50" for n in range(70)], "SPAQ", WILD)
    counts = [len(plan("iqa", tmp_path, split, database="SPAQ")[0]) for split in Split]
    assert sum(counts) == 70
    assert all(counts)


def test_a_record_without_its_reference_belongs_nowhere_and_is_reported_once(tmp_path: Path) -> None:
    write(tmp_path, ["KADID-10k/images/a.png,GBLUR,,3", ",GBLUR,KADID-10k/images/I01.png,3"])
    found = {split: plan("iqa", tmp_path, split) for split in ("train", "validation", "test")}
    assert {split: (len(rows), len(rejects)) for split, (rows, rejects) in found.items()} == {
        "train": (0, 2), "validation": (0, 0), "test": (0, 0),
    }  # fmt: skip


def test_a_list_without_scores_cannot_be_read_as_one_with_them(tmp_path: Path) -> None:
    write(tmp_path, ["KADID-10k/a.png,GBLUR,KADID-10k/b.png"], header="dis_img_path,dis_type,ref_img_path")
    with pytest.raises(SourceError, match="no column 'score'"):
        plan("iqa", tmp_path)


def test_only_the_chosen_database_is_looked_for(tmp_path: Path) -> None:
    with pytest.raises(MissingSource, match=r"csv/TID2013\.txt"):
        plan("iqa", write(tmp_path, [rated(3)]), database="TID2013")
    assert "Waterloo_Exploration" not in load_registry()["iqa"].task.options["database"]

"""MSR-VTT: one caption a clip, from any edition of the files."""

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from m3it_build.core.errors import SourceError
from m3it_build.core.sample import Reason
from m3it_build.core.task import Preset, Split
from m3it_build.plan.planner import Planner
from m3it_build.plan.registry import load_registry
from m3it_build.plan.rows import read_plan
from m3it_build.plan.settings import BuildSettings
from m3it_build.plan.task_sources import find_task_sources
from m3it_build.store.output import OutputFolder
from m3it_build.testing import plan
from tests.corpus import m3it

LIST = "MSRVTT_JSFUSION_test.csv"


def content(*clips: tuple[str, str]) -> dict[str, Any]:
    videos = [{"video_id": name, "split": split, "category": 0, "start time": 0.0} for name, split in clips]
    sentences = [
        {"caption": caption, "video_id": name, "sen_id": 10 * place + number}
        for number, caption in enumerate(("a cat", "a dog", "a cat"))
        for place, (name, _) in enumerate(clips)
    ]
    return {"info": {}, "videos": videos, "sentences": sentences}


@pytest.mark.parametrize("name", ["train_val_videodatainfo.json", "videodatainfo_2017.json", "MSRVTT_data.json"])
def test_captions_are_deduplicated_and_splits_are_the_files_own(tmp_path: Path, name: str) -> None:
    clips = (("video0", "train"), ("video6513", "validate"), ("video6514", "val"), ("video7010", "test"))
    (tmp_path / name).write_text(json.dumps(content(*clips)))
    assert [row.sample.key for row in plan("msrvtt", tmp_path)[0]] == ["video0"]
    rows, rejects = plan("msrvtt", tmp_path, "validation")
    assert [row.sample.key for row in rows] == ["video6513", "video6514"]
    assert not rejects
    assert rows[0].sample.meta["variant"]["of"] == 2


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_the_list_of_test_clips_wins_whatever_its_delimiter(tmp_path: Path, delimiter: str) -> None:
    (tmp_path / "test_videodatainfo.json").write_text(json.dumps(content(("video7010", "test"), ("video7011", "test"))))
    lines = [
        ["key", "vid_key", "video_id", "sentence"],
        ["ret0", "msr9770", "video9770", "a person connects something"],
    ]
    (tmp_path / "MSRVTT_JSFUSION_test.csv").write_text("\n".join(delimiter.join(line) for line in lines))
    (row,), rejects = plan("msrvtt", tmp_path, "test")
    assert (row.sample.key, row.sample.outputs) == ("video9770", "a person connects something")
    assert not rejects
    (tmp_path / "MSRVTT_JSFUSION_test.csv").unlink()
    assert len(plan("msrvtt", tmp_path, "test")[0]) == 2


def test_the_list_makes_the_split_of_the_literature_in_which_no_clip_stands_twice() -> None:
    train = (
        *((f"video{number}", "train") for number in range(40)),
        *((f"video{6513 + n}", "validate") for n in range(9)),
    )
    test = tuple((f"video{number}", "test") for number in range(7050, 7080))
    listed = [f"video{number}" for number in range(7050, 7080, 3)]
    table = "\n".join(["video_id,sentence", *(f"{name},a cat" for name in listed)])
    files = {
        "train_val_videodatainfo.json": content(*train),
        "test_videodatainfo.json": content(*test),
        "MSRVTT_JSFUSION_test.csv": table,
    }
    whole = {"videodatainfo_2017.json": content(*train, *test), "MSRVTT_JSFUSION_test.csv": table}
    for source in (files, whole):
        found = {split: {row.sample.key for row in plan("msrvtt", source, split)[0]} for split in Split}
        assert found == {
            Split.TRAIN: {name for name, _ in train},
            Split.VALIDATION: {name for name, _ in test} - {*listed},
            Split.TEST: {*listed},
        }


def test_a_list_without_the_other_test_clips_leaves_train_and_validation_official() -> None:
    source = {
        "train_val_videodatainfo.json": content(("video0", "train"), ("video6513", "validate")),
        "MSRVTT_JSFUSION_test.csv": "video_id,sentence\nvideo7010,a cat\n",
    }
    found = {split.value: [row.sample.key for row in plan("msrvtt", source, split)[0]] for split in Split}
    assert found == {"train": ["video0"], "validation": ["video6513"], "test": ["video7010"]}


@pytest.mark.parametrize("files", [("train_val", "test"), ("train_val",), ("whole",)])
def test_splits_stay_apart_whatever_clips_the_list_names(files: tuple[str, ...]) -> None:
    train = (("video0", "train"), ("video1", "train"), ("video6513", "validate"), ("video6514", "validate"))
    test = (("video7010", "test"), ("video7011", "test"))
    clips = {"train_val": train, "test": test, "whole": train + test}
    names = {"whole": "videodatainfo_2017.json"}
    source = {names.get(name, f"{name}_videodatainfo.json"): content(*clips[name]) for name in files}
    listed = ("video1", "video6513", "video7010")
    table = "\n".join(["video_id,sentence", *(f"{name},a cat" for name in listed)])
    found = {split: {row.sample.key for row in plan("msrvtt", source | {LIST: table}, split)[0]} for split in Split}
    others = {name for file in files for name, _ in clips[file]} - {*listed}
    assert found[Split.TEST] == {*listed}
    assert found[Split.TRAIN] | found[Split.VALIDATION] == others
    assert not found[Split.TRAIN] & found[Split.VALIDATION]


def test_a_build_beside_the_list_alone_does_not_count_its_test_clips_as_2990(tmp_path: Path) -> None:
    source = tmp_path / "msrvtt"
    copytree(str(load_registry(None)["msrvtt"].sample), source)
    (source / "test_videodatainfo.json").unlink()
    report = json.loads(m3it("build", "--task", "msrvtt", "--source", source, "--out", tmp_path / "o", "--json").stdout)
    told = {note["name"]: json.dumps(note) for note in report["notes"]}
    assert sorted(told) == ["msrvtt/train", "msrvtt/validation"]
    assert not any("2,990" in note for note in told.values())
    assert all("the test clips of MSRVTT_JSFUSION_test.csv" in note for note in told.values())


def test_counts_of_the_full_split_and_of_the_paper(tmp_path: Path) -> None:
    marks = ("train",) * 6513 + ("validate",) * 497 + ("test",) * 2990
    clips = tuple((f"video{number}", mark) for number, mark in enumerate(marks))
    listed = [*range(7010, 9980, 3), *range(9980, 9990)]
    (tmp_path / "MSRVTT_data.json").write_text(json.dumps(content(*clips)))
    table = "\n".join(["video_id,sentence", *(f"video{number},a cat" for number in listed)])
    (tmp_path / "MSRVTT_JSFUSION_test.csv").write_text(table)
    for preset, counts in ((Preset.FULL, [7010, 1990, 1000]), (Preset.PAPER, [2000, 1000, 1000])):
        settings, folder = BuildSettings(preset=preset), OutputFolder(tmp_path / preset)
        (source,) = find_task_sources(["msrvtt"], source=tmp_path, settings=settings, tasks_dir=None)
        planner = Planner(folder, settings)
        assert [planner.plan(source, split).planned for split in Split] == counts
        assert not planner.notices
        keys = {row.sample.key for split in Split for row in read_plan(folder.plan("msrvtt", split))}
        assert len(keys) == sum(counts)


def test_a_build_says_that_it_is_the_official_split(tmp_path: Path) -> None:
    source = tmp_path / "msrvtt"
    copytree(str(load_registry(None)["msrvtt"].sample), source)
    build = ("build", "--task", "msrvtt", "--source", source, "--out", tmp_path / "out")
    assert "official split" not in m3it(*build).stdout
    (source / "MSRVTT_JSFUSION_test.csv").unlink()
    told = m3it(*build, "--overwrite").stdout
    assert all(f"msrvtt/{split}: the official split (6,513 / 497 / 2,990 clips)" in told for split in Split)
    report = json.loads(m3it(*build, "--json").stdout)
    assert [note["name"] for note in report["notes"]] == [f"msrvtt/{split}" for split in Split]
    assert report["not_built"] == []


def test_each_fault_has_its_reason(tmp_path: Path) -> None:
    broken = content(("video0", "train"), ("video1", "train"))
    broken["videos"] += [{"split": "train"}, {"video_id": "video2", "split": "train"}]
    broken["sentences"] = [each for each in broken["sentences"] if each["video_id"] != "video1"]
    broken["sentences"] += [{"caption": "x", "video_id": "video99"}, {"caption": None, "video_id": "video2"}]
    (tmp_path / "train_val_videodatainfo.json").write_text(json.dumps(broken))
    rows, rejects = plan("msrvtt", tmp_path)
    assert [row.sample.key for row in rows] == ["video0"]
    assert sorted(reject.reason for reject in rejects) == [
        Reason.BAD_RECORD, Reason.BAD_RECORD, Reason.NO_ANNOTATION, Reason.NO_ANNOTATION,
    ]  # fmt: skip


def test_the_coco_style_edition_has_its_splits_in_the_numbers(tmp_path: Path) -> None:
    names = ("video0", "video6512", "video6513", "video7009", "video7010", "video99999")
    annotations = [{"image_id": name, "caption": f"about {name}", "id": place} for place, name in enumerate(names)]
    (tmp_path / "annotation").mkdir()
    (tmp_path / "annotation/MSR_VTT.json").write_text(json.dumps({"images": [], "annotations": annotations}))
    found = {split: plan("msrvtt", tmp_path, split) for split in ("train", "validation", "test")}
    assert {split: [row.sample.key for row in rows] for split, (rows, _) in found.items()} == {
        "train": ["video0", "video6512"],
        "validation": ["video6513", "video7009"],
        "test": ["video7010"],
    }
    assert [reject.key for reject in found["train"][1]] == ["video99999"]


def test_official_numbers_win_over_what_a_file_says() -> None:
    numbers = (0, 6512, 6513, 7009, 7010, 9999)
    marked = content(*((f"video{number}", "train") for number in numbers), ("video", "train"))
    for table, expected in (("", numbers[:2]), ("video_id,sentence\nvideo9999,a cat\n", numbers[:4])):
        source = {"videodatainfo_2017.json": marked} | ({LIST: table} if table else {})
        rows, (reject,) = plan("msrvtt", source)
        assert [row.sample.key for row in rows] == [f"video{number}" for number in expected]
        assert (reject.key, reject.reason) == ("video", Reason.BAD_RECORD)
        tested = [row.sample.key for row in plan("msrvtt", source, "test")[0]]
        assert tested == (["video9999"] if table else ["video7010", "video9999"])


def test_clips_that_are_counted_from_one_are_refused() -> None:
    right = {"train_val_videodatainfo.json": content(("video1", "train"))}
    assert plan("msrvtt", right).rows
    with pytest.raises(SourceError, match="numbered from 0 to 9999"):
        plan("msrvtt", right | {"videos/all/video10000.mp4": b"x"})
    with pytest.raises(SourceError, match="numbered from 0 to 9999"):
        plan("msrvtt", {"videodatainfo_2017.json": content(("video1", "train"), ("video10000", "test"))})


def test_a_test_clip_has_its_category_where_the_test_file_is_there(tmp_path: Path) -> None:
    (tmp_path / "msrvtt_data").mkdir()
    (tmp_path / "msrvtt_data/MSRVTT_data.json").write_text(json.dumps(content(("video7010", "test"))))
    table = "key,vid_key,video_id,sentence\nret0,msr7010,video7010,a cat\nret1,msr7011,video7011,a dog\n"
    (tmp_path / "msrvtt_data/MSRVTT_JSFUSION_test.csv").write_text(table)
    rows, _ = plan("msrvtt", tmp_path, "test")
    assert [row.sample.meta["category"] for row in rows] == ["music", None]


@pytest.mark.parametrize("spelled", ["7012", "video07012", "video7012"])
def test_a_clip_is_known_under_each_of_its_names(spelled: str) -> None:
    assert load_registry()["msrvtt"].module.CLIPS.number(spelled) == 7012

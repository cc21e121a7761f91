"""What a build promises: rows from real files, a reason for every reject, a message for every broken file."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.corpus import edit_json, jpeg, m3it, records, rejects, rows, tree, unmeasured, write_okvqa

JSONL = ("--format", "jsonl", "--workers", "1")


@pytest.fixture
def okvqa(tmp_path: Path) -> Path:
    """A download of six pictures with two questions each, a split."""
    return write_okvqa(tmp_path / "sources")


def test_every_question_becomes_a_row_with_its_own_picture(okvqa: Path, tmp_path: Path) -> None:
    m3it(
        "build", "--task", "okvqa", "--source", okvqa.parent, "--out", tmp_path / "out", *JSONL, "--answers", "original"
    )
    built = rows(tmp_path / "out")
    assert len(built) == 24
    row = built["okvqa/train/11"]
    assert list(row) == ["instruction", "inputs", "image_base64_str", "outputs", "meta"]
    assert (row["inputs"], row["outputs"]) == ("What is shape 1 of 1?", "disc")
    assert row["meta"]["images"][0]["name"] == "train2014/COCO_train2014_000000000001.jpg"
    assert row["meta"]["answer"] == "disc"
    assert row["meta"]["source"] == {"file": "OpenEnded_mscoco_train2014_questions.json", "record": "11"}


def test_without_stored_paraphrases_answers_stand_in_a_template(okvqa: Path, tmp_path: Path) -> None:
    m3it("build", "--task", "okvqa", "--source", okvqa.parent, "--out", tmp_path / "out", *JSONL)
    assert rows(tmp_path / "out")["okvqa/train/11"]["outputs"] == "The answer is disc."


def test_the_task_folder_itself_may_be_the_source(okvqa: Path, tmp_path: Path) -> None:
    m3it("build", "--task", "okvqa", "--source", okvqa, "--out", tmp_path / "out", *JSONL)
    assert len(rows(tmp_path / "out")) == 24


def test_zipped_originals_are_read_in_place(okvqa: Path, tmp_path: Path) -> None:
    m3it("build", "--task", "okvqa", "--source", okvqa, "--out", tmp_path / "plain", *JSONL)
    for subset in ("train2014", "val2014"):
        shutil.make_archive(str(okvqa / subset), "zip", okvqa, subset)
        shutil.rmtree(okvqa / subset)
        for file in (f"OpenEnded_mscoco_{subset}_questions.json", f"mscoco_{subset}_annotations.json"):
            shutil.make_archive(str(okvqa / file), "zip", okvqa, file)
            (okvqa / file).unlink()
    m3it("build", "--task", "okvqa", "--source", okvqa, "--out", tmp_path / "zipped", *JSONL)
    assert tree(tmp_path / "zipped", "data") == tree(tmp_path / "plain", "data")


def test_pictures_are_found_in_a_collection_beside_the_task_or_where_settings_say(okvqa: Path, tmp_path: Path) -> None:
    shared = okvqa.parent / "coco2014"
    shared.mkdir()
    shutil.move(okvqa / "train2014", shared)
    elsewhere = tmp_path / "disk"
    elsewhere.mkdir()
    shutil.move(okvqa / "val2014", elsewhere)
    config = tmp_path / "m3it.toml"
    config.write_text(f'[build]\nformat = "jsonl"\n\n[media]\ncoco2014 = "{elsewhere}"\n')
    m3it("build", "--task", "okvqa", "--source", okvqa.parent, "--out", tmp_path / "out", "--config", config)
    assert len(rows(tmp_path / "out")) == 24


def test_record_order_changes_no_byte(okvqa: Path, tmp_path: Path) -> None:
    m3it("build", "--task", "okvqa", "--source", okvqa, "--out", tmp_path / "one", *JSONL)
    for path in okvqa.glob("*.json"):
        edit_json(path, lambda content: content.update({k: v[::-1] for k, v in content.items() if isinstance(v, list)}))
    m3it("build", "--task", "okvqa", "--source", okvqa, "--out", tmp_path / "two", *JSONL)
    assert tree(tmp_path / "one", "data") == tree(tmp_path / "two", "data")


def test_limit_takes_a_subset_of_the_full_build(okvqa: Path, tmp_path: Path) -> None:
    m3it("build", "--task", "okvqa", "--source", okvqa, "--out", tmp_path / "all", *JSONL)
    m3it("build", "--task", "okvqa", "--source", okvqa, "--out", tmp_path / "some", *JSONL, "--limit", 5)
    some, every = rows(tmp_path / "some"), rows(tmp_path / "all")
    assert len(some) == 10
    for key, row in some.items():
        for each in (row, every[key]):
            each["meta"].pop("first_of_shard", None)
        assert row == every[key]


def test_each_bad_record_is_rejected_with_its_reason_and_the_rest_is_built(okvqa: Path, tmp_path: Path) -> None:
    train = okvqa / "train2014"
    name = "COCO_train2014_{:012d}.jpg"

    def break_questions(content: dict[str, list[dict[str, object]]]) -> None:
        questions = content["questions"]
        del questions[0]  # 10: its annotation stays alone
        questions.append(dict(questions[-1]))  # 61, twice
        questions.append({"question": "no id", "image_id": 1})
        questions[-1]["question_id"] = None
        questions.append({"question": "Where?", "image_id": "../../../../etc/passwd", "question_id": 900})
        questions.append({"question": "What?", "image_id": 1, "question_id": 901})  # no annotation

    def break_annotations(content: dict[str, list[dict[str, object]]]) -> None:
        for annotation in content["annotations"]:
            if annotation["question_id"] == 11:
                annotation["answers"] = []
            if annotation["question_id"] == 21:
                annotation["answers"] = None
        content["annotations"].append({"question_id": 900, "answers": [{"raw_answer": "x"}]})

    edit_json(okvqa / "OpenEnded_mscoco_train2014_questions.json", break_questions)
    edit_json(okvqa / "mscoco_train2014_annotations.json", break_annotations)
    (train / name.format(3)).unlink()
    whole = (train / name.format(4)).read_bytes()
    (train / name.format(4)).write_bytes(whole[: len(whole) // 2])
    (train / name.format(5)).write_bytes(b"<html>404</html>")
    done = m3it("build", "--task", "okvqa", "--source", okvqa, "--out", tmp_path / "out", "--split", "train", *JSONL)
    reasons = rejects(tmp_path / "out")
    assert reasons == {
        "train/10": "no question",
        "train/11": "no answer",
        "train/21": "bad record",
        "train/30": "missing media",
        "train/31": "missing media",
        "train/40": "unreadable image",
        "train/41": "unreadable image",
        "train/50": "unreadable image",
        "train/51": "unreadable image",
        "train/900": "bad record",
        "train/901": "no annotation",
        "train/OpenEnded_mscoco_train2014_questions.json#12": "bad record",
        "train/61": "duplicate id",
    }
    summary = json.loads((tmp_path / "out/.m3it/manifests/okvqa/train.json").read_text())
    assert summary["read"] == len(rows(tmp_path / "out")) + sum(1 for _ in _reject_lines(tmp_path / "out"))
    assert "unreadable image" in done.stdout
    m3it(
        "build",
        "--task",
        "okvqa",
        "--source",
        okvqa,
        "--out",
        tmp_path / "out",
        "--split",
        "train",
        *JSONL,
        "--strict",
        check=1,
    )


def _reject_lines(out: Path) -> list[str]:
    return [line for path in out.glob(".m3it/rejects/okvqa/*.jsonl") for line in path.read_text().splitlines()]


def test_decompression_bomb_is_rejected_quickly(okvqa: Path, tmp_path: Path) -> None:
    bomb = bytearray(jpeg(1))
    frame = bomb.index(b"\xff\xc0")
    bomb[frame + 5 : frame + 9] = b"\xff\xdc\xff\xdc"  # height and width 65,500
    (okvqa / "val2014/COCO_val2014_000000001001.jpg").write_bytes(bomb)
    m3it("build", "--task", "okvqa", "--source", okvqa, "--out", tmp_path / "out", "--split", "validation", *JSONL)
    assert rejects(tmp_path / "out") == dict.fromkeys(("validation/10010", "validation/10011"), "image too large")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("cut", ("mscoco_train2014_annotations.json", "line 1", "character")),
        ("missing", ("mscoco_train2014_annotations.json", "m3it sources okvqa")),
        ("other file", ("mscoco_train2014_annotations.json", "'annotations'")),
        ("not text", ("mscoco_train2014_annotations.json", "byte")),
    ],
)
def test_unreadable_annotations_end_with_exit_2_and_say_where(
    okvqa: Path, tmp_path: Path, damage: str, words: tuple[str, ...]
) -> None:
    path = okvqa / "mscoco_train2014_annotations.json"
    whole = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(
            {
                "cut": whole[: len(whole) // 2],
                "other file": b'{"a": 1}',
                "not text": b'{"annotations": [{"question_id": "\xff"}]}',
            }[damage]
        )
    done = m3it("build", "--task", "okvqa", "--source", okvqa, "--out", tmp_path / "out", *JSONL, check=2)
    assert all(word in done.stderr for word in words), done.stderr
    assert not list((tmp_path / "out").glob("data/*/okvqa/train*"))
    assert list((tmp_path / "out").glob("data/*/okvqa/validation*"))


def test_a_byte_order_mark_and_unknown_keys_change_nothing(okvqa: Path, tmp_path: Path) -> None:
    m3it("build", "--task", "okvqa", "--source", okvqa, "--out", tmp_path / "one", *JSONL)
    for path in okvqa.glob("*.json"):
        edit_json(path, lambda content: content.update(extra={"x": [1, {"y": "z"}]}))
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    (okvqa / "._OpenEnded_mscoco_train2014_questions.json").write_bytes(b"\0litter")
    m3it("build", "--task", "okvqa", "--source", okvqa, "--out", tmp_path / "two", *JSONL)
    assert tree(tmp_path / "one", "data") == tree(tmp_path / "two", "data")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--task", "okvqa", "--source", "nowhere"), ("nowhere", "no such folder")),
        (("--task", "okvq", "--sample"), ("okvq", "Did you mean", "okvqa")),
        (("--task", "okvqa"), ("--source", "--sample")),
        (("--sample",), ("--task", "--all")),
        (("--task", "okvqa", "--sample", "--config", "no.toml"), ("no.toml", "cannot be read")),
        (("--task", "okvqa", "--sample", "--limit", "0"), ("--limit", "at least 1", "not 0")),
        (("--task", "okvqa", "--sample", "--images", "bytes", "--format", "jsonl"), ("--format parquet",)),
    ],
)
def test_wrong_usage_is_told_in_one_sentence(
    tmp_path: Path, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    done = m3it("build", *arguments, "--out", tmp_path / "out", check=2)
    assert all(word in done.stderr for word in words), done.stderr


def test_empty_source_names_the_expected_files(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = m3it("build", "--task", "okvqa", "--source", tmp_path / "empty", "--out", tmp_path / "out", check=2)
    assert "OpenEnded_mscoco_train2014_questions.json" in done.stderr
    assert "m3it sources okvqa" in done.stderr


def test_other_settings_in_one_folder_are_refused(okvqa: Path, tmp_path: Path) -> None:
    command = ("build", "--task", "okvqa", "--source", okvqa, "--out", tmp_path / "out", *JSONL)
    m3it(*command)
    before = tree(tmp_path / "out", "data")
    done = m3it(*command, "--seed", 1, check=2)
    assert "seed: 0 there, 1 now" in done.stderr
    assert tree(tmp_path / "out", "data") == before
    m3it(*command, "--seed", 1, "--overwrite")
    assert tree(tmp_path / "out", "data") != before


def test_changed_annotations_are_noticed(okvqa: Path, tmp_path: Path) -> None:
    command = ("build", "--task", "okvqa", "--source", okvqa, "--out", tmp_path / "out", *JSONL)
    m3it(*command)
    asked, _ = records("train2014", 5, 2)
    (okvqa / "OpenEnded_mscoco_train2014_questions.json").write_text(json.dumps(asked))
    done = m3it(*command, check=2)
    assert "OpenEnded_mscoco_train2014_questions.json" in done.stderr
    assert "--overwrite" in done.stderr


def test_settings_come_from_flag_then_environment_then_file(okvqa: Path, tmp_path: Path) -> None:
    config = tmp_path / "m3it.toml"
    config.write_text('[build]\nformat = "jsonl"\nlimit = 1\nseed = 5\n')
    command = ("build", "--task", "okvqa", "--source", okvqa, "--config", config)
    m3it(*command, "--out", tmp_path / "file")
    assert len(rows(tmp_path / "file")) == 2
    m3it(*command, "--out", tmp_path / "environment", M3IT_LIMIT="2")
    assert len(rows(tmp_path / "environment")) == 4
    m3it(*command, "--out", tmp_path / "flag", "--limit", 3, M3IT_LIMIT="2")
    assert len(rows(tmp_path / "flag")) == 6


def test_a_folder_that_cannot_be_written_is_told(okvqa: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = m3it("build", "--task", "okvqa", "--source", okvqa, "--out", tmp_path / "file" / "out", check=2)
    assert "cannot be written" in done.stderr


def test_a_full_disk_leaves_no_half_file(okvqa: Path, tmp_path: Path) -> None:
    """A file size limit is the portable stand-in for a full disk: the same write fails."""
    import subprocess
    import sys

    script = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000)); sys.argv[0] = 'm3it'; "
        "from m3it_build.cli import main; main()"
    )
    time.sleep(2.1)  # so that the index of the download, which is written now, need not be written again
    m3it("sources", "okvqa", "--source", okvqa, "--check", check=None)
    arguments = ["build", "--task", "okvqa", "--source", str(okvqa), "--out", str(tmp_path / "out"), *JSONL]
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False, env=unmeasured()
    )
    assert done.returncode == 2, done.stderr
    assert "cannot be written" in done.stderr
    assert not [
        path
        for path in (tmp_path / "out").rglob("*")
        if path.name.endswith((".jsonl", ".tmp")) and "data" in path.parts
    ]


def test_a_folder_of_our_name_in_the_working_directory_is_not_what_workers_import(tmp_path: Path) -> None:
    (tmp_path / "m3it_build").mkdir()
    (tmp_path / "m3it_build/__init__.py").write_text("raise RuntimeError('not this one')\n")
    script = tmp_path / "bin/m3it"  # as pip writes it
    script.parent.mkdir()
    script.write_text("from m3it_build.cli import main\nmain()\n")
    command = [sys.executable, str(script), "build", "--task", "okvqa", "--sample", "--workers", "2"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "not this one" not in done.stderr

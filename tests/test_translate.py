"""`m3it translate` from end to end, with a real model: the sample's glossary."""

import hashlib
import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from m3it_build.services.mt.glossary import write_glossary
from m3it_build.store.reader import read_texts
from tests.corpus import change_state, m3it, m3it_process, unmeasured, write_okvqa
from tests.translate.glosses import expected, gloss

TASKS = ("okvqa", "imagenet", "winoground", "vqa-v2", "vist", "msrvtt", "msrvtt-qa")
LANGUAGES = {"de": "deu_Latn", "fr": "fra_Latn", "zh": "zho_Hans"}


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples of the seven tasks that the paper translates."""
    out = tmp_path_factory.mktemp("english") / "out"
    for task in TASKS:
        m3it("build", "--task", task, "--sample", "--out", out, "--workers", 1)
    return out


@pytest.fixture(scope="module")
def okvqa(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A thousand different questions, most of whose words the glossary does not know."""
    source = tmp_path_factory.mktemp("download")
    write_okvqa(source, pictures=100, questions=10)
    out = source.parent / f"{source.name}-out"
    m3it("build", "--task", "okvqa", "--source", source, "--out", out, "--rows-per-shard", 300)
    return out


def translate(out: Path, *arguments: object, check: int = 0) -> subprocess.CompletedProcess[str]:
    run = m3it_process if "--workers" in arguments else m3it
    return run("translate", "--sample", "--out", out, *arguments, check=check)


def report(out: Path, *arguments: object) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(translate(out, "--json", *arguments).stdout)
    return told


def rows(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.rglob("*-of-*")):
        for row in read_texts(path):
            yield row._asdict()


def files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize(("beam", "compute_type", "workers"), [(1, "int8", 1), (4, "float32", 2)])
def test_every_field_is_its_gloss(english: Path, tmp_path: Path, beam: int, compute_type: str, workers: int) -> None:
    out = shutil.copytree(english, tmp_path / "out")
    translate(out, "--langs", "all", "--beam", beam, "--compute-type", compute_type, "--workers", workers)
    before = {row["meta"]["id"]: row for row in rows(out / "data")}
    count = 0
    for code, nllb in LANGUAGES.items():
        for task in TASKS:
            for row in rows(out / "translated" / task / code):
                meta = row["meta"]
                source = before[meta["translation"]["source_id"]]
                assert meta["id"] == source["meta"]["id"].replace(task, f"{task}-{code}", 1)
                assert meta["language"] == code
                assert meta["translation"]["model"] == "glossary"
                assert row["instruction"] == gloss(source["instruction"], nllb)
                assert (row["inputs"], row["outputs"]) == expected(source, nllb)
                same = ("task", "split", "source", "instruction_index", "images", "answer", "answers", "answer_index")
                assert all(meta.get(name) == source["meta"].get(name) for name in same)
                if "options" in meta:
                    assert meta["options"] == [gloss(option, nllb) for option in source["meta"]["options"]]
                count += 1
    evaluated = [row for row in before.values() if row["meta"]["split"] != "train"]
    assert count == 3 * len(evaluated) > 200
    assert "0 problems" in m3it("validate", out).stdout


def test_the_same_bytes_for_any_number_of_workers_and_after_a_second_run(english: Path, tmp_path: Path) -> None:
    found = []
    for workers in (1, 2):
        out = shutil.copytree(english, tmp_path / str(workers))
        translate(out, "--langs", "de,zh", "--workers", workers)
        found.append(files(out / "translated"))
        again = report(out, "--langs", "zh,German", "--workers", workers)
        assert again["translated"] == 0
        found.append(files(out / "translated"))
    assert found[0] == found[1] == found[2] == found[3]


def test_datasets_loads_a_translation_as_a_config(english: Path, tmp_path: Path) -> None:
    out = shutil.copytree(english, tmp_path / "out")
    translate(out, "--langs", "de,zh", "--task", "okvqa", "--task", "winoground")
    m3it("card", out)
    lines = (
        "from datasets import get_dataset_config_names, load_dataset\n"
        f"names = get_dataset_config_names({str(out)!r})\n"
        f"rows = load_dataset({str(out)!r}, 'okvqa-de', split='validation')\n"
        "print([name for name in names if '-de' in name or '-zh' in name], len(rows), rows[0]['meta']['language'])\n"
    )
    environment = {**os.environ, "HF_HOME": str(tmp_path / "hf"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "['okvqa-de', 'okvqa-zh', 'winoground-de', 'winoground-zh'] 8 de"
    card = (out / "README.md").read_text("utf-8")
    assert "| `de` | deu\\_Latn | glossary | chosen by name | `okvqa`, `winoground` | 24 |" in card


@pytest.mark.parametrize("more", [("--format", "jsonl"), ("--format", "jsonl.zst"), ("--images", "bytes")])
def test_every_format(tmp_path: Path, more: tuple[str, str]) -> None:
    m3it("build", "--task", "winoground", "--sample", "--out", tmp_path, *more)
    translate(tmp_path, "--langs", "fr")
    found = list(rows(tmp_path / "translated"))
    assert len(found) == 16
    assert found[0]["outputs"].startswith("(")
    assert "0 problems" in m3it("validate", tmp_path).stdout


def test_rows_are_chosen_by_hash_and_winoground_is_taken_whole(english: Path, tmp_path: Path) -> None:
    out = shutil.copytree(english, tmp_path / "out")
    told = report(out, "--langs", "de", "--per-split", 3, "--task", "winoground", "--task", "vist")
    assert {each["config"]: each["rows"] for each in told["configs"]} == {"winoground-de": 16, "vist-de": 6}
    first = {row["meta"]["translation"]["source_id"] for row in rows(out / "translated/vist")}
    told = report(out, "--langs", "de", "--per-split", 5, "--task", "vist")
    second = {row["meta"]["translation"]["source_id"] for row in rows(out / "translated/vist")}
    assert told["configs"][0]["rows"] == 10
    assert first < second
    assert "0 problems" in m3it("validate", out).stdout


def test_ten_changed_rows_are_ten_translations(tmp_path: Path) -> None:
    source, out = tmp_path / "download", tmp_path / "out"
    write_okvqa(source, pictures=4, questions=10)
    m3it("build", "--task", "okvqa", "--source", source, "--out", out)
    assert report(out, "--langs", "de")["translated"] > 40
    path = source / "OpenEnded_mscoco_val2014_questions.json"
    path = path if path.exists() else next(source.rglob("OpenEnded_mscoco_val2014_questions.json"))
    content = json.loads(path.read_text())
    for each in content["questions"][:10]:
        each["question"] = f"And now, {each['question']}"
    path.write_text(json.dumps(content))
    m3it("build", "--task", "okvqa", "--source", source, "--out", out, "--overwrite")
    told = report(out, "--langs", "de")
    assert told["translated"] == 10
    assert told["configs"][0]["rows"] == 40


def test_ten_kills_lose_nothing_and_translate_nothing_twice(okvqa: Path, tmp_path: Path) -> None:
    arguments = ("--langs", "all", "--beam", "4", "--workers", "2", "--per-split", "2000")
    calm = shutil.copytree(okvqa, tmp_path / "calm")
    translate(calm, *arguments)
    out = shutil.copytree(okvqa, tmp_path / "killed")
    command = [sys.executable, "-m", "m3it_build", "translate", "--sample", "--out", str(out), *arguments]
    for kill in range(10):
        before, began = counts(out), time.monotonic()
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        ) as process:
            # on the way to a batch, later and later, and twice right after one was kept
            while counts(out) == before if kill in {4, 9} else time.monotonic() - began < 0.3 * (kill + 1):
                assert process.poll() is None
                time.sleep(0.01)
            os.killpg(process.pid, signal.SIGKILL)
    assert 0 < sum(stored for _, stored in counts(out).values()) < sum(stored for _, stored in counts(calm).values())
    translate(out, *arguments)
    assert files(out / "translated") == files(calm / "translated")
    assert counts(out) == counts(calm)
    assert all(translated == stored for translated, stored in counts(out).values())
    assert "0 problems" in m3it("validate", out).stdout


def counts(out: Path) -> dict[str, tuple[int, int]]:
    """Sentences that the memory counted and those that it holds, by language."""
    path = out / ".m3it/translations.sqlite"
    if not path.exists() or not path.stat().st_size:
        return {}
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
        if not database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            return {}
        translated = dict(database.execute("SELECT target, translated FROM counters"))
        stored = dict(database.execute("SELECT target, count(*) FROM translations GROUP BY target"))
    return {target: (count, stored[target]) for target, count in translated.items()}


def test_a_row_that_cannot_be_translated_is_a_reject_with_its_reason(tmp_path: Path) -> None:
    source, out = tmp_path / "download", tmp_path / "out"
    write_okvqa(source, pictures=2, questions=2)
    path = next(source.rglob("OpenEnded_mscoco_val2014_questions.json"))
    content = json.loads(path.read_text())
    content["questions"][0]["question"] = "What is " + "x" * 500 + "?"
    path.write_text(json.dumps(content))
    m3it("build", "--task", "okvqa", "--source", source, "--out", out)
    told = report(out, "--langs", "de")
    assert told["refused"] == 1
    assert told["configs"][0]["rows"] == 3
    assert told["configs"][0]["rejected"] == {"sentence too long to translate": 1}
    [path] = (out / ".m3it/rejects/okvqa/de").glob("*.jsonl")
    assert json.loads(path.read_text())["key"] == str(content["questions"][0]["question_id"])
    assert "0 problems" in m3it("validate", out).stdout


def test_the_report_tells_how_good_it_looks(english: Path, tmp_path: Path) -> None:
    out = shutil.copytree(english, tmp_path / "out")
    told = report(out, "--langs", "all", "--task", "winoground", "--back-translate", 5)
    for each in told["configs"]:
        assert each["broken_options"] == 0
        assert each["copies"] == 0
        assert each["chrf_back"] == 100
        assert each["in_script"] == 1
    ratios = {each["language"]: each["length_ratio"] for each in told["configs"]}
    assert ratios["zh"] < 0.6 < ratios["de"]
    assert report(out, "--langs", "de", "--task", "winoground", "--back-translate", 5)["translated"] == 0


def test_validate_finds_what_is_wrong_with_a_translation(english: Path, tmp_path: Path) -> None:
    whole = shutil.copytree(english, tmp_path / "whole")
    translate(whole, "--langs", "de", "--task", "okvqa", "--task", "winoground")

    def problems(change: Callable[[Path], None]) -> str:
        out = shutil.copytree(whole, tmp_path / "out", dirs_exist_ok=True)
        change(out)
        told = m3it("validate", out, check=1)
        shutil.rmtree(out)
        return told.stdout + told.stderr

    assert "bytes changed" in problems(lambda out: flip(next((out / "translated/okvqa/de").iterdir())))
    assert "is missing" in problems(lambda out: next((out / "translated/okvqa/de").iterdir()).unlink())
    assert "run the same translate command" in problems(
        lambda out: (out / ".m3it/manifests/okvqa/de/validation-00000.json").unlink()
    )
    assert "no manifest names" in problems(lambda out: shutil.rmtree(out / ".m3it/manifests/okvqa/de"))
    assert "outputs holds <unk>" in problems(lambda out: rewrite(out, "okvqa", "outputs", lambda text: f"{text} <unk>"))
    assert "inputs holds deu_Latn" in problems(
        lambda out: rewrite(out, "okvqa", "inputs", lambda text: f"deu_Latn {text}")
    )
    assert "do not end with the options" in problems(
        lambda out: rewrite(out, "winoground", "inputs", lambda text: text.replace("(A)", "(a)"))
    )
    assert "under its letter" in problems(lambda out: rewrite(out, "winoground", "outputs", lambda _: "(A) ein Hund."))
    m3it("build", "--task", "okvqa", "--sample", "--out", whole, "--overwrite")
    assert "0 problems" in m3it("validate", whole).stdout


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def rewrite(out: Path, task: str, column: str, change: Callable[[str], str]) -> None:
    """Change a column of a shard, and its manifest with it."""
    manifest = next((out / ".m3it/manifests" / task / "de").glob("*-00000.json"))
    facts = json.loads(manifest.read_text())
    path = out / facts["file"]
    table = pq.read_table(path)
    place = table.column_names.index(column)
    texts = pa.array([change(text) for text in table[column].to_pylist()], pa.string())
    pq.write_table(table.set_column(place, table.schema.field(column), texts), path, store_schema=False)
    data = path.read_bytes()
    change_state(manifest, bytes=len(data), sha256=hashlib.sha256(data).hexdigest())


def test_english_rows_that_changed_make_a_translation_stale(tmp_path: Path) -> None:
    source, out = tmp_path / "download", tmp_path / "out"
    write_okvqa(source, pictures=2, questions=2)
    m3it("build", "--task", "okvqa", "--source", source, "--out", out)
    translate(out, "--langs", "de")
    m3it("build", "--task", "winoground", "--sample", "--out", out)  # another task changes nothing
    assert "0 problems" in m3it("validate", out).stdout
    manifest = out / ".m3it/manifests/okvqa/validation-00000.json"
    change_state(manifest, sha256="0" * 64)
    assert "run m3it translate again" in m3it("validate", out, check=1).stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--langs", "de,germn"), "Did you mean de (German, deu_Latn)"),
        (("--langs", ","), "names no language"),
        (("--langs", "ja"), "has no language jpn_Jpan"),
        (("--langs", "de", "--task", "docvqa"), "no rows of 'docvqa' are here"),
        (("--langs", "de", "--task", "okvq"), "Did you mean okvqa"),
        (("--langs", "de", "--task", "winoground", "--split", "train"), "no train rows were built"),
        (("--langs", "de", "--model", "x"), "not both"),
    ],
)
def test_wrong_flags(english: Path, arguments: tuple[str, ...], message: str) -> None:
    done = translate(english, *arguments, check=2)
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_was_built(tmp_path: Path) -> None:
    assert "Build them first" in translate(tmp_path / "none", "--langs", "de", check=2).stderr


def test_all_languages_need_a_gate_of_the_model(english: Path, tmp_path: Path) -> None:
    write_glossary(tmp_path / "mine", (("cat", "Katze", "chat", "猫"),))
    facts = tmp_path / "mine" / "m3it-model.json"
    facts.write_text(json.dumps({"name": "mine", "license": None}))
    done = m3it("translate", "--langs", "all", "--model", tmp_path / "mine", "--out", english, check=2)
    assert "Run m3it gate --model" in done.stderr


def test_a_task_of_which_a_shard_is_missing_is_not_translated(okvqa: Path, tmp_path: Path) -> None:
    out = shutil.copytree(okvqa, tmp_path / "out")
    next((out / ".m3it/manifests/okvqa").glob("validation-00001.json")).unlink()
    assert "Run the build once more" in translate(out, "--langs", "de", check=2).stderr


def test_a_disk_that_is_full_is_told_and_what_was_translated_is_kept(okvqa: Path, tmp_path: Path) -> None:
    out = shutil.copytree(okvqa, tmp_path / "out")
    translate(out, "--langs", "de", "--per-split", 5)
    command = [sys.executable, "-m", "m3it_build", "translate", "--sample", "--out", str(out), "--langs", "fr"]

    def no_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (70_000, 70_000))

    done = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=no_room, env=unmeasured())
    assert done.returncode == 2, done.stderr
    assert "Make room" in done.stderr
    assert "Traceback" not in done.stderr
    assert report(out, "--langs", "fr")["configs"][0]["rows"] == 500
    assert report(out, "--langs", "de", "--per-split", 5)["translated"] == 0

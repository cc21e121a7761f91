"""How far a folder is: `m3it status`."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import m3it_build as m3it_package
from m3it_build.answers.store import AnswerStore, AskedFor
from m3it_build.services.chat.client import Reply, Usage
from tests.corpus import m3it, tree, write_okvqa


def told(out: Path) -> dict[str, Any]:
    """What the command says in JSON."""
    found: dict[str, Any] = json.loads(m3it("status", out, "--json").stdout)
    return found


def test_an_empty_folder_is_no_error_and_stays_away(tmp_path: Path) -> None:
    out = tmp_path / "none"
    assert "nothing is planned here yet" in m3it("status", out).stdout
    assert told(out)["splits"] == []
    assert not out.exists()


def test_accounts_close_for_a_whole_build_with_lost_pictures_and_spares(tmp_path: Path) -> None:
    root = write_okvqa(tmp_path, pictures=12)
    for number in (1, 2):
        (root / f"train2014/COCO_train2014_{number:012d}.jpg").write_bytes(b"no picture")
    out = tmp_path / "out"
    m3it("build", "--task", "okvqa", "--source", tmp_path, "--out", out, "--limit", "10", "--rows-per-shard", "4")
    for each in told(out)["splits"]:
        lost = each["filtered"] + each["rejected"]
        assert each["read"] == each["rows"] + lost + each["left_out"] + each["left"] == 24
        assert (each["rows"], each["left"], each["shards"]) == (10, 0, each["shards_done"])
    said = m3it("status", out).stdout
    assert "every planned split is done" in said
    stats = json.loads(m3it("stats", out, "--json").stdout)
    counted = [(each["rows"], each["left_out"], sum(each["rejected"].values())) for each in stats]
    assert counted == [(each["rows"], each["left_out"], each["rejected"]) for each in told(out)["splits"]]


def test_a_build_is_looked_at_while_it_runs_and_when_it_was_killed(tmp_path: Path) -> None:
    write_okvqa(tmp_path, pictures=150, noisy=True)
    out = tmp_path / "out"
    arguments = ["build", "--task", "okvqa", "--source", tmp_path, "--out", out, "--rows-per-shard", 2, "--workers", 1]
    command = [sys.executable, "-m", "m3it_build", *map(str, arguments)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seen = []
    while running.poll() is None:
        seen.append(told(out))
        if seen[-1]["total"]["shards_done"] > 3:
            break
        time.sleep(0.01)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    before = tree(out)
    last = told(out)
    assert tree(out) == before
    [train, *_] = last["splits"]
    assert 3 < train["shards_done"] < train["shards"]
    assert train["read"] == train["rows"] + train["left"] + train["left_out"]
    assert "unfinished" in m3it("status", out).stdout
    done = [each["total"]["shards_done"] for each in seen]
    assert done == sorted(done)
    m3it(*arguments)
    assert told(out)["total"]["left"] == 0


def test_what_was_spent_and_translated_is_told_and_the_stores_are_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "out"
    m3it("build", "--task", "okvqa", "--sample", "--out", out)
    m3it("translate", "--langs", "de,fr", "--sample", "--out", out)
    with AnswerStore(out / ".m3it/answers.sqlite") as store:
        for key in ("a", "b"):
            reply = Reply("It is a cat.", "stop", Usage(1_000_000, 500_000), {})
            store.put(key, AskedFor("okvqa", "default@1", "gpt-4o-mini"), reply)
        found = told(out)  # while the writer is there
        assert found["paraphrases"][0]["answers"] == 2
    before = tree(out)
    found = told(out)
    assert tree(out) == before
    [paid] = found["paraphrases"]
    assert (paid["task"], paid["answers"], paid["prompt_tokens"]) == ("okvqa", 2, 2_000_000)
    assert found["dollars"] == paid["dollars"] > 0
    assert [each["language"] for each in found["translations"]] == ["deu_Latn", "fra_Latn"]
    said = m3it("status", out).stdout
    assert "okvqa: 2 paraphrases stored, 3,000,000 tokens" in said
    assert "sentences stored in 2 languages" in said
    assert "okvqa-de" in said
    with AnswerStore(out / ".m3it/answers.sqlite") as store:
        store.put("c", AskedFor("okvqa", "default@1", "own"), Reply("Yes.", "stop", Usage(1, 1), {}))
    assert m3it_package.status(out).dollars is None
    assert "cost unknown" in m3it("status", out).stdout


def test_a_damaged_state_file_is_told(tmp_path: Path) -> None:
    m3it("build", "--task", "okvqa", "--sample", "--out", tmp_path)
    path = tmp_path / ".m3it/manifests/okvqa/train.json"
    path.write_text("{")
    assert f"{path}: not a state file" in m3it("status", tmp_path, check=2).stderr

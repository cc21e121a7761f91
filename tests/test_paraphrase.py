"""What a paraphrase pass promises, through the command line against a real loopback server."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from m3it_build.answers.store import RESERVE
from tests.chat_server import ChatServer
from tests.corpus import m3it, m3it_process, rows, tree, write_okvqa

KEY = "sk-test-5ecret"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ChatServer]:
    """A fresh server."""
    with ChatServer(tmp_path).serving() as made:
        yield made


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A download of 24 questions."""
    return write_okvqa(tmp_path_factory.mktemp("source"))


def paraphrase(
    source: Path, out: Path, server: ChatServer, *arguments: object, check: int | None = 0, **environment: str
) -> Any:
    """The pass; quick retries, the key in the environment."""
    environment = {"OPENAI_API_KEY": KEY, "M3IT_PARAPHRASE_CONCURRENCY": "4", **environment}
    command = ("paraphrase", "--task", "okvqa", "--source", source, "--out", out, "--base-url", server.url, *arguments)
    done = m3it(*command, check=check, **environment)
    assert KEY not in done.stdout + done.stderr
    return done


def build(source: Path, out: Path, *arguments: object) -> Any:
    """The build."""
    run = m3it_process if "--workers" in arguments else m3it
    return run("build", "--task", "okvqa", "--source", source, "--out", out, "--format", "jsonl", *arguments)


def test_templates_before_the_pass_paraphrases_after_the_same_for_any_workers(
    source: Path, tmp_path: Path, server: ChatServer
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for out, workers in ((one, 1), (two, 2)):
        build(source, out, "--workers", workers, "--rows-per-shard", 4)
        before = rows(out)["okvqa/train/11"]
        assert before["outputs"] == "The answer is disc."
        assert before["meta"]["paraphrase"] == {"status": "template", "reason": "not asked"}
        paraphrase(source, out, server)
        build(source, out, "--workers", workers, "--rows-per-shard", 4)
        after = rows(out)["okvqa/train/11"]
        assert after["outputs"] == "The answer to this one is a disc."
        assert after["meta"]["paraphrase"] == {"status": "paraphrased", "model": "gpt-4o-mini"}
        assert after["meta"]["answer"] == "disc"
    assert tree(one, "data", ".m3it/manifests") == tree(two, "data", ".m3it/manifests")
    assert set(server.asked().values()) == {2}, "once for each folder"


def test_only_shards_whose_answers_changed_are_built_again(source: Path, tmp_path: Path, server: ChatServer) -> None:
    build(source, tmp_path / "out", "--rows-per-shard", 2)
    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("data/**/*.jsonl")}
    paraphrase(source, tmp_path / "out", server, "--split", "validation")
    build(source, tmp_path / "out", "--rows-per-shard", 2)
    again = {path.name.split("-")[0] for path, time in written.items() if path.stat().st_mtime_ns != time}
    kept = {path.name.split("-")[0] for path, time in written.items() if path.stat().st_mtime_ns == time}
    assert (again, kept) == ({"validation"}, {"train"})


def test_a_second_pass_other_concurrency_asks_nothing_another_prompt_all(
    source: Path, tmp_path: Path, server: ChatServer
) -> None:
    out = tmp_path / "out"
    paraphrase(source, out, server)
    paraphrase(source, out, server, "--concurrency", 9, M3IT_PARAPHRASE_TIMEOUT="9")
    assert len(server.asked()) == sum(server.asked().values()) == 24
    prompts = tmp_path / "prompts"
    prompts.mkdir()
    (prompts / "default.txt").write_text("[user]\nRewrite.\nQuestion: {question}\nAnswer: {answer}\n")
    done = paraphrase(source, out, server, M3IT_PARAPHRASE_PROMPTS=str(prompts))
    assert "24 to ask" in done.stderr and "the prompt changed: 24 answers" in done.stderr
    assert sum(server.asked().values()) == 48


ONCE: dict[str, dict[str, Any]] = {
    "web page": {"body": "<html>busy</html>", "type": "text/html"},
    "broken JSON": {"body": '{"choices": [{'},
    "missing choices": {"body": {"id": "x"}},
    "no choices": {"body": {"choices": []}},
    "null content": {"body": {"choices": [{"message": {"content": None}}]}},
    "wrong type": {"body": {"choices": [{"message": {"content": 7}}]}},
    "reset": {"reset": True},
    "drip": {"drip": True},
    "408": {"status": 408},
    "409": {"status": 409},
    "429": {"status": 429},
    "429 with seconds": {"status": 429, "headers": {"retry-after": "1"}},
    "500": {"status": 500},
    "502": {"status": 502},
    "503": {"status": 503, "headers": {"retry-after": "0"}},
    "504": {"status": 504},
}


def test_every_passing_fault_is_tried_again(source: Path, tmp_path: Path, server: ChatServer) -> None:
    date = formatdate(time.time() + 2, usegmt=True)
    faults = [*ONCE.values(), {"status": 429, "headers": {"retry-after": date}}]
    server.tell(faults=[dict(fault) for fault in faults])
    # one question may meet many of them: whoever asks next gets the next fault
    patient = {"M3IT_PARAPHRASE_TIMEOUT": "1", "M3IT_PARAPHRASE_ATTEMPTS": str(len(faults) + 1)}
    report = json.loads(paraphrase(source, tmp_path / "out", server, "--json", check=0, **patient).stdout)
    assert report["tasks"][0]["paraphrased"] == 24
    assert report["retries"] == len(faults)


def test_retry_after_holds_up_all_calls(source: Path, tmp_path: Path, server: ChatServer) -> None:
    server.tell(faults=[{"status": 429, "headers": {"retry-after": "3"}}])
    start = time.monotonic()
    paraphrase(source, tmp_path / "out", server, "--concurrency", 1)
    assert time.monotonic() - start > 3


def test_a_refused_record_stays_open_with_its_reason_and_the_rest_is_answered(
    source: Path, tmp_path: Path, server: ChatServer
) -> None:
    server.tell(faults=[{"status": 400, "match": "shape 1 of 2?"}])
    done = paraphrase(source, tmp_path / "out", server, check=1)
    assert "1 without an answer: status 400" in done.stdout
    assert len(server.asked()) == 24 == sum(server.asked().values())
    paraphrase(source, tmp_path / "out", server)
    assert sum(server.asked().values()) == 25


@pytest.mark.parametrize(
    ("fault", "words", "code"),
    [
        ({"status": 401, "body": {"error": {"message": f"bad key {KEY}"}}}, "refuses the key", 2),
        ({"status": 403}, "refuses the key", 2),
        ({"status": 404}, "knows no model", 2),
        ({"status": 429, "code": "insufficient_quota"}, "no credit left", 1),
        ({"status": 429, "headers": {"retry-after": "3600"}}, "asks to wait 3600 s", 1),
    ],
)
def test_what_no_retry_mends_ends_the_run_at_once(
    source: Path, tmp_path: Path, server: ChatServer, fault: dict[str, Any], words: str, code: int
) -> None:
    server.tell(faults=[{**fault, "times": 99}])
    done = paraphrase(source, tmp_path / "out", server, check=code)
    assert words in done.stderr, done.stderr
    assert sum(server.asked().values()) <= 4
    assert KEY.encode() not in b"".join(tree(tmp_path / "out").values())


def test_a_server_of_others_finds_nothing_wrong_with_the_client(source: Path, tmp_path: Path, llmock: Any) -> None:
    llmock.reply("This is what the picture shows: a disc.")
    llmock.rate_limit(times=3, retry_after=1)
    llmock.fail(503, times=2)
    done = m3it(
        *("paraphrase", "--task", "okvqa", "--source", source, "--out", tmp_path / "out", "--json"),
        *("--base-url", llmock.base_url("openai"), "--concurrency", 4),
        OPENAI_API_KEY=KEY,
    )
    told = json.loads(done.stdout)
    assert told["tasks"][0]["answered"] == 24
    assert told["retries"] == 5
    llmock.assert_resilient()


def test_nobody_there_is_told(source: Path, tmp_path: Path, server: ChatServer) -> None:
    server.url = "http://no-such-host.invalid/v1"
    done = paraphrase(source, tmp_path / "out", server, check=1, M3IT_PARAPHRASE_ATTEMPTS="1")
    assert "no answer comes from the base URL" in done.stderr


def test_max_cost_stops_before_the_call_that_would_exceed_it(source: Path, tmp_path: Path, server: ChatServer) -> None:
    done = paraphrase(source, tmp_path / "out", server, "--max-cost", 0.0005, "--json", check=1)
    report = json.loads(done.stdout)
    assert 0 < report["spent"] <= 0.0005
    assert "--max-cost" in done.stderr


def test_dry_run_tells_the_cost_and_asks_nothing(source: Path, tmp_path: Path, server: ChatServer) -> None:
    report = json.loads(paraphrase(source, tmp_path / "out", server, "--dry-run", "--json", OPENAI_API_KEY="").stdout)
    assert report["tasks"][0]["to_ask"] == 24 and report["tasks"][0]["dollars"] > 0
    assert server.asked() == {}


def test_ten_kills_ask_no_stored_answer_again(tmp_path: Path, server: ChatServer) -> None:
    source, out = write_okvqa(tmp_path / "source", pictures=40, questions=4), tmp_path / "out"
    server.tell(delay=0.15)
    arguments = [
        "paraphrase",
        "--task",
        "okvqa",
        "--source",
        source,
        "--out",
        out,
        "--base-url",
        server.url,
        "--concurrency",
        4,
    ]
    command = [sys.executable, "-m", "m3it_build", *map(str, arguments)]
    chance = random.Random(7)  # the moments of the kills, by questions that reached the server; any would do
    kept: dict[str, int] = {}
    for _ in range(10):
        enough = sum(server.asked().values()) + chance.randint(1, 24)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while sum(server.asked().values()) < enough:
            assert process.poll() is None
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.2))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        time.sleep(0.2)  # calls in flight reach the server's count
        kept = _check_kept(out, server, kept)
    m3it(*arguments)
    _check_kept(out, server, kept)
    assert len(kept) > 10
    assert len(_stored(out)) == len(server.asked()) == 320


def _check_kept(out: Path, server: ChatServer, kept: dict[str, int]) -> dict[str, int]:
    """No question that was answered before has been asked since; returns those answered by now with their counts."""
    asked = server.asked()
    for prompt, times in kept.items():
        assert asked[prompt] == times, prompt
    return {prompt: asked[prompt] for prompt in _stored(out)}


def _stored(out: Path) -> set[str]:
    """The prompts of all stored answers."""
    from m3it_build.answers.store import AnswerStore
    from m3it_build.answers.stored import PromptMaker
    from m3it_build.plan.rows import read_plan

    path = out / ".m3it/answers.sqlite"
    if not path.exists():
        return set()
    with AnswerStore(path, read_only=True) as store:
        recipe = store.recipe("okvqa")
        if recipe is None:
            return set()
        maker = PromptMaker(recipe, "en")
        requests = [
            prompt.request
            for plan in (out / ".m3it/plans/okvqa").glob("[!.]*.sqlite")
            for planned in read_plan(plan)
            if (prompt := maker.prompt(planned.sample))
        ]
        return {request.messages[-1].content for request in requests if store.has(request.key)}


def test_ctrl_c_lets_calls_in_flight_end_and_keeps_them(source: Path, tmp_path: Path, server: ChatServer) -> None:
    server.tell(delay=0.5)
    arguments = [
        "paraphrase",
        "--task",
        "okvqa",
        "--source",
        source,
        "--out",
        tmp_path / "out",
        "--base-url",
        server.url,
        "--concurrency",
        2,
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "m3it_build", *map(str, arguments)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    while not server.asked():
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130 and "run the same command again" in told and "Traceback" not in told
    assert _stored(tmp_path / "out") == set(server.asked())


def test_batches_are_handed_in_once_and_collected_as_they_are(source: Path, tmp_path: Path, server: ChatServer) -> None:
    out = tmp_path / "out"
    paraphrase(source, out, server, "--batch", "submit")
    paraphrase(source, out, server, "--batch", "submit")
    paraphrase(source, out, server)
    assert sum(server.asked().values()) == 24, "what waits in a batch is not asked again"
    assert "1 batch not over" in paraphrase(source, out, server, "--batch", "collect").stderr
    server.tell(batches={"status": "expired"})
    done = paraphrase(source, out, server, "--batch", "collect", check=1)
    assert (
        "15 answers collected, 8 failed, 2 lines unreadable, 9 left to hand in again, 0 batches not over" in done.stderr
    )
    paraphrase(source, out, server, "--batch", "collect")
    paraphrase(source, out, server)
    assert sum(server.asked().values()) == 24 + 9


def test_a_batch_whose_id_was_lost_is_found_again(source: Path, tmp_path: Path, server: ChatServer) -> None:
    out = tmp_path / "out"
    paraphrase(source, out, server, "--batch", "submit")
    with sqlite3.connect(out / ".m3it/answers.sqlite") as database:
        database.execute("UPDATE batches SET id = NULL, status = 'submitting'")
    paraphrase(source, out, server, "--batch", "submit")
    assert sum(server.asked().values()) == 24


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 24 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if not mounted or mounted.returncode:
        pytest.skip("a small file system can be mounted by root only")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_fills_up_loses_no_paid_answer(tmp_path: Path, small_disk: Path, server: ChatServer) -> None:
    source, out = write_okvqa(tmp_path / "source", pictures=100, questions=5), small_disk / "out"
    paraphrase(source, out, server, "--limit", 1)
    reserve = 0 if (out / ".m3it/answers.sqlite.reserve").exists() else RESERVE
    filler = small_disk / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(small_disk).free - reserve - 800_000))
    done = paraphrase(source, out, server, "--limit", 400, "--concurrency", 16, check=None)
    assert done.returncode in {1, 2}
    assert "Make room, then run again" in done.stderr
    answered = sum(server.asked().values())
    assert 0 < answered < 800
    filler.unlink()
    paraphrase(source, out, server, "--limit", 400, "--concurrency", 16)
    assert set(server.asked().values()) == {1}, "an answer that was paid for is asked again"
    assert len(server.asked()) >= 800


def test_a_store_of_another_version_or_no_store_is_told(source: Path, tmp_path: Path, server: ChatServer) -> None:
    out = tmp_path / "out"
    paraphrase(source, out, server)
    with sqlite3.connect(out / ".m3it/answers.sqlite") as database:
        database.execute("PRAGMA user_version = 99")
    assert "another version" in paraphrase(source, out, server, check=2).stderr
    database.close()
    (out / ".m3it/answers.sqlite").write_bytes(b"no database" * 1000)
    assert "answer store cannot be" in paraphrase(source, out, server, check=2).stderr


def test_two_passes_at_once_are_kept_apart(source: Path, tmp_path: Path, server: ChatServer) -> None:
    from filelock import FileLock

    (tmp_path / "out/.m3it").mkdir(parents=True)
    with FileLock(tmp_path / "out/.m3it/lock"):
        assert "another m3it is working" in paraphrase(source, tmp_path / "out", server, check=2).stderr


def test_rejected_paraphrases_fall_back_and_are_reported(source: Path, tmp_path: Path, server: ChatServer) -> None:
    reply = {"choices": [{"message": {"content": "As an AI, I cannot see the disc."}, "finish_reason": "stop"}]}
    server.tell(faults=[{"body": reply, "match": "shape 1 of 1?"}])
    report = json.loads(paraphrase(source, tmp_path / "out", server, "--json").stdout)
    assert report["tasks"][0]["fallen_back"] == {"refusal": 1}
    build(source, tmp_path / "out")
    row = rows(tmp_path / "out")["okvqa/train/11"]
    assert row["outputs"] == "The answer is disc."
    assert row["meta"]["paraphrase"] == {"status": "template", "model": "gpt-4o-mini", "reason": "refusal"}

"""`m3it paraphrase` against a loopback server that takes 300 ms for each answer, and 100,000 stored answers in a build.

python -m scripts.bench.paraphrase [--seconds 15] [--levels 64,256] [--stored 100000]

The server is another process, so on two cores it takes its share of the time. The ideal is what so many calls in flight
could get from it; the peer is a bare aiohttp client that keeps nothing.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from m3it_build.answers.store import AnswerStore, AskedFor
from m3it_build.answers.stored import PromptMaker
from m3it_build.plan.rows import read_shard
from m3it_build.services.chat.client import Reply, Usage
from m3it_build.store.output import OutputFolder
from scripts.bench.corpus import QUESTIONS, write_corpus

LATENCY = 0.3
"""Seconds."""
SERVER = """
import asyncio, json, sys, time
from aiohttp import web
seen = {"calls": 0, "first": 0.0, "last": 0.0}
async def chat(request):
    await request.read()
    seen["first"] = seen["first"] or time.monotonic()
    await asyncio.sleep(float(sys.argv[1]))
    seen["calls"] += 1
    seen["last"] = time.monotonic()
    reply = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [{"index": 0,
        "message": {"role": "assistant", "content": "It is a thing that can be seen in the picture, " + "x" * 150},
        "finish_reason": "stop"}], "usage": {"prompt_tokens": 200, "completion_tokens": 50, "total_tokens": 250}}
    return web.json_response(reply)
async def told(request):
    answer = web.json_response(dict(seen))
    seen.update(calls=0, first=0.0, last=0.0)
    return answer
async def main():
    app = web.Application()
    app.router.add_post("/v1/chat/completions", chat)
    app.router.add_get("/seen", told)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
    await site.start()
    print(site._server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


@contextmanager
def server() -> Iterator[str]:
    """The address of a server that runs meanwhile."""
    command = [sys.executable, "-c", SERVER, str(LATENCY)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.kill()


def seen(url: str) -> dict[str, float]:
    """Calls since the last time, and when the first and last were answered."""
    import urllib.request

    with urllib.request.urlopen(f"{url}/seen") as answer:
        found: dict[str, float] = json.load(answer)
    return found


async def bare(url: str, level: int, calls: int) -> float:
    """Calls a second of a client that only sends and reads."""
    import aiohttp

    left = iter(range(calls))
    body = {"model": "m", "messages": [{"role": "user", "content": "x" * 1500}]}

    async def worker(session: Any) -> None:
        for _ in left:
            async with session.post(f"{url}/v1/chat/completions", json=body) as answer:
                await answer.json()

    start = time.perf_counter()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=level)) as session:
        await asyncio.gather(*(worker(session) for _ in range(level)))
    return calls / (time.perf_counter() - start)


def paraphrase(url: str, source: Path, out: Path, level: int, calls: int) -> float:
    """Calls a second of the real command, from its first call to its last answer."""
    command = [
        sys.executable, "-m", "m3it_build", "paraphrase", "--task", "vqa-v2", "--source", str(source),
        "--out", str(out), "--split", "train", "--preset", "full", "--limit", str(calls),
        "--base-url", f"{url}/v1", "--model", "m", "--concurrency", str(level),
    ]  # fmt: skip
    environment = {**os.environ, "OPENAI_API_KEY": "none"}
    subprocess.run(command, check=True, capture_output=True, env=environment)
    told = seen(url)
    if told["calls"] != calls:
        raise RuntimeError(f"{told['calls']} calls for {calls} questions")
    return calls / (told["last"] - told["first"])


def stored(source: Path, out: Path, rows: int) -> None:
    """How long a build takes with every answer stored, and without any."""
    times = {}
    for name in ("templates", "stored answers"):
        command = [
            sys.executable, "-m", "m3it_build", "build", "--task", "vqa-v2", "--source", str(source), "--out", str(out),
            "--split", "train", "--preset", "full", "--limit", str(rows),
        ]  # fmt: skip
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times[name] = time.perf_counter() - start
        print(f"build of {rows} rows, {name}: {times[name]:.1f} s", flush=True)
        if name == "templates":
            _fill(source, out)
    print(f"looking up {rows} answers costs {times['stored answers'] - times['templates']:.1f} s over two cores")


def _fill(source: Path, out: Path) -> None:
    """Store an answer for every planned row, in one transaction; the recipe is that of a real pass over one row."""
    with server() as url:
        scratch = out.with_name("one")
        paraphrase(url, source, scratch, 1, 1)
    output = OutputFolder(out)
    with AnswerStore(OutputFolder(scratch).answers, read_only=True) as one:
        recipe = one.recipe("vqa-v2")
    assert recipe is not None
    maker = PromptMaker(recipe, "en")
    reply = Reply("This is a thing of the picture.", "stop", Usage(200, 12), {"id": "x"})
    with AnswerStore(output.answers) as store:
        store.choose("vqa-v2", recipe)
        store.database.execute("PRAGMA synchronous = OFF")
        for index in range(len(list((output.state / "manifests/vqa-v2").glob("train-*.json")))):
            for planned in read_shard(output.plan("vqa-v2", "train"), index):
                if (prompt := maker.prompt(planned.sample)) is not None:
                    store.put(prompt.request.key, AskedFor("vqa-v2", prompt.template.label, "m"), reply)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--levels", default="64,256")
    parser.add_argument("--stored", type=int, default=100_000)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="m3it-paraphrase-"))
    levels = [int(level) for level in arguments.levels.split(",")]
    most = max(int(level / LATENCY * arguments.seconds) for level in levels)
    try:
        source = write_corpus(folder / "source", -(-max(most, arguments.stored) // QUESTIONS))
        with server() as url:
            for level in levels:
                calls = int(level / LATENCY * arguments.seconds)
                peer = asyncio.run(bare(url, level, calls))
                seen(url)
                ours = paraphrase(url, source, folder / f"out-{level}", level, calls)
                ideal = level / LATENCY
                shares = (
                    f"{ours / ideal:4.0%} of the ideal {ideal:.0f}, {ours / peer:4.0%} of a bare client's {peer:.0f}"
                )
                print(f"concurrency {level:4}: {ours:6.0f} answers a second, {shares}", flush=True)
        stored(source, folder / "stored", arguments.stored)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

"""A loopback server that speaks the chat completions and Batch API, and misbehaves on demand; counts every question.

python -m tests.chat_server PORT_FILE: writes its port there and serves until it is killed.
"""

import asyncio
import json
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiohttp import web


class State:
    """What the server was told and what it was asked."""

    def __init__(self) -> None:
        self.delay = 0.0
        self.faults: list[dict[str, Any]] = []
        """Each is given once (or `times`), oldest first."""
        self.asked: Counter[str] = Counter()
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}

    def next_fault(self, prompt: str) -> dict[str, Any] | None:
        """The fault that is due for a prompt."""
        for fault in self.faults:
            if fault.get("match", "") in prompt:
                fault["times"] = fault.get("times", 1) - 1
                if fault["times"] <= 0:
                    self.faults.remove(fault)
                return fault
        return None


def field(prompt: str, name: str) -> str:
    """A labelled line of the prompt."""
    return next(line.partition(": ")[2] for line in prompt.splitlines() if line.startswith(name))


def completion(body: dict[str, Any]) -> dict[str, Any]:
    """A good answer."""
    prompt = body["messages"][-1]["content"]
    text = f"The answer to this one is a {field(prompt, 'Answer')}."
    return {
        "id": "x", "object": "chat.completion", "created": 1, "model": body["model"],
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 200, "completion_tokens": 12, "total_tokens": 212},
    }  # fmt: skip


async def chat(request: web.Request) -> web.StreamResponse:
    """Answer, or do what a fault says."""
    state: State = request.app[STATE]
    body = await request.json()
    prompt = body["messages"][-1]["content"]
    state.asked[prompt] += 1
    await asyncio.sleep(state.delay)
    fault = state.next_fault(prompt)
    if fault is None:
        return web.json_response(completion(body))
    if fault.get("reset"):
        assert request.transport is not None
        request.transport.abort()
        return web.Response()
    if fault.get("drip"):
        reply = web.StreamResponse(headers={"content-type": "application/json"})
        await reply.prepare(request)
        for _ in range(100):
            await reply.write(b" ")
            await asyncio.sleep(0.1)
        return reply
    content = fault.get("body", {"error": {"message": "no", "code": fault.get("code"), "type": "x"}})
    text = content if isinstance(content, str) else json.dumps(content)
    return web.Response(
        text=text,
        status=fault.get("status", 200),
        headers=fault.get("headers", {}),
        content_type=fault.get("type", "application/json"),
    )


async def control(request: web.Request) -> web.Response:
    """Take orders and tell counts."""
    state: State = request.app[STATE]
    if request.method == "POST":
        order = await request.json()
        state.delay = order.get("delay", state.delay)
        state.faults += order.get("faults", [])
        for batch in state.batches.values():
            batch.update(order.get("batches", {}))
    return web.json_response({"asked": state.asked, "batches": list(state.batches)})


async def upload(request: web.Request) -> web.Response:
    """Take a request file."""
    state: State = request.app[STATE]
    form = await request.post()
    name = f"file-{len(state.files)}"
    part = form["file"]
    assert isinstance(part, web.FileField)
    state.files[name] = part.file.read()
    return web.json_response(
        {"id": name, "object": "file", "bytes": 1, "created_at": 1, "filename": "f", "purpose": "batch"}
    )


async def download(request: web.Request) -> web.Response:
    """Give a result file."""
    return web.Response(body=request.app[STATE].files[request.match_info["id"]])


async def make_batch(request: web.Request) -> web.Response:
    """Take a batch; all but each third line is answered, that one fails, and the last line is cut."""
    state: State = request.app[STATE]
    order = await request.json()
    name = f"batch-{len(state.batches)}"
    good, bad = [], []
    for place, text in enumerate(state.files[order["input_file_id"]].splitlines()):
        line = json.loads(text)
        state.asked[line["body"]["messages"][-1]["content"]] += 1
        if place % 3 == 2:
            bad.append(
                {
                    "custom_id": line["custom_id"],
                    "response": None,
                    "error": {"code": "batch_expired", "message": "late"},
                }
            )
        else:
            good.append(
                {
                    "custom_id": line["custom_id"],
                    "response": {"status_code": 200, "body": completion(line["body"])},
                    "error": None,
                }
            )
    lines = [json.dumps(each) for each in reversed(good)]
    state.files[f"{name}-out"] = ("\n".join([*lines[:-1], '{"custom_id": null}', lines[-1][:40]])).encode()
    state.files[f"{name}-err"] = "\n".join(json.dumps(each) for each in bad).encode()
    state.batches[name] = {
        "id": name, "object": "batch", "endpoint": order["endpoint"], "input_file_id": order["input_file_id"],
        "created_at": 1,
        "completion_window": "24h", "status": "in_progress", "metadata": order["metadata"],
    }  # fmt: skip
    return web.json_response(state.batches[name])


async def see_batch(request: web.Request) -> web.Response:
    """Tell a batch's state."""
    batch = request.app[STATE].batches.get(request.match_info["id"])
    if batch is None:
        return web.json_response({"error": {"message": "no such batch"}}, status=404)
    if batch["status"] in ("completed", "expired"):
        batch = {**batch, "output_file_id": f"{batch['id']}-out", "error_file_id": f"{batch['id']}-err"}
    return web.json_response(batch)


async def list_batches(request: web.Request) -> web.Response:
    """Tell all batches."""
    return web.json_response({"object": "list", "data": list(request.app[STATE].batches.values()), "has_more": False})


STATE = web.AppKey("state", State)


class ChatServer:
    """The server in a process of its own, and what a test tells it and asks it."""

    def __init__(self, folder: Path) -> None:
        """Start it; `folder` is for its port."""
        file = folder / "port"
        command = [sys.executable, "-m", "tests.chat_server", str(file)]
        self.process = subprocess.Popen(command, cwd=Path(__file__).parents[1])
        while not file.exists():
            assert self.process.poll() is None
            time.sleep(0.02)
        self.root = f"http://127.0.0.1:{file.read_text()}"
        self.url = f"{self.root}/v1"

    @contextmanager
    def serving(self) -> Iterator["ChatServer"]:
        """End it afterwards."""
        try:
            yield self
        finally:
            self.process.kill()
            self.process.wait()

    def tell(self, **order: Any) -> None:
        """Set delay, faults, batches."""
        request = urllib.request.Request(
            f"{self.root}/control", json.dumps(order).encode(), {"content-type": "application/json"}
        )
        urllib.request.urlopen(request).read()

    def asked(self) -> dict[str, int]:
        """How often each question came."""
        with urllib.request.urlopen(f"{self.root}/control") as reply:
            return dict(json.load(reply)["asked"])


async def serve(port_file: Path) -> None:
    """Serve until killed."""
    app = web.Application(client_max_size=1 << 30)
    app[STATE] = State()
    app.router.add_post("/v1/chat/completions", chat)
    app.router.add_route("*", "/control", control)
    app.router.add_post("/v1/files", upload)
    app.router.add_get("/v1/files/{id}/content", download)
    app.router.add_post("/v1/batches", make_batch)
    app.router.add_get("/v1/batches", list_batches)
    app.router.add_get("/v1/batches/{id}", see_batch)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    temporary = port_file.with_suffix(".tmp")
    temporary.write_text(str(runner.addresses[0][1]))
    temporary.replace(port_file)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))

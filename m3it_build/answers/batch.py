"""The Batch API at half the price: requests are handed in as files, answers are fetched later.

Every step may be repeated: a batch is noted with a label of ours before it is handed in, so that after a kill the next
run finds it again on the server; answers are joined by `custom_id`, which is the key of the store.
"""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import openai

from m3it_build.answers.store import AnswerStore, AskedFor, Batch
from m3it_build.core.plural import plural
from m3it_build.services.chat.client import CallFailed, Request, read_reply
from m3it_build.services.chat.openai import OpenAIChat
from m3it_build.store.atomic import remove, write_atomic

ENDPOINT: Final = "/v1/chat/completions"
MOST_LINES = 50_000
MOST_BYTES = 200_000_000
OVER = ("completed", "failed", "expired", "cancelled")
COLLECTED = "collected"
SUBMITTING = "submitting"
LABEL = "m3it"


@dataclass(slots=True)
class Collected:
    """What a look at all batches brought."""

    answered: int = 0
    failed: int = 0
    unreadable: int = 0
    """Lines of result files that are cut, of no request of ours, or no JSON."""
    left: int = 0
    """Requests that ended without an answer and may be handed in again."""
    running: list[Batch] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether every request of the batches that are over was answered."""
        return not (self.failed or self.left or self.unreadable)

    def told(self) -> list[str]:
        """Lines for a person."""
        running = (f"batch {each.id}: {plural(each.requests, 'request')}, {each.status}" for each in self.running)
        counts = (
            f"{plural(self.answered, 'answer')} collected, {self.failed:,} failed, "
            f"{plural(self.unreadable, 'line')} unreadable, {self.left:,} left to hand in again, "
            f"{plural(len(self.running), 'batch', 'batches')} not over"
        )
        return [*self.notes, *running, counts]


class Batches:
    """Hands in and collects batches of one store."""

    def __init__(
        self,
        chat: OpenAIChat,
        store: AnswerStore,
        folder: Path,
        most_lines: int = MOST_LINES,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        """Request files lie in `folder` until their batch is over."""
        self.chat = chat
        self.store = store
        self.folder = folder
        self.most_lines = most_lines
        self.most_bytes = most_bytes

    async def submit(self, questions: Iterator[tuple[Request, AskedFor]]) -> list[Batch]:
        """Hand in all questions, in as many batches as the limits ask for."""
        await self._find_lost()
        return [await self._hand_in(part) for part in self._parts(questions)]

    async def collect(self) -> Collected:
        """Fetch what is ready; what is not stays."""
        await self._find_lost()
        found = Collected()
        for batch in self.store.batches():
            if batch.id is not None and batch.status not in (COLLECTED, "gone"):
                await self._look(batch, batch.id, found)
        return found

    def _parts(self, questions: Iterator[tuple[Request, AskedFor]]) -> Iterator[list[tuple[bytes, Request, AskedFor]]]:
        part: list[tuple[bytes, Request, AskedFor]] = []
        size = 0
        for request, origin in questions:
            line = {"custom_id": request.key, "method": "POST", "url": ENDPOINT, "body": request.body}
            data = json.dumps(line, ensure_ascii=False).encode() + b"\n"
            if part and (len(part) == self.most_lines or size + len(data) > self.most_bytes):
                yield part
                part, size = [], 0
            part.append((data, request, origin))
            size += len(data)
        if part:
            yield part

    async def _hand_in(self, part: list[tuple[bytes, Request, AskedFor]]) -> Batch:
        batch = Batch(uuid.uuid4().hex, None, part[0][1].model, SUBMITTING, len(part))
        path = self._path(batch)
        write_atomic(path, b"".join(data for data, _, _ in part))
        self.store.prepare_batch(batch, ((request.key, origin) for _, request, origin in part))
        try:
            uploaded = await self.chat.sdk.files.create(file=path, purpose="batch")
            made = await self.chat.sdk.batches.create(
                input_file_id=uploaded.id, endpoint=ENDPOINT, completion_window="24h", metadata={LABEL: batch.label}
            )
        except openai.APIStatusError as error:  # refused: it does not exist
            self._release(batch, "failed")
            raise self.chat.failure(error, batch.model) from error
        except openai.OpenAIError as error:
            raise self.chat.failure(error, batch.model) from error
        batch = replace(batch, id=made.id, status=made.status)
        self.store.update_batch(batch)
        return batch

    async def _find_lost(self) -> None:
        """Batches whose id never came back: killed between handing in and noting it."""
        lost = {batch.label: batch for batch in self.store.batches() if batch.status == SUBMITTING}
        if not lost:
            return
        try:
            async for made in self.chat.sdk.batches.list(limit=100):
                label = (made.metadata or {}).get(LABEL, "")
                if (batch := lost.pop(label, None)) is not None:
                    self.store.update_batch(replace(batch, id=made.id, status=made.status))
        except openai.OpenAIError as error:
            raise self.chat.failure(error, "") from error
        for batch in lost.values():
            self._release(batch, "failed")

    async def _look(self, batch: Batch, id: str, found: Collected) -> None:
        try:
            state = await self.chat.sdk.batches.retrieve(id)
            if state.status not in OVER:
                found.running.append(replace(batch, status=state.status))
                return
            for file in (state.output_file_id, state.error_file_id):
                if file is not None:
                    content = await self.chat.sdk.files.content(file)
                    self._read(batch, content.content, found)
        except openai.NotFoundError:
            found.notes.append(f"batch {id}: not known at {self.chat.address}; look with the account that handed it in")
            found.running.append(batch)
            return
        except openai.OpenAIError as error:
            failure = self.chat.failure(error, batch.model)
            if not isinstance(failure, CallFailed):
                raise failure from error
            found.notes.append(f"batch {id}: {failure.reason}; collect again")
            found.running.append(batch)
            return
        errors = state.errors.data if state.errors and state.errors.data else []
        if state.status != "completed":
            reasons = "; ".join(self.chat.redact(str(error.message)) for error in errors[:3])
            found.notes.append(f"batch {id}: {state.status}{f' ({reasons})' if reasons else ''}")
        found.left += self._release(replace(batch, id=id), COLLECTED)

    def _read(self, batch: Batch, data: bytes, found: Collected) -> None:
        """Join result lines by their key; the order of lines means nothing."""
        for text in data.splitlines():
            line = _object(text)
            key = line.get("custom_id")
            origin = self.store.waits_for(batch, key) if isinstance(key, str) else None
            if origin is None or not isinstance(key, str):
                found.unreadable += not (isinstance(key, str) and self.store.has(key))
                continue
            try:
                reply = read_reply(self.chat.redact_json(_body(line)))
            except CallFailed as failure:
                self.store.fail(key, origin.task, self.chat.redact(failure.reason))
                found.failed += 1
                continue
            self.store.put(key, origin, reply, batch.id)
            found.answered += 1

    def _release(self, batch: Batch, status: str) -> int:
        left = self.store.release_batch(replace(batch, status=status))
        remove(self._path(batch))
        return left

    def _path(self, batch: Batch) -> Path:
        return self.folder / f"{batch.label}.jsonl"


def _object(text: bytes) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return line if isinstance(line, dict) else {}


def _body(line: dict[str, Any]) -> Any:
    """The reply in a result line; CallFailed where it is none."""
    response = line.get("response")
    if not isinstance(response, dict) or response.get("status_code") != 200:
        raise CallFailed(_reason(line, response), again=True)
    return response.get("body")


def _reason(line: dict[str, Any], response: Any) -> str:
    error = line.get("error") or (response.get("body") if isinstance(response, dict) else None) or "no response"
    return f"batch request failed: {error}"

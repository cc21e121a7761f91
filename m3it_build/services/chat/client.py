"""One question to a chat model: what is sent, what comes back, what can go wrong."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import msgspec

from m3it_build.core.errors import M3itError


class Message(NamedTuple):
    """One turn of the conversation."""

    role: str
    content: str


@dataclass(frozen=True)
class Request:
    """Exactly what changes the answer, and nothing else."""

    model: str
    messages: tuple[Message, ...]
    sampling: Mapping[str, Any]
    """temperature, max_tokens and what else goes into the request's body."""

    @cached_property
    def key(self) -> str:
        """The hash under which the answer is kept."""
        facts = {"model": self.model, "messages": self.messages, "sampling": self.sampling}
        return hashlib.sha256(msgspec.json.encode(facts, order="deterministic")).hexdigest()

    @property
    def body(self) -> dict[str, Any]:
        """As the chat completions endpoint takes it."""
        return {"model": self.model, "messages": [turn._asdict() for turn in self.messages], **self.sampling}


class Usage(NamedTuple):
    """Tokens that the server counted."""

    prompt: int = 0
    completion: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """A usable answer of the model."""

    text: str
    finish: str
    """`stop`, `length`, `content_filter`, or whatever else the server says."""
    usage: Usage
    raw: Mapping[str, Any]
    """The whole reply."""


class CallFailed(Exception):
    """One call brought no answer; another question, or another try, may."""

    def __init__(
        self,
        reason: str,
        *,
        again: bool,
        wait: float | None = None,
        limited: bool = False,
        answered: bool = True,
        usage: Usage | None = None,
    ) -> None:
        """Say why.

        Args:
            reason: For a person.
            again: Whether another try may help.
            wait: Seconds the server asks to wait.
            limited: Whether all calls should wait, not only this one.
            answered: Whether a server answered at all.
            usage: What was paid for all the same.
        """
        super().__init__(reason)
        self.reason = reason
        self.again = again
        self.wait = wait
        self.limited = limited
        self.answered = answered
        self.usage = usage or Usage()


class ServiceStop(M3itError):
    """No further call can succeed: a bad key, an empty account, no such model, nobody there."""

    def __init__(self, message: str, exit_code: int = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class ChatClient(Protocol):
    """Answers one request; never retries by itself."""

    async def complete(self, request: Request) -> Reply:
        """The answer.

        Raises:
            CallFailed: this call brought none.
            ServiceStop: no call will.
        """
        ...


def read_reply(content: Any) -> Reply:
    """The answer in the JSON of a chat completion, from a call or from a batch's output file.

    Raises:
        CallFailed: it is not one; servers send web pages, error objects and empty choices with status 200.
    """
    if not isinstance(content, dict):
        raise CallFailed(f"the reply is no JSON object but {type(content).__name__}", again=True)
    usage = read_usage(content.get("usage"))
    choices = content.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        error = content.get("error")
        raise CallFailed(
            f"the reply has no choices{f' but an error: {error}' if error else ''}", again=True, usage=usage
        )
    text = message.get("content")
    if text is None and isinstance(message.get("refusal"), str):
        text = message["refusal"]
    if not isinstance(text, str):
        finish = choice.get("finish_reason")
        if finish == "content_filter" and text is None:
            return Reply("", finish, usage, content)
        raise CallFailed(f"the reply's content is {type(text).__name__}, not text", again=True, usage=usage)
    return Reply(text, str(choice.get("finish_reason") or "stop"), usage, content)


def read_usage(content: Any) -> Usage:
    """Token counts; servers that count nothing, or oddly, count as zero."""
    counts = content if isinstance(content, dict) else {}
    prompt, completion = counts.get("prompt_tokens"), counts.get("completion_tokens")
    return Usage(
        prompt if isinstance(prompt, int) and prompt > 0 else 0,
        completion if isinstance(completion, int) and completion > 0 else 0,
    )

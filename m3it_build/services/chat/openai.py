"""The chat client for OpenAI and for every server that speaks its language (vLLM, llama.cpp, Ollama)."""

import asyncio
import os
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import openai

from m3it_build.core.errors import SettingsError
from m3it_build.services.chat.client import CallFailed, Reply, Request, ServiceStop, read_reply

KEY_VARIABLE = "OPENAI_API_KEY"
OPENAI_HOST = "api.openai.com"
PLACEHOLDER = "no-key"
"""Sent to servers of one's own, which ask for none."""
DETAIL = 300
"""Characters of a server's message that are shown and kept."""


class OpenAIChat:
    """Calls through the SDK, with its retries off and a limit on each call as a whole."""

    def __init__(self, base_url: str | None, timeout: float) -> None:
        """Take the key from the environment; `timeout` is in seconds.

        Raises:
            SettingsError: no key for OpenAI itself, or a base URL that is none.
        """
        address = base_url or os.environ.get("OPENAI_BASE_URL") or f"https://{OPENAI_HOST}/v1"
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsError(
                f"base_url {_without_login(address)!r}: not an http(s) address, as http://127.0.0.1:8000/v1."
            )
        self.address = _without_login(address)
        self.key = os.environ.get(KEY_VARIABLE, "").strip()
        if not self.key and parts.hostname == OPENAI_HOST:
            raise SettingsError(f"{KEY_VARIABLE} is not set. Set it, or give --base-url of a server of your own.")
        if not self.key.isascii() or any(char.isspace() for char in self.key):
            raise SettingsError(f"{KEY_VARIABLE} holds characters that no key has. Set it anew.")
        self.timeout = timeout
        self.sdk = openai.AsyncOpenAI(
            api_key=self.key or PLACEHOLDER,
            base_url=address,
            max_retries=0,
            timeout=timeout,
            # the default transport does 40-200 requests a second with 256 in flight, this one 350
            http_client=openai.DefaultAioHttpClient(),
        )

    async def complete(self, request: Request) -> Reply:
        """The answer; see ChatClient."""
        try:
            async with asyncio.timeout(self.timeout):  # the SDK's own limit is per read: a reply may drip for ever
                completion = await self.sdk.chat.completions.create(**request.body)
        except TimeoutError as error:
            raise CallFailed(f"no whole reply within {self.timeout:g} s", again=True, answered=False) from error
        except (openai.OpenAIError, ValueError) as error:
            raise self.failure(error, request.model) from error
        return self.read(completion)

    def read(self, completion: Any) -> Reply:
        """The answer in what the SDK makes of a reply."""
        content = completion if isinstance(completion, str | None) else _plain(completion)
        return read_reply(self.redact_json(content))

    def failure(self, error: Exception, model: str) -> CallFailed | ServiceStop:
        """What an error of the SDK means for the run."""
        if isinstance(error, openai.APITimeoutError):
            return CallFailed("the server did not answer in time", again=True, answered=False)
        if isinstance(error, openai.APIConnectionError):
            cause = error.__cause__
            return CallFailed(f"no connection: {self.redact(str(cause or error))}", again=True, answered=False)
        if isinstance(error, openai.APIStatusError):
            return self._status(error, model)
        return CallFailed(f"the reply is not JSON ({self.redact(str(error))})", again=True)

    def _status(self, error: openai.APIStatusError, model: str) -> CallFailed | ServiceStop:
        status, detail = error.status_code, self.redact(error.message)
        if error.code == "insufficient_quota":
            return ServiceStop(
                f"{self.address}: the account has no credit left ({detail}). Top it up, then run again.", 1
            )
        if status in (401, 403):
            return ServiceStop(f"{self.address} refuses the key ({status}: {detail}). Check {KEY_VARIABLE}.")
        if status == 404:
            return ServiceStop(
                f"{self.address} knows no model {model!r}, or is no such service ({detail}). "
                "Check --model and --base-url."
            )
        if status == 429:
            return CallFailed(
                "too many requests (429)", again=True, wait=retry_after(error.response.headers), limited=True
            )
        wait = retry_after(error.response.headers)
        again = status in (408, 409) or status >= 500
        return CallFailed(f"status {status}: {detail}", again=again, wait=wait, limited=again and wait is not None)

    def redact(self, text: str) -> str:
        """A server's words on one line, without the key, should it echo it."""
        line = " ".join(text.split())
        return (line.replace(self.key, "***") if self.key else line)[:DETAIL]

    def redact_json(self, content: Any) -> Any:
        """A server's JSON without the key."""
        if not self.key:
            return content
        if isinstance(content, str):
            return content.replace(self.key, "***")
        if isinstance(content, dict):
            return {name: self.redact_json(value) for name, value in content.items()}
        if isinstance(content, list):
            return [self.redact_json(value) for value in content]
        return content

    async def close(self) -> None:
        """Close all connections."""
        await self.sdk.close()


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to wait: `retry-after-ms`, or `Retry-After` in seconds or as a date."""
    try:
        return max(0.0, float(headers["retry-after-ms"]) / 1000)
    except (KeyError, ValueError):
        pass
    value = headers.get("retry-after")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return max(0.0, seconds) if seconds == seconds else None  # noqa: PLR0124 - NaN is a float too


def _plain(model: Any) -> Any:
    """The SDK's object as the JSON that came, whatever its types."""
    return model.model_dump(mode="json", exclude_unset=True, warnings=False) if hasattr(model, "model_dump") else model


def _without_login(address: str) -> str:
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if rest else address

"""A web server on this machine whose faults are told beforehand."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[["Handler", int], None]
"""What a path answers; the number counts its requests from 0."""


class Handler(BaseHTTPRequestHandler):
    """Answers as the server was told."""

    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self) -> None:
        """Remember the request and answer it."""
        faults: FaultServer = self.server.faults
        with faults.lock:
            faults.requests.append((self.path, dict(self.headers.items())))
            number = sum(path == self.path for path, _ in faults.requests) - 1
        answer = faults.answers.get(self.path.partition("?")[0])
        if answer is None:
            self.tell(404)
        else:
            answer(self, number)

    def tell(self, code: int, body: bytes = b"", **headers: str) -> None:
        """A whole answer."""
        self.send_response(code)
        for name, value in ({"Content_Length": str(len(body))} | headers).items():
            if value:
                self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def part(self, body: bytes, claimed: int, code: int = 200, **headers: str) -> None:
        """The beginning of an answer, then the end of the connection."""
        self.tell(code, body, **({"Content_Length": str(claimed)} | headers))
        self.cut()

    def cut(self) -> None:
        """End the connection."""
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass
class FaultServer:
    """Its answers by path, and the requests that it had."""

    port: int
    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    scheme: str = "http"

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"{self.scheme}://127.0.0.1:{self.port}{path}"

    def headers(self, name: str) -> list[str | None]:
        """A header of each request."""
        return [headers.get(name) for _, headers in self.requests]


@contextmanager
def fault_server(wrap: Callable[[Any], Any] | None = None) -> Iterator[FaultServer]:
    """A server on a free port; `wrap` makes its socket one of TLS."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # a client that goes away is what is tested
    if wrap is not None:
        server.socket = wrap(server.socket)
    faults = FaultServer(server.server_address[1], scheme="https" if wrap else "http")
    server.faults = faults
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield faults
    finally:
        server.shutdown()
        server.server_close()


def file(
    body: bytes, *, etag: str = '"1"', modified: str = "", ranges: bool = True, cuts: tuple[int, ...] = (), **more: str
) -> Answer:
    """A file as a good server has it; its first answers end after so many bytes."""

    def answer(handler: Handler, number: int) -> None:
        headers = {"ETag": etag, "Last_Modified": modified, "Content_Type": "application/octet-stream"} | more
        start = 0
        asked = handler.headers.get("Range")
        if asked and ranges and handler.headers.get("If-Range") in (None, etag or modified, modified):
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            if start >= len(body):
                handler.tell(416, Content_Range=f"bytes */{len(body)}")
                return
            headers["Content_Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        code = 206 if "Content_Range" in headers else 200
        end = cuts[number] if number < len(cuts) else len(body)
        if end < len(body):
            handler.part(body[start:end], len(body) - start, code, **headers)
        else:
            handler.tell(code, body[start:], **headers)

    return answer

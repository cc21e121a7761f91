"""One large file from a server of this machine: our transfer, its hash included, against curl.

    python -m scripts.bench.download [--megabytes 1000] [--rounds 5] [--folder DIR]

The server sends with sendfile from its own process. Rounds alternate; the ratio of the medians is ours / curl's.
"""

import argparse
import http.server
import multiprocessing
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from m3it_build.services.door import Address, Door
from m3it_build.services.transfer import transfer


def serve(path: str, port: "multiprocessing.SimpleQueue[int]") -> None:
    """Answer every request with the file."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Send all of it."""
            with Path(path).open("rb") as stream:
                self.send_response(200)
                self.send_header("Content-Length", str(os.fstat(stream.fileno()).st_size))
                self.send_header("ETag", '"1"')
                self.end_headers()
                self.wfile.flush()
                assert isinstance(self.connection, socket.socket)
                self.connection.sendfile(stream)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    port.put(server.server_address[1])
    server.serve_forever()


def main() -> None:
    """Measure, and print seconds and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=None, help="where files are written")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        source, target = Path(folder) / "source.bin", Path(folder) / "got" / "x.bin"
        target.parent.mkdir()
        with source.open("wb") as stream:
            for _ in range(asked.megabytes):
                stream.write(os.urandom(1 << 20))
        queue: multiprocessing.SimpleQueue[int] = multiprocessing.SimpleQueue()
        server = multiprocessing.Process(target=serve, args=(str(source), queue), daemon=True)
        server.start()
        url = f"http://127.0.0.1:{queue.get()}/x"
        seconds: dict[str, list[float]] = {"curl": [], "ours": []}
        for number in range(2 * asked.rounds):
            name = ("curl", "ours")[number % 2]
            start = time.perf_counter()
            if name == "curl":
                subprocess.run(["curl", "-s", "-o", str(target), url], check=True)
            else:
                door = Door(allow_private=True)
                transfer([Address(url)], target, door=door)
                door.close()
            seconds[name].append(time.perf_counter() - start)
            target.unlink()
        server.terminate()
    medians = {name: statistics.median(each) for name, each in seconds.items()}
    for name, median in medians.items():
        rates = [asked.megabytes * 1.048576 / each for each in seconds[name]]
        sys.stdout.write(
            f"{name}: {median:.2f} s, {statistics.median(rates):,.0f} MB/s ({min(rates):,.0f} to {max(rates):,.0f})\n"
        )
    sys.stdout.write(f"ours / curl: {medians['ours'] / medians['curl']:.2f}\n")


if __name__ == "__main__":
    main()

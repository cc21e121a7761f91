"""A Hub in memory, on this machine: the endpoints that huggingface_hub and datasets call, and faults on demand."""

import base64
import hashlib
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from huggingface_hub import DatasetCard

WRITER = "hf_writerwriterwriterwriterwriter"
READER = "hf_readerreaderreaderreaderreader"
LICENSES = {"cc-by-3.0", "cc-by-4.0", "cc-by-nc-4.0", "cc-by-nc-sa-4.0", "apache-2.0", "mit", "other"}
PART = 20_000
"""Files above go up in parts of this size, where a Hub is made with `multipart`."""


@dataclass(frozen=True)
class Stored:
    """A file in a commit."""

    data: bytes
    large: bool

    @property
    def git_hash(self) -> str:
        """The name of the blob."""
        return hashlib.sha1(b"blob %d\0" % len(self.data) + self.data).hexdigest()

    @property
    def sha256(self) -> str:
        """The name of a large file."""
        return hashlib.sha256(self.data).hexdigest()

    def entry(self, path: str) -> dict[str, Any]:
        """As a tree lists it."""
        found: dict[str, Any] = {"type": "file", "path": path, "oid": self.git_hash, "size": len(self.data)}
        if self.large:
            found["lfs"] = {"oid": self.sha256, "size": len(self.data), "pointerSize": 130}
        return found


Tree = dict[str, Stored]


@dataclass
class Repo:
    """A repository: its revisions by name, its commits by hash."""

    private: bool = False
    heads: dict[str, str] = field(default_factory=dict)
    commits: dict[str, Tree] = field(default_factory=dict)

    def commit(self, revision: str, tree: Tree) -> str:
        """Add a commit; returns its hash."""
        oid = hashlib.sha1(f"{len(self.commits)}{revision}".encode()).hexdigest()
        self.commits[oid] = tree
        self.heads[revision] = oid
        return oid

    def oid(self, revision: str) -> str | None:
        """The commit of a revision."""
        return revision if revision in self.commits else self.heads.get(revision)


@dataclass
class Fault:
    """An answer that a call gets instead of the right one, so many times."""

    call: str
    status: int
    times: int = 1
    headers: dict[str, str] = field(default_factory=dict)
    after: bool = False
    """Whether the call is done first, and only its answer is lost."""


class LoopbackHub:
    """The state of all repositories and what was asked."""

    def __init__(self, *, multipart: bool = False) -> None:
        self.multipart = multipart
        self.repos: dict[tuple[str, str], Repo] = {}
        self.objects: dict[str, bytes] = {}
        self.parts: dict[tuple[str, int], bytes] = {}
        self.faults: list[Fault] = []
        self.calls: Counter[str] = Counter()
        self.received: Counter[str] = Counter()
        """Large files that came in whole, by hash."""
        self.messages: list[str] = []
        self.on_call: Callable[[str], bool] = lambda _: False
        """Hears of every call before it is answered; where it says so, the call is lost."""
        self.refused_card = ""
        self.lock = threading.Lock()
        self.url = ""

    def environment(self, home: Path) -> dict[str, str]:
        """What a process needs to take it for the Hub, with a token that may write."""
        return {
            "HF_ENDPOINT": self.url,
            "HF_HOME": str(home),
            "HF_TOKEN": WRITER,
            "HF_HUB_DISABLE_XET": "1",  # Xet speaks to servers of its own
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_OFFLINE": "0",
        }

    def repo(self, repo_id: str, kind: str = "datasets") -> Repo:
        """A repository that is there."""
        return self.repos[kind, repo_id]

    def tree(self, repo_id: str, revision: str = "main") -> dict[str, bytes]:
        """Its files, but for .gitattributes."""
        repo = self.repo(repo_id)
        return {
            path: each.data for path, each in repo.commits[repo.heads[revision]].items() if path != ".gitattributes"
        }

    def add(self, repo_id: str, kind: str = "datasets", *, private: bool = False) -> Repo:
        """Make a repository."""
        repo = self.repos[kind, repo_id] = Repo(private)
        repo.commit("main", {".gitattributes": Stored(b"*.parquet filter=lfs\n", large=False)})
        return repo

    @contextmanager
    def serving(self) -> Iterator["LoopbackHub"]:
        """Answer on a free port."""
        server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A killed client resets its connections; that is no news."""


class Answer(Exception):
    """What a call is answered with."""

    def __init__(self, status: int, body: Any = None, headers: Mapping[str, str] | None = None) -> None:
        self.status, self.body, self.headers = status, body, dict(headers or {})


ROUTES = [
    ("GET", "whoami", r"/api/whoami-v2"),
    ("POST", "create", r"/api/repos/create"),
    ("POST", "validate", r"/api/validate-yaml"),
    ("POST", "preupload", r"/api/datasets/(?P<id>[^/]+/[^/]+)/preupload/(?P<rev>[^/]+)"),
    ("POST", "batch", r"/datasets/(?P<id>[^/]+/[^/]+)\.git/info/lfs/objects/batch"),
    ("PUT", "put", r"/lfs/(?P<oid>\w+)"),
    ("PUT", "part", r"/lfs/(?P<oid>\w+)/(?P<part>\d+)"),
    ("POST", "complete", r"/lfs/(?P<oid>\w+)/complete"),
    ("POST", "verify", r"/lfs/(?P<oid>\w+)/verify"),
    ("POST", "commit", r"/api/datasets/(?P<id>[^/]+/[^/]+)/commit/(?P<rev>[^/]+)"),
    ("GET", "info", r"/api/(?P<kind>datasets|models)/(?P<id>[^/]+/[^/]+)(/revision/(?P<rev>[^/]+))?"),
    ("GET", "tree", r"/api/datasets/(?P<id>[^/]+/[^/]+)/tree/(?P<rev>[^/]+)(/(?P<path>.+))?"),
    ("POST", "paths", r"/api/datasets/(?P<id>[^/]+/[^/]+)/paths-info/(?P<rev>[^/]+)"),
    ("GET", "resolve", r"/datasets/(?P<id>[^/]+/[^/]+)/resolve/(?P<rev>[^/]+)/(?P<path>.+)"),
]


class Calls:
    """One method a call."""

    def __init__(self, hub: LoopbackHub, body: bytes, token: str, query: dict[str, list[str]]) -> None:
        self.hub, self.body, self.token, self.query = hub, body, token, query

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)

    def writer(self) -> None:
        """Refuse whoever may not write."""
        if self.token != WRITER:
            raise Answer(403, {"error": "Forbidden: you do not have write rights"})

    def found(self, id: str, rev: str | None = None, kind: str = "datasets") -> tuple[Repo, str]:
        """A repository and a commit of it."""
        repo = self.hub.repos.get((kind, id))
        if repo is None or (repo.private and not self.token):
            raise Answer(404, {"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"})
        oid = repo.oid(unquote(rev or "main"))
        if oid is None:
            raise Answer(404, {"error": f"Invalid rev id: {rev}"}, {"X-Error-Code": "RevisionNotFound"})
        return repo, oid

    def whoami(self) -> Any:
        """Who owns the token."""
        if self.token not in {WRITER, READER}:
            raise Answer(401, {"error": "Invalid credentials in Authorization header"})
        return {"type": "user", "name": "tester", "orgs": [], "auth": {"type": "access_token"}}

    def create(self) -> Any:
        """Make a repository."""
        self.writer()
        id = f"{self.json['organization']}/{self.json['name']}"
        url = f"{self.hub.url}/datasets/{id}"
        if ("datasets", id) in self.hub.repos:
            raise Answer(409, {"error": "You already created this dataset repo", "url": url})
        self.hub.add(id, private=self.json.get("visibility") == "private")
        return {"url": url, "name": id, "id": "1"}

    def validate(self) -> Any:
        """Check a card's YAML."""
        errors = [self.hub.refused_card] if self.hub.refused_card else []
        licenses = DatasetCard(self.json["content"]).data.get("license", [])
        errors += [f'"license" must not be {each}' for each in set(licenses) - LICENSES]
        if errors:
            raise Answer(400, {"errors": [{"message": each} for each in errors], "warnings": []})
        return {"errors": [], "warnings": []}

    def preupload(self, id: str, rev: str) -> Any:
        """Tell which files are large, and what is there."""
        self.writer()
        repo, oid = self.found(id, rev)
        tree = repo.commits[oid]
        files = []
        for each in self.json["files"]:
            sample = base64.b64decode(each["sample"])
            large = each["path"].endswith((".parquet", ".zst")) or b"\0" in sample or each["size"] > 10 << 20
            there = tree.get(each["path"])
            known = (there.sha256 if there.large else there.git_hash) if there else None
            files.append(
                {"path": each["path"], "uploadMode": "lfs" if large else "regular", "shouldIgnore": False, "oid": known}
            )
        return {"files": files}

    def batch(self, id: str) -> Any:
        """Tell where large files go."""
        self.writer()
        self.found(id)
        objects = []
        for each in self.json["objects"]:
            oid, size = each["oid"], each["size"]
            found = {"oid": oid, "size": size}
            if oid not in self.hub.objects:
                place = f"{self.hub.url}/lfs/{oid}"
                upload: dict[str, Any] = {"href": place}
                if self.hub.multipart and size > PART:
                    parts = {str(number + 1): f"{place}/{number + 1}" for number in range(-(-size // PART))}
                    upload = {"href": f"{place}/complete", "header": {"chunk_size": str(PART), **parts}}
                found["actions"] = {"upload": upload, "verify": {"href": f"{place}/verify"}}
            objects.append(found)
        return {"transfer": "multipart" if self.hub.multipart else "basic", "objects": objects}

    def put(self, oid: str) -> Any:
        """Take a large file."""
        self._keep(oid, self.body)
        return {}

    def part(self, oid: str, part: str) -> Any:
        """Take a part of one."""
        self.hub.parts[oid, int(part)] = self.body
        raise Answer(200, {}, {"ETag": hashlib.md5(self.body).hexdigest()})

    def complete(self, oid: str) -> Any:
        """Join the parts."""
        numbers = [each["partNumber"] for each in self.json["parts"]]
        self._keep(oid, b"".join(self.hub.parts.pop((oid, number)) for number in numbers))
        return {}

    def _keep(self, oid: str, data: bytes) -> None:
        if hashlib.sha256(data).hexdigest() != oid:
            raise Answer(400, {"error": "other bytes than announced"})
        with self.hub.lock:
            self.hub.objects[oid] = data
            self.hub.received[oid] += 1

    def verify(self, oid: str) -> Any:
        """Whether a large file came in."""
        if oid not in self.hub.objects:
            raise Answer(404, {"error": "no such object"})
        return {}

    def commit(self, id: str, rev: str) -> Any:
        """Apply the operations."""
        opens = "create_pr" in self.query
        if not opens:
            self.writer()
        repo, oid = self.found(id, rev)
        tree = dict(repo.commits[oid])
        lines = [json.loads(line) for line in self.body.splitlines()]
        for line in lines:
            value = line["value"]
            if line["key"] == "header":
                self.hub.messages.append(value["summary"])
            elif line["key"] == "file":
                tree[value["path"]] = Stored(base64.b64decode(value["content"]), large=False)
            elif line["key"] == "lfsFile":
                if value["oid"] not in self.hub.objects:
                    raise Answer(400, {"error": f"{value['path']}: no such object"})
                tree[value["path"]] = Stored(self.hub.objects[value["oid"]], large=True)
            else:
                assert line["key"] == "deletedFile", line
                del tree[value["path"]]
        number = sum(name.startswith("refs/pr/") for name in repo.heads) + 1
        with self.hub.lock:
            new = repo.commit(f"refs/pr/{number}" if opens else unquote(rev), tree)
        page = f"{self.hub.url}/datasets/{id}"
        more = {"pullRequestUrl": f"{page}/discussions/{number}"} if opens else {}
        return {"success": True, "commitOid": new, "commitUrl": f"{page}/commit/{new}", "hookOutput": "", **more}

    def info(self, id: str, rev: str | None, kind: str) -> Any:
        """Facts of a repository."""
        repo, oid = self.found(id, rev, kind)
        names = [{"rfilename": path} for path in repo.commits[oid]]
        return {
            "_id": "1",
            "id": id,
            "sha": oid,
            "private": repo.private,
            "gated": False,
            "tags": [],
            "siblings": names,
        }

    def tree(self, id: str, rev: str, path: str | None) -> Any:
        """List files."""
        repo, oid = self.found(id, rev)
        files = repo.commits[oid]
        start = f"{unquote(path)}/" if path else ""
        inside = {name: each for name, each in files.items() if name.startswith(start)}
        if path and not inside:
            raise Answer(404, {"error": f"{path} does not exist"}, {"X-Error-Code": "EntryNotFound"})
        every = self.query.get("recursive", ["False"])[0].lower() == "true"
        folders = {
            start + "/".join(parts[:depth])
            for name in inside
            for parts in [name.removeprefix(start).split("/")]
            for depth in range(1, len(parts) if every else min(len(parts), 2))
        }
        listed = [{"type": "directory", "path": each, "oid": "0" * 40, "size": 0} for each in sorted(folders)]
        return listed + [
            each.entry(name) for name, each in inside.items() if every or "/" not in name.removeprefix(start)
        ]

    def paths(self, id: str, rev: str) -> Any:
        """Facts of some paths."""
        repo, oid = self.found(id, rev)
        files = repo.commits[oid]
        asked = self.json["paths"] if self.body.startswith(b"{") else parse_qs(self.body.decode()).get("paths", [])
        asked = [asked] if isinstance(asked, str) else asked
        listed = []
        for path in asked:
            if path in files:
                listed.append(files[path].entry(path))
            elif any(name.startswith(f"{path}/") for name in files):
                listed.append({"type": "directory", "path": path, "oid": "0" * 40, "size": 0})
        return listed

    def resolve(self, id: str, rev: str, path: str) -> Any:
        """Give a file."""
        repo, oid = self.found(id, rev)
        each = repo.commits[oid].get(unquote(path))
        if each is None:
            raise Answer(404, {"error": "Entry not found"}, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": oid})
        headers = {"ETag": f'"{each.git_hash}"', "X-Repo-Commit": oid, "Accept-Ranges": "bytes"}
        if each.large:
            headers |= {"X-Linked-Etag": f'"{each.sha256}"', "X-Linked-Size": str(len(each.data))}
        raise Answer(200, each.data, headers)


def _handler(hub: LoopbackHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Stay silent."""

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if "chunked" in self.headers.get("Transfer-Encoding", ""):
                body = self._chunks()
            method = "GET" if self.command == "HEAD" else self.command
            found = ((call, verb == method and re.fullmatch(pattern, parts.path)) for verb, call, pattern in ROUTES)
            call, match = next((each for each in found if each[1]), ("", None))
            if not match:
                self._send(Answer(404, {"error": f"no such address: {self.command} {self.path}"}))
                return
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            with hub.lock:
                hub.calls[call] += 1
                fault = next((each for each in hub.faults if each.call == call and each.times), None)
                if fault is not None:
                    fault.times -= 1
            if hub.on_call(call):
                self.close_connection = True
                return
            answer = Answer(fault.status, b"<html>fault</html>", fault.headers) if fault else None
            if answer is None or (fault is not None and fault.after):
                try:
                    done = getattr(Calls(hub, body, token, parse_qs(parts.query)), call)(**match.groupdict())
                    right = Answer(200, done)
                except Answer as other:
                    right = other
                answer = answer or right
            self._send(answer)

        do_GET = do_HEAD = do_POST = do_PUT = _serve  # noqa: N815 - the names that http.server looks for

        def _chunks(self) -> bytes:
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def _send(self, answer: Answer) -> None:
            data = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
            status = answer.status
            asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            if asked and status == 200:
                start, end = int(asked[1]), int(asked[2] or len(data) - 1)
                answer.headers["Content-Range"] = f"bytes {start}-{min(end, len(data) - 1)}/{len(data)}"
                data, status = data[start : end + 1], 206
            kind = "application/json" if not isinstance(answer.body, bytes) else "application/octet-stream"
            try:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the client was killed

    return Handler

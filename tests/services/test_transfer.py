"""A file over HTTP has its name when it is whole and right, and is resumed without mixing two editions."""

import gzip
import hashlib
import io
import json
import os
import resource
import signal
import ssl
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.errors import M3itError, SettingsError
from m3it_build.services.door import Address, Again, Door, Refused
from m3it_build.services.hub import told
from m3it_build.services.transfer import Changed, Expected, Fetched, Pace, Stopped, Unwritable, transfer
from m3it_build.services.whole import damage
from tests.corpus import ROOT
from tests.fault_server import Answer, FaultServer, Handler, fault_server, file

BODY = os.urandom(3 << 20)
OTHER = os.urandom(3 << 20)
SHA = {"sha256": hashlib.sha256(BODY).hexdigest()}
DATE = "Wed, 01 Jan 2025 00:00:00 GMT"
FAST = Pace(first=0.01, most=0.02, worth=1 << 18)
Fetch = Callable[..., Fetched]


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with fault_server() as found:
        yield found


@pytest.fixture
def fetch(server: FaultServer, tmp_path: Path) -> Iterator[Fetch]:
    """Fetch a path of the server into `x.bin`, or another name."""
    door = Door(allow_private=True, silent=0.5, connect=0.5)

    def run(
        *paths: str,
        name: str = "x.bin",
        size: int | None = None,
        hashes: dict[str, str] | None = None,
        accept: tuple[str, ...] = (),
        pace: Pace = FAST,
        **more: Any,
    ) -> Fetched:
        addresses = [Address(path if "://" in path else server.url(path)) for path in paths or ("/x",)]
        expected = Expected(size, hashes or {}, frozenset(accept))
        return transfer(addresses, tmp_path / name, expected, door=door, pace=pace, **more)

    yield run
    door.close()


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


def cut_first(server: FaultServer, fetch: Fetch, answer: Answer, then: Answer, **expected: Any) -> Fetched:
    """One run that is cut, and another one that meets another answer."""
    server.answers["/x"] = answer
    with pytest.raises(Refused):
        fetch(pace=Pace(tries=1), **expected)
    server.requests.clear()
    server.answers["/x"] = then
    return fetch(**expected)


@pytest.mark.parametrize("cuts", [(), (1 << 20,), (0,), (len(BODY) - 1,), (0, 5000, 1 << 20, 2 << 20, len(BODY) - 1)])
def test_a_file_that_is_cut_is_resumed_at_its_byte(
    server: FaultServer, fetch: Fetch, tmp_path: Path, cuts: tuple[int, ...]
) -> None:
    server.answers["/x"] = file(BODY, cuts=cuts)
    heard: list[int] = []
    got = fetch(moved=heard.append)
    assert (tmp_path / "x.bin").read_bytes() == BODY
    assert (got.size, got.sha256, got.came) == (len(BODY), SHA["sha256"], len(BODY))
    assert server.headers("Range") == [None, *(f"bytes={cut}-" if cut else None for cut in cuts)]
    assert set(server.headers("If-Range")[1:]) <= {'"1"', None}
    assert set(server.headers("Accept-Encoding")) == {"identity"}
    assert sum(heard) == len(BODY)
    assert left(tmp_path) == ["x.bin"]


def test_another_edition_of_a_file_is_never_put_behind_the_first(
    server: FaultServer, fetch: Fetch, tmp_path: Path
) -> None:
    notes: list[str] = []
    server.answers["/x"] = file(BODY, cuts=(1 << 20,))
    with pytest.raises(Refused):
        fetch(pace=Pace(tries=1))
    server.answers["/x"] = file(OTHER, etag='"2"')
    fetch(say=notes.append)
    assert (tmp_path / "x.bin").read_bytes() == OTHER
    assert any("begins anew" in note for note in notes)


def test_a_server_that_ignores_if_range_does_not_mix_editions_either(
    server: FaultServer, fetch: Fetch, tmp_path: Path
) -> None:
    def careless(handler: Handler, number: int) -> None:
        del handler.headers["If-Range"]
        file(OTHER, etag='"2"')(handler, number)

    cut_first(server, fetch, file(BODY, cuts=(1 << 20,)), careless)
    assert (tmp_path / "x.bin").read_bytes() == OTHER
    assert server.headers("Range") == [f"bytes={1 << 20}-", None]


@pytest.mark.parametrize(
    ("etag", "modified", "hashes", "asked"),
    [
        ('W/"1"', "", {}, None),
        ('W/"1"', DATE, {}, DATE),
        ("", DATE, {}, DATE),
        ("", "", {}, None),
        ("", "", SHA, "no validator"),
    ],
)
def test_a_part_is_continued_only_with_a_validator_or_a_hash(
    server: FaultServer,
    fetch: Fetch,
    tmp_path: Path,
    etag: str,
    modified: str,
    hashes: dict[str, str],
    asked: str | None,
) -> None:
    answer = file(BODY, etag=etag, modified=modified)
    cut_first(server, fetch, file(BODY, etag=etag, modified=modified, cuts=(1 << 20,)), answer, hashes=hashes)
    assert server.headers("If-Range") == [asked if asked != "no validator" else None]
    assert server.headers("Range") == [f"bytes={1 << 20}-" if asked else None]
    assert (tmp_path / "x.bin").read_bytes() == BODY


def test_a_server_without_ranges_sends_all_of_it_again(server: FaultServer, fetch: Fetch, tmp_path: Path) -> None:
    cut_first(server, fetch, file(BODY, cuts=(1 << 20,)), file(BODY, ranges=False))
    assert (tmp_path / "x.bin").read_bytes() == BODY


@pytest.mark.parametrize(
    ("content_range", "first"),
    [
        (f"bytes 1000-{len(BODY) - 1}/{len(BODY)}", 1000),
        (f"bytes {2 << 20}-{len(BODY) - 1}/{len(BODY)}", 2 << 20),
        (f"bytes {1 << 20}-{len(BODY) - 1}/{len(BODY) + 5}", 1 << 20),
        ("", 1 << 20),
    ],
)
def test_a_range_that_begins_elsewhere_or_is_of_another_file_is_seen(
    server: FaultServer, fetch: Fetch, tmp_path: Path, content_range: str, first: int
) -> None:
    def answer(handler: Handler, number: int) -> None:
        if handler.headers.get("Range"):
            handler.tell(206, BODY[first:], ETag='"1"', Content_Range=content_range)
        else:
            file(BODY)(handler, number)

    cut_first(server, fetch, file(BODY, cuts=(1 << 20,)), answer)
    assert (tmp_path / "x.bin").read_bytes() == BODY


@pytest.mark.parametrize("whole", [True, False])
def test_a_part_that_is_whole_already_is_asked_for_no_more_bytes(
    server: FaultServer, fetch: Fetch, tmp_path: Path, whole: bool
) -> None:
    had = BODY if whole else BODY + b"more"
    (tmp_path / ".x.bin.part").write_bytes(had)
    facts = {"url": server.url("/x"), "etag": '"1"', "total": len(had)}
    (tmp_path / ".x.bin.part.json").write_text(json.dumps(facts))
    server.answers["/x"] = file(BODY)
    got = fetch()
    assert (tmp_path / "x.bin").read_bytes() == BODY
    assert got.came == (0 if whole else len(BODY))


def test_a_body_without_a_length_is_taken_and_one_that_is_cut_is_not(
    server: FaultServer, fetch: Fetch, tmp_path: Path
) -> None:
    def chunked(handler: Handler, number: int) -> None:
        handler.tell(200, Content_Length="", Transfer_Encoding="chunked")
        for start in range(0, len(BODY), 1 << 20):
            if number < 1 and start:
                handler.cut()
                return
            piece = BODY[start : start + (1 << 20)]
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        handler.wfile.write(b"0\r\n\r\n")

    server.answers["/x"] = chunked
    fetch()
    assert (tmp_path / "x.bin").read_bytes() == BODY
    assert len(server.requests) == 2


def test_a_body_without_an_end_is_left(server: FaultServer, fetch: Fetch, tmp_path: Path) -> None:
    def endless(handler: Handler, _: int) -> None:
        handler.tell(200, Content_Length="", Connection="close")
        for _ in range(64):
            handler.wfile.write(BODY)
        handler.cut()

    server.answers["/x"] = endless
    with pytest.raises(Refused, match="more than 10,000,000 bytes"):
        fetch(size=10_000_000)
    assert left(tmp_path) == []


@pytest.mark.parametrize("size", [len(BODY) - 1, len(BODY) + 1])
def test_a_file_of_another_size_is_refused_before_it_comes_unless_it_is_trusted(
    server: FaultServer, fetch: Fetch, tmp_path: Path, size: int
) -> None:
    server.answers["/x"] = file(BODY)
    with pytest.raises(Refused, match=f"--accept bytes:{len(BODY)}"):
        fetch(size=size, hashes={"sha256": "0" * 64})
    assert left(tmp_path) == []
    fetch(size=size, hashes={"sha256": "0" * 64}, accept=(f"bytes:{len(BODY)}",))
    assert (tmp_path / "x.bin").read_bytes() == BODY


def test_a_busy_server_is_asked_again_when_it_says(server: FaultServer, fetch: Fetch) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=1), usegmt=True)

    def busy(handler: Handler, number: int) -> None:
        waits = ["0", date, ""]
        if number < 3:
            handler.tell(429 if number < 2 else 503, Retry_After=waits[number])
        else:
            file(BODY)(handler, number)

    server.answers["/x"] = busy
    fetch()
    assert len(server.requests) == 4


def test_a_server_that_asks_for_an_hour_is_left_for_the_next_one(server: FaultServer, fetch: Fetch) -> None:
    server.answers |= {"/x": lambda handler, _: handler.tell(429, Retry_After="3600"), "/y": file(BODY)}
    with pytest.raises(Refused, match="come back in 3,600 s"):
        fetch()
    assert fetch("/x", "/y").url.endswith("/y")


def test_a_server_that_stays_broken_is_left_after_six_tries(server: FaultServer, fetch: Fetch, tmp_path: Path) -> None:
    server.answers["/x"] = lambda handler, _: handler.tell(503)
    with pytest.raises(Refused, match=r"answers 503 \(6 tries\)"):
        fetch()
    assert len(server.requests) == 6 and left(tmp_path) == []


@pytest.mark.parametrize("code", [401, 403, 404, 410])
def test_a_refusal_is_final_and_the_next_address_is_asked(server: FaultServer, fetch: Fetch, code: int) -> None:
    server.answers |= {"/x": lambda handler, _: handler.tell(code), "/y": file(BODY)}
    with pytest.raises(Refused, match=f"answers {code}"):
        fetch()
    assert len(server.requests) == 1
    assert fetch("/x", "/y").url.endswith("/y")


def zip_bytes() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.json", "{}" * 4000)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "kind", "body", "told"),
    [
        ("x.zip", "text/html; charset=utf-8", b"<!DOCTYPE html><title>Log in</title>", "a web page"),
        ("x.zip", "application/zip", b"\n <!-- x --><html><body>Quota exceeded", "a web page"),
        ("x.csv", "text/plain", b"<!doctype html>", "a web page"),
        ("x.json", "text/plain", b"<html>", "a web page"),
        ("x.json", "application/json", b"not here", "no JSON"),
        (
            "x.tar.gz",
            "application/gzip",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0",
            "a pointer of Git LFS",
        ),
        ("x.zip", "application/zip", zip_bytes()[:-30], "a broken zip"),
        ("x.gz", "application/gzip", gzip.compress(BODY)[:-9], "half a .gz"),
        ("x.parquet", "application/octet-stream", b"PAR1" + BODY, "half a Parquet"),
        ("x.npy", "application/octet-stream", BODY, r"no \.npy file"),
        ("x.json", "application/json", b"", "an empty file"),
        ("x.csv", "text/csv", b"", "an empty file"),
        ("x.json", "application/json", b'{"a": [1, 2', "half a JSON"),
        ("x.json", "application/json", b'{"a": {"b": 1}', "half a JSON"),
        ("x.json", "application/json", b'[\n{"a": 1},\n{"b": 2}\n', "half a JSON"),
        ("x.jsonl", "application/json", b'{"a": 1}\n{"a": ', "half a JSON"),
        ("x.csv", "text/csv", b"<!-- x --><body>Log in", "a web page"),
        ("x.txt", "text/plain", b"<div>Log in", "a web page"),
    ],
)
def test_what_is_no_such_file_never_gets_its_name(
    server: FaultServer, fetch: Fetch, tmp_path: Path, name: str, kind: str, body: bytes, told: str
) -> None:
    server.answers["/x"] = file(body, Content_Type=kind)
    with pytest.raises(Refused, match=told):
        fetch(name=name)
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("x.json", b'\xef\xbb\xbf[{"a": NaN}]\n'),
        ("x.json", b'{"a": 1}\n{"a": 2}\n'),
        ("x.json", '{"a": "caf\u00e9"}'.encode("latin-1")),
        ("x.jsonl", b'{"a": "\t"}\r\n{"a": 2}'),
        ("x.csv", b"a,b\n<p>,1\n"),
    ],
)
def test_what_is_whole_gets_its_name(server: FaultServer, fetch: Fetch, tmp_path: Path, name: str, body: bytes) -> None:
    server.answers["/x"] = file(body)
    fetch(name=name)
    assert (tmp_path / name).read_bytes() == body


@pytest.mark.parametrize("body", [b"", b"<s> a token"])
def test_a_hash_that_is_known_decides_alone(server: FaultServer, fetch: Fetch, tmp_path: Path, body: bytes) -> None:
    server.answers["/x"] = file(body)
    fetch(name="x.txt", hashes={"sha256": hashlib.sha256(body).hexdigest()})
    assert (tmp_path / "x.txt").read_bytes() == body


def test_the_ends_of_a_long_json_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("m3it_build.services.whole.PARSED", 1000)
    path = tmp_path / "x.json"
    for body, whole in (
        (b"[" + b"1," * 2000 + b"1]", True),
        (b"[" + b"1," * 2000, False),
        (b'{"a": 1}\n' * 500, True),
        (b'{"a": 1}\n' * 500 + b'{"a', False),
    ):
        path.write_bytes(body)
        assert (damage(path, path.name) is None) == whole


@pytest.mark.parametrize("etags", [['"1"'] * 50, [f'"{number}"' for number in range(50)]])
def test_bytes_that_come_again_are_no_progress(
    server: FaultServer, fetch: Fetch, tmp_path: Path, etags: list[str]
) -> None:
    server.answers["/x"] = lambda handler, number: handler.part(BODY[: 1 << 20], len(BODY), ETag=etags[number])
    with pytest.raises(Refused, match=r"\(6 tries\)"):
        fetch()
    assert len(server.requests) == 6
    assert not (tmp_path / "x.bin").exists()


def test_tries_from_zero_that_get_further_each_time_end_well(server: FaultServer, fetch: Fetch, tmp_path: Path) -> None:
    cuts = tuple(range(1 << 18, len(BODY), 1 << 18))
    server.answers["/x"] = file(BODY, ranges=False, cuts=cuts)
    fetch()
    assert len(server.requests) == len(cuts) + 1 > 10 and (tmp_path / "x.bin").read_bytes() == BODY


@pytest.mark.parametrize(
    ("code", "headers"),
    [
        (302, {"Location": "http://[::1"}),
        (302, {"Location": "http://a b:x/"}),
        (302, {"Location": "https://user:hidden@[x/"}),
        (302, {}),
        (300, {}),
        (304, {}),
        (206, {"Content_Range": f"bytes 0-{len(BODY) - 1}/{len(BODY)}"}),
        (200, {"Content_Length": "9" * 5000}),
        (429, {"Retry_After": "9" * 5000}),
        (200, {"Content_Encoding": "gzip"}),
    ],
)
def test_an_answer_that_makes_no_sense_leads_to_the_next_address(
    server: FaultServer, fetch: Fetch, code: int, headers: dict[str, Any]
) -> None:
    server.answers |= {"/x": lambda handler, _: handler.tell(code, **headers), "/y": file(BODY)}
    with pytest.raises(Refused, match=rf"127\.0\.0\.1:{server.port}: |not an address") as refused:
        fetch()
    assert "hidden" not in str(refused.value) and " inf " not in str(refused.value)
    assert fetch("/x", "/y").url.endswith("/y")


def test_a_range_of_thousands_of_digits_is_another_edition(server: FaultServer, fetch: Fetch, tmp_path: Path) -> None:
    def answer(handler: Handler, number: int) -> None:
        if handler.headers.get("Range"):
            handler.tell(206, BODY, ETag='"1"', Content_Range=f"bytes {'1' * 5000}-2/3")
        else:
            file(BODY)(handler, number)

    cut_first(server, fetch, file(BODY, cuts=(1 << 20,)), answer)
    assert (tmp_path / "x.bin").read_bytes() == BODY


@pytest.mark.parametrize(("modified", "asked"), [(DATE, DATE), ("n\xe4chstes", None)])
def test_a_validator_that_cannot_be_sent_back_is_none(
    server: FaultServer, fetch: Fetch, tmp_path: Path, modified: str, asked: str | None
) -> None:
    odd: dict[str, Any] = {"etag": '"\xe4\xf6"', "modified": modified}
    cut_first(server, fetch, file(BODY, cuts=(1 << 20,), **odd), file(BODY, **odd))
    assert server.headers("If-Range") == [asked]
    assert (tmp_path / "x.bin").read_bytes() == BODY


def test_what_may_be_secret_in_an_address_is_written_nowhere(server: FaultServer, fetch: Fetch, tmp_path: Path) -> None:
    server.answers["/x"] = file(BODY, cuts=(1 << 20,))
    url = f"http://user:hidden@127.0.0.1:{server.port}/x?sig=hidden"
    with pytest.raises(Refused) as refused:
        fetch(url, pace=Pace(tries=1))
    assert "hidden" not in f"{refused.value}{(tmp_path / '.x.bin.part.json').read_text()}"
    got = fetch(url)
    assert got.url == server.url("/x") and got.came == len(BODY) - (1 << 20)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("ALL_PROXY", "socks5://me:hidden@proxy.lab:1080", r"^ALL_PROXY: socks5://proxy\.lab:1080 is no proxy"),
        ("HTTPS_PROXY", "what://x", "^HTTPS_PROXY: what://x is no proxy"),
        ("SSL_CERT_FILE", "/nowhere.pem", r"^SSL_CERT_FILE: .*/nowhere\.pem"),
        ("SSL_CERT_FILE", "/etc/hostname", "^SSL_CERT_FILE: .*/etc/hostname"),
    ],
)
def test_a_variable_that_no_client_can_be_made_with_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=told):
        Door()


def test_a_dead_proxy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:hidden@127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(Refused, match=r"^example\.org through the proxy 127\.0\.0\.1:9 \(HTTPS_PROXY\): ") as refused:
        transfer([Address("https://example.org/x")], tmp_path / "x.bin", door=Door(), pace=Pace(tries=1))
    assert "hidden" not in str(refused.value)


def test_a_token_that_the_hub_repeats_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "own-secret")
    with pytest.raises(Again) as again, told("org/name"):
        raise RuntimeError("no such token: own-secret, hf_AbC123, Bearer xyz")
    assert not any(each in str(again.value) for each in ("own-secret", "AbC123", "xyz"))


@pytest.mark.parametrize("name", ["folder", "n" * 250])
def test_a_place_where_no_file_can_lie_is_told(server: FaultServer, fetch: Fetch, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    server.answers["/x"] = file(BODY)
    with pytest.raises(Refused, match="cannot be written"):
        fetch(name=name)
    assert not server.requests


def test_a_wrong_hash_leads_to_the_next_address(server: FaultServer, fetch: Fetch, tmp_path: Path) -> None:
    server.answers |= {"/x": file(OTHER), "/y": file(BODY)}
    assert fetch("/x", "/y", hashes=SHA).url.endswith("/y")
    assert left(tmp_path) == ["x.bin"]


def test_a_file_that_its_owner_changed_is_kept_aside_until_it_is_trusted(
    server: FaultServer, fetch: Fetch, tmp_path: Path
) -> None:
    server.answers |= {"/x": file(OTHER), "/y": file(OTHER)}
    trust = f"sha256:{hashlib.sha256(OTHER).hexdigest()}"
    with pytest.raises(Changed, match=f"--accept {trust}"):
        fetch("/x", "/y", hashes=SHA)
    assert left(tmp_path) == [".x.bin.bad"]
    server.requests.clear()
    fetch("/x", "/y", hashes=SHA, accept=(trust,))
    assert (tmp_path / "x.bin").read_bytes() == OTHER and not server.requests


@pytest.mark.parametrize("kind", ["md5", "git"])
def test_other_hashes_are_held_to_as_well(server: FaultServer, fetch: Fetch, kind: str) -> None:
    right = hashlib.md5(BODY) if kind == "md5" else hashlib.sha1(b"blob %d\0" % len(BODY) + BODY)
    server.answers |= {"/x": file(OTHER), "/y": file(BODY)}
    assert fetch("/x", "/y", hashes={kind: right.hexdigest()}).url.endswith("/y")


def test_gzip_of_the_way_is_left_as_it_is(server: FaultServer, fetch: Fetch, tmp_path: Path) -> None:
    packed = gzip.compress(b"x" * 100_000)
    server.answers["/x"] = file(packed, Content_Encoding="gzip")
    fetch(name="x.tar.gz")
    assert (tmp_path / "x.tar.gz").read_bytes() == packed


def test_a_part_of_one_address_is_continued_at_another_where_a_hash_tells(
    server: FaultServer, fetch: Fetch, tmp_path: Path
) -> None:
    def cut(handler: Handler, number: int) -> None:
        if number:
            handler.tell(404)
        else:
            file(BODY, cuts=(1 << 20,))(handler, number)

    server.answers |= {"/x": cut, "/y": file(BODY, etag='"of another server"')}
    fetch("/x", "/y", hashes=SHA)
    assert (tmp_path / "x.bin").read_bytes() == BODY
    assert server.headers("Range")[-1] == f"bytes={1 << 20}-"


@pytest.mark.parametrize("where", ["first byte", "body"])
def test_a_server_that_hangs_is_asked_again(server: FaultServer, fetch: Fetch, tmp_path: Path, where: str) -> None:
    let_go = threading.Event()

    def hang(handler: Handler, number: int) -> None:
        if number:
            file(BODY)(handler, number)
            return
        if where == "body":
            handler.tell(200, BODY[:1000], Content_Length=str(len(BODY)), ETag='"1"')
        let_go.wait(20)
        handler.cut()

    server.answers["/x"] = hang
    fetch()
    let_go.set()
    assert (tmp_path / "x.bin").read_bytes() == BODY


def test_a_server_that_drips_is_left(server: FaultServer, fetch: Fetch) -> None:
    def drip(handler: Handler, _: int) -> None:
        handler.tell(200, b"x" * 5000, Content_Length=str(len(BODY)), ETag='"1"')
        for _ in range(200):
            time.sleep(0.02)
            handler.wfile.write(b"x")

    server.answers["/x"] = drip
    with pytest.raises(Refused, match="too slow"):
        fetch(pace=Pace(tries=1, window=0.1))


def test_nobody_there_is_told(fetch: Fetch) -> None:
    with pytest.raises(Refused, match=r"127\.0\.0\.1:9: .*6 tries"):
        fetch("http://127.0.0.1:9/x")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("file:///etc/passwd", "only addresses of the web"),
        ("ftp://example.org/x", "only addresses of the web"),
        ("http://127.0.0.1:1/x", "of this machine or its network"),
        ("http://localhost/x", "of this machine or its network"),
        ("http://[::1]/x", "of this machine or its network"),
        ("https://10.0.0.7/x", "of this machine or its network"),
        ("https://169.254.169.254/latest/meta-data", "of this machine or its network"),
        ("https://[::ffff:127.0.0.1]/x", "of this machine or its network"),
        ("http://93.184.216.34/x", "plain http"),
        ("https://[oops/x", "not an address"),
        ("https://localhost./x", "of this machine or its network"),
        ("https://127.0.0.1./x", "of this machine or its network"),
        ("https://[64:ff9b::7f00:1]/x", "of this machine or its network"),
        ("https://[2002:7f00:1::]/x", "of this machine or its network"),
    ],
)
def test_addresses_that_are_not_of_the_public_web_are_not_asked(tmp_path: Path, url: str, told: str) -> None:
    door = Door()
    with pytest.raises(Refused, match=told):
        transfer([Address(url)], tmp_path / "x.bin", door=door, pace=Pace(tries=1))
    assert left(tmp_path) == []


def test_a_redirect_to_a_private_address_is_not_followed(server: FaultServer, tmp_path: Path) -> None:
    server.answers["/x"] = lambda handler, _: handler.tell(302, Location="http://127.0.0.1:1/secret")
    door = Door(own=[f"127.0.0.1:{server.port}"])
    with pytest.raises(Refused, match="of this machine or its network"):
        transfer([Address(server.url("/x"))], tmp_path / "x.bin", door=door, pace=FAST)


def test_redirects_end(server: FaultServer, fetch: Fetch) -> None:
    server.answers["/x"] = lambda handler, _: handler.tell(302, Location="/x")
    with pytest.raises(Refused, match="5 redirects"):
        fetch()
    assert len(server.requests) == 6


def test_a_token_goes_to_its_host_alone_and_stands_in_no_message(server: FaultServer, tmp_path: Path) -> None:
    with fault_server() as cdn:
        server.answers |= {
            "/x": lambda handler, _: handler.tell(302, Location=cdn.url("/blob")),
            "/y": lambda handler, _: handler.tell(403),
            "/z": lambda handler, _: handler.tell(302, Location="/x"),
        }
        cdn.answers["/blob"] = file(BODY, cuts=(1 << 20,))
        door = Door(allow_private=True)
        address = Address(server.url("/z"), token="hf_secret")
        transfer([address], tmp_path / "x.bin", door=door, pace=FAST)
        assert server.headers("Authorization") == ["Bearer hf_secret", None] * 2
        assert cdn.headers("Authorization") == [None, None]
        assert cdn.headers("Range") == [None, f"bytes={1 << 20}-"]
        with pytest.raises(Refused) as refused:
            transfer([Address(server.url("/y"), token="hf_secret")], tmp_path / "y.bin", door=door, pace=FAST)
        assert "secret" not in f"{refused.value!r}{refused.value}{address!r}"


AUTHORITY = """
[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = IP:127.0.0.1
[req]
distinguished_name = nobody
[nobody]
"""


def certificate(folder: Path, end: str) -> Path:
    """One of 127.0.0.1 that it signed itself, valid from 2020 to a year."""
    (folder / "own.cnf").write_text(AUTHORITY)
    (folder / "index.txt").touch()
    new = "req -new -newkey rsa:2048 -nodes -keyout key.pem -out asked.pem -subj /CN=127.0.0.1 -config own.cnf"
    sign = "ca -batch -selfsign -notext -config own.cnf -keyfile key.pem -in asked.pem -out made.pem"
    for command in (new, f"{sign} -startdate 20200101000000Z -enddate {end}0101000000Z"):
        subprocess.run(["openssl", *command.split()], cwd=folder, capture_output=True, check=True)
    return folder / "made.pem"


@pytest.mark.parametrize(("days", "told"), [("2021", "expired"), ("2049", "")])
def test_a_certificate_is_checked_and_an_expired_one_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: str, told: str
) -> None:
    made = certificate(tmp_path, days)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, tmp_path / "key.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(made))
    folder = tmp_path / "sources"
    with fault_server(lambda found: context.wrap_socket(found, server_side=True)) as server:
        server.answers |= {
            "/x": file(BODY),
            "/down": lambda handler, _: handler.tell(302, Location=f"http://127.0.0.1:{server.port}/x"),
        }
        door = Door(allow_private=True)
        if told:
            with pytest.raises(Refused, match=rf"127\.0\.0\.1:{server.port}: its certificate .*expired.*SSL_CERT_FILE"):
                transfer([Address(server.url("/x"))], folder / "x.bin", door=door, pace=FAST)
            assert left(folder) == []
        else:
            transfer([Address(server.url("/x"))], folder / "x.bin", door=door, pace=FAST)
            with pytest.raises(Refused, match="from https to plain http"):
                transfer([Address(server.url("/down"))], folder / "y.bin", door=door, pace=FAST)


def test_a_proxy_of_the_environment_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with fault_server() as proxy:
        proxy.answers["http://files.example.org/x"] = file(BODY)
        monkeypatch.setenv("HTTP_PROXY", proxy.url(""))
        monkeypatch.setenv("NO_PROXY", "")
        monkeypatch.setenv("no_proxy", "")
        got = transfer(
            [Address("http://files.example.org/x")], tmp_path / "x.bin", Expected(None, SHA), door=Door(), pace=FAST
        )
        assert got.size == len(BODY) and len(proxy.requests) == 1


QUESTION = (
    '<!DOCTYPE html><html><body><form id="download-form" action="{action}" method="get"><input type="hidden" name="id" '
    'value="7&amp;8"><input type="hidden" name="confirm" value="t"></form></body></html>'
)


def test_google_drive_is_answered_once_and_its_refusal_is_no_file(server: FaultServer, tmp_path: Path) -> None:
    page = {"Content_Type": "text/html; charset=utf-8"}
    server.answers |= {
        "/uc": lambda handler, _: handler.tell(200, QUESTION.format(action="/download").encode(), **page),
        "/full": lambda handler, _: handler.tell(200, b"<html>Too many users have viewed this file", **page),
        "/else": lambda handler, _: handler.tell(
            200, QUESTION.format(action="https://evil.example/x").encode(), **page
        ),
        "/download": file(BODY, etag="", modified=DATE, cuts=(1 << 20,)),
    }
    door = Door(allow_private=True)
    transfer([Address(server.url("/uc?id=7"), drive=True)], tmp_path / "x.bin", door=door, pace=FAST)
    assert (tmp_path / "x.bin").read_bytes() == BODY
    asked = [path for path, _ in server.requests]
    assert asked == ["/uc?id=7", "/download?id=7%268&confirm=t"] * 2
    assert server.headers("Range")[-1] == f"bytes={1 << 20}-"
    for path in ("/full", "/else"):
        with pytest.raises(Refused, match="24 hours"):
            transfer([Address(server.url(path), drive=True)], tmp_path / "y.bin", door=door, pace=FAST)


def test_a_stop_keeps_what_came(server: FaultServer, fetch: Fetch, tmp_path: Path) -> None:
    stop = threading.Event()
    server.answers["/x"] = file(BODY)
    with pytest.raises(Stopped):
        fetch(stop=stop, moved=lambda size: stop.set() if size else None)
    had = (tmp_path / ".x.bin.part").stat().st_size
    assert 0 < had < len(BODY)
    got = fetch()
    assert got.came == len(BODY) - had and (tmp_path / "x.bin").read_bytes() == BODY


RUN = """
import sys
from pathlib import Path
from m3it_build.core.errors import M3itError
from m3it_build.services.door import Address, Door
from m3it_build.services.transfer import Pace, transfer
try:
    door = Door(allow_private=True)
    got = transfer([Address(sys.argv[1])], Path(sys.argv[2]), door=door, say=print, pace=Pace(tries=2))
    print("came", got.came)
except M3itError as error:
    sys.exit(str(error))
"""


def process(server: FaultServer, target: Path, **more: Any) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", RUN, server.url("/x"), str(target)]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)


def slowly(half: threading.Event, go: threading.Event) -> Answer:
    """The first half, then nothing until it is told."""

    def answer(handler: Handler, number: int) -> None:
        if number or handler.headers.get("Range"):
            file(BODY)(handler, number)
            return
        handler.tell(200, BODY[: 2 << 20], Content_Length=str(len(BODY)), ETag='"1"')
        half.set()
        go.wait(30)
        handler.wfile.write(BODY[2 << 20 :])

    return answer


def test_a_killed_process_leaves_a_part_that_the_next_one_continues(server: FaultServer, tmp_path: Path) -> None:
    half, go = threading.Event(), threading.Event()
    server.answers["/x"] = slowly(half, go)
    first = process(server, tmp_path / "x.bin")
    part = tmp_path / ".x.bin.part"
    assert half.wait(30)
    while not part.exists() or part.stat().st_size < 1 << 20:
        time.sleep(0.01)
    first.send_signal(signal.SIGKILL)
    first.wait()
    go.set()
    had = part.stat().st_size
    assert not (tmp_path / "x.bin").exists()
    told, _ = process(server, tmp_path / "x.bin").communicate(timeout=60)
    assert f"came {len(BODY) - had}" in told
    assert (tmp_path / "x.bin").read_bytes() == BODY and left(tmp_path) == ["x.bin"]


def test_two_processes_fetch_a_file_once(server: FaultServer, tmp_path: Path) -> None:
    half, go = threading.Event(), threading.Event()
    server.answers["/x"] = slowly(half, go)
    first = process(server, tmp_path / "x.bin")
    assert half.wait(30)
    second = process(server, tmp_path / "x.bin")
    assert second.stdout is not None and "another m3it is fetching it" in second.stdout.readline()
    go.set()
    assert f"came {len(BODY)}" in first.communicate(timeout=60)[0]
    assert "came 0" in second.communicate(timeout=60)[0]
    assert len(server.requests) == 1


def test_a_full_disk_is_told_and_what_came_is_kept(server: FaultServer, tmp_path: Path) -> None:
    server.answers["/x"] = file(BODY)
    few = 1 << 20
    limited = process(
        server, tmp_path / "x.bin", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (few, few))
    )
    _, told = limited.communicate(timeout=60)
    assert limited.returncode == 1
    assert "Make room or choose another place, then run the same command again: what came is kept" in told
    assert (tmp_path / ".x.bin.part").stat().st_size == few and not (tmp_path / "x.bin").exists()
    told, _ = process(server, tmp_path / "x.bin").communicate(timeout=60)
    assert f"came {len(BODY) - few}" in told


def test_a_file_larger_than_the_disk_is_not_begun(server: FaultServer, fetch: Fetch, tmp_path: Path) -> None:
    server.answers["/x"] = lambda handler, _: handler.tell(200, BODY, Content_Length=str(1 << 60))
    with pytest.raises(Unwritable, match="still to come"):
        fetch()
    assert left(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_told(server: FaultServer, fetch: Fetch, tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file")
    server.answers["/x"] = file(BODY)
    with pytest.raises(Refused, match="cannot be written"):
        fetch(name="folder/x.bin")


def test_many_small_files_and_names_of_the_world(server: FaultServer, fetch: Fetch, tmp_path: Path) -> None:
    server.answers["/x"] = file(b"x" * 1000)
    for number in range(30):
        fetch(name=f"图片/ñ {number}.jpg")
    assert len(list((tmp_path / "图片").glob("*.jpg"))) == 30


@pytest.mark.long
def test_offsets_beyond_four_gigabytes_are_kept(server: FaultServer, tmp_path: Path) -> None:
    far = 5 << 30
    with (tmp_path / ".x.bin.part").open("wb") as stream:
        stream.truncate(far)
    facts = {"url": server.url("/x"), "etag": '"1"', "total": far + 3}
    (tmp_path / ".x.bin.part.json").write_text(json.dumps(facts))

    def answer(handler: Handler, _: int) -> None:
        assert handler.headers["Range"] == f"bytes={far}-"
        handler.tell(206, b"end", ETag='"1"', Content_Range=f"bytes {far}-{far + 2}/{far + 3}")

    server.answers["/x"] = answer
    got = transfer([Address(server.url("/x"))], tmp_path / "x.bin", door=Door(allow_private=True), pace=FAST)
    assert (got.size, got.came) == (far + 3, 3)


def test_errors_are_those_that_a_command_tells() -> None:
    assert all(issubclass(each, M3itError) for each in (Refused, Changed, Unwritable, Stopped))

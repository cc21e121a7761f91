"""`m3it download`: from a table to a folder that builds, on a server of this machine."""

import gzip
import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.corpus import m3it, write_okvqa
from tests.download.mirror import Mirror, add_okvqa, zipped
from tests.fault_server import Handler, fault_server, file

PART = os.urandom(1 << 20)


def tarred(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        link = tarfile.TarInfo("out")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc"
        archive.addfile(link)
    return stream.getvalue()


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    with fault_server() as server:
        yield Mirror(server, tmp_path)


def test_a_download_left_as_it_is_served_is_built(mirror: Mirror, tmp_path: Path) -> None:
    add_okvqa(mirror)
    told = mirror.run("okvqa").stdout
    assert told.splitlines()[-1] == f"m3it build --task okvqa --source {mirror.sources}"
    assert told.startswith("okvqa: LicenseRef-COCO.") and "6 files of 6 are there" in told
    m3it("build", "--task", "okvqa", "--source", mirror.sources, "--out", tmp_path / "out")
    mirror.server.requests.clear()
    mirror.run("okvqa")
    assert not mirror.server.requests
    assert set(mirror.states("okvqa", "--verify").values()) == {"there"}


def test_a_dry_run_asks_nobody_and_writes_nothing(mirror: Mirror) -> None:
    add_okvqa(mirror)
    told = mirror.run("okvqa", "--dry-run").stdout
    assert "to fetch: " in told and "4 files of unknown size" in told
    assert not mirror.server.requests and not mirror.sources.exists()


def test_annotations_alone(mirror: Mirror) -> None:
    add_okvqa(mirror)
    mirror.run("okvqa", "--only", "annotations")
    assert len(mirror.there()) == 4 and not any("coco2014" in name for name in mirror.there())


def test_one_file_that_cannot_be_had_stops_no_other_and_is_a_step(mirror: Mirror) -> None:
    add_okvqa(mirror)
    mirror.server.answers["/okvqa/mscoco_val2014_annotations.json.zip"] = lambda handler, _: handler.tell(
        200, b"<!doctype html>Log in", Content_Type="text/html"
    )
    told = mirror.run("okvqa", check=1)
    assert len(mirror.there()) == 5
    assert "1 file still missing" in told.stdout and "1. okvqa/mscoco_val2014_annotations.json.zip" in told.stdout
    place = str(mirror.sources / "okvqa/mscoco_val2014_annotations.json.zip")
    assert "gives a web page" in " ".join(told.stdout.split()) and f"Put it at: {place}" in " ".join(
        told.stdout.split()
    )


def test_what_a_person_put_there_is_taken_or_told_wrong(mirror: Mirror) -> None:
    mirror.add("okvqa/a.zip", zipped({"a": b"1"}), "okvqa")
    mirror.add("okvqa/b.zip", zipped({"b": b"1"}), "okvqa")
    mirror.add("okvqa/c.zip", zipped({"c": b"1"}), "okvqa", bytes=None)
    mirror.add("okvqa/d.zip", zipped({"d": b"1"}), "okvqa", bytes=None)
    mirror.add("coco2014/train2014.zip", zipped({"e": b"1"}), "okvqa")
    here = mirror.sources / "okvqa"
    here.mkdir(parents=True)
    (here / "a.zip").write_bytes(zipped({"a": b"1"}))
    (here / "b.zip").write_bytes(b"PK\x03\x04short")
    (here / "c.zip").write_bytes(b"<html>")
    (here / "d").mkdir()
    (here / "d" / "x.json").write_text("{}")
    (mirror.sources / "coco2014" / "train2014").mkdir(parents=True)
    (mirror.sources / "coco2014" / "train2014" / "x.jpg").write_bytes(b"x")
    assert mirror.states("okvqa") == {
        "okvqa/a.zip": "there (yours)",
        "okvqa/b.zip": "wrong",
        "okvqa/c.zip": "wrong",
        "okvqa/d.zip": "there (unpacked)",
        "coco2014/train2014.zip": "there (unpacked)",
    }
    told = " ".join(mirror.run("okvqa", check=1).stdout.split())
    assert "has 9 bytes, not" in told and "--accept bytes:9" in told and "is a web page" in told
    assert (here / "c.zip").read_bytes() == b"<html>"


def test_forms_are_a_persons_business_until_it_says_so(mirror: Mirror) -> None:
    page = {"page": "https://example.org/terms", "say": "The owners ask for a form."}
    mirror.add("nlvr/train_img.zip", zipped({"a": b"1"}), "nlvr", access="form", **page)
    told = " ".join(mirror.run("nlvr", check=1).stdout.split())
    assert not mirror.server.requests
    assert "The owners ask for a form. Page: https://example.org/terms" in told and "--accept nlvr" in told
    mirror.run("nlvr", "--accept", "nlvr")
    accepted = json.loads((mirror.sources / ".m3it-downloads.json").read_text())["accepted"]
    assert [(each["name"], each["page"]) for each in accepted] == [("nlvr", "https://example.org/terms")]
    (mirror.sources / "nlvr" / "train_img.zip").unlink()
    mirror.run("nlvr")  # what was accepted stays so


def test_mirrors_are_taken_only_when_they_are_asked_for(mirror: Mirror) -> None:
    page = {"page": "https://example.org/form", "say": "Ask for it."}
    mirror.add("flickr30k/a.tar.gz", b"", "snli-ve", access="form", urls=[], bytes=None, **page)
    mirror.add("flickr30k/b.zip", zipped({"b": b"1"}), "snli-ve", mirror=True)
    of = [["flickr30k/a.tar.gz"], ["flickr30k/b.zip"]]
    mirror.table.write_text(f'{mirror.table.read_text()}\n[[choice]]\ntask = "snli-ve"\nof = {json.dumps(of)}\n')
    assert mirror.states("snli-ve") == {"flickr30k/a.tar.gz": "needs you"}
    mirror.run("snli-ve", "--mirrors")
    assert mirror.there() == ["flickr30k/b.zip"]
    assert mirror.states("snli-ve") == {"flickr30k/b.zip": "there"}


def test_a_file_that_its_owner_changed_is_refused_with_a_way_out(mirror: Mirror) -> None:
    body = zipped({"a": b"1"})
    mirror.add("okvqa/a.zip", body, "okvqa", sha256="0" * 64, source="somewhere", bytes=None)
    accept = f"sha256:{hashlib.sha256(body).hexdigest()}"
    told = " ".join(mirror.run("okvqa", check=1).stdout.split())
    assert f"--accept {accept}" in told and not mirror.there()
    mirror.run("okvqa", "--accept", accept)
    assert mirror.there() == ["okvqa/a.zip"]


def test_a_hash_that_was_measured_is_held_to_later(mirror: Mirror) -> None:
    mirror.add("okvqa/a.zip", zipped({"a": b"1"}), "okvqa", bytes=None)
    mirror.run("okvqa")
    (mirror.sources / "okvqa" / "a.zip").unlink()
    mirror.server.answers["/okvqa/a.zip"] = file(zipped({"a": b"2"}))
    assert "gives another file by now" in " ".join(mirror.run("okvqa", check=1).stdout.split())


def test_verify_sees_a_byte_that_changed(mirror: Mirror) -> None:
    mirror.add("okvqa/a.bin", PART, "okvqa")
    mirror.run("okvqa")
    path = mirror.sources / "okvqa" / "a.bin"
    path.write_bytes(b"x" + PART[1:])
    assert mirror.states("okvqa") == {"okvqa/a.bin": "there"}
    assert "has sha256" in " ".join(mirror.run("okvqa", "--verify", check=1).stdout.split())


def test_an_archive_that_is_slow_to_read_is_unpacked_safely(mirror: Mirror) -> None:
    body = tarred({"./a/1.jpg": b"one", "../../up.jpg": b"x", "/abs.jpg": b"x", "b.jpg": b"two"})
    mirror.add("vist/train.tar.gz", body, "vist", extract="vist/train")
    mirror.run("vist")
    assert mirror.there() == ["vist/train/a/1.jpg", "vist/train/b.jpg"]
    assert not list(mirror.folder.glob("up.jpg"))
    mirror.server.requests.clear()
    mirror.run("vist")
    assert mirror.states("vist") == {"vist/train.tar.gz": "there (unpacked)"} and not mirror.server.requests


def test_a_broken_archive_is_set_aside_and_fetched_again(mirror: Mirror) -> None:
    body = tarred({"a.jpg": os.urandom(5000), "b.jpg": os.urandom(50_000)})
    half = gzip.compress(gzip.decompress(body)[:20_000])
    mirror.add("vist/train.tar.gz", half, "vist", extract="vist/train", bytes=None)
    told = " ".join(mirror.run("vist", check=1).stdout.split())
    assert "train.tar.gz: is broken" in told and "run this again to fetch it anew" in told
    assert mirror.there() == ["vist/train/a.jpg"] and mirror.states("vist") == {"vist/train.tar.gz": "to fetch"}
    mirror.server.answers["/vist/train.tar.gz"] = file(body)
    mirror.run("vist")
    assert mirror.there() == ["vist/train/a.jpg", "vist/train/b.jpg"]
    assert mirror.states("vist") == {"vist/train.tar.gz": "there (unpacked)"}
    assert not list((mirror.sources / "vist").glob(".*"))


def test_a_broken_archive_that_a_person_unpacked_is_left_to_it(mirror: Mirror) -> None:
    mirror.add("vist/train.tar.gz", gzip.compress(b"no tar" * 500), "vist", extract="vist/train", bytes=None)
    mirror.run("vist", check=1)
    (mirror.sources / "vist" / "train").mkdir()
    (mirror.sources / "vist" / "train" / "a.jpg").write_bytes(b"x")
    assert mirror.states("vist") == {"vist/train.tar.gz": "to fetch"}
    (mirror.sources / "vist" / ".train.tar.gz.broken").unlink()
    assert mirror.states("vist") == {"vist/train.tar.gz": "there (unpacked)"}


@pytest.mark.parametrize("name", ["a/b.jpg", "n" * 300])
def test_a_member_that_cannot_lie_there_stops_no_other_file(mirror: Mirror, name: str) -> None:
    mirror.add("vist/train.tar.gz", tarred({"a": b"a file", name: b"one"}), "vist", extract="vist/train")
    mirror.add("vist/z.zip", zipped({"a": b"1"}), "vist")
    told = " ".join(mirror.run("vist", check=1).stdout.split())
    assert "Move away what lies there" in told and "room" not in told
    assert "vist/z.zip" in mirror.there()
    assert mirror.states("vist")["vist/train.tar.gz"] == "there, to unpack"


def test_two_processes_fetch_and_unpack_an_archive_once(mirror: Mirror) -> None:
    body = tarred({f"{number}.jpg": os.urandom(1000) for number in range(2000)})
    mirror.add("vist/train.tar.gz", body, "vist", extract="vist/train")
    command = [sys.executable, "-m", "m3it_build", "download", "vist", "--source", str(mirror.sources)]
    both = [
        subprocess.Popen(command, env={**os.environ, **mirror.environment()}, stdout=subprocess.PIPE) for _ in range(2)
    ]
    assert [(each.communicate(timeout=60), each.returncode)[1] for each in both] == [0, 0]
    assert len(mirror.server.requests) == 1 and len(mirror.there()) == 2000
    assert not list((mirror.sources / "vist").glob(".*"))


def test_odd_answers_and_places_stop_no_other_file(mirror: Mirror) -> None:
    for name in "abcd":
        mirror.add(f"okvqa/{name}.zip", zipped({name: b"1"}), "okvqa", bytes=None)
    mirror.server.answers["/okvqa/a.zip"] = lambda handler, _: handler.tell(302, Location="http://[::1")
    mirror.server.answers["/okvqa/b.zip"] = lambda handler, _: handler.tell(200, Content_Length="9" * 5000)
    (mirror.sources / "okvqa" / "c.zip").mkdir(parents=True)
    told = mirror.run("okvqa", check=1)
    assert mirror.there() == ["okvqa/d.zip"]
    assert "3 files still missing" in told.stdout and "Error" not in told.stdout + told.stderr


def test_what_may_be_secret_in_an_address_is_told_nowhere(mirror: Mirror) -> None:
    url = f"http://user:hidden@127.0.0.1:{mirror.server.port}/okvqa/a.zip?sig=hidden"
    mirror.add("okvqa/a.zip", zipped({"a": b"1"}), "okvqa", urls=[url])
    told = [mirror.run("okvqa", *more).stdout for more in (["--dry-run"], ["--dry-run", "--json"], [])]
    told.append((mirror.sources / ".m3it-downloads.json").read_text())
    assert "hidden" not in "".join(told) and mirror.server.url("/okvqa/a.zip") in told[-1]


def test_a_folder_below_a_file_is_refused(mirror: Mirror) -> None:
    mirror.add("okvqa/a.zip", zipped({"a": b"1"}), "okvqa")
    mirror.sources.write_text("a file")
    mirror.sources = mirror.sources / "below"
    assert "is a file. Choose another --source" in " ".join(mirror.run("okvqa", check=2).stderr.split())


def test_too_little_room_is_told_before_the_first_byte(mirror: Mirror) -> None:
    mirror.add("okvqa/a.zip", zipped({"a": b"1"}), "okvqa", bytes=1 << 60)
    assert "bytes are needed and" in mirror.run("okvqa", check=2).stderr
    assert not mirror.server.requests


def test_a_private_address_in_a_table_is_refused(mirror: Mirror) -> None:
    mirror.add("okvqa/a.zip", zipped({"a": b"1"}), "okvqa")
    told = m3it("download", "okvqa", "--source", mirror.sources, check=1, M3IT_DOWNLOAD_TABLE=str(mirror.table))
    assert "of this machine or its network" in " ".join(told.stdout.split()) and not mirror.server.requests


def test_wrong_words_are_refused(mirror: Mirror) -> None:
    mirror.add("okvqa/a.zip", zipped({"a": b"1"}), "okvqa")
    assert "Did you mean" in mirror.run("okvq", check=2).stderr
    assert "Say which tasks" in mirror.run(check=2).stderr
    assert "no kind 'media'" in mirror.run("okvqa", "--only", "media", check=2).stderr


def test_a_download_that_is_killed_ten_times_goes_on_each_time(mirror: Mirror) -> None:
    body = os.urandom(11 << 20)

    def slow(handler: Handler, number: int) -> None:
        start = int((handler.headers.get("Range") or "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        more = {"Content_Range": f"bytes {start}-{len(body) - 1}/{len(body)}"} if start else {}
        end = len(body) if number >= 10 else start + (1 << 20)
        handler.tell(206 if start else 200, body[start:end], Content_Length=str(len(body) - start), ETag='"1"', **more)
        if end < len(body):
            time.sleep(20)  # until the client is killed

    mirror.add("okvqa/a.bin", body, "okvqa")
    mirror.server.answers["/okvqa/a.bin"] = slow
    part = mirror.sources / "okvqa" / ".a.bin.part"
    command = [sys.executable, "-m", "m3it_build", "download", "okvqa", "--source", str(mirror.sources)]
    for number in range(1, 11):
        running = subprocess.Popen(
            command, env={**os.environ, **mirror.environment()}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while not part.exists() or part.stat().st_size < number << 20:
            time.sleep(0.005)
        running.send_signal(signal.SIGKILL)
        running.wait()
    mirror.run("okvqa")
    assert (mirror.sources / "okvqa" / "a.bin").read_bytes() == body
    asked = mirror.server.headers("Range")
    assert asked == [None, *(f"bytes={number << 20}-" for number in range(1, 11))]


def test_what_a_build_finds_is_not_fetched_wherever_it_lies(mirror: Mirror) -> None:
    add_okvqa(mirror)
    write_okvqa(mirror.sources)  # photos below the task's folder, nothing zipped
    assert set(mirror.states("okvqa").values()) <= {"there (yours)", "there (unpacked)"}
    shutil.rmtree(mirror.sources / "okvqa/val2014")
    assert mirror.states("okvqa")["coco2014/val2014.zip"] == "to fetch"


def test_what_is_to_be_run_again_has_the_flags_and_what_can_be_built_is_named(mirror: Mirror) -> None:
    add_okvqa(mirror)
    del mirror.server.answers["/coco2014/val2014.zip"]
    told = mirror.run("okvqa", "--mirrors", check=1).stdout.splitlines()
    assert any(f"run this again: m3it download okvqa --mirrors --source {mirror.sources}" in line for line in told)
    assert not told[-1].startswith("m3it build")


def test_a_name_to_accept_that_is_none_is_refused(mirror: Mirror) -> None:
    add_okvqa(mirror)
    for name in ("okvqq", "sha256:12"):
        assert f"--accept {name}" in mirror.run("okvqa", "--accept", name, check=2).stderr

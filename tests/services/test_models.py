"""Models are fetched from a Hub, converted and put into place as a whole, or not at all."""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from filelock import FileLock

from m3it_build.core.errors import M3itError, UnknownName
from m3it_build.services.mt.fetching import convert, fetch
from m3it_build.services.mt.glossary import write_glossary
from m3it_build.services.mt.models import ModelError, find_model, known_models, model_in
from m3it_build.services.mt.translator import END, Translator
from tests.corpus import m3it, m3it_process

COMMIT = "0123456789abcdef0123456789abcdef01234567"
SPM = "sentencepiece.bpe.model"
NEEDS_CONVERTER = pytest.mark.skipif(
    not (find_spec("torch") and find_spec("transformers")),
    reason="the converter needs torch and transformers, which are not installed",
)


@dataclass
class ModelHub:
    """The endpoints by which huggingface_hub lists and downloads a model."""

    files: dict[str, bytes]
    broken: set[str] = field(default_factory=set)
    """Files whose transfer breaks off half-way, and is refused from then on."""
    cut: set[str] = field(default_factory=set)
    """Those of them whose transfer did."""
    stuck: set[str] = field(default_factory=set)
    """Files whose transfer stops half-way and goes on after `let_go`."""
    half_way: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)
    """Addresses."""
    ranges: list[str] = field(default_factory=list)
    """What was asked for of files, where not all of one."""
    url: str = ""

    def environment(self, tmp_path: Path) -> dict[str, str]:
        """For a command that fetches from here."""
        return {
            "HF_ENDPOINT": self.url,
            "HF_HOME": str(tmp_path / "hf"),
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_OFFLINE": "0",
            "HF_HUB_DOWNLOAD_TIMEOUT": "5",
            "M3IT_CACHE": str(tmp_path / "cache"),
        }


@contextmanager
def served(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address of a server on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[ModelHub]:
    """A Hub with one model: the glossary under another name."""
    write_glossary(tmp_path / "glossary")
    (tmp_path / "glossary" / "m3it-model.json").unlink()
    found = ModelHub({path.name: path.read_bytes() for path in (tmp_path / "glossary").iterdir()})

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            found.asked.append(path)
            if not re.match(r"(/api/models)?/org/tiny\b", path):
                self.send({"error": "Repository not found"}, error="RepoNotFound")
            elif revision := re.fullmatch(r"/api/models/org/tiny(?:/revision/([^/]+))?", path):
                if revision[1] not in {None, "main", COMMIT}:
                    self.send({"error": "Invalid rev id"}, error="RevisionNotFound")
                    return
                siblings = [{"rfilename": name} for name in found.files]
                self.send({"id": "org/tiny", "sha": COMMIT, "siblings": siblings, "private": False, "tags": []})
            elif path.startswith("/api/models/org/tiny/tree/"):
                self.send(
                    [
                        {"type": "file", "path": name, "size": len(data), "oid": oid(data)}
                        for name, data in found.files.items()
                    ]
                )
            elif found.broken & found.cut and path.rpartition("/")[2] in found.cut:
                self.send({"error": "Entry not found"}, error="EntryNotFound")
            elif (match := re.fullmatch(r"/org/tiny/resolve/[^/]+/(.+)", path)) and match[1] in found.files:
                self.send(found.files[match[1]], name=match[1])
            else:
                self.send({"error": "Entry not found"}, error="EntryNotFound")

        def send(self, content: object, name: str = "", error: str = "") -> None:
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            tag = f'"{oid(data)}"'
            start = 0
            if (asked := self.headers.get("Range")) and self.headers.get("If-Range") == tag:
                found.ranges.append(asked)
                start = int(asked.removeprefix("bytes=").removesuffix("-"))
            self.send_response(404 if error else 206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            self.send_header("Content-Length", str(len(data) - start))
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("ETag", tag)
            if error:
                self.send_header("X-Error-Code", error)
            self.end_headers()
            if self.command == "HEAD":
                return
            half = max(start, len(data) // 2)
            self.wfile.write(data[start:half])
            if name in found.stuck:
                found.half_way.set()
                found.let_go.wait(60)
            if name in found.broken:
                found.cut.add(name)
            else:
                self.wfile.write(data[half:])

    with served(Handler) as found.url:
        yield found
        found.let_go.set()


def oid(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.glob(".*")] if folder.exists() else []


FETCH = ("models", "fetch", "tiny", "--repo", "org/tiny")


def test_known_models_are_pinned_and_not_for_commercial_use() -> None:
    for known in known_models().values():
        assert re.fullmatch(r"[0-9a-f]{40}", known.revision)
        assert known.license == "CC-BY-NC-4.0"


def test_a_conversion_is_fetched_as_it_is(hub: ModelHub, tmp_path: Path) -> None:
    more = hub.environment(tmp_path)
    hub.files |= {"flax_model.msgpack": b"x", "README.md": b'---\ntags: [x]\nlicense: "cc-by-nc-4.0"\n---\n# Tiny\n'}
    told = m3it_process(*FETCH, "--revision", "main", check=0, **more).stdout
    assert "tiny: ready" in told and "CC-BY-NC-4.0 (not for commercial use)" in told
    assert not any("flax" in address for address in hub.asked)
    model = find_model("tiny", tmp_path / "cache")
    assert model == find_model(str(tmp_path / "cache" / "tiny"))
    assert (model.name, model.repository, model.revision, model.license) == (
        "tiny", "org/tiny", COMMIT, "CC-BY-NC-4.0",
    )  # fmt: skip
    with Translator(model, beam=1) as translator:
        assert translator.sentences(["a cat"], "deu_Latn") == ["ein Katze"]
    hub.asked.clear()
    for again in (("--revision", "main"), ("--revision", COMMIT)):
        assert "there already" in m3it_process(*FETCH, *again, check=0, **more).stdout
    told = m3it_process("models", "fetch", "tiny", "--repo", "org/other", check=2, **more).stderr
    assert f"holds org/tiny at {COMMIT}, not org/other" in told
    assert f"not org/tiny at {'f' * 40}" in m3it_process(*FETCH, "--revision", "f" * 40, check=2, **more).stderr
    assert not hub.asked and not leftovers(tmp_path / "cache")
    assert "org/tiny" in m3it_process("models", "list", check=0, **more).stdout


@pytest.mark.parametrize(
    ("card", "license"),
    [
        (b"---\nlicense: apache-2.0\n---\n", "Apache-2.0"),
        (b"---\nlicense: other\n---\nlicense: mit\n", None),
    ],
)
def test_a_licence_is_taken_from_the_card_only_where_it_is_sure(
    hub: ModelHub, tmp_path: Path, card: bytes, license: str | None
) -> None:
    hub.files["README.md"] = card
    told = m3it_process(*FETCH, check=0, **hub.environment(tmp_path)).stdout
    assert ("licence is not known" in told) is (license is None)
    assert find_model(str(tmp_path / "cache" / "tiny")).license == license


def test_a_broken_download_leaves_nothing_that_looks_finished(hub: ModelHub, tmp_path: Path) -> None:
    more = hub.environment(tmp_path)
    hub.broken.add("model.bin")
    told = m3it_process(*FETCH, check=2, **more).stderr
    assert "org/tiny: cannot be fetched" in told and "run the same command again" in told
    assert not (tmp_path / "cache" / "tiny").exists()
    hub.broken.clear()
    m3it_process(*FETCH, check=0, **more)
    assert find_model(str(tmp_path / "cache" / "tiny")).name == "tiny"


def test_a_killed_fetch_leaves_nothing_that_looks_finished_and_the_next_goes_on(hub: ModelHub, tmp_path: Path) -> None:
    more = hub.environment(tmp_path)
    hub.stuck.add("model.bin")
    killed = subprocess.Popen(
        [sys.executable, "-m", "m3it_build", *FETCH],
        env={**os.environ, **more},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert hub.half_way.wait(60)
    assert "another m3it is making it" in m3it_process(*FETCH, check=2, **more).stderr
    part = tmp_path / "cache" / ".tiny.parts" / COMMIT / ".model.bin.part"
    while not part.exists() or part.stat().st_size < len(hub.files["model.bin"]) // 2:
        time.sleep(0.01)
    killed.kill()
    killed.wait()
    assert not (tmp_path / "cache" / "tiny").exists()
    (tmp_path / "cache" / ".tiny.tmp").mkdir()  # as a kill while files are copied leaves it
    (tmp_path / "cache" / ".tiny.tmp" / "model.bin").write_bytes(b"half")
    hub.stuck.clear()
    hub.let_go.set()
    hub.asked.clear()
    m3it_process(*FETCH, check=0, **more)
    assert hub.ranges == [f"bytes={len(hub.files['model.bin']) // 2}-"]
    assert {path.name for path in (tmp_path / "cache" / "tiny").iterdir()} == {*hub.files, "m3it-model.json"}
    assert not leftovers(tmp_path / "cache")
    with Translator(find_model(str(tmp_path / "cache" / "tiny")), beam=1) as translator:
        assert translator.sentences(["a cat"], "deu_Latn") == ["ein Katze"]


def test_what_the_hub_does_not_have_is_told(hub: ModelHub, tmp_path: Path) -> None:
    more = hub.environment(tmp_path)

    def told(*arguments: str) -> str:
        return m3it_process("models", "fetch", *arguments, check=2, **more).stderr

    assert "org/none: no such model. Check --repo" in told("x", "--repo", "org/none")
    assert "org/tiny: has no revision v9" in told("x", "--repo", "org/tiny", "--revision", "v9")
    assert "no repository can have this name" in told("x", "--repo", "a/b/c")
    hub.files = {"model.bin": b"x", "tokenizer.json": b"{}"}
    assert "org/tiny: no SentencePiece model" in told("x", "--repo", "org/tiny")
    hub.files = {SPM: b"x", "model.onnx": b"x"}
    assert "neither model.bin nor a checkpoint" in told("x", "--repo", "org/tiny")
    assert not any("/resolve/" in address for address in hub.asked)
    del hub.files["model.onnx"]
    hub.files["model.bin"] = b"x"
    assert "no vocabulary" in told("x", "--repo", "org/tiny")
    assert not (tmp_path / "cache" / "x").exists() and not leftovers(tmp_path / "cache")


def test_wrong_requests_are_refused_before_the_hub_is_asked(hub: ModelHub, tmp_path: Path) -> None:
    for arguments, message in (
        (("x",), "No model 'x': not a known name; give --repo"),
        (("nllb-200-destilled-1.3B",), "Did you mean nllb-200-distilled-1.3B"),
        (("../x", "org/tiny"), "'../x' cannot be the name"),
        ((".x", "org/tiny"), "'.x' cannot be the name"),
        (("flores", "org/tiny"), "'flores' cannot be the name"),
        (("tiny", "org/tiny", None, "int9"), "int9: not one of int8"),
    ):
        with pytest.raises(M3itError, match=re.escape(message)):
            fetch(*arguments, cache=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()
    more = hub.environment(tmp_path)
    told = m3it_process("models", "fetch", "flores", "--repo", "org/tiny", check=2, **more).stderr
    assert "flores has --url" in told
    assert "a model has --repo" in m3it_process(*FETCH, "--url", "http://x", check=2, **more).stderr
    (tmp_path / "cache").write_bytes(b"")
    assert "cannot be written" in m3it_process(*FETCH, check=2, **more).stderr
    assert not hub.asked


@pytest.mark.skipif(bool(find_spec("torch") and find_spec("transformers")), reason="torch and transformers are here")
def test_a_checkpoint_needs_the_converter_and_is_not_downloaded_without(hub: ModelHub, tmp_path: Path) -> None:
    hub.files = {"config.json": b"{}", "pytorch_model.bin": b"x" * 100, SPM: b"x"}
    told = m3it_process(*FETCH, check=2, **hub.environment(tmp_path)).stderr
    assert "pip install torch transformers" in told and "nllb-200-distilled-1.3B-ct2-int8" in told
    assert not any("/resolve/" in address for address in hub.asked)
    (tmp_path / "checkpoint").mkdir()
    (tmp_path / "checkpoint" / "config.json").write_text("{}")
    (tmp_path / "checkpoint" / SPM).write_bytes(b"x")
    with pytest.raises(ModelError, match="pip install torch transformers"):
        convert(tmp_path / "checkpoint", tmp_path / "to")


def test_a_sentencepiece_model_that_is_not_nllbs_is_refused(hub: ModelHub, tmp_path: Path) -> None:
    name = "nllb-200-distilled-600M"
    told = m3it_process("models", "fetch", name, "--repo", "org/tiny", check=2, **hub.environment(tmp_path)).stderr
    assert "is not NLLB's" in told
    assert not (tmp_path / "cache" / name).exists() and not leftovers(tmp_path / "cache")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "no model.bin. Give a folder"),
        ({"config.json": b"{}", "model.safetensors": b"x"}, "Run: m3it models convert"),
        ({"config.json": b"{}", "pytorch_model-00001-of-00003.bin": b"x"}, "Run: m3it models convert"),
        ({"model.bin": b"x"}, "no vocabulary"),
        ({"model.bin": b"x", "shared_vocabulary.txt": b"a\n"}, "no SentencePiece model"),
        (
            {"model.bin": b"x", "shared_vocabulary.txt": b"a\n", "a.model": b"", "b.model": b""},
            "2 SentencePiece models",
        ),
    ],
)
def test_what_a_folder_lacks_is_told(tmp_path: Path, files: dict[str, bytes], message: str) -> None:
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    with pytest.raises(ModelError, match=re.escape(message)):
        find_model(str(tmp_path))


@pytest.mark.parametrize(
    ("content", "message"),
    [("[1]", "content: Input should be"), ('{"license": "cc by"}', "license: String"), ('{"name": 5}', "name: Input")],
)
def test_what_a_folder_says_of_itself_is_checked(tmp_path: Path, content: str, message: str) -> None:
    write_glossary(tmp_path / "model")
    (tmp_path / "model" / "m3it-model.json").write_text(content)
    with pytest.raises(ModelError, match=message):
        model_in(tmp_path / "model")


def test_the_hash_is_of_everything_that_changes_what_a_model_says(tmp_path: Path) -> None:
    write_glossary(tmp_path / "model")
    before = model_in(tmp_path / "model").hash
    seen = {before}
    for name in ("model.bin", "shared_vocabulary.json", "config.json", SPM):
        folder = shutil.copytree(tmp_path / "model", tmp_path / name)
        (folder / "README.md").write_text("x")
        assert model_in(folder).hash == before
        with (folder / name).open("ab") as stream:
            stream.write(b" ")
        seen.add(model_in(folder).hash)
    assert len(seen) == 5


def test_the_sentencepiece_model_has_its_usual_name_or_is_the_only_one(tmp_path: Path) -> None:
    write_glossary(tmp_path)
    (tmp_path / SPM).rename(tmp_path / "other.model")
    assert model_in(tmp_path).spm.name == "other.model"
    shutil.copyfile(tmp_path / "other.model", tmp_path / "spm.model")
    assert model_in(tmp_path).spm.name == "spm.model"


def test_a_local_folder_goes_before_a_fetched_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cache = tmp_path / "cache"
    write_glossary(cache / "mine")
    assert find_model("mine", cache).folder == cache / "mine"
    write_glossary(tmp_path / "mine")
    assert find_model("mine", cache).folder == Path("mine")
    with pytest.raises(UnknownName, match="neither a known name nor a folder"):
        find_model("cache/none", cache)


def test_a_checkpoint_is_told_from_a_conversion(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"x")
    done = m3it("translate", "--langs", "de", "--model", tmp_path, "--out", tmp_path / "none", check=2)
    assert "Build them first" in done.stderr
    m3it("build", "--task", "winoground", "--sample", "--out", tmp_path / "out")
    done = m3it("translate", "--langs", "de", "--model", tmp_path, "--out", tmp_path / "out", check=2)
    assert f"m3it models convert {tmp_path}" in done.stderr


def test_the_list(tmp_path: Path) -> None:
    for name in ("nllb-200-3.3B", "mine"):
        write_glossary(tmp_path / name)
    (tmp_path / "rubbish").mkdir()
    found = {row["name"]: row for row in json.loads(m3it("models", "list", "--json", M3IT_CACHE=str(tmp_path)).stdout)}
    assert set(found) == {*known_models(), "mine", "flores"}
    assert [name for name, row in found.items() if row["folder"]] == ["nllb-200-3.3B", "mine"]
    assert "CC-BY-NC-4.0" in m3it("models", "list", M3IT_CACHE=str(tmp_path / "none")).stdout


def packed(path: Path, *members: tuple[str, bytes | str]) -> bytes:
    """An archive of files; where the content is a text, of links to it."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members:
            member = tarfile.TarInfo(name)
            if isinstance(content, str):
                member.type, member.linkname = tarfile.SYMTYPE, content
                archive.addfile(member)
            else:
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    return path.read_bytes()


def test_flores_is_fetched_over_http_and_unpacked_safely(tmp_path: Path) -> None:
    folder, outside, cache = tmp_path / "served", tmp_path / "outside", tmp_path / "cache"
    folder.mkdir()
    outside.mkdir()
    english = ("./flores200_dataset/devtest/eng_Latn.devtest", b"a\nb\n")
    good = packed(
        folder / "good.tar.gz",
        english,
        ("link", str(outside)),
        ("link/evil.devtest", b"x"),
        ("hard.devtest", "/etc/passwd"),
    )
    packed(folder / "up.tar.gz", ("../../evil.devtest", b"x"), english)
    packed(folder / "other.tar.gz", ("readme.txt", b"x"))
    (folder / "cut.tar.gz").write_bytes(good[:60])
    large = packed(folder / "broken.tar.gz", ("x.devtest", os.urandom(50_000)))
    (folder / "broken.tar.gz").write_bytes(large[:20_000] + bytes(1000) + large[21_000:])
    bomb = tarfile.TarInfo("x.devtest")
    bomb.size = 2 << 30
    (folder / "bomb.tar.gz").write_bytes(bomb.tobuf() + bytes(1024))

    class Quiet(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(folder))  # type: ignore[arg-type]

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    def got(url: object, code: int) -> str:
        done = m3it("models", "fetch", "flores", "--url", url, check=code, M3IT_CACHE=str(cache))
        return done.stdout if code == 0 else done.stderr

    with served(Quiet) as url:
        for name in ("up", "cut", "broken", "bomb", "none"):
            assert "FLORES cannot be had" in got(f"{url}/{name}.tar.gz", 2)
        assert "it is not FLORES" in got(f"{url}/other.tar.gz", 2)
        for wrong in ("http://[x", "ftp://x/y", tmp_path / "none.tar.gz"):
            assert "FLORES cannot be had" in got(wrong, 2)
        assert not cache.exists() or not any(cache.iterdir())
        told = got(f"{url}/good.tar.gz", 0)
        assert "ready" in told and "CC-BY-SA-4.0" in told
    assert (cache / "flores" / english[0]).read_bytes() == english[1]
    assert not any(path.is_symlink() for path in cache.rglob("*"))
    assert not list(outside.iterdir()) and not list(tmp_path.glob("evil*"))
    assert "there already" in got(folder / "good.tar.gz", 0)
    shutil.rmtree(cache)
    assert "ready" in got(folder / "good.tar.gz", 0)
    assert [path.name for path in cache.iterdir()] == ["flores"]


def test_a_folder_is_converted_only_where_nothing_is_in_the_way(tmp_path: Path) -> None:
    source = tmp_path / "checkpoint"
    source.mkdir()
    damages: list[tuple[Callable[[], object], str]] = [
        (lambda: None, "no config.json"),
        (lambda: (source / "config.json").write_text("{}"), f"no {SPM}"),
    ]
    for damage, message in damages:
        damage()
        with pytest.raises(ModelError, match=message):
            convert(source, tmp_path / "to")
    with pytest.raises(M3itError, match="int9: not one of"):
        convert(source, tmp_path / "to", "int9")


def checkpoint(folder: Path) -> None:
    """A tiny NLLB with random weights, as transformers saves it."""
    import torch
    from transformers import M2M100Config, M2M100ForConditionalGeneration, NllbTokenizer

    write_glossary(folder.parent / "glossary")
    spm = folder.parent / "glossary" / SPM
    tokenizer = NllbTokenizer(vocab_file=str(spm), src_lang="eng_Latn", tgt_lang="deu_Latn")
    torch.manual_seed(0)
    sizes = {"d_model": 32, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64, "encoder_layers": 1, "decoder_layers": 1}
    config = M2M100Config(
        vocab_size=len(tokenizer), **sizes, encoder_attention_heads=2, decoder_attention_heads=2, scale_embedding=True
    )
    M2M100ForConditionalGeneration(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    shutil.copyfile(spm, folder / SPM)
    (folder / "README.md").write_text("---\nlicense: cc-by-nc-4.0\n---\n")


@NEEDS_CONVERTER
def test_a_converted_checkpoint_says_what_transformers_says(tmp_path: Path) -> None:
    import ctranslate2
    from transformers import M2M100ForConditionalGeneration, NllbTokenizer

    source, target = tmp_path / "checkpoint", tmp_path / "checkpoint-ct2"
    checkpoint(source)
    told = m3it("models", "convert", source, "--quantization", "float32").stdout
    assert f"{target}: ready" in told and "not for commercial use" in told
    assert "is there already" in m3it("models", "convert", source, check=2).stderr
    model = find_model(str(target))
    assert (model.name, model.license) == ("checkpoint", "CC-BY-NC-4.0")
    facts = json.loads((target / "m3it-model.json").read_text())
    assert facts["quantization"] == "float32" and set(facts["versions"]) == {"ctranslate2", "torch", "transformers"}
    with Translator(model, beam=1) as translator:
        assert {"eng_Latn", "deu_Latn"} <= translator.languages()

    text = "a cat on the table"
    tokenizer = NllbTokenizer.from_pretrained(source, src_lang="eng_Latn", tgt_lang="deu_Latn")
    peer = M2M100ForConditionalGeneration.from_pretrained(source)
    batch = tokenizer(text, return_tensors="pt")
    german = tokenizer.convert_tokens_to_ids("deu_Latn")
    # the first token is the start of decoding
    theirs = peer.generate(**batch, forced_bos_token_id=german, num_beams=1, do_sample=False, max_new_tokens=12)[0][1:]
    pieces = tokenizer.convert_ids_to_tokens(batch["input_ids"][0])
    assert (pieces[0], pieces[-1]) == ("eng_Latn", END)
    runtime = ctranslate2.Translator(str(target), compute_type="float32")
    ours = runtime.translate_batch([pieces], target_prefix=[["deu_Latn"]], beam_size=1, max_decoding_length=12)
    assert ours[0].hypotheses[0] == tokenizer.convert_ids_to_tokens(theirs)[: len(ours[0].hypotheses[0])]
    assert len(ours[0].hypotheses[0]) > 4


@NEEDS_CONVERTER
def test_a_checkpoint_is_fetched_and_converted(hub: ModelHub, tmp_path: Path) -> None:
    checkpoint(tmp_path / "checkpoint")
    hub.files = {path.name: path.read_bytes() for path in (tmp_path / "checkpoint").iterdir()}
    hub.files["pytorch_model.bin"] = b"the same weights again"
    m3it_process(*FETCH, check=0, **hub.environment(tmp_path))
    assert not any("pytorch_model" in address for address in hub.asked)
    model = find_model(str(tmp_path / "cache" / "tiny"))
    assert (model.name, model.repository, model.revision, model.license) == (
        "tiny", "org/tiny", COMMIT, "CC-BY-NC-4.0",
    )  # fmt: skip
    assert json.loads((model.folder / "m3it-model.json").read_text())["quantization"] == "int8"
    with Translator(model, beam=1) as translator:
        assert "deu_Latn" in translator.languages()


@NEEDS_CONVERTER
def test_what_the_converter_does_not_know_is_told(tmp_path: Path) -> None:
    (tmp_path / "bert").mkdir()
    (tmp_path / "bert" / "config.json").write_text('{"model_type": "vit"}')
    (tmp_path / "bert" / SPM).write_bytes(b"x")
    with pytest.raises(ModelError, match="cannot be converted"):
        convert(tmp_path / "bert", tmp_path / "to")
    assert [path.name for path in tmp_path.iterdir()] == ["bert"]


def test_a_folder_that_is_being_made_is_left_alone(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    with FileLock(cache / ".flores.lock"):
        told = m3it("models", "fetch", "flores", "--url", "x", check=2, M3IT_CACHE=str(cache)).stderr
    assert "another m3it is making it" in told

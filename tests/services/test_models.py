"""Models are fetched from a Hub, converted and put into place as a whole, or not at all."""

import hashlib
import io
import json
import re
import shutil
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from m3it_build.services.glossary import write_glossary
from m3it_build.services.models import find_model, known_models
from m3it_build.services.translator import Translator
from tests.corpus import m3it

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class ModelHub:
    """The endpoints by which huggingface_hub lists and downloads a model."""

    files: dict[str, bytes]
    broken: set[str] = field(default_factory=set)
    """Files whose transfer breaks off half-way."""
    url: str = ""


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
            if path.startswith("/api/models/org/tiny/tree/"):
                self.send(
                    [
                        {"type": "file", "path": name, "size": len(data), "oid": oid(data)}
                        for name, data in found.files.items()
                    ]
                )
            elif re.fullmatch(r"/api/models/org/tiny(/revision/[^/]+)?", path):
                siblings = [{"rfilename": name} for name in found.files]
                self.send({"id": "org/tiny", "sha": COMMIT, "siblings": siblings, "private": False, "tags": []})
            elif (match := re.fullmatch(r"/org/tiny/resolve/[^/]+/(.+)", path)) and match[1] in found.files:
                self.send(found.files[match[1]], broken=match[1] in found.broken)
            else:
                self.send({"error": "Repository not found"}, status=404)

        def send(self, content: object, status: int = 200, *, broken: bool = False) -> None:
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("ETag", f'"{oid(data)}"')
            if status == 404:
                self.send_header("X-Error-Code", "RepoNotFound")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data[: len(data) // 2] if broken else data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    yield found
    server.shutdown()
    server.server_close()


def oid(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()


def environment(hub: ModelHub, tmp_path: Path) -> dict[str, str]:
    return {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(tmp_path / "hf"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_OFFLINE": "0",
        "HF_HUB_DOWNLOAD_TIMEOUT": "5",
        "M3IT_CACHE": str(tmp_path / "cache"),
    }


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.glob(".*")] if folder.exists() else []


def test_known_models_are_pinned() -> None:
    for known in known_models().values():
        assert re.fullmatch(r"[0-9a-f]{40}", known.revision)
        assert known.license == "CC-BY-NC-4.0"


def test_a_conversion_is_fetched_as_it_is(hub: ModelHub, tmp_path: Path) -> None:
    more = environment(hub, tmp_path)
    fetch = ("models", "fetch", "tiny", "--repo", "org/tiny", "--revision", "main")
    assert "ready" in m3it(*fetch, check=0, **more).stdout
    model = find_model(str(tmp_path / "cache" / "tiny"))
    assert (model.name, model.repository, model.revision) == ("tiny", "org/tiny", "main")
    with Translator(model, beam=1) as translator:
        assert translator.sentences(["a cat"], "deu_Latn") == ["ein Katze"]
    hub.files.clear()
    assert "ready" in m3it(*fetch, check=0, **more).stdout  # it is there: nothing is asked
    assert not leftovers(tmp_path / "cache")


def test_a_broken_download_leaves_nothing_that_looks_finished(hub: ModelHub, tmp_path: Path) -> None:
    more = environment(hub, tmp_path)
    fetch = ("models", "fetch", "tiny", "--repo", "org/tiny")
    hub.broken.add("model.bin")
    told = m3it(*fetch, check=2, **more).stderr
    assert "org/tiny: cannot be fetched" in told and "run the same command again" in told
    assert not (tmp_path / "cache" / "tiny").exists()
    hub.broken.clear()
    m3it(*fetch, check=0, **more)
    assert find_model(str(tmp_path / "cache" / "tiny")).name == "tiny"


def test_a_repository_that_is_no_model_or_not_there(hub: ModelHub, tmp_path: Path) -> None:
    more = environment(hub, tmp_path)
    assert "cannot be fetched" in m3it("models", "fetch", "x", "--repo", "org/none", check=2, **more).stderr
    assert "No model 'x'. Known: nllb-200-distilled-600M" in m3it("models", "fetch", "x", check=2, **more).stderr
    del hub.files["sentencepiece.bpe.model"]
    assert "no SentencePiece model" in m3it("models", "fetch", "tiny", "--repo", "org/tiny", check=2, **more).stderr
    assert not (tmp_path / "cache" / "tiny").exists()
    assert not leftovers(tmp_path / "cache")


@pytest.mark.skipif(bool(find_spec("torch") and find_spec("transformers")), reason="torch and transformers are here")
def test_a_checkpoint_needs_the_converter_and_is_not_downloaded_without(hub: ModelHub, tmp_path: Path) -> None:
    hub.files = {"config.json": b"{}", "pytorch_model.bin": b"x" * 100}
    told = m3it("models", "fetch", "tiny", "--repo", "org/tiny", check=2, **environment(hub, tmp_path)).stderr
    assert "pip install transformers torch" in told
    assert not list((tmp_path / "hf").rglob("*pytorch_model*"))
    folder = tmp_path / "checkpoint"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    assert "no sentencepiece.bpe.model" in m3it("models", "convert", folder, check=2).stderr
    (folder / "sentencepiece.bpe.model").write_bytes(b"x")
    assert "pip install transformers torch" in m3it("models", "convert", folder, check=2).stderr


def test_a_sentencepiece_model_that_is_not_nllbs_is_refused(hub: ModelHub, tmp_path: Path) -> None:
    more = environment(hub, tmp_path)
    name = "nllb-200-distilled-600M"
    told = m3it("models", "fetch", name, "--repo", "org/tiny", check=2, **more).stderr
    assert "is not NLLB's" in told
    assert not (tmp_path / "cache" / name).exists()


def test_a_checkpoint_is_told_from_a_conversion(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"x")
    done = m3it("translate", "--langs", "de", "--model", tmp_path, "--out", tmp_path / "none", check=2)
    assert "Build them first" in done.stderr
    m3it("build", "--task", "winoground", "--sample", "--out", tmp_path / "out")
    done = m3it("translate", "--langs", "de", "--model", tmp_path, "--out", tmp_path / "out", check=2)
    assert f"m3it models convert {tmp_path}" in done.stderr


def test_the_list(tmp_path: Path) -> None:
    write_glossary(tmp_path / "nllb-200-3.3B")
    found = {row["name"]: row for row in json.loads(m3it("models", "list", "--json", M3IT_CACHE=str(tmp_path)).stdout)}
    assert found["nllb-200-3.3B"]["folder"] and not found["nllb-200-distilled-1.3B"]["folder"]
    assert "CC-BY-NC-4.0" in m3it("models", "list", M3IT_CACHE=str(tmp_path)).stdout


def archive(path: Path, names: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as packed:
        for name, data in names.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            packed.addfile(member, io.BytesIO(data))
    return path


def test_flores_is_fetched_over_http_and_unpacked_safely(tmp_path: Path) -> None:
    served = tmp_path / "served"
    served.mkdir()
    archive(served / "good.tar.gz", {"flores200_dataset/devtest/eng_Latn.devtest": b"a\nb\n"})
    archive(served / "evil.tar.gz", {"../../evil.devtest": b"x", "x.devtest": b"a\n"})
    archive(served / "other.tar.gz", {"readme.txt": b"x"})
    (served / "cut.tar.gz").write_bytes((served / "good.tar.gz").read_bytes()[:40])

    class Quiet(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments, directory=str(served))  # type: ignore[arg-type]

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    cache = tmp_path / "cache"
    try:
        for name, told in (
            ("evil", "FLORES cannot be had"),
            ("other", "it is not FLORES"),
            ("cut", "FLORES cannot be had"),
            ("none", "FLORES cannot be had"),
        ):
            url = f"http://127.0.0.1:{server.server_port}/{name}.tar.gz"
            assert told in m3it("models", "fetch", "flores", "--url", url, check=2, M3IT_CACHE=str(cache)).stderr
            assert not (cache / "flores").exists()
            assert not leftovers(cache)
        assert not list(tmp_path.rglob("evil.devtest"))
        url = f"http://127.0.0.1:{server.server_port}/good.tar.gz"
        assert "CC-BY-SA-4.0" in m3it("models", "fetch", "flores", "--url", url, M3IT_CACHE=str(cache)).stdout
        assert next(cache.rglob("*.devtest")).read_bytes() == b"a\nb\n"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.skipif(
    not (find_spec("torch") and find_spec("transformers")),
    reason="the converter needs torch and transformers, which are not installed",
)
def test_a_checkpoint_is_converted_by_the_real_converter(tmp_path: Path) -> None:
    import torch
    from transformers import M2M100Config, M2M100ForConditionalGeneration, NllbTokenizer

    write_glossary(tmp_path / "glossary")
    folder = tmp_path / "checkpoint"
    spm = tmp_path / "glossary" / "sentencepiece.bpe.model"
    tokenizer = NllbTokenizer(vocab_file=str(spm), src_lang="eng_Latn", tgt_lang="deu_Latn")
    torch.manual_seed(0)
    sizes = {"d_model": 32, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64, "encoder_layers": 1, "decoder_layers": 1}
    config = M2M100Config(
        vocab_size=len(tokenizer), **sizes, encoder_attention_heads=2, decoder_attention_heads=2, scale_embedding=True
    )
    M2M100ForConditionalGeneration(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    shutil.copyfile(spm, folder / "sentencepiece.bpe.model")
    m3it("models", "convert", folder, "--to", tmp_path / "converted")
    with Translator(find_model(str(tmp_path / "converted")), beam=1) as translator:
        assert {"eng_Latn", "deu_Latn"} <= translator.languages()
        translator.sentences(["a cat"], "deu_Latn")

"""The translator against CTranslate2 called a sentence at a time and against transformers; its memory over many texts.

python -m scripts.bench.translation [--sentences 160] [--beam 1] [--shape tiny,nllb-1.3B] [--texts 100000]

The large model has the shape of NLLB-200-distilled-1.3B (24 + 24 layers, width 1024, 8192, 256,206 tokens), random
weights wherever they cannot change what it says, and the glossary's where they do: so sentences end where they should,
and every translation is checked. Texts are those of the bundled samples' evaluation rows and all instructions, each
once; rows repeat them, which the translator does not pay for (the last lines say how often).
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import islice
from math import sqrt
from pathlib import Path
from typing import Any

from m3it_build.core.task import Translated
from m3it_build.plan.registry import load_registry
from m3it_build.services.mt.fetching import convert
from m3it_build.services.mt.glossary import WIDTH, entries, lexicon, transformer, write_glossary
from m3it_build.services.mt.models import find_model
from m3it_build.services.mt.translator import END, SOURCE, Translator
from m3it_build.store.reader import read_texts
from m3it_build.translate.parts import text_units, units

TARGET = "deu_Latn"
LAYERS, WIDE, INNER, TOKENS = 24, 1024, 8192, 256_206
STACKED = {2: (3, 1), 3: (1, 2, 1)}
"""Matrices of a self-attention (queries, keys and values in one) and of a cross-attention."""
WORDS = 400
"""Of the glossary, so that its units fit into one layer."""


def row_texts(folder: Path) -> tuple[list[str], int]:
    """Distinct sentences of the sample's evaluation rows and instructions, and how many stand in the rows."""
    tasks = [entry.task.name for entry in load_registry() if entry.task.translated is not Translated.NO]
    for task in tasks:
        command = [sys.executable, "-m", "m3it_build", "build", "--task", task, "--sample", "--out", str(folder)]
        subprocess.run(command, check=True, capture_output=True)
    count, texts = 0, dict[str, None]()
    for path in sorted(folder.glob("data/*/*/*.parquet")):
        for row in read_texts(path):
            if row.meta["split"] != "train":
                found = sorted(units(row) | text_units(row.instruction))
                count += len(found)
                texts |= dict.fromkeys(found)
    for entry in load_registry():
        if entry.task.languages == ("en",):
            texts |= dict.fromkeys(unit for each in entry.pool().all for unit in sorted(text_units(each.text)))
    return list(texts), count


def write_large(folder: Path) -> None:
    """The glossary in a model of NLLB's shape."""
    import numpy as np
    from ctranslate2.specs import TransformerSpec

    small: Any = transformer(lexicon(entries()[:WORDS]))
    write_glossary(folder, entries()[:WORDS])
    large: Any = TransformerSpec.from_config((LAYERS, LAYERS), 1, pre_norm=True)
    noise = np.random.default_rng(0)
    for narrow, wide in ((small.encoder, large.encoder), (small.decoder, large.decoder)):
        wide.scale_embeddings = False
        wide.position_encodings.encodings = padded(narrow.position_encodings.encodings, 512, WIDE)
        norm(wide.layer_norm)
        for layer in wide.layer[:-1]:
            idle(layer, noise)
        widen(narrow.layer[0])
        wide.layer[-1] = narrow.layer[0]
    large.encoder.embeddings[0].weight = padded(small.encoder.embeddings[0].weight, TOKENS, WIDE)
    large.decoder.embeddings.weight = padded(small.decoder.embeddings.weight, TOKENS, WIDE)
    linear(small.decoder.projection, TOKENS, WIDE)
    large.decoder.projection = small.decoder.projection
    known = json.loads((folder / "shared_vocabulary.json").read_text("utf-8"))
    tokens = [*known, *(f"<{number}>" for number in range(TOKENS - len(known)))]
    large.register_source_vocabulary(tokens)
    large.register_target_vocabulary(tokens)
    large.config.add_source_bos = large.config.add_source_eos = False
    large.config.decoder_start_token = END
    large.validate()
    large.optimize(quantization="int8")
    large.save(str(folder))


def widen(layer: Any) -> None:
    """The layer that does the work, among zeros."""
    for block in attentions(layer):
        for each, count in zip(block.linear, STACKED[len(block.linear)], strict=True):
            linear(each, WIDE * count, WIDE, count)
        queries = block.linear[0]
        queries.weight[:WIDE] *= sqrt(WIDE / WIDTH)  # heads are wider: what they see is scaled down more
        queries.bias[:WIDE] *= sqrt(WIDE / WIDTH)
        norm(block.layer_norm)
    linear(layer.ffn.linear_0, INNER, WIDE)
    linear(layer.ffn.linear_1, WIDE, INNER)
    norm(layer.ffn.layer_norm)


def idle(layer: Any, noise: Any) -> None:
    """A layer with as much work, of which nothing is added to what passes by."""
    import numpy as np

    def fill(spec: Any, rows: int, columns: int, *, last: bool) -> None:
        shape = (rows, columns)
        spec.weight = np.zeros(shape, np.float32) if last else noise.standard_normal(shape, np.float32) / 32
        spec.bias = np.zeros(rows, np.float32)

    for block in attentions(layer):
        norm(block.layer_norm)
        for each, count in zip(block.linear, STACKED[len(block.linear)], strict=True):
            fill(each, WIDE * count, WIDE, last=each is block.linear[-1])
    norm(layer.ffn.layer_norm)
    fill(layer.ffn.linear_0, INNER, WIDE, last=False)
    fill(layer.ffn.linear_1, WIDE, INNER, last=True)


def attentions(layer: Any) -> list[Any]:
    """Of an encoder's layer one, of a decoder's two."""
    return [layer.self_attention, *([layer.attention] if hasattr(layer, "attention") else [])]


def linear(spec: Any, rows: int, columns: int, parts: int = 1) -> None:
    """Widen each of the stacked parts of a layer's weights."""
    import numpy as np

    weights, biases = np.split(spec.weight, parts), np.split(spec.bias, parts)
    spec.weight = np.concatenate([padded(part, rows // parts, columns) for part in weights])
    spec.bias = np.concatenate([padded(part, rows // parts) for part in biases])


def norm(spec: Any) -> None:
    """As the narrow vectors are normed."""
    import numpy as np

    spec.gamma = np.full(WIDE, sqrt(WIDTH / WIDE), dtype=np.float32)
    spec.beta = np.zeros(WIDE, dtype=np.float32)


def padded(array: Any, *shape: int) -> Any:
    """The array in a corner of zeros."""
    import numpy as np

    large = np.zeros(shape, dtype=np.float32)
    large[tuple(slice(size) for size in array.shape)] = array
    return large


def naive(folder: Path, texts: Sequence[str], beam: int) -> tuple[list[str], float]:
    """CTranslate2 as its first example calls it, with its own threads: one sentence after the other; seconds."""
    import ctranslate2
    import sentencepiece

    model = ctranslate2.Translator(str(folder), compute_type="int8")
    spm = sentencepiece.SentencePieceProcessor(model_file=str(folder / "sentencepiece.bpe.model"))
    found = []
    start = time.perf_counter()
    for text in texts:
        source = [SOURCE, *spm.encode(text, out_type=str), END]
        result = model.translate_batch([source], target_prefix=[[TARGET]], beam_size=beam)
        found.append(str(spm.decode_pieces(result[0].hypotheses[0][1:])))
    seconds = time.perf_counter() - start
    del model
    return found, seconds


def compare(folder: Path, texts: Sequence[str], beam: int) -> None:
    """Sentences per second of both."""
    with Translator(find_model(str(folder)), beam=beam) as translator:
        translator.sentences(texts[:8], TARGET)
        start = time.perf_counter()
        ours = translator.sentences(texts, TARGET)
        quick = time.perf_counter() - start
    theirs, slow = naive(folder, texts, beam)
    if ours != theirs:
        raise RuntimeError("the two do not say the same")
    ratio = f"{slow / quick:6.1f}x"
    name = f"{folder.name:10} beam {beam}"
    print(f"{name}  ours {len(texts) / quick:8.1f}/s  one at a time {len(texts) / slow:8.1f}/s {ratio}", flush=True)


def against_transformers(folder: Path, texts: Sequence[str], beam: int) -> None:
    """The same random M2M100 through CTranslate2 as the translator calls it, and through `generate`; equal lengths."""
    if missing := [name for name in ("torch", "transformers") if find_spec(name) is None]:
        print(f"against transformers: not measured, {' and '.join(missing)} not installed", flush=True)
        return
    import ctranslate2
    import sentencepiece
    import torch
    from transformers import M2M100Config, M2M100ForConditionalGeneration, NllbTokenizer

    write_glossary(folder / "glossary")
    spm_file = folder / "glossary" / "sentencepiece.bpe.model"
    tokenizer = NllbTokenizer(vocab_file=str(spm_file), src_lang=SOURCE, tgt_lang=TARGET)
    torch.manual_seed(0)
    config = M2M100Config(
        vocab_size=32_000, d_model=512, encoder_layers=6, decoder_layers=6, encoder_attention_heads=8,
        decoder_attention_heads=8, encoder_ffn_dim=2048, decoder_ffn_dim=2048, scale_embedding=True,
    )  # fmt: skip
    peer = M2M100ForConditionalGeneration(config).eval()
    peer.save_pretrained(folder / "peer")
    tokenizer.save_pretrained(folder / "peer")
    shutil.copyfile(spm_file, folder / "peer" / "sentencepiece.bpe.model")
    convert(folder / "peer", folder / "converted")
    spm = sentencepiece.SentencePieceProcessor(model_file=str(spm_file))
    longest_first = sorted(texts, key=len, reverse=True)
    length = 20
    cores = torch.get_num_threads()
    model = ctranslate2.Translator(str(folder / "converted"), compute_type="int8", inter_threads=cores, intra_threads=1)
    sources = [[SOURCE, *spm.encode(text, out_type=str), END] for text in longest_first]
    start = time.perf_counter()
    model.translate_batch(
        sources, target_prefix=[[TARGET]] * len(sources), beam_size=beam, batch_type="tokens", max_batch_size=2048,
        min_decoding_length=length, max_decoding_length=length,
    )  # fmt: skip
    ours = time.perf_counter() - start
    del model
    language = tokenizer.convert_tokens_to_ids(TARGET)
    for order, listed in (("as they come", texts), ("longest first", longest_first)):
        start = time.perf_counter()
        with torch.inference_mode():
            for place in range(0, len(listed), 32):
                batch = tokenizer(listed[place : place + 32], return_tensors="pt", padding=True)
                peer.generate(
                    **batch, forced_bos_token_id=language, num_beams=beam, min_new_tokens=length, max_new_tokens=length
                )
        theirs = time.perf_counter() - start
        rates = f"ours {len(texts) / ours:6.1f}/s  generate {len(texts) / theirs:6.1f}/s {theirs / ours:6.1f}x"
        print(f"M2M100 6+6 beam {beam}  {rates} (batches of 32, float32, {order})", flush=True)


def memory(folder: Path, texts: Sequence[str], sizes: Sequence[int], out: Path) -> None:
    """Peak memory of translating so many different texts through the translation memory."""
    script = (
        "import sys, resource\n"
        "from pathlib import Path\n"
        "from itertools import cycle, islice\n"
        "from m3it_build.services.mt.models import find_model\n"
        "from m3it_build.translate.memory import TranslationMemory\n"
        "from m3it_build.services.mt.translator import Translator\n"
        "folder, path, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])\n"
        "texts = sys.stdin.read().splitlines()\n"
        "with Translator(find_model(str(folder)), beam=1) as translator:\n"
        "    with TranslationMemory(path, translator.hash, translator.source, translator.decoding) as memory:\n"
        "        memory.want(f'{text} {number}' for number, text in enumerate(islice(cycle(texts), count)))\n"
        "        for chunk in translator.stream(memory.open_texts('deu_Latn'), 'deu_Latn'):\n"
        "            memory.keep('deu_Latn', chunk)\n"
        "        print(memory.counts()[0].stored, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)\n"
    )
    for size in sizes:
        path = out / f"{size}.sqlite"
        start = time.perf_counter()
        command = [sys.executable, "-c", script, str(folder), str(path), str(size)]
        done = subprocess.run(command, input="\n".join(texts), capture_output=True, text=True, check=True)
        stored, peak = done.stdout.split()
        print(f"{stored:>8} texts in {time.perf_counter() - start:6.1f} s, peak {peak} MB", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=160)
    parser.add_argument("--beam", type=int, default=1)
    parser.add_argument("--shape", default="tiny,nllb-1.3B")
    parser.add_argument("--texts", type=int, default=100_000)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="m3it-translation-"))
    try:
        texts, inside = row_texts(folder / "rows")
        short = [text for text in texts if len(text) < 200]
        for shape in filter(None, arguments.shape.split(",")):
            if shape == "tiny":
                write_glossary(folder / shape)
                compare(folder / shape, short, arguments.beam)
                memory(folder / shape, short, [arguments.texts // 100, arguments.texts // 10, arguments.texts], folder)
            else:
                write_large(folder / shape)
                chosen = list(islice(short, 0, None, max(1, len(short) // arguments.sentences)))
                compare(folder / shape, chosen, arguments.beam)
        chosen = list(islice(short, 0, None, max(1, len(short) // arguments.sentences)))
        against_transformers(folder / "transformers", chosen, arguments.beam)
        print(f"sample rows hold {inside} sentences; each is translated once")
        print(f"peak of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

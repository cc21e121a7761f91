"""The sample's model: a real CTranslate2 Transformer and SentencePiece model whose weights spell out a glossary.

It is made on the spot, without training, and glosses word by word. It exists so that everything around a model can be
run and tested offline: a source in another order, without its end, or with another target prefix comes out visibly
wrong.

How it works. Every vector is blocks of +1 and -1 in equal number, so that layer norms only scale by known constants.
The decoder's self-attention always looks at position 1, where the target language stands; its cross-attention at step t
looks at source position t; one feed-forward unit for each (source piece, target language) writes the code of the target
piece.
"""

import hashlib
import json
import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from math import sqrt
from pathlib import Path
from typing import Any

from m3it_build.services.mt.models import COMPUTE_TYPE, FACTS, SPM
from m3it_build.store.atomic import writing
from m3it_build.store.digest import file_sha256
from m3it_build.store.manifest import SAMPLE_MODEL
from m3it_build.store.state import DamagedState, read_state

ENGLISH = "eng_Latn"
TARGETS = ("deu_Latn", "fra_Latn", "zho_Hans")
"""In the order of the glossary's columns."""
GLOSSARY_LANGUAGES = (ENGLISH, *TARGETS)
START, PAD, END, UNKNOWN = "<s>", "<pad>", "</s>", "<unk>"
SPACE = "\u2581"
"""How SentencePiece writes a space."""
CHARACTERS = "".join(map(chr, (*range(33, 127), *range(0xC0, 0x100)))) + "“”‘’–—…、。，！？：；（）"
"""Copied, so that numbers and unknown words survive."""
SHORTEST_INNER = 3
"""Letters of a word that is glossed inside another one, as after a hyphen."""

POSITIONS = 512
POSITION, LANGUAGE, CONTENT = 64, 16, 80
"""Sizes of the blocks."""
WIDTH = POSITION + 2 * LANGUAGE + CONTENT
POSITION_BLOCK, OWN_BLOCK, LANGUAGE_BLOCK, CONTENT_BLOCK = (
    slice(*pair)
    for pair in pairwise((0, POSITION, POSITION + LANGUAGE, POSITION + 2 * LANGUAGE, POSITION + 2 * LANGUAGE + CONTENT))
)
"""Position; a token's own language; the sentence's; content."""
SHARPNESS = 12.0
"""Of attention: the right position wins by more than thirty nats."""
MARGIN = 8.0
"""How far the unit of the right piece and language is above zero; that of any other pair is below."""
WRITTEN = 10.0
"""How large a target's code is written over its source's."""
LOGITS = 1.5
EXACT = "float32"
"""The compute type: the weights lie at the ends of int8, whose sums overflow on processors without VNNI."""


@dataclass(frozen=True)
class Lexicon:
    """Pieces and what becomes of them."""

    pieces: tuple[str, ...]
    """Words first; the rest are characters."""
    words: int
    glosses: dict[tuple[str, str], str]
    """(piece, target language) to piece."""


Entries = tuple[tuple[str, ...], ...]
"""An English word and its gloss in each target language."""


def write_glossary(folder: Path, lines: Entries | None = None) -> None:
    """Write the model as a whole, the same bytes each time; a folder that has it already is left alone.

    Args:
        folder: Where.
        lines: Another glossary than the sample's.
    """
    lines = lines or entries()
    facts: dict[str, Any] = {"name": SAMPLE_MODEL, "license": None, "glossary": _hash(repr((lines, WIDTH, EXACT)))}
    if _is_whole(folder, facts):
        return
    scratch = folder.with_name(f".{folder.name}.tmp")
    with writing(folder):
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        write_model(scratch, lexicon(lines))
        facts |= {"files": {path.name: file_sha256(path) for path in sorted(scratch.iterdir())}}
        (scratch / FACTS).write_text(json.dumps(facts) + "\n", "utf-8")
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder)
        else:
            folder.unlink(missing_ok=True)
        scratch.replace(folder)


def _is_whole(folder: Path, facts: dict[str, Any]) -> bool:
    """Whether a folder holds this very model, and nothing of it changed."""
    try:
        told = json.loads(read_state(folder / FACTS) or b"{}")
        wanted = facts | {"files": told.get("files")}
        return bool(told == wanted and all(file_sha256(folder / name) == each for name, each in told["files"].items()))
    except (DamagedState, ValueError, AttributeError, TypeError, RecursionError):
        return False


def write_model(folder: Path, words: Lexicon) -> None:
    """Write weights, vocabulary and SentencePiece model of what is known."""
    spec = transformer(words)
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
    (folder / SPM).write_bytes(_sentencepiece(words))


@cache
def entries() -> Entries:
    """The sample's glossary."""
    text = (files("m3it_build") / "samples" / "glossary.txt").read_text("utf-8")
    return tuple(tuple(line.split()) for line in text.splitlines() if line and not line.startswith("#"))


def lexicon(lines: Entries) -> Lexicon:
    """All pieces, and what each becomes in each language."""
    glosses: dict[tuple[str, str], str] = {}
    for english, *others in lines:
        for nllb, other in zip(TARGETS, others, strict=True):
            for source, target in _forms(english, other):
                spaced = target if nllb == "zho_Hans" else SPACE + target
                glosses.setdefault((SPACE + source, nllb), spaced)
                glosses.setdefault((spaced, ENGLISH), SPACE + source)
                if len(source) >= SHORTEST_INNER and source == english:
                    glosses.setdefault((source, nllb), target)
    words = dict.fromkeys(piece for (source, _), target in glosses.items() for piece in (source, target))
    letters = {char for piece in words for char in piece}
    rest = [char for char in dict.fromkeys((SPACE, *CHARACTERS, *sorted(letters))) if char not in words]
    pieces = (*words, *rest)
    for char in (*rest, *(word for word in words if len(word) == 1)):
        for nllb in GLOSSARY_LANGUAGES:
            glosses.setdefault((char, nllb), char)
    for nllb in GLOSSARY_LANGUAGES:
        glosses[END, nllb] = END
        glosses[UNKNOWN, nllb] = "?"
    return Lexicon(pieces, len(words), glosses)


def _forms(english: str, other: str) -> Iterator[tuple[str, str]]:
    """As it stands, and with a capital at the start of a sentence."""
    yield english, other
    if (capital := english[0].upper() + english[1:]) != english:
        yield capital, other[0].upper() + other[1:]


def _vocabulary(words: Lexicon) -> list[str]:
    """In NLLB's order."""
    return [START, PAD, END, UNKNOWN, *words.pieces, *GLOSSARY_LANGUAGES, "<mask>"]


def transformer(words: Lexicon) -> Any:
    """The specification of the model: one encoder layer that changes nothing, one decoder layer that looks up."""
    import numpy as np
    from ctranslate2.specs import TransformerSpec

    tokens = _vocabulary(words)
    spec: Any = TransformerSpec.from_config((1, 1), 1, pre_norm=True)
    spec.register_source_vocabulary(tokens)
    spec.register_target_vocabulary(tokens)
    spec.config.add_source_bos = spec.config.add_source_eos = False
    spec.config.decoder_start_token = END
    spec.config.add_attribute(COMPUTE_TYPE, EXACT)
    encodings = np.zeros((POSITIONS, WIDTH), dtype=np.float32)
    encodings[:, POSITION_BLOCK] = _codes([f"position {place}" for place in range(POSITIONS)], POSITION)
    for side in (spec.encoder, spec.decoder):
        side.scale_embeddings = False
        side.position_encodings.encodings = encodings
        layer = side.layer[0]
        attentions = [layer.self_attention, *([layer.attention] if side is spec.decoder else [])]
        for norm in (side.layer_norm, layer.ffn.layer_norm, *(each.layer_norm for each in attentions)):
            norm.gamma, norm.beta = np.ones(WIDTH, dtype=np.float32), np.zeros(WIDTH, dtype=np.float32)
    contents = np.zeros((len(tokens), WIDTH), dtype=np.float32)
    contents[:, CONTENT_BLOCK] = _codes([f"token {token}" for token in tokens], CONTENT)
    languages = _language_codes()
    _encoder(spec.encoder, contents)
    _attention(spec.decoder, tokens, languages, encodings[1])
    _lookup(spec.decoder.layer[0].ffn, words, dict(zip(tokens, contents, strict=True)), languages)
    _linear(spec.decoder.projection, contents * LOGITS)
    return spec


def _encoder(encoder: Any, contents: Any) -> None:
    """Position and content of each piece, passed on as they are."""
    nothing = _matrix()
    encoder.embeddings[0].weight = contents
    layer = encoder.layer[0]
    _linear(layer.self_attention.linear[0], _stacked(nothing, nothing, nothing))
    _linear(layer.self_attention.linear[1], nothing)
    _linear(layer.ffn.linear_0, nothing[:8])
    _linear(layer.ffn.linear_1, nothing[:, :8])


def _attention(decoder: Any, tokens: list[str], languages: dict[str, Any], first: Any) -> None:
    """Self-attention fetches the language from position 1, cross-attention the source piece of the same position."""
    import numpy as np

    remembered = np.zeros((len(tokens), WIDTH), dtype=np.float32)
    remembered[:, OWN_BLOCK] = languages[""]
    for nllb in GLOSSARY_LANGUAGES:
        remembered[tokens.index(nllb), OWN_BLOCK] = languages[nllb]
    decoder.embeddings.weight = remembered
    layer = decoder.layer[0]
    keys = _matrix((POSITION_BLOCK, POSITION_BLOCK, 1))
    language = _matrix((LANGUAGE_BLOCK, OWN_BLOCK, 1 / _scale(POSITION + LANGUAGE)))
    looking = np.zeros(3 * WIDTH, dtype=np.float32)
    looking[:WIDTH] = SHARPNESS * first
    _linear(layer.self_attention.linear[0], _stacked(_matrix(), keys, language), looking)
    _linear(layer.self_attention.linear[1], _matrix((LANGUAGE_BLOCK, LANGUAGE_BLOCK, 1)))
    content = _matrix((CONTENT_BLOCK, CONTENT_BLOCK, 1 / _scale(POSITION + CONTENT)))
    _linear(layer.attention.linear[0], keys * SHARPNESS)
    _linear(layer.attention.linear[1], _stacked(keys, content))
    _linear(layer.attention.linear[2], _matrix((CONTENT_BLOCK, CONTENT_BLOCK, 1)))


def _lookup(ffn: Any, words: Lexicon, contents: dict[str, Any], languages: dict[str, Any]) -> None:
    """One unit for each piece and language: it fires for this pair alone, and writes the target's code."""
    import numpy as np

    found = np.zeros((len(words.glosses), WIDTH), dtype=np.float32)
    written = np.zeros((WIDTH, len(words.glosses)), dtype=np.float32)
    for unit, ((source, nllb), target) in enumerate(words.glosses.items()):
        found[unit] = contents[source]
        found[unit, LANGUAGE_BLOCK] = languages[nllb]
        written[:, unit] = contents[target] * (WRITTEN / MARGIN)
    threshold = np.full(len(found), MARGIN - CONTENT - LANGUAGE, dtype=np.float32)
    _linear(ffn.linear_0, found, threshold)
    _linear(ffn.linear_1, written)


def _linear(spec: Any, weight: Any, bias: Any = None) -> None:
    import numpy as np

    spec.weight = weight
    spec.bias = np.zeros(len(weight), dtype=np.float32) if bias is None else bias


def _matrix(*blocks: tuple[slice, slice, float]) -> Any:
    """A square matrix that copies blocks: to, from, factor."""
    import numpy as np

    weight = np.zeros((WIDTH, WIDTH), dtype=np.float32)
    for to, of, factor in blocks:
        weight[to, of] = np.eye(to.stop - to.start, dtype=np.float32) * factor
    return weight


def _stacked(*matrices: Any) -> Any:
    import numpy as np

    return np.concatenate(matrices)


def _scale(filled: int) -> float:
    """What a layer norm multiplies with where so many values are +1 or -1 and the rest 0."""
    return sqrt(WIDTH / filled)


def _language_codes() -> dict[str, Any]:
    """Rows of a Hadamard matrix: as far from each other as can be; "" is a token that is no language."""
    import numpy as np

    rows = np.array([[1.0]], dtype=np.float32)
    while len(rows) < LANGUAGE:
        rows = np.block([[rows, rows], [rows, -rows]])
    return dict(zip((*GLOSSARY_LANGUAGES, ""), rows[1:], strict=False))


def _codes(texts: list[str], size: int) -> Any:
    """For each text as many +1 as -1, in an order that a hash decides."""
    import numpy as np

    codes = np.ones((len(texts), size), dtype=np.float32)
    for code, text in zip(codes, texts, strict=True):
        noise = hashlib.shake_256(text.encode()).digest(4 * size)
        order = sorted(range(size), key=lambda place: noise[4 * place : 4 * place + 4])
        code[order[: size // 2]] = -1.0
    return codes


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _sentencepiece(words: Lexicon) -> bytes:
    """A unigram model, by hand: a whole known word wins over its letters, letters over a word inside another."""
    normal, unknown, control = 1, 2, 3
    pieces = [(UNKNOWN, 0.0, unknown), (START, 0.0, control), (END, 0.0, control)]
    for place, piece in enumerate(words.pieces):
        if place >= words.words or len(piece) == 1:
            score = -3.0
        else:
            score = -1.0 if piece.startswith(SPACE) or not piece.isascii() else -8.0
        pieces.append((piece, score, normal))
    model = b"".join(
        _field(1, _field(1, piece.encode()) + b"\x15" + struct.pack("<f", score) + b"\x18" + _number(kind))
        for piece, score, kind in pieces
    )
    trainer = b"\x18\x01"  # model_type: unigram
    normalizer = _field(1, b"identity") + b"\x18\x01\x20\x01\x28\x01"  # a space in front, single spaces, escaped
    return model + _field(2, trainer) + _field(3, normalizer)


def _field(number: int, content: bytes) -> bytes:
    """A length-delimited field of Protocol Buffers."""
    return _number(number << 3 | 2) + _number(len(content)) + content


def _number(value: int) -> bytes:
    """A varint."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)

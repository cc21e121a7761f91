"""A translation model in CTranslate2's form with its SentencePiece model, used as NLLB was trained.

A source is `[source language] pieces </s>`, a target begins with its language; other orders are taken without an error
and give bad text. What comes out is checked, tried once more without repetition, and else refused with a reason.
"""

import json
import re
import unicodedata
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from m3it_build.core.errors import SettingsError, UnknownName
from m3it_build.core.sample import Fault, Reason
from m3it_build.core.text import damage
from m3it_build.core.writing import share
from m3it_build.engine.cores import cores
from m3it_build.services.mt.kernel import kernel
from m3it_build.store.state import read_state

if TYPE_CHECKING:
    from m3it_build.services.mt.models import TranslationModel

SOURCE = "eng_Latn"
"""The language of the rows."""
BEAM = 4
"""Width of the search where none is given."""
END = "</s>"
BATCH_TOKENS = 2048
"""Padded source tokens that go through the model at once."""
SMALLEST_BATCH = 64
"""Below, sentences that do not fit into memory are tried one by one."""
CHUNK_TOKENS = 8 * BATCH_TOKENS
"""Source tokens whose translations are handed over, and kept, together."""
AHEAD = 2
"""Chunks that wait for the model while one is checked."""
LONGEST = 400
"""Pieces of a sentence; NLLB was trained on sentences, and translates long texts worse and worse."""
RETRY_NGRAM = 3
CHECKS = 1
"""Version of the checks below; stored translations of another version are not used."""

CODE = re.compile(r"[a-z]{3}_[A-Z][a-z]{3}")
MARKS = frozenset({"<s>", "<pad>", END, "<unk>", "<mask>"})
NUMBER = re.compile(r"\d{2,}")
WORD = re.compile(r"\b[a-z]{3,}\b")
"""No name: a language has a word of its own for it."""


@dataclass(frozen=True, slots=True)
class Decoding:
    """What changes a translation beside the model."""

    beam: int = BEAM
    compute_type: str = "int8"
    """Of CTranslate2: int8, float32, float16, ..."""
    longest: int = LONGEST
    checks: int = CHECKS

    def as_dict(self) -> dict[str, Any]:
        """For keys and reports."""
        return asdict(self)


Outcome = str | Fault
"""A translation, or why there is none."""


class Translator:
    """Translates sentences into any language of the model; a context manager."""

    def __init__(
        self,
        model: "TranslationModel",
        *,
        source: str = SOURCE,
        beam: int = BEAM,
        device: str = "auto",
        compute_type: str | None = None,
        threads: int | None = None,
    ) -> None:
        """Load a model.

        Args:
            model: Where it lies.
            source: The NLLB code of the texts' language.
            beam: Width of the search; 1 is greedy, about three times as fast.
            device: `cpu`, `cuda` (all cards that are there), or `auto`.
            compute_type: None is int8 on a CPU, float16 on a GPU; a model that is right in one only gets that one.
            threads: Batches at once on a CPU; None is one for each core.

        Raises:
            SettingsError: no such device, or one that cannot compute so; a model that cannot be loaded.
            UnknownName: the model does not know the source language.
        """
        import ctranslate2
        import sentencepiece

        device, compute_type = computing(model, device, compute_type)
        self.model = model
        self.name = model.name
        self.hash: str = model.hash
        self.device = device
        self.source = source
        self.beam = beam
        self.decoding = Decoding(beam, compute_type)
        self.batch_tokens = BATCH_TOKENS
        self._codes = frozenset(filter(CODE.fullmatch, vocabulary(model.vocabulary)))
        self.check([source])
        try:
            self._pieces: Any = sentencepiece.SentencePieceProcessor(model_file=str(model.spm))
            self._model: Any = ctranslate2.Translator(
                str(model.folder),
                device=device,
                device_index=list(range(ctranslate2.get_cuda_device_count())) if device == "cuda" else 0,
                compute_type=compute_type,
                inter_threads=1 if device == "cuda" else threads or cores(),
                intra_threads=1 if device == "cpu" else 0,
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise SettingsError(f"{model.folder}: the model cannot be loaded ({error}).") from error

    @property
    def kernel(self) -> str:
        """The instructions and the library that compute it here."""
        return kernel(self.device, self.decoding.compute_type)

    def reads(self, text: str) -> bool:
        """Whether the model has pieces for all of a text."""
        return self._pieces.unk_id() not in self._pieces.encode(text)

    def languages(self) -> frozenset[str]:
        """NLLB codes of the languages that the model knows."""
        return self._codes

    def check(self, codes: Iterable[str]) -> None:
        """Look for languages in the model's vocabulary: a code outside it would be taken for an unknown word.

        Raises:
            UnknownName: one is not there.
        """
        if missing := sorted(set(codes) - self._codes):
            raise UnknownName(
                f"{self.model.folder}: the model {self.name} has no language {', '.join(missing)}. "
                f"It has: {', '.join(sorted(self._codes)) or 'none'}."
            )

    def sentences(self, texts: Sequence[str], target: str) -> list[str | None]:
        """Translate raw sentences, in order; None where the model gave nothing usable."""
        keys = [normalised(text) for text in texts]
        found: dict[str, Outcome] = {}
        for chunk in self.stream(dict.fromkeys(sorted(filter(None, keys), key=len, reverse=True)), target):
            found.update(chunk)
        outcomes = [found.get(key) for key in keys]
        return [outcome if isinstance(outcome, str) else None for outcome in outcomes]

    def stream(
        self, texts: Iterable[str], target: str, source: str | None = None
    ) -> Iterator[list[tuple[str, Outcome]]]:
        """Translate normalised, non-empty sentences; yields them in chunks, as they are done.

        Texts of like length should follow each other: a batch is as slow as its longest one.

        Args:
            texts: The sentences.
            target: The NLLB code of the language to translate into.
            source: Of the language that they are in; None is the translator's own.

        Raises:
            UnknownName: the model does not know a language.
        """
        pair = _Pair(source or self.source, target)
        self.check(pair)
        pending: deque[_Chunk] = deque()
        for texts_together in self._chunks(texts):
            pending.append(_Chunk(texts_together, self._send(texts_together, pair)))
            if len(pending) > AHEAD:
                yield self._receive(pending.popleft(), pair)
        while pending:
            yield self._receive(pending.popleft(), pair)

    def close(self) -> None:
        """Let the model go; one that is alive when the interpreter ends can abort it."""
        self._model = None

    def __enter__(self) -> "Translator":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _chunks(self, texts: Iterable[str]) -> Iterator[list["_Text"]]:
        """Cut by tokens, not by workers: batches are the same for any number of them."""
        chunk: list[_Text] = []
        tokens = 0
        for text in texts:
            pieces = self._pieces.encode(text, out_type=str)
            chunk.append(_Text(text, pieces))
            tokens += len(pieces) + 2
            if tokens >= CHUNK_TOKENS:
                yield chunk
                chunk, tokens = [], 0
        if chunk:
            yield chunk

    def _send(self, texts: "Sequence[_Text]", pair: "_Pair", **more: Any) -> list[Any]:
        """Queue texts at the model; those that are too long are left out."""
        short = [text.pieces for text in texts if text.fits]
        if not short:
            return []
        results: list[Any] = self._model.translate_batch(
            [[pair.source, *pieces, END] for pieces in short],
            target_prefix=[[pair.target]] * len(short),
            beam_size=self.beam,
            batch_type="tokens",
            max_batch_size=self.batch_tokens,
            max_decoding_length=longest_good(max(map(len, short))) + 8,
            disable_unk=True,
            suppress_sequences=[[token] for token in ("<mask>", *sorted(self._codes))],
            return_end_token=True,
            asynchronous=True,
            **more,
        )
        return results

    def _receive(self, chunk: "_Chunk", pair: "_Pair") -> list[tuple[str, Outcome]]:
        outcomes = self._outcomes(chunk.texts, chunk.results, pair)
        again = [place for place, outcome in enumerate(outcomes) if _worth_a_retry(outcome)]
        if again:
            texts = [chunk.texts[place] for place in again]
            results = self._send(texts, pair, no_repeat_ngram_size=RETRY_NGRAM)
            for place, second in zip(again, self._outcomes(texts, results, pair), strict=True):
                if isinstance(second, str):
                    outcomes[place] = second
        return [(text.text, outcome) for text, outcome in zip(chunk.texts, outcomes, strict=True)]

    def _outcomes(self, texts: "Sequence[_Text]", results: Sequence[Any], pair: "_Pair") -> list[Outcome]:
        tokens = iter(self._results([text for text in texts if text.fits], results, pair))
        outcomes: list[Outcome] = []
        for text in texts:
            if not text.fits:
                outcomes.append(Fault(Reason.LONG_SENTENCE, f"{len(text.pieces)} pieces: {text.text[:60]}"))
                continue
            found = next(tokens)
            outcomes.append(
                Fault(Reason.OUT_OF_MEMORY, text.text[:60])
                if found is None
                else checked(text.text, text.pieces, found, pair.target, self._pieces.decode_pieces)
            )
        return outcomes

    def _results(self, texts: "Sequence[_Text]", results: Sequence[Any], pair: "_Pair") -> list[list[str] | None]:
        """The tokens of each result; a batch that does not fit into memory is tried in halves."""
        found = self._tokens(results)
        if found is not None:
            return found
        if self.batch_tokens > SMALLEST_BATCH:
            self.batch_tokens //= 2
            return self._results(texts, self._send(texts, pair), pair)
        return [found for text in texts for found in self._tokens(self._send([text], pair)) or [None]]

    def _tokens(self, results: Sequence[Any]) -> list[list[str] | None] | None:
        """The tokens of each result; None if they did not fit into memory.

        Raises:
            SettingsError: this machine cannot compute the model, as without the libraries of its card.
        """
        try:
            return [result.result().hypotheses[0] for result in results]
        except (RuntimeError, ValueError, MemoryError) as error:  # ValueError: CT2_FORCE_CPU_ISA asks for too much
            if isinstance(error, MemoryError) or re.search("memory|bad_alloc", str(error)):
                return None
            way_out = (
                "Install what is missing, or use --device cpu." if self.device == "cuda" else "Try another --model."
            )
            raise SettingsError(
                f"{self.model.folder}: the model cannot compute on {self.device} ({error}). {way_out}"
            ) from error


class Computing(NamedTuple):
    """Where and how a model computes."""

    device: str
    """`cpu` or `cuda`."""
    compute_type: str
    """Of CTranslate2."""


def computing(model: "TranslationModel", device: str = "auto", compute_type: str | None = None) -> Computing:
    """What flags, machine and model come to.

    Args:
        model: One that is right in a single compute type gets it, whatever was asked for.
        device: `cpu`, `cuda`, or `auto`: a card where there is one, but for such a model, whose words are to be the
            same anywhere.
        compute_type: None is int8 on a CPU, float16 on a GPU.

    Raises:
        SettingsError: no such device, or one that cannot compute so.
    """
    import ctranslate2

    cards = ctranslate2.get_cuda_device_count()
    if device == "cuda" and not cards:
        raise SettingsError("--device cuda: CTranslate2 sees no CUDA device here. Use --device cpu.")
    if device == "auto":
        device = "cuda" if cards and model.compute_type is None else "cpu"
    asked = model.compute_type or compute_type or ("float16" if device == "cuda" else "int8")
    if asked not in (known := ctranslate2.get_supported_compute_types(device)):
        can = ", ".join(sorted(known))
        what = f"--compute-type {asked}" if model.compute_type is None else f"{model.name} needs {asked}"
        raise SettingsError(f"{what}: not on this {device}. It can: {can}.")
    return Computing(device, asked)


class _Pair(NamedTuple):
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class _Text:
    text: str
    pieces: list[str]

    @property
    def fits(self) -> bool:
        return len(self.pieces) <= LONGEST


@dataclass(frozen=True, slots=True)
class _Chunk:
    texts: list[_Text]
    results: list[Any]
    """Of those texts that fit."""


def checked(
    source: str, pieces: Sequence[str], tokens: Sequence[str], target: str, decode: Callable[[list[str]], str]
) -> Outcome:
    """The text of a model's output, or what is wrong with it.

    Args:
        source: The text that was sent.
        pieces: Its pieces.
        tokens: What came back, from the language to the end token.
        target: The language that was asked for.
        decode: Pieces to text.
    """
    if not tokens or tokens[0] != target:
        return Fault(Reason.OTHER_LANGUAGE, f"began with {tokens[:1]}: {source[:60]}")
    body = list(tokens[1:-1] if tokens[-1] == END else tokens[1:])
    if len(body) > longest_good(len(pieces)):
        return Fault(Reason.LONG_TRANSLATION, f"{len(body)} pieces for {len(pieces)}: {source[:60]}")
    if tokens[-1] != END:
        return Fault(Reason.CUT_OFF, source[:60])
    if marks := [token for token in body if token in MARKS or CODE.fullmatch(token)]:
        return Fault(Reason.MODEL_MARK, f"{marks[0]}: {source[:60]}")
    text = " ".join(decode(body).split())
    if not text:
        return Fault(Reason.EMPTY_TRANSLATION, source[:60])
    if what := damage(text):
        return Fault(Reason.DAMAGED_TEXT, f"{what}: {source[:60]}")
    if len(pieces) >= 12 and len(body) * 5 < len(pieces):
        return Fault(Reason.SHORT_TRANSLATION, f"{len(body)} pieces for {len(pieces)}: {source[:60]}")
    if repeats(body) > max(3, repeats(pieces)):
        return Fault(Reason.REPETITION, text[:60])
    if len(WORD.findall(source)) >= 4 and share(text, target[4:]) == 0:
        return Fault(Reason.OTHER_LANGUAGE, f"no letter of {target[4:]}: {text[:60]}")
    if lost := lost_number(source, text):
        return Fault(Reason.LOST_NUMBER, f"{lost}: {source[:60]}")
    return text


def longest_good(pieces: int) -> int:
    """Pieces that a translation of so many pieces may have: thrice as many, short ones some more."""
    return 3 * pieces + 8


def repeats(pieces: Sequence[str]) -> int:
    """How often the commonest run of four pieces stands in a text."""
    runs = Counter(zip(pieces, pieces[1:], pieces[2:], pieces[3:], strict=False))
    return max(runs.values(), default=0)


def lost_number(source: str, translation: str) -> str | None:
    """A number of two digits or more that is not in the translation, in whatever digits its script has."""
    wanted = NUMBER.findall(digits(source))
    if not wanted:
        return None
    there = re.sub(r"(?<=\d)[\s,.'’\u066c\u202f\u00a0](?=\d{3}(?!\d))", "", digits(translation))
    plain = there + " " + digits(translation)
    return next((number for number in wanted if number not in plain), None)


def digits(text: str) -> str:
    """The text with the digits of every script as 0 to 9."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)


def normalised(text: str) -> str:
    """A sentence as NLLB was trained on it: Moses punctuation, no control characters, single spaces.

    NFKC is part of NLLB's SentencePiece model.
    """
    printable = "".join(" " if unicodedata.category(char) in {"Cc", "Cf", "Co", "Cs", "Cn"} else char for char in text)
    return " ".join(str(_moses().normalize(printable)).split())


@cache
def _moses() -> Any:
    from sacremoses import MosesPunctNormalizer

    return MosesPunctNormalizer(lang="en")


def vocabulary(path: Path) -> list[str]:
    """The tokens of a CTranslate2 vocabulary file, JSON or one a line.

    Raises:
        MachineError: the machine does not give it.
        SettingsError: it is none.
    """
    data = read_state(path) or b""
    try:
        return [str(token) for token in json.loads(data)] if path.suffix == ".json" else data.decode().splitlines()
    except (ValueError, TypeError, RecursionError) as error:
        raise SettingsError(f"{path}: the model's vocabulary cannot be read ({error}).") from error


def _worth_a_retry(outcome: Outcome) -> bool:
    return isinstance(outcome, Fault) and outcome.reason not in {Reason.LONG_SENTENCE, Reason.OUT_OF_MEMORY}

"""The right use of a model, and what is refused of what it says."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from m3it_build.core.errors import SettingsError, UnknownName
from m3it_build.core.progress import Progress
from m3it_build.core.sample import Fault, Reason
from m3it_build.services.mt.glossary import write_glossary
from m3it_build.services.mt.models import ModelError, TranslationModel, find_model
from m3it_build.services.mt.translator import LONGEST, Translator, checked, computing, lost_number, normalised, repeats
from m3it_build.translate.model import open_translator
from m3it_build.translate.settings import TranslatorSettings
from tests.translate.glosses import gloss


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> TranslationModel:
    folder = tmp_path_factory.mktemp("models") / "glossary"
    write_glossary(folder)
    return find_model(str(folder))


def joined(pieces: list[str]) -> str:
    return "".join(pieces).replace("▁", " ")


SOURCE = "the cat sat on the mat in 1984"
PIECES = ["▁the", "▁cat", "▁sat", "▁on", "▁the", "▁mat", "▁in", "▁19", "84"]


@pytest.mark.parametrize(
    ("tokens", "reason"),
    [
        (["fra_Latn", "▁le", "▁chat", "▁1984", "</s>"], Reason.OTHER_LANGUAGE),
        (["deu_Latn", "▁die", "▁Katze", "▁1984"], Reason.CUT_OFF),
        (["deu_Latn", "▁die", "<unk>", "▁1984", "</s>"], Reason.MODEL_MARK),
        (["deu_Latn", "▁die", "eng_Latn", "▁1984", "</s>"], Reason.MODEL_MARK),
        (["deu_Latn", "</s>"], Reason.EMPTY_TRANSLATION),
        (["deu_Latn", "▁", "</s>"], Reason.EMPTY_TRANSLATION),
        (["deu_Latn", *["▁so"] * 60, "</s>"], Reason.LONG_TRANSLATION),
        (["deu_Latn", *["▁Katze"] * 8, "▁1984", "</s>"], Reason.REPETITION),
        (["deu_Latn", "▁die", "▁Katze", "</s>"], Reason.LOST_NUMBER),
    ],
)
def test_what_is_refused(tokens: list[str], reason: Reason) -> None:
    outcome = checked(SOURCE, PIECES, tokens, "deu_Latn", joined)
    assert isinstance(outcome, Fault)
    assert outcome.reason is reason


def test_what_is_taken() -> None:
    good = ["deu_Latn", "▁die", "▁Katze", "▁saß", "▁1984", "</s>"]
    assert checked(SOURCE, PIECES, good, "deu_Latn", joined) == "die Katze saß 1984"
    assert isinstance(checked("a b " * 10, ["▁a", "▁b"] * 10, ["deu_Latn", "▁a", "</s>"], "deu_Latn", joined), Fault)
    latin = checked("the cat sat there now", ["▁x"] * 5, ["zho_Hans", "▁le", "▁chat", "</s>"], "zho_Hans", joined)
    assert latin == Fault(Reason.OTHER_LANGUAGE, "no letter of Hans: le chat")


def test_numbers_are_looked_for_in_the_digits_of_every_script() -> None:
    assert lost_number("in 1984", "١٩٨٤") is None
    assert lost_number("12,500 people", "12 500 Leute") is None
    assert lost_number("12500 people", "12.500 Leute") is None
    assert lost_number("1 cat", "eine Katze") is None
    assert lost_number("in 1984", "im Jahr 1948") == "1984"


def test_repetition_is_counted_by_four_pieces() -> None:
    assert repeats(list("abcdabcd")) == 2
    assert repeats(list("abc")) == 0
    assert repeats(list("aaaaaaa")) == 4


def test_text_is_normalised_as_nllb_expects_it() -> None:
    assert normalised("“Hi” – it’s\u200b  a\ttest…\x07") == '"Hi" - it\'s a test...'
    assert normalised(" \n ") == ""


def test_a_sentence_that_is_too_long_is_refused_and_the_others_are_not(model: TranslationModel) -> None:
    with Translator(model, beam=1) as translator:
        long = "x" * (LONGEST + 1)
        found = dict(each for chunk in translator.stream([long, "a cat"], "deu_Latn") for each in chunk)
    assert found["a cat"] == gloss("a cat", "deu_Latn")
    refused = found[long]
    assert isinstance(refused, Fault)
    assert refused.reason is Reason.LONG_SENTENCE


def test_a_full_memory_halves_the_batch_until_it_fits(model: TranslationModel) -> None:
    texts = [f"the cat number {number}" for number in range(100, 300)]
    with Translator(model, beam=1) as translator:
        real, sizes = translator._model, []

        class Full:
            """The real model on a card with too little memory."""

            def translate_batch(self, sources: list[list[str]], **options: Any) -> list[Any]:
                size = options["max_batch_size"]
                if size > 500:
                    return [Broken(RuntimeError("CUDA failed with error out of memory"))] * len(sources)
                sizes.append(size)
                results: list[Any] = real.translate_batch(sources, **options)
                return results

        translator._model = Full()
        with_less = translator.sentences(texts, "deu_Latn")
    assert with_less == [gloss(text, "deu_Latn") for text in texts]
    assert set(sizes) == {256}


class Broken:
    """A result of a card that could not compute it: only asking for it tells."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def result(self) -> Any:
        """Say so."""
        raise self.error


MISSING_LIBRARY = RuntimeError("Library libcublas.so.12 is not found or cannot be loaded")


@pytest.mark.parametrize(
    ("device", "way_out"), [("cuda", "Install what is missing, or use --device cpu."), ("cpu", "Try another --model.")]
)
@pytest.mark.parametrize("batch", [MISSING_LIBRARY, RuntimeError("CUDA failed with error out of memory")])
def test_a_library_that_is_missing_stops_the_work_and_refuses_no_sentence(
    model: TranslationModel, device: str, way_out: str, batch: RuntimeError
) -> None:
    sizes: list[int] = []

    class WithoutLibrary:
        """A card without its libraries; in one case its memory is too small for more than a sentence, too."""

        def translate_batch(self, sources: list[list[str]], **_: Any) -> list[Any]:
            sizes.append(len(sources))
            return [Broken(batch if len(sources) > 1 else MISSING_LIBRARY)] * len(sources)

    with Translator(model, beam=1) as translator:
        translator._model, translator.device = WithoutLibrary(), device
        told = f"the model cannot compute on {device} ({MISSING_LIBRARY}). {way_out}"
        with pytest.raises(SettingsError, match=re.escape(told)):
            translator.sentences(["a cat", "a dog"], "deu_Latn")
    assert sizes[-1] == (2 if batch is MISSING_LIBRARY else 1)


def test_a_sentence_that_alone_is_too_large_is_refused_by_itself(model: TranslationModel) -> None:
    with Translator(model, beam=1) as translator:
        real = translator._model

        class Small:
            """A card that has no room for the longer sentence."""

            def translate_batch(self, sources: list[list[str]], **options: Any) -> list[Any]:
                if any(len(source) > 5 for source in sources):
                    return [Broken(RuntimeError("CUDA failed with error out of memory"))] * len(sources)
                results: list[Any] = real.translate_batch(sources, **options)
                return results

        translator._model = Small()
        found = dict(
            each for chunk in translator.stream(["the cat and the dog", "a cat"], "deu_Latn") for each in chunk
        )
    assert found["a cat"] == gloss("a cat", "deu_Latn")
    refused = found["the cat and the dog"]
    assert isinstance(refused, Fault)
    assert refused.reason is Reason.OUT_OF_MEMORY


def test_the_glossary_is_computed_on_the_processor_where_no_device_was_asked_for(
    model: TranslationModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ctranslate2

    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 1)
    assert computing(model).device == "cpu"
    assert computing(model).compute_type == "float32"


def test_a_model_with_a_compute_type_of_its_own_is_not_held_against_another(
    model: TranslationModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ctranslate2

    class Heard(Progress):
        """Keeps what it hears."""

        def note(self, text: str) -> None:
            notes.append(text)

    notes: list[str] = []
    monkeypatch.setattr(ctranslate2, "get_supported_compute_types", lambda _: {"float32", "int8"})
    assert computing(model, "cpu", "float16") == ("cpu", "float32")
    open_translator(model, TranslatorSettings(device="cpu", compute_type="float16"), Heard()).close()
    open_translator(model, TranslatorSettings(device="cpu"), Heard()).close()
    assert notes == ["glossary is right in float32 only: --compute-type float16 is not used."]
    with pytest.raises(SettingsError, match=r"--compute-type float16: not on this cpu\. It can: float32, int8"):
        computing(replace(model, compute_type=None), "cpu", "float16")
    monkeypatch.setattr(ctranslate2, "get_supported_compute_types", lambda _: {"int8"})
    with pytest.raises(SettingsError, match="glossary needs float32: not on this cpu"):
        computing(model)


def test_the_same_for_any_number_of_threads(model: TranslationModel) -> None:
    texts = [f"the {colour} dog {number}" for number in range(10, 60) for colour in ("red", "blue", "green")]
    found = []
    for threads in (1, 2):
        with Translator(model, threads=threads) as translator:
            found.append(translator.sentences(texts, "fra_Latn"))
    assert found[0] == found[1] == [gloss(text, "fra_Latn") for text in texts]


def test_a_language_that_the_model_does_not_know(model: TranslationModel) -> None:
    with Translator(model) as translator:
        with pytest.raises(UnknownName, match="has no language jpn_Jpan"):
            translator.check(["deu_Latn", "jpn_Jpan"])
        with pytest.raises(UnknownName):
            translator.sentences(["a"], "jpn_Jpan")
    with pytest.raises(UnknownName):
        Translator(model, source="jpn_Jpan")


def test_a_device_or_a_way_of_computing_that_is_not_there(model: TranslationModel) -> None:
    import ctranslate2

    if not ctranslate2.get_cuda_device_count():
        with pytest.raises(SettingsError, match="no CUDA device"):
            Translator(model, device="cuda")
    with pytest.raises(SettingsError, match=r"int4: not on this .*int8"):
        Translator(replace(model, compute_type=None), device="cpu", compute_type="int4")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / "model.bin").unlink(), r"no model\.bin"),
        (lambda folder: (folder / "sentencepiece.bpe.model").unlink(), "no SentencePiece model"),
        (lambda folder: (folder / "shared_vocabulary.json").unlink(), "no vocabulary"),
        (lambda folder: (folder / "model.bin").write_bytes(b"nothing"), "cannot be loaded"),
        (lambda folder: (folder / "sentencepiece.bpe.model").write_bytes(b"nothing"), "cannot be loaded"),
        (lambda folder: (folder / "shared_vocabulary.json").write_text("["), "vocabulary cannot be read"),
        (lambda folder: (folder / "m3it-model.json").write_text("{"), "not JSON"),
    ],
)
def test_a_folder_that_is_no_whole_model(
    model: TranslationModel, tmp_path: Path, damage: Callable[[Path], Any], message: str
) -> None:
    folder = shutil.copytree(model.folder, tmp_path / "model")
    damage(folder)
    with pytest.raises((ModelError, SettingsError), match=message):
        Translator(find_model(str(folder))).close()


def test_an_old_vocabulary_file_is_read_too(model: TranslationModel, tmp_path: Path) -> None:
    folder = shutil.copytree(model.folder, tmp_path / "model")
    path = folder / "shared_vocabulary.json"
    (folder / "shared_vocabulary.txt").write_text("\n".join(json.loads(path.read_text("utf-8"))) + "\n", "utf-8")
    path.unlink()
    with Translator(find_model(str(folder)), beam=1) as translator:
        assert translator.sentences(["a cat"], "deu_Latn") == [gloss("a cat", "deu_Latn")]


def test_a_model_that_is_not_here_names_the_way(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=re.escape("m3it models fetch nllb-200-distilled-1.3B")):
        find_model("nllb-200-distilled-1.3B", tmp_path)
    with pytest.raises(UnknownName, match=re.escape("Did you mean nllb-200-distilled-600M")):
        find_model("nllb-200-distilled-600", tmp_path)

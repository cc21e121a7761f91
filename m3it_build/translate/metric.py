"""spBLEU (Goyal et al., 2022): both sides are cut with the SentencePiece model of FLORES-200.

With another one the figures mean something else, so its file is checked by hash.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from m3it_build.core.errors import SettingsError, SourceError
from m3it_build.services.mt.models import NLLB_SPM_SHA256
from m3it_build.store.digest import file_sha256
from m3it_build.store.patience import is_file

OFFICIAL_TOKENIZER = "flores200"


@dataclass(frozen=True, slots=True)
class Metric:
    """spBLEU with one SentencePiece model."""

    spm: Path
    official: bool

    @property
    def name(self) -> str:
        """For people."""
        return "spBLEU" if self.official else "BLEU over another SentencePiece model"

    @property
    def signature(self) -> str:
        """SacreBLEU's, with its version; it has one only once something was scored."""
        bleu = _bleu(self.spm, official=self.official)
        bleu.corpus_score(["a"], [["a"]])
        return str(bleu.get_signature())

    def score(self, hypotheses: Sequence[str], references: Sequence[str]) -> float:
        """The corpus score, from 0 to 100.

        Raises:
            SourceError: not as many hypotheses as references, which sacreBLEU itself does not notice.
        """
        if len(hypotheses) != len(references) or not references:
            raise SourceError(f"{len(hypotheses)} translations for {len(references)} sentences cannot be scored.")
        return float(_bleu(self.spm, official=self.official).corpus_score(list(hypotheses), [list(references)]).score)


def metric(spm: Path, *, any_spm: bool) -> Metric:
    """The metric of a SentencePiece file.

    Raises:
        SettingsError: it is not the official one, and that was not asked for; no SentencePiece model at all.
    """
    if not is_file(spm):
        raise SettingsError(f"{spm}: no such file. --spm is the SentencePiece model of FLORES-200 (NLLB's own).")
    official = file_sha256(spm) == NLLB_SPM_SHA256
    if not official and not any_spm:
        raise SettingsError(
            f"{spm}: not the SentencePiece model of FLORES-200 (its sha256 is not {NLLB_SPM_SHA256[:12]}...), and "
            "scores over another one cannot be held against the threshold. Give it by --spm, or say --any-spm."
        )
    try:
        _bleu(spm, official=official)
    except RuntimeError as error:
        raise SettingsError(f"{spm}: not a SentencePiece model. --spm is that of FLORES-200 (NLLB's own).") from error
    return Metric(spm, official)


@cache
def _bleu(spm: Path, *, official: bool) -> Any:
    """Score by sacreBLEU over a given SentencePiece model: its own way would download one, and checks none."""
    import sentencepiece
    from sacrebleu.metrics.bleu import BLEU

    processor = sentencepiece.SentencePieceProcessor(model_file=str(spm))

    class Tokenizer:
        def __call__(self, line: str) -> str:
            return " ".join(processor.encode(line, out_type=str))

        def signature(self) -> str:
            return OFFICIAL_TOKENIZER if official else "spm-other"

    bleu = BLEU(tokenize="none", force=True)
    bleu.tokenizer = Tokenizer()
    bleu.tokenizer_signature = bleu.tokenizer.signature()
    return bleu

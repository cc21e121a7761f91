"""A gate beside the languages that Table 9 of the paper lists."""

from dataclasses import dataclass
from typing import Any

from m3it_build.translate.gate import Gate, Score, Verdict
from m3it_build.translate.languages import Language, languages


@dataclass(frozen=True, slots=True)
class Explained:
    """A gate beside Table 9 of the paper."""

    kept_under: list[Score]
    """In Table 9 with a score that does not pass."""
    dropped_over: list[Score]
    """Not in Table 9 with a score that passes."""
    unknown: list[Score]
    """Without a valid score: settled by name."""
    agreed: int
    """Languages that both keep."""
    outside: list[Language]
    """In Table 9, not in FLORES-101."""
    misprinted: list[Language]
    """Under another code than the model's."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "agreed": self.agreed,
            "kept_under": [_plain(score) for score in self.kept_under],
            "dropped_over": [_plain(score) for score in self.dropped_over],
            "unknown": [_plain(score) for score in self.unknown],
            "outside_flores_101": [language.nllb for language in self.outside],
            "misprinted": {language.printed: language.nllb for language in self.misprinted},
        }


def explain(gate: Gate) -> Explained:
    """Hold a gate against Table 9; no threshold on any known score gives its list."""
    by_code = {language.nllb: language for language in languages()}
    here = [(by_code[nllb], score) for nllb, score in gate.languages.items() if nllb in by_code]
    valid = [(language, score) for language, score in here if score.score is not None]
    under = [score for language, score in valid if language.paper and score.verdict is not Verdict.KEEP]
    over = [score for language, score in valid if not language.paper and score.verdict is Verdict.KEEP]
    return Explained(
        kept_under=sorted(under, key=lambda score: (score.score or 0, score.code)),
        dropped_over=sorted(over, key=lambda score: (-(score.score or 0), score.code)),
        unknown=[score for _, score in here if score.score is None],
        agreed=sum(bool(language.paper) and score.verdict is Verdict.KEEP for language, score in here),
        outside=[language for language in languages() if language.flores101 is None],
        misprinted=[language for language in languages() if language.printed],
    )


def _plain(score: Score) -> dict[str, Any]:
    return {"code": score.code, "score": score.score, "verdict": str(score.verdict)}

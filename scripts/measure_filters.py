"""Precision and recall of the paraphrase filters on the labelled pairs.

python -m scripts.measure_filters [--pairs tests/data/paraphrases.jsonl]
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from m3it_build.answers.filters import FILTERS, Paraphrase, why_rejected
from m3it_build.answers.prompts import load_templates

PAIRS = Path(__file__).parents[1] / "tests" / "data" / "paraphrases.jsonl"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A pair that a person judged."""

    pair: Paraphrase
    bad: bool
    kind: str
    written: str
    """Before or after the filters."""


def load_pairs(path: Path = PAIRS) -> list[Labelled]:
    """All labelled pairs."""
    examples = {name: template.example for name, template in load_templates().items()}
    found = []
    for line in path.read_text("utf-8").splitlines():
        each = json.loads(line)
        chinese = any("\u3400" <= char <= "\u9fff" for char in each["question"])
        pair = Paraphrase(
            each["question"],
            each["answer"],
            each["paraphrase"],
            each.get("finish", "stop"),
            examples["chinese" if chinese else "default"],
        )
        found.append(Labelled(pair, each["label"] == "bad", each["kind"], each["written"]))
    return found


def recall(pairs: Sequence[Labelled]) -> float:
    """Share of the bad pairs that are rejected."""
    bad = [each for each in pairs if each.bad]
    return sum(why_rejected(each.pair) is not None for each in bad) / len(bad)


def false_alarms(pairs: Sequence[Labelled]) -> float:
    """Share of the good pairs that are rejected."""
    good = [each for each in pairs if not each.bad]
    return sum(why_rejected(each.pair) is not None for each in good) / len(good)


def main() -> None:
    """Print the figures, and every pair that is judged wrongly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=Path, default=PAIRS)
    pairs = load_pairs(parser.parse_args().pairs)
    print(f"{len(pairs)} pairs, {sum(each.bad for each in pairs)} of them bad\n")
    print(f"{'filter':22} {'hits':>5} {'precision':>10} {'first hits':>11}")
    first = Counter(why_rejected(each.pair) for each in pairs)
    for reason, applies in FILTERS:
        hits = [each for each in pairs if each.pair.said and applies(each.pair)]
        right = sum(each.bad for each in hits)
        print(f"{reason.value:22} {len(hits):5} {right / len(hits) if hits else 0:10.3f} {first[reason]:11}")
    print(f"\n{'kind of bad pair':22} {'pairs':>5} {'recall':>10}")
    for kind in sorted({each.kind for each in pairs if each.bad}):
        of_kind = [each for each in pairs if each.bad and each.kind == kind]
        print(f"{kind:22} {len(of_kind):5} {recall(of_kind):10.3f}")
    for written in sorted({each.written for each in pairs}):
        part = [each for each in pairs if each.written == written]
        print(
            f"\nwritten {written}: {len(part)} pairs, recall {recall(part):.3f}, false alarms {false_alarms(part):.3f}"
        )
    print(f"\nall filters together: recall {recall(pairs):.3f}, false alarms {false_alarms(pairs):.3f}\n")
    for each in pairs:
        why = why_rejected(each.pair)
        if (why is not None) != each.bad:
            judged = f"rejected ({why.value})" if why else "kept"
            label = "bad" if each.bad else "good"
            print(
                f"{judged}, but {label} ({each.kind}): "
                f"{each.pair.question!r} {each.pair.answer!r} -> {each.pair.reply!r}"
            )


if __name__ == "__main__":
    main()

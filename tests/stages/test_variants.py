"""Variants, chosen by hash."""

from m3it_build.core.choice import Draw
from m3it_build.core.sample import Options, Sample, Variant
from m3it_build.stages.options import letter_options
from m3it_build.stages.variants import choose_variant

DRAW = Draw(0, "t")
TEXTS = tuple(Variant(outputs=str(place)) for place in range(5))


def chosen(key: str, unit: str = "") -> str:
    result = choose_variant(Sample(key, (), variants=TEXTS, unit=unit), DRAW)
    assert isinstance(result, Sample)
    assert result.meta["variant"] == {"index": int(result.outputs), "of": 5}
    return result.outputs


def test_every_variant_has_its_turn() -> None:
    assert {chosen(str(key)) for key in range(100)} == {"0", "1", "2", "3", "4"}


def test_samples_of_one_unit_draw_the_same_place() -> None:
    for unit in map(str, range(20)):
        assert len({chosen(key, f"unit {unit}") for key in ("a", "b", "c")}) == 1


def test_a_chosen_reason_stands_before_the_lettered_answer() -> None:
    options = Options("cab", ("cab", "train"), ordered=True)
    chosen = choose_variant(Sample("k", (), options=options, variants=(Variant(outputs="He waits"),)), DRAW)
    result = letter_options(chosen, DRAW)
    assert isinstance(result, Sample)
    assert result.outputs == "He waits. So the answer is (A) cab."

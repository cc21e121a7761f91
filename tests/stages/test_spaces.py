"""White space of samples: changed in one place, with the original in meta."""

from m3it_build.core.choice import Draw
from m3it_build.core.sample import Options, Sample, Variant
from m3it_build.stages import run_stages
from m3it_build.stages.spaces import tidy_texts

DRAW = Draw(0, "task")


def finished(sample: Sample) -> Sample:
    result = run_stages(sample, DRAW)
    assert isinstance(result, Sample)
    return result


def test_what_changed_stands_in_meta_as_it_was() -> None:
    sample = finished(Sample("k", (), inputs="a  b\n c ", outputs="x\u00a0y", meta={"id": 1}))
    assert (sample.inputs, sample.outputs) == ("a b\nc", "x y")
    assert sample.meta == {"id": 1, "original": {"inputs": "a  b\n c ", "outputs": "x\u00a0y"}}


def test_bare_ends_are_no_change() -> None:
    sample = finished(Sample("k", (), inputs=" a ", answer=" yes\n"))
    assert (sample.inputs, sample.answer) == ("a", "yes")
    assert "original" not in sample.meta


def test_tidy_texts_are_left_alone() -> None:
    sample = Sample("k", (), inputs="a", answer="b")
    assert tidy_texts(sample) is sample


def test_options_and_the_chosen_variant_are_tidied_too() -> None:
    options = Options("a  b", ("c", "d\ne"))
    sample = finished(Sample("k", (), options=options, variants=(Variant(outputs="so  it is"),)))
    assert sorted(sample.meta["options"]) == ["a b", "c", "d e"]
    assert sorted(sample.meta["original"]["options"]) == ["a  b", "c", "d\ne"]
    assert sample.meta["original"]["outputs"] == "so  it is"
    assert sample.meta["answer"] == "a b"
    assert sample.outputs.startswith("so it is. So the answer is (")

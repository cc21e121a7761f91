"""Bytes that change take their fingerprint along."""

from scripts.golden import Digest, changed, current, golden, unnoticed


def test_the_samples_have_the_bytes_that_their_fingerprints_stand_for() -> None:
    now = current()
    before = golden(now)
    assert not unnoticed(before, now), "these rows changed, their fingerprints did not: raise ROWS in core/schema.py"
    assert not changed(before, now), "what these splits are made from changed: run python -m scripts.golden"


def test_other_bytes_need_another_identity() -> None:
    before = {"a/train": Digest("1", "x", "x", "y", "y"), "b/train": Digest("2", "x", "x", "y", "y")}
    assert not unnoticed(
        before, {"a/train": Digest("3", *"zzzz"), "b/train": before["b/train"], "c/test": before["b/train"]}
    )
    assert unnoticed(before, {**before, "a/train": Digest("1", "z", "x", "y", "y")}) == ["a/train"]
    assert unnoticed(before, {**before, "b/train": Digest("2", "x", "x", "y", "z")}) == ["b/train"]

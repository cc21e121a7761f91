"""Choices by hash."""

from hypothesis import given
from hypothesis import strategies as st

from m3it_build.core.choice import Draw

keys = st.text(max_size=20)


@given(st.integers(), keys, keys)
def test_rank_is_a_function_of_its_arguments_and_fits_a_database(seed: int, purpose: str, key: str) -> None:
    draw = Draw(seed, "task")
    assert draw.rank(purpose, key) == Draw(seed, "task").rank(purpose, key)
    assert 0 <= draw.rank(purpose, key) < 2**63


@given(st.lists(st.integers()), keys)
def test_shuffling_keeps_every_item(items: list[int], key: str) -> None:
    assert sorted(Draw(0, "t").shuffled("p", key, items)) == sorted(items)


@given(st.integers(0, 300), st.integers(0, 30), keys)
def test_some_takes_different_positions(size: int, count: int, key: str) -> None:
    taken = Draw(0, "t").some("p", key, range(size), count)
    assert len(taken) == len(set(taken)) == min(size, count)


def test_choices_are_spread_evenly() -> None:
    counts = [0] * 10
    for key in range(10_000):
        counts[Draw(0, "t").index("p", str(key), 10)] += 1
    assert min(counts) > 850 and max(counts) < 1150


def test_seed_task_purpose_and_key_all_matter() -> None:
    ranks = {
        Draw(0, "t").rank("p", "k"), Draw(1, "t").rank("p", "k"), Draw(0, "u").rank("p", "k"),
        Draw(0, "t").rank("q", "k"), Draw(0, "t").rank("p", "l"),
    }  # fmt: skip
    assert len(ranks) == 5

"""NumPy's own files, and what only looks like one."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from m3it_build.core.errors import SourceError
from m3it_build.sources.arrays import _array, read_bytes
from m3it_build.sources.files import File


def saved(array: Any, version: tuple[int, int] = (1, 0)) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, version=version)
    return stream.getvalue()


@given(st.integers(0, 9), st.lists(st.integers(1, 4), max_size=3), st.sampled_from([(1, 0), (2, 0), (3, 0)]))
def test_every_item_is_that_of_numpy(count: int, shape: list[int], version: tuple[int, int]) -> None:
    array = np.random.default_rng(count).integers(0, 256, (count, *shape), dtype=np.uint8)
    found = _array(saved(array, version), tuple(shape))
    assert len(found) == count
    assert [found.item(place) for place in range(count)] == [item.tobytes() for item in array]


ARRAY = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (saved(ARRAY)[:-1], "2 items announced, 23 bytes there"),
        (saved(ARRAY) + b"\0", "2 items announced, 25 bytes there"),
        (saved(ARRAY.astype(np.uint16)), "uint8 in C order"),
        (saved(np.asfortranarray(ARRAY)), "uint8 in C order"),
        (saved(ARRAY.reshape(2, 4, 3)), r"shape \(N, 3, 4\) was expected"),
        (b"PK\x03\x04", "no NumPy file"),
        (b"", "no NumPy file"),
        (saved(ARRAY).replace(b"'shape': (2", b"'shape': (x"), "Fetch it again"),
        (saved(ARRAY).replace(b"'descr'", b"'dexxr'"), "Fetch it again"),
        (saved(ARRAY).replace(b"'shape': (2, 3, 4)", b"'shape': 'abcdefg'"), "Fetch it again"),
    ],
)
def test_another_file_is_named_and_not_read(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "x.npy").write_bytes(data)
    with pytest.raises(SourceError, match=words) as caught:
        read_bytes(File("x.npy", tmp_path / "x.npy"), 3, 4)
    assert str(tmp_path / "x.npy") in str(caught.value)


def test_no_object_is_unpickled(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array([print], dtype=object), allow_pickle=True)
    with pytest.raises(SourceError, match="uint8 in C order"):
        read_bytes(File("x.npy", tmp_path / "x.npy"))

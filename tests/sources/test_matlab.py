"""MATLAB files: struct arrays of texts and numbers, compressed or not."""

import struct
import zlib
from pathlib import Path

import pytest

from m3it_build.core.errors import SourceError
from m3it_build.sources.files import File
from m3it_build.sources.matlab import read_structs

DOUBLE, CHAR, STRUCT = 6, 4, 2


def element(kind: int, body: bytes) -> bytes:
    if len(body) <= 4:  # within its tag, as MATLAB writes short ones
        return struct.pack("<HH", kind, len(body)) + body.ljust(4, b"\0")
    return struct.pack("<II", kind, len(body)) + body + b"\0" * (-len(body) % 8)


def matrix(kind: int, *parts: bytes, name: bytes = b"") -> bytes:
    head = element(6, struct.pack("<II", kind, 0)) + element(5, struct.pack("<ii", 1, 1)) + element(1, name)
    return element(14, head + b"".join(parts))


def struct_array(name: bytes) -> bytes:
    cells = (
        matrix(DOUBLE, element(2, bytes([7]))),  # numbers are stored in the smallest type that holds them
        matrix(CHAR, element(4, "caf\u00e9".encode("utf-16-le"))),
        matrix(DOUBLE, element(9, struct.pack("<dd", 1.5, 2.5))),
        matrix(DOUBLE, element(9, b"")),
    )
    fields = element(5, struct.pack("<i", 8)) + element(1, b"".join(f.ljust(8, b"\0") for f in (b"id", b"words")))
    return matrix(STRUCT, fields, *cells, name=name)


def write(path: Path, *variables: bytes) -> File:
    path.write_bytes(b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM" + b"".join(variables))
    return File(path.name, path)


@pytest.mark.parametrize("compressed", [True, False])
def test_elements_come_field_by_field(tmp_path: Path, *, compressed: bool) -> None:
    variables = [matrix(DOUBLE, element(9, struct.pack("<d", 1.0)), name=b"other"), struct_array(b"synsets")]
    if compressed:
        packed = [zlib.compress(variable) for variable in variables]
        variables = [struct.pack("<II", 15, len(body)) + body for body in packed]
    file = write(tmp_path / "meta.mat", *variables)
    assert read_structs(file, "synsets") == [{"id": 7, "words": "caf\u00e9"}, {"id": [1.5, 2.5], "words": []}]


@pytest.mark.parametrize(
    "variables", [(), (struct_array(b"others"),), (struct_array(b"synsets")[:-9],)], ids=["none", "another", "cut off"]
)
def test_what_is_not_there_is_named(tmp_path: Path, variables: tuple[bytes, ...]) -> None:
    with pytest.raises(SourceError, match=r"meta\.mat: not readable as a MATLAB 5 file"):
        read_structs(write(tmp_path / "meta.mat", *variables), "synsets")


def test_a_variable_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    body = zlib.compress(bytes(65 << 20), 9)
    with pytest.raises(SourceError, match="too large"):
        read_structs(write(tmp_path / "meta.mat", struct.pack("<II", 15, len(body)) + body), "synsets")

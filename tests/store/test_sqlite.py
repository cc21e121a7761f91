"""Databases that outlive a run: what is refused is left as it was, and let go."""

import sqlite3
from pathlib import Path

import pytest

from m3it_build.core.errors import OutputError
from m3it_build.store.sqlite import open_database

TABLES = "CREATE TABLE things (name TEXT);"


def opened(path: Path, version: int = 1, *, read_only: bool = False) -> sqlite3.Connection:
    return open_database(path, TABLES, version, read_only=read_only, what="a store", way_out="Move it away.")


def test_a_database_is_made_once_and_found_again(tmp_path: Path) -> None:
    for _ in range(2):
        database = opened(tmp_path / "new/x.sqlite")
        database.execute("INSERT INTO things VALUES ('a')")
        database.close()
    database = opened(tmp_path / "new/x.sqlite", read_only=True)
    assert database.execute("SELECT count(*) FROM things").fetchone() == (2,)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        database.execute("INSERT INTO things VALUES ('a')")


def test_one_of_another_version_is_refused_and_closed(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    database = opened(path)
    database.execute("PRAGMA user_version = 7")
    with pytest.raises(
        OutputError, match=r"a store of another version \(7; this m3it writes 1\). Move it away"
    ) as refused:
        opened(path)
    database.close()
    assert refused.tb, "who keeps the error does not keep the database open"
    assert [each.name for each in tmp_path.iterdir()] == ["x.sqlite"], "the last who closes it takes its log away"


def test_what_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(sqlite3.DatabaseError):
        opened(path)
    with pytest.raises(sqlite3.OperationalError):
        opened(tmp_path / "none.sqlite", read_only=True)
    assert path.read_bytes() == b"no database" * 1000
    assert [each.name for each in tmp_path.iterdir()] == ["x.sqlite"]

"""What stands twice in an output folder, counted from its rows; memory does not grow with them."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, Self

from m3it_build.core.schema import Instance
from m3it_build.core.task import Split
from m3it_build.store.twins import MANY, TOLD, Names, Shared, is_file, row_digest, told


class Twins:
    """Rows and pictures of the tasks that pass by, in a database on disk that goes with it."""

    def __init__(self) -> None:
        self.database = sqlite3.connect("", isolation_level=None)  # "": a file of its own, deleted when it is closed
        self.database.execute("PRAGMA journal_mode = OFF")
        self.database.execute("BEGIN")
        self.database.execute("CREATE TABLE rows (task TEXT, digest BLOB, split TEXT, id TEXT)")
        self.database.execute(
            "CREATE TABLE names (task TEXT, picture BLOB, name TEXT, PRIMARY KEY (task, picture, name)) WITHOUT ROWID"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()

    def add(self, row: Instance, meta: dict[str, Any]) -> None:
        """Note a row, with its meta as it stands in the file; what is translated shows the same pictures again."""
        if "translation" in meta:
            return
        task, images = row.meta.task, row.meta.images
        digest = row_digest(row.inputs, row.outputs, meta, [str(image.get("sha256")) for image in images])
        self.database.execute("INSERT INTO rows VALUES (?, ?, ?, ?)", (task, digest, row.meta.split, row.meta.id))
        names = ((image.get("source_sha256") or image.get("sha256"), image.get("name")) for image in images)
        self.database.executemany(
            "INSERT OR IGNORE INTO names VALUES (?, ?, ?)",
            ((task, str(picture), str(name)) for picture, name in names if is_file(str(name))),
        )

    def found(self) -> Iterator[tuple[str, str]]:
        """Tasks, and what stands twice in each."""
        tasks = [task for (task,) in self.database.execute("SELECT DISTINCT task FROM rows ORDER BY task")]
        self.database.execute("CREATE INDEX digests ON rows (task, digest)")
        for task in tasks:
            yield from ((task, what) for what in told(self.pictures(task), list(self.pairs(task))))

    def pictures(self, task: str) -> Sequence[Names]:
        """Those of many names."""
        query = (
            "SELECT picture, count(*) AS names FROM names WHERE task = ? GROUP BY picture HAVING names >= ? "
            "ORDER BY names DESC, min(name)"
        )
        return [
            Names(count=count, first=self.names(task, picture)) for picture, count in self.select(query, task, MANY)
        ]

    def names(self, task: str, picture: str) -> list[str]:
        """The first of a picture's."""
        query = "SELECT name FROM names WHERE task = ? AND picture = ? ORDER BY name LIMIT ?"
        return [name for (name,) in self.select(query, task, picture, TOLD)]

    def pairs(self, task: str) -> Iterator[Shared]:
        """For each two splits the rows that stand in both."""
        query = (
            "SELECT count(*), min(id) FROM rows WHERE task = ? AND split = ? AND digest IN "
            "(SELECT digest FROM rows WHERE task = ? AND split = ?)"
        )
        splits = list(Split)
        for place, second in enumerate(splits):
            for first in splits[:place]:
                ((count, example),) = self.select(query, task, second, task, first)
                if count:
                    yield Shared((first, second), count, example)

    def select(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows that a query gives."""
        with closing(self.database.execute(query, values)) as found:
            return found.fetchall()

"""A server of this machine with files of a table of its own, and OK-VQA's among them."""

import hashlib
import io
import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

from tests.corpus import edit_json, m3it, write_okvqa
from tests.fault_server import FaultServer, file


def zipped(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


class Mirror:
    """A server, a table of what it has, and the folder into which it is fetched."""

    def __init__(self, server: FaultServer, folder: Path) -> None:
        self.server, self.folder, self.rows = server, folder, [""]
        self.sources = folder / "m3it-sources"
        self.table = folder / "downloads.toml"

    def add(self, place: str, body: bytes, *tasks: str, **more: Any) -> None:
        """A file of the table, and the server's answer."""
        self.server.answers[f"/{place}"] = file(body)
        row: dict[str, Any] = {"place": place, "for": list(tasks), "kind": "annotations", "access": "open"}
        row |= {"urls": [self.server.url(f"/{place}")], "bytes": len(body)} | more
        lines = (f"{name} = {json.dumps(value)}\n" for name, value in row.items() if value is not None)
        self.rows.append("[[file]]\n" + "".join(lines))
        self.table.write_text("\n".join(self.rows))

    def environment(self) -> dict[str, str]:
        """For a command that fetches from here."""
        return {"M3IT_DOWNLOAD_TABLE": str(self.table), "M3IT_DOWNLOAD_ALLOW_PRIVATE": "true"}

    def run(self, *arguments: str, check: int = 0) -> subprocess.CompletedProcess[str]:
        """The command, with this table."""
        return m3it("download", *arguments, "--source", self.sources, check=check, **self.environment())

    def states(self, *arguments: str) -> dict[str, str]:
        """What a dry run says of each file."""
        told = json.loads(self.run(*arguments, "--dry-run", "--json").stdout)
        return {each["place"]: each["state"] for each in told["files"]}

    def there(self) -> list[str]:
        """Names of what was fetched."""
        return sorted(
            path.relative_to(self.sources).as_posix()
            for path in self.sources.rglob("*")
            if path.is_file() and not path.name.startswith(".")
        )


def add_okvqa(mirror: Mirror) -> None:
    """A small OK-VQA, packed as its owners serve it."""
    write_okvqa(mirror.folder / "made")
    made = mirror.folder / "made"

    def in_words_that_no_glossary_has(content: dict[str, Any]) -> None:
        for question in content["questions"]:
            question["question"] = f"Which vintage carburettor exhibits galvanic corrosion {question['question_id']}?"

    for path in made.rglob("*questions.json"):
        edit_json(path, in_words_that_no_glossary_has)
    for path in sorted(made.rglob("*.json")):
        mirror.add(f"okvqa/{path.name}.zip", zipped({path.name: path.read_bytes()}), "okvqa", bytes=None)
    for subset in ("train2014", "val2014"):
        pictures = {f"{subset}/{path.name}": path.read_bytes() for path in sorted(made.rglob(f"{subset}/*.jpg"))}
        body = zipped(pictures)
        sha256 = hashlib.sha256(body).hexdigest()
        mirror.add(f"coco2014/{subset}.zip", body, "okvqa", kind="media", sha256=sha256, source="made here")

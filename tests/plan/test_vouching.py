"""A plan and what is told of it are of one edition of the source."""

import hashlib
import json
import shutil
import zipfile
from pathlib import Path

import pytest

from m3it_build.plan.rows import made_of
from tests.corpus import m3it, m3it_process, rows, tree, write_own_task

READ = '    return json_rows(file, read_array(file), "id")\n'
MEANWHILE = """    import os
    from pathlib import Path
    path = Path({path!r})
    for place, row in enumerate(json_rows(file, read_array(file), "id")):
        if place == 1 and Path({now!r}).exists():
            {what}
        yield row
"""
OTHER = "path.read_bytes().replace(b'blue', b'teal')"
HAPPENS = {
    "truncated": "os.truncate(path, 10)",
    "removed": "path.rename(path.with_name('away'))",
    "rewritten": f"path.write_bytes({OTHER})",
    "replaced": f"path.with_name('.new').write_bytes({OTHER}); os.replace(path.with_name('.new'), path)",
    "made_to_look_the_same": f"old = path.stat(); path.write_bytes({OTHER}); os.utime(path, ns=(0, old.st_mtime_ns))",
    "appended": "path.open('ab').write(b' ')",
}
"""What others do to a file while it is read."""


def own_task(folder: Path, what: str, *, packed: bool = False) -> tuple[Path, tuple[object, ...]]:
    """A task during whose reading something happens to its file, as long as `now` is there: that file, the command."""
    own = write_own_task(folder / "mytasks")
    source = folder / "source/my-colours"
    shutil.copytree(own / "my-colours", source)
    path = source / "train.json"
    if packed:
        with zipfile.ZipFile(source / "all.zip", "w") as archive:
            archive.write(path, path.name)
        path.unlink()
        path = source / "all.zip"
    code = own / "my_colours.py"
    text = code.read_text()
    assert READ in text
    code.write_text(text.replace(READ, MEANWHILE.format(path=str(path), now=str(folder / "now"), what=what)))
    return path, (
        "build", "--task", "my-colours", "--tasks-dir", own, "--source", source.parent, "--format", "jsonl",
    )  # fmt: skip


@pytest.mark.parametrize("packed", [False, True], ids=["", "zip"])
@pytest.mark.parametrize("happens", HAPPENS)
def test_a_file_that_changes_while_it_is_read_makes_no_plan(tmp_path: Path, happens: str, *, packed: bool) -> None:
    path, command = own_task(tmp_path, HAPPENS[happens], packed=packed)
    sound = path.read_bytes()
    (tmp_path / "now").touch()
    run = m3it_process if happens == "truncated" else m3it  # a mapped file would end a process without a word
    done = run(*command, "--out", tmp_path / "out", check=2)
    assert f"{path.name}" in done.stderr
    assert "same command again" in done.stderr if happens == "removed" else "Run the command again" in done.stderr
    assert not [*(tmp_path / "out/.m3it/plans").rglob("*.*")]
    assert not [*(tmp_path / "out/.m3it/manifests").rglob("*.*")]
    (tmp_path / "now").unlink()
    path.write_bytes(sound)
    m3it(*command, "--out", tmp_path / "out")
    m3it(*command, "--out", tmp_path / "calm")
    assert tree(tmp_path / "out", "data") == tree(tmp_path / "calm", "data")


def test_what_is_recorded_is_the_hash_of_what_was_read(tmp_path: Path) -> None:
    path, command = own_task(tmp_path, "pass")
    m3it(*command, "--out", tmp_path / "out")
    (told,) = json.loads((tmp_path / "out/.m3it/manifests/my-colours/train.json").read_text())["files"]
    assert told == {
        "name": "train.json",
        "bytes": path.stat().st_size,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


def test_a_plan_beside_a_summary_of_another_is_made_anew(tmp_path: Path) -> None:
    path, command = own_task(tmp_path, "pass")
    sound = path.read_bytes()
    m3it(*command, "--out", tmp_path / "out")
    undisturbed = tree(tmp_path / "out")
    path.write_bytes(sound.replace(b"blue", b"teal"))
    m3it(*command, "--out", tmp_path / "other")
    path.write_bytes(sound)
    plans = [tmp_path / name / ".m3it/plans/my-colours/train.sqlite" for name in ("other", "out")]
    assert made_of(plans[0]) != made_of(plans[1])
    for damage in (plans[0].read_bytes(), b"", plans[0].read_bytes()[:5000], b"{}"):
        plans[1].write_bytes(damage)  # as a kill between plan and summary leaves it, or a disk without power
        for shard in (tmp_path / "out/.m3it/manifests/my-colours").glob("train-*.json"):
            shard.unlink()
        m3it(*command, "--out", tmp_path / "out")
        assert tree(tmp_path / "out") == undisturbed
    assert "teal" not in str(rows(tmp_path / "out", "my-colours"))

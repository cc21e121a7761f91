"""What `meta.images` tells of a picture that was changed."""

import hashlib
from pathlib import Path

from m3it_build.plan.registry import load_registry
from tests.corpus import m3it, rows


def test_a_drawn_picture_keeps_the_hash_of_the_photo(tmp_path: Path) -> None:
    m3it("build", "--task", "coco-goi", "--sample", "--out", tmp_path, "--format", "jsonl", "--workers", 1)
    source = Path(str(load_registry()["coco-goi"].sample))
    photos = {hashlib.sha256(path.read_bytes()).hexdigest() for path in source.rglob("*.jpg")}
    facts = [row["meta"]["images"][0] for row in rows(tmp_path, "coco-goi").values()]
    assert facts
    assert all(each["source_sha256"] in photos and each["sha256"] not in photos for each in facts)

"""ImageNet: ten different names of which one is right, and two numberings kept apart."""

import json
import struct
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from m3it_build.core.errors import MissingSource, SourceError
from m3it_build.core.sample import Reason
from m3it_build.plan.rows import PlannedRow
from m3it_build.testing import plan

LISTS = import_module("m3it_build.tasks._imagenet_classes")
CLASSES = {
    "n00000010": "crane",
    "n00000020": "crane",
    "n00000030": "missile",
    "n00000040": "projectile, missile",
    "n00000050": "Cardigan, Cardigan Welsh corgi",
    "n00000060": "cardigan",
    "n00000070": "potter's wheel",
    **{f"n000001{place:02d}": f"thing {place}, Latin {place}" for place in range(12)},
}
TRAIN = "ILSVRC/ImageSets/CLS-LOC/train_cls.txt"


def write(folder: Path, files: dict[str, str]) -> Path:
    mapping = "".join(f"{wnid} {names}\n" for wnid, names in CLASSES.items())
    for name, text in ({"LOC_synset_mapping.txt": mapping} | files).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def listed(*wnids: str) -> dict[str, str]:
    return {TRAIN: "".join(f"{wnid}/{wnid}_{place} {place + 1}\n" for place, wnid in enumerate(wnids))}


def options(row: PlannedRow) -> list[str]:
    return list(row.sample.meta["options"])


def test_ten_different_names_with_the_first_synonym_of_the_class(tmp_path: Path) -> None:
    (row,), rejects = plan("imagenet", write(tmp_path, listed("n00000103")))
    assert not rejects
    assert len(set(options(row))) == 10
    assert row.sample.outputs.endswith(") thing 3.")
    assert row.sample.meta["wnid"] == "n00000103"
    assert row.sample.meta["class_id"] == 10
    assert row.sample.meta["class_names"] == ["thing 3", "Latin 3"]


@pytest.mark.parametrize(
    ("wnid", "other"),
    [("n00000010", "crane"), ("n00000030", "projectile"), ("n00000040", "missile"), ("n00000060", "Cardigan")],
)
def test_classes_that_share_a_name_are_never_shown_together(tmp_path: Path, wnid: str, other: str) -> None:
    stems = "".join(f"{wnid}/{wnid}_{place} {place}\n" for place in range(60))
    rows, _ = plan("imagenet", write(tmp_path, {TRAIN: stems}))
    answer = CLASSES[wnid].split(",")[0]
    assert all(options(row).count(answer) == 1 for row in rows)
    assert answer == other or all(other not in options(row) for row in rows)


def test_no_option_of_5000_draws_is_right_as_well(tmp_path: Path) -> None:
    same = ("sunglass", "sunglasses", "laptop", "notebook", "corn", "ear", "agaric", "mushroom")
    longer = ("mask", "ski mask", "gown", "academic gown", "cup", "measuring cup", "drum", "steel drum")
    words = (*same, *longer, "ant", "elephant")
    wnids = {f"n{place:08d}": name for place, name in enumerate(words, 1)}
    mapping = "".join(f"{wnid} {name}\n" for wnid, name in wnids.items())
    stems = "".join(f"{wnid}/{wnid}_{place} 1\n" for wnid in wnids for place in range(5000 // len(wnids) + 1))
    (tmp_path / "LOC_synset_mapping.txt").write_text(mapping)
    (tmp_path / "train_cls.txt").write_text(stems)
    rows, _ = plan("imagenet", tmp_path)
    shown = {frozenset((row.sample.meta["answer"], other)) for row in rows for other in options(row)}
    never = {frozenset(words[place : place + 2]) for place in range(0, 16, 2)}
    assert len(rows) >= 5000
    assert not never & shown
    assert frozenset(("ant", "elephant")) in shown


@pytest.mark.parametrize(
    ("name", "companion"),
    [
        ("laptop", "screen"),
        ("notebook", "computer keyboard"),
        ("desktop computer", "mouse"),
        ("canoe", "paddle"),
        ("consomme", "soup bowl"),
        ("bearskin", "military uniform"),
        ("sports car", "car wheel"),
    ],
)
def test_what_is_nearly_always_in_the_picture_is_no_option(name: str, companion: str) -> None:
    labels = LISTS.Labels([("n00000001", name), ("n00000002", companion), ("n00000003", "thing")])
    whole, part, _ = labels.all
    assert labels.others(whole) == (name, "thing")
    assert labels.others(part) == (companion, "thing")


def test_each_name_of_the_list_is_a_class(shared: Path) -> None:
    lines = (shared / "sources/imagenet/LOC_synset_mapping.txt").read_text().splitlines()
    named = {match[2].split(",")[0].strip() for line in lines if (match := LISTS.MAPPED.fullmatch(line.strip()))}
    assert {name for pair in LISTS.TOGETHER for name in pair} <= named


def test_without_options_the_name_alone_is_the_answer(tmp_path: Path) -> None:
    (row,), _ = plan("imagenet", write(tmp_path, listed("n00000103")), form="open")
    assert (row.sample.inputs, row.sample.outputs) == ("", "thing 3.")
    assert row.sample.meta["class_names"] == ["thing 3", "Latin 3"]
    assert "options" not in row.sample.meta


def test_classes_that_others_saw_are_told_where_their_file_is_there(tmp_path: Path) -> None:
    solution = "ImageId,PredictionString\n" + "".join(f"ILSVRC2012_val_{n:08d},n00000101\n" for n in (1, 2, 3))
    write(tmp_path, {"LOC_val_solution.csv": solution})
    rows, _ = plan("imagenet", tmp_path, "validation")
    assert all("real_labels" not in row.sample.meta for row in rows)
    (tmp_path / "real.json").write_text("[[7, 8], []]")
    rows, _ = plan("imagenet", tmp_path, "validation")
    assert [row.sample.meta.get("real_labels") for row in rows] == [[7, 8], [], None]
    (tmp_path / "real.json").write_text('[[7], ["crane"]]')
    with pytest.raises(SourceError, match=r"real\.json: entry 2"):
        plan("imagenet", tmp_path, "validation")


def test_the_mapping_may_write_a_colon_and_stand_in_any_order(tmp_path: Path) -> None:
    (row,), _ = plan("imagenet", write(tmp_path, listed("n00000070")))
    turned = "".join(f"{wnid} : {names}\n" for wnid, names in reversed(CLASSES.items()))
    (again,), _ = plan("imagenet", write(tmp_path, {"LOC_synset_mapping.txt": turned}))
    assert again == row
    assert row.sample.outputs.endswith(") potter's wheel.")


@pytest.mark.parametrize("line", ["n123 cat", "n00000999", "n00000010 crane again"])
def test_a_broken_mapping_is_named_with_its_line(tmp_path: Path, line: str) -> None:
    write(tmp_path, listed("n00000070"))
    with (tmp_path / "LOC_synset_mapping.txt").open("a") as stream:
        stream.write(f"{line}\n")
    with pytest.raises(SourceError, match=rf"LOC_synset_mapping\.txt: line {len(CLASSES) + 1}"):
        plan("imagenet", tmp_path)


def test_train_is_its_folder(tmp_path: Path) -> None:
    lines = ["n00000070/n00000070_1 1", "", "n99999999/n99999999_1 2", "n00000070/n00000010_5 3", "n00000070 4"]
    rows, rejects = plan("imagenet", write(tmp_path, {TRAIN: "\n".join(lines)}))
    assert [row.sample.key for row in rows] == ["n00000070_1"]
    assert [reject.reason for reject in rejects] == [Reason.BAD_LABEL, Reason.BAD_LABEL, Reason.BAD_RECORD]


def test_the_first_token_of_a_solution_is_the_label(tmp_path: Path) -> None:
    lines = [
        "ImageId,PredictionString",
        "ILSVRC2012_val_00000002,n00000102 1 2 3 4 n00000102 5 6 7 8 ",
        "ILSVRC2012_val_00000001,n00000101",
        "ILSVRC2012_val_00000003,n99999999 1 2 3 4",
        "ILSVRC2012_val_00000004,",
        "ILSVRC2012_val_00000005,n00000101 1 2 3 4 n00000102 5 6 7 8",
    ]
    rows, rejects = plan("imagenet", write(tmp_path, {"LOC_val_solution.csv": "\n".join(lines)}), "validation")
    assert [row.sample.meta["wnid"] for row in rows] == ["n00000101", "n00000102"]
    assert "val/ILSVRC2012_val_00000001.JPEG" in rows[0].sample.images[0].paths
    assert [reject.reason for reject in rejects] == [Reason.BAD_LABEL, Reason.NO_ANSWER, Reason.BAD_LABEL]


def test_folders_sorted_by_class_need_no_lists(tmp_path: Path) -> None:
    pictures = {f"{split}/n00000070/x_{split}.JPEG": "" for split in ("train", "val")}
    write(tmp_path, pictures | {"val/._x.JPEG": "", "val/n00000070/._y.JPEG": ""})
    for split, name in (("train", "x_train"), ("validation", "x_val")):
        (row,), _ = plan("imagenet", tmp_path, split)
        assert (row.sample.key, row.sample.meta["wnid"]) == (name, "n00000070")


def test_without_pictures_or_lists_there_is_nothing(tmp_path: Path) -> None:
    with pytest.raises(MissingSource, match=r"train_cls\.txt"):
        plan("imagenet", write(tmp_path, {}))


def test_the_devkits_own_ids_are_not_class_indices(tmp_path: Path) -> None:
    numbers = {wnid: len(CLASSES) - place for place, wnid in enumerate(CLASSES)}
    synsets = [(number, wnid, CLASSES[wnid], 0) for wnid, number in numbers.items()]
    data = tmp_path / "ILSVRC2012_devkit_t12/data"
    data.mkdir(parents=True)
    (data / "meta.mat").write_bytes(meta([*synsets, (len(CLASSES) + 1, "n90000000", "entity", 2)]))
    truth = [numbers["n00000070"], numbers["n00000110"], 0, len(CLASSES) + 1, ""]
    (data / "ILSVRC2012_validation_ground_truth.txt").write_text("\n".join(map(str, truth)) + "\n")
    rows, rejects = plan("imagenet", tmp_path, "validation")
    assert {row.sample.key: row.sample.meta["class_id"] for row in rows} == {
        "ILSVRC2012_val_00000001": 6,
        "ILSVRC2012_val_00000002": 17,
    }
    assert [reject.reason for reject in rejects] == [Reason.BAD_LABEL, Reason.BAD_LABEL, Reason.NO_ANSWER]


def meta(synsets: list[tuple[Any, ...]]) -> bytes:
    """A meta.mat as MATLAB writes it, reduced to the fields that are read."""

    def element(kind: int, body: bytes) -> bytes:
        return struct.pack("<II", kind, len(body)) + body + b"\0" * (-len(body) % 8)

    def matrix(kind: int, shape: tuple[int, int], *parts: bytes, name: bytes = b"") -> bytes:
        head = element(6, struct.pack("<II", kind, 0)) + element(5, struct.pack("<ii", *shape)) + element(1, name)
        return element(14, head + b"".join(parts))

    fields = (b"ILSVRC2012_ID", b"WNID", b"words", b"num_children")
    cells = [
        matrix(4, (1, len(value)), element(16, value.encode()))
        if isinstance(value, str)
        else matrix(6, (1, 1), element(9, struct.pack("<d", value)))
        for synset in synsets
        for value in synset
    ]
    widths = struct.pack("<HHi", 5, 4, 32) + element(1, b"".join(field.ljust(32, b"\0") for field in fields))
    return b"MATLAB 5.0".ljust(124) + b"\x00\x01IM" + matrix(2, (len(synsets), 1), widths, *cells, name=b"synsets")


@pytest.mark.parametrize("described", [True, False])
def test_a_mirror_names_its_classes(tmp_path: Path, *, described: bool) -> None:
    names = ["crane", "crane2", *(f"thing {place}, Latin {place}" for place in range(12))]
    facts = {"info": {"features": {"label": {"names": names, "_type": "ClassLabel"}}}}
    table = pa.Table.from_pylist([{"image": {"bytes": b"x", "path": "a.JPEG"}, "label": label} for label in (1, 5, -1)])
    (tmp_path / "data").mkdir()
    metadata = {"huggingface": json.dumps(facts)} if described else None
    pq.write_table(table.replace_schema_metadata(metadata), tmp_path / "data/validation-00000-of-00001.parquet")
    if not described:
        with pytest.raises(SourceError, match="does not name its classes"):
            plan("imagenet", tmp_path, "validation")
        return
    (crane, thing), (reject,) = plan("imagenet", tmp_path, "validation")
    assert crane.sample.outputs.endswith(") crane.")
    assert thing.sample.meta["class_id"] == 5
    assert thing.sample.images[0].paths == ("data/validation-00000-of-00001.parquet#1/image",)
    assert reject.reason is Reason.BAD_LABEL

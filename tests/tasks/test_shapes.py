"""SHAPES: rows of an array in the right colours, and files that belong together line by line."""

import io
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from m3it_build.core.errors import MissingSource, SourceError
from m3it_build.core.sample import Picture, Reason
from m3it_build.testing import plan

QUERIES = ("(is green (left_of red))", "(is square (left_of (above square)))", "(is triangle red)")
WORDS = (
    "is a green shape left of a red shape",
    "is a square left of above a square",
    "is a triangle red",
)


def write(folder: Path, **changes: bytes | str | None) -> Path:
    """Three rows whose pixels are 1, 2, 3 in the file; a change of None leaves a file out."""
    stream = io.BytesIO()
    np.save(stream, np.tile(np.array([1, 2, 3], np.uint8), (3, 30, 30, 1)))
    files: dict[str, bytes | str | None] = {
        "input.npy": stream.getvalue(),
        "output": "true\nfalse\ntrue\n",
        "query": "\n".join(QUERIES) + "\n",
        "query_str.txt": "\n".join(WORDS) + "\n",
    }
    files.update({name.replace("__", "."): value for name, value in changes.items()})
    for name, content in files.items():
        if content is not None:
            data = content.encode() if isinstance(content, str) else content
            (folder / f"train.large.{name}").write_bytes(data)
    return folder


def test_colours_are_turned_to_rgb_and_nothing_is_enlarged(tmp_path: Path) -> None:
    rows, rejects = plan("shapes", write(tmp_path))
    assert not rejects
    picture = rows[0].sample.images[0]
    assert isinstance(picture, Picture)
    decoded = PIL.Image.open(io.BytesIO(picture.data))
    assert (decoded.format, decoded.size, decoded.getpixel((0, 0))) == ("PNG", (30, 30), (3, 2, 1))


def test_true_is_yes_and_the_question_stays_as_it_is(tmp_path: Path) -> None:
    rows, _ = plan("shapes", write(tmp_path))
    assert [(row.sample.inputs, row.sample.answer) for row in rows] == list(
        zip(WORDS, ("yes", "no", "yes"), strict=True)
    )
    assert rows[1].sample.meta["source_answer"] == "false"


@pytest.mark.parametrize("absent", ["query", "query_str__txt"])
def test_either_form_of_the_questions_is_enough(tmp_path: Path, absent: str) -> None:
    rows, _ = plan("shapes", write(tmp_path, **{absent: None}))
    assert [row.sample.inputs for row in rows] == list(WORDS)


def test_without_questions_there_are_no_rows(tmp_path: Path) -> None:
    with pytest.raises(MissingSource, match="query"):
        plan("shapes", write(tmp_path, query=None, query_str__txt=None))


def test_questions_that_disagree_are_rejected(tmp_path: Path) -> None:
    rows, (reject,) = plan("shapes", write(tmp_path, query="\n".join(["(is circle red)", *QUERIES[1:]])))
    assert [row.sample.key for row in rows] == ["1", "2"]
    assert (reject.key, reject.reason) == ("0", Reason.BAD_RECORD)


@pytest.mark.parametrize(("answer", "reason"), [("", Reason.NO_ANSWER), ("1", Reason.BAD_LABEL)])
def test_an_answer_is_true_or_false(tmp_path: Path, answer: str, reason: Reason) -> None:
    rows, (reject,) = plan("shapes", write(tmp_path, output=f"true\n{answer}\ntrue\n"))
    assert [row.sample.key for row in rows] == ["0", "2"]
    assert reject.reason is reason


@pytest.mark.parametrize("output", ["true\nfalse\n", "true\nfalse\ntrue\ntrue\n"])
def test_a_lost_line_would_shift_all_rows(tmp_path: Path, output: str) -> None:
    with pytest.raises(SourceError, match=r"train\.large\.output: . lines for 3 pictures"):
        plan("shapes", write(tmp_path, output=output))


def test_line_ends_and_blank_lines_at_the_end_do_not_matter(tmp_path: Path) -> None:
    rows, rejects = plan("shapes", write(tmp_path, output="true\r\nfalse\r\ntrue", query="\n".join(QUERIES) + "\n\n"))
    assert (len(rows), rejects) == (3, [])


def saved(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no array at all",
        saved(np.zeros((3, 30, 30, 3), np.float32)),
        saved(np.zeros((3, 2700), np.uint8)),
        saved(np.asfortranarray(np.zeros((3, 30, 30, 3), np.uint8))),
        saved(np.array([print], dtype=object)),
        saved(np.zeros((3, 30, 30, 3), np.uint8))[:-1],
    ],
    ids=["empty", "text", "floats", "flat", "fortran", "objects", "cut off"],
)
def test_another_array_is_named(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(SourceError, match=r"train\.large\.input\.npy"):
        plan("shapes", write(tmp_path, input__npy=data))


def test_small_sets_are_parts_of_the_large_one(tmp_path: Path) -> None:
    write(tmp_path)
    for path in list(tmp_path.iterdir()):
        (tmp_path / path.name.replace("large", "tiny")).write_bytes(path.read_bytes())
    assert len(plan("shapes", tmp_path)[0]) == 3

"""A corpus of the size and shape of a real one: photographs under VQA v2's file names, five questions each."""

import io
import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

QUESTIONS = 5
DIFFERENT = 500
"""Photographs that are really drawn; more pictures are the same ones with another comment, so other bytes."""


def photograph(number: int) -> bytes:
    """A JPEG with the statistics of a photo: smooth areas, edges, sensor noise.

    162 KB on average, as the photos of train2014 are (13.5 GB, 82,783 files).
    """
    source = np.random.default_rng(number)
    coarse = Image.fromarray(source.integers(0, 256, (12, 16, 3), dtype=np.uint8)).resize(
        (640, 480), Image.Resampling.BICUBIC
    )
    picture = np.asarray(coarse.filter(ImageFilter.GaussianBlur(1)), dtype=np.int16)
    noisy = np.clip(picture + source.normal(0, 9, picture.shape), 0, 255).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(noisy).save(stream, "JPEG", quality=95)
    return stream.getvalue()


def numbered(photo: bytes, number: int) -> bytes:
    """The same picture with its number as a JPEG comment."""
    comment = str(number).encode()
    return photo[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + photo[2:]


def write_corpus(folder: Path, pictures: int) -> Path:
    """A VQA v2 download below `folder`, made once; returns it."""
    done = folder / "done"
    if done.exists():
        return folder
    (folder / "train2014").mkdir(parents=True, exist_ok=True)
    photos = [photograph(number) for number in range(min(pictures, DIFFERENT))]
    questions, annotations = [], []
    for image in range(1, pictures + 1):
        (folder / "train2014" / f"COCO_train2014_{image:012d}.jpg").write_bytes(
            numbered(photos[image % len(photos)], image)
        )
        for number in range(QUESTIONS):
            key = image * 1000 + number
            questions.append(
                {"image_id": image, "question": f"What is thing {number} of picture {image}?", "question_id": key}
            )
            annotations.append(
                {
                    "question_id": key,
                    "image_id": image,
                    "question_type": "what is",
                    "answer_type": "other",
                    "multiple_choice_answer": f"thing {number}",
                    "answers": [
                        {"answer": f"thing {number}", "answer_confidence": "yes", "answer_id": place}
                        for place in range(1, 11)
                    ],
                }
            )
    header = {"info": {"version": "2.0"}, "data_type": "mscoco", "data_subtype": "train2014"}
    (folder / "v2_OpenEnded_mscoco_train2014_questions.json").write_text(json.dumps({**header, "questions": questions}))
    (folder / "v2_mscoco_train2014_annotations.json").write_text(json.dumps({**header, "annotations": annotations}))
    done.touch()
    return folder

"""The peer: the same rows through `datasets.Dataset.from_generator(...).to_parquet`."""

import base64
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasets import Dataset


def rows(folder: str) -> Iterator[dict[str, Any]]:
    """What a user would write: join, read the picture once, encode it, yield a row a question."""
    root = Path(folder)
    questions = json.loads((root / "v2_OpenEnded_mscoco_train2014_questions.json").read_text())["questions"]
    annotations = json.loads((root / "v2_mscoco_train2014_annotations.json").read_text())["annotations"]
    answers = {annotation["question_id"]: annotation for annotation in annotations}
    last, picture = None, ""
    for question in questions:
        name = f"COCO_train2014_{question['image_id']:012d}.jpg"
        if name != last:
            last, picture = name, base64.b64encode((root / "train2014" / name).read_bytes()).decode()
        annotation = answers[question["question_id"]]
        yield {
            "instruction": "Answer the question about the picture.",
            "inputs": question["question"],
            "image_base64_str": [picture],
            "outputs": f"The answer is {annotation['multiple_choice_answer']}.",
            "meta": json.dumps(
                {"id": question["question_id"], "answers": [each["answer"] for each in annotation["answers"]]}
            ),
        }


if __name__ == "__main__":
    source, out, processes = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    out.mkdir(parents=True, exist_ok=True)
    dataset = Dataset.from_generator(
        rows, gen_kwargs={"folder": source}, cache_dir=str(out / "cache"), num_proc=None if processes < 2 else processes
    )
    dataset.to_parquet(str(out / "train.parquet"))

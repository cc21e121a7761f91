"""Draws the sample of the task that new ones start as: `python -m scripts.make_starter`."""

import json

from m3it_build.plan.new_task import STARTER, STARTER_NAME
from scripts.make_samples.draw import Scene

THINGS = {"apple": "red", "fish": "blue", "tree": "green", "banana": "yellow"}


def main() -> None:
    """Two questions about each of a few pictures."""
    folder = STARTER / STARTER_NAME
    records = []
    for place, (thing, colour) in enumerate(THINGS.items()):
        scene = Scene("antiquewhite", (96, 72))
        scene.add(thing, colour, (20, 8, 76, 64))
        scene.save(folder / "images" / f"{thing}.png")
        asked = {"What is in the picture?": thing, f"Which colour does the {thing} have?": colour}
        for number, (question, answer) in enumerate(asked.items(), 2 * place + 1):
            records.append({"id": number, "image": f"{thing}.png", "question": question, "answer": answer})
    text = ",\n".join(json.dumps(record) for record in records)
    (folder / "train.json").write_text(f"[\n{text}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()

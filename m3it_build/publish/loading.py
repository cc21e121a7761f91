"""The card's code: how a user loads the rows, makes prompts of them, leaves out what is only for evaluation."""

from m3it_build.core.task import Split
from m3it_build.publish.built import Config, Contents
from m3it_build.publish.markdown import code
from m3it_build.store.output import Format

DATASETS = "4.7"
"""The first `datasets` that knows JSON columns, and so reads this card."""
ANY_DATASETS = "2.16"
"""The oldest `datasets` with which the files themselves are known to load."""


def loading(contents: Contents, name: str) -> str:
    """What stands below "How to load it".

    Args:
        contents: What the card is of.
        name: The repository in the examples.
    """
    first = contents.configs[0]
    return "\n\n".join(
        [
            _row(first, name),
            (
                f"It needs `datasets` {DATASETS} or newer; no loading script is run. The first argument may also be "
                "the path of a local copy. With `streaming=True` nothing is downloaded in advance."
            ),
            _files(first),
            _prompt(),
            *_training(contents, name),
            _swift(first, name),
        ]
    )


def _row(config: Config, name: str) -> str:
    split = config.splits[0]
    if split.picture_field == "images":
        return _python(
            "from datasets import load_dataset\n\n"
            f'dataset = load_dataset("{name}", "{config.name}", split="{split.summary.split}")\n'
            'row = dataset[0]\npicture = row["images"][0]  # a PIL image\n'
        )
    return _python(
        "import base64\nimport io\n\nfrom datasets import load_dataset\nfrom PIL import Image\n\n"
        f'dataset = load_dataset("{name}", "{config.name}", split="{split.summary.split}")\n'
        'row = dataset[0]\npicture = Image.open(io.BytesIO(base64.b64decode(row["image_base64_str"][0])))\n'
    )


def _files(config: Config) -> str:
    split = config.splits[0]
    if split.format is not Format.PARQUET:
        return (
            f"Older ones (from {ANY_DATASETS}) do not read this card, but they read the files: "
            f'`load_dataset("json", data_files="{split.pattern}")`.'
        )
    return (
        f"Older ones (from {ANY_DATASETS}), polars, duckdb, pandas and pyarrow do not read this card, but they read "
        f'the files: `load_dataset("parquet", data_files="{split.pattern}")`. There `meta` is text: '
        '`meta = json.loads(row["meta"])`.'
    )


def _prompt() -> str:
    return (
        "A prompt is the instruction, a line break and the inputs, or the instruction alone where there are no inputs "
        "(captioning); `outputs` is what the model is to answer:\n\n"
        + _python('prompt = "\\n".join(part for part in (row["instruction"], row["inputs"]) if part)\n')
    )


def _training(contents: Contents, name: str) -> list[str]:
    """Which configs the paper trains on, where the others are here too."""
    held_out = [config.name for config in contents.tasks if config.summary.held_out]
    names = [
        config.name
        for config in contents.tasks
        if not config.summary.held_out and config.splits[0].summary.split == Split.TRAIN
    ]
    if not held_out or not names:
        return []
    listed = "".join(f'    "{each}",\n' for each in names)
    return [
        (
            f"The paper evaluates on {', '.join(map(code, held_out))} and keeps them out of training. All others:\n\n"
            + _python(
                "from datasets import concatenate_datasets, load_dataset\n\n"
                f"names = [\n{listed}]\n"
                f'parts = [load_dataset("{name}", each, split="train") for each in names]\n'
                "train = concatenate_datasets(parts)\n"
            )
        )
    ]


def _swift(config: Config, name: str) -> str:
    columns = (
        f'{{"instruction":"system","inputs":"query","outputs":"response","{config.splits[0].picture_field}":"images"}}'
    )
    return (
        "ms-swift must be told the fields, or it trains on the instruction alone:\n\n"
        f"```bash\nswift sft --dataset {name}:{config.name} --columns '{columns}' ...\n```"
    )


def _python(text: str) -> str:
    return f"```python\n{text}```"

"""The dataset card: README.md for the Hub."""

from collections import Counter

from m3it_build.core.task import Split
from m3it_build.publish.contents import BuiltSplit, Config, Contents
from m3it_build.publish.markdown import code, escape, link, table
from m3it_build.publish.metadata import metadata
from m3it_build.settings import PaperCounts, paper_counts
from m3it_build.store.layout import Images

PAPER = """@article{li2023m3it,
  title={M3IT: A Large-Scale Dataset towards Multi-Modal Multilingual Instruction Tuning},
  author={Li, Lei and Yin, Yuwei and Li, Shicheng and Chen, Liang and Wang, Peiyi and Ren, Shuhuai and Li, Mukai and
          Yang, Yazheng and Xu, Jingjing and Sun, Xu and Kong, Lingpeng and Liu, Qi},
  journal={arXiv preprint arXiv:2306.04387},
  year={2023}
}"""

ANSWERS = {
    "paraphrase": "by a language model where a checked sentence of it was stored, else by a fixed template",
    "template": "by a fixed template, which sounds alike over many rows",
    "original": "not at all: they stay as short as in the source",
}
"""How short answers become sentences, by the setting `answers`."""


def card(contents: Contents, repo_id: str | None = None) -> str:
    """The whole README.md: YAML, then what a person wants to know.

    Args:
        contents: What was built.
        repo_id: Where it will lie on the Hub; a placeholder stands in the examples without it.
    """
    from huggingface_hub import DatasetCardData

    counts = paper_counts()
    parts = [
        f"---\n{DatasetCardData(**metadata(contents)).to_yaml()}\n---",
        _introduction(contents),
        "## How to load it",
        _loading(contents, repo_id or "ORG/NAME"),
        "## What is in it",
        _tasks(contents, counts),
        *_translations(contents),
        "## Fields",
        _fields(contents),
        "## How it was built",
        _building(contents),
        "## Licences and citations",
        _licences(contents, counts),
        "## Known limits",
        _limits(contents, counts),
    ]
    return "\n\n".join(parts) + "\n"


def _introduction(contents: Contents) -> str:
    tasks, translations = len(contents.tasks), len(contents.translations)
    held = f"{contents.rows:,} rows of {_number(tasks, 'task')}"
    if translations:
        held += f" and {_number(translations, 'translated config')}"
    return (
        "# M3IT\n\n"
        "A build of [M3IT](https://arxiv.org/abs/2306.04387), a multi-modal, multilingual dataset for "
        "instruction tuning of vision-language models, made from the raw datasets by `m3it`. This one holds "
        f"{held}.\n\n"
        "Each row pairs pictures with an instruction, an input and the output to learn. Every row tells in "
        "`meta` which record of which file it comes from, under which licence, and what was done to it."
    )


def _loading(contents: Contents, repo_id: str) -> str:
    first = contents.configs[0]
    split = first.splits[0].summary.split
    if first.splits[0].images is Images.BYTES:
        picture = 'row["images"][0]  # a PIL image'
    else:
        picture = 'Image.open(io.BytesIO(base64.b64decode(row["image_base64_str"][0])))'
    imports = "" if first.splits[0].images is Images.BYTES else "import base64\nimport io\n\n"
    pillow = "" if first.splits[0].images is Images.BYTES else "from PIL import Image\n"
    return (
        f'```python\n{imports}from datasets import load_dataset\n{pillow}\ndataset = load_dataset("{repo_id}", '
        f'"{first.name}", split="{split}")\nrow = dataset[0]\npicture = {picture}\n```\n\n'
        "The first argument may also be the path of a local copy. With `streaming=True` nothing is downloaded in "
        "advance. It needs `datasets` 5 or newer; no loading script is run."
    )


def _tasks(contents: Contents, counts: dict[str, PaperCounts]) -> str:
    rows = [
        [
            code(config.name),
            escape(config.summary.title),
            escape(config.summary.group),
            escape(", ".join(config.summary.languages)),
            *(_beside(config, split, counts.get(config.task)) for split in Split),
        ]
        for config in contents.tasks
    ]
    header = ("config", "task", "group", "language", ">train", ">validation", ">test")
    return (
        f"{table(header, rows)}\n\nRows here / rows in Table 7 of the paper; – is a split that is not here. Where "
        "the two differ, see [How it was built](#how-it-was-built) and [Known limits](#known-limits)."
    )


def _beside(config: Config, split: Split, paper: PaperCounts | None) -> str:
    here = next((f"{each.rows:,}" for each in config.splits if each.summary.split == split), "–")
    return f"{here} / {paper.of(split):,}" if paper is not None else here


def _translations(contents: Contents) -> list[str]:
    """One line a language; each names its configs."""
    by_language: dict[str, list[Config]] = {}
    for config in contents.translations:
        by_language.setdefault(str(config.language), []).append(config)
    if not by_language:
        return []
    rows = []
    for language, configs in sorted(by_language.items()):
        facts = [config.summary.translation for config in configs if config.summary.translation is not None]
        scores = sorted({f"{each.score:.1f} ({each.metric})" for each in facts if each.score is not None})
        rows.append(
            [
                code(language),
                escape(", ".join(sorted({each.nllb for each in facts}))),
                escape(", ".join(sorted({each.model for each in facts}))),
                escape(", ".join(scores) or "chosen by name"),
                ", ".join(code(config.name) for config in configs),
                f"{sum(config.rows for config in configs):,}",
            ]
        )
    told = (
        "Instructions, inputs and outputs were translated from English by a model; pictures and what `meta` keeps of "
        "the source are the same. A language's score is that of the model from English, where a gate chose it."
    )
    return ["### Translations", f"{told}\n\n{table(('language', 'code', 'model', 'score', 'configs', '>rows'), rows)}"]


def _fields(contents: Contents) -> str:
    pictures = [
        ["`images`", "list of images", "the pictures or frames, in order"]
        if images is Images.BYTES
        else ["`image_base64_str`", "list of strings", "the pictures or frames, in order, as plain base64"]
        for images in sorted({split.images for split in contents.splits})
    ]
    rows = [
        ["`instruction`", "string", "one of the task's instructions, chosen by hash"],
        ["`inputs`", "string", "question, options, dialogue history; empty for captioning"],
        *pictures,
        ["`outputs`", "string", "the target"],
        [
            "`meta`",
            "JSON",
            (
                "`id`, `task`, `split`, `source` (file and record), `license`, `instruction_index`, `images` "
                "(name, sha256, width, height, format); where they apply also the original `answer`, `options`, "
                "`regions` (boxes that were drawn), `frames`, `paraphrase`, `translation`"
            ),
        ],
    ]
    return table(("field", "type", "meaning"), rows)


def _building(contents: Contents) -> str:
    settings = table(("setting", "value"), [[code(name), escape(value)] for name, value in _settings(contents)])
    rows = [
        [
            code(config.name),
            escape(split.summary.split),
            f"{split.summary.read:,}",
            f"{split.rows:,}",
            f"{split.summary.left_out:,}",
            f"{split.filtered.total():,}",
            f"{split.rejected.total():,}",
            escape(_reasons(split)),
        ]
        for config in contents.configs
        for split in config.splits
    ]
    header = ("config", "split", ">read", ">rows", ">left out", ">filtered", ">rejected", "why")
    return (
        f"{settings}\n\n"
        "Instruction, order of options, sampled subset: each choice is a hash of seed, task and record, so the "
        "same sources and settings give the same bytes. `preset: paper` takes as many records of each split as "
        "Table 7 of the paper counts, those with the smallest hash. Pictures on which nothing was drawn keep "
        "their bytes.\n\n"
        "Every record of the sources is accounted for: read = rows + left out by sampling + filtered (whole, but not "
        f"taken by design) + rejected (broken or missing).\n\n{table(header, rows)}"
    )


def _settings(contents: Contents) -> list[tuple[str, str]]:
    """Version and settings; where splits were built with different ones, all of them."""
    found: dict[str, set[str]] = {"version": set()}
    for config in contents.configs:
        for summary in (split.summary for split in config.splits):
            found["version"].add(summary.version)
            for name, value in summary.settings.items():
                if isinstance(value, dict):  # variants that a task has of its own
                    for key, chosen in value.items():
                        found.setdefault(f"{name}.{config.task}.{key}", set()).add(str(chosen))
                else:
                    found.setdefault(name, set()).add("none" if value is None else str(value))
    return [(name, ", ".join(sorted(values))) for name, values in found.items()]


def _reasons(split: BuiltSplit) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in sorted((split.filtered + split.rejected).items()))


def _licences(contents: Contents, counts: dict[str, PaperCounts]) -> str:
    rows = []
    for config in contents.tasks:
        summary = config.summary
        paper = counts.get(config.task)
        rows.append(
            [
                code(config.name),
                escape(summary.license),
                escape(summary.license_note),
                escape(paper.license) if paper is not None else "",
                "yes" if summary.redistributable else "no",
                link(summary.homepage),
                escape(summary.citation),
            ]
        )
    for (task, license), names in _translated_licences(contents).items():
        rows.append(
            [f"{code(task)} translated", escape(license), escape(f"languages: {', '.join(names)}"), *([""] * 4)]
        )
    header = ("config", "licence", "note", "in the paper", "may be passed on", "source", "citation")
    return (
        "The data is not ours. Each config stays under the terms of its source, which each row repeats in "
        "`meta.license`; a `LicenseRef-` names terms of the source's own, to be read on its page. \"May be "
        'passed on" is our reading of whether pictures and annotations may both be published again, and no legal '
        f"advice.\n\n{table(header, rows)}\n\n"
        f"Please cite the sources that you use, and the paper:\n\n```bibtex\n{PAPER}\n```"
    )


def _translated_licences(contents: Contents) -> dict[tuple[str, str], list[str]]:
    grouped: dict[tuple[str, str], list[str]] = {}
    for config in contents.translations:
        grouped.setdefault((config.task, config.summary.license), []).append(config.language or "")
    return grouped


def _limits(contents: Contents, counts: dict[str, PaperCounts]) -> str:
    built = {config.task: {split.summary.split for split in config.splits} for config in contents.tasks}
    short = [
        split
        for config in contents.tasks
        for split in config.splits
        if config.task in counts and split.rows < counts[config.task].of(Split(split.summary.split))
    ]
    absent = [name for name in counts if name not in built]
    unbuilt = [
        f"{code(name)} {split}"
        for name, splits in built.items()
        for split in Split
        if name in counts and counts[name].of(split) and split not in splits
    ]
    held_out = [code(config.name) for config in contents.tasks if config.summary.held_out]
    points = [
        (
            "Tasks share photos (COCO, Visual Genome, Flickr30k): a picture in the training split of one task "
            "can stand in the validation or test split of another. `meta.images` gives the sha256 of each stored "
            "picture; compare before you evaluate."
        ),
        *_answers(contents),
        "Splits whose answers were never published are not built.",
    ]
    if unbuilt:
        points.append(f"The paper counts rows for these splits, and they are not here: {', '.join(unbuilt)}.")
    if short:
        points.append(
            f"{_number(len(short), 'split')} of {len(contents.splits)} hold fewer rows than the paper counts. "
            "Where nothing was left out by sampling, the source files that were read held no more."
        )
    if absent:
        points.append(f"Of the paper's {len(counts)} tasks {len(absent)} are not here: {', '.join(map(code, absent))}.")
    if held_out:
        points.append(f"The paper keeps these out of training and only evaluates on them: {', '.join(held_out)}.")
    if contents.translations:
        points.append(
            "Translations are made by a machine and were not read by people; `meta.translation` names the model."
        )
    points.append(
        "Texts and pictures are those of the sources, with their errors and biases; nothing was filtered for "
        "offence or privacy."
    )
    return "\n".join(f"- {point}" for point in points)


def _answers(contents: Contents) -> list[str]:
    used: Counter[str] = Counter()
    names: list[str] = []
    statuses: Counter[str] = Counter()
    for config in contents.tasks:
        if config.summary.paraphrased:
            names.append(code(config.name))
            used[str(config.summary.settings.get("answers"))] += 1
            for split in config.splits:
                for shard in split.shards:
                    statuses.update(shard.paraphrase)
    if not names:
        return []
    how = "; ".join(ANSWERS.get(setting, escape(setting)) for setting in sorted(used))
    shares = ", ".join(f"{count / statuses.total():.1%} {escape(name)}" for name, count in sorted(statuses.items()))
    return [
        (
            f"Short answers are written out {how}. This concerns {', '.join(names)}"
            f"{f' ({shares})' if shares else ''}; `meta.paraphrase.status` tells for each row, `meta.answer` keeps "
            "the original."
        )
    ]


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"

"""The dataset card: README.md for the Hub."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from m3it_build.core.task import Split
from m3it_build.paper import PaperCounts, paper
from m3it_build.publish.built import BuiltSplit, Config, Contents
from m3it_build.publish.example import EXAMPLE, Example
from m3it_build.publish.loading import loading
from m3it_build.publish.markdown import code, escape, link, size_text, table
from m3it_build.publish.metadata import metadata
from m3it_build.store.output import Images

PAPER = """@article{li2023m3it,
  title={M3IT: A Large-Scale Dataset towards Multi-Modal Multilingual Instruction Tuning},
  author={Li, Lei and Yin, Yuwei and Li, Shicheng and Chen, Liang and Wang, Peiyi and Ren, Shuhuai and Li, Mukai and
          Yang, Yazheng and Xu, Jingjing and Sun, Xu and Kong, Lingpeng and Liu, Qi},
  journal={arXiv preprint arXiv:2306.04387},
  year={2023}
}"""

ANSWERS = {
    "paraphrase": "by a language model where a checked sentence of it was stored, else by a fixed template "
    "(a Chinese reply that none fits stays as it is)",
    "template": "by a fixed template, which sounds alike over many rows "
    "(a Chinese reply that none fits stays as it is)",
    "original": "not at all: they stay as short as in the source",
}
"""How short answers become sentences, by the setting `answers`."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the card will lie on the Hub."""

    repo_id: str | None = None
    """A placeholder stands in the examples without it."""
    sibling: str | None = None
    """The repository of the translations, or of the tasks for a card of translations, where they are kept apart."""
    endpoint: str = "https://huggingface.co"

    @property
    def name(self) -> str:
        """For examples."""
        return self.repo_id or "ORG/NAME"

    @property
    def page(self) -> str:
        """The other repository as a link."""
        return f"[{escape(self.sibling)}]({self.endpoint}/datasets/{self.sibling})"


UNNAMED = Address()
"""Not known yet."""


def card(contents: Contents, address: Address = UNNAMED, example: Example | None = None) -> str:
    """The whole README.md: YAML, then what a person wants to know.

    Args:
        contents: What was built, or its translations alone.
        address: Where it will lie on the Hub.
        example: A row to be shown; the picture is a file beside the card.
    """
    from huggingface_hub import DatasetCardData

    counts = paper().tasks
    parts = [
        f"---\n{DatasetCardData(**metadata(contents)).to_yaml()}\n---",
        _introduction(contents, address),
        *_shown(example),
        "## How to load it",
        loading(contents, address.name),
        "## What is in it",
        *_tasks(contents, counts),
        *_translations(contents, address),
        *_by_pictures(contents),
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


def _introduction(contents: Contents, address: Address) -> str:
    tasks, translations = len(contents.tasks), len(contents.translations)
    held = " and ".join(
        _number(count, noun) for count, noun in ((tasks, "task"), (translations, "translated config")) if count
    )
    sizes = f"{size_text(contents.bytes)} of files, {size_text(contents.decoded_bytes)} in memory"
    text = (
        f"# {contents.name}\n\n"
        "A build of [M3IT](https://arxiv.org/abs/2306.04387), a multi-modal, multilingual dataset for "
        "instruction tuning of vision-language models, made from the raw datasets by `m3it`. This one holds "
        f"{contents.rows:,} rows of {held}: {sizes}.\n\n"
        "Each row pairs pictures with an instruction, an input and the output to learn. Every row tells in "
        "`meta` which record of which file it comes from, under which licence, and what was done to it."
    )
    if address.sibling is not None and not tasks:
        text += f"\n\nThese are the translations of {address.page}, which holds the tasks themselves."
    return text


def _shown(example: Example | None) -> list[str]:
    if example is None:
        return []
    whose = (
        f"No source of this build lets its pictures be shown here, so this row is of the tiny sample of "
        f"{code(example.texts.meta['task'])} that comes with `m3it`; its picture was drawn for it."
        if example.from_sample
        else "A row as `datasets` gives it, and its picture (made smaller here)."
    )
    return ["## A row", f"{whose}\n\n![The picture of the row below]({EXAMPLE})\n\n```json\n{_json(example)}\n```"]


def _json(example: Example) -> str:
    """A field a line, and a line for each member of `meta`."""
    meta = {name: json.dumps(value, ensure_ascii=False) for name, value in example.texts.meta.items()}
    fields = {name: json.dumps(value, ensure_ascii=False) for name, value in example.row.items()}
    return _members(fields | {"meta": _members(meta, "  ")}, " ")


def _members(values: dict[str, str], indent: str) -> str:
    lines = ",\n".join(f"{indent}{json.dumps(name)}: {value}" for name, value in values.items())
    return f"{{\n{lines}\n{indent[1:]}}}"


def _tasks(contents: Contents, counts: dict[str, PaperCounts]) -> list[str]:
    if not contents.tasks:
        return []
    rows = [
        [
            code(config.name),
            escape(config.summary.title),
            escape(config.summary.group),
            escape(", ".join(config.summary.languages)),
            *(_beside(config, split, counts.get(config.task)) for split in Split),
            size_text(config.bytes),
        ]
        for config in contents.tasks
    ]
    header = ("config", "task", "group", "language", ">train", ">validation", ">test", ">files")
    return [
        table(header, rows),
        (
            "Rows here / rows in Table 7 of the paper; – is a split that is not here. Where "
            "the two differ, see [How it was built](#how-it-was-built) and [Known limits](#known-limits)."
        ),
    ]


def _beside(config: Config, split: Split, paper: PaperCounts | None) -> str:
    here = next((f"{each.rows:,}" for each in config.splits if each.summary.split == split), "–")
    return f"{here} / {paper.of(split):,}" if paper is not None else here


def _translations(contents: Contents, address: Address) -> list[str]:
    """One line a language; each names its tasks."""
    if address.sibling is not None and contents.tasks:
        return [
            "### Translations",
            (
                f"The same rows in other languages are in {address.page}: "
                f"`load_dataset({json.dumps(address.sibling)}, ...)`."
            ),
        ]
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
                ", ".join(code(config.task) for config in configs),
                f"{sum(config.rows for config in configs):,}",
            ]
        )
    first = contents.translations[0]
    told = (
        f"A config is named `<task>-<language>`, as {code(first.name)}. "
        "Instructions, inputs and outputs were translated from English by a model; pictures and what `meta` keeps of "
        "the source are the same. A language's score is that of the model from English, where a gate chose it."
    )
    return ["### Translations", f"{told}\n\n{table(('language', 'code', 'model', 'score', 'tasks', '>rows'), rows)}"]


def _by_pictures(contents: Contents) -> list[str]:
    """How many rows have no, one, several pictures, by task."""
    counted = {
        config.name: sum((Counter(shard.pictures) for split in config.splits for shard in split.shards), Counter[int]())
        for config in contents.tasks
    }
    several = {name: counts for name, counts in counted.items() if set(counts) - {1}}
    if not several:
        return []
    header = ("config", "rows by number of pictures")
    rows = [
        [code(name), ", ".join(f"{count:,} with {number}" for number, count in sorted(counts.items()))]
        for name, counts in several.items()
    ]
    return [f"### Pictures a row\n\nOne, but for these; frames of a video are pictures too.\n\n{table(header, rows)}"]


def _fields(contents: Contents) -> str:
    pictures = [
        ["`images`", "list of images", "the pictures or frames, in order"]
        if images is Images.BYTES
        else ["`image_base64_str`", "list of strings", "the pictures or frames, in order, as plain base64"]
        for images in sorted({split.images for split in contents.splits})
    ]
    rows = [
        ["`instruction`", "string", "one of the task's instructions, chosen by hash among those that fit the row"],
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
            name,
            escape(parts[0].summary.split),
            f"{sum(split.summary.read for split in parts):,}",
            f"{sum(split.rows for split in parts):,}",
            f"{sum(split.left_out for split in parts):,}",
            f"{(filtered := sum((split.filtered for split in parts), Counter[str]())).total():,}",
            f"{(rejected := sum((split.rejected for split in parts), Counter[str]())).total():,}",
            escape(_reasons(filtered + rejected)),
        ]
        for name, parts in _accounts(contents)
    ]
    header = ("config", "split", ">read", ">rows", ">left out", ">filtered", ">rejected", "why")
    return (
        f"{settings}\n\n"
        "Instruction, order of options, sampled subset: each choice is a hash of seed, task and record, so the "
        "same sources and settings give the same bytes. `preset: paper` takes as many records of each split as "
        "Table 7 of the paper counts, those with the smallest hash; of text-vqa the best agreed first. "
        "Pictures on which nothing was drawn keep their bytes.\n\n"
        "Every record of the sources is accounted for: read = rows + left out by sampling + filtered (whole, but not "
        f"taken by design) + rejected (broken or missing).\n\n{table(header, rows)}"
    )


def _accounts(contents: Contents) -> Iterator[tuple[str, list[BuiltSplit]]]:
    """A line's name and splits: each of a task; of its translations those of all languages together."""
    for config in contents.tasks:
        for split in config.splits:
            yield code(config.name), [split]
    together: dict[tuple[str, str], list[BuiltSplit]] = {}
    for config in contents.translations:
        for split in config.splits:
            together.setdefault((config.task, split.summary.split), []).append(split)
    for (task, _), splits in together.items():
        yield f"{code(task)} in {_number(len(splits), 'language')}", splits


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


def _reasons(counts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in sorted(counts.items()) if count)


def _licences(contents: Contents, counts: dict[str, PaperCounts]) -> str:
    rows = []
    alone = {config.task: config for config in contents.translations} if not contents.tasks else {}
    for config in contents.tasks or alone.values():
        summary = config.summary
        paper = counts.get(config.task)
        rows.append(
            [
                code(config.task),
                escape(summary.license),
                escape(summary.license_note),
                escape(paper.license) if paper is not None else "",
                "yes" if summary.redistributable else "no",
                link(summary.homepage),
                escape(summary.citation),
            ]
        )
    if contents.tasks:
        for task, license in sorted({(each.task, each.summary.license) for each in contents.translations}):
            rows.append([f"{code(task)} translated", escape(license), *([""] * 5)])
    header = ("task", "licence", "note", "in the paper", "may be passed on", "source", "citation")
    return (
        "The data is not ours. Each config stays under the terms of its source, which each row repeats in "
        "`meta.license`; a `LicenseRef-` names terms of the source's own, to be read on its page. \"May be "
        'passed on" is our reading of whether pictures and annotations may both be published again, and no legal '
        f"advice.\n\n{table(header, rows)}\n\n"
        f"Please cite the sources that you use, and the paper:\n\n```bibtex\n{PAPER}\n```"
    )


def _limits(contents: Contents, counts: dict[str, PaperCounts]) -> str:
    built = {config.task: {split.summary.split for split in config.splits} for config in contents.tasks}
    short = [
        split
        for config in contents.tasks
        for split in config.splits
        if config.task in counts and split.rows < counts[config.task].of(Split(split.summary.split))
    ]
    absent = [name for name in counts if name not in built] if built else []
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
        *_chinese(contents),
        "Splits whose answers were never published are not built.",
    ]
    if unbuilt:
        points.append(f"The paper counts rows for these splits, and they are not here: {', '.join(unbuilt)}.")
    if short:
        points.append(
            f"{_number(len(short), 'split')} of {len(contents.splits)} hold fewer rows than the paper counts: "
            f"{_causes(short, counts)}."
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


def _causes(short: Sequence[BuiltSplit], counts: dict[str, PaperCounts]) -> str:
    """Why splits are smaller than the paper's, the first cause of each."""
    causes: Counter[str] = Counter()
    for split in short:
        if split.summary.read < counts[split.summary.task].of(Split(split.summary.split)):
            causes["the source files that were read hold fewer records"] += 1
        elif split.left_out and split.summary.settings.get("limit") is not None:
            causes["a limit left records out"] += 1
        else:
            causes["records were left out for the reasons that are counted above"] += 1
    return "; ".join(f"in {count:,} {cause}" for cause, count in causes.items())


def _chinese(contents: Contents) -> list[str]:
    if not any("zh" in config.summary.languages for config in contents.tasks):
        return []
    return ["Options of Chinese tasks stand below `选项：`; which form the release has is not known."]


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"

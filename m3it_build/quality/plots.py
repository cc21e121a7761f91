"""Pictures of a built dataset for a paper: rows per group, lengths of outputs and instructions."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from m3it_build.core.errors import M3itError
from m3it_build.core.task import Group, Split
from m3it_build.quality.stats import Lengths, SplitStats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {Split.TRAIN: "#4c72b0", Split.VALIDATION: "#dd8452", Split.TEST: "#55a868"}


def write_plots(stats: Sequence[SplitStats], folder: Path) -> list[Path]:
    """Write the pictures as PNG; returns their paths.

    Raises:
        M3itError: matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
    except ModuleNotFoundError as error:
        raise M3itError("Plots need matplotlib: pip install 'm3it-build[plots]'") from error
    mpl.use("Agg")
    folder.mkdir(parents=True, exist_ok=True)
    outputs = _merged([each.outputs for each in stats])
    instructions = _merged([each.instruction for each in stats])
    return [
        _save(_groups(stats), folder / "rows-per-group.png"),
        _save(_lengths(outputs, "Output length"), folder / "output-length.png"),
        _save(_lengths(instructions, "Instruction length"), folder / "instruction-length.png"),
    ]


def _groups(stats: Sequence[SplitStats]) -> "Figure":
    """Rows a group, stacked by split, the largest on top."""
    rows = {
        group: {
            split: sum(each.rows for each in stats if each.summary.group == group and each.summary.split == split)
            for split in Split
        }
        for group in Group
    }
    shown = sorted((group for group in Group if sum(rows[group].values())), key=lambda group: sum(rows[group].values()))
    figure, axes = _figure(0.42 * len(shown) + 1.2)
    left = [0] * len(shown)
    for split in Split:
        widths = [rows[group][split] for group in shown]
        axes.barh(
            [group.value for group in shown], widths, left=left, color=COLOURS[split], label=split.value, height=0.7
        )
        left = [start + width for start, width in zip(left, widths, strict=True)]
    for place, total in enumerate(left):
        axes.annotate(f"{total:,}", (total, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8)
    axes.set_xlabel("Rows")
    axes.margins(x=0.14)
    axes.legend(frameon=False, loc="lower right")
    return figure


def _lengths(lengths: Lengths, title: str) -> "Figure":
    """Texts by length; the last bar holds all longer ones."""
    figure, axes = _figure(2.8)
    places = sorted(lengths.histogram)
    top = max(places, default=0)
    axes.bar(
        [10 * place + 5 for place in places], [lengths.histogram[place] for place in places], width=9, color="#4c72b0"
    )
    axes.axvline(lengths.mean, color="#c44e52", linewidth=1.2)
    axes.annotate(
        f"mean {lengths.mean:.0f}", (lengths.mean, 0.95), xycoords=("data", "axes fraction"), xytext=(5, 0),
        textcoords="offset points", color="#c44e52", va="top",
    )  # fmt: skip
    axes.set_xlim(0, 10 * (top + 1))
    axes.set_xlabel(f"{title} (characters{', 1,000 and more in the last bar' if top >= 100 else ''})")
    axes.set_ylabel("Rows")
    return figure


def _figure(height: float) -> "tuple[Figure, Axes]":
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6.2, height), dpi=200, layout="constrained")
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _merged(parts: Sequence[Lengths]) -> Lengths:
    merged = Lengths()
    for part in parts:
        merged.count += part.count
        merged.total += part.total
        merged.histogram.update(part.histogram)
    return merged


def _save(figure: "Figure", path: Path) -> Path:
    import matplotlib.pyplot as plt

    figure.savefig(path, metadata={"Software": None})
    plt.close(figure)
    return path

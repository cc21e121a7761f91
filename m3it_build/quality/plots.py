"""Figures of a built dataset for a paper: rows by group, lengths of texts, sizes of pictures."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from m3it_build.core.errors import M3itError
from m3it_build.core.task import Group, Split
from m3it_build.quality.stats import Lengths, SplitStats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS = ("png", "svg", "pdf")
"""To look at, for the web, for a paper."""
COLOURS = {Split.TRAIN: "#4c72b0", Split.VALIDATION: "#dd8452", Split.TEST: "#55a868"}
MARKERS = {Split.TRAIN: "o", Split.VALIDATION: "s", Split.TEST: "D"}
"""So that they are told apart without colour too."""
OFFSETS = {Split.TRAIN: 0.2, Split.VALIDATION: 0.0, Split.TEST: -0.2}
"""So that equal counts do not hide each other."""
NAMES = {
    Group.CAPTIONING: "Captioning",
    Group.CLASSIFICATION: "Classification",
    Group.VQA: "Visual question answering",
    Group.KVQA: "Knowledgeable VQA",
    Group.REASONING: "Reasoning",
    Group.GENERATION: "Generation",
    Group.CHINESE: "Chinese",
    Group.VIDEO: "Video",
}
FAR_APART = 20
"""Where counts differ by more than this factor their axis is logarithmic: the small ones could not be seen."""
TAIL = 0.01
"""The last bar holds this share of the longest."""
COLUMNS = 5
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Widths of a bar."""


class Panel(NamedTuple):
    """A histogram and its title."""

    title: str
    lengths: Lengths


def write_plots(stats: Sequence[SplitStats], folder: Path) -> list[Path]:
    """Write the figures, each as PNG, SVG and PDF; returns their paths.

    Raises:
        M3itError: matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
    except ModuleNotFoundError as error:
        raise M3itError("Plots need matplotlib: pip install 'm3it-build[plots]'") from error
    mpl.use("Agg")
    mpl.rcParams |= {"svg.hashsalt": "m3it", "pdf.fonttype": 42, "font.size": 9}
    folder.mkdir(parents=True, exist_ok=True)
    return [
        path for name, figure in _figures([each for each in stats if each.rows]) for path in _save(figure, folder, name)
    ]


def _figures(stats: Sequence[SplitStats]) -> "Iterator[tuple[str, Figure]]":
    output = "Output length (characters)"
    yield "rows-per-group", _groups(stats)
    yield "output-length", _panels(_by_language(stats, _outputs), output)
    yield "output-length-per-task", _panels(_by_task(stats, _outputs), output, COLUMNS)
    yield "instruction-length", _panels(_by_language(stats, _instructions), "Instruction length (characters)")
    yield "picture-size", _panels([_panel("All tasks", stats, _sides)], "Longer side of a picture (pixels)")


def _outputs(stats: SplitStats) -> Lengths:
    return stats.outputs


def _instructions(stats: SplitStats) -> Lengths:
    return stats.instruction


def _sides(stats: SplitStats) -> Lengths:
    return stats.sides


def _by_language(stats: Sequence[SplitStats], lengths: Callable[[SplitStats], Lengths]) -> list[Panel]:
    """Chinese says the same with fewer characters, so it has a panel of its own."""
    chinese = [each for each in stats if "zh" in each.summary.languages]
    others = [each for each in stats if "zh" not in each.summary.languages]
    return [_panel(name, part, lengths) for name, part in (("English", others), ("Chinese", chinese)) if part]


def _by_task(stats: Sequence[SplitStats], lengths: Callable[[SplitStats], Lengths]) -> list[Panel]:
    names = dict.fromkeys(each.summary.task for each in stats)
    return [_panel(name, [each for each in stats if each.summary.task == name], lengths) for name in names]


def _panel(title: str, stats: Sequence[SplitStats], lengths: Callable[[SplitStats], Lengths]) -> Panel:
    merged = Lengths()
    for part in map(lengths, stats):
        merged.count += part.count
        merged.total += part.total
        merged.histogram.update(part.histogram)
    return Panel(title, merged)


def _groups(stats: Sequence[SplitStats]) -> "Figure":
    """Rows a group and split, the largest group on top."""
    rows = {
        group: {
            split: sum(each.rows for each in stats if each.summary.group == group and each.summary.split == split)
            for split in Split
        }
        for group in Group
    }
    shown = sorted((group for group in Group if any(rows[group].values())), key=lambda group: sum(rows[group].values()))
    figure, (axes,) = _grid(1, 1, 0.36 * len(shown) + 1.3)
    for split in Split:
        counts = [rows[group][split] or math.nan for group in shown]
        places = [place + OFFSETS[split] for place in range(len(shown))]
        axes.plot(counts, places, MARKERS[split], color=COLOURS[split], label=split.value.capitalize(), markersize=6)
    if _far_apart([count for group in shown for count in rows[group].values()]):
        axes.set_xscale("log")
    else:
        axes.set_xlim(left=0)
    axes.set_yticks(range(len(shown)), [NAMES[group] for group in shown])
    axes.set_ylim(-0.6, len(shown) - 0.4)
    axes.grid(axis="x", alpha=0.3)
    for place, group in enumerate(shown):
        axes.annotate(
            f"{sum(rows[group].values()):,}", (1.02, place), xycoords=("axes fraction", "data"), va="center", fontsize=8
        )
    axes.annotate("All", (1.02, len(shown) - 0.45), xycoords=("axes fraction", "data"), fontsize=8, fontweight="bold")
    axes.set_xlabel("Rows")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=3, frameon=False)
    return figure


def _panels(parts: Sequence[Panel], label: str, columns: int = 1) -> "Figure":
    """Histograms side by side; the last bar of each holds all that is longer."""
    lines = -(-max(len(parts), 1) // columns)
    small = columns > 1
    figure, grid = _grid(lines, columns, 1.15 * lines + 0.6 if small else 2.1 * lines)
    for axes, (title, lengths) in zip(grid, parts, strict=False):
        bars = _bars(lengths.histogram, 12 if small else 40)
        step = bars.step
        axes.bar(
            list(bars.counts), list(bars.counts.values()), width=0.92 * step, align="edge", color=COLOURS[Split.TRAIN]
        )
        axes.axvline(lengths.mean, color="#c44e52", linewidth=1.1)
        told = f"mean {lengths.mean:,.0f}, n = {lengths.count:,}"
        axes.set_title(f"{title}\n{told}" if small else f"{title} ({told})", fontsize=6 if small else 9)
        axes.set_xlim(min(bars.counts, default=0), max(bars.counts, default=0) + step)
        axes.tick_params(labelsize=6 if small else 8)
        axes.locator_params(axis="both", nbins=3 if small else 6, integer=True)
        axes.set_ylim(bottom=0)
        if bars.cut and not small:
            told = f"last bar: {max(bars.counts):,} and more"
            axes.annotate(told, (1, 0.97), xycoords="axes fraction", ha="right", va="top", fontsize=8)
    for axes in grid[len(parts) :]:
        axes.set_visible(False)
    figure.supxlabel(label, fontsize=9)
    figure.supylabel("Pictures" if "picture" in label else "Rows", fontsize=9)
    return figure


class Bars(NamedTuple):
    """A histogram as it is drawn."""

    step: int
    counts: Mapping[int, int]
    """By the start of each bar."""
    cut: bool
    """Whether the last bar holds longer ones too."""


def _bars(histogram: Mapping[int, int], most: int) -> Bars:
    """As narrow as leaves at most so many bars; the tail of the longest goes into the last one."""
    lengths = sorted(histogram)
    limit = (1 - TAIL) * sum(histogram.values())
    sums = accumulate(histogram[length] for length in lengths)
    last = next((length for length, reached in zip(lengths, sums, strict=True) if reached >= limit), 0)
    first = min(lengths, default=0)
    step = next((each for each in STEPS if (last - first) // each < most), STEPS[-1])
    counts = Counter[int]()
    for length in lengths:
        counts[min(length, last) // step * step] += histogram[length]
    return Bars(step, counts, max(lengths, default=0) >= last // step * step + step)


def _far_apart(counts: Sequence[int]) -> bool:
    seen = [count for count in counts if count]
    return bool(seen) and max(seen) > FAR_APART * min(seen)


def _grid(lines: int, columns: int, height: float) -> "tuple[Figure, Sequence[Axes]]":
    import matplotlib.pyplot as plt

    size = (6.2 if columns == 1 else 7.2, height)
    figure, grid = plt.subplots(lines, columns, figsize=size, dpi=200, layout="constrained", squeeze=False)
    for axes in grid.flat:
        axes.spines[["top", "right"]].set_visible(False)
    return figure, list(grid.flat)


def _save(figure: "Figure", folder: Path, name: str) -> list[Path]:
    import matplotlib.pyplot as plt

    # no clock and no version: the same build gives the same files
    unstamped: dict[str, dict[str, Any]] = {
        "png": {"Software": None},
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    }
    paths = [folder / f"{name}.{format}" for format in FORMATS]
    for path, format in zip(paths, FORMATS, strict=True):
        figure.savefig(path, metadata=unstamped[format])
    plt.close(figure)
    return paths

"""Plans a folder as `m3it build` does, without opening a picture: what the tests of single tasks look at."""

from pathlib import Path
from tempfile import TemporaryDirectory

from m3it_build.core.choice import Draw
from m3it_build.core.sample import Reject
from m3it_build.core.task import Split
from m3it_build.plan.layouts import need_layout
from m3it_build.plan.registry import load_registry
from m3it_build.plan.rows import PlannedRow, read_plan
from m3it_build.plan.writer import PlanWriter
from m3it_build.sources.folder import Folder


def plan(name: str, folder: Path, split: str = "train", **options: str) -> tuple[list[PlannedRow], list[Reject]]:
    """Planned rows (sorted by key) and early rejects of one split of a task, read from `folder`.

    Raises:
        MissingSource: no layout of the split is complete there.
        SourceError: a file that cannot be read.
    """
    task = load_registry()[name].task
    chosen = {key: values[0] for key, values in task.options.items()} | options
    source = Folder(name, (folder,), chosen)
    layout = need_layout(task, Split(split), source)
    with TemporaryDirectory() as state:
        path = Path(state) / "plan.sqlite"
        _, _, rejects = PlanWriter(path, task, Draw(0, name), None).write(layout, source, 1000)
        rows = sorted(read_plan(path), key=lambda planned: planned.sample.key)
    return rows, rejects

"""What the paper says of each task (configs/paper.toml)."""

import tomllib
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from m3it_build.core.task import Split


class PaperCounts(BaseModel):
    """A task's line of Table 7."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    train: int
    validation: int
    test: int
    used: bool
    license: str
    contradiction: str = ""
    """Where the paper disagrees with the task's source."""

    def of(self, split: Split) -> int:
        """Rows of a split."""
        return int(getattr(self, split.value))


def paper_counts() -> dict[str, PaperCounts]:
    """Table 7 by task."""
    content = tomllib.loads((files("m3it_build.configs") / "paper.toml").read_text("utf-8"))
    return {name: PaperCounts.model_validate(value) for name, value in content.items()}

"""Where a build goes."""

from pydantic import BaseModel, ConfigDict, Field


class HubSettings(BaseModel):
    """The dataset on the Hub."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    repo_id: str | None = Field(default=None, min_length=1)
    """ORG/NAME; without it `m3it` of the token's owner."""
    translations_to: str | None = None
    """ORG/NAME of a dataset of its own for the translations; `repo_id` then has only the tasks."""
    private: bool = True
    """Create it so that only its owners see it; one that is there stays as it is."""
    revision: str | None = None
    """A branch, or a pull request as refs/pr/1."""

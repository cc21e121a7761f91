"""Settings of downloads."""

from pydantic import BaseModel, ConfigDict, Field

from m3it_build.settings import Place


class DownloadSettings(BaseModel):
    """How files are fetched, and from where."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    table: Place | None = None
    """Another table of files in the form of configs/downloads.toml, as of a mirror in your own network."""
    allow_private: bool = False
    """Also fetch from addresses of your own machine or network, by plain http too."""
    mirrors: bool = False
    """Also take copies that are not the owner's, where the owner asks for a form or a login."""
    connections: int = Field(default=3, ge=1, le=16)
    """Files that are fetched at once; of one host never more than two."""

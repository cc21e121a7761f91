"""The five fields of an instance (paper, 3.3), as they lie on disk."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

ROWS = 3
"""State of the code that makes rows out of a task's samples: choices, stages, pictures, writers.

Raise it with whatever changes a byte of a shard though source, task, instructions and settings are the same, and write
the golden digests anew (`python -m scripts.golden`), which tell when it is due. An output folder that was planned under
another number is never continued.
"""

FIELDS = ("instruction", "inputs", "image_base64_str", "outputs", "meta")
"""Column order. Names are those of the released dataset; the fifth is the one that it promised and left out."""


SCHEMA = "m3it/2"
"""The form of a row, in each row's `meta.schema`; raised when a field or a key of `meta` changes its meaning."""


class Meta(BaseModel):
    """What every `meta` holds; tasks add what their source knows."""

    model_config = ConfigDict(frozen=True, extra="allow")

    schema_: str = Field(alias="schema")
    """The form of the row: `m3it/2`."""
    id: str
    """`<config>/<split>/<key>`; the config is the task, or `<task>-<language>`."""
    task: str
    split: str
    source: dict[str, str]
    """`file` and `record`: where the record stands in the source."""
    license: str
    instruction_index: int
    images: list[dict[str, Any]]
    """Of each picture, in order: name, sha256, width, height and format of what is stored; `origin`, a collection's own
    id, where there is one; `source_sha256` where the stored bytes are not those of the source."""


class Instance(BaseModel):
    """One row. Exactly five fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    instruction: str
    """One of the task's pool, chosen by hash."""
    inputs: str
    """Question, options, dialogue history; empty for captioning."""
    image_base64_str: list[str]
    """Plain base64, no data-URI prefix; one for each picture or frame."""
    outputs: str
    """The target."""
    meta: Meta

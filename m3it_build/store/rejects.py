"""The list of what became no row, one reject a line."""

import json
from collections.abc import Sequence
from pathlib import Path

from m3it_build.core.errors import OutputError
from m3it_build.core.sample import Reject
from m3it_build.store.atomic import atomic_file
from m3it_build.store.record import dumps


def write_rejects(path: Path, rejects: Sequence[Reject]) -> None:
    """One reject a line: its fate (filtered or rejected), key, stage, reason, detail; no file where there is none.

    Half a surrogate pair, which no file can hold, is written out.
    """
    if not rejects:
        path.unlink(missing_ok=True)
        return
    with atomic_file(path) as stream:
        for reject in rejects:
            fate = "filtered" if reject.reason.filtered else "rejected"
            facts = {
                "fate": fate,
                "key": reject.key,
                "stage": reject.stage,
                "reason": reject.reason,
                "detail": reject.detail,
            }
            line = {name: text.encode("utf-8", "backslashreplace").decode() for name, text in facts.items()}
            stream.write(dumps(line) + b"\n")


def read_rejects(path: Path) -> list[dict[str, str]]:
    """What `write_rejects` wrote; empty where there is no file.

    Raises:
        OutputError: it is no such list.
    """
    if not path.exists():
        return []
    try:
        found = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        return [{"key": each["key"], **each} for each in found]
    except (ValueError, KeyError, TypeError) as error:
        raise OutputError(f"{path}: no list of rejects ({error}). Remove it, or build with --overwrite.") from error

"""The list of what became no row, one reject a line."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from m3it_build.core.sample import Reject
from m3it_build.store.atomic import atomic_file, remove
from m3it_build.store.record import dumps
from m3it_build.store.state import DamagedState, read_state


def write_rejects(path: Path, rejects: Sequence[Reject]) -> None:
    """One reject a line: its fate (filtered or rejected), key, stage, reason, detail; no file where there is none.

    Half a surrogate pair, which no file can hold, is written out.
    """
    if not rejects:
        remove(path)
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


_decoder = msgspec.json.Decoder(dict[str, str])


def read_rejects(path: Path) -> list[dict[str, str]]:
    """What `write_rejects` wrote; empty where there is no file.

    Raises:
        DamagedState: it is no such list.
        MachineError: it cannot be read.
    """
    data = read_state(path) or b""
    try:
        found = [_decoder.decode(line) for line in data.splitlines()]
        return [{"key": each["key"], "reason": each["reason"], **each} for each in found]
    except (ValueError, KeyError, RecursionError) as error:
        raise DamagedState(f"{path}: no list of rejects ({error})") from error

"""README.md, its picture and croissant.json; a card that a person has edited is never written over unasked."""

import hashlib
import json
from pathlib import Path

import msgspec

from m3it_build.core.errors import OutputError
from m3it_build.publish.built import Contents
from m3it_build.publish.card import Address, card
from m3it_build.publish.croissant import croissant
from m3it_build.publish.example import EXAMPLE, Example
from m3it_build.publish.markdown import size_text
from m3it_build.publish.metadata import metadata
from m3it_build.store.atomic import remove_leftovers_of, write_atomic
from m3it_build.store.lock import Locked
from m3it_build.store.output import OutputFolder
from m3it_build.store.patience import is_file
from m3it_build.store.state import DamagedState, read_state

CARD = "README.md"
CROISSANT = "croissant.json"
REMEMBERED = 20
MANY_CONFIGS = 500
"""Loading takes about a second more for each 500."""
MUCH_YAML = 256_000
"""Bytes; the Hub has refused cards that were larger."""
MOST_CONFIGS = 4_000
"""Of the Hub's viewer."""


def documents(contents: Contents, address: Address, example: Example | None) -> dict[str, bytes]:
    """The files by name, README.md last."""
    return {
        **({EXAMPLE: example.jpeg} if example is not None else {}),
        CROISSANT: croissant(contents, address.repo_id, address.endpoint).encode(),
        CARD: card(contents, address, example).encode(),
    }


def unwieldy(contents: Contents, text: str) -> str | None:
    """A warning where a card describes so much that pages and loaders get slow.

    Args:
        contents: What it describes.
        text: The card.
    """
    front = len(text.partition("\n---\n")[0].encode())
    if len(contents.configs) <= MANY_CONFIGS and front <= MUCH_YAML:
        return None
    told = (
        f"The card lists {len(contents.configs):,} configs in {size_text(front)} of YAML, which each load_dataset reads"
    )
    if len(contents.configs) > MOST_CONFIGS:
        told += f"; the Hub's viewer shows no dataset of more than {MOST_CONFIGS:,}"
    if contents.tasks and contents.translations:
        return f"{told}. A repository of their own for translations makes it short: --translations-to ORG/NAME"
    return f"{told}. Fewer languages make it shorter."


def write_documents(out: Path, files: dict[str, bytes], *, overwrite: bool = False) -> None:
    """Write them into the output folder.

    Args:
        out: The output folder.
        files: As `documents` makes them, or some of them.
        overwrite: Also a README.md that is not ours.

    Raises:
        OutputError: README.md was edited since, or is not ours; another m3it is working in the folder.
    """
    output = OutputFolder(out)
    with Locked(output):
        remove_leftovers_of(*(out / name for name in files))
        _write(output, files, overwrite=overwrite)


def _write(output: OutputFolder, files: dict[str, bytes], *, overwrite: bool) -> None:
    if CARD in files and not overwrite and edited_card(output) is not None:
        why = (
            "was edited by hand"
            if _written(output) is not None
            else (f"may have been edited by hand: {_record(output)}, which would tell, is damaged")
        )
        raise OutputError(
            f"{output.card}: {why}. Keep it (m3it push-to-hub sends it as it is), or write it anew "
            "with: m3it card --overwrite"
        )
    if CARD in files:
        digest = hashlib.sha256(files[CARD]).hexdigest()
        known = [digest, *(each for each in _known(output) if each != digest)][:REMEMBERED]
        # the record first: after a kill in between, neither the old nor the new card looks edited
        write_atomic(_record(output), json.dumps(known).encode())
    for name, data in files.items():
        write_atomic(output.root / name, data)


def edited_card(output: OutputFolder) -> bytes | None:
    """The README.md of the output folder where it is another one than `m3it` wrote."""
    if not is_file(output.card):
        return None
    text = read_state(output.card) or b""
    return None if hashlib.sha256(text).hexdigest() in _known(output) else text


def card_to_send(output: OutputFolder, contents: Contents, address: Address) -> bytes | None:
    """The card that a person has edited instead of ours.

    Args:
        output: The output folder.
        contents: What the Hub will hold.
        address: Where.

    Raises:
        OutputError: it cannot be read, or lists other configs than those.
    """
    from huggingface_hub import DatasetCard

    text = edited_card(output)
    if text is None:
        return None
    try:
        configs = DatasetCard(text.decode()).data.get("configs")
    except ValueError as error:
        raise OutputError(
            f"{output.card}: its YAML cannot be read ({error}). Mend it, or: m3it card --overwrite {output.root}"
        ) from error
    if configs != metadata(contents)["configs"]:
        apart = f"--translations-to {address.sibling} " if address.sibling else ""
        raise OutputError(
            f"{output.card}: was edited by hand, and its configs are not those that the Hub would hold after this "
            f"push. Write it anew with: m3it card --overwrite {apart}{output.root}"
        )
    return text


def _known(output: OutputFolder) -> list[str]:
    """Hashes of the cards that were written here, the newest first."""
    return _written(output) or []


def _written(output: OutputFolder) -> list[str] | None:
    """The same; None where what was noted of them is damaged."""
    try:
        data = read_state(_record(output))
        return [] if data is None else msgspec.json.decode(data, type=list[str])
    except (DamagedState, ValueError, RecursionError):
        return None


def _record(output: OutputFolder) -> Path:
    return output.state / "card.json"

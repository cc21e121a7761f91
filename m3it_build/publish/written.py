"""README.md and croissant.json in the output folder; a card that a person has edited is never written over unasked."""

import hashlib
import json
from pathlib import Path

from m3it_build.core.errors import OutputError
from m3it_build.publish.card import card
from m3it_build.publish.contents import Contents
from m3it_build.publish.croissant import croissant
from m3it_build.store.atomic import write_atomic
from m3it_build.store.layout import Layout

CARD = "README.md"
CROISSANT = "croissant.json"
REMEMBERED = 20


def documents(contents: Contents, repo_id: str | None, endpoint: str = "https://huggingface.co") -> dict[str, bytes]:
    """Both files by name."""
    return {
        CARD: card(contents, repo_id).encode(),
        CROISSANT: croissant(contents, repo_id, endpoint).encode(),
    }


def write_documents(out: Path, files: dict[str, bytes], *, overwrite: bool = False) -> None:
    """Write them into the output folder.

    Raises:
        OutputError: README.md was edited since, or is not ours.
    """
    layout = Layout(out)
    if not overwrite and edited_card(layout) is not None:
        raise OutputError(
            f"{layout.card}: was edited by hand. Keep it (m3it push-to-hub sends it as it is), or write it anew "
            "with: m3it card --overwrite"
        )
    digest = hashlib.sha256(files[CARD]).hexdigest()
    known = [digest, *(each for each in _known(layout) if each != digest)][:REMEMBERED]
    # the record first: after a kill in between, neither the old nor the new card looks edited
    write_atomic(_record(layout), json.dumps(known).encode())
    write_atomic(out / CROISSANT, files[CROISSANT])
    write_atomic(layout.card, files[CARD])


def edited_card(layout: Layout) -> bytes | None:
    """The README.md of the output folder where it is another one than `m3it` wrote."""
    if not layout.card.exists():
        return None
    text = layout.card.read_bytes()
    return None if hashlib.sha256(text).hexdigest() in _known(layout) else text


def _known(layout: Layout) -> list[str]:
    """Hashes of the cards that were written here, the newest first."""
    try:
        known = json.loads(_record(layout).read_bytes())
    except (OSError, ValueError):
        return []
    return [str(each) for each in known] if isinstance(known, list) else []


def _record(layout: Layout) -> Path:
    return layout.state / "card.json"

"""Pictures in terminals that show them: by the protocol of kitty, or that of iTerm2."""

import base64
import os
import sys
from collections.abc import Mapping

CHUNK = 4096
"""Characters of base64 that kitty takes at once."""
KITTY = ("kitty", "ghostty")
ITERM2 = ("iTerm.app", "WezTerm", "mintty")


def shown_inline(png: bytes) -> str | None:
    """What makes the terminal show a picture; None where stdout is none, or one that is not known to."""
    if not sys.stdout.isatty():
        return None
    return sequence(png, os.environ)


def sequence(png: bytes, environment: Mapping[str, str]) -> str | None:
    """The control sequence for a terminal, as its variables tell which one it is; none inside tmux and screen."""
    term, program = environment.get("TERM", ""), environment.get("TERM_PROGRAM", "")
    if "TMUX" in environment or term.startswith(("screen", "tmux")):
        return None
    text = base64.b64encode(png).decode()
    if "KITTY_WINDOW_ID" in environment or any(name in term for name in KITTY) or program in KITTY:
        parts = [text[start : start + CHUNK] for start in range(0, len(text), CHUNK)]
        last = len(parts) - 1
        return "".join(
            f"\x1b_G{'a=T,f=100,' if place == 0 else ''}m={int(place < last)};{part}\x1b\\"
            for place, part in enumerate(parts)
        )
    if program in ITERM2 or environment.get("LC_TERMINAL") == "iTerm2":
        return f"\x1b]1337;File=inline=1;size={len(png)}:{text}\x07"
    return None

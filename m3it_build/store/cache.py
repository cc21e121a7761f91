"""Where what can be made or fetched again is kept."""

import os
from pathlib import Path


def user_cache() -> Path:
    """`m3it` in the user's cache folder."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "m3it"

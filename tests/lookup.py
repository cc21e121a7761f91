"""What of the candidates of a picture or clip is taken."""

from m3it_build.core.sample import Clip, Fault, Picture
from m3it_build.sources.files import File
from m3it_build.sources.folder import Folder
from m3it_build.sources.pictures import Found, fetched, first_good, located


def fetch(folder: Folder, picture: Picture) -> Found | Fault:
    """The bytes of a picture: of its first candidate that can be read."""
    return first_good(fetched(folder, picture))


def locate(folder: Folder, media: Picture | Clip) -> File | Fault:
    """Where a picture or clip lies: its best candidate."""
    return next(located(folder, media))

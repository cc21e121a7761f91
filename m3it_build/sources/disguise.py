"""Files that are something else than their names say: what a download leaves behind that went wrong."""

from pathlib import Path

from m3it_build.store.regular_file import Disk

POINTER = b"version https://git-lfs.github.com/spec/"
PAGE = (b"<!doctype html", b"<html")
HEAD = 512
"""Bytes that tell."""


def what_it_is(path: Path) -> str:
    """What a file really is and what to do, as the end of a sentence; empty where it may be what it should.

    Raises:
        MachineError: the machine does not give it.
    """
    with Disk(path) as disk:
        return what_they_are(disk.read(HEAD))


def what_they_are(head: bytes) -> str:
    """As `what_it_is`, by a file's first bytes."""
    if not head:
        return "is empty. Download it again."
    if head.startswith(POINTER):
        return "is a Git LFS pointer, not the file itself. Run in its folder: git lfs pull"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(PAGE):
        return "is a web page, not the file itself: a login or an error page. Download it again in a browser."
    return ""

"""The way out to other hosts: which addresses may be asked, and what may be told to whom."""

import ipaddress
import ssl
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from socket import gaierror, getaddrinfo
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

from m3it_build.core.errors import M3itError
from m3it_build.core.version import __version__

if TYPE_CHECKING:
    import httpx2

REDIRECTS = 5
AGENT = f"m3it/{__version__} (+https://huggingface.co/datasets/MMInstruction/M3IT)"


class Refused(M3itError):
    """An address does not give the file: another one may."""


class Again(M3itError):
    """An address may give the file later."""

    def __init__(self, text: str, after: float | None = None, *, at_once: bool = False) -> None:
        super().__init__(text)
        self.after = after
        """Seconds that the server asks to wait."""
        self.at_once = at_once
        """It may be asked again now, as this try found out what to ask otherwise."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a file is asked for."""

    url: str
    token: str | None = field(default=None, repr=False)
    """For the host of `url` alone."""
    drive: bool = False
    """Of Google Drive, which asks before it gives a large file."""

    @property
    def host(self) -> str:
        """As a person knows it."""
        return urlsplit(self.url).netloc.rpartition("@")[2]


class Door:
    """A client of HTTP that follows redirects by our rules; of use from several threads.

    Args:
        allow_private: Also ask this machine and its network, by plain http too.
        own: Hosts (with port) of that kind which are asked all the same.
        connect: Seconds until a connection must stand.
        silent: Seconds that a server may say nothing.
    """

    def __init__(
        self, *, allow_private: bool = False, own: Collection[str] = (), connect: float = 20, silent: float = 60
    ) -> None:
        import httpx2

        self.allow_private = allow_private
        self.own = frozenset(own)
        self.client = httpx2.Client(
            timeout=httpx2.Timeout(silent, connect=connect),
            headers={"User-Agent": AGENT, "Accept": "*/*", "Accept-Encoding": "identity"},
        )
        _read_much()

    def close(self) -> None:
        """Close every connection."""
        self.client.close()

    @contextmanager
    def get(self, address: Address, headers: Mapping[str, str], *, hashed: bool) -> Iterator["httpx2.Response"]:
        """The answer of an address, its body not read yet.

        Args:
            address: What is asked for.
            headers: Of the first request; the token goes no further than there, the others go along.
            hashed: A SHA-256 of the file is known, so that nobody on the way can change it.

        Raises:
            Refused: a host or a redirect that is not allowed, no valid certificate.
            Again: no connection, or one that broke.
        """
        import httpx2

        url, sent = address.url, dict(headers)
        if address.token:
            sent["Authorization"] = f"Bearer {address.token}"
        for _ in range(REDIRECTS + 1):
            self._check(url, hashed=hashed)
            try:
                with self.client.stream("GET", url, headers=sent) as answer:
                    if not answer.is_redirect:
                        yield answer
                        return
                    onward = urljoin(url, answer.headers.get("location", ""))
            except httpx2.InvalidURL as error:
                raise Refused(f"{address.host}: not an address ({error}).") from error
            except httpx2.HTTPError as error:
                raise _told(url, error) from error
            if url.startswith("https:") and onward.startswith("http:"):
                raise Refused(f"{address.host}: leads from https to plain http.")
            sent.pop("Authorization", None)
            url = onward
        raise Refused(f"{address.host}: leads on and on ({REDIRECTS} redirects).")

    def _check(self, url: str, *, hashed: bool) -> None:
        """Refuse what is no address of the public web."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise Refused(f"{url[:200]}: not an address ({error}).") from error
        if parts.scheme not in ("http", "https") or not host:
            raise Refused(f"{url[:200]}: only addresses of the web are fetched.")
        if parts.netloc in self.own:
            return
        at_home = _at_home(host, port or 0)
        if at_home and not self.allow_private:
            raise Refused(
                f"{host}: an address of this machine or its network. If it is meant, set [download] allow_private = "
                "true (M3IT_DOWNLOAD_ALLOW_PRIVATE=true)."
            )
        if parts.scheme == "http" and not hashed and not at_home:
            raise Refused(f"{host}: plain http, and no sha256 is known that would tell whether somebody changed it.")


def _read_much() -> None:
    """Let the client read more at once than 64 KiB: half the time of a large file goes to taking it apart.

    It has no setting for that; nothing but speed depends on it.
    """
    reader = getattr(sys.modules.get("httpcore2._sync.http11"), "HTTP11Connection", None)
    if reader is not None:
        reader.READ_NUM_BYTES = 1 << 20


@lru_cache(maxsize=256)
def _at_home(host: str, port: int) -> bool:
    """Whether a host is not of the public internet. Behind a proxy only its own name says it."""
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        pass
    if {"https", "http", "all"} & getproxies().keys() and not proxy_bypass(host):
        return False
    try:
        found = getaddrinfo(host, port)
    except (gaierror, UnicodeError):
        return False  # nobody is there: the request says so
    return any(not ipaddress.ip_address(str(each[4][0]).partition("%")[0]).is_global for each in found)


def _told(url: str, error: Exception) -> Refused | Again:
    host = urlsplit(url).netloc.rpartition("@")[2]
    text = " ".join(str(error).split())[:200] or type(error).__name__
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    if cause is not None or "CERTIFICATE_VERIFY_FAILED" in text:
        why = getattr(cause, "verify_message", None) or "not valid"
        return Refused(
            f"{host}: its certificate cannot be trusted ({why}), so nothing was fetched. Open the page in a browser "
            "and put the file there, or name your network's own authority with SSL_CERT_FILE."
        )
    return Again(f"{host}: {text}")

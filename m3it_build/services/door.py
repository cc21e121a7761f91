"""The way out to other hosts: which addresses may be asked, and what may be told to whom."""

import errno
import ipaddress
import os
import re
import ssl
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from socket import gaierror, getaddrinfo
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

from m3it_build.core.errors import M3itError, SettingsError
from m3it_build.core.machine import HANDLES, is_of_machine, machine_error, unexpected
from m3it_build.core.version import __version__

if TYPE_CHECKING:
    import httpx2

REDIRECTS = 5
PIECE = 1 << 20
"""Bytes of a body that are read at once."""
ONWARD = (301, 302, 303, 307, 308)
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
SHORT = (*HANDLES, errno.ENOMEM, errno.ENOBUFS)
"""What a connection fails with that this machine has no room for."""
SECRET = re.compile(r"hf_[A-Za-z0-9_]+|(?i:bearer)\s+[^\s\"',]+")
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


def shown(url: str) -> str:
    """An address without what may be a secret in it: a password, the query of one that is signed."""
    try:
        parts = urlsplit(url)
        text = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    except ValueError:
        text = re.sub(r"//[^/]*@", "//", url).partition("?")[0]
    return "".join(each if each.isprintable() else "?" for each in text)[:200]


def masked(text: str, token: str | None = None) -> str:
    """What somebody else said, in one line, without a token that it repeats."""
    if token:
        text = text.replace(token, "***")
    return SECRET.sub("***", " ".join(text.split()))[:200]


class Door:
    """A client of HTTP that follows redirects by our rules; of use from several threads.

    Args:
        allow_private: Also ask this machine and its network, by plain http too.
        own: Hosts (with port) of that kind which are asked all the same.
        connect: Seconds until a connection must stand.
        silent: Seconds that a server may say nothing.

    Raises:
        SettingsError: a variable of the environment names a proxy or certificates that cannot be used.
    """

    def __init__(
        self, *, allow_private: bool = False, own: Collection[str] = (), connect: float = 20, silent: float = 60
    ) -> None:
        import httpx2

        self.allow_private = allow_private
        self.own = frozenset(own)
        try:
            self.client = httpx2.Client(
                timeout=httpx2.Timeout(silent, connect=connect),
                headers={"User-Agent": AGENT, "Accept": "*/*", "Accept-Encoding": "identity"},
            )
        except (ImportError, OSError, ValueError, httpx2.InvalidURL) as error:
            raise SettingsError(_of_environment(error)) from error

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
            MachineError: this machine has no handle or no memory left for one.
        """
        import httpx2

        url, sent = address.url, dict(headers)
        if address.token:
            sent["Authorization"] = f"Bearer {address.token}"
        for _ in range(REDIRECTS + 1):
            self._check(url, hashed=hashed)
            try:
                with ExitStack() as stack:
                    try:
                        answer = stack.enter_context(self.client.stream("GET", url, headers=sent))
                    except (ValueError, OSError, OverflowError) as error:  # of parsers that its headers reached
                        _check_machine(url, error)
                        raise Refused(
                            f"{address.host}: answers what cannot be read ({type(error).__name__})."
                        ) from error
                    if answer.status_code not in ONWARD:
                        yield answer
                        return
                    location = answer.headers.get("location", "").strip()
            except httpx2.InvalidURL as error:
                raise Refused(f"{shown(url)}: not an address, or leads to none.") from error
            except httpx2.HTTPError as error:
                raise _told(url, error) from error
            if not location:
                raise Refused(f"{address.host}: leads on, but does not say where to.")
            try:
                onward = urljoin(url, location)
            except ValueError as error:
                raise Refused(f"{address.host}: leads to what is no address.") from error
            if url.lower().startswith("https:") and onward.lower().startswith("http:"):
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
            raise Refused(f"{shown(url)}: not an address.") from error
        if parts.scheme not in ("http", "https") or not host:
            raise Refused(f"{shown(url)}: only addresses of the web are fetched.")
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


def body(answer: "httpx2.Response") -> Iterator[bytes]:
    """The bytes of an answer as they were sent, in pieces of up to 1 MiB.

    What has a stated length is read from the connection itself: taking a large file apart 64 KiB at a time, as the
    client does, costs more than its SHA-256. The client never hears the end of such a body and closes its connection.

    Raises:
        Again: the connection broke, or was silent too long.
    """
    import httpcore2

    pieces, length = answer.iter_raw(), answer.headers.get("content-length", "")
    if "transfer-encoding" in answer.headers or not length.isdecimal():
        yield from pieces
        return
    first = next(pieces, b"")  # all that came along with the headers
    yield first
    left = int(length) - len(first)
    if not left:
        yield from pieces  # which ends it, so that the connection serves again
    stream, silent = answer.extensions["network_stream"], answer.request.extensions["timeout"]["read"]
    try:
        while left > 0 and (piece := stream.read(min(left, PIECE), silent)):
            left -= len(piece)
            yield piece
    except (httpcore2.NetworkError, httpcore2.TimeoutException) as error:
        raise _told(str(answer.url), error) from error


def _at_home(host: str, port: int) -> bool:
    """Whether a host is not of the public internet. Behind a proxy only its own name says it."""
    host = host.rstrip(".")
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not _is_public(host)
    except ValueError:
        pass
    if {"https", "http", "all"} & getproxies().keys() and not proxy_bypass(host):
        return False
    try:
        found = getaddrinfo(host, port)
    except (gaierror, UnicodeError):
        return False  # nobody is there: the request says so
    return any(not _is_public(str(each[4][0])) for each in found)


def _is_public(address: str) -> bool:
    """Whether an address is of the public internet; of one of IPv6 that stands for another one, whether that is."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return inner.is_global
    return found.is_global


def _of_environment(error: Exception) -> str:
    """Which variable names what no client can be made with."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        if isinstance(error, OSError) and os.environ.get(name):
            return f"{name}: no certificates can be read from {os.environ[name]}. Name a file of them, or unset it."
    for name, value in os.environ.items():
        if name.lower() in ("all_proxy", "http_proxy", "https_proxy") and not _is_proxy(value):
            return f"{name}: {shown(value)} is no proxy that can be used. Name one as http://HOST:PORT, or unset it."
    if isinstance(error, OSError) and is_of_machine(error):
        return f"no client of HTTP can be made: {unexpected(error)}"
    return f"no client of HTTP can be made: {masked(str(error))}. Look at HTTPS_PROXY, ALL_PROXY and SSL_CERT_FILE."


def _is_proxy(value: str) -> bool:
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        return not value or (parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0)
    except ValueError:
        return False


def _proxy(url: str) -> str:
    """The proxy behind which an address is asked for, in words; empty without one."""
    parts, known = urlsplit(url), getproxies()
    name = parts.scheme if parts.scheme in known else "all"
    if name not in known or proxy_bypass(parts.hostname or ""):
        return ""
    proxy = known[name].rpartition("//")[2].rpartition("@")[2].partition("/")[0]
    return f"through the proxy {proxy} ({name.upper()}_PROXY)"


def _check_machine(url: str, error: Exception) -> None:
    """Raise what is the fault of this machine, not of the one that was asked."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, MemoryError) or (isinstance(cause, OSError) and cause.errno in SHORT):
            raise machine_error(urlsplit(url).netloc.rpartition("@")[2], cause) from error
        cause = cause.__cause__ or cause.__context__


def _told(url: str, error: Exception) -> Refused | Again:
    _check_machine(url, error)
    host = urlsplit(url).netloc.rpartition("@")[2]
    text = masked(str(error)) or type(error).__name__
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    if cause is not None or "CERTIFICATE_VERIFY_FAILED" in text:
        why = getattr(cause, "verify_message", None) or "not valid"
        return Refused(
            f"{host}: its certificate cannot be trusted ({why}), so nothing was fetched. Open the page in a browser "
            "and put the file there, or name your network's own authority with SSL_CERT_FILE."
        )
    return Again(f"{' '.join(filter(None, (host, _proxy(url))))}: {text}")

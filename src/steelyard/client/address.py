"""Where a node is: `http://host:port`, `https://host`, `unix:/path` or `http+unix:///path`."""

from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from steelyard.client.errors import AddressError

DEFAULT = "http://127.0.0.1:8080"
SOCKET_PATH_MAX = 107
"""Bytes of a socket's path that Linux takes; other systems take fewer."""


class Address(NamedTuple):
    """A node's address. With `socket` host and port name nothing but the Host header; `base` goes before paths."""

    secure: bool
    host: str
    port: int
    socket: str = ""
    base: str = ""

    @property
    def host_header(self) -> bytes:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = self.port == (443 if self.secure else 80)
        return (host if usual else f"{host}:{self.port}").encode()

    def __str__(self) -> str:
        if self.socket:
            return f"unix:{self.socket}"
        return f"http{'s' if self.secure else ''}://{self.host_header.decode()}{self.base}"


def parse_address(text: str) -> Address:
    """Read a node's address, or raise AddressError.

    >>> parse_address("http://127.0.0.1:8080")
    Address(secure=False, host='127.0.0.1', port=8080, socket='', base='')
    >>> parse_address("unix:/run/steelyard/api.sock").socket
    '/run/steelyard/api.sock'
    """
    for scheme in ("http+unix://", "unix://", "unix:"):
        if text.startswith(scheme):
            return _socket(unquote(text.removeprefix(scheme)), text)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise AddressError(f"{text} is no address of a node") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise AddressError(f"{text} is no address of a node: http://host:port, https://host or unix:/path")
    if parts.username is not None or not text.isascii():
        raise AddressError("an address holds neither a log-in nor letters beyond ASCII")
    secure = parts.scheme == "https"
    return Address(secure, parts.hostname, port or (443 if secure else 80), "", parts.path.rstrip("/"))


def _socket(path: str, text: str) -> Address:
    if not path.startswith("/"):
        raise AddressError(f"{text} is no address of a node: the path of a socket begins with /")
    if len(path.encode()) > SOCKET_PATH_MAX:
        raise AddressError(f"the path of a socket has at most {SOCKET_PATH_MAX} bytes: {path}")
    return Address(False, "localhost", 80, path)

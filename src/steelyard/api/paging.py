"""Pages by key: a cursor names the last row seen, so a list stays gap-free while rows arrive.

A cursor is opaque and signed. It carries the digest of the list, its filters and its caller; with another
filter or in another's hands it does not fit.
"""

import base64
import binascii
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from steelyard.api.auth.vault import Vault
from steelyard.api.problems import ProblemError
from steelyard.api.shape import given, unfit
from steelyard.client.types import Fault

LIMIT, LIMIT_MAX = 50, 1_000
Key = tuple[Any, ...]
"""What a list is sorted by, of one row: numbers, texts or bytes."""
_PURPOSE, _SIGNATURE_BYTES = "cursor", 16


class Window(NamedTuple):
    """Which part of a list is asked for: at most `limit` rows after a key, or before one."""

    limit: int = LIMIT
    after: Key | None = None
    before: Key | None = None


def window(vault: Vault, query: Mapping[str, str], *, of: str) -> Window:
    """Read `limit`, `after` and `before` of a query; every fault is told."""
    faults = []
    text = query.get("limit", str(LIMIT))
    limit = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if not 1 <= limit <= LIMIT_MAX:
        faults.append(Fault("limit", "range", f"must be a whole number from 1 to {LIMIT_MAX}", given(text)))
    if "after" in query and "before" in query:
        faults.append(Fault("before", "one-of", "a page lies after a cursor or before one", ""))
    if faults:
        raise unfit(faults)
    after, before = (
        read(vault, query[name], of=of) if name in query else None for name in ("after", "before")
    )
    return Window(limit, after, before)


def list_name(path: str, filters: Mapping[str, Any], viewer: str) -> str:
    """Name a list as cursors are bound to it: its address, filters and viewer."""
    return msgspec.json.encode((path, sorted(filters.items()), viewer)).decode()


def write(vault: Vault, key: Key, *, of: str) -> str:
    """Give the cursor of a row."""
    payload = msgspec.msgpack.encode((sha256(of.encode()).digest()[:8], key))
    return base64.urlsafe_b64encode(vault.sign(_PURPOSE, payload) + payload).decode().rstrip("=")


def read(vault: Vault, text: str, *, of: str) -> Key:
    """Read a cursor back, or raise that it does not fit."""
    try:
        whole = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        signature, payload = whole[:_SIGNATURE_BYTES], whole[_SIGNATURE_BYTES:]
        if vault.is_ours(_PURPOSE, payload, signature):
            digest, key = msgspec.msgpack.decode(payload, type=tuple[bytes, tuple[Any, ...]])
            if digest == sha256(of.encode()).digest()[:8]:
                return key
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        pass
    raise ProblemError("cursor-does-not-fit")

"""The gateways' own key: it seals what must be read again (authenticator secrets) and signs what comes back.

One file in the node's data folder, readable by its user alone, made by whichever gateway comes first. All
gateways of a node share it; a copy goes with the backup of the access store. Each purpose has a key of its
own, derived from it.
"""

import contextlib
import os
import secrets
import stat
from hmac import compare_digest
from hmac import digest as hmac_digest
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FILE_NAME = "gateway.key"
KEY_BYTES = 32
_NONCE_BYTES = 12


class VaultFault(Exception):
    """The key file cannot be used; the message says what to do."""


class Vault:
    """Seals and signs by purpose."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "Vault(***)"

    def seal(self, purpose: str, plain: bytes, *, bound_to: str) -> bytes:
        """Encrypt; what comes out opens only for the same purpose and the same `bound_to`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self._for(purpose)).encrypt(nonce, plain, bound_to.encode())

    def open(self, purpose: str, sealed: bytes, *, bound_to: str) -> bytes:
        """Decrypt what `seal` gave; cryptography's InvalidTag on anything else."""
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        return AESGCM(self._for(purpose)).decrypt(nonce, rest, bound_to.encode())

    def sign(self, purpose: str, data: bytes) -> bytes:
        """Give 16 bytes that nobody without the key can make for these data."""
        return hmac_digest(self._for(purpose), data, "sha256")[:16]

    def is_ours(self, purpose: str, data: bytes, signature: bytes) -> bool:
        """Tell whether a signature is ours, in constant time."""
        return compare_digest(self.sign(purpose, data), signature)

    def _for(self, purpose: str) -> bytes:
        return hmac_digest(self._key, b"steelyard.gateway\0" + purpose.encode(), "sha256")


def open_vault(folder: Path) -> Vault:
    """Read the key in a folder, or draw one where there is none yet."""
    path = folder / FILE_NAME
    with contextlib.suppress(FileExistsError):
        _write(path, secrets.token_bytes(KEY_BYTES))
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise VaultFault(f"{path} is readable by others: chmod 600 it")
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise VaultFault(f"{path} is not a key of {KEY_BYTES} bytes")
    return Vault(key)


def _write(path: Path, key: bytes) -> None:
    """Make the file whole or not at all: written beside, then linked under its name."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(key)
        os.link(beside, path)
    finally:
        beside.unlink()

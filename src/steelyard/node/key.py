"""The node's key at the start: a node that could not use it does not begin to serve.

The file is the one that `init` wrote. Its passphrase comes from the environment, never from settings; only in
the profiles `demo` and `test` may the key lie there in the clear, or not at all.
"""

import os
from collections.abc import Mapping

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from steelyard.node.config import Config
from steelyard.node.exits import StartCheck

PASSPHRASE = "STEELYARD_NODE_KEY_PASSPHRASE"


def check_key(config: Config, environment: Mapping[str, str] = os.environ) -> None:
    """Raise StartCheck, with what to do, where the node's key is not there, not its own alone or not to be opened."""
    path, may_be_clear = config.path(config.node_key), config.profile in ("demo", "test")
    try:
        others = path.stat().st_mode & 0o077
        content = path.read_bytes()
    except FileNotFoundError as error:
        if may_be_clear:
            return
        raise StartCheck(
            f"the node's key {path} is not there: put back the copy that was kept apart"
        ) from error
    except OSError as error:
        raise StartCheck(f"the node's key {path} cannot be read: {error.strerror}") from error
    if others:
        raise StartCheck(f"the node's key {path} is readable by others: chmod 600 it")
    if _opens(content, None, f"the node's key {path}"):
        if not may_be_clear:
            raise StartCheck(
                f"the node's key {path} lies in the clear, which only the profiles demo and test allow"
            )
        return
    given = environment.get(PASSPHRASE, "")
    if not given:
        raise StartCheck(f"the node's key {path} needs its passphrase: set {PASSPHRASE}")
    if not _opens(content, given.encode("utf-8"), f"the node's key {path}"):
        raise StartCheck(f"the node's key {path} does not open with the passphrase in {PASSPHRASE}")


def _opens(content: bytes, passphrase: bytes | None, what: str) -> bool:
    """Tell whether a key opens; what is no such key at all is a StartCheck."""
    try:
        key = load_pem_private_key(content, passphrase)
    except TypeError:  # it is locked and no passphrase was tried
        return False
    except (ValueError, UnsupportedAlgorithm) as error:
        if passphrase is not None:
            return False
        raise StartCheck(f"{what} cannot be opened: the file is damaged or no key") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise StartCheck(f"{what} is no Ed25519 key")
    return True

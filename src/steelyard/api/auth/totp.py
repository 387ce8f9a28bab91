"""Codes of an authenticator: RFC 6238 with SHA-1, six digits, steps of 30 s, one step either way.

Each step is good once: the store decides that, since several gateways look at it.
"""

import base64
import hmac
import secrets
from urllib.parse import quote

STEP_SECONDS = 30
SECRET_BYTES = 20


def new_secret() -> bytes:
    """Draw the secret that the authenticator shares with us."""
    return secrets.token_bytes(SECRET_BYTES)


def code(secret: bytes, step: int) -> str:
    """Give the six digits of a step.

    >>> code(b"12345678901234567890", 59 // 30)
    '287082'
    """
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


def step_of(secret: bytes, given: str, *, now_s: int) -> int | None:
    """Give the step that a code is of, from the one before now to the one after; None where it is none."""
    found = None
    for step in (now_s // STEP_SECONDS + near for near in (-1, 0, 1)):
        if hmac.compare_digest(code(secret, step).encode(), given.encode()):
            found = step
    return found


def text(secret: bytes) -> str:
    """Give a secret as people type it into an authenticator."""
    return base64.b32encode(secret).decode()


def address(secret: bytes, *, person: str, network: str) -> str:
    """Give the otpauth address that authenticators read from a picture."""
    issuer = quote(f"Steelyard {network}")
    return f"otpauth://totp/{issuer}:{quote(person)}?secret={text(secret)}&issuer={issuer}"

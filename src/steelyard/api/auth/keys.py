"""API keys: `sk_<env>_<id>_<secret>`, kept as the SHA-256 of the secret, shown once, revocable at once.

A key belongs to an actor of the state (a person, or a system key) and is bound to that actor's BIC. Look-ups
are remembered for a second at most, so a revoked key is dead within a second in every gateway.
"""

import ipaddress
import re
import secrets
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from hmac import compare_digest
from typing import NamedTuple

from steelyard.api.auth.caller import KEY, Caller
from steelyard.api.auth.secret import Secret
from steelyard.api.problems import ProblemError
from steelyard.members.people import REVOKED
from steelyard.members.state import Members
from steelyard.storage.access import Access, ApiKey
from steelyard.values.instants import DAY

REMEMBERED_SECONDS = 1.0
REMEMBERED_MAX = 10_000
DAYS_MAX = 400
_FORM = re.compile(r"sk_([a-z]{1,12})_([0-9a-f]{16})_([0-9a-f]{64})")


class Made(NamedTuple):
    """A new key, and its text that nobody sees again."""

    key: ApiKey
    text: Secret


def make(
    *,
    env: str,
    owner: str,
    holder: str,
    scopes: tuple[str, ...] = (),
    addresses: tuple[str, ...] = (),
    label: str = "",
    at: int,
    days: int,
) -> Made:
    """Draw a key that is good for `days`; `env` is the node's profile."""
    if not 1 <= days <= DAYS_MAX:
        raise ValueError(f"a key is good for 1 to {DAYS_MAX} days")
    id, secret = secrets.token_hex(8), secrets.token_hex(32)
    row = ApiKey(
        id, sha256(secret.encode()).digest(), owner, holder, scopes, addresses, label, at, at + days * DAY
    )
    return Made(row, Secret(f"sk_{env}_{id}_{secret}"))


class KeyRing:
    """Tells whose a key is."""

    def __init__(
        self, access: Access, *, env: str, wall: Callable[[], int], monotonic: Callable[[], float]
    ) -> None:
        self._access = access
        self._env = env
        self._wall, self._monotonic = wall, monotonic
        self._known: dict[bytes, tuple[float, ApiKey]] = {}

    def caller(self, text: str, members: Members, *, address: str) -> Caller:
        """Give the caller whose key this is, or raise the problem that says which check failed."""
        form = _FORM.fullmatch(text)
        if form is None:
            raise refused("key-malformed")
        env, id, secret = form.groups()
        if env != self._env:
            raise refused("key-of-another-environment")
        key = self._look(id, secret)
        if key.revoked_at:
            raise refused("key-revoked")
        if not key.holds(self._wall()):
            raise refused("key-expired")
        if key.addresses and not _is_within(address, key.addresses):
            raise refused("address-not-allowed")
        actor = members.actors.get(key.holder)
        if actor is None or actor.state == REVOKED or actor.owner != key.owner:
            raise refused("holder-may-not-act")
        narrowed = bool(key.scopes or key.addresses)
        return Caller(
            actor.id, actor.owner, actor.kind, actor.roles, KEY, key.id, key.scopes, is_narrowed=narrowed
        )  # fmt: skip

    def forget(self) -> None:
        """Forget what is remembered: after a key was made or revoked here."""
        self._known.clear()

    def _look(self, id: str, secret: str) -> ApiKey:
        """Give the key of an id if the secret is its own; the same refusal where there is none."""
        digest = sha256(secret.encode()).digest()
        until, key = self._known.get(digest, (0.0, None))
        if key is None or key.id != id or until <= self._monotonic():
            found = self._access.key(id)
            if not compare_digest(digest, found.secret_hash if found is not None else bytes(32)):
                raise refused("key-unknown")
            assert found is not None
            key = found
            if len(self._known) >= REMEMBERED_MAX:
                self._known.clear()
            self._known[digest] = (self._monotonic() + REMEMBERED_SECONDS, key)
        return key


def refused(code: str) -> ProblemError:
    """Make the problem of a caller who is not let in."""
    return ProblemError("not-authenticated", code=code, headers={"WWW-Authenticate": "Bearer"})


@lru_cache(maxsize=4096)
def _is_within(address: str, networks: tuple[str, ...]) -> bool:
    try:
        found = ipaddress.ip_address(address)
        return any(found in ipaddress.ip_network(network, strict=False) for network in networks)
    except ValueError:
        return False

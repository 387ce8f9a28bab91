"""Actors: persons and system keys, who they act for and in which roles.

No name and no address of a person is here. `human` is a keyed digest that a gateway makes of who the person
is; two persons or keys of one human count as one wherever two people are needed.
"""

import re

from msgspec import Struct

from steelyard.members.roles import Role
from steelyard.values.instants import Instant

PERSON, KEY = "person", "key"
ACTIVE, REVOKED = "active", "revoked"
FOR_EVER = 1 << 62

_ID = re.compile(r"[pk]-[A-Za-z0-9-]{1,40}")


class Actor(Struct, array_like=True, frozen=True):
    """One person or system key. `holder` is the person who holds a key, empty for a person.

    `public_key` is 32 bytes of Ed25519 or empty; `credential` the digest of a credential kept elsewhere or
    empty. It may act from `valid_from` until before `valid_to`.
    """

    id: str
    owner: str
    kind: str
    roles: tuple[Role, ...]
    state: str = ACTIVE
    holder: str = ""
    human: bytes = b""
    public_key: bytes = b""
    credential: bytes = b""
    valid_from: Instant = 0
    valid_to: Instant = FOR_EVER


def id_is_shaped(id: str, kind: str) -> bool:
    """Tell whether an id is one of a person or of a key.

    >>> id_is_shaped("p-ana", PERSON), id_is_shaped("p-ana", KEY), id_is_shaped("p-", PERSON)
    (True, False, False)
    """
    return _ID.fullmatch(id) is not None and id[0] == kind[0]

"""The requests for quotes of one node, by id."""

import msgspec
from msgspec import Struct

from steelyard.market.rfq import Rfq

RFQS_MAX = 10_000
OF_REQUESTER_MAX = 100
DEALERS_MAX = 50
ANSWERS_MAX = 200


class Rfqs:
    """Requests under way, in the order in which they were made."""

    __slots__ = ("live",)

    def __init__(self) -> None:
        self.live: dict[bytes, Rfq] = {}

    def of(self, requester: str) -> int:
        """Count the requests that somebody has under way."""
        return sum(1 for one in self.live.values() if one.requester == requester)

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return msgspec.msgpack.encode(_Saved(list(self.live.values())))

    @classmethod
    def decode(cls, data: bytes) -> "Rfqs":
        """Build what `encode` described."""
        rfqs = cls()
        rfqs.live = {one.rfq_id: one for one in msgspec.msgpack.decode(data, type=_Saved).live}
        return rfqs


class _Saved(Struct, array_like=True, frozen=True, gc=False):
    live: list[Rfq]

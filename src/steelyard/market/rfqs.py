"""The requests for quotes of one node, by id."""

from msgspec import Struct

from steelyard.market.rfq import Answer, Rfq
from steelyard.values.wide import packed, unpacked

RFQS_MAX = 10_000
OF_REQUESTER_MAX = 100
DEALERS_MAX = 50
ANSWERS_MAX = 200
OF_DEALER_MAX = 20
"""Answers of one dealer to a request: nobody fills it alone"""


class Rfqs:
    """Requests under way, in the order in which they were made."""

    __slots__ = ("_home", "live")

    def __init__(self) -> None:
        self.live: dict[bytes, Rfq] = {}
        self._home: dict[bytes, Rfq] = {}

    def put(self, rfq: Rfq, answer: Answer) -> None:
        """Keep an answer to a request."""
        rfq.answers.append(answer)
        self._home[answer.answer_id] = rfq

    def drop(self, rfq: Rfq, answer: Answer) -> None:
        """Forget an answer."""
        rfq.answers.remove(answer)
        del self._home[answer.answer_id]

    def answered(self, answer_id: bytes) -> tuple[Rfq, Answer] | None:
        """Give an answer and its request."""
        rfq = self._home.get(answer_id)
        if rfq is None:
            return None
        return rfq, next(one for one in rfq.answers if one.answer_id == answer_id)

    def of(self, requester: str) -> int:
        """Count the requests that somebody has under way."""
        return sum(1 for one in self.live.values() if one.requester == requester)

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return packed(_Saved(list(self.live.values())))

    @classmethod
    def decode(cls, data: bytes) -> "Rfqs":
        """Build what `encode` described."""
        rfqs = cls()
        rfqs.live = {one.rfq_id: one for one in unpacked(data, _Saved).live}
        rfqs._home = {answer.answer_id: one for one in rfqs.live.values() for answer in one.answers}
        return rfqs


class _Saved(Struct, array_like=True, frozen=True, gc=False):
    live: list[Rfq]

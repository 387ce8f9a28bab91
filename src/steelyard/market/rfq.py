"""Requests for quotes: who asks what of whom, what dealers answer, which answer is the best.

A request is for receipts of one class, up to so many kg. Its side may be hidden: then dealers name both a bid and an
ask, or the one they want to. No answer is no answer; an answer ends at its own time or with the request. The best
price stands first, of equal prices the earlier answer.
"""

from collections.abc import Iterable
from fractions import Fraction

from msgspec import Struct

from steelyard.values.instants import Instant

BUY, SELL, HIDDEN = "buy", "sell", ""
SIDES = (BUY, SELL, HIDDEN)
KG_PER_T = 1_000


class Answer(Struct, array_like=True, frozen=True, gc=False):
    """What a dealer answers: prices per tonne in the request's currency, 0 for none.

    `receipt_id` is what he sells at `ask_minor`, whole; `kg_max` what he buys at `bid_minor`.
    """

    answer_id: bytes
    dealer: str
    bid_minor: int
    ask_minor: int
    receipt_id: bytes
    kg_max: int
    answered_at: Instant
    valid_until: Instant
    held: bytes = b""
    """Bundle that sets the money of the bid aside"""


class Rfq(Struct, array_like=True, gc=False):
    """One request under way. `dealers` are empty where everybody may answer; `kg` is what is still wanted."""

    rfq_id: bytes
    requester: str
    dealers: tuple[str, ...]
    code: str
    kg: int
    side: str
    currency: str
    valid_until: Instant
    answers: list[Answer] = []

    def asks(self, dealer: str) -> bool:
        """Tell whether a dealer may answer."""
        return dealer != self.requester and (not self.dealers or dealer in self.dealers)


def amount_minor(kg: int, price_minor: int) -> int:
    """Give what so many kg cost at a price per tonne, rounded half-even.

    >>> amount_minor(2_500, 24_101), amount_minor(500, 1), amount_minor(1_500, 1)
    (60252, 0, 2)
    """
    return round(Fraction(kg * price_minor, KG_PER_T))


def ranked(answers: Iterable[Answer], side: str, *, at: Instant) -> list[Answer]:
    """Give the answers that a buyer, or a seller, may take now: the best price first, then the earlier.

    >>> one = Answer(b"1", "A", 99, 101, b"r", 5, 1, 9)
    >>> two = Answer(b"2", "B", 99, 100, b"s", 5, 2, 9)
    >>> [o.dealer for o in ranked([one, two], BUY, at=3)], [o.dealer for o in ranked([two, one], SELL, at=3)]
    (['B', 'A'], ['A', 'B'])
    """
    open_ones = [one for one in answers if at < one.valid_until]
    if side == BUY:
        return sorted(
            (one for one in open_ones if one.ask_minor),
            key=lambda one: (one.ask_minor, one.answered_at, one.answer_id),
        )
    return sorted(
        (one for one in open_ones if one.bid_minor),
        key=lambda one: (-one.bid_minor, one.answered_at, one.answer_id),
    )

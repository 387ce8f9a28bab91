"""A delivery: its life as a table, who is assigned to whom, and what a failure costs.

Receipts are locked from the moment the seller names them to the end. Deadlines are data of the delivery: each ends
the state that waits for it. After settlement nothing is turned back: goods that do not come are a claim on the
warehouse. Every other end gives back lock and reservations in the command that brings it.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from fractions import Fraction

from msgspec import Struct

from steelyard.values.instants import Instant
from steelyard.values.rate import Rounding, rounded

PENALTY_BP = 500
BP = 10_000


class DeliveryState(StrEnum):
    """Where a delivery is."""

    INTENDED = "INTENDED"
    MATCHED = "MATCHED"
    NOTIFIED = "NOTIFIED"
    CERTIFIED = "CERTIFIED"
    INVOICED = "INVOICED"
    FUNDED = "FUNDED"
    SETTLED = "SETTLED"
    LOADING = "LOADING"
    LOADED = "LOADED"
    CLOSED = "CLOSED"
    DISPUTED = "DISPUTED"
    ALTERNATIVE = "ALTERNATIVE"
    SELLER_FAILED = "SELLER_FAILED"
    BUYER_FAILED = "BUYER_FAILED"
    BUY_IN = "BUY_IN"
    SELL_OUT = "SELL_OUT"
    FORCE_MAJEURE = "FORCE_MAJEURE"
    CANCELLED = "CANCELLED"


class DeliveryEvent(StrEnum):
    """What can happen to a delivery."""

    OPENED = "OPENED"
    ASSIGNED = "ASSIGNED"
    NOTICED = "NOTICED"
    CERTIFIED = "CERTIFIED"
    AGREED = "AGREED"
    OUTSIDE_CONTRACT = "OUTSIDE_CONTRACT"
    INVOICED = "INVOICED"
    OBJECTED = "OBJECTED"
    FUNDED = "FUNDED"
    APPLIED = "APPLIED"
    REFUSED = "REFUSED"
    ORDERED_OUT = "ORDERED_OUT"
    LOADED = "LOADED"
    RECEIVED = "RECEIVED"
    LATE = "LATE"
    LAPSED = "LAPSED"
    HINDERED = "HINDERED"
    RESUMED = "RESUMED"
    AUCTIONED = "AUCTIONED"
    COVERED = "COVERED"
    PART_COVERED = "PART_COVERED"
    UNSOLD = "UNSOLD"
    RULED_CERTIFIED = "RULED_CERTIFIED"
    RULED_CLOSED = "RULED_CLOSED"
    RULED_CANCELLED = "RULED_CANCELLED"


S, E = DeliveryState, DeliveryEvent
_RULED = {E.RULED_CERTIFIED: S.CERTIFIED, E.RULED_CLOSED: S.CLOSED, E.RULED_CANCELLED: S.CANCELLED}
_HINDERED = {E.HINDERED: S.FORCE_MAJEURE}
STEPS: dict[DeliveryState, dict[DeliveryEvent, DeliveryState]] = {
    S.INTENDED: {E.ASSIGNED: S.MATCHED, E.LATE: S.SELLER_FAILED, E.LAPSED: S.CANCELLED, **_HINDERED},
    S.MATCHED: {E.NOTICED: S.NOTIFIED, **_HINDERED},
    S.NOTIFIED: {
        E.CERTIFIED: S.CERTIFIED,
        E.AGREED: S.ALTERNATIVE,
        E.OUTSIDE_CONTRACT: S.SELLER_FAILED,
        E.LATE: S.SELLER_FAILED,
        **_HINDERED,
    },
    S.CERTIFIED: {E.INVOICED: S.INVOICED, E.OBJECTED: S.DISPUTED, **_HINDERED},
    S.INVOICED: {E.FUNDED: S.FUNDED, E.LATE: S.BUYER_FAILED, **_HINDERED},
    S.FUNDED: {E.APPLIED: S.SETTLED, E.REFUSED: S.DISPUTED, **_HINDERED},
    S.SETTLED: {E.ORDERED_OUT: S.LOADING},
    S.LOADING: {E.LOADED: S.LOADED},
    S.LOADED: {E.RECEIVED: S.CLOSED},
    S.DISPUTED: {**_RULED, **_HINDERED},
    S.ALTERNATIVE: {**_RULED, **_HINDERED},
    S.SELLER_FAILED: {E.AUCTIONED: S.BUY_IN, **_RULED},
    S.BUYER_FAILED: {E.AUCTIONED: S.SELL_OUT, **_RULED},
    S.BUY_IN: {E.COVERED: S.CLOSED, E.PART_COVERED: S.SELLER_FAILED, E.UNSOLD: S.SELLER_FAILED},
    S.SELL_OUT: {E.COVERED: S.CLOSED, E.PART_COVERED: S.BUYER_FAILED, E.UNSOLD: S.BUYER_FAILED},
    S.FORCE_MAJEURE: {E.LATE: S.CANCELLED, **_RULED},  # RESUMED leads back to the state before
    S.CLOSED: {},
    S.CANCELLED: {},
}
ENDS = (S.CLOSED, S.CANCELLED)
FAILURES = (S.SELLER_FAILED, S.BUYER_FAILED)
AUCTIONS = (S.BUY_IN, S.SELL_OUT)


class Deadlines(Struct, array_like=True, frozen=True, gc=False):
    """By when, exclusive: ns since 1970, 0 for never. `extension_ns` is what force majeure adds, once."""

    assign_by: Instant = 0
    """Receipts are named by noon of the tender day"""
    certify_by: Instant = 0
    object_by: Instant = 0
    """Until then a certificate may be objected to; then it is invoiced"""
    fund_by: Instant = 0
    extension_ns: int = 0

    def later(self) -> "Deadlines":
        """Give the deadlines as force majeure moves them; it has no more to give then."""
        more = self.extension_ns
        moved = [
            one + more if one else 0
            for one in (self.assign_by, self.certify_by, self.object_by, self.fund_by)
        ]
        return Deadlines(*moved)

    def of(self, state: DeliveryState) -> Instant:
        """Give when a state ends by itself; MATCHED, FUNDED and failures do not."""
        return {
            S.INTENDED: self.assign_by,
            S.NOTIFIED: self.certify_by,
            S.CERTIFIED: self.object_by,
            S.INVOICED: self.fund_by,
        }.get(state, 0)


def step(
    state: DeliveryState, event: DeliveryEvent, *, before: DeliveryState = S.CANCELLED
) -> DeliveryState | None:
    """Give the state that follows, or None where the event has no place there.

    >>> step(DeliveryState.FUNDED, DeliveryEvent.REFUSED), step(DeliveryState.SETTLED, DeliveryEvent.HINDERED)
    (<DeliveryState.DISPUTED: 'DISPUTED'>, None)
    """
    if state is S.FORCE_MAJEURE and event is E.RESUMED:
        return before
    return STEPS[state].get(event)


def assign_deliveries(notices: int, longs: Iterable[Sequence[str | int]]) -> dict[str, int]:
    """Deal lots that are to be delivered out to the longs (id, day, lots): oldest first, inside a day pro rata.

    Pro rata is by size, with the largest remainders rounded up and ties by id. An id may stand in several days; one
    that gets nothing is left out. What exceeds all longs is assigned to nobody: the sum is min(notices, all longs).

    >>> assign_deliveries(18, [("P", 1, 10), ("Q", 2, 9), ("R", 2, 6)])
    {'P': 10, 'Q': 5, 'R': 3}
    """
    days: dict[int, dict[str, int]] = {}
    for who, day, lots in longs:
        same = days.setdefault(int(day), {})
        same[str(who)] = same.get(str(who), 0) + int(lots)
    dealt: dict[str, int] = {}
    for day in sorted(days):
        for who, lots in pro_rata(notices, days[day]).items():
            dealt[who] = dealt.get(who, 0) + lots
            notices -= lots
    return dealt


def pro_rata(total: int, sizes: dict[str, int]) -> dict[str, int]:
    """Deal a total out by size, none above its own; largest remainder first, ties by id, nobody with nothing.

    >>> pro_rata(8, {"Q": 9, "R": 6})
    {'Q': 5, 'R': 3}
    """
    whole = sum(sizes.values())
    if total >= whole:
        return {who: sizes[who] for who in sorted(sizes) if sizes[who]}
    dealt = {who: total * sizes[who] // whole for who in sorted(sizes)}
    rest = total - sum(dealt.values())
    for who in sorted(sizes, key=lambda one: (-(total * sizes[one] % whole), one))[:rest]:
        dealt[who] += 1
    return {who: lots for who, lots in dealt.items() if lots}


def failure_minor(
    *, kg: int, price: Fraction | int, market: Fraction | int, price_kg: int, seller_failed: bool
) -> int:
    """Give what a party that failed owes the other: the difference to the market, if against it, and 5 %.

    `price` was agreed, `market` is what the buy-in (for the seller) or sell-out (for the buyer) came to, both in
    minor units for `price_kg` kg. The five percent are of the value agreed. Rounded once, half-even.

    >>> failure_minor(kg=50_000, price=24_000, market=25_000, price_kg=1_000, seller_failed=True)
    110000
    >>> failure_minor(kg=50_000, price=24_000, market=25_000, price_kg=1_000, seller_failed=False)
    60000
    """
    gap = Fraction(market) - price if seller_failed else Fraction(price) - market
    due = (max(gap, Fraction(0)) + Fraction(price) * Fraction(PENALTY_BP, BP)) * Fraction(kg, price_kg)
    return rounded(due.numerator, due.denominator, Rounding.HALF_EVEN)

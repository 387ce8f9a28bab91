"""Facts as plain tuples: a number that names the fact, then its fields. No object is made where many are worked off.

`FACTS` says which is which; `fact` makes the object of a tuple.
"""

from typing import Any

from steelyard.market import orders as o

Raw = tuple[Any, ...]

FACTS: tuple[type[o.Fact], ...] = (
    o.Accepted,
    o.Refused,
    o.Trade,
    o.Cancelled,
    o.CancelRejected,
    o.Replaced,
    o.ReplaceRejected,
    o.Decremented,
    o.Released,
    o.PhaseChanged,
    o.PhaseRejected,
    o.VolatilityCall,
    o.Auction,
    o.CallExtended,
)
(
    ACCEPTED,
    REFUSED,
    TRADE,
    CANCELLED,
    CANCEL_REJECTED,
    REPLACED,
    REPLACE_REJECTED,
    DECREMENTED,
    RELEASED,
    PHASE_CHANGED,
    PHASE_REJECTED,
    VOLATILITY_CALL,
    AUCTION,
    CALL_EXTENDED,
) = range(len(FACTS))

ANSWERS = frozenset([ACCEPTED, REFUSED, CANCEL_REJECTED, REPLACED, REPLACE_REJECTED])


def is_answer(raw: Raw) -> bool:
    """Tell whether a fact answers a new order, a cancel or a replacement; each has exactly one, and it comes first.

    >>> is_answer((CANCELLED, 7, 5, o.Why.ASKED)), is_answer((CANCELLED, 7, 5, o.Why.REST))
    (True, False)
    """
    return raw[0] in ANSWERS or (raw[0] == CANCELLED and raw[3] == o.Why.ASKED)


def fact(raw: Raw) -> o.Fact:
    """Make the fact of a tuple.

    >>> fact((ACCEPTED, 7))
    Accepted(order_id=7)
    """
    made: o.Fact = FACTS[raw[0]](*raw[1:])
    return made

"""The phases of a trading day: what may be done in each, and which may follow which.

All of it is in the two tables below; the book only reads them. A call ends by the uncross, which also happens
when somebody sets a matching phase in a call: nothing leaves a call with orders that cross.
"""

from enum import IntEnum
from typing import NamedTuple

from steelyard.values.instants import SECOND

CLOSE_SPREAD = 30 * SECOND
"""A call ends at most so much after its time, by chance that nobody can know before."""


class Phase(IntEnum):
    """Where the trading of an instrument is."""

    CLOSED = 0
    PRE_OPEN = 1
    OPENING_CALL = 2
    CLOSING_CALL = 3
    VOLATILITY_CALL = 4
    CONTINUOUS = 5
    POST_CLOSE = 6
    HALT = 7
    DELIVERY_MONTH = 8


class Rules(NamedTuple):
    """What a phase allows."""

    entry: bool
    cancel: bool
    """In CLOSED of orders that are good till cancelled alone"""
    match: bool
    call: bool = False


P = Phase
RULES: dict[Phase, Rules] = {
    P.CLOSED: Rules(entry=False, cancel=True, match=False),
    P.PRE_OPEN: Rules(entry=True, cancel=True, match=False),
    P.OPENING_CALL: Rules(entry=True, cancel=True, match=False, call=True),
    P.CLOSING_CALL: Rules(entry=True, cancel=True, match=False, call=True),
    P.VOLATILITY_CALL: Rules(entry=True, cancel=True, match=False, call=True),
    P.CONTINUOUS: Rules(entry=True, cancel=True, match=True),
    P.POST_CLOSE: Rules(entry=True, cancel=True, match=True),
    P.HALT: Rules(entry=False, cancel=True, match=False),
    P.DELIVERY_MONTH: Rules(entry=True, cancel=True, match=True),
}
CALLS = frozenset(phase for phase, rules in RULES.items() if rules.call)

_AFTER_CALL = (P.CONTINUOUS, P.DELIVERY_MONTH, P.POST_CLOSE, P.CLOSED, P.HALT)
_TRADING = (P.OPENING_CALL, P.CLOSING_CALL, P.VOLATILITY_CALL, P.POST_CLOSE, P.CLOSED, P.HALT)
STEPS: dict[Phase, tuple[Phase, ...]] = {
    P.CLOSED: (P.PRE_OPEN, P.OPENING_CALL, P.HALT),
    P.PRE_OPEN: (P.OPENING_CALL, P.CLOSED, P.HALT),
    P.OPENING_CALL: _AFTER_CALL,
    P.CLOSING_CALL: _AFTER_CALL,
    P.VOLATILITY_CALL: _AFTER_CALL,
    P.CONTINUOUS: (*_TRADING, P.DELIVERY_MONTH),
    P.DELIVERY_MONTH: _TRADING,
    P.POST_CLOSE: (P.CLOSED, P.HALT),
    P.HALT: (P.OPENING_CALL, P.CLOSING_CALL, P.VOLATILITY_CALL, P.CLOSED),
}


def may_follow(phase: Phase, then: Phase) -> bool:
    """Tell whether a phase may follow another.

    >>> may_follow(Phase.HALT, Phase.CONTINUOUS), may_follow(Phase.HALT, Phase.OPENING_CALL)
    (False, True)
    """
    return then in STEPS[phase]

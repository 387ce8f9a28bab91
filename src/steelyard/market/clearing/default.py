"""When a member fails: the case as a table, the auction of its portfolio, and who bears what it lacks.

    suspend    it adds no position any more; a case opens
    hedge      bids that the house names are executed at their own prices, so that the portfolio moves less
    auction    what is left is sold in one call auction per contract, the portfolio as a market order; then, as far as
               losses need it, the receipts that it has lodged, each in a call of its own
    tear up    what nobody bought ends at the last settlement price, against those on the other side, pro rata
    cover      the loss goes down the waterfall; shares of members that made no bid may be used up first
    report     the case is over, and the member is expelled or let back

A member that stands above a position limit and does not reduce has a case of another kind, about one contract: it is
in REDUCING until what is too much has been sold in the same way, and nothing else of it is touched.

Each step is an order of two persons with a report (its SHA-256 is kept), and has a deadline: a step that is late is
told to the operator, and told again, but never done by itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from steelyard.market.auctions.call import CallOrder, uncross
from steelyard.values.instants import Instant

BIDS_MAX = 1_000
"""Bids that a case holds"""
OWN_BIDS_MAX = 50
"""Bids of one member in it: nobody fills it alone"""


class CaseState(StrEnum):
    """Where a case is."""

    SUSPENDED = "SUSPENDED"
    HEDGED = "HEDGED"
    UNSOLD = "UNSOLD"
    SOLD = "SOLD"
    COVERED = "COVERED"
    REDUCING = "REDUCING"
    CLOSED = "CLOSED"


class CaseEvent(StrEnum):
    """What can happen to a case."""

    CURED = "CURED"
    HEDGED = "HEDGED"
    ALL_SOLD = "ALL_SOLD"
    LOTS_LEFT = "LOTS_LEFT"
    TORN_UP = "TORN_UP"
    COVERED = "COVERED"
    EXPELLED = "EXPELLED"
    READMITTED = "READMITTED"


S, E = CaseState, CaseEvent
STEPS: dict[CaseState, dict[CaseEvent, CaseState]] = {
    S.SUSPENDED: {E.CURED: S.CLOSED, E.HEDGED: S.HEDGED},
    S.HEDGED: {E.ALL_SOLD: S.SOLD, E.LOTS_LEFT: S.UNSOLD},
    S.UNSOLD: {E.ALL_SOLD: S.SOLD, E.LOTS_LEFT: S.UNSOLD, E.TORN_UP: S.SOLD},
    S.SOLD: {E.COVERED: S.COVERED},
    S.COVERED: {E.EXPELLED: S.CLOSED, E.READMITTED: S.CLOSED},
    S.REDUCING: {E.CURED: S.CLOSED, E.ALL_SOLD: S.CLOSED, E.LOTS_LEFT: S.REDUCING},
    S.CLOSED: {},
}
STEPS_KEPT = 64
TAKES_BIDS = (S.SUSPENDED, S.HEDGED, S.UNSOLD, S.REDUCING)


def step(state: CaseState, event: CaseEvent) -> CaseState | None:
    """Give the state that follows, or None where the event has no place there.

    >>> step(CaseState.SOLD, CaseEvent.COVERED), step(CaseState.SUSPENDED, CaseEvent.COVERED)
    (<CaseState.COVERED: 'COVERED'>, None)
    """
    return STEPS[state].get(event)


class Bid(Struct, array_like=True, frozen=True, gc=False):
    """A member's bid for lots of the portfolio (below zero: it sells), at the worst price it takes."""

    number: int
    member: str
    contract: str
    lots: int
    price: int


class GoodsBid(Struct, array_like=True, frozen=True, gc=False):
    """A member's bid for a receipt that the defaulter has lodged, whole, at a price a tonne."""

    number: int
    member: str
    receipt_id: bytes
    price: int


class Done(Struct, array_like=True, frozen=True, gc=False):
    """A step that was done, and the SHA-256 of its report."""

    event: str
    at: Instant
    report: bytes


class Borne(Struct, array_like=True, frozen=True, gc=False):
    """What the waterfall has taken for a case in one currency, layer by layer."""

    asset: str
    loss: str
    """decimal text: a sum of many claims"""
    margin: int
    own_fund: int
    capital: int
    survivors: dict[str, int]
    assessments: dict[str, int]
    gains: dict[str, int]
    uncovered: str


class Converted(Struct, array_like=True, frozen=True, gc=False):
    """Cash of the defaulter that a provider took for another currency, at its firm quote."""

    source: str
    paid_minor: int
    asset: str
    got_minor: int
    provider: str


class Case(Struct, array_like=True, gc=False):
    """The default of one member, or (with a `contract`) the reduction of its lots to a limit."""

    case_id: bytes
    number: int
    member: str
    opened_at: Instant
    step_ms: int
    """how long each step may take"""
    due_at: Instant
    state: CaseState = S.SUSPENDED
    bid_count: int = 0
    bids: list[Bid] = []
    bidders: list[str] = []
    """Members whose bids were taken for a hedge or stood in an auction, in the order in which they did"""
    steps: list[Done] = []
    borne: list[Borne] = []
    contract: str = ""
    converted: list[Converted] = []
    goods: list[GoodsBid] = []

    def note(self, event: str, at: Instant, report: bytes) -> None:
        """Note a step; of many auctions in a row the newest stay here, all of them in the journal."""
        self.steps = [*self.steps[:1], *self.steps[1:][2 - STEPS_KEPT :], Done(event, at, report)]


class Sale(NamedTuple):
    """Lots that a member takes over (below zero: it is the seller), at a price."""

    contract: str
    member: str
    lots: int
    price: int


def auction(
    portfolio: Mapping[str, int],
    bids: Iterable[Bid],
    *,
    references: Mapping[str, int],
    ticks: Mapping[str, int],
) -> list[Sale]:
    """Sell a portfolio, contract by contract, each in one call auction; lots below zero are bought back.

    The portfolio is a market order. Bids on its own side do not meet it and stay outside.

    >>> auction({"SEP": 5}, [Bid(1, "A", "SEP", 3, 200), Bid(2, "B", "SEP", 9, 195)], references={"SEP": 210},
    ...     ticks={"SEP": 1})
    [Sale(contract='SEP', member='A', lots=3, price=195), Sale(contract='SEP', member='B', lots=2, price=195)]
    """
    bids = list(bids)
    sales = []
    for contract in sorted(portfolio):
        lots = portfolio[contract]
        side = 1 if lots > 0 else -1
        theirs = [one for one in bids if one.contract == contract and one.lots * side > 0]
        orders = [CallOrder(str(one.number), one.price, abs(one.lots), one.number) for one in theirs]
        own = [CallOrder("", None, abs(lots), 0)] if lots else []
        done = uncross(
            orders if side > 0 else own,
            own if side > 0 else orders,
            reference=references.get(contract),
            tick=ticks[contract],
        )
        if done is None or not own:
            continue
        names = {str(one.number): one.member for one in theirs}
        for trade in done.trades:
            bidder = names[trade.buy if side > 0 else trade.sell]
            sales.append(Sale(contract, bidder, side * trade.quantity, done.price))
    return sales


def hedge(bids: Sequence[Bid], chosen: Iterable[int]) -> list[Sale]:
    """Give the sales that the named bids are, each whole at its own price."""
    wanted = sorted(set(chosen))
    by_number = {one.number: one for one in bids}
    return [
        Sale(one.contract, one.member, one.lots, one.price)
        for number in wanted
        if (one := by_number.get(number)) is not None
    ]

"""What stays with whom: the surplus of one-way relations, by pair of members and by holder and foreign currency.

A relation is what came in and what went out, day by day. From it alone follow balance, flows of the last 1, 30,
90 and 365 days, and how old what is left is: the oldest money is spent first, so its age is that of the latest
inflows. Three figures stand on top: what clears if only pairs offset each other, what clears if the whole network
does, and the rest. Netting cures only a part of an imbalance: the rest needs trade the other way, lines or
investment, and the report says so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from steelyard.liquidity.algorithms.reference_book import circulation
from steelyard.liquidity.solver import FlowSolver

WINDOWS = (1, 30, 90, 365)
"""Days, today included, over which inflow and outflow are summed."""
AGES = (7, 30, 90, 180)
"""The oldest day of each age bucket; a last one takes what is older."""
WHOLE_BP = 10_000
NEAR_BP = 8_000
"""Share of a cap from which it counts as near."""


class Moved(NamedTuple):
    """What came in and went out of one relation on one day, minor units, >= 0."""

    on: int
    inflow_minor: int
    outflow_minor: int


class Use(NamedTuple):
    """What may be used or held at most, and what is."""

    cap_minor: int
    used_minor: int

    @property
    def share_bp(self) -> int:
        """Give the share in use, rounded down; all where the cap is nothing and something is used."""
        if self.cap_minor:
            return self.used_minor * WHOLE_BP // self.cap_minor
        return WHOLE_BP if self.used_minor else 0


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation as it came to be: `holder` against a member, or with a foreign currency (`other`).

    `opening_minor` is what was there before the first day listed, at `opened_on`; below 0 the holder owed it.
    Days may be listed more than once and in any sequence.
    """

    holder: str
    other: str
    moved: tuple[Moved, ...]
    opening_minor: int = 0
    opened_on: int = 0
    lines: Use | None = None
    holding: Use | None = None


@dataclass(frozen=True, slots=True)
class Surplus:
    """One row of the report; tuples follow `WINDOWS` and `AGES` (+ older).

    `ages` sum to the balance where that is above 0, else to nothing. `spent_bp` is the share of the last 365
    days' inflow that has gone out again, None without inflow. `cap_is` is "", "near" or "reached".
    """

    holder: str
    other: str
    balance_minor: int
    inflow_minor: tuple[int, ...]
    outflow_minor: tuple[int, ...]
    ages: tuple[int, ...]
    spent_bp: int | None
    lines: Use | None
    holding: Use | None
    cap_is: str


@dataclass(frozen=True, slots=True)
class Clearing:
    """How much of what is owed would clear, in one unit: if only pairs offset, and if the whole network nets."""

    total: int
    pair_only: int
    network: int

    @property
    def remainder(self) -> int:
        """Give what no netting cures."""
        return self.total - self.network

    def shares_bp(self) -> tuple[int, int, int]:
        """Give the three figures in basis points of the total: cleared by pairs and by the network rounded down."""
        if not self.total:
            return 0, 0, 0
        pairs, network = (part * WHOLE_BP // self.total for part in (self.pair_only, self.network))
        return pairs, network, WHOLE_BP - network

    def sentence(self) -> str:
        """Say what the figures mean.

        >>> Clearing(1000, 705, 769).sentence().partition(": ")[2]
        'pairs alone clear 70.5 %, the whole network 76.9 %; 23.1 % needs trade, lines or investment.'
        """
        pairs, network, _ = (share // 10 for share in self.shares_bp())
        parts = pairs, network, 1000 - network if self.total else 0
        pair_text, network_text, rest_text = (f"{part // 10}.{part % 10} %" for part in parts)
        return (
            f"Netting cures only a part: pairs alone clear {pair_text}, the whole network {network_text}; "
            f"{rest_text} needs trade, lines or investment."
        )


def report(relations: Iterable[Relation], *, on: int) -> tuple[Surplus, ...]:
    """Give a row per relation at the end of a day, ascending by (holder, other); later days do not count."""
    rows = [_row(relation, on) for relation in relations]
    rows.sort(key=lambda row: (row.holder, row.other))
    if len({(row.holder, row.other) for row in rows}) < len(rows):
        raise ValueError("a relation is there twice")
    return tuple(rows)


def clearing(owed: Mapping[tuple[str, str], int], *, solver: FlowSolver) -> Clearing:
    """Give the three figures of what debtors owe creditors, {(debtor, creditor): value}, from exact flows.

    >>> from steelyard.solve.flow import OrToolsFlow
    >>> ring = {("A", "B"): 100, ("B", "A"): 30, ("B", "C"): 50, ("C", "A"): 60}
    >>> clearing(ring, solver=OrToolsFlow())
    Clearing(total=240, pair_only=60, network=210)
    """
    for (debtor, creditor), value in owed.items():
        if type(value) is not int:
            raise TypeError(f"what {debtor} owes {creditor} is no integer")
        if value < 0 or debtor == creditor:
            raise ValueError(f"what {debtor} owes {creditor} is below 0 or owed to itself")
    nodes = tuple(sorted({name for pair in owed for name in pair}))
    number = {name: place for place, name in enumerate(nodes)}
    arcs = [(number[pair[0]], number[pair[1]], value) for pair, value in sorted(owed.items()) if value]
    return Clearing(
        total=sum(owed.values()),
        pair_only=sum(min(value, owed.get((there, here), 0)) for (here, there), value in owed.items()),
        network=circulation(nodes, arcs, solver).value,
    )


def ages(relation: Relation, *, on: int) -> list[tuple[int, int]]:
    """Give what is left of a surplus as (day it came in, minor units), oldest first, by first in, first out.

    A day's inflow is there before its outflow. What went out beyond all there was is owed, and the next inflow
    goes into that first; so the lots sum to the balance where it is above 0, and there are none where it is not.

    >>> ages(Relation("RUS", "INR", (Moved(1, 100, 0), Moved(5, 50, 120))), on=9)
    [(5, 30)]
    """
    lots: list[tuple[int, int]] = []
    first, owing = 0, max(0, -relation.opening_minor)
    if relation.opening_minor > 0:
        lots.append((relation.opened_on, relation.opening_minor))
    for day in sorted(moved for moved in relation.moved if moved.on <= on):
        came = max(0, day.inflow_minor - owing)
        owing = max(0, owing - day.inflow_minor)
        if came:
            lots.append((day.on, came))
        out = day.outflow_minor
        while out and first < len(lots):
            since, left = lots[first]
            taken = min(out, left)
            out -= taken
            lots[first] = since, left - taken
            first += taken == left
        owing += out
    return lots[first:]


def _row(relation: Relation, on: int) -> Surplus:
    _check(relation)
    past = [moved for moved in relation.moved if moved.on <= on]
    windows = [[moved for moved in past if moved.on > on - days] for days in WINDOWS]
    inflow = tuple(sum(moved.inflow_minor for moved in window) for window in windows)
    outflow = tuple(sum(moved.outflow_minor for moved in window) for window in windows)
    lots = ages(relation, on=on)
    buckets = [0] * (len(AGES) + 1)
    for since, minor in lots:
        buckets[sum(on - since > oldest for oldest in AGES)] += minor
    year = on - WINDOWS[-1]
    kept = sum(minor for since, minor in lots if since > year)
    holding = relation.holding
    share = holding.share_bp if holding else 0
    return Surplus(
        holder=relation.holder,
        other=relation.other,
        balance_minor=relation.opening_minor
        + sum(moved.inflow_minor - moved.outflow_minor for moved in past),
        inflow_minor=inflow,
        outflow_minor=outflow,
        ages=tuple(buckets),
        spent_bp=(inflow[-1] - min(kept, inflow[-1])) * WHOLE_BP // inflow[-1] if inflow[-1] else None,
        lines=relation.lines,
        holding=holding,
        cap_is="reached" if share >= WHOLE_BP else "near" if share >= NEAR_BP else "",
    )


def _check(relation: Relation) -> None:
    """Raise TypeError or ValueError on what no report takes."""
    name = f"{relation.holder} with {relation.other}"
    numbers = [number for moved in relation.moved for number in moved]
    if any(type(number) is not int for number in (*numbers, relation.opening_minor, relation.opened_on)):
        raise TypeError(f"a figure of {name} is no integer")
    if any(moved.inflow_minor < 0 or moved.outflow_minor < 0 for moved in relation.moved):
        raise ValueError(f"a flow of {name} is below 0")
    if relation.holder == relation.other:
        raise ValueError(f"{name} is no relation")
    if relation.opening_minor and any(moved.on < relation.opened_on for moved in relation.moved):
        raise ValueError(f"{name} has flows before its opening balance")

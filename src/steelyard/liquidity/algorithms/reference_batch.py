"""A9, the FX batch at reference rates: as much of the orders as comes round in a circle, all at one rate.

Every currency has a value; an order whose limit is worse than the ratio of its two values is left out. What all
sell for what is one network with a node per currency, and its largest circulation is what can be matched: nobody
needs a counterpart that wants exactly the opposite, a ring of three does. Inside a directed pair everybody gets
the same share.

Whole minor units: what a pair sells is rounded down once and dealt pro rata, each credit is rounded down, and
what is then over of a currency goes to its buyers. What lacks, less than one minor unit per pair that sells the
currency, is the residual account's to give, as a rest that nobody bought is its to take.

Source: Fleischman, Dini, "Mathematical foundations for balancing the payment system in the trade credit market",
J. Risk Financial Manag. 14 (2021), for set-off as a circulation; the rounding is our own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from steelyard.liquidity.algorithms.reference_book import Book, match_book, sides_of
from steelyard.liquidity.certificate import Certificate
from steelyard.liquidity.orders import Order, check_orders
from steelyard.liquidity.solver import FlowSolver
from steelyard.liquidity.units import column, value_units

_BY_ID, _BY_SEQ = attrgetter("id"), attrgetter("seq")

Values = Mapping[str, int | Fraction]
Caps = Mapping[tuple[str, str], int]


class Fill(NamedTuple):
    """What an order gave and got: minor units of the currency it sold and of the one it bought."""

    sold_minor: int
    bought_minor: int


@dataclass(frozen=True, slots=True)
class Matched:
    """What a batch matches; values count 10^`digits` units to one unit of the values it was given.

    `fills` holds the orders that give anything, by id; `excess` per currency value wanted less value offered by
    all orders that take the rate, before matching; `residual_minor` what rounding leaves to the residual account
    (below 0: takes from it), where there is any.
    """

    value: int
    gross_value: int
    digits: int
    fills: dict[str, Fill]
    excess: dict[str, int]
    residual_minor: dict[str, int]
    certificate: Certificate


def match_at_reference(
    orders: Iterable[Order],
    values: Values,
    *,
    solver: FlowSolver,
    caps: Caps | None = None,
    snapshot_seq: int = 0,
) -> Matched:
    """Match the largest value of orders at the rates that `values`, worths of a minor unit, make.

    `caps` bounds per (member, currency) the minor units it sells in this batch: its newest orders are cut before
    anything is matched. Ties go to the lower (seq, id), so the sequence of `orders` does not matter.

    >>> from steelyard.solve.flow import OrToolsFlow
    >>> ring = [Order("o1", "INR", "RUB", 1200), Order("o2", "RUB", "CNY", 1200), Order("o3", "CNY", "INR", 100)]
    >>> matched = match_at_reference(ring, {"INR": 1, "RUB": 1, "CNY": 12}, solver=OrToolsFlow())
    >>> matched.value, matched.fills["o2"]
    (3600, Fill(sold_minor=1200, bought_minor=100))
    """
    ids, book, units, digits = _book(orders, values, caps or {})
    matched = match_book(book, units, solver=solver)
    filled = np.flatnonzero(matched.sold).tolist()
    amounts = zip(matched.sold[filled].tolist(), matched.bought[filled].tolist(), strict=True)
    names = book.currencies
    excess = dict.fromkeys(names, 0)
    for side in matched.sides:
        excess[names[side.sell]] -= side.value
        excess[names[side.buy]] += side.value
    return Matched(
        value=matched.proof.value,
        gross_value=sum(side.value for side in matched.sides),
        digits=digits,
        fills=dict(zip([ids[place] for place in filled], map(Fill._make, amounts), strict=True)),
        excess=excess,
        residual_minor={name: minor for name, minor in zip(names, matched.residual, strict=True) if minor},
        certificate=matched.proof.certificate(
            objective="matched_value", weight="unit", snapshot_seq=snapshot_seq
        ),
    )


def pair_only_value(orders: Iterable[Order], values: Values) -> int:
    """Give the value that matches when each pair of currencies is on its own, in the units of `Matched`."""
    _, book, units, _ = _book(orders, values, {})
    sides = {(side.sell, side.buy): side.value for side in sides_of(book, units)}
    return sum(min(value, sides.get((buy, sell), 0)) for (sell, buy), value in sides.items())


def _book(orders: Iterable[Order], values: Values, caps: Caps) -> tuple[list[str], Book, list[int], int]:
    """Check orders and pack them into columns in order of acceptance; give ids, book, value units, digits."""
    rows = _in_order(orders)
    check_orders(rows)
    if any(type(cap) is not int or cap < 0 for cap in caps.values()):
        raise ValueError("a cap is a whole number, not below 0")
    units, digits = value_units(values)
    index = {name: number for number, name in enumerate(units)}
    if not {one.sell for one in rows} | {one.buy for one in rows} <= index.keys():
        raise ValueError("an order is in a currency that has no value")
    sizes = [one.amount_minor for one in rows]
    if caps:
        kept = [(one, size) for one, size in zip(rows, _capped(rows, caps), strict=True) if size]
        rows, sizes = [one for one, _ in kept], [size for _, size in kept]
    limits = [(place, one.limit) for place, one in enumerate(rows) if one.limit is not None]
    numerators, denominators = [0] * len(rows), [1] * len(rows)
    for place, limit in limits:
        numerators[place], denominators[place] = limit.as_integer_ratio()
    book = Book(
        tuple(units),
        np.fromiter((index[one.sell] for one in rows), np.int64, len(rows)),
        np.fromiter((index[one.buy] for one in rows), np.int64, len(rows)),
        column(sizes),
        column(numerators),
        column(denominators),
    )
    return [one.id for one in rows], book, list(units.values()), digits


def _in_order(orders: Iterable[Order]) -> list[Order]:
    """Give orders by (seq, id); stable sorts by one plain value each are several times faster than by tuples."""
    rows = list(orders)
    seqs = [one.seq for one in rows]
    if len(set(seqs)) < len(seqs):
        rows.sort(key=_BY_ID)
    rows.sort(key=_BY_SEQ)
    return rows


def _capped(rows: list[Order], caps: Caps) -> list[int]:
    """Give the size of each order after its member's cap, the oldest served first."""
    room = dict(caps)
    sizes = []
    for one in rows:
        key = one.member, one.sell
        size = min(one.amount_minor, room.get(key, one.amount_minor))
        if key in room:
            room[key] -= size
        sizes.append(size)
    return sizes

"""The core of A9 on columns: a book of orders, the circulation of its currencies, whole minor units for each row.

Rows stand in order of acceptance, so that "ties to the earlier row" is "ties by seq". Everything is exact: a
column that would leave 64 bits goes on in Python's integers.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from steelyard.liquidity.algorithms.flow import Proof, prove
from steelyard.liquidity.algorithms.network import Network
from steelyard.liquidity.algorithms.potentials import potentials
from steelyard.liquidity.algorithms.price_flow import take_back
from steelyard.liquidity.solver import MOST, FlowSolver
from steelyard.liquidity.units import SAFE, Column, column, deal, proportion, total


class Book(NamedTuple):
    """Orders as columns: indices of `currencies` (ascending names), sizes, limits.

    A limit is num / den minor units bought per one sold, den > 0; 0 / 1 takes any rate.
    """

    currencies: tuple[str, ...]
    sell: Column
    buy: Column
    amount: Column
    limit_num: Column
    limit_den: Column


class Side(NamedTuple):
    """All of a book that sells one currency for one other and takes the rate: its rows and their value."""

    sell: int
    buy: int
    rows: Column
    value: int


class BookMatch(NamedTuple):
    """What a book matches: value per side, minor units per row, and per currency what the residual account takes.

    Below 0 the residual account gives.
    """

    sides: list[Side]
    proof: Proof
    sold: Column
    bought: Column
    residual: list[int]


def match_book(book: Book, units: Sequence[int], *, solver: FlowSolver) -> BookMatch:
    """Match orders in columns; `units` is the worth of a minor unit of each currency, whole numbers > 0."""
    sides = sides_of(book, units)
    proof = circulation(book.currencies, [(side.sell, side.buy, side.value) for side in sides], solver)
    sold, bought = np.zeros_like(book.amount), np.zeros_like(book.amount)
    given = [0] * len(units)
    for side, flow in zip(sides, proof.flow.tolist(), strict=True):
        whole = flow // units[side.sell]
        if not whole:
            continue
        sizes = book.amount[side.rows]
        debits = sizes if flow == side.value else deal(sizes, whole)
        credits, _ = proportion(debits, units[side.sell], units[side.buy])
        if credits.dtype == object:
            bought = bought.astype(object)
        sold[side.rows], bought[side.rows] = debits, credits
        given[side.sell] += whole
    bought, residual = _deal_rests(book.buy, bought, given)
    return BookMatch(sides, proof, sold, bought, residual)


def sides_of(book: Book, units: Sequence[int]) -> list[Side]:
    """Group the rows that take the rate by (sold, bought), ascending."""
    count = len(book.currencies)
    code = book.sell.astype(np.int16 if count <= 180 else np.int64) * count + book.buy
    rows = np.flatnonzero(_takes_rate(book, units))
    rows = rows[np.argsort(code[rows], kind="stable")]
    if not len(rows):
        return []
    codes, firsts = np.unique(code[rows], return_index=True)
    sides = []
    for pair, part in zip(codes.tolist(), np.split(rows, firsts[1:]), strict=True):
        sell, buy = divmod(pair, count)
        sides.append(Side(sell, buy, part, total(book.amount[part]) * units[sell]))
    return sides


def circulation(nodes: tuple[str, ...], arcs: Sequence[tuple[int, int, int]], solver: FlowSolver) -> Proof:
    """Give the largest circulation of arcs (tail, head, value), ascending, and the proof that it is that.

    Values that sum to 2^62 and more are no solver's: the network is small, and plain integers do as well.
    """
    values = column([value for *_, value in arcs])
    network = Network(
        nodes,
        np.array([tail for tail, _, _ in arcs], dtype=np.int64),
        np.array([head for _, head, _ in arcs], dtype=np.int64),
        np.zeros(len(arcs), dtype=np.int64),
        values,
        np.ones(len(arcs), dtype=np.int64),
    )
    if sum(values.tolist()) < MOST:
        return prove(network, solver)
    spare = [0] * len(nodes)
    for tail, head, value in arcs:
        spare[tail] += value
        spare[head] -= value
    back = take_back(arcs, spare)
    assert back is not None, "taking everything back is always a way"
    flow = values - np.array(back, dtype=object)
    return Proof(network, flow, potentials(network, flow), sum(flow.tolist()))


def _takes_rate(book: Book, units: Sequence[int]) -> Column:
    """Tell for each row whether value sold over value bought is at least its limit, in whole numbers."""
    worth = column(list(units))
    given, wanted = worth[book.sell], worth[book.buy]
    largest = max((int(part.max()) for part in (book.limit_num, book.limit_den) if len(part)), default=0)
    if max(units, default=1) * largest >= SAFE:
        given, wanted = given.astype(object), wanted.astype(object)
    return (given * book.limit_den >= wanted * book.limit_num).astype(bool)


def _deal_rests(buy: Column, bought: Column, given: Sequence[int]) -> tuple[Column, list[int]]:
    """Deal what is over of each currency to its buyers pro rata; give the rest to the residual account."""
    residual = []
    for currency, minor in enumerate(given):
        rows = np.flatnonzero((buy == currency) & (bought > 0))
        credits = bought[rows]
        over = minor - total(credits)
        if over > 0 and len(rows):
            extra = deal(credits, over)
            if extra.dtype == object or (len(credits) and int(credits.max()) + over >= SAFE):
                bought, credits = bought.astype(object), credits.astype(object)
            bought[rows] = credits + extra
            over = 0
        residual.append(over)
    return bought, residual

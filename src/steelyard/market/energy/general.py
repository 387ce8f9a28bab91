"""A network whose routes lose, share a capacity or carry cargoes, as a linear programme in exact numbers.

A row for each node: what arrives less what leaves; then one for each shared capacity: what enters its routes. A
column for each route, for each node that has (what it sells) or needs (what stays unserved), for each node what it
might throw away, and for each shared capacity what of it stays free. Nothing is thrown away in a match, but that it
might be keeps every price at 0 or above.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from steelyard.market.energy.exact import Exact
from steelyard.market.energy.network import (
    UNBOUND,
    Node,
    Route,
    Shared,
    fault_of,
    scarcity_of,
)
from steelyard.market.energy.simplex import Entries, Lp

SCARCITY_MAX = 10**15
LOSSY_MOST = 12


class General(NamedTuple):
    """A network as columns over rows. `most` None: no end."""

    nodes: tuple[Node, ...]
    routes: tuple[Route, ...]
    shared: tuple[Shared, ...]
    columns: tuple[Entries, ...]
    costs: tuple[int, ...]
    most: tuple[int | None, ...]
    right: tuple[int, ...]
    market: tuple[int, ...]
    """Nodes that have or need, in the order of their columns, which follow the routes'"""

    @property
    def waste(self) -> int:
        """Give the first column of what might be thrown away."""
        return len(self.routes) + len(self.market)

    @property
    def free(self) -> int:
        """Give the first column of what of shared capacities stays free."""
        return self.waste + len(self.nodes)

    @property
    def rank(self) -> list[int]:
        """Give the second cost of each column: the number of a route, from 1."""
        return [*range(1, len(self.routes) + 1), *[0] * (len(self.columns) - len(self.routes))]


class Face(NamedTuple):
    """Where prices of rows may lie that prove some flows: by column, whether it could carry more, and less."""

    more: list[bool]
    less: list[bool]


def general(nodes: Sequence[Node], routes: Sequence[Route], shared: Sequence[Shared] = ()) -> General:
    """Put a network into columns; ValueError where it is none.

    >>> net = general([Node("P", 9), Node("X", -4)], [Route("r", "P", "X", 2, keeps=(1, 2))])
    >>> net.columns[0], net.right
    (((0, -1), (1, Fraction(1, 2))), (0, 4))
    """
    fault = fault_of(nodes, routes, shared)
    if fault:
        raise ValueError(fault)
    places = {one.id: no for no, one in enumerate(nodes)}
    rows: dict[str, list[int]] = {}
    for no, one in enumerate(shared):
        for name in one.routes:
            rows.setdefault(name, []).append(len(nodes) + no)
    columns: list[Entries] = []
    for route in routes:
        kept = Fraction(*route.keeps)
        ends: Entries = (
            (places[route.source], -1),
            (places[route.target], kept if kept.denominator > 1 else int(kept)),
        )
        columns.append((*ends, *((row, 1) for row in rows.get(route.id, ()))))
    market = tuple(no for no, node in enumerate(nodes) if node.amount)
    scarcity = _scarcity(nodes, routes, shared)
    columns += [((no, 1),) for no in market]
    columns += [((no, -1),) for no in range(len(nodes))]
    columns += [((len(nodes) + no, 1),) for no in range(len(shared))]
    costs = [one.cost_minor for one in routes]
    costs += [_price(nodes[no], scarcity) for no in market]
    costs += [0] * (len(nodes) + len(shared))
    most: list[int | None] = [None if one.capacity == UNBOUND else one.capacity for one in routes]
    most += [abs(nodes[no].amount) for no in market]
    most += [None] * (len(nodes) + len(shared))
    right = [max(0, -one.amount) for one in nodes] + [one.capacity for one in shared]
    return General(
        tuple(nodes), tuple(routes), tuple(shared), tuple(columns), tuple(costs), tuple(most), tuple(right), market,
    )  # fmt: skip


def _price(node: Node, scarcity: int) -> int:
    if node.amount > 0:
        return max(0, node.price_minor)
    return scarcity if node.price_minor == UNBOUND else node.price_minor


def _scarcity(nodes: Sequence[Node], routes: Sequence[Route], shared: Sequence[Shared]) -> int:
    """Give the price that a need bids which names none: above what serving it costs at the margin.

    Who turns from a way to another that keeps a little more pays the difference in cost for that little, which is one
    part in the product of both denominators at least; who takes room from others pays for their ways too.
    """
    worst = Fraction(1)
    finest = max([Fraction(*one.keeps).denominator for one in routes], default=1)
    for kept in sorted(Fraction(*one.keeps) for one in routes)[:LOSSY_MOST]:
        worst *= kept
    plain = scarcity_of(nodes, routes) * finest * finest * (1 + len(shared))
    return min(SCARCITY_MAX, ceil(Fraction(plain, worst)))


def face(net: General, numbers: Sequence[Exact]) -> Face:
    """Tell of every column whether it could carry more or less than it does."""
    less = [number > 0 for number in numbers]
    more = [most is None or number < most for number, most in zip(numbers, net.most, strict=True)]
    return Face(more, less)


def reduced(net: General, prices: Sequence[Exact], costs: Sequence[Exact]) -> list[Exact]:
    """Give what each column costs above what it brings at these prices of rows."""
    return [
        cost - sum(entry * prices[row] for row, entry in column)
        for column, cost in zip(net.columns, costs, strict=True)
    ]


def cost_lp(net: General) -> Lp:
    """Give the programme of the least cost; nothing is thrown away."""
    lp = Lp(list(net.right))
    for no, column in enumerate(net.columns):
        lp.add(column, net.costs[no], 0 if net.waste <= no < net.free else net.most[no])
    return lp


def rank_lp(net: General, prices: Sequence[Exact]) -> Lp:
    """Give the programme of the least sum of route number times quantity among the flows that prices prove."""
    lp, rank = Lp(list(net.right)), net.rank
    for no, gain in enumerate(reduced(net, prices, net.costs)):
        most: Exact | None = net.most[no]
        if gain > 0 or net.waste <= no < net.free:
            most = 0
        elif gain < 0:  # it is full: let that be part of the rows
            assert most is not None
            for row, entry in net.columns[no]:
                lp.right[row] -= entry * most
            most = 0
        lp.add(net.columns[no], rank[no], most)
    return lp


class Extreme(NamedTuple):
    """A programme whose prices are the highest of what `right` weighs, and how its columns stand for the network's.

    `ways` is (column, 1 or -1); those of fixed rows come after them.
    """

    lp: Lp
    ways: list[tuple[int, int]]


def extreme_lp(
    net: General, found: Face, right: Sequence[Exact], fixed: Mapping[int, Exact], *, plain: bool = False
) -> Extreme:
    """Give the programme of the highest prices, rows weighed by `right`, in a face; some rows are fixed.

    `plain`: what counts is the face's directions alone, without costs, none above 1.
    """
    made = Extreme(Lp(list(right)), [])
    for no, column in enumerate(net.columns):
        cost = 0 if plain else net.costs[no]
        if found.more[no]:
            made.lp.add(column, cost)
            made.ways.append((no, 1))
        if found.less[no]:
            made.lp.add(tuple((row, -entry) for row, entry in column), -cost)
            made.ways.append((no, -1))
    for row, price in sorted(fixed.items()):
        made.lp.add(((row, 1),), price)
        made.lp.add(((row, -1),), -price)
    if plain:
        for row in range(len(net.nodes)):
            made.lp.add(((row, 1),), 1)
    return made

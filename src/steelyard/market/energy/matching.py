"""Matching energy: who has with who needs, at least cost or, with bids, at the largest surplus, and what it proves.

A solver proposes flows and a price for each node. The machine takes them only after its own exact check: flows are
whole and fit; the cost is what it is said to be; the prices prove, without a gap, that nothing costs less. Where
many flows cost the same, that one counts which has the least sum of route number times quantity; where many prices
prove it, the smallest of each node. So the published result hangs on the data alone, not on the solver.
"""

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec import Struct

from steelyard.market.energy.network import (
    UNBOUND,
    EnergySolver,
    Network,
    Node,
    Prices,
    Route,
    is_first,
    network,
    prices,
    ranks_of,
)
from steelyard.market.refusals.energy import EnergyRefusal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

DENOMINATOR_MAX = 10**6
FLOW_END = 10**16


class Unserved(StrEnum):
    """Why a need is not served whole. The first that applies is given."""

    BID_TOO_LOW = "bid_too_low"
    """Something is left that could reach it, for more than it bids"""
    ROUTE_IS_FULL = "route_is_full"
    """Something is left, but the ways are full"""
    SUPPLY_IS_SHORT = "supply_is_short"
    """Nothing is left of all that could reach it"""
    NO_ROUTE = "no_route"
    """No way leads to it from anyone who has"""


class Match(Struct, array_like=True, frozen=True, gc=False):
    """What a solver proposes: quantities by route, prices by node as (numerator, denominator), both in order."""

    flows: tuple[int, ...]
    prices: tuple[tuple[int, int], ...]
    cost_minor: int


class Matched(Struct, array_like=True, frozen=True, gc=False):
    """A match that stood every check."""

    cost_minor: int
    """Of what is sold and carried"""
    surplus_minor: int | None
    """What those served bid, less the cost; None where a need that is served names no bid"""
    flows: tuple[tuple[str, int], ...]
    """(route, quantity) of the routes in use, in their order"""
    prices: tuple[tuple[str, int, int], ...]
    """(node, price, highest price that proves the match as well; UNBOUND: any above)"""
    marginal: tuple[str, ...]
    """Routes in use that are not full: they set prices"""
    unserved: tuple[tuple[str, int, str], ...]
    """(node, quantity, why)"""
    unsold: tuple[tuple[str, int], ...]
    """(node, quantity)"""

    def price(self, node: str) -> int:
        """Give the price at a node."""
        return next(lowest for name, lowest, _ in self.prices if name == node)


def match_energy(
    nodes: Sequence[Node], routes: Sequence[Route], *, solver: EnergySolver
) -> Matched | EnergyRefusal:
    """Give the match of a network, or why what the solver proposed is none; ValueError for what is no network.

    >>> from steelyard.market.energy.paths import ShortestPaths
    >>> nodes = [Node("P", 30), Node("Q", 40), Node("X", -20), Node("Y", -40)]
    >>> routes = [Route("P-X", "P", "X", 4), Route("P-Y", "P", "Y", 6),
    ...           Route("Q-X", "Q", "X", 5), Route("Q-Y", "Q", "Y", 3)]
    >>> made = match_energy(nodes, routes, solver=ShortestPaths())
    >>> made.cost_minor, made.flows, made.unsold
    (200, (('P-X', 20), ('Q-Y', 40)), (('P', 10),))
    >>> made.prices
    (('P', 0, 0), ('Q', 0, 3), ('X', 4, 4), ('Y', 3, 6))
    """
    net = network(nodes, routes)
    return check_match(net, propose_match(net, solver=solver))


def propose_match(net: Network, *, solver: EnergySolver) -> Match:
    """Let a solver work on a network: least cost first, then the least sum of route number times quantity."""
    import numpy as np

    supplies = np.zeros(net.root + 1, np.int64)
    for no, node in enumerate(net.nodes):
        supplies[no] = min(0, node.amount)
    supplies[net.root] = net.needs
    flows = _solved(net, np.arange(len(net.costs)), net.costs, supplies, solver)
    found = prices(net, flows)
    if found is None:
        return Match(_of_routes(net, flows), ((0, 1),) * net.root, _cost(net, flows))
    level = np.append(found.lowest, 0)
    reduced = net.costs + level[net.tails] - level[net.heads]
    fixed = np.where(reduced < 0, net.capacities, 0)
    np.subtract.at(supplies, net.tails, fixed)
    np.add.at(supplies, net.heads, fixed)
    tight = np.flatnonzero(reduced == 0)
    flows = fixed + _solved(net, tight, ranks_of(net), supplies, solver)
    lowest = tuple((price, 1) for price in found.lowest.tolist())
    return Match(_of_routes(net, flows), lowest, _cost(net, flows))


def _solved(net: Network, arcs: "Ints", costs: "Ints", supplies: "Ints", solver: EnergySolver) -> "Ints":
    """Give the flow of least cost on some arcs, nothing on the others."""
    import numpy as np

    rows = np.stack([net.tails[arcs], net.heads[arcs], net.capacities[arcs], costs[arcs]], axis=1)
    flows = np.zeros(len(net.costs), np.int64)
    if len(arcs):
        flows[arcs] = solver.min_cost_flow(rows, supplies)
    return flows


def _of_routes(net: Network, flows: "Ints") -> tuple[int, ...]:
    return tuple(flows[: len(net.routes)].tolist())


def check_match(net: Network, match: Match) -> Matched | EnergyRefusal:
    """Compute a proposal anew and give the match it makes, or the rule it breaks."""
    flows = _flows(net, match)
    if flows is None:
        return EnergyRefusal.MATCH_IS_NOT_FEASIBLE
    if match.cost_minor != _cost(net, flows):
        return EnergyRefusal.MATCH_COST_IS_WRONG
    if not _proved(net, flows, match):
        return EnergyRefusal.PRICES_LEAVE_A_GAP
    found = prices(net, flows)
    if found is None:
        return EnergyRefusal.PRICES_LEAVE_A_GAP
    if not is_first(net, flows, found.lowest):
        return EnergyRefusal.MATCH_IS_NOT_FIRST
    if match.prices != tuple((price, 1) for price in found.lowest.tolist()):
        return EnergyRefusal.PRICES_ARE_NOT_SMALLEST
    return _matched(net, flows, found)


def _flows(net: Network, match: Match) -> "Ints | None":
    """Give the flow of every arc, what is sold and unserved with it; None where it does not fit."""
    import numpy as np

    if len(match.flows) != len(net.routes) or not all(0 <= one < FLOW_END for one in match.flows):
        return None
    flows = np.zeros(len(net.costs), np.int64)
    flows[: len(net.routes)] = match.flows
    if np.any(flows > net.capacities):
        return None
    gets = [0] * (net.root + 1)
    for tail, head, flow in zip(net.tails.tolist(), net.heads.tolist(), match.flows, strict=False):
        gets[tail] -= flow
        gets[head] += flow
    at = len(net.routes)
    for no, node in enumerate(net.nodes):
        root_gives = -gets[no] if node.amount > 0 else -node.amount - gets[no]
        if node.amount == 0:
            if gets[no]:
                return None
            continue
        if not 0 <= root_gives <= abs(node.amount):
            return None
        flows[at] = root_gives
        at += 1
    return flows


def _cost(net: Network, flows: "Ints") -> int:
    """Give what is sold and carried costs; not what stays unserved."""
    total: int = sum(flow * route.cost_minor for flow, route in zip(flows.tolist(), net.routes, strict=False))
    sold = zip(flows[len(net.routes) :].tolist(), (one for one in net.nodes if one.amount), strict=True)
    asked: int = sum(flow * max(0, node.price_minor) for flow, node in sold if node.amount > 0)
    return total + asked


def _proved(net: Network, flows: "Ints", match: Match) -> bool:
    """Tell whether a proposal's prices prove its flows: a bound on every cost there is, and no gap to this one."""
    if len(match.prices) != net.root or not all(
        0 < den <= DENOMINATOR_MAX and num >= 0 for num, den in match.prices
    ):
        return False
    level = [num if den == 1 else Fraction(num, den) for num, den in match.prices] + [0]
    arcs = zip(
        net.tails.tolist(), net.heads.tolist(), net.capacities.tolist(), net.costs.tolist(), strict=True
    )
    cost: int = sum(flow * one for flow, one in zip(flows.tolist(), net.costs.tolist(), strict=True))
    bound: int | Fraction = sum(-one.amount * level[no] for no, one in enumerate(net.nodes) if one.amount < 0)
    for tail, head, capacity, one in arcs:
        gain = level[head] - level[tail] - one
        if gain > 0:
            bound -= capacity * gain
    return bound == cost


def _matched(net: Network, flows: "Ints", found: Prices) -> Matched:
    """Say what a match means."""
    routes = list(zip(net.routes, flows.tolist(), net.capacities.tolist(), strict=False))
    sold = dict(
        zip([one.id for one in net.nodes if one.amount], flows[len(net.routes) :].tolist(), strict=True)
    )
    needs = [one for one in net.nodes if one.amount < 0]
    served = [(one, -one.amount - sold[one.id]) for one in needs]
    bids = all(one.price_minor != UNBOUND for one, count in served if count)
    cost = _cost(net, flows)
    scarce = [one.id for one in needs if sold[one.id]]
    reasons = _reasons(net, flows, scarce) if scarce else {}
    return Matched(
        cost,
        sum(one.price_minor * count for one, count in served) - cost if bids and needs else None,
        tuple((route.id, flow) for route, flow, _ in routes if flow),
        tuple(
            (node.id, low, UNBOUND if high > FLOW_END * 10 else high)
            for node, low, high in zip(net.nodes, found.lowest.tolist(), found.highest.tolist(), strict=True)
        ),
        tuple(one.id for one, flow, capacity in routes if 0 < flow < capacity),
        tuple((name, sold[name], reasons[name]) for name in scarce),
        tuple((one.id, one.amount - sold[one.id]) for one in net.nodes if one.amount > sold.get(one.id, 0)),
    )  # fmt: skip


def _reasons(net: Network, flows: "Ints", scarce: Sequence[str]) -> dict[str, str]:
    """Say of each need that is not served whole why not."""
    arcs = list(
        zip(net.tails.tolist(), net.heads.tolist(), flows.tolist(), net.capacities.tolist(), strict=True)
    )
    roads = arcs[: len(net.routes)]
    has = {no: one.amount for no, one in enumerate(net.nodes) if one.amount > 0}
    sells = dict.fromkeys(has, 0)
    for tail, head, flow, _ in arcs[len(net.routes) :]:
        if head in has:
            sells[head] = flow
        del tail
    left = [no for no in has if sells[no] < has[no]]
    free = [(tail, head) for tail, head, flow, capacity in roads if flow < capacity]
    free += [(head, tail) for tail, head, flow, _ in roads if flow]
    open_to = _reached(free, left)
    there = _reached([(tail, head) for tail, head, _, capacity in roads if capacity], left)
    ever = _reached([(tail, head) for tail, head, _, _ in roads], list(has))
    numbers = {one.id: no for no, one in enumerate(net.nodes)}
    return {
        name: (
            Unserved.BID_TOO_LOW if numbers[name] in open_to
            else Unserved.ROUTE_IS_FULL if numbers[name] in there
            else Unserved.SUPPLY_IS_SHORT if numbers[name] in ever
            else Unserved.NO_ROUTE
        ).value
        for name in scarce
    }  # fmt: skip


def _reached(arcs: Sequence[tuple[int, int]], starts: Sequence[int]) -> dict[int, None]:
    """Give what can be reached from some nodes."""
    ways: dict[int, list[int]] = {}
    for tail, head in arcs:
        ways.setdefault(tail, []).append(head)
    reached = dict.fromkeys(starts)
    waiting = list(starts)
    while waiting:
        for head in ways.get(waiting.pop(), ()):
            if head not in reached:
                reached[head] = None
                waiting.append(head)
    return reached

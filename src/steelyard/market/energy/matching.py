"""Matching energy: who has with who needs, at least cost or, with bids, at the largest surplus, and what it proves.

A solver proposes flows and a price for each node. The machine takes them only after its own exact check: flows are
whole and fit; the cost is what it is said to be; the prices prove, without a gap, that nothing costs less. Where
many flows cost the same, that one counts which has the least sum of route number times quantity; where many prices
prove it, the smallest of each node. So the published result hangs on the data alone, not on the solver.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

from steelyard.market.energy.general import general
from steelyard.market.energy.generally import GeneralSolver, check_general, propose_general
from steelyard.market.energy.match import Match, Matched
from steelyard.market.energy.network import (
    UNBOUND,
    EnergySolver,
    Network,
    Node,
    Prices,
    Route,
    Shared,
    is_first,
    is_plain,
    network,
    prices,
    ranks_of,
)
from steelyard.market.energy.reasons import Road, reasons
from steelyard.market.refusals.energy import EnergyRefusal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

DENOMINATOR_MAX = 10**6
FLOW_END = 10**16


class AnySolver(EnergySolver, GeneralSolver, Protocol):
    """Finds matches of any network."""


def match_energy(
    nodes: Sequence[Node], routes: Sequence[Route], *, solver: AnySolver, shared: Sequence[Shared] = ()
) -> Matched | EnergyRefusal:
    """Give the match of a network, or why what the solver proposed is none; ValueError for what is no network.

    >>> from steelyard.market.energy.simplex import ExactSolver
    >>> nodes = [Node("P", 30), Node("Q", 40), Node("X", -20), Node("Y", -40)]
    >>> routes = [Route("P-X", "P", "X", 4), Route("P-Y", "P", "Y", 6),
    ...           Route("Q-X", "Q", "X", 5), Route("Q-Y", "Q", "Y", 3)]
    >>> made = match_energy(nodes, routes, solver=ExactSolver())
    >>> made.cost_minor, made.flows, made.unsold
    (200, (('P-X', 20), ('Q-Y', 40)), (('P', 10),))
    >>> made.prices
    (('P', 0, 0), ('Q', 0, 3), ('X', 4, 4), ('Y', 3, 6))
    """
    return check_any(nodes, routes, shared, propose_any(nodes, routes, shared, solver=solver))


def propose_any(
    nodes: Sequence[Node], routes: Sequence[Route], shared: Sequence[Shared], *, solver: AnySolver
) -> Match:
    """Let a solver work on a network: by flows where it is plain, else by linear programmes and cargoes."""
    if is_plain(routes, shared):
        return propose_match(network(nodes, routes), solver=solver)
    return propose_general(general(nodes, routes, shared), solver=solver)


def check_any(
    nodes: Sequence[Node], routes: Sequence[Route], shared: Sequence[Shared], match: Match
) -> Matched | EnergyRefusal:
    """Compute a proposal for a network anew and give the match it makes, or the rule it breaks."""
    if is_plain(routes, shared):
        return check_match(network(nodes, routes), match)
    return check_general(general(nodes, routes, shared), match)


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
    if flows is None or match.proof is not None:
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
    why = reasons(net.nodes, _roads(net, flows), _left(net, sold), scarce) if scarce else {}
    return Matched(
        cost,
        sum(one.price_minor * count for one, count in served) - cost if bids and needs else None,
        tuple((route.id, flow) for route, flow, _ in routes if flow),
        tuple(
            (node.id, low, UNBOUND if high > FLOW_END * 10 else high)
            for node, low, high in zip(net.nodes, found.lowest.tolist(), found.highest.tolist(), strict=True)
        ),
        tuple(one.id for one, flow, capacity in routes if 0 < flow < capacity),
        tuple((name, sold[name], why[name]) for name in scarce),
        tuple((one.id, one.amount - sold[one.id]) for one in net.nodes if one.amount > sold.get(one.id, 0)),
        tuple((one.id, count) for one, count in served if count),
    )  # fmt: skip


def _roads(net: Network, flows: "Ints") -> list[Road]:
    columns = (net.tails.tolist(), net.heads.tolist(), flows.tolist(), net.capacities.tolist())
    arcs = list(zip(*columns, strict=True))[: len(net.routes)]
    return [Road(tail, head, flow > 0, flow < most) for tail, head, flow, most in arcs]


def _left(net: Network, sold: dict[str, int]) -> list[int]:
    return [no for no, one in enumerate(net.nodes) if one.amount > 0 and sold[one.id] < one.amount]

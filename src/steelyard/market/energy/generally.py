"""Matching a network that is not plain: proposed with its proof, checked exactly, and said what it means."""

from collections.abc import Sequence
from math import ceil, floor
from typing import Protocol

from steelyard.market.energy.cargoes import CargoSolver, loaded
from steelyard.market.energy.exact import Exact
from steelyard.market.energy.general import General
from steelyard.market.energy.match import Match, Matched
from steelyard.market.energy.network import UNBOUND
from steelyard.market.energy.proof import Proved, check
from steelyard.market.energy.prove import prove
from steelyard.market.energy.reasons import Road, reasons
from steelyard.market.energy.simplex import LinearSolver
from steelyard.market.refusals.energy import EnergyRefusal


class GeneralSolver(LinearSolver, CargoSolver, Protocol):
    """Finds flows, whole or not, of any network."""


def has_cargoes(net: General) -> bool:
    """Tell whether flows are whole, since some go by cargoes."""
    return any(one.lot for one in net.routes)


def propose_general(net: General, *, solver: GeneralSolver) -> Match:
    """Let a solver work on a network, and give what it finds with its proof."""
    proof = prove(net, solver=solver)
    if not has_cargoes(net):
        return Match((), (), 0, proof)
    flows = solver.cargoes(net)
    found = loaded(net, flows)
    return Match(flows, (), found.cost if found is not None else 0, proof)


def check_general(net: General, match: Match) -> Matched | EnergyRefusal:
    """Compute a proposal anew and give the match it makes, or the rule it breaks."""
    if match.proof is None or match.prices:
        return EnergyRefusal.PRICES_LEAVE_A_GAP
    if not has_cargoes(net):
        if match.flows or match.cost_minor:
            return EnergyRefusal.MATCH_IS_NOT_FEASIBLE
        found = check(net, match.proof)
        return matched(net, found.numbers, found, found.cost) if isinstance(found, Proved) else found
    carried = loaded(net, match.flows)
    if carried is None:
        return EnergyRefusal.MATCH_IS_NOT_FEASIBLE
    if carried.cost != match.cost_minor:
        return EnergyRefusal.MATCH_COST_IS_WRONG
    below = check(net, match.proof)
    if not isinstance(below, Proved):
        return below
    return matched(net, carried.numbers, below, carried.cost, gap=carried.total - ceil(below.total))


def matched(net: General, numbers: Sequence[Exact], proved: Proved, cost: Exact, gap: int = 0) -> Matched:
    """Say what a match means."""
    sides = {
        net.nodes[no].id: number
        for no, number in zip(net.market, numbers[len(net.routes) : net.waste], strict=True)
    }
    needs = [one for one in net.nodes if one.amount < 0]
    served = [(one, -one.amount - sides[one.id]) for one in needs]
    bids = bool(needs) and all(one.price_minor != UNBOUND for one, count in served if count)
    scarce = [one.id for one in needs if sides[one.id]]
    why = reasons(net.nodes, _roads(net, numbers), _left(net, sides), scarce) if scarce else {}
    carried = list(zip(net.routes, numbers, strict=False))
    return Matched(
        cost,
        sum(one.price_minor * count for one, count in served) - cost if bids else None,
        tuple((route.id, flow) for route, flow in carried if flow),
        tuple(
            (node.id, price, UNBOUND if high is None else high)
            for node, price, high in zip(net.nodes, proved.prices, proved.highest, strict=True)
        ),
        tuple(
            one.id for one, road in zip(net.routes, _roads(net, numbers), strict=True) if road.carries and road.free
        ),
        tuple((name, sides[name], why[name]) for name in scarce),
        tuple((one.id, one.amount - sides[one.id]) for one in net.nodes if one.amount > sides.get(one.id, 0)),
        tuple((one.id, floor(count)) for one, count in served if count >= 1),
        tuple((one.id, rent) for one, rent in zip(net.shared, proved.rents, strict=True)),
        gap,
        has_cargoes(net),
    )  # fmt: skip


def _roads(net: General, numbers: Sequence[Exact]) -> list[Road]:
    """Say of each route whether it carries and could carry more, a cargo more where it carries cargoes."""
    free = numbers[net.free :]
    roads = []
    for route, column, flow in zip(net.routes, net.columns, numbers, strict=False):
        step = route.lot or 1
        room = [free[row - len(net.nodes)] for row, _ in column[2:]]
        if route.capacity != UNBOUND:
            room.append(route.capacity - flow)
        more = all(one >= step for one in room) if route.lot else all(one > 0 for one in room)
        roads.append(Road(column[0][0], column[1][0], flow > 0, more))
    return roads


def _left(net: General, sides: dict[str, Exact]) -> list[int]:
    return [no for no, one in enumerate(net.nodes) if one.amount > 0 and sides[one.id] < one.amount]

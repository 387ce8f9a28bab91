"""Cargoes of energy by CP-SAT: whole flows, one worker, a fixed seed, a fixed amount of work."""

from typing import TYPE_CHECKING, Any

from steelyard.market.energy.general import General
from steelyard.market.energy.network import UNBOUND

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

DETERMINISTIC_SECONDS = 4.0
WALL_SECONDS_MOST = 5
"""For each of two questions: a solver has twenty seconds for all"""
SEED = 1
VALUE_MAX = 1 << 62


def best_cargoes(net: General, *, seconds: float = DETERMINISTIC_SECONDS) -> tuple[int, ...]:
    """Give flows by route of the least cost that was found; of flows of that cost those on earlier routes."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    supply = sum(one.amount for one in net.nodes if one.amount > 0)
    flows: list[Any] = []
    arrive: list[Any] = []
    for route in net.routes:
        most = supply if route.capacity == UNBOUND else min(route.capacity, supply)
        if route.lot:
            lots = model.new_int_var(0, most // route.lot, "")
            flow = model.new_int_var(0, most, "")
            model.add(flow == route.lot * lots)
        else:
            flow = model.new_int_var(0, most, "")
        comes = flow
        if route.keeps[0] < route.keeps[1]:
            comes = model.new_int_var(0, most, "")
            model.add(route.keeps[1] * comes <= route.keeps[0] * flow)
        flows.append(flow)
        arrive.append(comes)
    cost: Any = sum(flow * one.cost_minor for flow, one in zip(flows, net.routes, strict=True))
    sold = _balance(model, net, flows, arrive)
    at = len(net.routes)
    cost += sum(side * net.costs[at + no] for no, side in enumerate(sold))
    for one in net.shared:
        used = dict.fromkeys(one.routes)
        model.add(
            sum(flow for flow, route in zip(flows, net.routes, strict=True) if route.id in used)
            <= one.capacity
        )
    dearest = sum(most * price for most, price in zip(_tops(net, supply), net.costs, strict=False))
    if dearest >= VALUE_MAX or supply * max(one.keeps[1] for one in net.routes) >= VALUE_MAX:
        raise ValueError("costs of these cargoes are beyond 64 bits")
    solver, status = _solve(model, cost, seconds)
    if status not in ("OPTIMAL", "FEASIBLE"):
        return (0,) * len(flows)  # nothing fits always; its gap says how much might be better
    found = tuple(solver.value(flow) for flow in flows)
    if status == "OPTIMAL":
        model.add(cost <= solver.value(cost))
        again, status = _solve(model, sum(no * flow for no, flow in enumerate(flows, 1)), seconds)
        if status in ("OPTIMAL", "FEASIBLE"):
            found = tuple(again.value(flow) for flow in flows)
    return found


def _tops(net: General, supply: int) -> list[int]:
    """Give the most of each route, and of what is sold or stays unserved."""
    tops = [supply if one.capacity == UNBOUND else min(one.capacity, supply) for one in net.routes]
    return tops + [abs(net.nodes[no].amount) for no in net.market]


def _balance(
    model: "cp_model.CpModel",
    net: General,
    flows: list[Any],
    arrive: list[Any],
) -> list[Any]:
    """Hold each node to what it has and gets; give what is sold or stays unserved at those of the market."""
    comes: list[list[Any]] = [[] for _ in net.nodes]
    for column, flow, comes_in in zip(net.columns, flows, arrive, strict=False):
        comes[column[0][0]].append(-flow)
        comes[column[1][0]].append(comes_in)
    sides = []
    for node, moved in zip(net.nodes, comes, strict=True):
        if not node.amount:
            model.add(sum(moved) >= 0)
            continue
        side = model.new_int_var(0, abs(node.amount), "")
        if node.amount > 0:
            model.add(side + sum(moved) >= 0)
        else:
            model.add(side + sum(moved) >= -node.amount)
            model.add(sum(moved) >= 0)
        sides.append(side)
    return sides


def _solve(model: "cp_model.CpModel", least: Any, seconds: float) -> "tuple[cp_model.CpSolver, str]":
    from ortools.sat.python import cp_model

    model.minimize(least)
    solver = cp_model.CpSolver()
    solver.parameters.max_deterministic_time = seconds
    solver.parameters.max_time_in_seconds = WALL_SECONDS_MOST
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = SEED
    return solver, solver.status_name(solver.solve(model))

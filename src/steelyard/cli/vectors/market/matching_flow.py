"""Group `matching_flow`: what flows from who has to who needs, and what it costs at the margin."""

from typing import Any

from steelyard.cli.vectors.compare import Check, Failure, judged
from steelyard.cli.vectors.market.values import number, numbers, unknown_inputs, whole
from steelyard.market.energy.matching import Matched, match_energy
from steelyard.market.energy.network import Node, Route
from steelyard.solve.transport import TransportSolver

INPUTS = frozenset({"supply", "demand", "unit_cost"})


def judge(given: dict[str, Any], expect: dict[str, Any]) -> list[Failure]:
    """Check a case."""
    nodes = [Node(f"from {name}", whole(amount)) for name, amount in given["supply"].items()]
    nodes += [Node(f"to {name}", -whole(amount)) for name, amount in given["demand"].items()]
    routes = [
        Route(f"{source}-{target}", f"from {source}", f"to {target}", whole(cost))
        for source, costs in given["unit_cost"].items()
        for target, cost in costs.items()
    ]
    found = match_energy(nodes, routes, solver=TransportSolver())
    if not isinstance(found, Matched):
        return [Failure("refusal", rule=found.name)]
    served = not found.unserved
    flows = dict(found.flows)
    prices = {name: found.price(f"to {name}") for name in given["demand"]}
    checks: dict[str, Check] = {
        "cost": lambda one: number("cost", one, found.cost_minor if served else None),
        "flows": lambda one: _flows(one, flows, served),
        "consumer_marginal_cost": lambda one: numbers("consumer_marginal_cost", one, prices),
    }
    return unknown_inputs(given, INPUTS) + judged(expect, checks)


def _flows(expected: Any, flows: dict[str, int], served: bool) -> list[Failure]:
    """Compare route by route; null where not every need can be met."""
    if expected is None:
        return [Failure("flows", None, flows)] if served else []
    return numbers("flows", expected, flows)

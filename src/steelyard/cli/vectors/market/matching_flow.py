"""Group `matching_flow`: what flows from who has to who needs, and what it costs at the margin.

Beside what the format has, a case may say by route ("from-to") what it `keeps` of what enters, its `capacity` and the
`lot` of its cargoes; by name what who has asks (`ask`), who needs bids (`bid`); and what capacities routes share
(`shared`: {name: {capacity, routes}}). It may expect `rents`, `unserved`, `producer_price`, `highest` and `gap` too.
"""

from fractions import Fraction
from typing import Any

from steelyard.cli.vectors.compare import Check, Failure, judged
from steelyard.cli.vectors.market.values import exact, number, numbers, unknown_inputs, whole
from steelyard.market.energy.match import Matched
from steelyard.market.energy.matching import match_energy
from steelyard.market.energy.network import UNBOUND, Node, Route, Shared
from steelyard.solve.transport import TransportSolver

INPUTS = frozenset({"supply", "demand", "unit_cost", "keeps", "capacity", "lot", "ask", "bid", "shared"})


def judge(given: dict[str, Any], expect: dict[str, Any]) -> list[Failure]:
    """Check a case."""
    found = match_energy(_nodes(given), _routes(given), solver=TransportSolver(), shared=_shared(given))
    if not isinstance(found, Matched):
        return [Failure("refusal", rule=found.name)]
    served = not found.unserved or "bid" in given
    flows = dict(found.flows)
    low = {name: price for name, price, _ in found.prices}
    high = {name.partition(" ")[2]: None if top == UNBOUND else top for name, _, top in found.prices}
    checks: dict[str, Check] = {
        "cost": lambda one: number("cost", one, found.cost_minor if served else None),
        "flows": lambda one: _flows(one, flows, served),
        "consumer_marginal_cost": lambda one: numbers(
            "consumer_marginal_cost", one, {name: low[f"to {name}"] for name in given["demand"]}
        ),
        "producer_price": lambda one: numbers(
            "producer_price", one, {name: low[f"from {name}"] for name in given["supply"]}
        ),
        "highest": lambda one: [
            failure for name in one for failure in number(f"highest.{name}", one[name], high[name])
        ],
        "rents": lambda one: numbers("rents", one, dict(found.rents)),
        "unserved": lambda one: numbers(
            "unserved", one, {name.removeprefix("to "): count for name, count, _ in found.unserved}
        ),
        "gap": lambda one: number("gap", one, found.gap_minor),
    }
    return unknown_inputs(given, INPUTS) + judged(expect, checks)


def _nodes(given: dict[str, Any]) -> list[Node]:
    asks, bids = given.get("ask", {}), given.get("bid", {})
    nodes = [
        Node(f"from {name}", whole(amount), whole(asks.get(name, UNBOUND)))
        for name, amount in given["supply"].items()
    ]
    nodes += [
        Node(f"to {name}", -whole(amount), whole(bids.get(name, UNBOUND)))
        for name, amount in given["demand"].items()
    ]
    return nodes


def _routes(given: dict[str, Any]) -> list[Route]:
    keeps, most, lots = (given.get(key, {}) for key in ("keeps", "capacity", "lot"))
    return [
        Route(
            f"{source}-{target}",
            f"from {source}",
            f"to {target}",
            whole(cost),
            whole(most.get(f"{source}-{target}", UNBOUND)),
            Fraction(exact(keeps.get(f"{source}-{target}", 1))).as_integer_ratio(),
            whole(lots.get(f"{source}-{target}", 0)),
        )
        for source, costs in given["unit_cost"].items()
        for target, cost in costs.items()
    ]


def _shared(given: dict[str, Any]) -> list[Shared]:
    return [
        Shared(name, whole(one["capacity"]), tuple(one["routes"]))
        for name, one in given.get("shared", {}).items()
    ]


def _flows(expected: Any, flows: dict[str, Any], served: bool) -> list[Failure]:
    """Compare route by route; null where not every need can be met."""
    if expected is None:
        return [Failure("flows", None, {name: str(flow) for name, flow in flows.items()})] if served else []
    return numbers("flows", expected, flows)

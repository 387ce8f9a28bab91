"""Who owes whom for a match: exact at the prices of nodes, then whole minor units, then as few bills as will do.

Who sells gets the price of his node for what he sells, who is served pays his. Who carries buys at one end and sells
at the other: the difference is his cost and whatever his route's capacity is worth, less the rents of shared capacities
that he uses, which go to their owners. So what all pay in a month is what all get, exactly.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import floor
from typing import NamedTuple

from steelyard.market.energy.exact import Exact
from steelyard.market.energy.match import Matched
from steelyard.market.energy.network import Node, Route, Shared


class Bill(NamedTuple):
    """What one party owes another for a month."""

    month: str
    debtor: str
    creditor: str
    amount_minor: int


def bills(
    nodes: Sequence[Node], routes: Sequence[Route], shared: Sequence[Shared], made: Matched
) -> tuple[Bill, ...]:
    """Give the bills of a match, by month, debtor and creditor.

    >>> from steelyard.market.energy.matching import match_energy
    >>> from steelyard.market.energy.simplex import ExactSolver
    >>> nodes = [Node("P", 9, month="2027-01", owner="Anna"), Node("X", -4, month="2027-01", owner="Bram")]
    >>> routes = [Route("r", "P", "X", 5, owner="Cleo")]
    >>> bills(nodes, routes, (), match_energy(nodes, routes, solver=ExactSolver()))
    (Bill(month='2027-01', debtor='Bram', creditor='Cleo', amount_minor=20),)
    """
    return tuple(
        bill
        for month, exact in sorted(charges(nodes, routes, shared, made).items())
        for bill in paired(month, rounded(exact))
    )


def served(nodes: Sequence[Node], made: Matched) -> list[tuple[Node, int, Fraction]]:
    """Give what reaches each node that needs, if anything: whole units, rounded down, and its price a unit."""
    left = {name: count for name, count, _ in made.unserved}
    found = []
    for node in nodes:
        count = floor(max(0, -node.amount) - left.get(node.id, 0))
        if count > 0:
            found.append((node, count, Fraction(made.price(node.id))))
    return found


def charges(
    nodes: Sequence[Node], routes: Sequence[Route], shared: Sequence[Shared], made: Matched
) -> dict[str, dict[str, Exact]]:
    """Give what each party gets (below zero: owes) for each month, exactly. Each month sums to nothing."""
    found: dict[str, dict[str, Exact]] = {}
    price = {name: low for name, low, _ in made.prices}
    places = {one.id: one for one in nodes}
    rents = _rents(shared, made)

    def give(month: str, owner: str, minor: Exact) -> None:
        of_month = found.setdefault(month, {})
        of_month[owner] = of_month.get(owner, 0) + minor

    flows = dict(made.flows)
    at_node: dict[str, Exact] = dict.fromkeys(price, 0)  # what comes less what goes
    for route in routes:
        at_node[route.source] -= flows.get(route.id, 0)
        at_node[route.target] += _arrives(route, flows, made)
    left = _wasted(nodes, at_node)
    for node in nodes:
        count = at_node[node.id] - left[node.id]
        if count:
            give(node.month, node.owner, -count * price[node.id])
    for route in routes:
        flow = flows.get(route.id, 0)
        if not flow:
            continue
        arrived = _arrives(route, flows, made)
        lost = min(arrived, left[route.target])
        left[route.target] -= lost
        month = places[route.target].month
        give(places[route.source].month, route.owner, -flow * price[route.source])
        give(month, route.owner, (arrived - lost) * price[route.target])
        for owner, rent in rents.get(route.id, ()):
            give(month, route.owner, -flow * rent)
            give(month, owner, flow * rent)
    return found


def _arrives(route: Route, flows: Mapping[str, Exact], made: Matched) -> Exact:
    """Give what arrives; of cargoes whole units, as they are matched."""
    arrives = flows.get(route.id, 0) * Fraction(*route.keeps)
    return floor(arrives) if made.whole else arrives


def _wasted(nodes: Sequence[Node], at_node: Mapping[str, Exact]) -> dict[str, Exact]:
    """Give what arrives at a node and serves nobody: with whole units a rest of cargoes. Its carrier is not paid."""
    return {one.id: max(0, at_node[one.id] - max(0, -one.amount)) for one in nodes}


def _rents(shared: Sequence[Shared], made: Matched) -> dict[str, list[tuple[str, Exact]]]:
    worth = dict(made.rents)
    found: dict[str, list[tuple[str, Exact]]] = {}
    for one in shared:
        for name in one.routes:
            if worth[one.id]:
                found.setdefault(name, []).append((one.owner, worth[one.id]))
    return found


def rounded(exact: Mapping[str, Exact]) -> dict[str, int]:
    """Give whole minor units by party, which sum to nothing as what is exact does.

    Each is rounded down, and what that leaves goes to the largest parts cut off, one unit each, ties by name.

    >>> rounded({"Anna": Fraction(5, 3), "Bram": Fraction(5, 3), "Cleo": Fraction(-10, 3)})
    {'Anna': 2, 'Bram': 2, 'Cleo': -4}
    """
    whole = {name: floor(exact[name]) for name in sorted(exact)}
    order = sorted(whole, key=lambda name: (whole[name] - exact[name], name))
    for name in order[: -sum(whole.values())]:
        whole[name] += 1
    return whole


def paired(month: str, whole: Mapping[str, int]) -> list[Bill]:
    """Let who owes pay who is owed, both by name: no two parties need more bills, less one.

    >>> [tuple(one)[1:] for one in paired("2027-01", {"Anna": 5, "Bram": -7, "Cleo": 4, "Dora": -2})]
    [('Bram', 'Anna', 5), ('Bram', 'Cleo', 2), ('Dora', 'Cleo', 2)]
    """
    owed = {name: minor for name, minor in sorted(whole.items()) if minor > 0}
    made = []
    for debtor, minor in sorted(whole.items()):
        due = -minor
        while due > 0:
            creditor = next(iter(owed))
            part = min(due, owed[creditor])
            made.append(Bill(month, debtor, creditor, part))
            due -= part
            owed[creditor] -= part
            if not owed[creditor]:
                del owed[creditor]
    return made

"""Who has, who needs, by which routes: as data, and as arcs in whole numbers with the prices they allow.

Beside the nodes there is a root. From it an arc to each node that has (up to what it has, at what it asks) and to
each node that needs (what stays unserved, at what it bids). So every network has a flow, and the flow of least
cost serves what is worth serving. A need that bids nothing bids the scarcity price: more than any way there costs.

Prices belong to a flow of least cost as distances do to a road map. Along every arc that could carry more, the price
rises by its cost at most; along every arc that could carry less, at least. Such rules always have a smallest
solution and a largest, each node by itself, whole numbers both: shortest paths to and from the root.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

QUANTITY_END = 10**15
PRICE_END = 10**11
NODES_MAX = 2_000
ROUTES_MAX = 200_000
SHARED_MAX = 32
KEEPS_MAX = 10**6
UNBOUND = -1
"""Capacity of a route, or bid of a need, that nobody has set; highest price where nothing bounds it."""
_FAR = 1 << 61


class Node(Struct, array_like=True, frozen=True, gc=False, forbid_unknown_fields=True):
    """A place, for one product in one month. `amount` > 0: it has so much; < 0: it needs so much; 0: it passes on."""

    id: str
    amount: int
    price_minor: int = UNBOUND
    """Per unit: what one who has asks (UNBOUND: 0), what one who needs bids (UNBOUND: whatever it costs)"""
    product: str = ""
    month: str = ""
    owner: str = ""
    """Who is paid, or pays, where the match is settled; nobody at a node that passes on"""


class Route(Struct, array_like=True, frozen=True, gc=False, forbid_unknown_fields=True):
    """A way from a node to another. Between months it is a store; its product stays what it is."""

    id: str
    source: str
    target: str
    cost_minor: int
    """Per unit that enters"""
    capacity: int = UNBOUND
    keeps: tuple[int, int] = (1, 1)
    """What arrives of what enters, a ratio: (97, 100) loses three in a hundred"""
    lot: int = 0
    """Units of a cargo: it carries whole cargoes alone; 0: any quantity"""
    owner: str = ""
    """Who carries, and is paid for it where the match is settled"""


class Shared(Struct, array_like=True, frozen=True, gc=False, forbid_unknown_fields=True):
    """A capacity that several routes share: a pipeline, a terminal. What enters all of them stays within it."""

    id: str
    capacity: int
    routes: tuple[str, ...]
    owner: str = ""


class Network(NamedTuple):
    """Nodes and routes in numbers. Arcs are the routes in their order, then one per node that has or needs.

    A route without a bound carries one unit more than all that is needed, so that it is never full.
    """

    nodes: tuple[Node, ...]
    routes: tuple[Route, ...]
    tails: "Ints"
    heads: "Ints"
    capacities: "Ints"
    costs: "Ints"
    needs: int
    """Sum of all that is needed"""

    @property
    def root(self) -> int:
        """Give the number of the root."""
        return len(self.nodes)


class EnergySolver(Protocol):
    """Finds a flow of least cost."""

    def min_cost_flow(self, arcs: "Ints", supplies: "Ints") -> list[int]:
        """Give the flow of each row (tail, head, capacity, cost) of `arcs`.

        `supplies` says per node what it gives (> 0) or gets (< 0) and sums to 0. There always is such a flow.
        """
        ...


def is_plain(routes: Sequence[Route], shared: Sequence[Shared]) -> bool:
    """Tell whether a network is one of whole flows: nothing is lost, nothing shared, no cargo indivisible."""
    return not shared and all(one.keeps[0] == one.keeps[1] and not one.lot for one in routes)


def entries_of(routes: Sequence[Route], shared: Sequence[Shared]) -> int:
    """Count what a check of a network that is not plain goes over: both ends of routes, and uses of what is shared."""
    return 2 * len(routes) + sum(len(one.routes) for one in shared)


def fault_of(nodes: Sequence[Node], routes: Sequence[Route], shared: Sequence[Shared] = ()) -> str:
    """Say what is wrong with a network, or nothing."""
    places = {one.id: one for one in nodes}
    if len(places) != len(nodes) or len({one.id for one in routes}) != len(routes):
        return "an id is there twice"
    if len(nodes) > NODES_MAX or len(routes) > ROUTES_MAX:
        return "too many nodes or routes"
    for node in nodes:
        if not -QUANTITY_END < node.amount < QUANTITY_END or not UNBOUND <= node.price_minor < PRICE_END:
            return f"node {node.id}: amount or price out of bounds"
    if sum(-one.amount for one in nodes if one.amount < 0) >= QUANTITY_END:
        return "more is needed than can be counted"
    for route in routes:
        source, target = places.get(route.source), places.get(route.target)
        if source is None or target is None or source is target:
            return f"route {route.id}: not from one node to another"
        if source.product != target.product:
            return (
                f"route {route.id}: from {source.product or 'no product'} to {target.product or 'no product'}"
            )
        if source.month and target.month and source.month > target.month:
            return f"route {route.id}: from {source.month} back to {target.month}"
        if not 0 <= route.cost_minor < PRICE_END or not UNBOUND <= route.capacity < QUANTITY_END:
            return f"route {route.id}: cost or capacity out of bounds"
        if not 0 < route.keeps[0] <= route.keeps[1] <= KEEPS_MAX or not 0 <= route.lot < QUANTITY_END:
            return f"route {route.id}: what it keeps, or its cargo, out of bounds"
    return _shared_fault(routes, shared)


def _shared_fault(routes: Sequence[Route], shared: Sequence[Shared]) -> str:
    known = dict.fromkeys(one.id for one in routes)
    if len(shared) > SHARED_MAX or len({one.id for one in shared}) != len(shared):
        return "too many shared capacities, or one twice"
    for one in shared:
        if not 0 <= one.capacity < QUANTITY_END:
            return f"shared {one.id}: capacity out of bounds"
        if (
            not one.routes
            or len(set(one.routes)) < len(one.routes)
            or any(no not in known for no in one.routes)
        ):
            return f"shared {one.id}: not of routes, each once"
    return ""


def network(nodes: Sequence[Node], routes: Sequence[Route]) -> Network:
    """Put nodes and routes into numbers; ValueError where they are none."""
    import numpy as np

    fault = fault_of(nodes, routes)
    if fault or not is_plain(routes, ()):
        raise ValueError(fault or "flows of this network are not whole")
    places = {one.id: no for no, one in enumerate(nodes)}
    needs = sum(-one.amount for one in nodes if one.amount < 0)
    scarcity = scarcity_of(nodes, routes)
    rows = [
        (
            places[one.source],
            places[one.target],
            needs + 1 if one.capacity == UNBOUND else min(one.capacity, needs + 1),
            one.cost_minor,
        )
        for one in routes
    ]
    for no, node in enumerate(nodes):
        if node.amount > 0:
            rows.append((len(nodes), no, node.amount, max(0, node.price_minor)))
        elif node.amount < 0:
            rows.append(
                (len(nodes), no, -node.amount, scarcity if node.price_minor == UNBOUND else node.price_minor)
            )
    table = np.array(rows, np.int64).reshape(-1, 4)
    tails, heads, capacities, costs = (table[:, at].copy() for at in range(4))
    return Network(tuple(nodes), tuple(routes), tails, heads, capacities, costs, needs)


def scarcity_of(nodes: Sequence[Node], routes: Sequence[Route]) -> int:
    """Give a price above what any way costs on which nothing is lost."""
    longest = max([one.cost_minor for one in routes], default=0) * len(nodes)
    return 1 + longest + max([one.price_minor for one in nodes if one.amount > 0], default=0)


class Prices(NamedTuple):
    """What a flow of least cost allows each node to cost: at least, and at most (`_FAR` or more: no bound)."""

    lowest: "Ints"
    highest: "Ints"


def prices(net: Network, flows: "Ints") -> Prices | None:
    """Give the range of every node's price, none below 0; None where the flow is not one of least cost."""
    import numpy as np

    more, less = flows < net.capacities, flows > 0
    tails = np.concatenate([net.tails[more], net.heads[less]])
    heads = np.concatenate([net.heads[more], net.tails[less]])
    costs = np.concatenate([net.costs[more], -net.costs[less]])
    every = np.arange(net.root, dtype=np.int64)
    root = np.full(net.root, net.root, np.int64)
    tails, heads = np.concatenate([tails, every]), np.concatenate([heads, root])
    costs = np.concatenate([costs, np.zeros(net.root, np.int64)])
    highest = distances(tails, heads, costs, net.root)
    lowest = distances(heads, tails, costs, net.root)
    if highest is None or lowest is None:
        return None
    return Prices(-lowest[:-1], highest[:-1])


def is_first(net: Network, flows: "Ints", lowest: "Ints") -> bool:
    """Tell whether, of all flows of the same least cost, a flow has the least sum of route number times quantity.

    What could be turned round at no cost lies on arcs along which prices rise by just their cost; none of these
    turns may lower the sum.
    """
    import numpy as np

    level = np.append(lowest, 0)
    tight = net.costs + level[net.tails] - level[net.heads] == 0
    ranks = ranks_of(net)
    more, less = tight & (flows < net.capacities), tight & (flows > 0)
    tails = np.concatenate([net.tails[more], net.heads[less]])
    heads = np.concatenate([net.heads[more], net.tails[less]])
    costs = np.concatenate([ranks[more], -ranks[less]])
    return distances(tails, heads, costs, None, nodes=net.root + 1) is not None


def ranks_of(net: Network) -> "Ints":
    """Give the second cost of each arc: the number of a route, from 1; nothing for what is sold or unserved."""
    import numpy as np

    ranks = np.zeros(len(net.costs), np.int64)
    ranks[: len(net.routes)] = np.arange(1, len(net.routes) + 1)
    return ranks


def distances(
    tails: "Ints", heads: "Ints", costs: "Ints", start: int | None, *, nodes: int = 0
) -> "Ints | None":
    """Give the length of the shortest way from `start` (None: from anywhere) to each of so many nodes.

    `_FAR` or more: there is no way. None where a circle costs less than nothing.
    """
    import numpy as np

    count = nodes or (start or 0) + 1
    length = np.zeros(count, np.int64) if start is None else np.full(count, _FAR, np.int64)
    if start is not None:
        length[start] = 0
    if not len(heads):
        return length
    order = np.argsort(heads, kind="stable")
    tails, costs, sorted_heads = tails[order], costs[order], heads[order]
    begins = np.flatnonzero(np.append(True, sorted_heads[1:] != sorted_heads[:-1]))
    reached = sorted_heads[begins]
    for _ in range(count + 1):
        behind = length[tails]
        ways = np.where(behind >= _FAR, _FAR, behind + costs)
        best = np.minimum(length[reached], np.minimum.reduceat(ways, begins))
        if np.array_equal(best, length[reached]):
            return length
        length[reached] = best
    return None

"""Matching of energy: against every flow and every price there is, and against proposals that lie."""

from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec import structs

from steelyard.market.energy.matching import Matched, check_match, match_energy, propose_match
from steelyard.market.energy.network import Node, Route, fault_of, network
from steelyard.market.energy.paths import ShortestPaths
from steelyard.market.refusals.energy import EnergyRefusal
from steelyard.solve.transport import TransportSolver

SPEC_NODES = (Node("P", 30), Node("Q", 40), Node("X", -20), Node("Y", -40))
SPEC_ROUTES = (
    Route("P-X", "P", "X", 4),
    Route("P-Y", "P", "Y", 6),
    Route("Q-X", "Q", "X", 5),
    Route("Q-Y", "Q", "Y", 3),
)


@st.composite
def networks(draw):
    """Draw a network of two who have, two who need and a node between, all needs with bids."""
    nodes = (
        *(Node(name, draw(st.integers(1, 3)), draw(st.integers(0, 2))) for name in "PQ"),
        *(Node(name, -draw(st.integers(1, 3)), draw(st.integers(0, 5))) for name in "XY"),
        Node("H", 0),
    )
    ways = draw(
        st.lists(
            st.sampled_from(["PX", "PY", "QX", "QY", "PH", "QH", "HX", "HY", "PQ"]), unique=True, max_size=5
        )
    )
    routes = tuple(
        Route(way, way[0], way[1], draw(st.integers(0, 3)), draw(st.sampled_from([-1, 0, 1, 2])))
        for way in ways
    )
    return nodes, routes


def every_flow(nodes, routes):
    """Give every flow that fits: (what is lost on it, rank, quantities); unserved needs lose their bids."""
    total = sum(-one.amount for one in nodes if one.amount < 0)
    tops = [total if one.capacity < 0 else min(one.capacity, total) for one in routes]
    for flows in product(*[range(top + 1) for top in tops]):
        gets = dict.fromkeys([one.id for one in nodes], 0)
        for route, flow in zip(routes, flows, strict=True):
            gets[route.source] -= flow
            gets[route.target] += flow
        loss = sum(route.cost_minor * flow for route, flow in zip(routes, flows, strict=True))
        for node in nodes:
            got = gets[node.id]
            if node.amount >= 0 and not -node.amount <= got <= 0:
                break
            if node.amount < 0 and not 0 <= got <= -node.amount:
                break
            loss += node.price_minor * (-got if node.amount >= 0 else -node.amount - got)
        else:
            yield loss, sum(no * flow for no, flow in enumerate(flows, 1)), flows


def bound(nodes, routes, price):
    """Give the least that any flow can lose, as prices by node prove it."""
    total = sum(-one.amount for one in nodes if one.amount < 0)
    value = 0
    for node in nodes:
        if node.amount > 0:
            value -= node.amount * max(0, price[node.id] - node.price_minor)
        elif node.amount < 0:
            value += -node.amount * min(price[node.id], node.price_minor)
    for route in routes:
        top = total + 1 if route.capacity < 0 else route.capacity
        value -= top * max(0, price[route.target] - price[route.source] - route.cost_minor)
    return value


@given(drawn=networks())
@settings(deadline=None)
def test_a_match_is_the_first_of_all_flows(drawn):
    """Least loss, then least sum of route number times quantity; the surplus is what was not lost."""
    nodes, routes = drawn
    loss, rank, _ = min(every_flow(nodes, routes))
    made = match_energy(nodes, routes, solver=ShortestPaths())

    assert isinstance(made, Matched)
    assert made.surplus_minor == sum(-one.amount * one.price_minor for one in nodes if one.amount < 0) - loss
    numbers = {one.id: no for no, one in enumerate(routes, 1)}
    assert rank == sum(numbers[name] * flow for name, flow in made.flows)


@given(drawn=networks())
@settings(deadline=None, max_examples=25)
def test_prices_are_the_smallest_that_prove_it(drawn):
    """Of all whole prices that leave no gap, each node's least; each node's greatest, where something bounds it."""
    nodes, routes = drawn
    loss = min(every_flow(nodes, routes))[0]
    made = match_energy(nodes, routes, solver=ShortestPaths())
    top = 6
    names = [one.id for one in nodes]
    proofs = [
        price
        for price in product(range(top + 1), repeat=len(names))
        if bound(nodes, routes, dict(zip(names, price, strict=True))) == loss
    ]

    assert [min(price[no] for price in proofs) for no in range(len(names))] == [
        low for _, low, _ in made.prices
    ]
    for no, (_, _, high) in enumerate(made.prices):
        assert max(price[no] for price in proofs) == (top if high < 0 else min(high, top))


@given(drawn=networks())
@settings(deadline=None, max_examples=60)
def test_two_solvers_publish_the_same(drawn):
    """Cost, surplus, prices, ranges, what is unserved and why hang on the data alone."""
    nodes, routes = drawn
    one = match_energy(nodes, routes, solver=ShortestPaths())
    two = match_energy(nodes, routes, solver=TransportSolver())

    assert (one.cost_minor, one.surplus_minor, one.prices) == (two.cost_minor, two.surplus_minor, two.prices)


def sound():
    """Give a network and a proposal that stands."""
    net = network(SPEC_NODES, SPEC_ROUTES)
    return net, propose_match(net, solver=ShortestPaths())


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"flows": (20, 0, 0)}, EnergyRefusal.MATCH_IS_NOT_FEASIBLE),
        ({"flows": (21, 0, 0, 40)}, EnergyRefusal.MATCH_IS_NOT_FEASIBLE),
        ({"flows": (20, 0, 1, 40)}, EnergyRefusal.MATCH_IS_NOT_FEASIBLE),
        ({"flows": (20, -1, 0, 40)}, EnergyRefusal.MATCH_IS_NOT_FEASIBLE),
        ({"cost_minor": 199}, EnergyRefusal.MATCH_COST_IS_WRONG),
        ({"cost_minor": 201}, EnergyRefusal.MATCH_COST_IS_WRONG),
        ({"flows": (20, 1, 0, 39), "cost_minor": 203}, EnergyRefusal.PRICES_LEAVE_A_GAP),
        ({"flows": (19, 0, 1, 39), "cost_minor": 198}, EnergyRefusal.PRICES_LEAVE_A_GAP),
        ({"prices": ((0, 1), (0, 1), (4, 1))}, EnergyRefusal.PRICES_LEAVE_A_GAP),
        ({"prices": ((0, 1), (0, 1), (5, 1), (3, 1))}, EnergyRefusal.PRICES_LEAVE_A_GAP),
        ({"prices": ((1, 1), (0, 1), (4, 1), (3, 1))}, EnergyRefusal.PRICES_LEAVE_A_GAP),
        ({"prices": ((0, 1), (0, 1), (4, 1), (3_000_001, 1_000_001))}, EnergyRefusal.PRICES_LEAVE_A_GAP),
        ({"prices": ((0, 1), (0, 1), (4, 1), (6_000_003, 2_000_001))}, EnergyRefusal.PRICES_LEAVE_A_GAP),
        ({"prices": ((0, 1), (0, 1), (4, 1), (-3, -1))}, EnergyRefusal.PRICES_LEAVE_A_GAP),
        ({"prices": ((0, 1), (1, 1), (4, 1), (4, 1))}, EnergyRefusal.PRICES_ARE_NOT_SMALLEST),
        ({"prices": ((0, 1), (1, 2), (4, 1), (7, 2))}, EnergyRefusal.PRICES_ARE_NOT_SMALLEST),
    ],
)
def test_a_nudged_proposal_is_refused(change, refusal):
    """A flow, a price or the cost, by one: each has its refusal."""
    net, proposal = sound()

    assert isinstance(check_match(net, proposal), Matched)
    assert refusal is check_match(net, structs.replace(proposal, **change))


def test_of_equal_flows_the_one_on_earlier_routes_counts():
    """Two routes cost the same; a proposal on the later one is refused, though nothing is cheaper."""
    nodes = (Node("P", 5), Node("X", -5))
    routes = (Route("by sea", "P", "X", 2), Route("by land", "P", "X", 2))
    net = network(nodes, routes)
    proposal = propose_match(net, solver=TransportSolver())

    assert (5, 0) == proposal.flows
    assert isinstance(check_match(net, proposal), Matched)
    assert check_match(net, structs.replace(proposal, flows=(4, 1))) is EnergyRefusal.MATCH_IS_NOT_FIRST


def test_what_is_not_served_says_why():
    """Too low a bid, a full route, nothing left, no way: each need its reason."""
    nodes = (
        Node("P", 10),
        Node("Q", 5),
        Node("low", -2, 1),
        Node("full", -4),
        Node("short", -9),
        Node("far", -1),
    )
    routes = (
        Route("P-low", "P", "low", 3),
        Route("P-full", "P", "full", 3, 3),
        Route("Q-short", "Q", "short", 1),
    )
    made = match_energy(nodes, routes, solver=TransportSolver())

    assert (
        ("low", 2, "bid_too_low"),
        ("full", 1, "route_is_full"),
        ("short", 4, "supply_is_short"),
        ("far", 1, "no_route"),
    ) == made.unserved
    assert (("P", 7),) == made.unsold
    assert ("P-full", "Q-short") == tuple(name for name, _ in made.flows)
    assert ("Q-short",) == made.marginal


def test_bids_and_asks_give_the_surplus():
    """Sold at 2 and 5, bid 9 and 4, a route of 1: the dear one sells only to who bids more."""
    nodes = (Node("P", 3, 2), Node("Q", 3, 5), Node("X", -4, 9), Node("Y", -3, 4))
    routes = tuple(Route(a + b, a, b, 1) for a in "PQ" for b in "XY")
    made = match_energy(nodes, routes, solver=TransportSolver())

    assert (("PX", 3), ("QX", 1)) == made.flows
    assert (("Y", 3, "bid_too_low"),) == made.unserved
    assert made.surplus_minor == 4 * 9 - (3 * 2 + 1 * 5 + 4 * 1)


def test_storage_moves_gas_between_months():
    """June's surplus serves July over a store; a route between products is no route."""
    nodes = (
        Node("P6", 9, product="gas", month="06"),
        Node("X7", -4, product="gas", month="07"),
        Node("S", 0, product="gas"),
    )
    routes = (Route("in", "P6", "S", 1), Route("out", "S", "X7", 2))
    made = match_energy(nodes, routes, solver=TransportSolver())

    assert (made.cost_minor, made.price("S"), made.price("X7")) == (12, 1, 3)
    assert "from gas to coal" in fault_of(
        (*nodes, Node("C", -1, product="coal")), (Route("x", "P6", "C", 1),)
    )


@pytest.mark.parametrize(
    ("nodes", "routes"),
    [
        ((Node("P", 1), Node("P", -1)), ()),
        ((Node("P", 1), Node("X", -1)), (Route("r", "P", "Z", 1),)),
        ((Node("P", 1), Node("X", -1)), (Route("r", "P", "P", 1),)),
        ((Node("P", 1), Node("X", -1)), (Route("r", "P", "X", -1),)),
        ((Node("P", 10**15),), ()),
        ((Node("P", 1, 10**12),), ()),
        ((Node("P", 1), Node("X", -1)), (Route("r", "P", "X", 1), Route("r", "P", "X", 1))),
    ],
)
def test_what_is_no_network_is_turned_away(nodes, routes):
    """An id twice, a route from nowhere, to itself, of negative cost, amounts and prices out of bounds."""
    with pytest.raises(ValueError, match=r".+"):
        network(nodes, routes)


@given(drawn=networks(), route=st.integers(0, 4), by=st.sampled_from([-1, 1]))
@settings(deadline=None)
def test_no_other_flow_is_taken(drawn, route, by):
    """One unit more or less on a route, with its true cost told, never stands beside the prices."""
    nodes, routes = drawn
    assume(route < len(routes))
    net = network(nodes, routes)
    proposal = propose_match(net, solver=ShortestPaths())
    flows = list(proposal.flows)
    flows[route] += by
    cost = proposal.cost_minor + by * routes[route].cost_minor

    for told in (proposal.cost_minor, cost):
        nudged = structs.replace(proposal, flows=tuple(flows), cost_minor=told)
        found = check_match(net, nudged)
        assert found in list(EnergyRefusal)

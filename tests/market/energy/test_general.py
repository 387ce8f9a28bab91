"""Matches with losses, shared capacities and cargoes: against every flow there is, two solvers, and lies."""

import random
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from steelyard.market.energy.cargoes import arrives, loaded
from steelyard.market.energy.general import general
from steelyard.market.energy.generally import check_general, propose_general
from steelyard.market.energy.match import Matched
from steelyard.market.energy.matching import check_any, match_energy, propose_any
from steelyard.market.energy.network import Node, Route, Shared, fault_of
from steelyard.market.energy.proof import Proved, check, read, text
from steelyard.market.energy.prove import prove
from steelyard.market.energy.simplex import ExactSolver, Lp, NoProgramme, best
from steelyard.market.refusals.energy import EnergyRefusal as No
from steelyard.solve.transport import TransportSolver

SOLVER = TransportSolver()
HALF = Fraction(1, 2)
GAS = (
    (Node("P", 30), Node("Q", 40, 3), Node("X", -20, 12), Node("Y", -25, 11)),
    (
        Route("P-X", "P", "X", 4),
        Route("P-Y", "P", "Y", 4, keeps=(9, 10)),
        Route("Q-X", "Q", "X", 5),
        Route("Q-Y", "Q", "Y", 5),
    ),
    (Shared("pipe", 24, ("P-X", "P-Y")),),
)


@st.composite
def networks(draw, losses=((1, 1), (1, 2), (9, 10))):
    """Draw one who has, two who need, a node between, and a capacity that some routes share."""
    nodes = (
        Node("P", draw(st.integers(1, 3)), draw(st.integers(0, 1))),
        *(Node(name, -draw(st.integers(1, 2)), draw(st.integers(0, 4))) for name in "XY"),
        Node("H", 0),
    )
    ways = draw(
        st.lists(st.sampled_from(["PX", "PY", "PH", "HX", "HY", "XY"]), unique=True, min_size=1, max_size=5)
    )
    routes = tuple(
        Route(way, way[0], way[1], draw(st.integers(0, 2)), draw(st.sampled_from([-1, 0, 1, 2])),
              draw(st.sampled_from(losses)))
        for way in ways
    )  # fmt: skip
    chosen = tuple(draw(st.lists(st.sampled_from(ways), unique=True, min_size=1)))
    return nodes, routes, (Shared("s", draw(st.integers(0, 3)), chosen),)


def lost(nodes, routes, shared, flows):
    """Give what flows lose: what they cost, and the bids of what stays unserved; None where they do not fit."""
    gets = dict.fromkeys([one.id for one in nodes], Fraction(0))
    for route, flow in zip(routes, flows, strict=True):
        gets[route.source] -= flow
        gets[route.target] += flow * Fraction(*route.keeps)
        if 0 <= route.capacity < flow:
            return None
    quantity = dict(zip([one.id for one in routes], flows, strict=True))
    if any(sum(quantity[name] for name in one.routes) > one.capacity for one in shared):
        return None
    loss = sum(route.cost_minor * flow for route, flow in zip(routes, flows, strict=True))
    for node in nodes:
        got = gets[node.id]
        low, high = (-node.amount, 0) if node.amount >= 0 else (0, -node.amount)
        if not low <= got <= high:
            return None
        loss += node.price_minor * (-got if node.amount >= 0 else -node.amount - got)
    return loss


def bound(nodes, routes, shared, price, rent):
    """Give the least that any flow can lose, as prices and a rent prove it; None where they prove nothing."""
    value = -rent * shared[0].capacity
    for node in nodes:
        if node.amount > 0:
            value -= node.amount * max(0, price[node.id] - node.price_minor)
        elif node.amount < 0:
            value += -node.amount * min(price[node.id], node.price_minor)
    for route in routes:
        pays = rent if route.id in shared[0].routes else 0
        kept = 1 if route.keeps[0] == route.keeps[1] else Fraction(*route.keeps)
        gain = kept * price[route.target] - price[route.source] - route.cost_minor - pays
        if gain > 0 and route.capacity < 0:
            return None
        value -= max(0, gain) * max(0, route.capacity)
    return value


@given(drawn=networks())
@settings(deadline=None, max_examples=40)
def test_no_flow_on_a_grid_loses_less_and_two_solvers_publish_the_same(drawn):
    """Of all flows in halves none beats the match; its own loss is what its prices prove."""
    routes = drawn[1]
    net = general(*drawn)
    one, two = check(net, prove(net, solver=ExactSolver())), check(net, prove(net, solver=SOLVER))
    flows = one.numbers[: len(routes)]

    assert isinstance(one, Proved)
    assert (one.cost, one.prices, one.highest, one.rents) == (two.cost, two.prices, two.highest, two.rents)
    assert (
        one.total
        == lost(*drawn, flows)
        == bound(*drawn, dict(zip("PXYH", one.prices, strict=True)), one.rents[0])
    )
    grid = product([HALF * step for step in range(5)], repeat=min(3, len(routes)))
    for first in grid:
        loss = lost(*drawn, (*first, *[Fraction(0)] * (len(routes) - len(first))))
        assert loss is None or loss >= one.total


@given(drawn=networks(losses=((1, 1),)))
@settings(deadline=None, max_examples=12)
def test_rents_and_then_prices_are_the_smallest_that_prove_it(drawn):
    """Of all whole rents and prices that leave no gap: the least rent, and beside it each node's least and most."""
    net = general(*drawn)
    found = check(net, prove(net, solver=SOLVER))
    top = range(5)
    proofs = [
        (rent, price)
        for rent, *price in product(top, repeat=5)
        if bound(*drawn, dict(zip("PXYH", price, strict=True)), rent) == found.total
    ]
    if found.rents[0].denominator > 1 or not proofs:
        return
    least = min(rent for rent, _ in proofs)
    beside = [price for rent, price in proofs if rent == least]

    assert least == found.rents[0]
    assert [min(price[no] for price in beside) for no in range(4)] == found.prices
    for no, high in enumerate(found.highest):
        assert max(price[no] for price in beside) == (4 if high is None else min(high, 4))


@given(drawn=networks(), at=st.integers(0, 20), by=st.sampled_from([-1, 1, HALF, Fraction(-1, 7), 10**40]))
@settings(deadline=None, max_examples=40)
def test_a_nudged_flow_price_rent_or_cost_is_refused(drawn, at, by):
    """Whatever the nudge, and whatever else of the proof stays true."""
    net = general(*drawn)
    proof = prove(net, solver=ExactSolver())
    for name in ("flows", "prices", "rents", "highest"):
        old = list(getattr(proof, name))
        old[at % len(old)] = text(read(old[at % len(old)]) + by)
        unbound = name == "highest" and proof.rising[at % len(old)] != "0"
        changed = structs.replace(proof, **{name: tuple(old)})
        assert unbound or check(net, changed) in list(No), name
        if name == "flows":
            dearer = sum(read(new) * one.cost_minor for new, one in zip(old, net.routes, strict=True))
            assert check(net, structs.replace(changed, cost=text(dearer))) in list(No)

    assert check(net, structs.replace(proof, cost=text(read(proof.cost) + by))) is No.MATCH_COST_IS_WRONG


def test_a_pipe_that_two_routes_share_has_its_rent():
    """24 units go over the pipe, where each saves more than on the other way: that is what a unit of it is worth."""
    nodes, routes, shared = GAS
    made = match_energy(nodes, routes, solver=SOLVER, shared=shared)

    assert (("P-X", 20), ("P-Y", 4), ("Q-Y", Fraction(107, 5))) == made.flows
    assert (("pipe", Fraction(16, 5)),) == made.rents
    assert (("X", Fraction(36, 5)), ("Y", 8)) == tuple((name, price) for name, price, _ in made.prices[2:])
    assert (("X", 20), ("Y", 25)) == made.delivered


def test_what_is_lost_is_paid_on_the_way():
    """48 arrive of 4,800/97 that leave; a unit that arrives costs what 100/97 units cost on the way."""
    made = match_energy(
        [Node("P", 90), Node("X", -48)], [Route("r", "P", "X", 2, keeps=(97, 100))], solver=SOLVER
    )

    assert (("r", Fraction(4800, 97)),) == made.flows
    assert (Fraction(9600, 97), Fraction(200, 97)) == (made.cost_minor, made.price("X"))
    assert (("P", 90 - Fraction(4800, 97)),) == made.unsold


def test_two_ways_that_lose_differently_settle_the_price():
    """50 serve 46 by a way that keeps 9 in 10 for nothing and one that keeps 19 in 20 for 1: both are used, so a unit
    is worth 18 where it leaves and 20 where it arrives, no less and no more."""
    nodes = [Node("P", 50), Node("X", -46)]
    routes = [Route("free", "P", "X", 0, keeps=(9, 10)), Route("dear", "P", "X", 1, keeps=(19, 20))]
    made = match_energy(nodes, routes, solver=SOLVER)

    assert (("free", 30), ("dear", 20)) == made.flows
    assert (("P", 18, 18), ("X", 20, 20)) == made.prices


def test_a_store_carries_over_months_and_loses_in_each():
    """June's gas serves August: 100 leave for every 81 that arrive; no store leads back in time."""
    nodes = [Node("P6", 1_000, 10, "gas", "2027-06"), Node("T7", 0, 0, "gas", "2027-07"),
             Node("X8", -81, -1, "gas", "2027-08")]  # fmt: skip
    routes = [Route("7", "P6", "T7", 1, keeps=(9, 10)), Route("8", "T7", "X8", 1, keeps=(9, 10))]
    made = match_energy(nodes, routes, solver=SOLVER)

    assert (("7", 100), ("8", 90)) == made.flows
    assert (Fraction(110, 9), Fraction(1190, 81)) == (made.price("T7"), made.price("X8"))
    assert "back to 2027-06" in fault_of(nodes, [Route("r", "T7", "P6", 1)])


def test_products_share_a_terminal():
    """Gas and oil land at one quay of 10: the one that saves more there has it."""
    nodes = [
        Node("g", 20, 1, "gas"),
        Node("o", 20, 1, "oil"),
        Node("G", -8, 9, "gas"),
        Node("O", -8, 7, "oil"),
    ]
    routes = [Route("gas", "g", "G", 1), Route("oil", "o", "O", 1)]
    made = match_energy(nodes, routes, solver=SOLVER, shared=[Shared("quay", 10, ("gas", "oil"))])

    assert (("gas", 8), ("oil", 2)) == made.flows
    assert (("quay", 5),) == made.rents
    assert (("O", 6, "route_is_full"),) == made.unserved


def every_cargo(nodes, routes, shared, most):
    """Give the least loss of whole cargoes, losses rounded down for each route."""
    net = general(nodes, routes, shared)
    steps = [range(0, most + 1, one.lot or 1) for one in routes]
    return min(found.total for flows in product(*steps) if (found := loaded(net, flows)) is not None)


@given(drawn=networks(), lots=st.lists(st.sampled_from([0, 2, 3]), min_size=5, max_size=5))
@settings(deadline=None, max_examples=15)
def test_cargoes_are_the_best_there_are_and_their_gap_is_proved(drawn, lots):
    """Against every choice of cargoes; what lies between them and the bound below is the gap."""
    nodes, routes, shared = drawn
    routes = tuple(structs.replace(one, lot=lot) for one, lot in zip(routes, lots, strict=False))
    routes = (structs.replace(routes[0], lot=2), *routes[1:])
    net = general(nodes, routes, shared)
    match = propose_general(net, solver=SOLVER)
    made = check_general(net, match)
    best_total = every_cargo(nodes, routes, shared, 3)

    assert isinstance(made, Matched)
    assert loaded(net, match.flows).total == best_total
    below = check(net, match.proof).total
    assert 0 <= made.gap_minor <= best_total - below < made.gap_minor + 1
    flows = (match.flows[0] + 1, *match.flows[1:])
    assert check_general(net, structs.replace(match, flows=flows)) is No.MATCH_IS_NOT_FEASIBLE
    assert (
        check_general(net, structs.replace(match, cost_minor=match.cost_minor - 1)) is No.MATCH_COST_IS_WRONG
    )


def test_a_cargo_too_large_is_not_sent():
    """Of 50 needed a ship of 30 brings 30 and no second one; the rest has another way, or none."""
    nodes = [Node("P", 90), Node("X", -50, 20)]
    routes = [Route("ship", "P", "X", 2, lot=30, keeps=(97, 100)), Route("road", "P", "X", 9, 12)]
    made = match_energy(nodes, routes, solver=SOLVER)

    assert (29, 48) == (arrives(30, (97, 100)), arrives(50, (97, 100)))
    assert (("ship", 60),) == made.flows
    assert ((("X", 50),), True) == (made.delivered, made.gap_minor > 0)


def test_equal_costs_are_decided_by_the_order_of_routes_alone():
    """However nodes are ordered, cost and prices are the same; among equal routes the earlier ones carry."""
    nodes, routes, shared = GAS
    same = tuple(structs.replace(one, cost_minor=4, keeps=(1, 1)) for one in routes)
    wanted = match_energy(nodes, same, solver=SOLVER, shared=shared)
    order = random.Random(4)
    for _ in range(6):
        mixed = order.sample(nodes, len(nodes))
        made = match_energy(mixed, same, solver=SOLVER, shared=shared)
        assert (wanted.cost_minor, wanted.flows, wanted.rents) == (made.cost_minor, made.flows, made.rents)
        assert sorted(wanted.prices) == sorted(made.prices)


def test_nodes_apart_and_routes_shut_say_why():
    """A need that no way reaches, a route of no capacity, a shared one of none: all stay within their bounds."""
    nodes = [Node("P", 9), Node("X", -4), Node("Y", -3), Node("Z", -2)]
    routes = [Route("shut", "P", "X", 1, 0, (1, 2)), Route("both", "P", "Y", 1)]
    made = match_energy(nodes, routes, solver=SOLVER, shared=[Shared("none", 0, ("both",))])

    assert ((), (("P", 9),)) == (made.flows, made.unsold)
    assert (("X", 4, "route_is_full"), ("Y", 3, "route_is_full"), ("Z", 2, "no_route")) == made.unserved


LIES = {
    "ratio over nothing": {"flows": ("1/0", "4", "0", "107/5")},
    "not in lowest terms": {"flows": ("40/2", "4", "0", "107/5")},
    "less than nothing": {"flows": ("24", "-4", "0", "25")},
    "too few": {"flows": ("20",)},
    "price too few": {"prices": ()},
    "price below nothing": {"prices": ("0", "3", "-1", "8")},
    "rent below nothing": {"rents": ("-16/5",)},
    "no second prices": {"second": ()},
    "no proof of rents": {"rent_proofs": ()},
    "denominators that nobody can add up": {"flows": (f"1/{10**70 + 1}", f"1/{10**70 + 3}", "0", "1")},
    "finer than losses make it": {"prices": ("0", "3", f"1/{10**121}", "8")},
    "a column that is not there": {"price_proof": ((999, "1"),)},
    "a column before the first": {"price_proof": ((-1, "1"),)},
    "a column twice": {"price_proof": ((0, "1"), (0, "1"))},
    "a full route that carries more": {"price_proof": ((4, "-1"),)},
    "rising against what bounds it": {"rising": ("1", "1", "1", "1")},
    "falling for ever": {"rising": ("-1", "0", "0", "0")},
    "nothing at all": {"flows": (), "prices": (), "rents": (), "second": (), "highest": (), "rising": ()},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_malicious_solver_proves_nothing(lie):
    """Each is refused by name, none raises."""
    net = general(*GAS)
    proof = prove(net, solver=SOLVER)

    assert isinstance(check(net, proof), Proved)
    assert check(net, structs.replace(proof, **LIES[lie])) in list(No)


def test_without_losses_denominators_are_small():
    """A millionth is as fine as prices of such a network may be."""
    net = general(GAS[0], tuple(structs.replace(one, keeps=(1, 1)) for one in GAS[1]), GAS[2])
    proof = prove(net, solver=SOLVER)
    finer = structs.replace(proof, prices=(f"1/{10**6 + 1}", *proof.prices[1:]))

    assert isinstance(check(net, proof), Proved)
    assert check(net, finer) is No.PRICES_LEAVE_A_GAP


def test_a_proof_is_of_its_own_kind_of_network():
    """A plain network takes none, one that is not plain takes nothing else."""
    plain = GAS[0], tuple(structs.replace(one, keeps=(1, 1)) for one in GAS[1]), ()
    whole = propose_any(*plain, solver=SOLVER)
    proved = propose_any(*GAS, solver=SOLVER)

    assert isinstance(check_any(*plain, whole), Matched)
    assert check_any(*plain, structs.replace(whole, proof=proved.proof)) is No.MATCH_IS_NOT_FEASIBLE
    assert check_any(*GAS, whole) is No.PRICES_LEAVE_A_GAP
    assert check_any(*GAS, structs.replace(proved, flows=(1, 2, 3, 4))) is No.MATCH_IS_NOT_FEASIBLE


@pytest.mark.parametrize(
    ("route", "shared"),
    [
        (Route("r", "P", "X", 1, keeps=(0, 1)), ()),
        (Route("r", "P", "X", 1, keeps=(3, 2)), ()),
        (Route("r", "P", "X", 1, keeps=(1, 10**7)), ()),
        (Route("r", "P", "X", 1, lot=-1), ()),
        (Route("r", "P", "X", 1), (Shared("s", -1, ("r",)),)),
        (Route("r", "P", "X", 1), (Shared("s", 1, ()),)),
        (Route("r", "P", "X", 1), (Shared("s", 1, ("r", "r")),)),
        (Route("r", "P", "X", 1), (Shared("s", 1, ("q",)),)),
        (Route("r", "P", "X", 1), (Shared("s", 1, ("r",)), Shared("s", 2, ("r",)))),
    ],
)
def test_what_is_no_network_is_turned_away(route, shared):
    """Routes that keep nothing or more than all, cargoes below nothing, shares of no route or one twice."""
    with pytest.raises(ValueError, match=r".+"):
        general([Node("P", 1), Node("X", -1)], [route], shared)


def test_a_programme_without_an_answer_has_none():
    """Rows that nothing meets, and what has no end."""
    with pytest.raises(NoProgramme):
        SOLVER.least(Lp([1]))
    endless = Lp([0])
    endless.add(((0, 1),), -1), endless.add(((0, -1),), 0)
    with pytest.raises(NoProgramme):
        best(endless, None)


def test_a_weighing_is_that_of_a_basis():
    """No more columns than rows: what is right, but spread over many columns, is not gone through."""
    net = general([Node("P", 9), Node("X", -4)], [Route(name, "P", "X", 2, keeps=(1, 2)) for name in "abc"])
    proof = prove(net, solver=ExactSolver())
    spread = ((0, "1/2"), (1, "1/2"), (2, "1"), (3, "3"))

    assert proof.high_proof == ((0, "2"), (3, "3"))
    assert isinstance(check(net, proof), Proved)
    assert isinstance(check(net, structs.replace(proof, high_proof=((1, "2"), (3, "3")))), Proved)
    assert check(net, structs.replace(proof, high_proof=spread)) is No.PRICES_ARE_NOT_SMALLEST


def test_weighings_are_light_in_all(monkeypatch):
    """A proof of one entry more than a machine adds up is not added up."""
    net = general([Node("P", 9), Node("X", -4)], [Route("r", "P", "X", 2, keeps=(1, 2))])
    proof = prove(net, solver=ExactSolver())

    monkeypatch.setattr("steelyard.market.energy.proof.WEIGHED_MAX", 6)
    assert isinstance(check(net, proof), Proved)
    monkeypatch.setattr("steelyard.market.energy.proof.WEIGHED_MAX", 5)
    assert check(net, proof) is No.PRICES_ARE_NOT_SMALLEST

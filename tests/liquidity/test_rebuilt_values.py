"""Certificates of value batches: every honest one passes, any single change of one is found."""

from collections import defaultdict
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.liquidity.algorithms.pool import plan_pool
from steelyard.liquidity.algorithms.reference_batch import match_at_reference
from steelyard.liquidity.algorithms.successive import SuccessivePaths
from steelyard.liquidity.orders import Order
from steelyard.liquidity.queue import Queued
from steelyard.liquidity.rebuilt_values import check_match, check_pool
from steelyard.liquidity.snapshot import PoolSnapshot
from steelyard.solve.flow import OrToolsFlow

NAMES = ("CNY", "INR", "RUB")
HOME = {"A": "INR", "B": "RUB", "C": "CNY"}


@st.composite
def matches(draw, *, most=60, worth=40):
    """Draw orders among three currencies, values as decimals, and a cap."""
    values = {name: Fraction(draw(st.integers(1, worth)), 10) for name in NAMES}
    orders = []
    for number in range(draw(st.integers(1, 8))):
        sell, buy = draw(st.permutations(NAMES))[:2]
        limit = draw(st.none() | st.fractions(Fraction(1, 4), 4, max_denominator=9))
        amount, member = draw(st.integers(1, most)), draw(st.sampled_from("xy"))
        orders.append(Order(f"o{number}", sell, buy, amount, limit, member, number))
    return orders, values, {("x", "INR"): draw(st.integers(0, most))}


@st.composite
def pools(draw, *, most=60, worth=50):
    """Draw a snapshot of three participants in three currencies, caps of both kinds, and floors."""
    keys = [(who, name) for who in HOME for name in NAMES]
    payments = defaultdict(list)
    for number in range(draw(st.integers(1, 8))):
        payer, payee = draw(st.permutations("ABC"))[:2]
        amount, priority = draw(st.integers(1, most)), draw(st.integers(0, 2))
        payments[draw(st.sampled_from(NAMES))].append(
            Queued(f"p{number}", payer, payee, amount, priority, number)
        )
    snapshot = PoolSnapshot(
        seq=7,
        units={name: draw(st.integers(1, worth)) for name in NAMES},
        accounts={key: draw(st.integers(-5, most)) for key in keys},
        payments={name: tuple(rows) for name, rows in payments.items()},
        home=HOME,
        batch_caps={"A": draw(st.integers(0, 3 * most))} if draw(st.booleans()) else {},
        holding_caps={key: draw(st.integers(0, most)) for key in keys if draw(st.booleans())},
    )
    return snapshot, {key: -draw(st.integers(0, most)) for key in keys if draw(st.booleans())}


def planned(snapshot, floors, solver):
    """Plan a snapshot."""
    return plan_pool(
        snapshot.accounts,
        snapshot.payments,
        snapshot.units,
        home=snapshot.home,
        holding_caps=snapshot.holding_caps,
        floors=floors,
        batch_caps=snapshot.batch_caps,
        solver=solver,
        snapshot_seq=snapshot.seq,
    )


def changed(certificate, data):
    """Change one figure of a certificate."""
    kinds = [
        "potential",
        "value",
        "constant",
        "nodes",
        "objective",
        *(["arcs"] * 5 if certificate.arcs else []),
    ]
    kind = data.draw(st.sampled_from(kinds))
    by = data.draw(st.sampled_from([-1, 1, 10**6]))
    if kind == "arcs":
        place, part = data.draw(st.integers(0, len(certificate.arcs) - 1)), data.draw(st.integers(2, 5))
        arc = list(certificate.arcs[place])
        arc[part] += by
        arcs = (*certificate.arcs[:place], tuple(arc), *certificate.arcs[place + 1 :])
        return msgspec.structs.replace(certificate, arcs=arcs)
    if kind == "potential":
        place = data.draw(st.integers(0, len(certificate.potential) - 1))
        potential = list(certificate.potential)
        potential[place] += by
        return msgspec.structs.replace(certificate, potential=tuple(potential))
    if kind == "nodes":
        return msgspec.structs.replace(
            certificate, nodes=(*certificate.nodes[:-1], certificate.nodes[-1] + "Z")
        )
    if kind == "objective":
        return msgspec.structs.replace(certificate, objective="class1")
    return msgspec.structs.replace(certificate, **{kind: getattr(certificate, kind) + by})


@given(matches(), st.data())
@settings(max_examples=150, deadline=None)
def test_any_single_change_of_a_match_is_found(drawn, data):
    """Flow, bounds, reward, potential, value, constant, a node's name, the objective."""
    orders, values, caps = drawn
    proof = match_at_reference(orders, values, solver=OrToolsFlow(), caps=caps).certificate

    assert [] == check_match(proof, orders, values, caps=caps)
    assert [] != check_match(changed(proof, data), orders, values, caps=caps)


@given(pools(), st.data())
@settings(max_examples=150, deadline=None)
def test_any_single_change_of_a_pool_is_found(drawn, data):
    """The same, and a certificate of another snapshot."""
    snapshot, floors = drawn
    proof = planned(snapshot, floors, OrToolsFlow()).certificate

    assert [] == check_pool(proof, snapshot, floors=floors)
    assert [] != check_pool(changed(proof, data), snapshot, floors=floors)
    assert [] != check_pool(msgspec.structs.replace(proof, snapshot_seq=8), snapshot, floors=floors)


@given(matches(most=10**18, worth=10**15))
@settings(max_examples=40, deadline=None)
def test_matches_beyond_64_bits_are_proved_too(drawn):
    """No solver takes part in them; the certificate says as much."""
    orders, values, caps = drawn

    assert [] == check_match(
        match_at_reference(orders, values, solver=OrToolsFlow(), caps=caps).certificate,
        orders,
        values,
        caps=caps,
    )


@given(pools(most=10**17, worth=10**12))
@settings(max_examples=40, deadline=None)
def test_pools_in_coarse_units_are_proved_too(drawn):
    """Whoever rebuilds the network finds the same scale."""
    snapshot, floors = drawn

    assert [] == check_pool(planned(snapshot, floors, OrToolsFlow()).certificate, snapshot, floors=floors)


@given(pools())
@settings(max_examples=60, deadline=None)
def test_two_solvers_bound_a_pool_alike(drawn):
    """The bound and the value of the certificate do not depend on who solved it."""
    snapshot, floors = drawn
    one, other = planned(snapshot, floors, OrToolsFlow()), planned(snapshot, floors, SuccessivePaths())

    assert (one.bound_value, one.certificate.value) == (other.bound_value, other.certificate.value)


@given(matches())
@settings(max_examples=60, deadline=None)
def test_two_solvers_match_the_same_value(drawn):
    """Fills may differ, the value does not."""
    orders, values, caps = drawn
    one, other = (
        match_at_reference(orders, values, solver=solver, caps=caps)
        for solver in (OrToolsFlow(), SuccessivePaths())
    )

    assert one.value == other.value


@pytest.mark.parametrize("more", [1, -1])
def test_an_order_more_or_less_is_found(more):
    """The certificate of a book proves nothing of another."""
    orders = [
        Order("1", "INR", "RUB", 9, seq=1),
        Order("2", "RUB", "INR", 5, seq=2),
        Order("3", "INR", "CNY", 1, seq=3),
    ]
    proof = match_at_reference(
        orders[: 3 - (more > 0)], dict.fromkeys(NAMES, 1), solver=OrToolsFlow()
    ).certificate

    assert ["the arc INR to CNY of reward 1 has other bounds"] == check_match(
        proof, orders[: 3 - (more < 0)], dict.fromkeys(NAMES, 1)
    )

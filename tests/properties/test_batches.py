"""Any queue, any money, any own rules: what the solver proposes is never refused, and leaves every invariant true."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.flows.own_rules import HoldingFields, LimitFields, ReservationFields
from tests.flows.batches import calm, report, request, splitting
from tests.flows.payworld import ANNA, ARNE, BIRK, BRAM, CLEO, Network

BANKS = (ANNA, ARNE, BIRK, BRAM, CLEO)
PAIRS = st.permutations(BANKS).map(lambda every: tuple(every[:2]))
PAYMENT = st.tuples(PAIRS, st.integers(1, 500), st.integers(0, 2), st.booleans())
BANK, SMALL = st.sampled_from(BANKS), st.integers(0, 300)
LIMIT = st.tuples(PAIRS, st.booleans(), SMALL)


def given_world(play: Any) -> Network:
    """Build a network with the drawn money and own rules, then queue the payments."""
    net = splitting()
    for bic, minor in play["money"]:
        net.fund(bic, "NOR", minor + 1)
    for (owner, other), is_all, room in play["limits"]:
        net.give("limit.own", LimitFields("NOR", "*" if is_all else other, room), owner)
    for bic, priority, minor in play["kept"]:
        net.give("reservation.set", ReservationFields("NOR", priority, minor), bic)
    for bic, minor in play["caps"]:
        net.give("holding.set", HoldingFields("NOR", minor + 200), bic)
    return net


@settings(max_examples=150, deadline=None)
@given(
    play=st.fixed_dictionaries(
        {
            "money": st.lists(st.tuples(BANK, SMALL), max_size=4),
            "limits": st.lists(LIMIT, max_size=3),
            "kept": st.lists(st.tuples(BANK, st.integers(0, 1), SMALL), max_size=3),
            "caps": st.just([]),
        }
    ),
    payments=st.lists(PAYMENT, min_size=1, max_size=12),
)
def test_an_honest_proposal_is_taken_and_keeps_every_invariant(play, payments):
    net = given_world(play)
    solver = calm(net)
    for (payer, payee), minor, priority, may_split in payments:
        net.pay(payer, payee, "NOR", minor, priority=priority, may_split=may_split)
    before = sum(net.balance(bic, "NOR") for bic in BANKS)
    while True:
        request(net)
        outcome = solver.answer()
        assert outcome.code == 0, outcome
        told = report(outcome)
        net.check()
        assert before == sum(net.balance(bic, "NOR") for bic in BANKS)
        assert int(told.settled) + int(told.parts) <= int(told.bound) <= int(told.bound_free)
        assert told.proved
        if not told.settled_count + told.parts_count:
            break
    for payment in net.world.payments.live.values():
        assert 0 < payment.open_minor
        assert not payment.parts or payment.may_split


@settings(max_examples=60, deadline=None)
@given(
    caps=st.lists(st.tuples(BANK, SMALL), max_size=3),
    payments=st.lists(PAYMENT, min_size=1, max_size=10),
    money=st.lists(st.tuples(BANK, SMALL), max_size=4),
)
def test_with_holding_caps_a_proposal_is_taken_or_refused_and_never_half(caps, payments, money):
    net = given_world({"money": money, "limits": [], "kept": [], "caps": caps})
    solver = calm(net)
    for (payer, payee), minor, priority, may_split in payments:
        net.pay(payer, payee, "NOR", minor, priority=priority, may_split=may_split)
    request(net)
    before = {name: digest for name, digest in net.world.section_hashes() if name not in ("ids", "world")}
    outcome = solver.answer()
    after = {name: digest for name, digest in net.world.section_hashes() if name not in ("ids", "world")}

    assert outcome.code == 0 or before == after
    net.check()
    for bic, minor in caps:
        cap = max(minor for one, minor in caps if one == bic)
        assert net.balance(bic, "NOR") <= max(cap + 200, sum(given + 1 for one, given in money if one == bic))

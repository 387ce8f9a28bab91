"""What algorithms see of long queues: the first by class and order, as many as one bundle holds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.flows import gridlock, queue_view
from steelyard.flows.queue import NamedFields, TimesFields
from steelyard.liquidity.selection import in_order
from steelyard.liquidity.snapshot import pack
from steelyard.values.instants import HOUR, MINUTE
from tests.flows.batches import calm, report, request, ring, splitting
from tests.flows.payworld import ANNA, ARNE, BRAM, CLEO, Network

BANKS = (ANNA, ARNE, BRAM, CLEO)
PAIRS = st.permutations(BANKS).map(lambda every: tuple(every[:2]))


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(PAIRS, st.integers(0, 2), st.integers(0, 3)), max_size=14),
    most=st.integers(0, 15),
)  # fmt: skip
def test_the_first_are_those_of_the_whole_view(rows, most):
    """Ranks and what may not go now included: payments to Cleo need her word first."""
    net = Network()
    net.set(CLEO, accepts_minor={})
    for (payer, payee), priority, order in rows:
        uetr = net.pay(payer, payee, "NOR", 100, priority=priority)
        if order < 2:
            net.give(("queue.to_front", "queue.to_back")[order], NamedFields(uetr), payer)
    whole = queue_view.view(net.world, "NOR", net.at)
    first = {one.id for one in in_order(whole.payments)[:most]}
    cut = queue_view.view(net.world, "NOR", net.at, most=most)

    assert [one for one in whole.payments if one.id in first] == list(cut.payments)
    assert all(whole.balances[name] == cut.balances[name] for name in cut.balances)
    for view, bound in ((whole, None), (cut, most)):
        assert pack(view) == pack(queue_view.hold(net.world, "NOR", net.at, most=bound).packed())


def test_a_payments_new_times_are_seen_and_what_was_held_before_stays():
    net = Network()
    uetr = net.pay(ANNA, BRAM, "NOR", 100)
    before = queue_view.hold(net.world, "NOR", net.at)
    packed = pack(before.packed())
    net.give("queue.set_times", TimesFields(uetr, not_after_at=net.at + MINUTE), ANNA)
    late = net.at + MINUTE

    assert [uetr.hex()] == [one.id for one in queue_view.view(net.world, "NOR", net.at).payments]
    assert () == queue_view.view(net.world, "NOR", late).payments
    net.give("queue.set_times", TimesFields(uetr, not_before_at=net.at + HOUR), ANNA)
    assert packed == pack(before.packed()) == pack(before.snapshot())
    assert () == queue_view.view(net.world, "NOR", net.at).payments


def test_a_longer_queue_is_cut_and_the_next_batch_follows_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gridlock, "MOST", 3)
    monkeypatch.setattr("steelyard.flows.batch.MOST", 3)
    net = splitting()
    solver = calm(net)
    first, second = ring(net, 100, 100, 100), ring(net, 50, 50, 50)
    request(net)
    told = report(solver.answer())

    assert (3, 3) == (told.settled_count, told.left_count)
    assert ["rest"] == [one.trigger for one in net.world.batches.each_open()]
    assert 3 == report(solver.answer()).settled_count
    assert {9} == {net.state(uetr) for uetr in (*first, *second)}
    net.check()

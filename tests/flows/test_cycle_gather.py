"""What a netting cycle takes out of the queues when it opens."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.flows import cycle_join
from steelyard.flows.command import Code
from steelyard.flows.fields import Service
from steelyard.flows.queue_view import Gate
from steelyard.flows.timers import TimerKind
from steelyard.payments.payment import Wait
from steelyard.values.instants import MINUTE
from tests.flows.cycles import Cycles
from tests.flows.payworld import ANNA, ARNE, BRAM, CLEO


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.permutations((ANNA, ARNE, BRAM, CLEO)).map(lambda every: tuple(every[:2])), st.integers(1, 90),
            st.integers(0, 2), st.booleans(), st.sampled_from((0, 20, 60)),
        ),
        max_size=14,
    ),
    st.sets(st.sampled_from((ANNA, ARNE, BRAM)), max_size=3),
    st.sampled_from((-1, 0, 40)),
)  # fmt: skip
def test_what_a_cycle_gathers_is_what_each_payment_would_have_been_told(rows, by, line):
    """Taken out of the queues as a whole, or asked one by one: the same obligations join, and nothing is lost."""
    cycles = Cycles(by=tuple(sorted(by)))
    net = cycles.net
    for pair, minor, priority, instant, minutes in rows:
        not_after = net.at + minutes * MINUTE if minutes else 0
        more = {"service": Service.INSTANT} if instant else {"not_after_at": not_after} if not_after else {}
        net.pay(*pair, "NOR", minor, priority=priority, **more)
    net.set(CLEO, accepts_minor={"NOR": line})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cycle_join, "gather", lambda *args: None)
        other = Cycles(net=net.again())
        other.with_people()
        other.open()
    world, gate = other.net.world, Gate(other.net.world, "NOR", other.net.at)
    expected = {
        item.uetr
        for number in world.queues.accounts()
        for item in world.queues.of(number)
        if (one := gate.lets(item)) is not None
        and cycle_join.takes(world, one, one.rest(), one.due_at, other.net.at)
    }
    cycles.open()

    assert expected == set(cycles.cycle.items)
    cycles.check()


def test_long_queues_are_gathered_step_by_step(monkeypatch):
    """Some accounts with each tick; what a step has not reached stays in its queue, and a cut takes what is there."""
    monkeypatch.setattr(cycle_join, "GATHER_STEP", 2)
    cycles = Cycles(by=(ANNA, ARNE, BRAM))
    net = cycles.net
    uetrs = [net.pay(payer, CLEO, "NOR", 5) for payer in (ANNA, ANNA, ANNA, ARNE, ARNE, BRAM)]
    cycles.open()
    reached = [len(cycles.cycle.items)]
    while net.world.timers.at(TimerKind.CYCLE_GATHER, cycles.cycle_id) is not None:
        net.give("tick", None, "operator", actor="node")
        cycles.check()
        reached.append(len(cycles.cycle.items))

    assert [3, 5, 6] == reached
    assert set(uetrs) == set(cycles.cycle.items)


def test_a_cycle_cut_while_it_gathers_leaves_the_rest_in_the_queue(monkeypatch):
    monkeypatch.setattr(cycle_join, "GATHER_STEP", 1)
    cycles = Cycles(by=(ANNA, ARNE))
    net = cycles.net
    uetrs = [net.pay(payer, CLEO, "NOR", 5) for payer in (ANNA, ARNE)]
    cycles.open()
    assert cycles.exclude(ANNA).code == Code.DONE
    assert [Wait.FUNDS, Wait.FUNDS] == [net.world.payments.live[uetr].waits for uetr in uetrs]
    again = cycles.net = net.again()
    again.give("tick", None, "operator", actor="node")

    assert [uetrs[1]] == list(cycles.cycle.items)  # who was left out is not gathered after all
    assert cycles.cut().code == Code.DONE
    cycles.check()

"""Ticks: domains before engine at one instant, a bounded number at a time, nothing twice."""

import pytest

from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import tick
from steelyard.flows.fields import Service
from steelyard.flows.tick import HANDLERS
from steelyard.flows.timers import TimerKind, Timers
from steelyard.values.instants import HOUR, SECOND
from tests.flows.payworld import ANNA, BRAM, Network, is_refused, moves


@pytest.fixture
def net() -> Network:
    network = Network()
    network.fund(ANNA, "NOR", 1_000)
    return network


def test_every_kind_of_deadline_that_can_be_set_has_its_handler() -> None:
    assert set(HANDLERS) | {TimerKind.DAY_END, TimerKind.RECALL} == set(TimerKind)


def test_a_tick_with_nothing_due_does_nothing(net: Network) -> None:
    outcome = net.give("tick", None, "operator", actor="node")

    assert (outcome.facts, outcome.notices) == ((), ())


def test_nobody_but_the_node_ticks(net: Network) -> None:
    assert is_refused(net.give("tick", None, ANNA), EngineRefusal.SENDER_HAS_NO_RIGHT)


def test_one_tick_handles_a_bounded_number_in_order_and_asks_for_another(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tick, "LIMIT", 3)
    uetrs = [net.pay(ANNA, BRAM, "NOR", 5_000, service=Service.INSTANT) for _ in range(8)]
    net.at += 6 * SECOND
    ended = []
    while net.machine.next_due() is not None and (net.machine.next_due() or 0) <= net.at:
        ended.append(len(moves(net.give("tick", None, "operator", actor="node"))))
        net.check()

    assert ended == [3, 3, 2]
    assert {net.state(uetr) for uetr in uetrs} == {20}


def test_a_payments_clock_ends_its_reservation_before_the_engines_does(net: Network) -> None:
    """Payment and reservation fall due at one instant: the payment ends, and its money is back in the same tick."""
    net.rulebook(chain_ms=[10_000, 10_000])
    net.set(BRAM, accepts_minor={})
    uetr = net.pay(ANNA, BRAM, "NOR", 500)
    live = net.world.payments.live[uetr]
    assert live.deadline_at == live.chain_deadline_at == net.world.engine.next_due()
    net.at = live.deadline_at
    (outcome,) = net.tick()

    assert moves(outcome) == [(7, "EXPIRED", 20)]
    assert net.available(ANNA, "NOR") == 1_000
    assert net.machine.next_due() is None
    net.check()


def test_a_reservation_of_others_expires_and_its_money_works_at_once(net: Network) -> None:
    engine, accounts = net.world.engine, net.world.members.accounts
    leg = Leg(accounts.settlement(ANNA, "NOR") or 0, accounts.settlement(BRAM, "NOR") or 0, 900)
    number = (net.at // 10**6) << 80 | 1 << 70
    bundle = Bundle(number, Kind.TRANSFER, (leg,), deadline_at=net.at + HOUR)
    assert engine.reserve(bundle, at=net.at, authority=[engine.owner_nos[ANNA]]).refusal is None
    uetr = net.pay(ANNA, BRAM, "NOR", 500)
    assert net.state(uetr) == 4
    net.wait(HOUR)

    assert engine.reservations == {}
    assert net.state(uetr) == 9


def test_an_idle_network_has_nothing_due(net: Network) -> None:
    net.pay(ANNA, BRAM, "NOR", 500)

    assert net.machine.next_due() is None


def test_what_was_due_is_taken_once_and_not_where_it_was_moved_meanwhile() -> None:
    timers = Timers()
    for subject in (b"kept", b"moved", b"ended", b"twice"):
        timers.set(5, TimerKind.PAYMENT, subject)
    timers.set(5, TimerKind.PAYMENT, b"twice")
    due = timers.due(9, limit=9)
    timers.set(7, TimerKind.PAYMENT, b"moved")
    timers.cancel(TimerKind.PAYMENT, b"ended")
    taken = [subject for at, kind, subject in due if timers.take(at, kind, subject)]

    assert [b"kept", b"twice"] == taken
    assert [(7, TimerKind.PAYMENT, b"moved")] == timers.due(9, limit=9)

"""The simulated RTGS, without faults and with each of them."""

import pytest

from steelyard.node.rtgs import Order, OrderKind
from steelyard.sim.rtgs import Faults, SimulatedRtgs
from steelyard.values.calendars import Calendar
from steelyard.values.instants import HOUR, MINUTE, SECOND
from tests.contracts.rtgs.suite import RtgsContract
from tests.members.network import START, rows

CALENDAR = Calendar("NOR", rows(), {"redeem": 30}, revision=1)


class Simulated(RtgsContract):
    """What the simulated one really did."""

    faults = Faults()

    @pytest.fixture(params=[1, 2, 3], ids=lambda seed: f"seed{seed}")
    def rtgs(self, request):
        return SimulatedRtgs("NOR", CALENDAR, request.param, self.faults)

    def open_account(self, rtgs, participant, amount):
        rtgs.open_account(participant, amount)

    def lock(self, rtgs, participant, amount, at):
        rtgs.lock(participant, amount, at=at)

    def reserve(self, rtgs):
        return rtgs.reserve_minor

    def became_of(self, rtgs, order):
        return rtgs.became_of(order)

    def statement(self, rtgs, at):
        return rtgs.state(at=at)


class TestWithoutFaults(Simulated):
    pass


class TestLate(Simulated):
    faults = Faults(delay=(10 * MINUTE, 3 * HOUR))


class TestRepeating(Simulated):
    faults = Faults(repeat=1000)


class TestLosing(Simulated):
    """Half of all reports and orders go missing; every query is answered, or asked again."""

    faults = Faults(loss=500, order_loss=500)


class TestRefusing(Simulated):
    faults = Faults(refusal=500)


class TestPayingWrong(Simulated):
    faults = Faults(wrong_amount=500)
    pays_exactly = False


class TestClosed(Simulated):
    """Closed for an hour in the middle of the morning, unforeseen."""

    faults = Faults(closed=((START + 5 * MINUTE, START + 65 * MINUTE),))


class TestReordering(Simulated):
    faults = Faults(reordering=800)


class TestEverythingAtOnce(Simulated):
    faults = Faults((SECOND, HOUR), 300, 300, 300, 200, 0, 300, ((START + MINUTE, START + 30 * MINUTE),))


MIXED = Faults((SECOND, HOUR), 300, 300, 300, 200, 100, 300)


def reports(seed, faults=MIXED):
    rtgs = SimulatedRtgs("NOR", CALENDAR, seed, faults)
    rtgs.open_account("A", 1_000)
    for n in range(20):
        rtgs.lock("A", 10 + n, at=START + n * SECOND)
    rtgs.receive(at=START + MINUTE)
    for n in range(20):
        rtgs.send(Order(OrderKind.PAYOUT, bytes([n]) * 16, "NOR", "A", 5 + n), at=START + HOUR)
    return rtgs.receive(at=START + 10 * HOUR), rtgs.state(at=START + 10 * HOUR)


def test_one_seed_gives_one_story():
    assert reports(7) == reports(7)
    assert reports(7) != reports(8)


def test_a_bank_locks_no_more_than_it_has():
    rtgs = SimulatedRtgs("NOR", CALENDAR, 1)
    rtgs.open_account("A", 10)
    rtgs.lock("A", 11, at=START)

    assert [] == rtgs.receive(at=START + HOUR)
    assert (10, 0) == (rtgs.accounts["A"], rtgs.reserve_minor)


def test_money_outside_is_neither_made_nor_lost():
    rtgs = SimulatedRtgs("NOR", CALENDAR, 3, Faults(wrong_amount=500, refusal=200))
    rtgs.open_account("A", 1_000)
    rtgs.lock("A", 500, at=START)
    rtgs.receive(at=START + HOUR)
    for n in range(10):
        rtgs.send(Order(OrderKind.PAYOUT, bytes([n]) * 16, "NOR", "A", 40), at=START + HOUR)
    rtgs.receive(at=START + 2 * HOUR)

    assert 1_000 == rtgs.accounts["A"] + rtgs.reserve_minor

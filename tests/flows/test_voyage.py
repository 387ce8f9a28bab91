"""Voyages through the door: each step by who answers for it, no berth twice, payment after a step."""

from typing import Any

import pytest

from steelyard.corridor.refusals import CorridorRefusal as No
from steelyard.corridor.voyage import VoyageState
from steelyard.flows.hand import EndFields, ReserveFields
from steelyard.market.delivery import DeliveryState
from steelyard.market.refusals.delivery import DeliveryRefusal
from steelyard.values.instants import DAY, HOUR
from tests.flows.goods import BUYER, HOUSE, JUDGE, LENDER, OTHER, SELLER, done
from tests.flows.haul import DUE
from tests.flows.payworld import START, is_refused, told
from tests.flows.sea import CARRIER, VESSEL, Sea, slots, voyages

S = VoyageState


@pytest.fixture
def net() -> Sea:
    return Sea()


def test_a_voyage_goes_from_its_registration_to_its_discharge(net: Sea) -> None:
    voyage = net.loading()
    for event, owner, after in (
        ("PASSED_OUT", JUDGE, S.INSPECTED_OUT),
        ("CLEARED", JUDGE, S.CLEARED),
        ("DISCHARGED", LENDER, S.DISCHARGED),
    ):
        done(net.report(voyage, event, owner))
        assert after is net.world.voyages.voyages[voyage].state
    net.check()


@pytest.mark.parametrize(
    "changes",
    [
        {"vessel": "9074728"},
        {"origin": "NOWHERE"},
        {"target": "NOWHERE"},
        {"target": "PORT"},
        {"kg": 0},
        {"kg": 10**18},
        {"crew": 0},
        {"crew": 1_001},
        {"cargo": ""},
        {"arrives_at": 1},
    ],
)
def test_a_voyage_is_sound_or_not_registered(net: Sea, changes: dict[str, Any]) -> None:
    assert is_refused(net.register(**changes), No.VOYAGE_OUT_OF_RANGE)


def test_entry_is_asked_for_44_hours_before_arrival(net: Sea) -> None:
    (late,) = voyages(done(net.register(arrives_at=net.at + 44 * HOUR)))
    assert is_refused(net.tell(late.voyage_id, "REQUESTED"), No.ARRIVAL_IS_TOO_NEAR)
    (early,) = voyages(done(net.register(arrives_at=net.at + 44 * HOUR + 1_000_000)))
    done(net.tell(early.voyage_id, "REQUESTED"))


def test_nobody_gives_anothers_step_and_none_is_left_out(net: Sea) -> None:
    voyage = net.let_in()
    assert is_refused(net.report(voyage, "LOADING", HOUSE), No.VOYAGE_STATE_FORBIDS)
    assert is_refused(net.report(voyage, "LOADING", JUDGE), No.VOYAGE_IS_ANOTHERS)
    assert is_refused(net.report(voyage, "CLEARED", HOUSE), No.VOYAGE_IS_ANOTHERS)
    assert is_refused(net.report(voyage, "DISCHARGED", HOUSE), No.VOYAGE_IS_ANOTHERS)
    assert is_refused(net.report(voyage, "SLOTTED", HOUSE), No.VOYAGE_STATE_FORBIDS)
    assert is_refused(net.tell(voyage, "PASSED_OUT"), No.VOYAGE_STATE_FORBIDS)
    assert is_refused(net.tell(voyage, "WHATEVER"), No.VOYAGE_STATE_FORBIDS)
    assert is_refused(net.tell(voyage, "STOPPED", HOUSE), No.VOYAGE_IS_ANOTHERS)
    assert is_refused(net.tell(b"n" * 16, "STOPPED"), No.VOYAGE_NOT_FOUND)
    assert S.INSPECTED_IN is net.world.voyages.voyages[voyage].state


@pytest.mark.parametrize("event", ["DEVIATED", "STOPPED", "SHIP_TO_SHIP"])
def test_what_happens_under_way_is_noted(net: Sea, event: str) -> None:
    voyage = net.loading()
    (noted,) = voyages(done(net.tell(voyage, event)))

    assert (event, "LOADING", VESSEL) == (noted.event, noted.state, noted.vessel)


def test_a_berth_is_not_given_twice(net: Sea) -> None:
    first, second = net.let_in(), net.let_in()
    done(net.plan(first, hour=8, hours=4))

    assert is_refused(net.plan(second, hour=11, hours=4), No.SLOT_IS_TAKEN)
    assert is_refused(net.plan(first, hour=20, hours=1), No.VOYAGE_STATE_FORBIDS)
    done(net.plan(second, hour=12, hours=4))
    assert 2 == len(net.world.voyages.slots)
    net.check()


def test_a_slot_is_planned_by_noon_and_approved_by_four(net: Sea) -> None:
    early, late = net.let_in(), net.let_in()
    (slot,) = slots(done(net.plan(early)))
    net.wait(START // DAY * DAY + 12 * HOUR - net.at)
    assert is_refused(net.plan(late, berth="B"), No.SLOT_PLAN_IS_CLOSED)
    assert is_refused(net.plan(late, hour=20, hours=8), No.SLOT_OUT_OF_RANGE)

    net.at = START // DAY * DAY + 16 * HOUR  # not swept yet, and late all the same
    assert is_refused(net.slot("approve", slot.slot_id, HOUSE), No.SLOT_APPROVAL_IS_LATE)
    (outcome,) = net.tick()
    assert "FREED" == slots(outcome)[0].state
    assert is_refused(net.slot("approve", slot.slot_id, HOUSE), No.SLOT_NOT_FOUND)
    assert b"" == net.world.voyages.voyages[early].slot_id
    net.check()


def test_a_slot_is_approved_once_by_its_site(net: Sea) -> None:
    (slot,) = slots(done(net.plan(net.let_in())))
    assert is_refused(net.slot("approve", slot.slot_id, JUDGE), No.VOYAGE_IS_ANOTHERS)
    outcome = done(net.slot("approve", slot.slot_id, HOUSE))
    assert {(CARRIER, "voyage.moved"), (HOUSE, "voyage.moved")} == set(told(outcome))
    assert is_refused(net.slot("approve", slot.slot_id, HOUSE), No.VOYAGE_STATE_FORBIDS)


def test_a_berth_given_back_is_free_and_its_vessel_finds_another(net: Sea) -> None:
    voyage, other = net.let_in(), net.let_in()
    (slot,) = slots(done(net.plan(voyage)))
    done(net.slot("approve", slot.slot_id, HOUSE))
    assert is_refused(net.slot("free", slot.slot_id, JUDGE), No.VOYAGE_IS_ANOTHERS)
    done(net.slot("free", slot.slot_id, CARRIER))
    assert (S.INSPECTED_IN, b"") == (
        net.world.voyages.voyages[voyage].state, net.world.voyages.voyages[voyage].slot_id,
    )  # fmt: skip
    done(net.plan(other))
    done(net.plan(voyage, berth="B"))
    net.check()


def test_a_vessel_that_does_not_come_loses_its_berth_and_one_that_loads_keeps_it(net: Sea) -> None:
    missing = net.let_in()
    (slot,) = slots(done(net.plan(missing, berth="B")))
    done(net.slot("approve", slot.slot_id, HOUSE))
    voyage = net.loading()
    loading = net.world.voyages.voyages[voyage].slot_id
    assert is_refused(net.slot("free", loading, HOUSE), No.VOYAGE_STATE_FORBIDS)
    net.wait(2 * DAY)

    states = [net.world.voyages.voyages[one].state for one in (missing, voyage)]
    assert [S.INSPECTED_IN, S.LOADING] == states
    assert 0 == len(net.world.voyages.slots)


def test_a_voyage_called_off_frees_its_berth(net: Sea) -> None:
    voyage = net.let_in()
    done(net.plan(voyage))
    done(net.tell(voyage, "CANCELLED"))

    assert 0 == len(net.world.voyages.slots)
    assert is_refused(net.tell(voyage, "REQUESTED"), No.VOYAGE_NOT_FOUND)
    net.check()


def test_a_payment_waits_for_a_step_of_a_voyage(net: Sea) -> None:
    voyage = net.loading()
    delivery, receipt = net.until(DeliveryState.INVOICED, voyage=voyage, after_step="CLEARED")
    net.fund(BUYER, "OST", DUE)
    before = net.titles_and_money()
    assert is_refused(net.fund_delivery(delivery), DeliveryRefusal.DELIVERY_STEP_IS_MISSING)
    assert before == net.titles_and_money()

    done(net.report(voyage, "PASSED_OUT", JUDGE))
    done(net.report(voyage, "CLEARED", JUDGE))
    done(net.report(voyage, "DISCHARGED", LENDER))
    done(net.fund_delivery(delivery))
    assert (BUYER, DUE) == (net.receipt(receipt).holder, net.balance(SELLER, "OST"))
    assert OTHER == CARRIER


def set_aside(net: Sea, voyage: bytes, step: str, *, minor: int = 500) -> Any:
    fields = ReserveFields(f"{BUYER}/NOR", f"{SELLER}/NOR", minor, net.at + 30 * DAY, voyage, step)
    return net.give("reserve", fields, BUYER)


def reserved(net: Sea) -> bytes:
    (bundle,) = net.world.engine.reservations
    return int(bundle).to_bytes(16, "big")


def test_money_set_aside_settles_once_the_voyage_has_taken_its_step(net: Sea) -> None:
    """Not before, and then at its owner's word like any other."""
    net.fund(BUYER, "NOR", 500)
    voyage = net.let_in()
    done(set_aside(net, voyage, "LOADING"))
    bundle = reserved(net)
    before = net.balance(SELLER, "NOR")
    assert is_refused(net.give("reserve.settle", EndFields(bundle), BUYER), No.VOYAGE_STEP_IS_MISSING)
    net.check()
    (slot,) = slots(done(net.plan(voyage)))
    done(net.slot("approve", slot.slot_id, HOUSE))
    assert is_refused(net.give("reserve.settle", EndFields(bundle, 200), BUYER), No.VOYAGE_STEP_IS_MISSING)
    done(net.report(voyage, "LOADING", HOUSE))
    done(net.give("reserve.settle", EndFields(bundle), BUYER))

    assert 500 == net.balance(SELLER, "NOR") - before
    assert {} == net.world.voyages.waiting
    net.check()


def test_money_that_waits_is_given_back_by_hand_by_its_deadline_or_where_the_voyage_is_called_off(
    net: Sea,
) -> None:
    net.fund(BUYER, "NOR", 500)
    voyage = net.let_in()
    done(set_aside(net, voyage, "DISCHARGED"))
    done(net.give("reserve.release", EndFields(reserved(net)), BUYER))
    assert ({}, 500) == (net.world.voyages.waiting, net.available(BUYER, "NOR"))
    done(set_aside(net, voyage, "DISCHARGED"))
    done(net.tell(voyage, "CANCELLED"))
    bundle = reserved(net)
    assert is_refused(net.give("reserve.settle", EndFields(bundle), BUYER), No.VOYAGE_STEP_IS_MISSING)
    net.wait(31 * DAY)

    assert ({}, 500) == (net.world.voyages.waiting, net.available(BUYER, "NOR"))
    net.check()


def test_money_waits_for_a_step_that_there_is(net: Sea) -> None:
    net.fund(BUYER, "NOR", 500)
    voyage = net.let_in()
    for of, step in ((bytes(16), "LOADING"), (voyage, "CANCELLED"), (voyage, ""), (b"", "LOADING")):
        assert is_refused(set_aside(net, of, step), No.VOYAGE_STEP_IS_UNKNOWN)
    done(set_aside(net, voyage, "REQUESTED"))
    done(net.give("reserve.settle", EndFields(reserved(net)), BUYER))

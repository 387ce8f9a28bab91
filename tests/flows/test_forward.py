"""Forwards between two parties: agreed, appropriated, hindered, failed; each side, each deadline, each refusal."""

from typing import Any

import pytest

from steelyard.corridor.refusals import CorridorRefusal
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import forward as flow
from steelyard.flows.forward import PaperFields
from steelyard.market.contracts.terms import Final, Hindrance, Measure, Options, Place
from steelyard.market.forwards import ENDS, STEPS, ForwardEvent, Forwards, ForwardState, Hinders
from steelyard.market.refusals.contracts import ContractRefusal as No
from steelyard.market.refusals.delivery import DeliveryRefusal
from steelyard.members.refusals import MemberRefusal
from steelyard.values.instants import DAY
from tests.flows.forwards import Ahead, forwards, packed
from tests.flows.goods import BUYER, LENDER, OTHER, PAPER, SELLER, SITE, done
from tests.flows.haul import moves
from tests.flows.payworld import faulty, is_refused, told
from tests.flows.sea import QUAY

S, E = ForwardState, ForwardEvent
PENALTY = 50 * 25_000 // 20  # 5 % of 50 t at 250.00


@pytest.fixture
def net() -> Ahead:
    return Ahead()


def test_every_state_has_its_steps_and_every_other_event_is_refused() -> None:
    reached = {after for steps in STEPS.values() for after in steps.values()}

    assert set(S) - {S.OFFERED} == reached
    assert all(not STEPS[state] for state in ENDS)
    assert {event for steps in STEPS.values() for event in steps} | {E.OFFERED} == set(E)


def test_goods_in_store_are_named_and_delivered_on_the_contracts_terms(net: Ahead) -> None:
    """One lot at 240.00 + 1.50 at the quay; its buyer pays with the freight that the seller has paid."""
    forward = net.agreed(place=QUAY)
    receipt = net.issue(50_000)
    assert is_refused(net.appropriate(forward, receipt), No.SHIPMENT_OUTSIDE_PERIOD)
    net.wait(DAY)
    outcome = done(net.appropriate(forward, receipt))

    (moved,) = forwards(outcome)
    assert ("APPROPRIATED", moved.delivery_id) == (moved.state, moves(outcome)[0].delivery_id)
    assert ["MATCHED", "NOTIFIED"] == [one.state for one in moves(outcome)]
    assert {(BUYER, "forward.appropriated"), (BUYER, "delivery.notified")} <= set(told(outcome))
    assert is_refused(net.on("accept", forward, BUYER), No.FORWARD_NOT_FOUND)
    held = net.delivery(moved.delivery_id)
    trade = held.terms.trade
    assert ("FOB", QUAY, 150, 500) == (
        trade.incoterm,
        trade.place,
        trade.differential_minor,
        held.terms.tolerance_bp,
    )
    done(net.certify(moved.delivery_id, 50_000, ()))
    done(net.named("take", moved.delivery_id, BUYER))
    net.fund(BUYER, "OST", 50 * 24_150)
    done(net.fund_delivery(moved.delivery_id))
    assert (50 * 24_150, 50_000) == (net.balance(SELLER, "OST"), net.kg(BUYER))
    net.check()


def test_cargoes_are_named_for_some_lots_each(net: Ahead) -> None:
    """Of three lots two are named, then one; what is left meanwhile fails like the whole."""
    forward, other = net.agreed(lots=3), net.agreed(lots=3)
    net.wait(DAY)
    assert is_refused(net.appropriate(forward, net.issue(200_000), lots=4), No.APPROPRIATION_IS_TOO_LARGE)
    for one in (forward, other):
        due_at = net.sale(one).due_at
        outcome = done(net.appropriate(one, net.issue(100_000), lots=2))
        assert (100_000, "PART_APPROPRIATED") == (moves(outcome)[0].kg, forwards(outcome)[0].event)
        assert (1, due_at) == (net.sale(one).lots, net.sale(one).due_at)
    outcome = done(net.appropriate(forward, net.issue(50_000)))
    assert "APPROPRIATED" == forwards(outcome)[0].state
    net.fund(SELLER, "OST", 1_000_000)
    net.wait(due_at - net.at)
    assert 50 * 1_000 + PENALTY == net.balance(BUYER, "OST")
    net.check()


def test_a_cargo_afloat_is_named_within_the_days_of_its_bill_of_lading(net: Ahead) -> None:
    """Two business days; a bill of the day before the period, or after it, ships outside."""
    forward = net.agreed()
    early = net.bill(net.loading(), 50_000)
    assert is_refused(net.appropriate(forward, bill=early), No.SHIPMENT_OUTSIDE_PERIOD)
    net.wait(DAY)
    bill = net.bill(net.loading(), 50_000)
    late = net.agreed(from_on=net.at // DAY + 1, to_on=net.at // DAY + 9)
    net.wait(2 * DAY)
    assert is_refused(net.appropriate(late, bill=bill), No.SHIPMENT_OUTSIDE_PERIOD)
    assert is_refused(net.appropriate(forward, bill=b"n" * 16), CorridorRefusal.BILL_NOT_FOUND)
    before = net.titles_and_money()
    assert is_refused(net.appropriate(forward), DeliveryRefusal.DELIVERY_GOODS_DO_NOT_FIT)
    assert before == net.titles_and_money()
    done(net.appropriate(forward, bill=bill))


def test_a_notice_later_than_agreed_is_refused(net: Ahead) -> None:
    forward = net.agreed(to_on=net.at // DAY + 20)
    net.wait(DAY)
    bill = net.bill(net.loading(), 50_000)
    net.wait(5 * DAY)
    assert is_refused(net.appropriate(forward, bill=bill), No.APPROPRIATION_IS_LATE)


def test_quality_final_at_discharge_is_of_where_the_ship_goes(net: Ahead) -> None:
    final = packed(options=Options(final_at=Final.DISCHARGE, appropriation_days=2))
    forward, there = net.agreed(contract=final), net.agreed(contract=final, site=QUAY)
    net.wait(DAY)
    bill = net.bill(net.loading(), 50_000)
    assert is_refused(net.appropriate(forward, bill=bill), No.QUALITY_IS_FINAL_AT_DISCHARGE)
    outcome = done(net.appropriate(there, bill=bill))
    assert is_refused(
        net.certify(moves(outcome)[0].delivery_id, 50_000, ()), No.QUALITY_IS_FINAL_AT_DISCHARGE
    )


@pytest.mark.parametrize(
    ("loser", "market", "due"),
    [
        (SELLER, "25000", 50 * 1_000 + PENALTY),
        (BUYER, "25000", PENALTY),
        (SELLER, "22000", 50 * 22_000 // 20),
        (BUYER, "22000", 50 * 2_000 + 50 * 22_000 // 20),
    ],
)
def test_who_renounces_pays_the_difference_to_the_published_price(
    net: Ahead, loser: str, market: str, due: int
) -> None:
    """One lot at 240.00 and five per cent of the market's worth."""
    forward = net.agreed()
    if market != "25000":
        net.wait(DAY)
        net.published(market)
    winner = BUYER if loser == SELLER else SELLER
    net.fund(loser, "OST", due)
    assert is_refused(
        net.give("forward.renounce", PaperFields(forward, PAPER), OTHER), SettingRefusal.TWO_PEOPLE_NEEDED
    )
    outcome = done(net.renounce(forward, loser))

    assert ["FAILED", "CLOSED"] == [one.state.split("_")[-1] for one in forwards(outcome)]
    assert (0, due) == (net.balance(loser, "OST"), net.balance(winner, "OST"))
    assert (due, 0) == (forwards(outcome)[-1].moved_minor, forwards(outcome)[-1].owed_minor)
    net.check()


def test_what_is_short_of_a_difference_is_a_claim(net: Ahead) -> None:
    """Of 1,125.00 due 400.00 is there; the rest both sides are bound to, and may be set off."""
    forward = net.agreed()
    net.fund(SELLER, "OST", 40_000)
    outcome = done(net.renounce(forward, SELLER))

    due = 50 * 1_000 + PENALTY
    last = forwards(outcome)[-1]
    assert (40_000, due - 40_000, SELLER) == (last.moved_minor, last.owed_minor, last.owed_by)
    (claim,) = net.world.claims.every()
    assert (SELLER, BUYER, due - 40_000, True) == (
        claim.debtor,
        claim.creditor,
        claim.open_minor,
        claim.confirmed,
    )
    net.check()


def test_a_seller_who_names_no_cargo_has_failed(net: Ahead) -> None:
    """Five days of shipment and two business days; the difference is that of the day on which he fails."""
    forward = net.agreed()
    net.fund(SELLER, "OST", 1_000_000)
    due_at = net.sale(forward).due_at
    net.wait(due_at - net.at - 1)
    assert S.AGREED is net.stands(forward)
    net.published("30000")
    net.wait(1)

    assert 50 * 6_000 + 50 * 30_000 // 20 == net.balance(BUYER, "OST")
    net.check()


def test_a_failure_without_a_price_waits_for_people(net: Ahead) -> None:
    net.world.prices.series["RYE"].days = []
    forward = net.agreed()
    net.fund(SELLER, "OST", 1_000_000)
    assert is_refused(net.rule_on(forward, 26_000), No.FORWARD_STATE_FORBIDS)
    done(net.renounce(forward, SELLER))
    assert S.SELLER_FAILED is net.stands(forward)
    assert is_refused(net.rule_on(forward, 0), No.FORWARD_RULING_OUT_OF_RANGE)
    assert is_refused(net.on("accept", forward, BUYER), No.FORWARD_STATE_FORBIDS)
    done(net.rule_on(forward, 26_000))

    assert 50 * 2_000 + 50 * 26_000 // 20 == net.balance(BUYER, "OST")
    assert 0 == len(net.world.forwards)


def test_a_market_below_the_differential_owes_nothing_below_zero(net: Ahead) -> None:
    """At a place that is 200.00 worse, with the market at 150.00: goods are worth nothing, and so is the penalty."""
    net.world.prices.series["RYE"].days = []
    places = (Place(SITE, -20_000),)
    forward = net.agreed(contract=packed(places=places))
    net.fund(BUYER, "OST", 1_000_000)
    done(net.renounce(forward, BUYER))
    done(net.rule_on(forward, 15_000))
    assert 50 * 4_000 == net.balance(SELLER, "OST")


def test_force_majeure_puts_off_once_and_then_cancels_at_the_benchmark(net: Ahead) -> None:
    """21 days; the price has risen to 250.00, so the seller pays 10.00 a tonne, and no penalty."""
    forward = net.agreed()
    net.fund(SELLER, "OST", 1_000_000)
    before = net.sale(forward).last_on
    done(net.hinder(forward))
    assert (S.HINDERED, before + 21) == (net.stands(forward), net.sale(forward).last_on)
    net.wait(DAY)
    assert is_refused(net.appropriate(forward, net.issue(50_000)), No.FORWARD_STATE_FORBIDS)
    done(net.resume(forward))
    assert S.AGREED is net.stands(forward)
    assert is_refused(net.hinder(forward), No.HINDRANCE_WAS_USED)
    net.wait(24 * DAY)
    assert S.AGREED is net.stands(forward)

    other = net.agreed(from_on=net.at // DAY + 1, to_on=net.at // DAY + 2)
    balance = net.balance(BUYER, "OST")
    done(net.hinder(other, Hinders.PROHIBITION))
    net.wait(30 * DAY)
    assert is_refused(net.resume(other), No.FORWARD_NOT_FOUND)
    gained = net.balance(BUYER, "OST") - balance
    assert gained == 50 * 1_000 + (50 * 1_000 + PENALTY)  # and the first one, whose seller named no cargo
    net.check()


def test_a_contract_may_be_over_by_a_prohibition(net: Ahead) -> None:
    forward = net.agreed(contract=packed(options=Options(prohibition=Hindrance.CANCEL)))
    net.fund(SELLER, "OST", 1_000_000)
    outcome = done(net.hinder(forward, Hinders.PROHIBITION))
    assert ["CANCELLED"] == [one.state for one in forwards(outcome)]
    assert 1_000_000 == net.balance(SELLER, "OST")


@pytest.mark.parametrize("owner", [SELLER, BUYER])
def test_an_offer_is_accepted_by_the_other_side_alone_or_lapses(net: Ahead, owner: str) -> None:
    other = BUYER if owner == SELLER else SELLER
    (offer,) = forwards(done(net.offered(by=owner)))
    assert is_refused(net.on("accept", offer.forward_id, owner), No.FORWARD_STATE_FORBIDS)
    assert is_refused(net.on("accept", offer.forward_id, OTHER), No.FORWARD_NOT_FOUND)
    assert is_refused(net.circle(offer.forward_id), No.FORWARD_STATE_FORBIDS)
    done(net.on("decline", offer.forward_id, other))
    (second,) = forwards(done(net.offered(by=owner)))
    net.at = (net.at // DAY + 1) * DAY  # not swept yet, and late all the same
    assert is_refused(net.on("accept", second.forward_id, other), No.FORWARD_DEADLINE_HAS_PASSED)
    net.tick()
    assert is_refused(net.on("accept", second.forward_id, other), No.FORWARD_NOT_FOUND)
    assert 0 == net.world.forwards.offers_of(owner)


def test_more_than_the_own_line_takes_two_people_and_nobody_suspended_is_bound(net: Ahead) -> None:
    net.set(SELLER, lines_minor={"OST": 50 * 24_000 - 1})
    assert is_refused(net.offered(), SettingRefusal.TWO_PEOPLE_NEEDED)
    net.set(SELLER, lines_minor={"OST": 50 * 24_000})
    (offer,) = forwards(done(net.offered()))
    net.set(BUYER, lines_minor={"OST": 50 * 24_000 - 1})
    assert is_refused(net.on("accept", offer.forward_id, BUYER), SettingRefusal.TWO_PEOPLE_NEEDED)
    net.set(BUYER, lines_minor={"OST": 50 * 24_000})
    net.suspend(SELLER, sending_only=True)
    assert is_refused(net.on("accept", offer.forward_id, BUYER), MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    assert is_refused(net.offered(by=BUYER), No.FORWARD_TERMS_OUT_OF_RANGE)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"contract": b""}, ["contract"]),
        ({"contract": b"\x90"}, ["contract"]),
        ({"contract": packed() + b"\x00"}, ["contract"]),
        ({"contract": packed(is_cleared=True)}, ["contract"]),
        ({"contract": packed(measure=Measure.BARREL)}, ["contract"]),
        ({"contract": packed(calendars=("XXX",))}, ["contract"]),
        ({"contract": packed(options=Options(force_majeure_days=0))}, ["contract"]),
        ({"contract": packed(options=Options(appropriation_days=401))}, ["contract"]),
        ({"contract": packed(options=Options(default_penalty_bp=10_001))}, ["contract"]),
        ({"contract": packed(shipment_days_max=4)}, ["from_on"]),
        ({"place": "NOWHERE"}, ["place"]),
        ({"site": "NOWHERE"}, ["site"]),
        ({"benchmark": "NONE"}, ["benchmark"]),
        ({"currency": "XXX"}, ["price/asset"]),
        ({"lots": 0}, ["lots"]),
        ({"lots": 10**9 + 1}, ["lots"]),
        ({"lots": -1}, ["lots"]),
        ({"price_minor": 0}, ["price/value"]),
        ({"price_minor": -1}, ["price/value"]),
        ({"price_minor": 10**18}, ["price/value"]),
        ({"lots": 10**6, "price_minor": 10**10}, ["lots"]),
        ({"certify_ns": 0}, ["certify_hours"]),
        ({"fund_ns": 401 * DAY}, ["fund_hours"]),
        ({"contract": packed(calendars=("OST", "OST"))}, ["contract"]),
        (
            {"contract": packed(places=tuple(Place(one) for one in (SITE, *map(str, range(200)))))},
            ["contract"],
        ),
        ({"to_on": 1}, ["from_on"]),
        ({"from_on": 0}, ["accept_by", "from_on"]),
    ],
)
def test_terms_that_cannot_be_are_not_offered(net: Ahead, changes: dict[str, Any], fields: list[str]) -> None:
    outcome = net.offered(**changes)

    assert is_refused(outcome, No.FORWARD_TERMS_OUT_OF_RANGE)
    assert fields == faulty(outcome)
    assert 0 == len(net.world.forwards)


def test_sides_are_two_active_parties_and_one_is_the_sender(net: Ahead) -> None:
    for seller, buyer, by, fields in (
        (SELLER, SELLER, SELLER, ["other"]),
        (SELLER, BUYER, OTHER, [""]),
        ("NOBODYXX", BUYER, BUYER, ["other", "price/asset"]),
        (SELLER, "operator", SELLER, ["other", "price/asset"]),
    ):
        outcome = net.offered(seller, buyer, by=by)
        assert is_refused(outcome, No.FORWARD_TERMS_OUT_OF_RANGE)
        assert fields == faulty(outcome)
    many = {"place": "NOWHERE", "site": "NOWHERE", "lots": 0, "price_minor": 0, "fund_ns": 0}
    assert ["site", "lots", "price/value", "fund_hours", "place"] == faulty(net.offered(**many))


def test_room_is_bounded(net: Ahead, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "OFFERS_MAX", 1)
    (offer,) = forwards(done(net.offered()))
    assert is_refused(net.offered(), No.FORWARDS_ARE_FULL)
    done(net.on("accept", offer.forward_id, BUYER))
    done(net.offered())
    monkeypatch.setattr(flow, "FORWARDS_MAX", 2)
    assert is_refused(net.offered(LENDER, BUYER), No.FORWARDS_ARE_FULL)


def test_one_party_does_not_fill_the_room_of_all(net: Ahead, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it has offered counts, and what binds it; what others offer it does not, until it accepts."""
    monkeypatch.setattr(flow, "OF_PARTY_MAX", 2)
    (offer,) = forwards(done(net.offered()))
    first, second, third = (forwards(done(net.offered(one, BUYER)))[0] for one in (SELLER, LENDER, LENDER))
    assert is_refused(net.offered(), No.FORWARDS_ARE_FULL)
    assert 0 == net.world.forwards.held_by(BUYER)
    for one in (offer, first):
        done(net.on("accept", one.forward_id, BUYER))
    assert is_refused(net.on("accept", second.forward_id, BUYER), No.FORWARDS_ARE_FULL)
    assert is_refused(net.offered(BUYER, OTHER, by=BUYER), No.FORWARDS_ARE_FULL)
    again = Forwards.decode(net.world.forwards.encode())
    assert [2, 2, 2] == [again.held_by(one) for one in (SELLER, BUYER, LENDER)]
    done(net.on("decline", third.forward_id, LENDER))
    done(net.offered(LENDER, OTHER))


def test_people_of_the_operator_alone_decide(net: Ahead) -> None:
    forward = net.agreed()
    assert is_refused(net.appropriate(forward, owner=BUYER), No.FORWARD_STATE_FORBIDS)
    assert is_refused(net.hinder(b"n" * 16), No.FORWARD_NOT_FOUND)
    again = Forwards.decode(net.world.forwards.encode())
    assert again.encode() == net.world.forwards.encode()

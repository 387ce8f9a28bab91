"""Deliveries through the door: from what is intended to what is paid, and what they refuse on the way."""

from typing import Any

import pytest

from steelyard.engine.refusals import Refusal as E
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows.command import Code
from steelyard.flows.delivery import CertifyFields
from steelyard.flows.delivery import NamedFields as Named
from steelyard.flows.hand import MoveFields
from steelyard.flows.receipt import NamedFields, SplitFields, TransferFields
from steelyard.flows.receipt_orders import OrderFields
from steelyard.flows.receipt_out import LeaveFields
from steelyard.flows.warehouse import StockFields
from steelyard.fx.refusals import FxRefusal
from steelyard.market.delivery import DeliveryState
from steelyard.market.quality import millionths
from steelyard.market.receipts import ReceiptState
from steelyard.market.refusals.delivery import DeliveryRefusal as No
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.members.accounts import FX
from steelyard.values.instants import DAY
from tests.flows.goods import BUYER, HOUSE, JUDGE, LENDER, OATS, OTHER, PAPER, SELLER, SITE, done, receipts
from tests.flows.haul import DUE, FOUND, Haul, moves, opened
from tests.flows.payworld import PONS, is_refused, told

S = DeliveryState


@pytest.fixture
def net() -> Haul:
    return Haul()


def test_goods_go_against_money_from_intent_to_receipt(net: Haul) -> None:
    """Every state on the straight way, and what each has moved."""
    receipt = net.issue(50_000)
    net.fund(BUYER, "OST", DUE)
    delivery = net.open()
    assert S.INTENDED is net.state(delivery)

    outcome = done(net.assign(delivery, receipt))
    assert ["MATCHED", "NOTIFIED"] == [one.state for one in moves(outcome)]
    assert (ReceiptState.LOCKED, delivery) == (net.receipt(receipt).state, net.receipt(receipt).bound_to)

    done(net.certify(delivery))
    done(net.named("take", delivery, BUYER))
    assert (S.INVOICED, DUE) == (net.state(delivery), net.delivery(delivery).amount_minor)
    assert (50_000, 0) == (net.kg(SELLER), net.kg(BUYER))

    outcome = done(net.fund_delivery(delivery))
    assert ["FUNDED", "SETTLED"] == [one.state for one in moves(outcome)]
    assert (0, 50_000) == (net.kg(SELLER), net.kg(BUYER))
    assert (DUE, 0) == (net.balance(SELLER, "OST"), net.balance(BUYER, "OST"))
    assert {(SELLER, "delivery.settled"), (BUYER, "delivery.settled")} <= set(told(outcome))

    done(net.named("order_out", delivery, BUYER))
    assert is_refused(net.one("delivery.loaded", Named(delivery), HOUSE), No.DELIVERY_GOODS_ARE_NOT_OUT)
    done(net.one("receipt.leave", LeaveFields(receipt, 50_000, PAPER), HOUSE))
    done(net.one("delivery.loaded", Named(delivery), HOUSE))
    done(net.named("receive", delivery, BUYER))
    net.holds_nothing(delivery)


def test_quality_decides_what_is_due(net: Haul) -> None:
    """15 % moisture: 50,000 x 85/86 = 49,418 kg at 240.00 + 1.00 for two steps of protein."""
    delivery, _ = net.until(S.NOTIFIED)
    found = (("moisture", millionths("15")), ("protein", millionths("11.7")))
    done(net.certify(delivery, 50_000, found))

    held = net.delivery(delivery)
    assert (49_418, 1_190_974) == (held.net_kg, held.amount_minor)  # 49.418 x 241.00 = 11,909.738


def test_a_certificate_nobody_objects_to_is_invoiced(net: Haul) -> None:
    delivery, _ = net.until(S.CERTIFIED)
    net.wait(3 * DAY)

    assert S.INVOICED is net.state(delivery)


def test_what_is_locked_for_a_delivery_is_not_sold_pledged_or_delivered_twice(net: Haul) -> None:
    delivery, receipt = net.until(S.NOTIFIED)
    second = net.open()
    before = net.titles_and_money()

    for name, fields in (
        ("receipt.transfer", TransferFields(receipt, OTHER)),
        ("receipt.pledge", TransferFields(receipt, LENDER)),
        ("receipt.split", SplitFields(receipt, (20_000, 30_000))),
        ("receipt.order_out", NamedFields(receipt)),
    ):
        assert is_refused(net.give(name, fields, SELLER), TitleRefusal.RECEIPT_IS_LOCKED), name
    assert is_refused(net.assign(second, receipt), TitleRefusal.RECEIPT_IS_LOCKED)
    assert before == net.titles_and_money()
    assert S.NOTIFIED is net.state(delivery)


def test_a_pledged_receipt_is_not_delivered(net: Haul) -> None:
    receipt = net.issue(50_000)
    done(net.give("receipt.pledge", TransferFields(receipt, LENDER), SELLER))

    assert is_refused(net.assign(net.open(), receipt), TitleRefusal.RECEIPT_IS_PLEDGED)


def test_money_that_is_one_unit_short_changes_nothing(net: Haul) -> None:
    delivery, receipt = net.until(S.INVOICED)
    net.fund(BUYER, "OST", DUE - 1)
    before = net.titles_and_money()

    assert is_refused(net.fund_delivery(delivery), E.LIQUIDITY_IS_SHORT)
    assert before == net.titles_and_money()
    net.fund(BUYER, "OST", 1)
    done(net.fund_delivery(delivery))
    assert BUYER == net.receipt(receipt).holder
    net.check()


def test_a_payment_above_the_own_line_takes_two_people(net: Haul) -> None:
    delivery, _ = net.until(S.INVOICED)
    net.fund(BUYER, "OST", DUE)
    net.set(BUYER, lines_minor={"OST": DUE - 1})
    assert is_refused(net.fund_delivery(delivery), SettingRefusal.TWO_PEOPLE_NEEDED)
    net.set(BUYER, lines_minor={"OST": DUE})
    done(net.fund_delivery(delivery))


def test_a_buyer_pays_in_his_own_currency_by_a_firm_quote(net: Haul) -> None:
    """Two NOR for one OST: 24,000.00 NOR to the provider, 12,000.00 OST from it to the seller, and the title."""
    delivery, receipt = net.until(S.INVOICED)
    net.fund(BUYER, "NOR", 2 * DUE)
    net.fund(PONS, "OST", DUE, FX)
    net.sheet(PONS, "NOR", "OST", (0, 5, 10))
    (quote,) = net.quote(BUYER, "NOR", "OST", DUE, send=False)

    outcome = done(net.fund_delivery(delivery, quote.quote_id))
    assert "SETTLED" == moves(outcome)[-1].state
    assert (DUE, 0) == (net.balance(SELLER, "OST"), net.balance(BUYER, "NOR"))
    assert (2 * DUE, 0) == (net.balance(PONS, "NOR", FX), net.balance(PONS, "OST", FX))
    assert BUYER == net.receipt(receipt).holder
    assert is_refused(net.fund_delivery(delivery, quote.quote_id), No.DELIVERY_STATE_FORBIDS)
    net.check()


def test_a_provider_that_is_short_stops_every_leg(net: Haul) -> None:
    delivery, receipt = net.until(S.INVOICED)
    net.fund(BUYER, "NOR", 2 * DUE)
    net.fund(PONS, "OST", DUE, FX)
    net.sheet(PONS, "NOR", "OST", (0, 5, 10))
    (quote,) = net.quote(BUYER, "NOR", "OST", DUE, send=False)
    done(net.give("move", MoveFields(f"{PONS}/OST/fx", f"{PONS}/OST", 1), PONS))
    before = net.titles_and_money()

    assert is_refused(net.fund_delivery(delivery, quote.quote_id), E.LIQUIDITY_IS_SHORT)
    assert before == net.titles_and_money()
    assert SELLER == net.receipt(receipt).holder


def test_a_quote_must_pay_what_is_due_and_be_the_buyers(net: Haul) -> None:
    delivery, _ = net.until(S.INVOICED)
    net.fund(PONS, "OST", 2 * DUE, FX)
    net.fund(BUYER, "NOR", 5 * DUE)
    net.sheet(PONS, "NOR", "OST", (0, 5, 10))
    (other,) = net.quote(BUYER, "NOR", "OST", DUE - 1, send=False)
    (anothers,) = net.quote(SELLER, "NOR", "OST", DUE, send=False)

    assert is_refused(net.fund_delivery(delivery, other.quote_id), No.DELIVERY_QUOTE_DOES_NOT_FIT)
    assert is_refused(net.fund_delivery(delivery, anothers.quote_id), FxRefusal.QUOTE_IS_ANOTHERS)


def test_sellers_goods_are_dealt_out_to_the_longs_oldest_first(net: Haul) -> None:
    """Ten lots and eight: P of day 1 gets ten, Q and R of day 2 five and three; receipts are split where lots end."""
    first, second = net.issue(500_000), net.issue(400_000, OTHER)
    one = net.open(buyer="", lots=10)
    two = net.open(buyer="", lots=8, seller=OTHER)
    done(net.assign(one, first))
    done(net.assign(two, second, owner=OTHER))
    assert (S.MATCHED, S.MATCHED) == (net.state(one), net.state(two))

    outcome = done(net.notice((BUYER, 1, 10), (JUDGE, 2, 9), (LENDER, 2, 6)))
    dealt = {}
    for moved in moves(outcome):
        assert "NOTIFIED" == moved.state
        dealt[moved.buyer] = dealt.get(moved.buyer, 0) + moved.kg
    assert {BUYER: 500_000, JUDGE: 250_000, LENDER: 150_000} == dealt
    bound = {held.bound_to: held.kg for held in net.world.titles.receipts.values()}
    assert bound == {held.delivery_id: held.terms.kg for held in net.world.deliveries.each()}
    assert (500_000, 400_000) == (net.kg(SELLER), net.kg(OTHER))
    net.check()


def test_every_part_of_a_split_delivery_settles_by_itself(net: Haul) -> None:
    receipt = net.issue(100_000)
    delivery = net.open(buyer="", lots=2)
    done(net.assign(delivery, receipt))
    done(net.notice((BUYER, 1, 1), (OTHER, 1, 1)))
    for held in list(net.world.deliveries.each()):
        net.fund(held.buyer, "OST", DUE)
        done(net.certify(held.delivery_id))
        done(net.named("take", held.delivery_id, held.buyer))
        done(net.fund_delivery(held.delivery_id, owner=held.buyer))

    assert (0, 50_000, 50_000) == (net.kg(SELLER), net.kg(BUYER), net.kg(OTHER))
    assert 2 * DUE == net.balance(SELLER, "OST")
    net.check()


def test_longs_take_everything_or_nothing_is_dealt_out(net: Haul) -> None:
    assert is_refused(net.notice((BUYER, 1, 10)), No.DELIVERY_NOT_FOUND)
    delivery = net.open(buyer="", lots=2)
    done(net.assign(delivery, net.issue(100_000)))
    before = net.titles_and_money()

    assert is_refused(net.notice((BUYER, 1, 1)), No.DELIVERY_LONGS_ARE_SHORT)
    assert is_refused(net.notice((SELLER, 1, 2)), No.DELIVERY_LONGS_ARE_SHORT)
    assert is_refused(net.notice(("NOBODYXX", 1, 2)), No.DELIVERY_TERMS_OUT_OF_RANGE)
    assert before == net.titles_and_money()


def test_frozen_goods_wait_with_their_notice(net: Haul) -> None:
    delivery = net.open(buyer="")
    receipt = net.issue(50_000)
    done(net.assign(delivery, receipt))
    done(net.two("receipt.freeze", OrderFields(receipt, PAPER), "operator"))
    assert is_refused(net.notice((BUYER, 1, 1)), No.DELIVERY_NOT_FOUND)

    done(net.two("receipt.thaw", OrderFields(receipt, PAPER), "operator"))
    done(net.notice((BUYER, 1, 1)))


def test_what_a_seller_offers_its_buyer_accepts_first(net: Haul) -> None:
    receipt = net.issue(50_000)
    delivery = opened(net.give("delivery.offer", net.terms(), SELLER))
    assert is_refused(net.assign(delivery, receipt), No.DELIVERY_IS_NOT_ACCEPTED)
    assert is_refused(net.named("accept", delivery, OTHER), No.DELIVERY_IS_ANOTHERS)
    done(net.named("accept", delivery, BUYER))
    assert Code.REPEATED == net.named("accept", delivery, BUYER).code
    done(net.assign(delivery, receipt))
    assert is_refused(net.named("accept", delivery, BUYER), No.DELIVERY_STATE_FORBIDS)


@pytest.mark.parametrize("owner", [SELLER, BUYER])
def test_an_offer_is_taken_back_or_turned_down_until_it_is_accepted(net: Haul, owner: str) -> None:
    delivery = opened(net.give("delivery.offer", net.terms(), SELLER))
    assert is_refused(net.named("decline", delivery, OTHER), No.DELIVERY_IS_ANOTHERS)
    done(net.named("decline", delivery, owner))
    assert is_refused(net.named("accept", delivery, BUYER), No.DELIVERY_NOT_FOUND)

    accepted = opened(net.give("delivery.offer", net.terms(), SELLER))
    done(net.named("accept", accepted, BUYER))
    assert is_refused(net.named("decline", accepted, owner), No.DELIVERY_STATE_FORBIDS)


def test_an_offer_nobody_accepts_lapses_and_nobody_has_failed(net: Haul) -> None:
    delivery = opened(net.give("delivery.offer", net.terms(), SELLER))
    net.wait(2 * DAY)

    assert is_refused(net.named("accept", delivery, BUYER), No.DELIVERY_NOT_FOUND)
    net.holds_nothing(delivery)


def test_a_seller_offers_for_himself_and_to_somebody(net: Haul) -> None:
    assert is_refused(net.give("delivery.offer", net.terms(), OTHER), No.DELIVERY_IS_ANOTHERS)
    assert is_refused(net.give("delivery.offer", net.terms(buyer=""), SELLER), No.DELIVERY_TERMS_OUT_OF_RANGE)


@pytest.mark.parametrize(
    "changes",
    [
        {"buyer": SELLER},
        {"seller": "NOBODYXX"},
        {"buyer": "NOBODYXX"},
        {"site": "NOWHERE"},
        {"currency": "XXX"},
        {"lots": 0},
        {"lots": 10**9 + 1},
        {"unit_kg": 0},
        {"unit_kg": 10**18},
        {"tolerance_bp": 10_000},
        {"price_minor": 0},
        {"price_minor": 10**18},
        {"assign_by": 1},
        {"fund_by": 1},
        {"voyage": b"v" * 16, "after_step": "LOADING"},
        {"after_step": "LOADING"},
    ],
)
def test_terms_are_sound_or_nothing_is_opened(net: Haul, changes: dict[str, Any]) -> None:
    outcome = net.two("delivery.open", net.terms(**changes), "operator")

    assert is_refused(outcome, No.DELIVERY_TERMS_OUT_OF_RANGE)
    assert 0 == len(net.world.deliveries)


@pytest.mark.parametrize(("kg", "fits"), [(47_500, True), (47_499, False), (52_500, True), (52_501, False)])
def test_goods_stay_within_the_tolerance_of_their_weight(net: Haul, kg: int, fits: bool) -> None:
    outcome = net.assign(net.open(), net.issue(kg))

    assert (outcome.code == Code.DONE) is fits
    assert fits or is_refused(outcome, No.DELIVERY_GOODS_DO_NOT_FIT)


def test_goods_of_another_grade_or_none_do_not_fit(net: Haul) -> None:
    done(net.one("stock.certify", StockFields(SITE, "OATS", 50_000, PAPER), JUDGE))
    delivery = net.open()
    assert is_refused(net.assign(delivery, net.issue(50_000, code=OATS)), No.DELIVERY_GOODS_DO_NOT_FIT)
    assert is_refused(net.assign(delivery), No.DELIVERY_GOODS_DO_NOT_FIT)
    others = net.issue(50_000, OTHER)
    assert is_refused(net.assign(delivery, others), TitleRefusal.RECEIPT_IS_ANOTHERS)


def test_a_certificate_is_the_inspectors_and_whole(net: Haul) -> None:
    delivery, _ = net.until(S.NOTIFIED)
    other = net.one("delivery.certify", CertifyFields(delivery, 50_000, FOUND, PAPER), HOUSE)
    assert is_refused(other, No.DELIVERY_IS_ANOTHERS)
    assert is_refused(net.certify(delivery, 0), No.DELIVERY_CERTIFICATE_OUT_OF_RANGE)
    assert is_refused(net.certify(delivery, 50_000, FOUND + FOUND[:1]), No.DELIVERY_CERTIFICATE_OUT_OF_RANGE)
    assert is_refused(net.certify(delivery, 50_000, FOUND[:1]), No.QUALITY_FACTOR_IS_MISSING)
    assert S.NOTIFIED is net.state(delivery)


def test_everybody_keeps_to_his_part_and_his_time(net: Haul) -> None:
    delivery, receipt = net.until(S.INVOICED)
    assert is_refused(net.fund_delivery(delivery, owner=SELLER), No.DELIVERY_IS_ANOTHERS)
    assert is_refused(net.named("order_out", delivery, BUYER), No.DELIVERY_STATE_FORBIDS)
    assert is_refused(net.assign(delivery, receipt), No.DELIVERY_STATE_FORBIDS)
    assert is_refused(net.certify(delivery), No.DELIVERY_STATE_FORBIDS)
    assert is_refused(net.fund_delivery(b"n" * 16), No.DELIVERY_NOT_FOUND)
    net.fund(BUYER, "OST", DUE)
    net.at = net.delivery(delivery).due_at  # not swept yet, and late all the same
    assert is_refused(net.fund_delivery(delivery), No.DELIVERY_DEADLINE_HAS_PASSED)


def test_a_currency_without_an_account_is_named(net: Haul) -> None:
    delivery, _ = net.until(S.INVOICED)
    net.world.members.accounts.drop("settlement", BUYER, "OST")

    assert is_refused(net.fund_delivery(delivery), No.DELIVERY_ACCOUNT_NOT_FOUND)


def test_receipts_delivered_are_in_one_hand_at_every_moment(net: Haul) -> None:
    delivery, receipt = net.until(S.INVOICED)
    net.fund(BUYER, "OST", DUE)
    outcome = done(net.fund_delivery(delivery))
    (moved,) = receipts(outcome)

    assert ("DELIVERED", "ISSUED", BUYER) == (moved.event, moved.state, moved.holder)
    assert is_refused(
        net.give("receipt.transfer", TransferFields(receipt, OTHER), SELLER), TitleRefusal.RECEIPT_IS_ANOTHERS
    )
    done(net.give("receipt.transfer", TransferFields(receipt, OTHER), BUYER))


def test_the_whole_state_comes_back_from_its_bytes(net: Haul) -> None:
    for state in (S.INTENDED, S.NOTIFIED, S.CERTIFIED, S.INVOICED):
        net.until(state)

    net.check()

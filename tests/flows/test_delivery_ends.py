"""How deliveries end that do not settle: late, refused, disputed, failed, hindered. None keeps anything back."""

import pytest

from steelyard.engine.accounts import AccountKind
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.flows import openings
from steelyard.flows.delivery import PaperFields
from steelyard.flows.delivery_rule import RuleFields
from steelyard.flows.diary import Diary
from steelyard.flows.receipt import TransferFields
from steelyard.flows.receipt_orders import OrderFields
from steelyard.flows.title_facts import CoverMoved
from steelyard.market.assessment import Method
from steelyard.market.delivery import DeliveryState
from steelyard.market.prices import Price
from steelyard.market.quality import millionths
from steelyard.market.receipts import ReceiptState
from steelyard.market.refusals.delivery import DeliveryRefusal as No
from steelyard.market.refusals.prices import PriceRefusal
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.values.instants import DAY
from tests.flows.goods import BUYER, OTHER, PAPER, SELLER, done
from tests.flows.haul import DUE, FOUND, Haul, moves
from tests.flows.payworld import facts, is_refused, told

S = DeliveryState
CERTIFIED, CLOSED, CANCELLED = 0, 1, 2


@pytest.fixture
def net() -> Haul:
    return Haul()


def margin(net: Haul, owner: str, amount: int) -> None:
    """Give an owner a margin account with some money on it."""
    refusal = openings.open_account(net.world, Diary(), "margin", owner, "OST", kind=AccountKind.MARGIN)
    assert refusal is None
    net.fund(owner, "OST", amount)
    accounts = net.world.members.accounts
    leg = Leg(
        accounts.get("settlement", owner, "OST") or 0, accounts.get("margin", owner, "OST") or 0, amount
    )
    bundle = Bundle(int.from_bytes(net.id(), "big"), Kind.MARGIN, (leg,))
    act = net.world.engine.move(bundle, authority=[net.world.engine.owner_nos[owner]], at=net.at)
    assert act.refusal is None
    net.world.engine.take_records()


@pytest.mark.parametrize(
    ("state", "failed"),
    [(S.INTENDED, S.SELLER_FAILED), (S.NOTIFIED, S.SELLER_FAILED), (S.INVOICED, S.BUYER_FAILED)],
)
def test_who_is_late_has_failed_and_a_ruling_frees_everything(net: Haul, state: S, failed: S) -> None:
    delivery, receipt = net.until(state)
    outcomes = net.wait(5 * DAY)
    assert failed is net.state(delivery)
    assert ("operator", f"delivery.{failed.value.lower()}") in [
        one for each in outcomes for one in told(each)
    ]

    assert is_refused(net.rule(delivery, CLOSED, market_minor=24_000), No.DELIVERY_AUCTION_COMES_FIRST)
    net.unsold(delivery)
    assert failed is net.state(delivery)
    assert is_refused(net.rule(delivery, CLOSED), No.DELIVERY_RULING_OUT_OF_RANGE)
    assert is_refused(
        net.rule(delivery, CLOSED, market_minor=24_000, reason=""), PriceRefusal.REASON_IS_MISSING
    )
    outcome = done(net.rule(delivery, CLOSED, market_minor=24_000))
    (told_so,) = [one for one in facts(outcome) if isinstance(one, CoverMoved)]
    assert ("BY_HAND", 24_000, "nobody has offered") == (told_so.event, told_so.price_minor, told_so.reason)
    net.holds_nothing(delivery)
    done(net.give("receipt.transfer", TransferFields(receipt, OTHER), SELLER))


@pytest.mark.parametrize(
    ("margin_minor", "paid", "owed"), [(0, 0, 110_000), (50_000, 50_000, 60_000), (200_000, 110_000, 0)]
)
def test_a_failure_costs_the_difference_and_five_percent_from_margin(
    net: Haul, margin_minor: int, paid: int, owed: int
) -> None:
    """Bought in at 250.00: 500.00 more for 50 t, and 5 % of 12,000.00."""
    delivery, _ = net.until(S.NOTIFIED)
    if margin_minor:
        margin(net, SELLER, margin_minor)
    net.wait(3 * DAY)
    net.unsold(delivery)

    outcome = done(net.rule(delivery, CANCELLED, market_minor=25_000))
    (moved,) = moves(outcome)
    assert (paid, owed) == (moved.amount_minor, moved.owed_minor)
    assert paid == net.balance(BUYER, "OST")
    net.holds_nothing(delivery)


def test_a_buyer_who_fails_pays_what_the_goods_were_sold_out_below_their_price(net: Haul) -> None:
    delivery, _ = net.until(S.INVOICED)
    margin(net, BUYER, 500_000)
    net.wait(5 * DAY)
    net.unsold(delivery)
    done(net.rule(delivery, CLOSED, market_minor=23_000))

    assert 110_000 == net.balance(SELLER, "OST")
    net.holds_nothing(delivery)


@pytest.mark.parametrize(("weight_kg", "moisture"), [(50_000, "16.1"), (47_499, "14"), (52_501, "14")])
def test_goods_outside_the_contract_fail_on_the_sellers_side(
    net: Haul, weight_kg: int, moisture: str
) -> None:
    delivery, _ = net.until(S.NOTIFIED)
    found = (("moisture", millionths(moisture)), ("protein", millionths("11.5")))

    outcome = done(net.certify(delivery, weight_kg, found))
    assert No.QUALITY_OUTSIDE_CONTRACT.code == moves(outcome)[0].refusal
    assert S.SELLER_FAILED is net.state(delivery)


def test_an_objection_is_decided_by_a_new_certificate(net: Haul) -> None:
    delivery, receipt = net.until(S.CERTIFIED)
    done(net.paper("object", delivery, SELLER))
    assert S.DISPUTED is net.state(delivery)
    found = (("moisture", millionths("14")), ("protein", millionths("11.6")))
    done(net.rule(delivery, CERTIFIED, weight_kg=50_000, found=found))
    assert (S.CERTIFIED, 1_202_500) == (net.state(delivery), net.delivery(delivery).amount_minor)

    done(net.named("take", delivery, BUYER))
    net.fund(BUYER, "OST", 1_202_500)
    done(net.fund_delivery(delivery))
    assert BUYER == net.receipt(receipt).holder


def test_frozen_goods_make_a_dispute_with_lock_and_money_kept(net: Haul) -> None:
    """The bundle is refused after the money was set aside; a ruling lets it go on, and then it settles."""
    delivery, receipt = net.until(S.INVOICED)
    net.fund(BUYER, "OST", DUE)
    done(net.two("receipt.freeze", OrderFields(receipt, PAPER), "operator"))

    outcome = done(net.fund_delivery(delivery))
    assert ["FUNDED", "DISPUTED"] == [one.state for one in moves(outcome)]
    assert TitleRefusal.RECEIPT_IS_FROZEN.code == moves(outcome)[1].refusal
    assert (DUE, 0, 0) == (
        net.balance(BUYER, "OST"), net.available(BUYER, "OST"), net.balance(SELLER, "OST"),
    )  # fmt: skip
    assert SELLER == net.receipt(receipt).holder
    net.wait(20 * DAY)  # no deadline takes the money back: people decide
    assert 0 == net.available(BUYER, "OST")
    net.check()

    done(net.two("receipt.thaw", OrderFields(receipt, PAPER), "operator"))
    done(net.rule(delivery, CERTIFIED))
    assert DUE == net.available(BUYER, "OST")
    net.tick()
    assert S.INVOICED is net.state(delivery)
    done(net.fund_delivery(delivery))
    assert (BUYER, DUE) == (net.receipt(receipt).holder, net.balance(SELLER, "OST"))
    net.check()


@pytest.mark.parametrize("ruling", [CLOSED, CANCELLED])
def test_a_dispute_with_money_set_aside_gives_it_back_at_its_end(net: Haul, ruling: int) -> None:
    delivery, receipt = net.until(S.INVOICED)
    net.fund(BUYER, "OST", DUE)
    done(net.two("receipt.freeze", OrderFields(receipt, PAPER), "operator"))
    done(net.fund_delivery(delivery))

    done(net.rule(delivery, ruling))
    assert DUE == net.available(BUYER, "OST")
    net.holds_nothing(delivery)
    assert ReceiptState.FROZEN is net.receipt(receipt).state
    done(net.two("receipt.thaw", OrderFields(receipt, PAPER), "operator"))
    assert ReceiptState.ISSUED is net.receipt(receipt).state


def test_both_sides_agree_to_settle_in_another_way(net: Haul) -> None:
    delivery, receipt = net.until(S.NOTIFIED)
    done(net.paper("agree", delivery, SELLER))
    assert S.NOTIFIED is net.state(delivery)
    done(net.paper("agree", delivery, BUYER, b"x" * 32))  # another paper: no agreement
    assert S.NOTIFIED is net.state(delivery)
    done(net.paper("agree", delivery, SELLER, b"x" * 32))
    assert S.ALTERNATIVE is net.state(delivery)

    done(net.rule(delivery, CLOSED))
    net.holds_nothing(delivery)
    assert ReceiptState.ISSUED is net.receipt(receipt).state


@pytest.mark.parametrize("state", [S.INTENDED, S.NOTIFIED, S.CERTIFIED, S.INVOICED])
def test_force_majeure_extends_once_and_then_cancels(net: Haul, state: S) -> None:
    delivery, receipt = net.until(state)
    due = net.delivery(delivery).due_at
    done(net.ordered("force_majeure", delivery))
    assert S.FORCE_MAJEURE is net.state(delivery)
    assert is_refused(net.assign(delivery, receipt), No.DELIVERY_STATE_FORBIDS)

    done(net.ordered("resume", delivery))
    assert (state, due + 10 * DAY) == (net.state(delivery), net.delivery(delivery).due_at)
    assert is_refused(net.ordered("force_majeure", delivery), No.FORCE_MAJEURE_WAS_USED)
    assert is_refused(net.ordered("resume", delivery), No.DELIVERY_STATE_FORBIDS)


@pytest.mark.parametrize("state", [S.INTENDED, S.NOTIFIED, S.CERTIFIED, S.INVOICED])
def test_force_majeure_that_lasts_cancels_and_frees_everything(net: Haul, state: S) -> None:
    delivery, receipt = net.until(state)
    done(net.ordered("force_majeure", delivery))
    net.wait(10 * DAY)

    net.holds_nothing(delivery)
    assert ReceiptState.ISSUED is net.receipt(receipt).state


def test_terms_without_an_extension_have_none_to_give(net: Haul) -> None:
    delivery, _ = net.until(S.NOTIFIED, extension_ns=0)

    assert is_refused(net.ordered("force_majeure", delivery), No.FORCE_MAJEURE_WAS_USED)


def test_what_has_settled_is_not_ruled_on(net: Haul) -> None:
    """A failed load-out is a claim on the warehouse, never a reversal."""
    delivery, _ = net.until(S.INVOICED)
    net.fund(BUYER, "OST", DUE)
    done(net.fund_delivery(delivery))

    for ruling in (CERTIFIED, CLOSED, CANCELLED):
        assert is_refused(net.rule(delivery, ruling, market_minor=1), No.DELIVERY_STATE_FORBIDS)
    assert is_refused(net.ordered("force_majeure", delivery), No.DELIVERY_STATE_FORBIDS)


def test_a_ruling_is_one_of_three_and_of_a_delivery(net: Haul) -> None:
    delivery, _ = net.until(S.CERTIFIED)
    done(net.paper("object", delivery, BUYER))

    assert is_refused(net.rule(delivery, 3), No.DELIVERY_RULING_OUT_OF_RANGE)
    nobody = net.two("delivery.rule", RuleFields(b"n" * 16, CLOSED, PAPER), "operator")
    assert is_refused(nobody, No.DELIVERY_NOT_FOUND)
    stranger = net.give("delivery.object", PaperFields(delivery, PAPER), OTHER)
    assert is_refused(stranger, No.DELIVERY_IS_ANOTHERS)


def test_a_failed_seller_cannot_be_certified_without_goods(net: Haul) -> None:
    delivery, _ = net.until(S.INTENDED)
    net.wait(2 * DAY)

    outcome = net.rule(delivery, CERTIFIED, weight_kg=50_000, found=FOUND)
    assert is_refused(outcome, No.DELIVERY_STATE_FORBIDS)


@pytest.mark.parametrize(
    ("value", "payer", "due"),
    [("25000", SELLER, 50_000), ("23000", BUYER, 50_000), ("24000", "", 0), ("240011/10", SELLER, 55)],
)
def test_what_force_majeure_cancels_is_settled_at_the_benchmark(
    net: Haul, value: str, payer: str, due: int
) -> None:
    """50 t at 240.00: whoever the price favoured pays the difference, without five percent."""
    method = Method(1)
    assert net.world.prices.set_method("RYE-FOB", method, from_on=0) is None
    priced = net.world.prices.settle("RYE-FOB", 19_999, value, source="vwap", digest=b"d" * 32, at=net.at)
    assert isinstance(priced, Price)
    delivery, _ = net.until(S.NOTIFIED, benchmark="RYE-FOB")
    for owner in (SELLER, BUYER):
        margin(net, owner, 40_000)
    done(net.ordered("force_majeure", delivery))

    outcomes = net.wait(10 * DAY)
    (moved,) = [move for outcome in outcomes for move in moves(outcome)]
    assert ("CANCELLED", payer, min(due, 40_000), max(0, due - 40_000)) == (
        moved.state, moved.owed_by, moved.amount_minor, moved.owed_minor,
    )  # fmt: skip
    net.holds_nothing(delivery)


def test_a_benchmark_that_nobody_publishes_is_not_agreed_on(net: Haul) -> None:
    outcome = net.two("delivery.open", net.terms(benchmark="NONE"), "operator")

    assert is_refused(outcome, No.DELIVERY_TERMS_OUT_OF_RANGE)

"""Who is suspended gives neither titles nor money for them away, wholly suspended or as a sender alone."""

import pytest

from steelyard.flows.bill import NamedFields as BillFields
from steelyard.flows.bill import TransferFields as BillTo
from steelyard.flows.receipt import NamedFields, TransferFields
from steelyard.market.delivery import DeliveryState
from steelyard.members.refusals import MemberRefusal
from tests.flows.goods import BUYER, OTHER, PAPER, SELLER, Goods, done
from tests.flows.haul import DUE, Haul
from tests.flows.payworld import is_refused
from tests.flows.sea import Sea
from tests.flows.test_rfq import Dealers

FORBIDS = MemberRefusal.PARTICIPANT_STATE_FORBIDS
both = pytest.mark.parametrize("sending_only", [False, True])


@both
def test_no_receipt_goes_away(sending_only: bool) -> None:
    """Not to another, not as a pledge, not out of the warehouse; once lifted it does."""
    net = Goods()
    receipt = net.issue(50_000)
    net.suspend(SELLER, sending_only=sending_only)
    before = net.titles_and_money()

    for name, fields in (
        ("transfer", TransferFields(receipt, OTHER)),
        ("pledge", TransferFields(receipt, OTHER)),
        ("order_out", NamedFields(receipt)),
    ):
        assert is_refused(net.give(f"receipt.{name}", fields, SELLER), FORBIDS), name
    assert before == net.titles_and_money()

    net.lift(SELLER)
    done(net.give("receipt.transfer", TransferFields(receipt, OTHER), SELLER))
    net.check()


@both
def test_no_bill_goes_away(sending_only: bool) -> None:
    net = Sea()
    bill = net.bill(net.loading(), 50_000)
    net.suspend(SELLER, sending_only=sending_only)

    for name, fields in (
        ("transfer", BillTo(bill, OTHER)),
        ("pledge", BillTo(bill, OTHER)),
        ("convert", BillFields(bill, PAPER)),
    ):
        assert is_refused(net.give(f"bill.{name}", fields, SELLER), FORBIDS), name
    net.check()


@both
def test_no_delivery_is_paid(sending_only: bool) -> None:
    net = Haul()
    delivery, _ = net.until(DeliveryState.INVOICED)
    net.fund(BUYER, "OST", DUE)
    net.suspend(BUYER, sending_only=sending_only)

    assert is_refused(net.fund_delivery(delivery), FORBIDS)
    assert net.balance(BUYER, "OST") == DUE
    net.check()


@both
@pytest.mark.parametrize("who", [BUYER, SELLER])
def test_no_answer_is_taken(who: str, sending_only: bool) -> None:
    """Neither by a requester nor of a dealer that is suspended."""
    market = Dealers()
    market.answer(ask=24_101, receipt=market.mine)
    market.suspend(who, sending_only=sending_only)

    assert is_refused(market.accept(), FORBIDS)
    market.check()

"""Receipts that a member in default has lodged: bid for, sold as far as its losses need, title against money."""

import pytest

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows.clearing_facts import GoodsBidPut, GoodsSold, LossBorne
from steelyard.flows.clearing_goods import BidFields
from steelyard.flows.clearing_receipts import NamedFields, SeizeFields
from steelyard.market.clearing.house import Clearing
from steelyard.market.receipts import ReceiptState
from steelyard.market.refusals.clearing import ClearingRefusal as No
from steelyard.market.refusals.titles import TitleRefusal
from tests.flows.clearings import House
from tests.flows.goods import RYE, Goods
from tests.flows.payworld import ANNA, ARNE, BIRK, BRAM, PONS, facts, is_refused, notices


class Fallen(House):
    """ANNA is long 8 lots at 210.00, has lodged 20 t of rye that count for 157.50 a tonne, and fails at some price.

    At 190.00 she owes 8,000.00, of which 5,000.00 are on her margin account.
    """

    def __init__(self, price: int = 19_000, receipts: int = 1) -> None:
        super().__init__(Goods())
        self.begin()
        self.sponsor(liquidity=900_000)
        self.give_cash(BIRK, 500_000)
        self.ok(self.accept(RYE, "receipt", "NOR", 2_500, 0, 21, 1, 5_000))
        self.receipts = sorted(self.net.issue(20_000) for _ in range(receipts))
        for one in self.receipts:
            self.ok(self.net.give("clearing.receipt.lodge", NamedFields(one), ANNA))
        assert self.trade(ANNA, BRAM, 8, 21_000) is None
        self.drain(ANNA)
        self.ok(self.open_case(ANNA))
        self.ok(self.call(*((contract, price) for contract in sorted(self.house.book))))
        if self.house.runs:
            self.wait(60_000)
        self.ok(self.bid(ARNE, 8, price))
        self.ok(self.step("hedge"))
        self.price = price

    @property
    def case(self):
        return self.house.cases[ANNA]

    def offer(self, bic, price, *, number=0, currency="NOR", receipt=None):
        named = self.receipts[number] if receipt is None else receipt
        fields = BidFields(self.case_id, named, currency, price)
        return self.net.give("clearing.default.bid_receipt", fields, bic)

    def holder(self, number=0):
        return self.net.receipt(self.receipts[number]).holder


def sold(outcome):
    return [one for one in facts(outcome) if isinstance(one, GoodsSold)]


def test_what_a_defaulter_has_lodged_is_sold_to_the_best_bid_for_its_loss():
    """20 t at 165.00 are 3,300.00; 3,000.00 of it bear the loss, and nobody else does."""
    house = Fallen()
    house.ok(house.offer(BRAM, 16_000))
    put = house.ok(house.offer(BIRK, 16_500))
    assert [(BIRK, RYE, "NOR", 16_500)] == [
        (one.member, one.code, one.asset, one.price) for one in facts(put) if isinstance(one, GoodsBidPut)
    ]
    before = house.cash(BIRK)
    assert Clearing.decode(house.house.encode()).encode() == house.house.encode()
    outcome = house.ok(house.step("auction"))

    assert [(20_000, BIRK, 16_500, 330_000)] == [
        (one.kg, one.member, one.price, one.minor) for one in sold(outcome)
    ]
    assert ("SOLD", []) == (house.case.state, house.case.goods)
    assert (BIRK, ReceiptState.ISSUED) == (house.holder(), house.net.receipt(house.receipts[0]).state)
    assert (before - 330_000, 330_000) == (house.cash(BIRK), house.margin(ANNA))
    assert [ANNA, BIRK, "operator"] == [one.recipient for one in notices(house.net, "clearing.receipt_sold")]
    borne = next(one for one in facts(house.ok(house.step("cover"))) if isinstance(one, LossBorne))
    assert ("300000", 300_000, 0, "0") == (borne.loss, borne.margin, borne.capital, borne.uncovered)
    house.check()


def test_no_more_is_sold_than_the_loss_needs():
    """Of two receipts one; where his cash bears the loss none, and it stays lodged."""
    house = Fallen(receipts=2)
    for number in range(2):
        house.ok(house.offer(BIRK, 16_000, number=number))
    assert 1 == len(sold(house.ok(house.step("auction"))))
    assert [BIRK, ANNA] == [house.holder(number) for number in range(2)]
    house.check()
    rich = Fallen(price=20_000)
    rich.ok(rich.offer(BIRK, 16_000))
    outcome = rich.ok(rich.step("auction"))

    assert ([], "SOLD", ANNA) == (sold(outcome), rich.case.state, rich.holder())
    assert ReceiptState.PLEDGED is rich.net.receipt(rich.receipts[0]).state
    rich.check()


def test_what_nobody_bids_for_waits_for_another_auction_or_goes_to_the_sponsor():
    house = Fallen()
    house.ok(house.step("auction"))
    assert "UNSOLD" == house.case.state
    house.ok(house.offer(BIRK, 15_750))
    assert [BIRK] == [one.member for one in sold(house.ok(house.step("auction")))]
    assert "SOLD" == house.case.state
    house.check()
    other = Fallen()
    other.ok(other.step("auction"))
    other.ok(other.step("tear_up"))
    assert ("SOLD", ANNA) == (other.case.state, other.holder())
    other.ok(other.operator("clearing.receipt.seize", SeizeFields(other.receipts[0], "NOR")))
    assert PONS == other.holder()
    other.check()


@pytest.mark.parametrize("how", ["drained", "suspended"])
def test_who_cannot_pay_when_it_is_sold_is_passed_over(how):
    """Nothing of the best bid moves, and the next one has it."""
    house = Fallen()
    house.ok(house.offer(BRAM, 16_000))
    house.ok(house.offer(BIRK, 17_000))
    if how == "drained":
        house.drain(BIRK)
    else:
        house.net.suspend(BIRK)
    before = house.cash(BIRK)

    assert [(BRAM, 320_000)] == [(one.member, one.minor) for one in sold(house.ok(house.step("auction")))]
    assert before == house.cash(BIRK)
    house.check()


def test_a_bid_keeps_to_its_bounds():
    """No less than the count, in its currency, with the money for all one's bids; a higher one takes its place."""
    house = Fallen(receipts=2)
    assert is_refused(house.offer(BIRK, 15_749), No.CLEARING_BID_OUT_OF_RANGE)
    assert is_refused(house.offer(BIRK, 16_000, currency="SUD"), No.CLEARING_BID_OUT_OF_RANGE)
    assert is_refused(house.offer(BIRK, 50_001 * 20), EngineRefusal.LIQUIDITY_IS_SHORT)
    assert is_refused(house.offer(PONS, 16_000), No.CLEARING_MEMBER_NOT_FOUND)
    assert is_refused(house.offer(ANNA, 16_000), No.CLEARING_MEMBER_IS_SUSPENDED)
    assert is_refused(house.offer(BIRK, 16_000, receipt=bytes(16)), TitleRefusal.RECEIPT_NOT_FOUND)
    free = house.net.issue(10_000)
    assert is_refused(house.offer(BIRK, 16_000, receipt=free), No.COLLATERAL_NOT_ACCEPTED)
    house.ok(house.offer(BIRK, 16_000))
    assert is_refused(house.offer(BIRK, 16_000), No.CLEARING_BID_OUT_OF_RANGE)
    house.ok(house.offer(BIRK, 17_000))
    assert [17_000] == [one.price for one in house.case.goods]
    rest = (house.cash(BIRK) - 17_000 * 20) // 20
    assert is_refused(house.offer(BIRK, rest + 1, number=1), EngineRefusal.LIQUIDITY_IS_SHORT)
    house.ok(house.offer(BIRK, rest, number=1))
    house.ok(house.step("auction"))
    assert is_refused(house.offer(BRAM, 16_000, number=1), No.CLEARING_STEP_HAS_NO_PLACE)
    fields = BidFields(bytes(16), house.receipts[0], "NOR", 16_000)
    unknown = house.net.give("clearing.default.bid_receipt", fields, BRAM)
    assert is_refused(unknown, No.CLEARING_CASE_UNKNOWN)

"""Requests for quotes through the Machine: asked, answered, taken as one bundle, ended."""

import pytest
from msgspec import structs

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows.command import Code
from steelyard.flows.receipt import TransferFields
from steelyard.flows.rfq import AcceptFields, AnswerFields, NamedFields, RequestFields
from steelyard.flows.rfq_facts import RfqAnswered
from steelyard.fx.refusals import FxRefusal
from steelyard.market.receipts import ReceiptEvent, ReceiptState, moved
from steelyard.market.refusals.tenders import TenderRefusal as No
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.market.rfq import BUY, HIDDEN, SELL
from steelyard.market.rfqs import Rfqs
from steelyard.values.instants import DAY, HOUR
from tests.flows.goods import BUYER, LENDER, OTHER, RYE, SELLER, Goods
from tests.flows.payworld import PONS, START, facts, faulty, is_refused, notices, told

SOON = START + HOUR
REQUEST = RequestFields(RYE, 60_000, BUY, "NOR", SOON)


class Dealers(Goods):
    """BUYER asks; SELLER and OTHER deal."""

    def __init__(self, request=REQUEST, *, money=10_000_000):
        super().__init__()
        self.fund(BUYER, "NOR", money)
        self.mine = self.issue(40_000)
        self.outcome = self.give("rfq.request", request, BUYER)
        self.rfq_id = next(iter(self.world.rfqs.live), b"")

    @property
    def rfq(self):
        return self.world.rfqs.live[self.rfq_id]

    def answer(self, dealer=SELLER, *, bid=0, ask=0, receipt=b"", kg=0, until=SOON):
        outcome = self.give("rfq.answer", AnswerFields(self.rfq_id, bid, ask, kg, receipt, until), dealer)
        self.answer_id = self.rfq.answers[-1].answer_id if outcome.code == Code.DONE else b""
        return outcome

    def accept(self, answer_id=b"", sender=BUYER, **more):
        return self.give("rfq.accept", AcceptFields(self.rfq_id, answer_id or self.answer_id, **more), sender)


def test_an_answer_that_is_taken_moves_title_and_money_at_once():
    """40 t at 241.01: 9,640.40 from buyer to seller, the receipt the other way; 20 t are still wanted."""
    market = Dealers()
    market.answer(ask=24_101, receipt=market.mine)
    outcome = market.accept()

    assert outcome.code == Code.DONE
    assert (40_000, 964_040) == (market.kg(BUYER), market.balance(SELLER, "NOR"))
    assert market.receipt(market.mine).holder == BUYER
    assert market.rfq.kg == 20_000
    (taken,) = [one for one in facts(outcome) if isinstance(one, RfqAnswered)]
    assert ("TAKEN", 40_000, 964_040) == (taken.state, taken.kg, taken.amount_minor)
    assert [(BUYER, "rfq.traded"), (SELLER, "rfq.traded")] == [
        one for one in told(outcome) if one[1] == "rfq.traded"
    ]
    assert is_refused(market.accept(taken.answer_id), No.RFQ_ANSWER_IS_OVER)


def test_a_request_that_has_all_it_wants_is_over():
    """The last kg ends it, and what else was answered with it."""
    market = Dealers(structs.replace(REQUEST, kg=40_000))
    other = market.issue(40_000, OTHER)
    market.answer(OTHER, ask=30_000, receipt=other)
    market.answer(ask=24_101, receipt=market.mine)

    assert market.accept().code == Code.DONE
    assert market.world.rfqs.live == {}
    assert [BUYER, OTHER] == [one.recipient for one in notices(market, "rfq.over")]


def test_a_requester_sells_to_the_bid_it_takes():
    """A hidden side: both prices are answered, the requester sells its own receipt at the bid.

    The receipt that the other price was for is free again.
    """
    market = Dealers(structs.replace(REQUEST, side=HIDDEN))
    own = market.issue(30_000, BUYER)
    market.fund(SELLER, "NOR", 10**7)
    market.answer(bid=24_000, ask=24_200, kg=30_000, receipt=market.mine)
    assert market.accept(receipt_id=own).code == Code.DONE

    assert market.receipt(own).holder == SELLER
    assert (10_720_000, 30_000) == (market.balance(BUYER, "NOR"), market.rfq.kg)
    assert (ReceiptState.ISSUED, b"") == (
        market.receipt(market.mine).state,
        market.receipt(market.mine).bound_to,
    )
    market.check()


def test_the_best_price_stands_first_then_the_earlier():
    """The requester is told the place of each answer as it comes."""
    market = Dealers()
    other, third = market.issue(40_000, OTHER), market.issue(10_000, LENDER)
    market.answer(ask=24_100, receipt=market.mine)
    market.answer(OTHER, ask=24_000, receipt=other)
    market.answer(LENDER, ask=24_100, receipt=third)

    assert [1, 1, 3] == [one.data[4] for one in notices(market, "rfq.answered")]


def test_another_currency_is_paid_by_a_firm_quote():
    """The buyer's SUD to the provider, the provider's NOR to the seller, in the bundle of the title."""
    market = Dealers(money=1)
    market.fund(BUYER, "SUD", 10**7)
    market.fund(PONS, "NOR", 10**7, "fx")
    market.sheet(PONS, "SUD", "NOR", (0, 200, 100))
    market.answer(ask=24_000, receipt=market.mine)
    wrong = market.quote(BUYER, "SUD", "NOR", 960_001, send=False)[0]
    assert is_refused(market.accept(quote_id=wrong.quote_id), No.RFQ_TRADE_DOES_NOT_FIT)
    assert ["quote_id"] == faulty(market.accept(quote_id=wrong.quote_id))
    right = market.quote(BUYER, "SUD", "NOR", 960_000, send=False)[0]
    assert market.accept(quote_id=right.quote_id).code == Code.DONE

    assert (960_000, 10**7 - 480_000) == (market.balance(SELLER, "NOR"), market.balance(BUYER, "SUD"))
    assert market.balance(PONS, "SUD", "fx") == 480_000
    assert market.kg(BUYER) == 40_000
    again = Dealers()
    again.answer(ask=24_000, receipt=again.mine)
    assert is_refused(again.accept(quote_id=bytes(16)), FxRefusal.QUOTE_NOT_FOUND)


def test_without_money_nothing_moves():
    """Not the title either; the answer still stands."""
    market = Dealers(money=100)
    market.answer(ask=24_101, receipt=market.mine)
    before = market.titles_and_money()

    assert is_refused(market.accept(), EngineRefusal.LIQUIDITY_IS_SHORT)
    assert before == market.titles_and_money()
    market.fund(BUYER, "NOR", 10**7)
    assert market.accept().code == Code.DONE


def test_a_receipt_that_is_offered_is_locked_until_its_answer_ends():
    """Neither given away nor offered twice; free with the end of the answer, or of the request."""
    market = Dealers()
    market.answer(ask=24_101, receipt=market.mine, until=START + HOUR // 2)
    assert market.receipt(market.mine).bound_to == market.answer_id
    away = TransferFields(market.mine, LENDER)
    assert is_refused(market.give("receipt.transfer", away, SELLER), TitleRefusal.RECEIPT_IS_LOCKED)
    assert is_refused(market.answer(ask=24_000, receipt=market.mine), No.RFQ_OUT_OF_RANGE)
    market.at = START + HOUR // 2
    market.tick()
    assert market.receipt(market.mine).state is ReceiptState.ISSUED
    market.answer(ask=24_000, receipt=market.mine)
    assert market.receipt(market.mine).state is ReceiptState.LOCKED
    market.give("rfq.withdraw", NamedFields(market.rfq_id), BUYER)

    assert market.give("receipt.transfer", away, SELLER).code == Code.DONE
    market.check()


def test_a_part_of_a_receipt_is_taken_by_splitting_it():
    """25 t of 40: the buyer has a receipt of its own, the seller's rest is free again."""
    market = Dealers()
    market.answer(ask=24_101, receipt=market.mine)
    for kg in (40_001, 60_001):
        assert is_refused(market.accept(kg=kg), No.RFQ_TRADE_DOES_NOT_FIT)
        assert ["kg"] == faulty(market.accept(kg=kg))
    outcome = market.accept(kg=25_000)

    assert outcome.code == Code.DONE
    assert (25_000, 15_000, 602_525) == (market.kg(BUYER), market.kg(SELLER), market.balance(SELLER, "NOR"))
    assert market.mine not in market.world.titles.receipts
    parts = [one for one in market.world.titles.receipts.values() if one.state is ReceiptState.ISSUED]
    assert {(BUYER, 25_000, b""), (SELLER, 15_000, b"")} == {
        (one.holder, one.kg, one.bound_to) for one in parts
    }
    assert market.rfq.kg == 35_000
    market.check()


def test_more_than_is_wanted_is_offered_and_taken_in_part():
    """A receipt of 40 t answers a request for 30."""
    market = Dealers(structs.replace(REQUEST, kg=30_000))
    market.answer(ask=24_101, receipt=market.mine)
    assert is_refused(market.accept(), No.RFQ_TRADE_DOES_NOT_FIT)
    assert market.accept(kg=30_000).code == Code.DONE

    assert (30_000, {}) == (market.kg(BUYER), market.world.rfqs.live)
    market.check()


def test_a_part_of_ones_own_receipt_is_sold_to_a_bid():
    """20 t of 50 to a bid for 20; without the part it does not fit."""
    market = Dealers(structs.replace(REQUEST, side=SELL))
    market.fund(SELLER, "NOR", 10**6)
    market.answer(bid=24_000, kg=20_000)
    own = market.issue(50_000, BUYER)
    assert is_refused(market.accept(receipt_id=own), No.RFQ_TRADE_DOES_NOT_FIT)
    assert market.accept(receipt_id=own, kg=20_000).code == Code.DONE

    assert (30_000, 60_000) == (market.kg(BUYER), market.kg(SELLER))
    market.check()


def test_a_frozen_receipt_is_not_sold_and_free_once_thawed():
    """The answer ends while the receipt is frozen."""
    market = Dealers()
    market.answer(ask=24_101, receipt=market.mine, until=START + HOUR // 2)
    held = market.receipt(market.mine)
    market.world.titles.put(moved(held, ReceiptEvent.FROZEN))
    assert is_refused(market.accept(), No.RFQ_TRADE_DOES_NOT_FIT)
    market.at = START + HOUR // 2
    market.tick()
    frozen = market.receipt(market.mine)

    assert (ReceiptState.FROZEN, b"") == (frozen.state, frozen.bound_to)
    assert moved(frozen, ReceiptEvent.THAWED).state is ReceiptState.ISSUED


def test_a_receipt_that_has_gone_is_not_sold():
    """Of an answer without an ask nothing is bought."""
    market = Dealers()
    market.answer(ask=24_101, receipt=market.mine)
    own = market.issue(1_000, BUYER)
    assert is_refused(market.accept(receipt_id=own), No.RFQ_TRADE_DOES_NOT_FIT)  # there is no bid
    assert ["receipt_id"] == faulty(market.accept(receipt_id=own))


def test_answers_and_requests_end_in_time():
    """At its end an answer is late, swept or not; with the request everything ends."""
    market = Dealers()
    market.answer(ask=24_101, receipt=market.mine, until=START + HOUR // 2)
    market.at = START + HOUR // 2
    assert is_refused(market.accept(), No.RFQ_ANSWER_IS_OVER)
    market.at = SOON
    assert is_refused(market.accept(), No.RFQ_NOT_FOUND)
    assert is_refused(market.answer(ask=1, receipt=market.mine, until=SOON + 1), No.RFQ_NOT_FOUND)
    market.tick()

    assert market.world.rfqs.live == {}


def test_only_those_who_are_asked_answer_and_only_the_requester_takes():
    """Named dealers, who are told; nobody answers itself."""
    market = Dealers(structs.replace(REQUEST, dealers=(OTHER,)))
    assert [(OTHER, "rfq.asked")] == told(market.outcome)
    for dealer in (SELLER, BUYER):
        assert is_refused(market.answer(dealer, ask=1, receipt=market.mine), No.RFQ_NOT_FOUND)
    other = market.issue(1_000, OTHER)
    market.answer(OTHER, ask=24_000, receipt=other)

    assert is_refused(market.accept(sender=SELLER), No.RFQ_NOT_FOUND)
    assert is_refused(market.give("rfq.withdraw", NamedFields(market.rfq_id), SELLER), No.RFQ_NOT_FOUND)
    assert market.give("rfq.withdraw", NamedFields(market.rfq_id), BUYER).code == Code.DONE
    assert market.world.rfqs.live == {}


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"code": "HAY"}, ["code"]), ({"kg": 0}, ["kg"]), ({"kg": 10**12}, ["kg"]), ({"side": "both"}, ["side"]),
        ({"currency": "XXX"}, ["currency"]), ({"valid_until": START}, ["valid_until"]),
        ({"valid_until": START + 8 * DAY}, ["valid_until"]), ({"dealers": (OTHER, OTHER)}, ["dealers"]),
        ({"dealers": (OTHER, BUYER)}, ["dealers/1"]), ({"dealers": ("NOBODY00",)}, ["dealers/0"]),
        ({"code": "HAY", "kg": 0, "dealers": ("NOBODY00",) * 2}, ["code", "kg", "dealers/0", "dealers/1", "dealers"]),
    ],
)  # fmt: skip
def test_a_request_lies_within_its_bounds(changes, fields):
    """What is no request is not asked, and all that is wrong with it is told."""
    outcome = Dealers(structs.replace(REQUEST, **changes)).outcome

    assert is_refused(outcome, No.RFQ_OUT_OF_RANGE)
    assert fields == faulty(outcome)


@pytest.mark.parametrize(
    ("side", "changes", "fields"),
    [
        (BUY, {}, [""]), (BUY, {"bid": 5, "kg": 5}, ["bid"]), (SELL, {"ask": 5}, ["ask"]),
        (HIDDEN, {"bid": 5}, ["kg_max"]), (BUY, {"ask": 10**10}, ["ask"]),
        (BUY, {"ask": 5, "receipt": bytes(16)}, ["receipt_id"]), (BUY, {"ask": 5, "until": SOON + 1}, ["valid_until"]),
        (BUY, {"ask": 5, "until": START}, ["valid_until"]), (HIDDEN, {"bid": 5, "kg": 10**12}, ["kg_max"]),
        (HIDDEN, {"bid": 10**10 - 1, "kg": 10**12 - 1}, ["kg_max"]),
        (BUY, {"ask": 10**10, "bid": 5, "receipt": bytes(16), "until": START},
         ["bid", "ask", "kg_max", "receipt_id", "valid_until"]),
    ],
)  # fmt: skip
def test_an_answer_lies_within_its_bounds(side, changes, fields):
    """No price, the wrong side, no receipt of one's own, too long: no answer, and each is told."""
    market = Dealers(structs.replace(REQUEST, side=side))
    outcome = market.answer(**{"receipt": market.mine, **changes})

    assert is_refused(outcome, No.RFQ_OUT_OF_RANGE)
    assert fields == faulty(outcome)


def test_requests_and_answers_stay_within_their_bounds(monkeypatch):
    """One more of either is refused."""
    market = Dealers()
    monkeypatch.setattr("steelyard.flows.rfq.OF_REQUESTER_MAX", 1)
    monkeypatch.setattr("steelyard.flows.rfq.ANSWERS_MAX", 1)
    assert is_refused(market.give("rfq.request", REQUEST, BUYER), No.TOO_MANY_TENDERS)
    market.answer(ask=24_101, receipt=market.mine)

    assert is_refused(market.answer(ask=24_100, receipt=market.mine), No.TOO_MANY_TENDERS)


def test_no_dealer_fills_a_request_alone(monkeypatch):
    market = Dealers()
    other = market.issue(40_000, OTHER)
    monkeypatch.setattr("steelyard.flows.rfq.OF_DEALER_MAX", 1)
    market.answer(ask=24_101, receipt=market.mine)

    assert is_refused(market.answer(ask=24_100, receipt=market.issue(1_000)), No.TOO_MANY_TENDERS)
    assert market.answer(OTHER, ask=24_000, receipt=other).code == Code.DONE


def test_above_the_buyers_line_two_people_accept():
    """9,640.40 with a line of 9,000.00 is no one's alone."""
    market = Dealers()
    market.answer(ask=24_101, receipt=market.mine)
    market.set(BUYER, lines_minor={"NOR": 900_000})
    assert market.accept().code == Code.REFUSED
    market.set(BUYER, lines_minor={"NOR": 964_040})

    assert market.accept().code == Code.DONE


def test_a_snapshot_holds_requests_and_answers():
    """Written and read it is the same."""
    market = Dealers()
    market.answer(ask=24_101, receipt=market.mine)
    data = market.world.rfqs.encode()

    assert data == Rfqs.decode(data).encode()
    assert [RYE] == [one.code for one in Rfqs.decode(data).live.values()]


def test_the_money_of_a_bid_is_set_aside_as_long_as_its_answer_stands():
    """7,200.00 for 30 t; free again when the answer ends, or the request is taken back; no bid without money."""
    market = Dealers(structs.replace(REQUEST, side=SELL))
    assert is_refused(market.answer(bid=24_000, kg=30_000), EngineRefusal.LIQUIDITY_IS_SHORT)
    market.fund(SELLER, "NOR", 1_000_000)
    market.fund(OTHER, "NOR", 1_000_000)
    market.answer(bid=24_000, kg=30_000, until=START + HOUR // 2)
    market.answer(OTHER, bid=23_000, kg=10_000)
    assert (280_000, 770_000) == (market.available(SELLER, "NOR"), market.available(OTHER, "NOR"))
    market.at = START + HOUR // 2
    market.tick()
    assert (1_000_000, 770_000) == (market.available(SELLER, "NOR"), market.available(OTHER, "NOR"))
    market.give("rfq.withdraw", NamedFields(market.rfq_id), BUYER)

    assert market.available(OTHER, "NOR") == 1_000_000


def test_a_bid_is_taken_out_of_what_it_set_aside():
    """The dealer has nothing else: 20 t of 30 are sold to it, the rest is free again; a refused try frees nothing."""
    market = Dealers(structs.replace(REQUEST, side=SELL))
    market.fund(SELLER, "NOR", 720_000)
    market.answer(bid=24_000, kg=30_000)
    large, own = market.issue(40_000, BUYER), market.issue(20_000, BUYER)
    assert is_refused(market.accept(receipt_id=large), No.RFQ_TRADE_DOES_NOT_FIT)
    assert market.available(SELLER, "NOR") == 0
    assert market.accept(receipt_id=own).code == Code.DONE

    assert (240_000, 240_000) == (market.balance(SELLER, "NOR"), market.available(SELLER, "NOR"))
    assert market.receipt(own).holder == SELLER
    assert market.world.engine.reservations == {}

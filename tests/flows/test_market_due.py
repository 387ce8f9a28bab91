"""Spot that settles on the next business day: pre-funded by both, one bundle when its day begins, nothing twice."""

import msgspec
import pytest

from steelyard.flows.market_due import settles_on
from steelyard.flows.market_facts import MarketTraded
from steelyard.flows.market_list import ListFields
from steelyard.flows.market_money import MoneyFields
from steelyard.flows.market_reverse import NamedFields, ReverseFields
from steelyard.flows.receipt import TransferFields
from steelyard.flows.receipt_orders import OrderFields as FreezeFields
from steelyard.market.books import Way
from steelyard.market.contracts.spot_receipt import SpotReceipt
from steelyard.market.contracts.terms import Limits, MarginTerms, Measure, Options, Place
from steelyard.market.due import DueTrades
from steelyard.market.instruments import Instrument
from steelyard.market.orders import Side
from steelyard.market.phases import Phase
from steelyard.market.quality import QualitySchedule
from steelyard.market.receipts import ReceiptState
from steelyard.market.refusals.orders import OrderRefusal as No
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.node.sweeps import SWEEPS
from steelyard.values.instants import DAY, HOUR
from tests.flows.goods import BUYER, GRADE, PAPER, RYE, SELLER, SITE, done
from tests.flows.markets import KG, UNIT, Market
from tests.flows.payworld import PONS, facts, is_refused, notices

BUY, SELL = Side.BUY, Side.SELL
CODE, WIDE = "RYE-NEXT", "RYE-NEXT-WIDE"
CONTRACT = SpotReceipt(
    code="RYE-C", commodity="rye", grade=GRADE, measure=Measure.KG, unit=50_000, price_per=1_000, tick_minor=1,
    currency="OST", places=(Place(SITE),), quality=QualitySchedule(()), incoterm="EXW", options=Options(),
    limits=Limits(), margin=MarginTerms(1), calendars=("OST",), from_on=20_000, source="own", settle_days=1,
)  # fmt: skip


@pytest.fixture
def net() -> Market:
    """Anna has 50 t ready, Bram 10,000.00 OST; both books settle on the next day."""
    net = Market()
    for code, terms in ((CODE, {"currency": "OST"}), (WIDE, {"basket": "UNIT", "basket_holds": UNIT})):
        fields = ListFields(
            Instrument(code=code, **terms), "RYE-C", Way.SPOT, RYE, KG, terms=msgspec.msgpack.encode(CONTRACT)
        )
        done(net.two("instrument.list", fields, "operator"))
        net.phase(code, Phase.OPENING_CALL)
        net.phase(code, Phase.CONTINUOUS)
    net.stocked(50)
    net.ready(BUYER, "OST", 1_000_000)
    return net


def traded(net: Market, code: str = CODE, currency: str = "") -> MarketTraded:
    """Let Bram buy 20 t at 100.00 of Anna."""
    net.entered(SELLER, SELL, 20, 10_000, code, **({"currency": "OST"} if code == WIDE else {}))
    outcome = done(net.order(BUYER, BUY, 20, 10_000 if not currency else 20_000, code, currency=currency))
    (trade,) = [fact for fact in facts(outcome) if isinstance(fact, MarketTraded)]
    return trade


def sound(net: Market) -> None:
    net.check()
    assert [] == [fault for _, sweep in SWEEPS if (fault := sweep(net.world))]


def test_money_and_goods_are_set_aside_and_move_on_the_next_day(net: Market) -> None:
    before = net.balance(SELLER, "OST")
    trade = traded(net)
    assert (net.at // DAY + 1, b"") == (trade.settles_on, trade.bundle_id)
    (due,) = net.world.due_trades.each()
    assert ReceiptState.LOCKED is net.receipt(due.receipts[0]).state
    assert (0, before, 1_000_000) == (net.kg(BUYER), net.balance(SELLER, "OST"), net.money(BUYER, "OST"))
    sound(net)
    net.wait(DAY)

    assert (20 * KG, 200_000, 800_000) == (
        net.kg(BUYER), net.balance(SELLER, "OST") - before, net.money(BUYER, "OST"),
    )  # fmt: skip
    assert 0 == len(net.world.due_trades)
    assert {BUYER, SELLER} == {one.recipient for one in notices(net, "trade.title_passed")}
    sound(net)


def test_what_is_set_aside_is_bound_to_nothing_else(net: Market) -> None:
    """Of 10,000.00 Bram has 8,000.00 left to take back; Anna's 20 t are neither sold nor given away."""
    traded(net)
    (due,) = net.world.due_trades.each()
    transfer = net.give("receipt.transfer", TransferFields(due.receipts[0], BUYER), SELLER)
    assert is_refused(transfer, TitleRefusal.RECEIPT_IS_LOCKED)
    too_much = net.trader(BUYER, "trade_account.withdraw", MoneyFields("OST", 800_001))
    assert is_refused(too_much, No.FUNDS_ARE_SHORT)
    done(net.trader(BUYER, "trade_account.withdraw", MoneyFields("OST", 800_000)))
    assert is_refused(net.order(SELLER, SELL, 31, 10_000, CODE), No.RECEIPT_NOT_AVAILABLE)
    net.entered(SELLER, SELL, 30, 10_000, CODE)
    sound(net)


def test_a_trade_across_currencies_waits_whole(net: Market) -> None:
    """Two NOR for one OST: Bram's 4,000.00 NOR and the provider's 2,000.00 OST are set aside."""
    net.ready(BUYER, "NOR", 400_000)
    net.ready(PONS, "OST", 300_000)
    done(net.firm(PONS, "OST", "NOR", 2, 1, 300_000))
    before = net.balance(SELLER, "OST")
    trade = traded(net, WIDE, "NOR")
    assert (400_000, 200_000) == (trade.buyer_minor, trade.seller_minor)
    sound(net)
    net.wait(DAY)
    assert (0, 200_000, 20 * KG) == (
        net.money(BUYER, "NOR"), net.balance(SELLER, "OST") - before, net.kg(BUYER),
    )  # fmt: skip
    sound(net)


def test_frozen_goods_keep_the_trade_waiting_and_it_is_tried_again(net: Market) -> None:
    traded(net)
    (due,) = net.world.due_trades.each()
    done(net.two("receipt.freeze", FreezeFields(due.receipts[0], PAPER), "operator"))
    net.wait(DAY)
    assert 0 == net.kg(BUYER)
    assert TitleRefusal.RECEIPT_IS_FROZEN.code == next(net.world.due_trades.each()).refusal
    told = len(notices(net, "trade.is_stuck"))
    sound(net)
    net.wait(3 * HOUR)
    assert told == len(notices(net, "trade.is_stuck"))
    done(net.two("receipt.thaw", FreezeFields(due.receipts[0], PAPER), "operator"))
    net.wait(HOUR)
    assert 20 * KG == net.kg(BUYER)
    sound(net)


@pytest.mark.parametrize("later", [0, 3 * DAY])
def test_a_trade_that_is_stuck_is_taken_back_by_the_operator(net: Market, later: int) -> None:
    """Goods frozen for good keep nobody's money: it goes back without the seller's word, and they stay frozen."""
    net.wait(DAY - net.at % DAY - HOUR // 12)  # five minutes before the day ends
    trade = traded(net)
    (due,) = net.world.due_trades.each()
    reverse = ReverseFields(trade.trade_id, "frozen")
    assert is_refused(net.two("trade.reverse", reverse, "operator"), No.TRADE_NOT_AGREED)
    done(net.two("receipt.freeze", FreezeFields(due.receipts[0], PAPER), "operator"))
    net.wait(HOUR // 12 + later)
    outcome = done(net.two("trade.reverse", reverse, "operator"))

    assert {BUYER, SELLER} == {one.recipient for one in notices(net, "trade.reversed")}
    assert 1 == [type(one).__name__ for one in facts(outcome)].count("TradeReversed")
    assert 0 == len(net.world.due_trades)
    done(net.trader(BUYER, "trade_account.withdraw", MoneyFields("OST", 1_000_000)))
    frozen = net.receipt(due.receipts[0])
    assert (ReceiptState.FROZEN, b"", SELLER) == (frozen.state, frozen.bound_to, frozen.holder)
    sound(net)
    done(net.two("receipt.thaw", FreezeFields(due.receipts[0], PAPER), "operator"))
    done(net.give("receipt.transfer", TransferFields(due.receipts[0], BUYER), SELLER))
    net.wait(DAY)
    sound(net)


def test_a_suspended_side_keeps_its_word(net: Market) -> None:
    traded(net)
    net.suspend(BUYER)
    net.wait(DAY)
    assert 20 * KG == net.kg(BUYER)


def test_a_trade_is_taken_back_before_its_day(net: Market) -> None:
    trade = traded(net)
    for owner in (BUYER, SELLER):
        done(net.trader(owner, "trade.agree_reversal", NamedFields(trade.trade_id)))
    done(net.two("trade.reverse", ReverseFields(trade.trade_id, "wrong"), "operator"))
    assert 0 == len(net.world.due_trades)
    assert (50 * KG, 1_000_000) == (net.kg(SELLER), net.money(BUYER, "OST"))
    done(net.trader(BUYER, "trade_account.withdraw", MoneyFields("OST", 1_000_000)))
    net.wait(2 * DAY)
    assert 0 == net.kg(BUYER)
    sound(net)


def test_trades_settle_at_once_where_the_contract_says_so_or_the_calendar_ends(net: Market) -> None:
    listing = net.world.books.listings[CODE]
    assert net.at // DAY + 1 == settles_on(net.world, listing, net.at)
    at_once = msgspec.structs.replace(CONTRACT, settle_days=0)
    net.world.books.listings[CODE] = msgspec.structs.replace(listing, terms=msgspec.msgpack.encode(at_once))
    assert 0 == settles_on(net.world, listing, net.at)
    assert 0 == settles_on(net.world, msgspec.structs.replace(listing, terms=b""), net.at)
    again = DueTrades.decode(net.world.due_trades.encode())
    assert again.encode() == net.world.due_trades.encode()

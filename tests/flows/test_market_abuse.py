"""What is tried on a market against others, each with its stated outcome: refused, or without effect on anybody else.

Double pledge, double delivery, false receipt, self-match, wash trades on the benchmark, cornered delivery.
"""

from fractions import Fraction
from random import Random

import pytest
from msgspec import structs

from steelyard.flows import market_money
from steelyard.flows.market_facts import MarketTraded
from steelyard.flows.market_list import GroupFields
from steelyard.flows.market_money import ReceiptFields
from steelyard.flows.price import MethodFields, PublishFields
from steelyard.flows.price_facts import PricePublished
from steelyard.flows.receipt import MergeFields, NamedFields, SplitFields, TransferFields
from steelyard.market.assessment import Method, Trade
from steelyard.market.delivery import DeliveryState
from steelyard.market.instruments import SelfTrade
from steelyard.market.orders import Side
from steelyard.market.refusals.delivery import DeliveryRefusal
from steelyard.market.refusals.orders import OrderRefusal
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.values.instants import DAY
from tests.flows.clearings import SEP
from tests.flows.goods import BUYER, GRADE, HOUSE, LENDER, OTHER, SELLER, SITE, done
from tests.flows.haul import DUE, Haul
from tests.flows.markets import KG, SPOT, WIDE, Market, trades
from tests.flows.payworld import ANNA, ARNE, BIRK, BRAM, facts, is_refused
from tests.flows.test_order_cleared import CODE, Pit

BUY, SELL = Side.BUY, Side.SELL


class Floor(Market, Haul):
    """A market whose goods are delivered too."""


def test_double_pledge_is_refused_and_what_is_pledged_serves_nothing_else() -> None:
    """Cleo has the pledge: no second one, no sale, no transfer, split, merger, delivery, collateral or load-out."""
    net = Floor()
    receipt, second = net.issue(50_000), net.issue(50_000)
    done(net.give("receipt.pledge", TransferFields(receipt, LENDER), SELLER))
    delivery = net.open()
    before = net.titles_and_money()

    for name, fields in (
        ("receipt.pledge", TransferFields(receipt, OTHER)), ("receipt.pledge", TransferFields(receipt, LENDER)),
        ("receipt.transfer", TransferFields(receipt, OTHER)), ("receipt.split", SplitFields(receipt, (20_000, 30_000))),
        ("receipt.merge", MergeFields((receipt, second))), ("receipt.order_out", NamedFields(receipt)),
    ):  # fmt: skip
        assert is_refused(net.give(name, fields, SELLER), TitleRefusal.RECEIPT_IS_PLEDGED), name
    committed = net.trader(SELLER, "receipt.commit", ReceiptFields(receipt))
    assert is_refused(committed, TitleRefusal.RECEIPT_IS_PLEDGED)
    assert is_refused(net.assign(delivery, receipt), TitleRefusal.RECEIPT_IS_PLEDGED)
    assert before == net.titles_and_money()
    assert (SELLER, LENDER) == (net.receipt(receipt).holder, net.receipt(receipt).pledgee)


def test_double_delivery_is_refused_before_and_after_the_goods_are_paid() -> None:
    """One receipt serves one delivery: not a second, not the book, and once paid for it is the buyer's."""
    net = Floor()
    delivery, receipt = net.until(DeliveryState.INVOICED)
    second = net.open()
    net.fund(BUYER, "OST", 2 * DUE)
    before = net.titles_and_money()
    assert is_refused(net.assign(second, receipt), TitleRefusal.RECEIPT_IS_LOCKED)
    assert is_refused(
        net.trader(SELLER, "receipt.commit", ReceiptFields(receipt)), TitleRefusal.RECEIPT_IS_LOCKED
    )
    assert before == net.titles_and_money()

    done(net.fund_delivery(delivery))
    kg, paid = net.kg(BUYER), net.balance(SELLER, "OST")
    assert is_refused(net.fund_delivery(delivery), DeliveryRefusal.DELIVERY_STATE_FORBIDS)
    assert is_refused(net.assign(second, receipt), TitleRefusal.RECEIPT_IS_ANOTHERS)
    assert is_refused(net.assign(delivery, receipt), DeliveryRefusal.DELIVERY_STATE_FORBIDS)
    assert (kg, paid) == (net.kg(BUYER), net.balance(SELLER, "OST"))
    net.check()


def test_false_receipt_is_no_title_and_sells_nothing() -> None:
    """Goods that nobody has certified: drafted, but not issued, and a draft is neither sold, pledged nor delivered."""
    net = Floor()
    net.issue(600_000)
    draft, delivery = net.draft(400_001), net.open()
    before = net.titles_and_money()

    assert is_refused(
        net.two("receipt.issue", NamedFields(draft), HOUSE), TitleRefusal.STOCK_WOULD_BE_EXCEEDED
    )
    assert net.two("receipt.issue", NamedFields(draft), SELLER).code
    for outcome in (
        net.trader(SELLER, "receipt.commit", ReceiptFields(draft)),
        net.give("receipt.pledge", TransferFields(draft, LENDER), SELLER),
        net.give("receipt.transfer", TransferFields(draft, BUYER), SELLER),
        net.assign(delivery, draft),
    ):
        assert is_refused(outcome, TitleRefusal.RECEIPT_STATE_FORBIDS)
    assert is_refused(net.order(SELLER, SELL, 1, 10_000), OrderRefusal.RECEIPT_NOT_AVAILABLE)
    assert before == [*net.titles_and_money()]
    assert 600_000 == net.world.titles.live_kg(SITE, GRADE)


@pytest.mark.parametrize("mode", [mode for mode in SelfTrade if mode is not SelfTrade.NONE])
@pytest.mark.parametrize("grouped", [False, True])
def test_self_match_makes_no_trade_in_any_mode(mode: SelfTrade, grouped: bool) -> None:
    """Neither of a member with itself nor of two members of one group; money and goods stay where they are."""
    net = Market()
    other = SELLER
    if grouped:
        other = BUYER
        for owner in (SELLER, BUYER):
            done(net.two("market.group", GroupFields(owner, SELLER), "operator"))
    net.stocked(60)
    net.ready(other, "OST", 1_000_000)
    net.entered(SELLER, SELL, 20, 10_000)

    outcome = done(net.order(other, BUY, 30, 10_000, stp=int(mode)))

    assert [] == trades(outcome)
    assert (60 * KG, 1_000_000) == (net.kg(SELLER), net.money(other, "OST"))
    net.check()


@pytest.mark.parametrize("code", [SPOT, WIDE])
def test_orders_that_stand_go_with_their_owner_into_a_group_and_out_of_it(code: str) -> None:
    """A sale that rested before the two became one does not trade within the group; when it is over it does."""
    net = Market()
    net.stocked(60)
    net.ready(BUYER, "OST", 1_000_000)
    net.entered(SELLER, SELL, 20, 10_000, code, currency="OST")
    stops = [net.entered(SELLER, SELL, 5, 9_000, code, currency="OST", stop=9_500)]
    done(net.two("market.group", GroupFields(BUYER, SELLER), "operator"))
    books = net.world.books
    waiting = books.books[code].find(books.by_key[stops[0]])
    order = waiting[0] if isinstance(waiting, tuple) else waiting

    assert books.member_no(SELLER) == order.group
    assert [] == trades(done(net.order(BUYER, BUY, 20, 10_000, code, currency="OST")))
    assert books.encode() == type(books).decode(books.encode()).encode()
    for owner in (BUYER, SELLER):
        done(net.two("market.group", GroupFields(owner, ""), "operator"))
    assert 0 == order.group
    assert 1 == len(trades(done(net.order(BUYER, BUY, 20, 10_000, code, currency="OST"))))
    assert 20 * KG == net.kg(BUYER)
    net.check()


def test_wash_trades_on_the_benchmark_hardly_move_it() -> None:
    """Six honest houses trade about 100.00; two others trade thrice that volume between them at 130.00.

    Theirs are trades of the book. The plain mean rises by a fifth, the benchmark by less than 0.2 %.
    """
    net = Market()
    rng, fair = Random(7), []
    for buyer, seller in [("A1", "B1"), ("A2", "B2"), ("A3", "B3")] * 4:
        fair.append((10_000 + rng.randrange(-9, 10), 10, buyer, seller))
    net.stocked(400)
    net.ready(BUYER, "OST", 9_000_000)
    washed = []
    for _ in range(3):
        net.entered(SELLER, SELL, 100, 13_000)
        outcome = done(net.order(BUYER, BUY, 100, 13_000))
        washed += [
            (one.price, one.quantity, one.buyer, one.seller)
            for one in facts(outcome)
            if isinstance(one, MarketTraded)
        ]
    assert 300 == sum(volume for _, volume, *_ in washed) > 2 * sum(volume for _, volume, *_ in fair)
    done(net.two("price.method", MethodFields("RYE", net.at // DAY, Method(volume_min=10)), "operator"))

    values = []
    for on, day in enumerate((fair, [*fair, *washed])):
        made = tuple(
            Trade(f"{on}-{place}", str(price), volume, buyer, seller)
            for place, (price, volume, buyer, seller) in enumerate(day)
        )
        fields = PublishFields("RYE", net.at // DAY, made)
        outcome = done(net.two("price.publish", fields, "operator"))
        values += [Fraction(one.value) for one in facts(outcome) if isinstance(one, PricePublished)]
        net.at += DAY
    mean = Fraction(sum(price * volume for price, volume, *_ in (*fair, *washed)), 420)

    assert mean > 12_000
    assert abs(values[1] - values[0]) < values[0] * Fraction(2, 1000)


def test_cornered_delivery_is_refused_by_the_limit_of_a_group() -> None:
    """In the month of delivery nobody may stand for more than 100 lots, nor may two banks of a group together.

    What a corner needs beyond the limit is refused before it rests, whatever money is behind it.
    """
    pit = Pit().begin()
    today = pit.net.at // DAY
    pit.ok(pit.operator("clearing.contract", structs.replace(SEP, delivery_from_on=today)))
    for bic in (ANNA, ARNE, BRAM, BIRK):
        pit.give_cash(bic, 100_000_000)
        pit.ok(pit.deposit(bic, 90_000_000))
    pit.ok(pit.operator("market.group", GroupFields(ANNA, ARNE)))
    pit.ok(pit.order(BRAM, SELL, 100, 20_000))
    pit.ok(pit.order(BIRK, SELL, 100, 20_000))

    pit.ok(pit.order(ANNA, BUY, 60, 20_000))
    assert is_refused(pit.order(ANNA, BUY, 41, 20_000), OrderRefusal.POSITION_LIMIT_WOULD_BE_EXCEEDED)
    assert is_refused(pit.order(ARNE, BUY, 41, 20_000), OrderRefusal.POSITION_LIMIT_WOULD_BE_EXCEEDED)
    pit.ok(pit.order(ARNE, BUY, 40, 20_000))
    assert is_refused(pit.order(ARNE, BUY, 1, 19_000), OrderRefusal.POSITION_LIMIT_WOULD_BE_EXCEEDED)

    assert 100 == pit.lots(ANNA) + pit.lots(ARNE)
    assert {CODE} == set(pit.world.books.books)
    pit.net.check()


def test_nobody_lays_more_receipts_in_the_way_of_trades_than_there_is_room_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A trade passes over what is frozen or no longer valid, so how much of it there may be is bounded."""
    monkeypatch.setattr(market_money, "LOTS_MAX", 2)
    net = Market()
    for _ in range(2):
        net.stocked(5)
    third = net.issue(5_000, SELLER)

    assert is_refused(
        net.trader(SELLER, "receipt.commit", ReceiptFields(third)), TitleRefusal.TITLES_ARE_FULL
    )
    net.stocked(5, OTHER)
    net.check()

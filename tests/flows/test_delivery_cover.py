"""Buy-in and sell-out of failed deliveries: an auction, the difference and five percent, and nothing left behind."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.engine.refusals import SettingRefusal
from steelyard.flows.command import Code
from steelyard.flows.delivery_cover import OpenFields
from steelyard.flows.receipt_orders import OrderFields
from steelyard.flows.title_facts import CoverMoved
from steelyard.market.clearing import positions
from steelyard.market.deliveries import Delivery
from steelyard.market.delivery import DeliveryState
from steelyard.market.receipts import ReceiptState
from steelyard.market.refusals.auctions import AuctionRefusal
from steelyard.market.refusals.delivery import DeliveryRefusal as No
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.members.refusals import MemberRefusal
from steelyard.values.instants import DAY, HOUR, MINUTE, SECOND
from tests.flows.goods import BUYER, JUDGE, LENDER, OTHER, PAPER, SELLER, done
from tests.flows.haul import Haul, moves, opened
from tests.flows.payworld import facts, is_refused, told
from tests.flows.test_delivery_cleared import Pit
from tests.flows.test_delivery_ends import margin

S = DeliveryState
LOT = 50_000


@pytest.fixture
def net() -> Haul:
    return Haul()


def failed_seller(net: Haul, lots: int = 4, **more: object) -> bytes:
    """Open a delivery of four lots at 240.00 whose seller names nothing, with enough margin for what it costs."""
    delivery = net.open(lots=lots, **more)
    margin(net, SELLER, 2_000_000)
    net.wait(2 * DAY)
    assert S.SELLER_FAILED is net.state(delivery)
    return delivery


def failed_buyer(net: Haul, lots: int = 4) -> tuple[bytes, bytes]:
    """Bring a delivery of four lots to where its buyer has not paid; gives the receipt that is locked too."""
    receipt = net.issue(lots * LOT)
    delivery = net.open(lots=lots)
    done(net.assign(delivery, receipt))
    done(net.certify(delivery, lots * LOT))
    done(net.named("take", delivery, BUYER))
    margin(net, BUYER, 2_000_000)
    net.wait(5 * DAY)
    assert S.BUYER_FAILED is net.state(delivery)
    return delivery, receipt


def awards(outcomes: list) -> list[tuple[str, int, int, int]]:
    return [
        (one.bidder, one.lots, one.price_minor, one.minor)
        for outcome in outcomes
        for one in facts(outcome)
        if isinstance(one, CoverMoved) and one.event == "AWARDED"
    ]


def last(outcomes: list):
    return [one for outcome in outcomes for one in moves(outcome)][-1]


def test_a_buy_in_gives_the_buyer_his_goods_and_the_seller_pays_the_difference(net: Haul) -> None:
    """Two lots of Arne's at 250.00 and two of Cleo's at 255.00: all at 255.00, 15.00 dearer, and 5 % of 240.00."""
    delivery = failed_seller(net)
    assert is_refused(net.rule(delivery, 1, market_minor=25_000), No.DELIVERY_AUCTION_COMES_FIRST)
    outcome = done(net.auction(delivery, 26_000))
    assert S.BUY_IN is net.state(delivery)
    notified = {who for who, kind in told(outcome) if kind == "delivery_auction.opened"}
    assert {OTHER, LENDER} <= notified
    assert not notified & {SELLER, BUYER}
    first, second = net.issue(2 * LOT, OTHER), net.issue(3 * LOT, LENDER)
    done(net.bid(delivery, OTHER, 2, 25_000, first))
    done(net.bid(delivery, LENDER, 3, 25_500, second))
    assert ReceiptState.LOCKED is net.receipt(first).state
    net.fund(BUYER, "OST", 5_400_000)
    done(net.back(delivery, BUYER, 25_800))
    assert 5_400_000 - 25_800 * 200 == net.available(BUYER, "OST")
    net.check()

    outcomes = net.wait(HOUR)
    assert [(OTHER, 2, 25_500, 2_550_000), (LENDER, 2, 25_500, 2_550_000)] == awards(outcomes)
    over = last(outcomes)
    compensation = 200 * 1_500 + 200 * 1_200
    assert ("CLOSED", "COVERED", compensation, 0, SELLER) == (
        over.state, over.event, over.amount_minor, over.owed_minor, over.owed_by,
    )  # fmt: skip
    assert 5_400_000 + compensation - 5_100_000 == net.balance(BUYER, "OST") == net.available(BUYER, "OST")
    assert 4 * LOT == net.kg(BUYER)
    assert (2_550_000, 2_550_000, LOT) == (
        net.balance(OTHER, "OST"),
        net.balance(LENDER, "OST"),
        net.kg(LENDER),
    )
    assert {ReceiptState.ISSUED} == {one.state for one in net.world.titles.receipts.values()}
    net.holds_nothing(delivery)
    assert [] == awards(net.wait(DAY))


def test_a_buyer_who_does_not_trade_on_is_paid_the_difference_alone(net: Haul) -> None:
    """The offers were firm, so the price is the market's; their goods are free again."""
    delivery = failed_seller(net)
    done(net.auction(delivery, 26_000))
    goods = net.issue(4 * LOT, OTHER)
    done(net.bid(delivery, OTHER, 4, 25_000, goods))
    outcomes = net.wait(HOUR)

    assert [(OTHER, 4, 25_000, 0)] == awards(outcomes)
    assert ("CLOSED", 200 * (1_000 + 1_200)) == (last(outcomes).state, net.balance(BUYER, "OST"))
    assert (0, OTHER, ReceiptState.ISSUED) == (
        net.kg(BUYER),
        net.receipt(goods).holder,
        net.receipt(goods).state,
    )
    net.holds_nothing(delivery)


def test_lots_that_nobody_offers_have_failed_still(net: Haul) -> None:
    """Three of four are bought in; the last one waits for another auction, and then for a price by hand."""
    delivery = failed_seller(net)
    done(net.auction(delivery, 26_000))
    done(net.bid(delivery, OTHER, 3, 24_000, net.issue(3 * LOT, OTHER)))
    net.fund(BUYER, "OST", 5_000_000)
    done(net.back(delivery, BUYER, 24_000))
    outcomes = net.wait(HOUR)
    assert ("SELLER_FAILED", "PART_COVERED", 1) == (
        last(outcomes).state, last(outcomes).event, net.delivery(delivery).terms.lots,
    )  # fmt: skip
    assert (3 * LOT, 5_000_000 - 3_600_000 + 150 * 1_200) == (net.kg(BUYER), net.balance(BUYER, "OST"))
    net.check()

    done(net.auction(delivery, 30_000))
    assert is_refused(net.rule(delivery, 1, market_minor=25_000), No.DELIVERY_STATE_FORBIDS)
    assert S.SELLER_FAILED.value == last(net.wait(HOUR)).state
    (over,) = moves(done(net.rule(delivery, 1, market_minor=25_000)))
    assert 50 * (1_000 + 1_200) == over.amount_minor
    net.holds_nothing(delivery)


def test_a_sell_out_gives_the_goods_to_who_pays_most_and_the_buyer_pays_the_rest(net: Haul) -> None:
    """Arne bids 235.00 for three lots, Cleo 230.00 for two: all four go at 230.00, ten less, and five percent."""
    delivery, receipt = failed_buyer(net)
    done(net.auction(delivery, 22_000))
    for bidder, lots, price in ((OTHER, 3, 23_500), (LENDER, 2, 23_000)):
        net.fund(bidder, "OST", lots * price * 50)
        done(net.bid(delivery, bidder, lots, price))
        assert 0 == net.available(bidder, "OST")
    done(net.back(delivery, SELLER, 22_500))
    net.check()
    outcomes = net.wait(HOUR)

    assert [(OTHER, 3, 23_000, 3_450_000), (LENDER, 1, 23_000, 1_150_000)] == awards(outcomes)
    assert 4_600_000 + 200 * (1_000 + 1_200) == net.balance(SELLER, "OST")
    assert (3 * LOT, LOT, 0) == (net.kg(OTHER), net.kg(LENDER), net.kg(SELLER))
    assert (75_000, 1_150_000) == (net.available(OTHER, "OST"), net.available(LENDER, "OST"))
    assert ("CLOSED", BUYER) == (last(outcomes).state, last(outcomes).owed_by)
    assert receipt not in net.world.titles.receipts or not net.receipt(receipt).is_live
    net.holds_nothing(delivery)


def test_what_of_the_goods_nobody_takes_stays_locked(net: Haul) -> None:
    delivery, _ = failed_buyer(net)
    done(net.auction(delivery, 22_000))
    net.fund(OTHER, "OST", 10_000_000)
    done(net.bid(delivery, OTHER, 1, 24_000))
    done(net.back(delivery, SELLER, 22_000))
    net.wait(HOUR)

    left = net.delivery(delivery)
    assert (S.BUYER_FAILED, 3, 3 * LOT, 3 * 1_200_000) == (
        left.state, left.terms.lots, left.weight_kg, left.amount_minor,
    )  # fmt: skip
    assert (LOT, 3 * LOT) == (net.kg(OTHER), sum(net.receipt(one).kg for one in left.receipts))
    net.check()
    done(net.rule(delivery, 0))  # the buyer is let pay after all, for what is left
    net.tick()
    net.fund(BUYER, "OST", 3_600_000)
    done(net.fund_delivery(delivery))
    assert 3 * LOT == net.kg(BUYER)


@pytest.mark.parametrize("trades_on", [False, True])
def test_frozen_goods_are_paid_for_by_nobody_and_the_difference_all_the_same(
    net: Haul, trades_on: bool
) -> None:
    delivery, receipt = failed_buyer(net)
    done(net.auction(delivery, 22_000))
    net.fund(OTHER, "OST", 5_000_000)
    done(net.bid(delivery, OTHER, 3, 23_000))
    if trades_on:
        done(net.back(delivery, SELLER, 22_000))
    done(net.two("receipt.freeze", OrderFields(receipt, PAPER), "operator"))
    outcomes = net.wait(HOUR)

    assert [(OTHER, 3, 23_000, 0)] == awards(outcomes)
    assert (5_000_000, 150 * 2_200) == (net.available(OTHER, "OST"), net.balance(SELLER, "OST"))
    assert ((), 1) == (net.delivery(delivery).receipts, net.delivery(delivery).terms.lots)
    net.check()


def test_goods_that_are_not_valid_until_the_close_are_not_offered(net: Haul) -> None:
    delivery = failed_seller(net)
    done(net.auction(delivery, 26_000))
    close = net.delivery(delivery).due_at
    stale, fresh = (net.issue(LOT, OTHER, valid_until=close + more) for more in (0, 1))
    assert is_refused(net.bid(delivery, OTHER, 1, 25_000, stale), TitleRefusal.RECEIPT_HAS_EXPIRED)
    done(net.bid(delivery, OTHER, 1, 25_000, fresh))


def test_who_may_not_offer_and_what_is_no_offer(net: Haul) -> None:
    delivery = failed_seller(net)
    goods = net.issue(LOT, OTHER)
    assert is_refused(net.bid(delivery, OTHER, 1, 25_000, goods), No.DELIVERY_STATE_FORBIDS)
    for limit, span in ((23_999, HOUR), (26_000, 10 * MINUTE - SECOND), (26_000, 31 * DAY), (10**18, HOUR)):
        assert is_refused(net.auction(delivery, limit, span), AuctionRefusal.AUCTION_TERMS_OUT_OF_RANGE)
    alone = net.one("delivery.auction", OpenFields(delivery, net.at + HOUR, 26_000, PAPER), "operator")
    assert is_refused(alone, SettingRefusal.TWO_PEOPLE_NEEDED)
    done(net.auction(delivery, 26_000))
    assert is_refused(net.auction(delivery, 26_000), No.DELIVERY_STATE_FORBIDS)
    net.world.books.groups[JUDGE] = BUYER
    half = net.issue(LOT // 2, OTHER)
    tries = [
        (SELLER, 1, 25_000, net.issue(LOT, SELLER), AuctionRefusal.BIDDER_NOT_INVITED),
        (BUYER, 1, 25_000, net.issue(LOT, BUYER), AuctionRefusal.BIDDER_NOT_INVITED),
        (JUDGE, 1, 25_000, goods, AuctionRefusal.BIDDER_NOT_INVITED),
        (OTHER, 5, 25_000, goods, AuctionRefusal.BID_LOTS_OUT_OF_RANGE),
        (OTHER, 0, 25_000, goods, AuctionRefusal.BID_LOTS_OUT_OF_RANGE),
        (OTHER, 1, 0, goods, AuctionRefusal.BID_PRICE_NOT_ON_TICK),
        (OTHER, 1, 26_001, goods, AuctionRefusal.BID_BEYOND_RESERVE),
        (OTHER, 2, 25_000, goods, No.DELIVERY_GOODS_DO_NOT_FIT),
        (OTHER, 1, 25_000, half, No.DELIVERY_GOODS_DO_NOT_FIT),
        (LENDER, 1, 25_000, goods, TitleRefusal.RECEIPT_IS_ANOTHERS),
    ]  # fmt: skip
    before = net.titles_and_money()
    for owner, lots, price, receipt, why in tries:
        assert is_refused(net.bid(delivery, owner, lots, price, receipt), why), why
    assert is_refused(net.back(delivery, SELLER, 25_000), No.DELIVERY_IS_ANOTHERS)
    assert is_refused(net.back(delivery, BUYER, 26_001), AuctionRefusal.BID_BEYOND_RESERVE)
    assert is_refused(net.back(delivery, BUYER, 25_000), AuctionRefusal.DEPOSIT_IS_NOT_THERE)
    assert before == net.titles_and_money()
    done(net.bid(delivery, OTHER, 1, 25_000, goods))
    assert is_refused(net.bid(delivery, OTHER, 1, 25_000, goods), TitleRefusal.RECEIPT_IS_LOCKED)
    net.suspend(LENDER)
    late = net.bid(delivery, LENDER, 1, 25_000, net.issue(LOT, OTHER))
    assert is_refused(late, MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    net.at += HOUR
    assert is_refused(
        net.bid(delivery, OTHER, 1, 25_000, net.issue(LOT, OTHER)), No.DELIVERY_DEADLINE_HAS_PASSED
    )


def test_a_buyer_may_change_up_to_what_he_trades_on_and_his_money_follows(net: Haul) -> None:
    delivery = failed_seller(net, 1)
    done(net.auction(delivery, 26_000))
    net.fund(BUYER, "OST", 1_300_000)
    for price in (26_000, 24_500):
        done(net.back(delivery, BUYER, price))
        assert 1_300_000 - price * 50 == net.available(BUYER, "OST")
    done(net.bid(delivery, OTHER, 1, 25_000, net.issue(LOT, OTHER)))
    outcomes = net.wait(HOUR)
    assert [(OTHER, 1, 25_000, 0)] == awards(outcomes)  # dearer than he takes
    assert 1_300_000 + 50 * 2_200 == net.available(BUYER, "OST")
    net.holds_nothing(delivery)


def test_a_cornered_seller_of_a_cleared_contract_is_bought_in_for_the_oldest_longs() -> None:
    """Ten lots sold to two longs and no goods named: each of them has his own auction, and no lot stays."""
    pit = Pit()
    assert pit.trade(BUYER, SELLER, 6, 24_000) is None
    pit.net.at += DAY
    assert pit.trade(OTHER, SELLER, 4, 24_000) is None
    pit.settle()
    delivery = opened(pit.open(8, buyer=""))
    pit.net.wait(2 * DAY)
    outcome = done(pit.haul.auction(delivery, 30_000))
    dealt = {one.buyer: (one.delivery_id, one.lots, one.state) for one in moves(outcome)}
    assert {BUYER: (6, "BUY_IN"), OTHER: (2, "BUY_IN")} == {buyer: one[1:] for buyer, one in dealt.items()}
    first, second = dealt[BUYER][0], dealt[OTHER][0]
    done(pit.haul.bid(first, JUDGE, 6, 26_000, pit.haul.issue(6 * LOT, JUDGE)))
    done(pit.haul.back(first, BUYER, 27_000))
    before = pit.net.balance(BUYER, "NOR")
    pit.net.wait(HOUR)

    assert (0, 4, -4) == (pit.lots(BUYER), pit.lots(OTHER), pit.lots(SELLER))
    assert before + 300 * (2_000 + 1_200) - 300 * 26_000 == pit.net.balance(BUYER, "NOR")
    assert 6 * LOT == pit.haul.kg(BUYER)
    assert S.SELLER_FAILED is pit.haul.state(second)
    pit.check()


def test_lots_that_a_default_has_taken_fail_nobody() -> None:
    """What is left of a delivery then is settled by hand, or ends without anything owed where nothing is."""
    pit = Pit()
    assert pit.trade(BUYER, SELLER, 5, 24_000) is None
    pit.settle()
    first, second = opened(pit.open(2, buyer=BUYER)), opened(pit.open(3, buyer=BUYER))
    pit.net.wait(2 * DAY)
    done(pit.haul.auction(second, 30_000))
    done(pit.haul.bid(second, OTHER, 3, 25_000, pit.haul.issue(3 * LOT, OTHER)))
    positions.tear_up(pit.house.book, "WHEAT.SEP", SELLER, 24_000, -4)
    outcomes = pit.net.wait(HOUR)
    assert ("SELLER_FAILED", []) == (last(outcomes).state, awards(outcomes))
    (over,) = moves(done(pit.haul.rule(second, 2, market_minor=25_000)))
    assert (50 * (1_000 + 1_200), 0) == (over.amount_minor, pit.lots(SELLER))
    assert is_refused(pit.haul.auction(first, 30_000), No.DELIVERY_LOTS_ARE_NOT_HELD)
    (none,) = moves(done(pit.haul.rule(first, 2)))
    assert (0, 0, "") == (none.amount_minor, none.owed_minor, none.owed_by)
    pit.haul.holds_nothing(first)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_whatever_is_offered_nothing_is_made_lost_or_left_behind(data: st.DataObject) -> None:
    """Random offers, backing, freezes and margin, auction after auction: sums stay, nobody trades beyond his price."""
    net, sells = Haul(), data.draw(st.booleans())
    delivery = failed_buyer(net)[0] if sells else failed_seller(net)
    failed, payee = (BUYER, SELLER) if sells else (SELLER, BUYER)
    for owner in (OTHER, LENDER, payee):
        net.fund(owner, "OST", 6_000_000)
    goods = {
        owner: [net.issue(lots * LOT, owner) for lots in ((1, 2) if not sells else (1,))]
        for owner in (OTHER, LENDER)
    }
    owners = (SELLER, BUYER, OTHER, LENDER)
    for _ in range(data.draw(st.integers(1, 3))):
        if not isinstance(net.world.deliveries.get(delivery), Delivery):
            break
        done(net.auction(delivery, 20_000 if sells else 30_000))
        worst: dict[str, int] = {}
        for owner in data.draw(st.lists(st.sampled_from([OTHER, LENDER]), max_size=4)):
            lots, price = data.draw(st.integers(1, 2)), 100 * data.draw(st.integers(200, 300))
            named = [] if sells else goods[owner][lots - 1 : lots]
            if net.bid(delivery, owner, lots, price, *named).code == Code.DONE:
                worst[owner] = (
                    min(worst.get(owner, price), price) if not sells else max(worst.get(owner, 0), price)
                )
        own = 100 * data.draw(st.integers(200, 300))
        backed = data.draw(st.booleans()) and net.back(delivery, payee, own).code == Code.DONE
        frozen = data.draw(st.sampled_from([None, None, OTHER, SELLER]))
        for receipt in list(net.world.titles.of_holder(frozen or "")):
            net.two("receipt.freeze", OrderFields(receipt.receipt_id, PAPER), "operator")
        lots, money = net.delivery(delivery).terms.lots, all_money(net)
        kg = sum(net.kg(owner) for owner in owners)
        net.check()
        outcomes = net.wait(HOUR)

        assert (money, kg) == (all_money(net), sum(net.kg(owner) for owner in owners))
        assert not net.world.engine.reservations
        won = awards(outcomes)
        for bidder, _, price, minor in won:
            assert price <= worst[bidder] if sells else price >= worst[bidder]
            assert not minor or (backed and (price >= own if sells else price <= own))
        after = net.world.deliveries.get(delivery)
        left = after.terms.lots if isinstance(after, Delivery) else 0
        assert lots - left == sum(taken for _, taken, _, _ in won)
        locked = after.receipts if isinstance(after, Delivery) else ()
        assert {one.receipt_id for one in net.world.titles.receipts.values() if one.bound_to} == {*locked}
        if won:
            gap = max(0, (24_000 - won[0][2]) if sells else (won[0][2] - 24_000))
            over = last(outcomes)
            assert (failed, (lots - left) * 50 * (gap + 1_200)) == (
                over.owed_by, over.owed_minor + taken_from_margin(outcomes),
            )  # fmt: skip
        net.check()
        for receipt in list(net.world.titles.of_holder(frozen or "")):
            net.two("receipt.thaw", OrderFields(receipt.receipt_id, PAPER), "operator")


def all_money(net: Haul) -> int:
    accounts = net.world.members.accounts
    return sum(
        net.world.engine.balance(number).balance
        for owner in (SELLER, BUYER, OTHER, LENDER)
        for purpose in ("settlement", "margin")
        if (number := accounts.get(purpose, owner, "OST"))
    )


def taken_from_margin(outcomes: list) -> int:
    over = [
        one
        for outcome in outcomes
        for one in facts(outcome)
        if isinstance(one, CoverMoved) and one.event == "OVER"
    ]
    return over[-1].minor

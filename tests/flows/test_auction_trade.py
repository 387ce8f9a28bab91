"""Auctions of what is listed: goods and money bound from the bid on, awards settled as the book's trades are."""

import pytest

from steelyard.engine.accounts import DEBITS_BLOCKED
from steelyard.flows import auction
from steelyard.flows import market_money as money
from steelyard.flows.auction_facts import AuctionAnnounced
from steelyard.flows.command import Code, Outcome
from steelyard.flows.market_facts import MarketTraded
from steelyard.flows.order import OrderFields
from steelyard.market.auctions.sealed import commitment_of
from steelyard.market.orders import Side
from steelyard.market.refusals.auctions import AuctionRefusal as No
from steelyard.market.refusals.orders import OrderRefusal
from steelyard.node.market_sweeps import bounds_are_covered, orders_are_bound
from steelyard.values.instants import HOUR, MINUTE
from tests.flows.goods import BUYER, LENDER, OTHER, RYE, SELLER
from tests.flows.markets import KG, SPOT, Market
from tests.flows.payworld import facts, is_refused, told

SALT = bytes(16)


class Room(Market):
    """The rye market with an auction in it; two bidders have 10,000.00 OST each on their trade accounts."""

    def __init__(self, world=None) -> None:
        super().__init__(world)
        if world is None:
            for owner in (BUYER, LENDER):
                self.ready(owner, "OST", 1_000_000)

    def hold(self, kind: str, fields: object, owner: str = SELLER) -> bytes:
        outcome = self.announce(kind, fields, owner)
        assert outcome.code == Code.DONE, outcome.refusal
        (one,) = [fact for fact in facts(outcome) if isinstance(fact, AuctionAnnounced)]
        self.wait(MINUTE)
        return one.auction_id

    def announce(self, kind: str, fields: object, owner: str = SELLER) -> Outcome:
        return self.trader(owner, f"auction.{kind}", fields)

    def bid(self, auction_id: bytes, owner: str, price: int, lots: int) -> Outcome:
        return self.trader(owner, "auction.bid", auction.BidFields(auction_id, price, lots))

    def over(self) -> Outcome:
        self.wait(3 * HOUR)
        self.tick()
        return self.outcomes[-1]

    def english(self, lots: int = 10) -> auction.EnglishFields:
        return auction.EnglishFields(lots, 1, 10, 100, 0, self.at + MINUTE, self.at + HOUR, instrument=SPOT)

    def bound(self, owner: str, asset: str) -> int:
        assert orders_are_bound(self.world) is None
        assert bounds_are_covered(self.world) is None
        return self.world.books.bound_minor(owner, asset)


@pytest.fixture
def room() -> Room:
    return Room()


def traded(outcome: Outcome) -> list[tuple[str, str, int, int, int]]:
    return [
        (one.buyer, one.seller, one.quantity, one.price, one.buyer_minor)
        for one in facts(outcome)
        if isinstance(one, MarketTraded)
    ]


def test_an_auction_of_goods_needs_them_and_binds_them(room: Room) -> None:
    """What is in the auction cannot be sold in the book as well."""
    assert is_refused(room.announce("english", room.english()), OrderRefusal.RECEIPT_NOT_AVAILABLE)
    room.stocked(15)
    room.hold("english", room.english())

    assert 10 * KG == room.bound(SELLER, RYE)
    fields = OrderFields(SPOT, Side.SELL, 6, 1_000)
    assert is_refused(room.trader(SELLER, "order.enter", fields), OrderRefusal.RECEIPT_NOT_AVAILABLE)


def test_a_bid_needs_its_money_and_binds_it_until_the_auction_is_over(room: Room) -> None:
    """Raised it binds the difference; outbid it stays bound, for the higher bid may not take all."""
    room.stocked(10)
    auction_id = room.hold("english", room.english())
    assert is_refused(room.bid(auction_id, BUYER, 100_010, 10), OrderRefusal.FUNDS_ARE_SHORT)
    assert 0 == room.bound(BUYER, "OST")
    room.bid(auction_id, BUYER, 50_000, 10)
    assert 500_000 == room.bound(BUYER, "OST")
    room.bid(auction_id, BUYER, 60_000, 10)
    room.bid(auction_id, LENDER, 70_000, 10)

    assert (600_000, 700_000) == (room.bound(BUYER, "OST"), room.bound(LENDER, "OST"))
    room.over()
    assert [0, 0, 0] == [room.bound(*place) for place in ((BUYER, "OST"), (LENDER, "OST"), (SELLER, RYE))]


def test_awards_settle_goods_against_money(room: Room) -> None:
    """7 at 700.00 and the rest at 650.00: 4,900.00 + 1,950.00; the seller's receipt is split."""
    room.stocked(12)
    before = room.balance(SELLER, "OST")
    auction_id = room.hold("english", room.english())
    room.bid(auction_id, BUYER, 65_000, 10)
    room.bid(auction_id, LENDER, 70_000, 7)
    outcome = room.over()

    assert [(LENDER, SELLER, 7, 70_000, 490_000), (BUYER, SELLER, 3, 65_000, 195_000)] == traded(outcome)
    assert 685_000 == room.balance(SELLER, "OST") - before
    assert (510_000, 805_000) == (room.money(LENDER, "OST"), room.money(BUYER, "OST"))
    held = [one for one in room.world.titles.receipts.values() if one.holder in (LENDER, BUYER)]
    assert [3 * KG, 7 * KG] == sorted(one.kg for one in held)
    room.check()


def test_who_buys_by_auction_has_the_money_for_the_most_that_it_may_cost(room: Room) -> None:
    at = room.at
    fields = auction.ReverseFields(
        10, 1, 1, 80_000, at + MINUTE, at + HOUR, at + 2 * HOUR, at + 3 * HOUR, instrument=SPOT
    )
    assert is_refused(room.announce("reverse", fields, OTHER), OrderRefusal.FUNDS_ARE_SHORT)
    room.stocked(10)
    auction_id = room.hold("reverse", fields, BUYER)
    assert 800_000 == room.bound(BUYER, "OST")
    assert is_refused(room.bid(auction_id, LENDER, 70_000, 10), OrderRefusal.RECEIPT_NOT_AVAILABLE)
    assert Code.DONE == room.bid(auction_id, SELLER, 75_000, 10).code
    room.wait(HOUR)
    room.wait(HOUR)

    assert [(BUYER, SELLER, 10, 75_000, 750_000)] == traded(room.over())
    assert 250_000 == room.money(BUYER, "OST")
    room.check()


def test_takes_of_a_dutch_auction_settle_when_it_is_over(room: Room) -> None:
    room.stocked(10)
    fields = auction.DutchFields(10, 1, 50_000, 40_000, 1_000, room.at + MINUTE, MINUTE, instrument=SPOT)
    auction_id = room.hold("dutch", fields)
    room.bid(auction_id, BUYER, 0, 4)
    assert 200_000 == room.bound(BUYER, "OST")
    room.wait(MINUTE)
    outcome = room.bid(auction_id, LENDER, 0, 6)

    assert [(BUYER, SELLER, 4, 50_000, 200_000), (LENDER, SELLER, 6, 49_000, 294_000)] == traded(outcome)
    room.check()


def test_sealed_orders_are_covered_when_they_are_opened_and_settle_at_one_price(room: Room) -> None:
    """What is not covered cannot be opened; a market order to buy has nothing that bounds it."""
    room.stocked(10)
    at = room.at
    fields = auction.SealedFields(SPOT, 1, at + MINUTE, at + HOUR, at + 2 * HOUR, 60_000)
    auction_id = room.hold("sealed", fields, OTHER)
    orders = {
        SELLER: ("s", "sell", 58_000, 10), BUYER: ("b", "buy", 62_000, 6), LENDER: ("l", "buy", 400_000, 4),
        OTHER: ("o", "buy", None, 1),
    }  # fmt: skip
    for owner in (SELLER, BUYER, LENDER):
        digest = commitment_of(auction_id.hex(), *orders[owner], salt=SALT)
        assert (
            Code.DONE == room.trader(owner, "auction.commit", auction.CommitFields(auction_id, digest)).code
        )
    room.wait(HOUR)

    def opened(owner: str) -> Outcome:
        return room.trader(owner, "auction.reveal", auction.RevealFields(auction_id, *orders[owner], SALT))

    assert is_refused(opened(LENDER), OrderRefusal.FUNDS_ARE_SHORT)
    assert Code.DONE == opened(SELLER).code
    assert Code.DONE == opened(BUYER).code
    assert (10 * KG, 372_000) == (room.bound(SELLER, RYE), room.bound(BUYER, "OST"))
    outcome = room.over()

    assert [(BUYER, SELLER, 6, 58_000, 348_000)] == traded(outcome)
    room.check()


def test_a_market_order_to_buy_is_not_opened_where_the_call_settles(room: Room) -> None:
    at = room.at
    auction_id = room.hold(
        "sealed", auction.SealedFields(SPOT, 1, at + MINUTE, at + HOUR, at + 2 * HOUR), OTHER
    )
    digest = commitment_of(auction_id.hex(), "b", "buy", None, 1, salt=SALT)
    room.trader(BUYER, "auction.commit", auction.CommitFields(auction_id, digest))
    room.wait(HOUR)

    opened = auction.RevealFields(auction_id, "b", "buy", None, 1, SALT)
    assert is_refused(room.trader(BUYER, "auction.reveal", opened), OrderRefusal.FUNDS_ARE_SHORT)


def test_an_award_whose_account_was_stopped_comes_to_nothing_and_is_told(room: Room) -> None:
    room.stocked(10)
    auction_id = room.hold("english", room.english())
    room.bid(auction_id, BUYER, 60_000, 5)
    room.bid(auction_id, LENDER, 50_000, 5)
    account = room.world.engine.accounts[money.account(room.world, BUYER, "OST")]
    account.gate |= DEBITS_BLOCKED
    outcome = room.over()

    assert [(LENDER, SELLER, 5, 50_000, 250_000)] == traded(outcome)
    assert {(BUYER, "auction.failed"), (SELLER, "auction.failed")} <= set(told(outcome))
    assert 0 == room.bound(BUYER, "OST")
    assert 5 * KG == room.world.books.stocks.kg(SELLER, RYE)


def test_a_cancelled_auction_frees_everything(room: Room) -> None:
    room.stocked(10)
    auction_id = room.hold("english", room.english())
    room.bid(auction_id, BUYER, 60_000, 5)
    room.trader(SELLER, "auction.cancel", auction.CancelFields(auction_id, "RAIN"))

    assert [0, 0] == [room.bound(BUYER, "OST"), room.bound(SELLER, RYE)]


def test_lots_of_an_auction_are_those_of_its_instrument() -> None:
    room = Room()
    room.list("RYE-FIVE", currency="OST", lot=5, tick=25)
    room.stocked(10)

    def terms(lots: int, tick: int) -> auction.EnglishFields:
        return auction.EnglishFields(
            lots, tick, 100, 100, 0, room.at + MINUTE, room.at + HOUR, instrument="RYE-FIVE"
        )

    for lots, tick in ((7, 25), (5, 10)):
        assert is_refused(room.announce("english", terms(lots, tick)), No.AUCTION_TERMS_OUT_OF_RANGE)
    auction_id = room.hold("english", terms(10, 25))
    assert is_refused(room.bid(auction_id, BUYER, 1_000, 4), No.BID_LOTS_OUT_OF_RANGE)
    assert is_refused(room.announce("english", terms(5, 25)), OrderRefusal.RECEIPT_NOT_AVAILABLE)

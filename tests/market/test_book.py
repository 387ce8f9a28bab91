"""Rules and traps of the book, each by a short story; the naive book and the cases hold the rest."""

import hashlib

import pytest

from steelyard.cli.vectors.market.order_book import Run, book_of
from steelyard.cli.vectors.market.order_events import split
from steelyard.market.book import Book
from steelyard.market.book_image import decode, encode
from steelyard.market.instruments import Instrument
from steelyard.market.orders import (
    Auction,
    Bands,
    CallExtended,
    Cancel,
    Cancelled,
    CancelRejected,
    Decremented,
    MassCancel,
    NewOrder,
    PhaseRejected,
    PhaseTo,
    Refused,
    Replace,
    ReplaceRejected,
    Settlement,
    Side,
    Tif,
    Trade,
    Type,
    Uncross,
    Why,
)
from steelyard.market.phases import RULES, STEPS, Phase
from steelyard.market.refusals.orders import OrderRefusal as R
from steelyard.market.resting import EMPTY_MAX
from steelyard.market.stops import GONE_MAX
from tests.vectors.make_order_book import event_of, instrument_of

BUY, SELL = Side.BUY, Side.SELL


def play(stream, terms=""):
    """Play `buy a 5 @100; …`; give what was seen."""
    run = Run(book_of(instrument_of(terms)))
    for one in stream.split(";"):
        name, fields = event_of(one)
        assert name == split([name, fields])[0]
        run.work([name, fields])
    return run


def book(**terms):
    """Make the book of an instrument in one currency."""
    return Book(Instrument(code="W", **terms))


def buy(order_id, quantity, price=None, **more):
    """A buy; without a price a market order."""
    return NewOrder(order_id, BUY, quantity, price, Type.LIMIT if price else Type.MARKET, **more)


def sell(order_id, quantity, price=None, **more):
    """A sell; without a price a market order."""
    return NewOrder(order_id, SELL, quantity, price, Type.LIMIT if price else Type.MARKET, **more)


def test_a_trade_is_at_the_price_of_who_rested():
    """Trap: trade at the price of who came."""
    assert [["t", "a", 5, 100]] == play("sell a 5 @100; buy t 5 @103").trades
    assert [["b", "t", 5, 103]] == play("buy b 5 @103; sell t 5 @100").trades


def test_a_marketable_limit_order_does_not_walk_past_its_limit():
    """Trap: once it trades, it takes every level."""
    run = play("sell a 1 @100; sell b 1 @101; sell c 1 @102; buy t 9 @101")

    assert [100, 101] == [price for *_, price in run.trades]
    assert [[101, 7, "t"]] == run.rows(run.book.view().bids)


def test_who_was_filled_in_part_keeps_the_front():
    """Trap: the rest of it is sent to the tail."""
    run = play("sell a 5 @100; sell b 5 @100; buy t 1 @100; buy u 1 @100")

    assert ["a", "a"] == [maker for _, maker, *_ in run.trades]


def test_a_cancel_leaves_the_other_side_alone():
    """Trap: an order of the same price on the other side, or in another place, goes."""
    run = play("buy b 5 @100 aon; sell a 2 @100; cancel b")

    assert [[100, 2, "a"]] == run.rows(run.book.view().asks)
    assert [] == run.book.view().bids


@pytest.mark.parametrize("after", ["cancel a", "buy t 5 @100", "replace a price=107"])
def test_no_best_price_without_an_order(after):
    """Trap: the price of a level that emptied still stops, or prices, what comes."""
    run = play(f"sell a 5 @100; {after}; sell b 5 @105; buy m 3 market; buy l 3 @101")

    assert 105 == run.trades[-1][3]
    assert [[101, 3, "l"]] == run.rows(run.book.view().bids)


def test_first_in_first_out_after_a_cancel_in_the_middle():
    """Trap: the last order is swapped into the hole."""
    run = play("sell a 1 @100; sell b 1 @100; sell c 1 @100; sell d 1 @100; cancel b; buy t 3 @100")

    assert ["a", "c", "d"] == [maker for _, maker, *_ in run.trades]


def test_stops_are_released_in_the_message_of_the_trade():
    """Trap: one message late. Three stops fall over one another, then the book is quiet."""
    run = play(
        "buy b 9 @90; buy c 1 @95; sell s 1 market stop=99; sell r 1 market stop=95; sell q 1 @80 stop=90;"
        " buy a 1 @99; sell x 1 @99",
        "last_price=100",
    )

    assert [["a", "x", 1, 99], ["c", "s", 1, 95], ["b", "r", 1, 90], ["b", "q", 1, 90]] == run.trades
    assert not run.book.stops.waiting


def test_a_price_that_a_trade_only_passed_releases_stops_too():
    """The last price is each trade's, not only the one an order ends at."""
    run = play(
        "sell a 1 @98; sell b 1 @103; buy c 5 @90; sell s 1 @80 stop=98; buy t 2 @103", "last_price=100"
    )

    assert ["c", "s", 1, 90] == run.trades[-1]


def test_a_stop_that_was_released_by_the_close_waits_where_nothing_enters():
    """After the close it waits on, and enters with the next call, since the last price still holds."""
    one = book(last_price=100, post_close=True)
    for event in (buy(1, 5, 95), sell(2, 5, 80, stop=95), PhaseTo(Phase.CLOSING_CALL), sell(3, 2, 95)):
        one.apply(event)
    one.apply(Uncross(Phase.POST_CLOSE))

    assert [2] == list(one.stops.waiting)

    one.apply(PhaseTo(Phase.CLOSED))
    one.apply(PhaseTo(Phase.OPENING_CALL))

    assert [] == list(one.stops.waiting)
    assert 2 in one.orders


def test_levels_that_emptied_are_forgotten():
    """Trap: an index that is never pruned. Orders come and go away from the best price, at ever new prices."""
    one = book()
    one.apply(sell(1, 5, 10))
    for number in range(2, 4 * EMPTY_MAX):
        one.apply(sell(number, 5, 10 + number))
        one.apply(Replace(number, price=9 + number, quantity=4))
        one.apply(MassCancel(side=SELL, member=None) if number == 2 else MassCancel(member=7))
        for order_id in list(one.orders):
            if order_id > 1:
                one.cancel(one.orders[order_id], Why.ASKED, [])

    assert len(one.asks.levels) <= EMPTY_MAX
    assert len(one.asks.heap) == len(one.asks.levels)


def test_cancelled_stops_are_forgotten():
    """Stop orders that come and go without a trade do not pile up."""
    one = book(last_price=100)
    for number in range(1, 5 * GONE_MAX):
        one.apply(buy(number, 5, 200, stop=150))
        one.apply(MassCancel(member=0))

    assert sum(map(len, one.stops._heaps)) <= GONE_MAX


def test_what_ended_is_forgotten_with_the_day():
    """Ids are used once a day, and what is remembered of a day does not grow for ever."""
    one = book()
    one.apply(buy(1, 5, 100, tif=Tif.IOC))

    assert [Refused(1, R.ORDER_ID_USED.code)] == one.apply(buy(1, 5, 100))

    one.apply(PhaseTo(Phase.CLOSED))
    one.apply(PhaseTo(Phase.PRE_OPEN))

    assert {} == one.done
    assert 1 == len(one.apply(buy(1, 5, 100)))


def test_a_stop_of_yesterday_releases_nobody_of_today():
    """Though the id is used again, by an order with another stop."""
    one = book(last_price=100)
    for event in (
        buy(1, 5, 120, stop=105),
        Cancel(1),
        PhaseTo(Phase.CLOSED),
        PhaseTo(Phase.OPENING_CALL),
        Uncross(),
    ):
        one.apply(event)
    one.apply(buy(1, 5, 200, stop=150))
    for event in (sell(2, 1, 106), buy(3, 1, 106)):
        one.apply(event)

    assert [1] == list(one.stops.waiting)


def test_orders_end_with_their_day():
    """Day orders, orders till a date that has come, and what only the day's matching could have filled."""
    one = book()
    for number, (tif, until) in enumerate(
        [(Tif.GTC, 0), (Tif.DAY, 0), (Tif.GTD, 10), (Tif.GTD, 11), (Tif.DAY, 0)], 1
    ):
        one.apply(buy(number, 5, 100, tif=tif, until_on=until, stop=120 if number == 5 else None))

    facts = one.apply(PhaseTo(Phase.CLOSED, on=10))[1:]

    assert [Cancelled(number, 5, Why.EXPIRED) for number in (2, 3, 5)] == facts
    assert [CancelRejected(4, R.PHASE_DOES_NOT_ALLOW_IT.code)] == one.apply(Cancel(4))
    assert [Cancelled(1, 5, Why.ASKED)] == one.apply(Cancel(1))


def test_a_fok_that_fails_leaves_the_state_but_for_its_own_end():
    """Not one maker, time or price is touched: with its id forgotten the hash is the one before."""
    one = book(dyn_high=105)
    for number, price in enumerate((100, 101, 101, 106), 1):
        one.apply(sell(number, 5, price, member=number, aon=number == 3, peak=2 if number == 2 else None))
    for number, (quantity, member) in enumerate(((16, 9), (30, 4), (12, 2)), 10):
        image = encode(one)
        one.apply(buy(number, quantity, 110, tif=Tif.FOK, member=member))
        del one.done[number]
        one.seq -= 1

        assert hashlib.sha256(image).digest() == hashlib.sha256(encode(one)).digest()


@pytest.mark.parametrize("price", [899, 900, 1_100, 1_101])
def test_daily_limits_hold_to_the_minor_unit(price):
    """At the limit an order is taken, one beyond it is refused; in the month of delivery there is none."""
    one = book(limit_low=900, limit_high=1_100)
    refused = [Refused(1, R.PRICE_OUTSIDE_DAILY_LIMIT.code)]

    assert (refused == one.apply(buy(1, 5, price))) == (price in (899, 1_101))

    one.apply(PhaseTo(Phase.DELIVERY_MONTH))

    assert refused != one.apply(buy(1, 5, price))


@pytest.mark.parametrize(("price", "trades"), [(94, 0), (95, 1), (105, 1), (106, 0)])
def test_the_collar_holds_to_the_minor_unit(price, trades):
    """A fill at its edge happens, one beyond it starts a call."""
    one = book(dyn_low=95, dyn_high=105)
    one.apply(buy(1, 5, price))
    facts = one.apply(sell(2, 5, price))

    assert trades == sum(isinstance(fact, Trade) for fact in facts)
    assert (one.phase is Phase.VOLATILITY_CALL) == (not trades)


def test_a_call_far_outside_its_collar_is_extended_once_and_then_waits_for_somebody():
    """Twice the collar's width is inside still."""
    one = book(dyn_low=95, dyn_high=105)
    for event in (sell(1, 5, 111), buy(2, 5, 111)):
        one.apply(event)

    assert [CallExtended(111, False)] == one.apply(Uncross())
    assert [CallExtended(111, True)] == one.apply(Uncross())
    assert one.phase is Phase.VOLATILITY_CALL
    assert [Auction(111, 5, 0)] == one.apply(Uncross(forced=True))[:1]

    near = book(dyn_low=95, dyn_high=105)
    for event in (sell(1, 5, 110), buy(2, 5, 110)):
        near.apply(event)

    assert [Auction(110, 5, 0)] == near.apply(Uncross())[:1]


def test_only_a_volatility_call_is_extended():
    """An opening may be as far from yesterday as it is."""
    one = Book(Instrument(code="W", dyn_low=95, dyn_high=105), Phase.OPENING_CALL)
    for event in (sell(1, 5, 150), buy(2, 5, 150)):
        one.apply(event)

    assert [Auction(150, 5, 0)] == one.apply(Uncross())[:1]


@pytest.mark.parametrize(("reference", "price"), [(120, 110), (80, 90), (100, 100)])
def test_market_orders_alone_trade_at_the_reference_within_the_daily_limits(reference, price):
    """A reference outside counts as the nearest limit."""
    one = Book(Instrument(code="W", ref_price=reference, limit_low=90, limit_high=110), Phase.OPENING_CALL)
    for event in (sell(1, 5), buy(2, 5)):
        one.apply(event)

    assert [Auction(price, 5, 0)] == one.apply(Uncross())[:1]


def test_an_auction_moves_the_collar():
    """Where it is a share of the last auction's price."""
    one = book(collar_bp=500, dyn_low=95, dyn_high=105)
    for event in (sell(1, 5, 107), buy(2, 5, 107), Uncross()):
        one.apply(event)

    assert (102, 112) == one.dyn


def test_new_daily_limits_take_out_what_is_beyond():
    """In the order of their times, waiting stops too; a market order that rests stays."""
    one = book(rest_market=True, last_price=100)
    for event in (buy(1, 5, 90), sell(2, 5, 110), sell(3, 5, 120, stop=95), buy(4, 5, 95), sell(5, 1)):
        one.apply(event)

    facts = one.apply(Bands(reference=100, limit_low=94, limit_high=106))

    assert [Cancelled(1, 5, Why.LIMITS), Cancelled(2, 5, Why.LIMITS), Cancelled(3, 5, Why.LIMITS)] == facts
    assert [4] == list(one.orders)


def test_market_orders_that_rest_trade_within_the_daily_limits():
    """Though the last trade was outside them."""
    for resting, coming, price in ((sell(1, 5), buy(2, 5, 100), 97), (buy(1, 5), sell(2, 5, 98), 103)):
        one = book(rest_market=True, last_price=95 if price == 97 else 105, limit_low=97, limit_high=103)
        one.apply(resting)

        assert price == one.apply(coming)[1].price


def test_after_the_close_all_trades_are_at_the_settlement_price():
    """Also with orders that rest at better prices; no stop is released, the last price stays."""
    one = book(post_close=True, last_price=100)
    for event in (
        sell(1, 5, 97),
        buy(2, 5, 90),
        sell(3, 5, 120, stop=98),
        Settlement(98),
        PhaseTo(Phase.POST_CLOSE),
    ):
        one.apply(event)

    assert [Refused(4, R.PHASE_DOES_NOT_ALLOW_IT.code)] == one.apply(buy(4, 5, 97))
    assert Trade(4, 1, 5, 98, BUY, False) == one.apply(buy(4, 6, 98))[1]
    assert 100 == one.last
    assert [3] == list(one.stops.waiting)


def test_a_mass_cancel_is_one_event_in_the_order_of_times():
    """Stops and resting orders of both sides together, whatever the prices."""
    one = book(last_price=100)
    for event in (buy(3, 5, 90, member=1), sell(1, 5, 120, member=1), buy(2, 5, 130, stop=125, member=1)):
        one.apply(event)
    one.apply(Replace(3, quantity=9))

    facts = one.apply(MassCancel(member=1, why=Why.DISCONNECTED))

    assert [1, 2, 3] == [fact.order_id for fact in facts]
    assert {Why.DISCONNECTED} == {fact.why for fact in facts}


def test_members_of_one_group_never_trade_unless_they_may():
    """In every mode but none; in an auction they do, and it is told."""
    for mode in ("cancel_taker", "cancel_maker", "cancel_both", "decrement"):
        assert (
            [] == play("sell a 5 @100 member=A group=G; buy b 5 @100 member=B group=G", f"stp={mode}").trades
        )
    one = book()
    for event in (PhaseTo(Phase.OPENING_CALL), buy(1, 5, 100, member=1), sell(2, 5, 100, member=1)):
        one.apply(event)

    assert Trade(1, 2, 5, 100, None, True) in one.apply(Uncross())


def test_a_decrement_is_told():
    """With both orders and what each lost."""
    run = play("sell m 5 @100 member=A", "stp=decrement")

    facts = run.book.apply(buy(9, 8, 100, member=1))

    assert Decremented(9, 1, 5) in facts


def test_a_taker_of_its_own_mode_decides():
    """The mode of an order goes before that of the instrument."""
    assert [["t", "m", 5, 100]] == play(
        "sell m 5 @100 member=A; buy t 5 @100 member=A stp=none", "stp=cancel_taker"
    ).trades


REFUSED = [
    (R.PHASE_DOES_NOT_ALLOW_IT, buy(9, 5, 100, tif=Tif.GFA)),
    (R.ORDER_ID_USED, buy(1, 0, 3)),
    (R.QUANTITY_MUST_BE_POSITIVE, buy(9, 0, 3)),
    (R.QUANTITY_MUST_BE_POSITIVE, buy(9, -5, 100)),
    (R.QUANTITY_MUST_BE_POSITIVE, buy(9, 10**18, 100)),
    (R.QUANTITY_MUST_BE_POSITIVE, buy(9, 10, 100, peak=0)),
    (R.QUANTITY_NOT_IN_LOTS, buy(9, 7, 3)),
    (R.QUANTITY_NOT_IN_LOTS, buy(9, 10, 100, peak=3)),
    (R.PRICE_NOT_ON_TICK, buy(9, 5, 101)),
    (R.PRICE_NOT_ON_TICK, buy(9, 5, -100)),
    (R.PRICE_NOT_ON_TICK, buy(9, 5, 2 * 10**18)),
    (R.PRICE_NOT_ON_TICK, buy(9, 5, 100, stop=101)),
    (R.PRICE_OUTSIDE_DAILY_LIMIT, buy(9, 5, 210)),
    (R.TYPE_COMBINATION_NOT_ALLOWED, NewOrder(9, BUY, 5, 100, Type.MARKET)),
    (R.TYPE_COMBINATION_NOT_ALLOWED, NewOrder(9, BUY, 5, None, Type.LIMIT)),
    (R.TYPE_COMBINATION_NOT_ALLOWED, buy(9, 5, 100, tif=Tif.GTD)),
    (R.TYPE_COMBINATION_NOT_ALLOWED, buy(9, 5, 100, until_on=7)),
    (R.TYPE_COMBINATION_NOT_ALLOWED, buy(9, 5, peak=5)),
    (R.TYPE_COMBINATION_NOT_ALLOWED, buy(9, 5_005_000, 100, peak=5_000)),
    (R.TYPE_COMBINATION_NOT_ALLOWED, buy(9, 5, 100, peak=5, aon=True)),
    (R.TYPE_COMBINATION_NOT_ALLOWED, buy(9, 5, 100, post_only=True, tif=Tif.IOC)),
    (R.TYPE_COMBINATION_NOT_ALLOWED, buy(9, 5, 100, post_only=True, stop=110)),
    (R.TYPE_COMBINATION_NOT_ALLOWED, NewOrder(9, BUY, 5, None, Type.MTL, aon=True)),
    (R.POST_ONLY_WOULD_TRADE, buy(9, 5, 110, post_only=True)),
]


@pytest.mark.parametrize(("refusal", "event"), REFUSED)
def test_the_first_rule_that_is_broken_is_named(refusal, event):
    """In the written order, and nothing is changed by it."""
    one = book(tick=2, lot=5, limit_high=200)
    one.apply(sell(1, 5, 110))
    image = encode(one)

    assert [Refused(event.order_id, refusal.code)] == one.apply(event)
    assert image == encode(one)


@pytest.mark.parametrize(
    ("refusal", "event"),
    [
        (R.ORDER_NOT_OPEN, Replace(7, quantity=5)),
        (R.QUANTITY_MUST_BE_POSITIVE, Replace(1, quantity=0)),
        (R.QUANTITY_MUST_BE_POSITIVE, Replace(1, quantity=10**18)),
        (R.QUANTITY_NOT_IN_LOTS, Replace(1, quantity=7)),
        (R.PRICE_NOT_ON_TICK, Replace(1, price=101)),
        (R.PRICE_OUTSIDE_DAILY_LIMIT, Replace(1, price=210)),
        (R.TYPE_COMBINATION_NOT_ALLOWED, Replace(3, price=100)),
        (R.TYPE_COMBINATION_NOT_ALLOWED, Replace(4, quantity=5_005)),
        (R.POST_ONLY_WOULD_TRADE, Replace(1, price=110)),
    ],
)
def test_a_replacement_that_breaks_a_rule_leaves_the_order(refusal, event):
    """As it was, with its time."""
    one = book(tick=2, lot=5, limit_high=200, rest_market=True)
    for new in (buy(1, 5, 100, post_only=True), sell(2, 5, 110), sell(4, 10, 120, peak=5)):
        one.apply(new)
    one.apply(NewOrder(3, SELL, 10, None, Type.MARKET, stop=50))
    image = encode(one)

    assert [ReplaceRejected(event.order_id, refusal.code)] == one.apply(event)
    assert image == encode(one)


@pytest.mark.parametrize("phase", Phase)
def test_a_phase_allows_what_its_row_says(phase):
    """Entry, cancel and match, and only the phases of the table follow."""
    one = Book(Instrument(code="W", post_close=True), phase)
    one.apply(Settlement(100))
    rules = RULES[phase]
    entered = [one.apply(event)[0] for event in (sell(1, 5, 100), buy(2, 2, 100))]

    assert rules.entry != any(isinstance(fact, Refused) for fact in entered)
    assert (rules.entry and rules.match) == (2 in one.done)

    for then in Phase:
        copied = decode(encode(one))
        facts = copied.apply(PhaseTo(then))

        assert (then in STEPS[phase]) == (not isinstance(facts[0], PhaseRejected))


def test_a_call_that_is_left_for_trading_is_uncrossed():
    """Nothing leaves a call with orders that cross."""
    one = Book(Instrument(code="W"), Phase.OPENING_CALL)
    for event in (buy(1, 5, 100), sell(2, 5, 100)):
        one.apply(event)

    assert Trade(1, 2, 5, 100, None, False) in one.apply(PhaseTo(Phase.CONTINUOUS))


def test_an_uncross_outside_a_call_is_rejected():
    """And changes nothing."""
    one = book()

    assert [PhaseRejected(Phase.CONTINUOUS, R.PHASE_DOES_NOT_ALLOW_IT.code)] == one.apply(Uncross())


def test_the_indicative_price_is_shown_in_a_call_alone():
    """At every change of it."""
    one = Book(Instrument(code="W"), Phase.OPENING_CALL)
    one.apply(buy(1, 5, 100))

    assert one.view().indicative is None

    one.apply(sell(2, 3, 99))

    assert (100, 3, 2) == one.view().indicative
    one.apply(Uncross())
    assert one.view().indicative is None

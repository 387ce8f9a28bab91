"""The book in many currencies against one that converts everything, and the worked examples of its rules."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.market.cross.facts import CrossAuction, CrossTrade, Failed
from steelyard.market.cross.quotes import UNBOUNDED, FirmQuote, QuoteBoard
from steelyard.market.instruments import Instrument, SelfTrade
from steelyard.market.multi_currency import MultiCurrencyBook
from steelyard.market.orders import Cancelled, NewOrder, Refused, Side, Tif, Type, Why
from steelyard.market.phases import Phase
from steelyard.market.refusals.orders import OrderRefusal
from tests.market.naive_cross_book import NaiveCrossBook

FAR = 10**9
CURRENCIES = ("BRL", "CNY", "INR", "ZAR")


def quote(no, sell, buy, num, den=1, *, sell_left=UNBOUNDED, buy_left=UNBOUNDED, until=FAR):
    return FirmQuote(no, "PROVAEA0", sell, buy, num, den, sell_left, buy_left, until)


def new(id, side, quantity, price, **more):
    return NewOrder(id, side, quantity, price, **more)


def grain(*quotes, **terms):
    board = QuoteBoard()
    for one in quotes:
        board.put(one)
    return MultiCurrencyBook(Instrument(code="WHEAT", basket="UNIT", **terms), board)


def traded(facts):
    return [
        (fact.buy, fact.sell, fact.quantity, fact.buyer_minor, fact.seller_minor)
        for fact in facts
        if isinstance(fact, CrossTrade)
    ]


def two_sellers(brl_num):
    book = grain(quote(1, "BRL", "ZAR", brl_num, 100), quote(2, "CNY", "ZAR", 250, 100))
    book.enter(new(1, Side.SELL, 40, 135_000), "BRL", at=1)
    book.enter(new(2, Side.SELL, 50, 182_000), "CNY", at=1)
    return book


def test_the_cheapest_after_conversion_trades_first():
    """40 t at 1,350.00 BRL and 50 t at 1,820.00 CNY against a limit of 4,600.00 ZAR."""
    facts = two_sellers(340).enter(new(3, Side.BUY, 60, 460_000), "ZAR", at=1)

    assert [(3, 2, 50, 22_750_000, 9_100_000), (3, 1, 10, 4_590_000, 1_350_000)] == traded(facts)


def test_a_moved_rate_changes_who_is_first_without_touching_the_book():
    """Only a quote is put in the place of another; no order is looked at before one comes."""
    book = two_sellers(340)
    before = book.encode()
    book.quotes.drop(1)
    book.quotes.put(quote(3, "BRL", "ZAR", 336, 100))
    assert before == book.encode()

    facts = book.enter(new(3, Side.BUY, 60, 460_000), "ZAR", at=1)

    assert [(3, 1, 40, 18_144_000, 5_400_000), (3, 2, 20, 9_100_000, 3_640_000)] == traded(facts)


def test_equal_value_goes_to_the_earlier_order():
    """2.00 for one, 1.00 twice for the other."""
    book = grain(quote(1, "BRL", "ZAR", 2), quote(2, "CNY", "ZAR", 4))
    book.enter(new(1, Side.SELL, 5, 200), "CNY", at=1)
    book.enter(new(2, Side.SELL, 5, 400), "BRL", at=1)

    facts = book.enter(new(3, Side.BUY, 6, 800), "ZAR", at=1)

    assert [(3, 1, 5, 4_000, 1_000), (3, 2, 1, 800, 400)] == traded(facts)


def test_an_expired_quote_hides_its_sub_book_and_one_currency_needs_none():
    """At the instant of its end a quote no longer stands."""
    book = grain(quote(1, "BRL", "ZAR", 1, until=10))
    book.enter(new(1, Side.SELL, 5, 100), "BRL", at=1)
    book.enter(new(2, Side.SELL, 5, 120), "ZAR", at=1)

    facts = book.enter(new(3, Side.BUY, 10, 200), "ZAR", at=10)

    assert [(3, 2, 5, 600, 600)] == traded(facts)
    assert [(4, 1, 1, 100, 100)] == traded(book.enter(new(4, Side.BUY, 1, 100), "BRL", at=10))


def test_a_quote_too_small_fills_whole_lots_and_the_next_goes_on():
    """Room for 22 of 30 in lots of 5: 20 by the first, 10 by the dearer second."""
    book = grain(
        quote(1, "BRL", "ZAR", 3, sell_left=2_299), quote(2, "BRL", "ZAR", 4), lot=5
    )  # fmt: skip
    book.enter(new(1, Side.SELL, 30, 100), "BRL", at=1)

    facts = book.enter(new(2, Side.BUY, 30, 400), "ZAR", at=1)

    assert [(2, 1, 20, 6_000, 2_000), (2, 1, 10, 4_000, 1_000)] == traded(facts)
    assert 299 == book.quotes.by_no[1].sell_left


def test_an_amount_is_rounded_once_half_to_even_and_the_limit_holds():
    """Three at 5 by 1.1: 16.5 becomes 16; three at 7: 23.1 becomes 23, within 3 x 8."""
    book = grain(quote(1, "BRL", "ZAR", 11, 10))
    book.enter(new(1, Side.SELL, 3, 5), "BRL", at=1)
    book.enter(new(2, Side.SELL, 3, 7), "BRL", at=1)

    facts = book.enter(new(3, Side.BUY, 6, 8), "ZAR", at=1)

    assert [(3, 1, 3, 16, 15), (3, 2, 3, 23, 21)] == traded(facts)


def test_a_seller_that_comes_gets_what_the_quote_gives():
    """Buyer 100 BRL, 1 ZAR costs 0.4 BRL: 250 ZAR; a limit of 251 does not trade."""
    book = grain(quote(1, "ZAR", "BRL", 4, 10))
    book.enter(new(1, Side.BUY, 2, 100), "BRL", at=1)

    assert [] == traded(book.enter(new(2, Side.SELL, 1, 251), "ZAR", at=1))
    assert [(1, 3, 1, 100, 250)] == traded(book.enter(new(3, Side.SELL, 1, 250), "ZAR", at=1))


@pytest.mark.parametrize(
    ("failed", "gone", "then"),
    [
        (Failed.BUYER, [(3, 4)], []),
        (Failed.SELLER, [(1, 4)], [(3, 2, 4, 600, 600)]),
        (Failed.QUOTE, [], [(3, 2, 4, 600, 600)]),
    ],
)
def test_where_a_bundle_is_refused_the_side_that_failed_goes_and_matching_goes_on(failed, gone, then):
    """The trade did not happen; a quote that failed no longer stands."""
    book = grain(quote(1, "BRL", "ZAR", 1))
    book.enter(new(1, Side.SELL, 4, 100), "BRL", at=1)
    book.enter(new(2, Side.SELL, 4, 150), "ZAR", at=1)

    facts = book.enter(
        new(3, Side.BUY, 4, 200), "ZAR", at=1, book=lambda trade: failed if trade.sell == 1 else None
    )

    assert gone == [(f.order_id, f.left) for f in facts if isinstance(f, Cancelled) and f.why is Why.BUNDLE]
    assert then == traded(facts)
    assert (failed is not Failed.QUOTE) == (1 in book.quotes.by_no)


def test_fill_or_kill_that_cannot_fill_leaves_the_state():
    """Through an iceberg, two quotes and a level that empties."""
    book = grain(quote(1, "BRL", "ZAR", 1, sell_left=900), quote(2, "BRL", "ZAR", 2))
    book.enter(new(1, Side.SELL, 9, 100, peak=3), "BRL", at=1)
    book.enter(new(2, Side.SELL, 4, 100), "BRL", at=1)
    book.enter(new(3, Side.SELL, 4, 150), "ZAR", at=1)
    before = book.encode(), book.quotes.encode()

    facts = book.enter(new(4, Side.BUY, 18, 300, tif=Tif.FOK), "ZAR", at=1)

    assert Cancelled(4, 18, Why.NOT_WHOLE) in facts
    assert not traded(facts)
    assert before == (book.encode(), book.quotes.encode())
    whole = book.enter(new(5, Side.BUY, 17, 300, tif=Tif.FOK), "ZAR", at=1)
    assert 17 == sum(quantity for _, _, quantity, _, _ in traded(whole))


def test_in_a_call_limits_meet_in_the_basket_and_everybody_pays_his_own_currency():
    """Unit 1 = 5 ZAR = 2 BRL. Bids 260 (ZAR 1300) and 250; asks 240 (BRL 480), 255 (ZAR 1275)."""
    book = grain(ref_price=250)
    book.phase = Phase.OPENING_CALL
    book.enter(new(1, Side.BUY, 30, 1_300), "ZAR", at=1)
    book.enter(new(2, Side.BUY, 20, 1_250), "ZAR", at=1)
    book.enter(new(3, Side.SELL, 25, 480), "BRL", at=1)
    book.enter(new(4, Side.SELL, 50, 1_275), "ZAR", at=1)

    facts = book.uncross({"ZAR": Fraction(1, 5), "BRL": Fraction(1, 2)})

    assert CrossAuction(255, 1, 30, -45) in facts
    assert [(1, 3, 25, 31_875, 12_750), (1, 4, 5, 6_375, 6_375)] == traded(facts)
    assert Phase.CONTINUOUS is book.phase
    assert {2: 20, 4: 45} == {no: order.left for no, (order, _) in book.subs.orders.items()}


REFUSALS = [
    (new(9, Side.BUY, 0, 100), OrderRefusal.QUANTITY_MUST_BE_POSITIVE),
    (new(9, Side.BUY, 10**18, 100), OrderRefusal.QUANTITY_MUST_BE_POSITIVE),
    (new(9, Side.BUY, 7, 100), OrderRefusal.QUANTITY_NOT_IN_LOTS),
    (new(9, Side.BUY, 10, 103), OrderRefusal.PRICE_NOT_ON_TICK),
    (new(9, Side.BUY, 10, None), OrderRefusal.TYPE_COMBINATION_NOT_ALLOWED),
    (new(9, Side.BUY, 10, 100, type=Type.MARKET), OrderRefusal.TYPE_COMBINATION_NOT_ALLOWED),
    (new(9, Side.BUY, 10, None, type=Type.MTL), OrderRefusal.TYPE_COMBINATION_NOT_ALLOWED),
    (new(9, Side.BUY, 10, 100, stop=100), OrderRefusal.TYPE_COMBINATION_NOT_ALLOWED),
    (new(9, Side.BUY, 10, 100, aon=True), OrderRefusal.TYPE_COMBINATION_NOT_ALLOWED),
    (new(9, Side.BUY, 10, 100, tif=Tif.IOC, peak=5), OrderRefusal.TYPE_COMBINATION_NOT_ALLOWED),
    (new(9, Side.BUY, 10, 100, peak=15), OrderRefusal.TYPE_COMBINATION_NOT_ALLOWED),
    (new(1, Side.BUY, 10, 100), OrderRefusal.ORDER_ID_USED),
    (new(9, Side.BUY, 10, 100, tif=Tif.GFA), OrderRefusal.PHASE_DOES_NOT_ALLOW_IT),
    (new(9, Side.BUY, 10, 200, post_only=True), OrderRefusal.POST_ONLY_WOULD_TRADE),
]


@pytest.mark.parametrize(("asked", "refusal"), REFUSALS)
def test_a_refused_order_changes_nothing(asked, refusal):
    """One order rests; lots of 5, ticks of 10."""
    book = grain(lot=5, tick=10)
    book.enter(new(1, Side.SELL, 10, 200), "ZAR", at=1)
    before = book.encode()

    assert [Refused(asked.order_id, refusal.code)] == book.enter(asked, "ZAR", at=1)
    assert before == book.encode()


events = st.lists(
    st.one_of(
        st.tuples(
            st.just("order"), st.sampled_from(["buy", "sell"]), st.integers(1, 12),
            st.integers(1, 30) | st.none(), st.sampled_from(CURRENCIES),
            st.sampled_from(["gtc", "gtc", "gtc", "ioc", "fok"]), st.integers(0, 4), st.integers(0, 2),
            st.booleans(),
        ),
        st.tuples(
            st.just("quote"), st.sampled_from(CURRENCIES), st.sampled_from(CURRENCIES), st.integers(1, 20),
            st.integers(1, 20), st.integers(-1, 200), st.integers(-1, 200), st.integers(1, 60),
        ),
        st.tuples(st.just("cancel"), st.integers(1, 40)),
    ),
    max_size=40,
)  # fmt: skip
TIFS = {"gtc": Tif.GTC, "ioc": Tif.IOC, "fok": Tif.FOK}


@settings(max_examples=300, deadline=None)
@given(events, st.sampled_from(["none", "cancel_taker", "cancel_maker"]), st.sampled_from([1, 2]))
def test_it_does_what_a_book_does_that_converts_everything(stream, stp, lot):
    """The same trades, the same rests, the same quotes, at every step; nobody passes his own limit."""
    book = grain(stp=SelfTrade[stp.upper()], lot=lot)
    naive = NaiveCrossBook(lot, stp)
    limits = {}
    for no, event in enumerate(stream, start=1):
        if event[0] == "quote":
            _, sell, buy, num, den, sell_left, buy_left, until = event
            if sell != buy:
                book.quotes.put(
                    quote(no, sell, buy, num, den, sell_left=sell_left, buy_left=buy_left, until=until)
                )
                naive.quote(no, sell, buy, Fraction(num, den), sell_left, buy_left, until)
        elif event[0] == "cancel":
            book.cancel(event[1])
            naive.orders = [one for one in naive.orders if one["id"] != event[1]]
        else:
            _, side, lots, price, currency, tif, peak, owner, post_only = event
            if price is None:
                tif, peak, post_only = ("fok" if tif == "fok" else "ioc"), 0, False
            if tif != "gtc":
                peak, post_only = 0, False
            peak = min(peak, lots) * lot
            limits[no] = price
            asked = new(
                no, Side[side.upper()], lots * lot, price, tif=TIFS[tif], peak=peak or None, member=owner,
                type=Type.LIMIT if price else Type.MARKET, post_only=post_only,
            )  # fmt: skip
            facts = book.enter(asked, currency, at=no)
            past = len(naive.trades)
            naive.enter(
                no, side, lots * lot, price, currency, at=no, peak=peak, owner=2 * owner, tif=tif,
                post_only=post_only,
            )  # fmt: skip
            mine = [fact for fact in facts if isinstance(fact, CrossTrade)]
            assert naive.trades[past:] == [
                (f.buy, f.sell, f.quantity, f.buyer_currency, f.buyer_minor, f.seller_currency, f.seller_minor,
                 f.quote_no)
                for f in mine
            ]  # fmt: skip
            for fact in mine:
                if limits[fact.buy] is not None:
                    assert fact.buyer_minor <= limits[fact.buy] * fact.quantity
                if limits[fact.sell] is not None:
                    assert fact.seller_minor >= limits[fact.sell] * fact.quantity
    rests = {one["id"]: (one["left"], one["shown"]) for one in naive.orders}
    assert rests == {no: (order.left, order.shown) for no, (order, _) in book.subs.orders.items()}
    lefts = {one["no"]: (one["sell_left"], one["buy_left"]) for one in naive.quotes}
    assert lefts == {one.quote_no: (one.sell_left, one.buy_left) for one in book.quotes.by_no.values()}
    again = MultiCurrencyBook.decode(book.encode())
    assert again.encode() == book.encode()
    assert QuoteBoard.decode(book.quotes.encode()).encode() == book.quotes.encode()

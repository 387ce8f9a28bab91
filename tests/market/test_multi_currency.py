"""The book in many currencies against one that converts everything, and the worked examples of its rules."""

from collections import Counter
from fractions import Fraction
from random import Random

import pytest

from steelyard.market.cross.facts import CrossAuction, CrossTrade, Failed
from steelyard.market.cross.quotes import UNBOUNDED, FirmQuote, QuoteBoard
from steelyard.market.instruments import Instrument, SelfTrade
from steelyard.market.multi_currency import MultiCurrencyBook
from steelyard.market.orders import Accepted, Cancelled, NewOrder, Refused, Side, Tif, Type, Uncross, Why
from steelyard.market.phases import CALLS, Phase
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
    before = book.subs.encoded(), book.quotes.encode()

    facts = book.enter(new(4, Side.BUY, 18, 300, tif=Tif.FOK), "ZAR", at=1)

    assert Cancelled(4, 18, Why.NOT_WHOLE) in facts
    assert not traded(facts)
    assert before == (book.subs.encoded(), book.quotes.encode())
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

    assert CrossAuction(255, 1, 30, -45, (("BRL", Fraction(1, 2)), ("ZAR", Fraction(1, 5)))) in facts
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
    (new(9, Side.BUY, 10, 100, type=Type.MTL), OrderRefusal.TYPE_COMBINATION_NOT_ALLOWED),
    (new(9, Side.BUY, 10, 100, stop=103), OrderRefusal.PRICE_NOT_ON_TICK),
    (new(9, Side.BUY, 10, 100, stop=100, post_only=True), OrderRefusal.TYPE_COMBINATION_NOT_ALLOWED),
    (new(9, Side.BUY, 10, 100, aon=True, peak=5), OrderRefusal.TYPE_COMBINATION_NOT_ALLOWED),
    (new(9, Side.BUY, 10, 100, tif=Tif.GTD), OrderRefusal.TYPE_COMBINATION_NOT_ALLOWED),
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


def test_a_worth_stays_short_however_long_the_numbers_of_quotes_are():
    """Ten parts at ratios of primes: their exact sum would have a denominator of 600 bits."""
    book = grain(basket_holds=tuple((f"C{n}", 10 + n) for n in range(10)))
    exact = Fraction(0)
    for n in range(10):
        ratio = Fraction(10**17 + 3 + 2 * n, 10**17 - 3 - 2 * n)
        book.quotes.put(quote(n + 1, f"C{n}", "ZAR", ratio.numerator, ratio.denominator))
        exact += Fraction(10 + n, 100) * ratio
    worth = book.unit.worth("ZAR", 0)

    assert exact.denominator.bit_length() > 500 > 201 > max(worth).bit_length()
    assert abs(worth.price(1) / exact - 1) < Fraction(1, 2**99)


class Dice:
    """Draws events: most are limit orders near one value, so that heads of all currencies compete."""

    def __init__(self, seed):
        self.random = Random(seed)

    def chance(self, once_in):
        return self.random.randrange(once_in) == 0

    def event(self, no):
        draw = self.random.random()
        if draw < 0.66:
            return ("order", self.order())
        if draw < 0.84:
            return ("quote", self.quote())
        if draw < 0.92:
            return ("cancel", self.random.randint(1, no))
        if draw < 0.96:
            return ("withdraw", self.random.randint(1, no))
        return ("uncross",)

    def order(self):
        kind = self.random.choice(["limit"] * 8 + ["market", "mtl"])
        tif = self.random.choice(["gtc"] * 6 + ["ioc", "fok"])
        aon = kind != "mtl" and self.chance(6)
        stop = self.random.randint(800, 1_200) if self.chance(5) else None
        plain = kind == "limit" and tif == "gtc" and not aon
        return {
            "side": self.random.choice(["buy", "sell"]), "lots": self.random.randint(1, 12), "mtl": kind == "mtl",
            "price": self.random.randint(800, 1_200) if kind == "limit" else None,
            "currency": self.random.choice(CURRENCIES), "tif": tif, "aon": aon, "stop": stop,
            "peak": self.random.randint(1, 4) if plain and self.chance(3) else 0,
            "owner": self.random.randint(0, 2), "post_only": plain and stop is None and self.chance(6),
        }  # fmt: skip

    def quote(self):
        sell, buy = self.random.sample(CURRENCIES, 2)
        return {
            "sell": sell, "buy": buy, "num": self.random.randint(90, 115), "den": 100,
            "sell_left": self.random.choice([-1, -1, self.random.randint(1, 20_000)]),
            "buy_left": self.random.choice([-1, -1, self.random.randint(1, 20_000)]),
            "until": self.random.randint(1, 90), "provider": self.random.choice(["P", "Q", "R"]),
        }  # fmt: skip


TERMS = [
    {},
    {"holds": {"BRL": 50, "ZAR": 50}},
    {"holds": {"ZAR": 100}, "limits": (850, 1_150), "reference": 1_000},
    {"holds": {"BRL": 40, "CNY": 60}, "collar": (920, 1_080), "reference": 1_000},
    {"holds": {"INR": 100}, "limits": (850, 1_150), "collar": (950, 1_050), "reference": 1_000},
]
MODES = ["none", "cancel_taker", "cancel_maker", "cancel_both", "decrement"]


def both(terms, stp, lot):
    limits, collar = terms.get("limits"), terms.get("collar")
    low, high = limits or (None, None)
    dyn_low, dyn_high = collar or (None, None)
    book = grain(
        stp=SelfTrade[stp.upper()], lot=lot, basket_holds=tuple(terms.get("holds", {}).items()), limit_low=low,
        limit_high=high, dyn_low=dyn_low, dyn_high=dyn_high, ref_price=terms.get("reference"),
    )  # fmt: skip
    return book, NaiveCrossBook(lot, stp, **terms)


def put(book, naive, no, event, lot):
    """Let both books work off an event; give the facts of the one."""
    if event[0] == "quote":
        one = event[1]
        kept = FirmQuote(no, one["provider"], one["sell"], one["buy"], one["num"], one["den"], one["sell_left"],
                         one["buy_left"], one["until"])  # fmt: skip
        book.quotes.put(kept)
        ratio = Fraction(one["num"], one["den"])
        naive.quote(no, one["sell"], one["buy"], ratio, one["sell_left"], one["buy_left"], one["until"],
                    one["provider"])  # fmt: skip
        return []
    if event[0] == "withdraw":
        book.quotes.drop(event[1])
        naive.withdraw(event[1])
        return []
    if event[0] == "cancel":
        naive.cancel(event[1])
        return book.cancel(event[1])
    facts = []
    if event[0] == "uncross":
        assert naive.call == (book.phase in CALLS)
        if naive.call:
            found = naive.uncross(no)
            book.work(Uncross(forced=True), facts, at=no)
            (auction,) = [fact for fact in facts if isinstance(fact, CrossAuction)]
            assert (0, 0, 0) == (auction.num, auction.volume, auction.surplus) if found is None else found == (
                Fraction(auction.num, auction.den), auction.volume, auction.surplus,
            )  # fmt: skip
        return facts
    one = event[1]
    quantity, peak = one["lots"] * lot, min(one["peak"], one["lots"]) * lot
    kind = Type.MTL if one["mtl"] else Type.LIMIT if one["price"] else Type.MARKET
    asked = new(
        no, Side[one["side"].upper()], quantity, one["price"], tif=TIFS[one["tif"]], peak=peak or None,
        member=one["owner"], type=kind, post_only=one["post_only"], aon=one["aon"], stop=one["stop"],
    )  # fmt: skip
    facts = book.enter(asked, one["currency"], at=no)
    answer = naive.enter(
        no, one["side"], quantity, one["price"], one["currency"], at=no, peak=peak, owner=2 * one["owner"],
        tif=one["tif"], post_only=one["post_only"], aon=one["aon"], stop=one["stop"], mtl=one["mtl"],
    )  # fmt: skip
    codes = {"no rate": OrderRefusal.CURRENCY_HAS_NO_RATE, "outside": OrderRefusal.PRICE_OUTSIDE_DAILY_LIMIT,
             "phase": OrderRefusal.PHASE_DOES_NOT_ALLOW_IT, "refused": OrderRefusal.POST_ONLY_WOULD_TRADE}  # fmt: skip
    refused = [fact.code for fact in facts if isinstance(fact, Refused)]
    assert refused == ([codes[answer].code] if answer in codes else [])
    return facts


def state(naive):
    """What rests and waits in the naive book, and what is left of quotes."""
    return (
        {one["id"]: (one["left"], one["shown"], one["price"], one["time"]) for one in naive.orders},
        {one["id"]: one["left"] for one in naive.waiting},
        {one["no"]: (one["sell_left"], one["buy_left"]) for one in naive.quotes},
    )


TIFS = {"gtc": Tif.GTC, "ioc": Tif.IOC, "fok": Tif.FOK}
SEEN = Counter()


@pytest.mark.parametrize("seed", range(40))
def test_it_does_what_a_book_does_that_converts_everything(seed):
    """The same trades, rests, waits, quotes and phase at every step; nobody passes his own limit, nothing is made."""
    dice = Dice(seed)
    lot, stp = dice.random.choice([1, 2]), dice.random.choice(MODES)
    book, naive = both(TERMS[seed % len(TERMS)], stp, lot)
    orders, filled = {}, Counter()
    for no in range(1, 90):
        event = dice.event(no)
        past, calls = len(naive.trades), book.phase in CALLS
        facts = put(book, naive, no, event, lot)
        if event[0] == "order" and isinstance(facts[0], Accepted):
            orders[no] = event[1]
        mine = [fact for fact in facts if isinstance(fact, CrossTrade)]
        assert naive.trades[past:] == [
            (f.buy, f.sell, f.quantity, f.buyer_currency, f.buyer_minor, f.seller_currency, f.seller_minor, f.quote_no)
            for f in mine
        ]  # fmt: skip
        for fact in mine:
            buy, sell = orders[fact.buy], orders[fact.sell]
            assert buy["price"] is None or fact.buyer_minor <= buy["price"] * fact.quantity
            assert sell["price"] is None or fact.seller_minor >= sell["price"] * fact.quantity
            assert calls or stp == "none" or not buy["owner"] or buy["owner"] != sell["owner"]
            for order_id in (fact.buy, fact.sell):
                filled[order_id] += fact.quantity
                SEEN.update(key for key in ("aon", "mtl", "stop", "peak") if orders[order_id][key])
        rests = {
            order_no: (order.left, order.shown, order.price, order.seq)
            for order_no, (order, _) in book.subs.orders.items()
        }
        waits = {order_no: order.left for order_no, (order, _) in book.waiting.items()}
        lefts = {one.quote_no: (one.sell_left, one.buy_left) for one in book.quotes.by_no.values()}
        assert state(naive) == (rests, waits, lefts)
        assert naive.call == (book.phase in CALLS)
        SEEN["calls"] += naive.call
    for order_no, one in orders.items():
        left = book.find(order_no)
        assert filled[order_no] + (left[0].left if left else 0) <= one["lots"] * lot
    again = MultiCurrencyBook.decode(book.encode(), book.quotes)
    assert again.encode() == book.encode()
    assert QuoteBoard.decode(book.quotes.encode()).encode() == book.quotes.encode()


def test_the_streams_met_every_type():
    """So that the comparison above means something: orders of every type traded, and calls were on."""
    assert not SEEN or all(SEEN[key] > 3 for key in ("aon", "mtl", "stop", "peak", "calls")), SEEN

"""A book in many currencies in the machine: limits, collar, calls, stops and settlement in the unit of its basket."""

import pytest

from steelyard.flows.market_facts import AuctionDone, BandsSet, Indicated, OrderMoved, PhaseMoved
from steelyard.flows.market_list import BandsFields
from steelyard.flows.market_quote import NamedFields
from steelyard.flows.market_reverse import NamedFields as TradeFields
from steelyard.flows.market_reverse import ReverseFields
from steelyard.flows.order import ReplaceFields
from steelyard.flows.price import MethodFields, SettleFields
from steelyard.flows.price_facts import PricePublished
from steelyard.market.assessment import Method
from steelyard.market.orders import Side, Tif, Type, Why
from steelyard.market.phases import Phase
from steelyard.market.prints import Prints
from steelyard.market.refusals.orders import OrderRefusal as No
from steelyard.values.instants import DAY, HOUR, MINUTE
from tests.flows.goods import BUYER, OTHER, SELLER, done
from tests.flows.markets import KG, Market, trades
from tests.flows.payworld import LEVR, PONS, facts, is_refused

BUY, SELL = Side.BUY, Side.SELL
CODE = "RYE-UNIT"
UNIT = (("NOR", 20), ("OST", 50))
"""At 2.50 OST for a NOR one unit is 1.00 OST or 0.40 NOR"""


class Wide(Market):
    """Rye in units of 0.20 NOR and 0.50 OST; reference 100.00 units, 7 % a day. Pons sells each for the other."""

    def __init__(self, world=None, **terms):
        super().__init__(world)
        if world is not None:
            return
        self.list(CODE, basket="UNIT", basket_holds=UNIT, ref_price=10_000, **terms)
        self.phase(CODE, Phase.OPENING_CALL)
        self.phase(CODE, Phase.CONTINUOUS)
        for asset in ("NOR", "OST"):
            for provider in (PONS, LEVR):
                self.ready(provider, asset, 2_000_000)
            for owner in (BUYER, OTHER):
                self.ready(owner, asset, 1_000_000)
        self.stocked(100)
        self.stocked(100, OTHER)
        self.quotes = {}

    def rated(self, num=5, den=2, provider=PONS, **more):
        """Let a provider quote NOR for OST, both ways, in place of what it quoted."""
        for quote_id in self.quotes.pop(provider, []):
            self.trader(provider, "firm_quote.withdraw", NamedFields(quote_id))
        done(self.firm(provider, "NOR", "OST", num, den, 400_000, **more))
        done(self.firm(provider, "OST", "NOR", den, num, 400_000, **more))
        books = self.world.books
        numbers = [one.quote_no for one in books.quotes.by_no.values() if one.provider == provider]
        self.quotes[provider] = [books.quote_keys[no] for no in numbers]

    def trade(self, quantity, price, currency="OST", **more):
        self.entered(SELLER, SELL, quantity, price, CODE, currency=currency)
        return done(self.order(BUYER, BUY, quantity, price, CODE, currency=currency, **more))

    @property
    def now(self):
        return self.world.books.books[CODE].phase


@pytest.fixture
def net() -> Wide:
    net = Wide()
    net.rated()
    return net


def told(outcomes, kind):
    return [fact for outcome in outcomes for fact in facts(outcome) if isinstance(fact, kind)]


def test_daily_limits_are_exact_at_the_quotes_of_entry_and_move_with_them(net: Wide) -> None:
    """93.00 to 107.00 units: 37.20 to 42.80 NOR; at 3.00 OST a NOR a unit is 1.10 OST: 102.30 to 117.70 OST."""
    for price, currency in ((3_720, "NOR"), (4_280, "NOR"), (9_300, "OST"), (10_700, "OST")):
        net.entered(BUYER, BUY, 1, price, CODE, currency=currency)
    for price, currency in ((3_719, "NOR"), (4_281, "NOR"), (9_299, "OST"), (10_701, "OST")):
        refused = net.order(BUYER, BUY, 1, price, CODE, currency=currency)
        assert is_refused(refused, No.PRICE_OUTSIDE_DAILY_LIMIT)
    net.rated(3, 1)
    assert 4 == sum(row.instrument == CODE for row in net.world.books.rows.values())
    assert is_refused(net.order(BUYER, BUY, 1, 10_229, CODE, currency="OST"), No.PRICE_OUTSIDE_DAILY_LIMIT)
    net.entered(BUYER, BUY, 1, 10_230, CODE, currency="OST")
    net.entered(BUYER, BUY, 1, 11_770, CODE, currency="OST")
    assert is_refused(net.order(BUYER, BUY, 1, 11_771, CODE, currency="OST"), No.PRICE_OUTSIDE_DAILY_LIMIT)
    net.check()


def test_an_order_that_nobody_can_value_is_refused_and_the_order_that_rests_stays(net: Wide) -> None:
    """SUD has no quotes; after the quotes' time NOR has none either, to the instant."""
    assert is_refused(net.order(BUYER, BUY, 1, 10_000, CODE, currency="SUD"), No.CURRENCY_HAS_NO_RATE)
    end = net.at + HOUR
    net.rated(until=end)
    order = net.entered(BUYER, BUY, 1, 4_000, CODE, currency="NOR")
    net.at = end - 1
    net.entered(BUYER, BUY, 1, 4_000, CODE, currency="NOR")
    net.at = end
    assert is_refused(net.order(BUYER, BUY, 1, 4_000, CODE, currency="NOR"), No.CURRENCY_HAS_NO_RATE)
    assert is_refused(
        net.trader(BUYER, "order.replace", ReplaceFields(order, 0, 4_100)), No.CURRENCY_HAS_NO_RATE
    )
    done(
        net.two("instrument.bands", BandsFields(CODE, 20_000), "operator")
    )  # nobody knows whether it is beyond
    assert net.world.books.by_key[order]
    net.check()


def test_one_provider_moves_the_rate_by_one_place_however_many_quotes_it_puts(net: Wide) -> None:
    """Levr offers NOR at 100 OST, nine times: the middle of 2.5, 2.5 and 100 is 2.5."""
    for _ in range(9):
        done(net.firm(LEVR, "NOR", "OST", 100, 1, 10_000))

    assert 10_700 == net.world.books.books[CODE].most("OST", net.at)


def test_a_purchase_at_market_binds_the_upper_limit_in_its_currency(net: Wide) -> None:
    """10 t at 42.80 NOR are bound, 10 at 98.00 OST trade; a NOR costs 2.50."""
    net.entered(SELLER, SELL, 10, 9_800, CODE, currency="OST")
    outcome = done(net.order(BUYER, BUY, 12, 0, CODE, currency="NOR", type=Type.MARKET))

    assert [(BUYER, SELLER, 10, 39_200, 98_000)] == trades(outcome)
    assert 0 == net.world.books.bound_minor(BUYER, "NOR")
    net.phase(CODE, Phase.OPENING_CALL)
    net.entered(BUYER, BUY, 12, 0, CODE, currency="NOR", type=Type.MARKET)
    assert 12 * 4_280 == net.world.books.bound_minor(BUYER, "NOR")
    net.check()


def test_new_bands_cancel_what_lies_beyond_at_the_rates_of_now(net: Wide) -> None:
    """Reference 110.00: 102.30 to 117.70 units, 40.92 to 47.08 NOR."""
    gone = net.entered(BUYER, BUY, 1, 4_091, CODE, currency="NOR")
    kept = net.entered(BUYER, BUY, 1, 4_092, CODE, currency="NOR")
    outcome = done(net.two("instrument.bands", BandsFields(CODE, 11_000), "operator"))

    assert [(gone, "cancelled", Why.LIMITS)] == [
        (one.order_id, one.event, one.why) for one in facts(outcome) if isinstance(one, OrderMoved)
    ]
    assert BandsSet(CODE, 11_000, 10_230, 11_770, -1, -1) in facts(outcome)
    assert kept in net.world.books.by_key


def test_a_fill_outside_the_collar_starts_a_call_that_ends_at_frozen_rates_by_itself() -> None:
    """Collar 98.00 to 102.00 units. 4 t at 40.40 NOR trade, 41.20 NOR is 103.00 units: the rest waits for the call."""
    net = Wide(collar_bp=200)
    net.rated()
    done(net.firm(LEVR, "NOR", "OST", 5, 2, 400_000, in_auctions=True))
    net.entered(SELLER, SELL, 4, 4_040, CODE, currency="NOR")
    net.entered(SELLER, SELL, 6, 4_120, CODE, currency="NOR")
    outcome = done(net.order(BUYER, BUY, 7, 10_600, CODE, currency="OST"))

    assert [(BUYER, SELLER, 4, 40_400, 16_160)] == trades(outcome)
    assert [(Phase.VOLATILITY_CALL, 10_300)] == [
        (one.phase, one.price) for one in told([outcome], PhaseMoved)
    ]
    assert Indicated(CODE, "10300", 3, -3) in facts(outcome)
    made = net.wait(HOUR)
    (auction,) = told(made, AuctionDone)
    assert ("10300", 3, -3, (("NOR", "5/2"), ("OST", "1"))) == (
        auction.price, auction.volume, auction.surplus, auction.rates,
    )  # fmt: skip
    assert [(BUYER, SELLER, 3, 30_900, 12_360)] == [one for outcome in made for one in trades(outcome)]
    assert Phase.CONTINUOUS is net.now
    (bands,) = told(made, BandsSet)
    assert (
        (10_094, 10_506) == net.world.books.books[CODE].dyn == (bands.dyn_low, bands.dyn_high)
    )  # 2 % round 103.00
    net.check()


def test_a_call_that_would_end_far_outside_is_extended_once_and_then_waits() -> None:
    """Twice the collar is 96.00 to 104.00; both sides want 106.00."""
    net = Wide(collar_bp=200)
    net.rated()
    net.entered(SELLER, SELL, 5, 10_600, CODE, currency="OST")
    done(net.order(BUYER, BUY, 5, 4_280, CODE, currency="NOR"))
    assert Phase.VOLATILITY_CALL is net.now
    made = net.wait(HOUR)

    assert [("10600", True), ("10600", True)] == [
        (one.price, one.extended) for one in told(made, AuctionDone)
    ]
    assert Phase.VOLATILITY_CALL is net.now
    ended = net.phase(CODE, Phase.CONTINUOUS)
    assert ["10600"] == [one.price for one in told([ended], AuctionDone)]
    net.check()


def test_a_rate_that_carries_a_resting_order_beyond_the_limits_stops_the_fill(net: Wide) -> None:
    """37.60 NOR are 94.00 units; at 2.00 OST a NOR a unit is 0.90 OST or 0.45 NOR, and 37.60 NOR are 83.56 units."""
    net.entered(SELLER, SELL, 5, 3_760, CODE, currency="NOR")
    net.rated(2, 1)
    assert is_refused(net.order(OTHER, SELL, 5, 3_760, CODE, currency="NOR"), No.PRICE_OUTSIDE_DAILY_LIMIT)
    outcome = done(net.order(BUYER, BUY, 4, 9_000, CODE, currency="OST"))

    assert [] == trades(outcome)
    assert Phase.VOLATILITY_CALL is net.now
    done(net.firm(LEVR, "NOR", "OST", 2, 1, 400_000, in_auctions=True))
    made = net.wait(HOUR)
    ((_, _, quantity, paid, got),) = [one for outcome in made for one in trades(outcome)]
    (auction,) = told(made, AuctionDone)
    assert ("9300", 4, 4 * 8_370, 4 * 4_185) == (
        auction.price,
        quantity,
        paid,
        got,
    )  # at the limit of the day
    net.check()


def test_a_call_without_any_quote_ends_without_a_price(net: Wide) -> None:
    """Nobody can compare; everything stays, and the clock goes on."""
    net.entered(SELLER, SELL, 5, 9_900, CODE, currency="OST")
    net.phase(CODE, Phase.VOLATILITY_CALL)
    net.entered(BUYER, BUY, 5, 9_900, CODE, currency="OST")
    net.trader(PONS, "firm_quote.withdraw", NamedFields(net.quotes[PONS][0]))
    net.trader(PONS, "firm_quote.withdraw", NamedFields(net.quotes[PONS][1]))
    made = net.wait(HOUR)

    assert [("", 0, ())] == [(one.price, one.volume, one.rates) for one in told(made, AuctionDone)]
    assert Phase.CONTINUOUS is net.now
    net.check()


def test_a_provider_that_fails_in_the_call_leaves_room_for_trades_in_one_currency(net: Wide) -> None:
    """Bram (OST) was allotted Anna's (NOR), Cora (NOR) Dora's (OST): nobody can pay across, both pairs turn round."""
    net.phase(CODE, Phase.OPENING_CALL)
    done(net.firm(LEVR, "NOR", "OST", 5, 2, 400_000, in_auctions=True))
    number = net.world.engine.account_no(f"{LEVR}/NOR/trade")
    net.entered(SELLER, SELL, 5, 3_960, CODE, currency="NOR")
    net.entered(OTHER, SELL, 5, 9_900, CODE, currency="OST")
    net.entered(BUYER, BUY, 5, 9_900, CODE, currency="OST")
    net.entered(BUYER, BUY, 5, 3_960, CODE, currency="NOR")
    net.world.engine.block(number, debits=True, credits=True)
    outcome = net.phase(CODE, Phase.CONTINUOUS)

    assert [(BUYER, SELLER, 5, 19_800, 19_800), (BUYER, OTHER, 5, 49_500, 49_500)] == trades(outcome)
    assert not net.world.books.rows
    net.check()


def test_a_stop_in_another_currency_is_released_by_what_the_trade_was_worth_there(net: Wide) -> None:
    """Bought above 40.80 NOR, 102.00 OST: a trade at 101.99 does not, a rate alone does not, one at 102.00 does."""
    net.entered(OTHER, SELL, 3, 4_200, CODE, currency="NOR")
    stop = net.entered(BUYER, BUY, 3, 4_280, CODE, currency="NOR", stop=4_080)
    bound = net.world.books.bound_minor(BUYER, "NOR")
    net.trade(1, 10_199)
    net.rated(245, 100)
    assert {stop} == {net.world.books.rows[no].key for no in net.world.books.books[CODE].waiting}
    assert 3 * 4_280 == bound == net.world.books.bound_minor(BUYER, "NOR")
    net.rated(5, 2)
    outcome = net.trade(1, 10_200)

    assert [(BUYER, SELLER, 1, 10_200, 10_200), (BUYER, OTHER, 3, 12_600, 12_600)] == trades(outcome)
    assert (stop, "released") in [(one.order_id, one.event) for one in told([outcome], OrderMoved)]
    assert 0 == net.world.books.bound_minor(BUYER, "NOR")
    net.check()


def test_all_or_none_fills_whole_through_one_quote_or_not_at_all(net: Wide) -> None:
    """An order of 10 t that rests is passed over by who wants 9, and by a quote that carries less than all of it."""
    net.entered(SELLER, SELL, 10, 3_900, CODE, currency="NOR", aon=True)
    net.entered(OTHER, SELL, 9, 10_100, CODE, currency="OST")
    assert [(BUYER, OTHER, 9, 90_900, 90_900)] == trades(
        done(net.order(BUYER, BUY, 9, 10_200, CODE, currency="OST"))
    )
    for quote_id in net.quotes.pop(PONS):
        net.trader(PONS, "firm_quote.withdraw", NamedFields(quote_id))
    for _ in range(2):
        done(net.firm(PONS, "NOR", "OST", 5, 2, 38_999))  # 10 t at 39.00 NOR need 390.00
    assert [] == trades(done(net.order(BUYER, BUY, 10, 10_200, CODE, currency="OST", tif=Tif.IOC)))
    done(net.firm(LEVR, "NOR", "OST", 5, 2, 39_000))
    assert [(BUYER, SELLER, 10, 97_500, 39_000)] == trades(
        done(net.order(BUYER, BUY, 10, 10_200, CODE, currency="OST", tif=Tif.IOC))
    )
    net.check()


def test_market_to_limit_rests_at_what_the_best_level_costs_in_its_currency(net: Wide) -> None:
    """40.01 NOR at 2.50 are 100.025 OST: the tick that reaches it is 100.03."""
    net.entered(SELLER, SELL, 3, 4_001, CODE, currency="NOR")
    net.entered(SELLER, SELL, 3, 4_002, CODE, currency="NOR")
    outcome = done(net.order(BUYER, BUY, 5, 0, CODE, currency="OST", type=Type.MTL))

    assert [(BUYER, SELLER, 3, 30_008, 12_003)] == trades(outcome)
    (order, currency) = next(
        one for one in net.world.books.books[CODE].subs.orders.values() if one[0].side is BUY
    )
    assert (10_003, 2, "OST") == (order.price, order.left, currency)
    net.check()


def test_it_settles_by_the_trades_of_its_window_in_the_unit_and_the_next_day_follows(net: Wide) -> None:
    """2 t at 101.00 OST and 1 at 41.00 NOR (102.50) are 101.50 units; a trade taken back counts no more."""
    on = net.at // DAY
    done(net.two("price.method", MethodFields(CODE, on - 1, Method(), "25"), "operator"))
    net.trade(2, 10_100)
    outcome = net.trade(1, 4_100, "NOR")
    back = net.trade(5, 10_600)
    trade_id = next(iter(net.world.books.recent.trades.values()))
    assert trade_id.mark == 10_100
    last = list(net.world.books.recent.trades)[-1]
    for owner in (BUYER, SELLER):
        done(net.trader(owner, "trade.agree_reversal", TradeFields(last)))
    done(net.two("trade.reverse", ReverseFields(last, "a slip"), "operator"))
    net.wait(MINUTE)
    net.phase(CODE, Phase.CLOSED)
    outcome = done(net.give("price.settle", SettleFields(CODE, on), "operator"))

    (price,) = told([outcome], PricePublished)
    assert ("10150", "vwap") == (price.value, price.source)
    (bands,) = told([outcome], BandsSet)
    assert (10_150, 9_439, 10_861) == (bands.reference, bands.limit_low, bands.limit_high)
    assert trades(back)
    assert Prints.decode(net.world.books.prints.encode()).encode() == net.world.books.prints.encode()
    net.check()


def test_without_a_trade_in_the_window_the_last_one_stands_between_bid_and_ask_in_the_unit(net: Wide) -> None:
    """Last 41.50 NOR, 103.75; bid 40.01 NOR (100.025, so 100.00 on the tick), ask 101.01 OST (101.25)."""
    on = net.at // DAY
    done(net.two("price.method", MethodFields(CODE, on - 1, Method(), "25"), "operator"))
    net.trade(1, 4_150, "NOR")
    net.wait(10 * MINUTE)
    net.entered(BUYER, BUY, 1, 4_001, CODE, currency="NOR")
    net.entered(SELLER, SELL, 1, 10_101, CODE, currency="OST")
    net.phase(CODE, Phase.CLOSED)
    outcome = done(net.give("price.settle", SettleFields(CODE, on), "operator"))

    (price,) = told([outcome], PricePublished)
    assert ("10125", "last") == (price.value, price.source)


def test_after_the_close_nothing_enters(net: Wide) -> None:
    net.phase(CODE, Phase.POST_CLOSE)

    assert is_refused(net.order(BUYER, BUY, 1, 10_000, CODE, currency="OST"), No.PHASE_DOES_NOT_ALLOW_IT)


def test_an_order_good_till_a_date_that_is_past_is_refused(net: Wide) -> None:
    """Today is still good."""
    today = net.at // DAY
    refused = net.order(BUYER, BUY, 1, 10_000, CODE, currency="OST", tif=Tif.GTD, until_on=today - 1)

    assert is_refused(refused, No.DATE_IS_PAST)
    net.entered(BUYER, BUY, 1, 10_000, CODE, currency="OST", tif=Tif.GTD, until_on=today)
    net.phase(CODE, Phase.CLOSED)
    assert not net.world.books.rows
    assert 0 == net.kg(BUYER) % KG

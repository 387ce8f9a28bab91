"""A benchmark from the day's own trades, in its basket and every currency, by firm quotes that stand."""

from fractions import Fraction

import pytest

from steelyard.flows.benchmark_day import rate, worths
from steelyard.flows.command import Code, Outcome
from steelyard.flows.market_list import GroupFields
from steelyard.flows.price import AssessFields, MethodFields
from steelyard.flows.price_facts import PricePublished
from steelyard.market.assessment import Method
from steelyard.market.basis import Basis, Source
from steelyard.market.orders import Side
from steelyard.market.refusals.prices import PriceRefusal as No
from steelyard.values.instants import DAY, HOUR, MINUTE
from tests.flows.goods import BUYER, LENDER, OTHER, SELLER
from tests.flows.markets import KG, SPOT, Market
from tests.flows.payworld import LEVR, PONS, facts, is_refused

FIXING = 16 * HOUR
MARK = "RYE-SPOT-26"
UNIT = (("NOR", 50), ("OST", 100))
FOUR = (SELLER, BUYER, LENDER, OTHER)


class Day(Market):
    """The rye market; four traders with goods and money, a benchmark of two baskets of currencies."""

    def __init__(self, world=None, *, least: int = 4, cap: str = "1/4") -> None:
        super().__init__(world)
        if world is None:
            for owner in FOUR:
                self.stocked(100, owner)
                self.ready(owner, "OST", 5_000_000)
            self.method(Method(cap=cap, participants_min=least), (SPOT,), UNIT)

    def method(
        self, method: Method, instruments: tuple[str, ...], basket: tuple, series: str = MARK
    ) -> Outcome:
        basis = Basis(tuple(map(Source, instruments)), basket, KG if instruments else 0)
        fields = MethodFields(series, self.at // DAY - (series == MARK), method, "", basis)
        return self.two("price.method", fields, "operator")

    def quotes(self) -> None:
        """One OST costs 2 NOR: the middle of 1.98, 2.00 and, the other way round, 2.02."""
        for provider, sell, buy, num, den in (
            (PONS, "OST", "NOR", 198, 100), (LEVR, "OST", "NOR", 200, 100), (PONS, "NOR", "OST", 100, 202),
        ):  # fmt: skip
            self.ready(provider, sell, 100_000)
            assert Code.DONE == self.firm(provider, sell, buy, num, den, 50_000).code
        self.wait(5 * MINUTE)

    def trade(self, buyer: str, seller: str, units: int, price: int) -> None:
        self.entered(seller, Side.SELL, units, price)
        self.entered(buyer, Side.BUY, units, price)

    def later(self) -> list[PricePublished]:
        """Wait until the fixing is over, and give what it published."""
        return published(self.wait(FIXING - self.at % DAY + MINUTE))

    def fix(self) -> Outcome:
        return self.give("price.assess", AssessFields(MARK), "operator", actor="p-operator-1")

    def fixed(self) -> PricePublished:
        (one,) = self.later()
        return one


def published(outcomes: list[Outcome]) -> list[PricePublished]:
    return [one for outcome in outcomes for one in facts(outcome) if isinstance(one, PricePublished)]


def test_a_pair_of_currencies_has_the_median_of_its_firm_quotes() -> None:
    day = Day()
    day.quotes()

    assert Fraction(2) == rate(day.world, "OST", "NOR", day.at)
    assert Fraction(1, 2) == rate(day.world, "NOR", "OST", day.at)
    assert rate(day.world, "OST", "SUD", day.at) is None
    assert {"OST": Fraction(5, 4), "NOR": Fraction(5, 2)} == worths(day.world, UNIT, day.at)


def test_what_a_basket_is_worth_stays_short_whatever_the_quotes() -> None:
    """Two providers quote in 18 digits each: the exact sum has 56 in its denominator."""
    day = Day()
    for provider, num, den in ((PONS, 10**18 - 3, 10**18 - 11), (LEVR, 10**18 - 33, 10**18 - 35)):
        day.ready(provider, "OST", 100_000)
        assert Code.DONE == day.firm(provider, "OST", "NOR", num, den, 50_000).code
    day.wait(5 * MINUTE)
    found = worths(day.world, (("NOR", 50), ("OST", 10**18)), day.at)

    assert ["NOR", "OST"] == list(found)
    assert all(len(str(one.denominator)) <= 19 for one in found.values())


def test_a_benchmark_is_made_from_trades_in_its_basket_and_every_currency() -> None:
    """A unit is 1.00 OST and 0.50 NOR, so 1.25 OST: the median of 500.00, 505.00 and 510.00 OST is 404.00."""
    day = Day()
    day.quotes()
    day.trade(BUYER, SELLER, 10, 50_000)
    day.trade(OTHER, LENDER, 10, 50_500)
    day.trade(LENDER, SELLER, 10, 51_000)
    price = day.fixed()

    assert ("40400", "trades", 3) == (price.value, price.source, len(price.inputs))
    assert {"OST": "50500", "NOR": "101000"} == dict(price.currencies)
    day.check()


def test_a_cornered_pair_cannot_drag_it() -> None:
    """Two who trade twenty times as much as the others at 530.00 weigh a quarter of the weights at most."""
    fair, cornered = Day(), Day()
    for day in (fair, cornered):
        for buyer, seller, price in (
            (BUYER, SELLER, 50_000),
            (OTHER, SELLER, 50_000),
            (BUYER, LENDER, 50_000),
        ):
            day.trade(buyer, seller, 4, price)
    for _ in range(4):
        cornered.trade(OTHER, LENDER, 20, 53_000)
    for day in (fair, cornered):
        day.quotes()

    assert "40000" == fair.fixed().value == cornered.fixed().value


def test_a_wash_trade_within_a_group_is_no_input() -> None:
    day = Day(least=2, cap="1")
    day.quotes()
    today = day.at // DAY
    day.world.books.prints.made(SPOT, "OST", 90 * 53_000, 90, sides=(LENDER, LENDER), on=today)
    day.trade(BUYER, SELLER, 4, 50_000)
    price = day.fixed()

    assert ("40000", 1) == (price.value, len(price.inputs))


def test_a_group_counts_as_one_in_what_the_book_keeps() -> None:
    day = Day()
    day.two("market.group", GroupFields(OTHER, LENDER), "operator")
    day.trade(OTHER, SELLER, 4, 50_000)
    day.trade(LENDER, SELLER, 6, 50_000)

    assert [(f"OST 50000 {LENDER} {SELLER}", 10)] == day.world.books.prints.made_on(SPOT, day.at // DAY)


def test_without_enough_trades_or_quotes_there_is_none() -> None:
    """The day is published as one without a value, with the reason."""
    thin, blind = Day(), Day(least=2)
    thin.quotes()
    for day in (thin, blind):
        day.trade(BUYER, SELLER, 4, 50_000)

    price = thin.fixed()
    assert ("", "none") == (price.value, price.source)
    assert "2 of 4 participants, volume 4000 of 0, no value before" == price.reason
    assert "" == blind.fixed().value


def test_a_trade_after_the_fixing_counts_towards_the_next() -> None:
    """One taken back after the fixing is taken out of the day that it was counted towards."""
    day = Day(least=2, cap="1")
    assert "" == day.fixed().value
    day.trade(BUYER, SELLER, 4, 50_000)
    day.wait(11 * HOUR)
    day.trade(BUYER, SELLER, 4, 52_000)
    day.wait(DAY - 11 * HOUR - 10 * MINUTE)
    day.quotes()
    price = day.fixed()

    assert ("40800", day.at // DAY, 2) == (price.value, price.on, len(price.inputs))


def test_by_hand_a_series_is_made_only_after_the_days_fixing() -> None:
    """It begins after today's fixing: today is made by hand, once; every further day by the machine."""
    day = Day()
    day.later()
    day.method(Method(), (SPOT,), UNIT, "NEW")
    fields = AssessFields("NEW")
    first = day.give("price.assess", fields, "operator", actor="p-operator-1")
    again = day.give("price.assess", fields, "operator", actor="p-operator-1")
    day.wait(DAY - day.at % DAY + MINUTE)
    early = day.give("price.assess", fields, "operator", actor="p-operator-1")

    assert Code.DONE == first.code
    assert is_refused(again, No.PRICE_STANDS_ALREADY)
    assert is_refused(early, No.BENCHMARK_IS_BEFORE_ITS_TIME)
    assert is_refused(day.fix(), No.BENCHMARK_IS_BEFORE_ITS_TIME)
    assert ["NEW", MARK] == [one.series for one in day.later()]


@pytest.mark.parametrize(
    ("instruments", "basket"),
    [
        ((SPOT,), ()),
        ((), UNIT),
        (("NONE",), UNIT),
        ((SPOT, SPOT), UNIT),
        ((SPOT,), UNIT[::-1]),
        ((SPOT,), (("X", 1),)),
    ],
)
def test_instruments_and_basket_go_together(instruments, basket) -> None:
    assert is_refused(Day().method(Method(version=2), instruments, basket), No.METHOD_OUT_OF_RANGE)

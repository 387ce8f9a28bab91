"""A benchmark from the day's own trades, in its basket and every currency, by firm quotes that stand."""

from fractions import Fraction

import pytest

from steelyard.flows.benchmark_day import FIXING, rate, worths
from steelyard.flows.command import Code, Outcome
from steelyard.flows.market_list import GroupFields
from steelyard.flows.price import AssessFields, MethodFields
from steelyard.flows.price_facts import PricePublished
from steelyard.market.assessment import Method
from steelyard.market.orders import Side
from steelyard.market.refusals.prices import PriceRefusal as No
from steelyard.values.instants import DAY, MINUTE
from tests.flows.goods import BUYER, LENDER, OTHER, SELLER
from tests.flows.markets import SPOT, Market
from tests.flows.payworld import LEVR, PONS, facts, is_refused

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

    def method(self, method: Method, instruments: tuple[str, ...], basket: tuple) -> Outcome:
        fields = MethodFields(MARK, self.at // DAY - 1, method, "", instruments, basket)
        return self.two("price.method", fields, "operator")

    def quotes(self) -> None:
        """One OST costs 2 NOR: the middle of 1.98, 2.00 and, the other way round, 2.02."""
        for provider, sell, buy, num, den in (
            (PONS, "OST", "NOR", 198, 100), (LEVR, "OST", "NOR", 200, 100), (PONS, "NOR", "OST", 100, 202),
        ):  # fmt: skip
            self.ready(provider, sell, 100_000)
            assert Code.DONE == self.firm(provider, sell, buy, num, den, 50_000).code

    def trade(self, buyer: str, seller: str, units: int, price: int) -> None:
        self.entered(seller, Side.SELL, units, price)
        self.entered(buyer, Side.BUY, units, price)

    def later(self) -> None:
        """Wait until the time at which benchmarks are made."""
        self.wait(max(0, FIXING - self.at % DAY))

    def fix(self) -> Outcome:
        return self.give("price.assess", AssessFields(MARK), "operator", actor="p-operator-1")

    def fixed(self) -> PricePublished:
        outcome = self.fix()
        assert outcome.code == Code.DONE, outcome.refusal
        (one,) = [fact for fact in facts(outcome) if isinstance(fact, PricePublished)]
        return one


def test_a_pair_of_currencies_has_the_median_of_its_firm_quotes() -> None:
    day = Day()
    day.quotes()

    assert Fraction(2) == rate(day.world, "OST", "NOR", day.at)
    assert Fraction(1, 2) == rate(day.world, "NOR", "OST", day.at)
    assert rate(day.world, "OST", "SUD", day.at) is None
    assert {"OST": Fraction(5, 4), "NOR": Fraction(5, 2)} == worths(day.world, UNIT, day.at)


def test_a_benchmark_is_made_from_trades_in_its_basket_and_every_currency() -> None:
    """A unit is 1.00 OST and 0.50 NOR, so 1.25 OST: the median of 500.00, 505.00 and 510.00 OST is 404.00."""
    day = Day()
    day.quotes()
    day.trade(BUYER, SELLER, 10, 50_000)
    day.trade(OTHER, LENDER, 10, 50_500)
    day.trade(LENDER, SELLER, 10, 51_000)
    day.later()
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
        day.later()

    assert "40000" == fair.fixed().value == cornered.fixed().value


def test_a_wash_trade_within_a_group_is_no_input() -> None:
    day = Day(least=2, cap="1")
    day.quotes()
    day.world.books.prints.made(SPOT, "OST", 90 * 53_000, 90, sides=(LENDER, LENDER), at=day.at)
    day.trade(BUYER, SELLER, 4, 50_000)
    day.later()
    price = day.fixed()

    assert ("40000", 1) == (price.value, len(price.inputs))


def test_a_group_counts_as_one_in_what_the_book_keeps() -> None:
    day = Day()
    day.two("market.group", GroupFields(OTHER, LENDER), "operator")
    day.trade(OTHER, SELLER, 4, 50_000)
    day.trade(LENDER, SELLER, 6, 50_000)

    kept = day.world.books.prints.day(SPOT, day.at // DAY)
    assert kept is not None
    assert {f"OST 50000 {LENDER} {SELLER}": 10} == kept.made


def test_without_enough_trades_or_quotes_there_is_none() -> None:
    thin, blind = Day(), Day(least=2)
    thin.quotes()
    for day in (thin, blind):
        day.trade(BUYER, SELLER, 4, 50_000)
        day.later()

    price = thin.fixed()
    assert ("", "none") == (price.value, price.source)
    assert "" == blind.fixed().value


def test_it_is_made_at_its_time_once_a_day_and_only_where_the_method_names_instruments() -> None:
    day = Day()
    day.wait((DAY - day.at % DAY) + MINUTE)
    assert is_refused(day.fix(), No.BENCHMARK_IS_BEFORE_ITS_TIME)
    day.later()
    day.fixed()

    assert is_refused(day.fix(), No.PRICE_STANDS_ALREADY)


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

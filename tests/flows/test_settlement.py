"""Settlement prices from the book itself: nobody hands them in, the next day and the margin follow them."""

import pytest

from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import settlement
from steelyard.flows.clearing_facts import MarginCalled
from steelyard.flows.clearing_margin import CallFields
from steelyard.flows.clearing_reads import runs
from steelyard.flows.command import Code, Outcome
from steelyard.flows.market_facts import BandsSet
from steelyard.flows.market_list import ListFields
from steelyard.flows.market_phase import PhaseFields
from steelyard.flows.price import CorrectFields, MethodFields, SettleFields
from steelyard.flows.price_facts import PricePublished
from steelyard.market.assessment import Method
from steelyard.market.books import Way
from steelyard.market.instruments import Instrument
from steelyard.market.orders import Side
from steelyard.market.phases import Phase
from steelyard.market.prints import DAYS_KEPT, Prints
from steelyard.market.refusals.prices import PriceRefusal as No
from steelyard.values.instants import DAY, HOUR, MINUTE, SECOND
from tests.flows.clearings import fact
from tests.flows.payworld import ANNA, BRAM, facts, is_refused
from tests.flows.test_order_cleared import CODE, Pit

BUY, SELL = Side.BUY, Side.SELL
NEXT = "WHEAT.DEC"


class Day(Pit):
    """A pit whose contract has a series of settlement prices, tick 0.25."""

    def begin(self) -> "Day":
        super().begin()
        self.method(CODE)
        return self

    def method(self, code: str) -> None:
        on = self.net.at // DAY - 2
        self.ok(self.operator("price.method", MethodFields(code, on, Method(), "25")))

    def trade(self, price: int, lots: int = 1) -> None:
        self.ok(self.order(ANNA, SELL, lots, price))
        self.ok(self.order(BRAM, BUY, lots, price))

    def phase(self, phase: Phase, code: str = CODE) -> None:
        self.ok(self.operator("instrument.phase", PhaseFields(code, phase, "test")))

    def settle(self, code: str = CODE, days: int = 0, **handed: object) -> Outcome:
        on = self.net.at // DAY - days
        return self.net.give("price.settle", SettleFields(code, on, **handed), "operator")

    def alone(self, *prices: int, reason: str = "") -> Outcome:
        fields = CallFields("NOR", tuple((CODE, one) for one in prices), reason)
        return self.net.give("clearing.margin.call", fields, "operator")


def price(outcome: Outcome) -> tuple[str, str]:
    assert outcome.code == Code.DONE, outcome.refusal
    (found,) = [one for one in facts(outcome) if isinstance(one, PricePublished)]
    return found.value, found.source


def bands(outcome: Outcome) -> tuple[int, int, int]:
    (found,) = [one for one in facts(outcome) if isinstance(one, BandsSet)]
    return found.reference, found.limit_low, found.limit_high


def marked(day: Day, code: str = CODE) -> tuple[int, str] | None:
    return settlement.marks(day.world, [code], day.net.at // DAY).get(code)


@pytest.fixture
def day() -> Day:
    return Day().begin()


def test_the_window_before_the_close_makes_the_price(day: Day) -> None:
    """The early trade at 199.00 is the last of nothing; 2 at 201.00 and 1 at 202.00 are 201.33, on tick 201.25."""
    day.trade(19_900, 3)
    day.net.wait(3 * MINUTE)
    day.trade(20_100, 2)
    day.trade(20_200)
    day.net.wait(MINUTE)
    day.phase(Phase.CLOSED)
    outcome = day.settle()

    assert ("20125", "vwap") == price(outcome)
    assert (20_125, 18_716, 21_534) == bands(outcome)
    day.net.check()


def test_nothing_can_be_handed_in(day: Day) -> None:
    """Neither a trade nor a price of the day before, of what has a book."""
    day.phase(Phase.CLOSED)

    assert is_refused(day.settle(trades=((99_900, 5),)), No.PRICE_IS_MADE_FROM_THE_BOOK)
    assert is_refused(day.settle(previous=99_900), No.PRICE_IS_MADE_FROM_THE_BOOK)


def test_a_day_settles_after_its_close(day: Day) -> None:
    """Reopened it has not closed; a day of which nothing is kept never closes."""
    assert is_refused(day.settle(), No.BOOK_HAS_NOT_CLOSED)
    day.phase(Phase.CLOSED)
    day.phase(Phase.OPENING_CALL)
    assert is_refused(day.settle(), No.BOOK_HAS_NOT_CLOSED)
    assert is_refused(day.settle(days=1), No.BOOK_HAS_NOT_CLOSED)
    day.phase(Phase.CLOSED)

    assert ("20000", "prior") == price(day.settle())


def test_without_a_trade_in_the_window_the_last_of_the_day_is_held_between_bid_and_ask(day: Day) -> None:
    day.trade(20_500)
    day.net.wait(10 * MINUTE)
    day.ok(day.order(BRAM, BUY, 1, 20_100))
    day.ok(day.order(ANNA, SELL, 1, 20_200))
    day.phase(Phase.CLOSED)

    assert ("20200", "last") == price(day.settle())


def test_a_settlement_at_the_limit_widens_the_next_day(day: Day) -> None:
    """7 % of 200.00 is 14.00; of 214.00 it is 14.98, and half as much again 22.47."""
    day.trade(21_400)
    day.phase(Phase.CLOSED)

    assert (21_400, 19_153, 23_647) == bands(day.settle())


def test_a_trade_taken_back_is_no_part_of_it() -> None:
    prints = Prints()
    prints.trade("X", 100, 1, at=HOUR)
    prints.trade("X", 120, 1, at=HOUR + SECOND)
    prints.take_back("X", 120, 1, at=HOUR + SECOND)
    prints.close("X", None, None, at=HOUR + MINUTE)
    day = prints.day("X", 0)

    assert day is not None
    assert ([(100, 1)], 100) == (day.window(), day.last)


def test_the_days_of_a_book_are_bounded_and_come_back_from_bytes() -> None:
    prints = Prints()
    for on in range(5):
        for at in range(on * DAY, on * DAY + 5 * MINUTE, MINUTE):
            prints.trade("X", 100 + on, 1, at=at)
    again = Prints.decode(prints.encode())

    assert prints.encode() == again.encode()
    assert [5 - DAYS_KEPT, 3, 4] == [day.on for day in again.days["X"]]
    assert 3 == len(again.days["X"][-1].trades)


def test_a_thin_month_moves_with_its_neighbour(day: Day) -> None:
    """Dec has no trade and no quotes; Sep has moved by 5.00 since the day before."""
    instrument = Instrument(code=NEXT, tick=25, lot=50, currency="NOR", ref_price=21_000)
    day.ok(day.operator("instrument.list", ListFields(instrument, "WHEAT", Way.CLEARED, NEXT, 1_000)))
    day.method(NEXT)
    day.phase(Phase.CLOSED)
    day.settle()
    day.net.wait(DAY)
    day.phase(Phase.OPENING_CALL)
    day.phase(Phase.CONTINUOUS)
    day.trade(20_500)
    day.phase(Phase.CLOSED)
    day.phase(Phase.OPENING_CALL, NEXT)
    day.phase(Phase.CLOSED, NEXT)
    assert ("20500", "vwap") == price(day.settle())

    assert ("21500", "neighbour") == price(day.settle(NEXT))


def test_margin_is_called_at_the_published_price_and_says_where_it_is_from(day: Day) -> None:
    """One person names nothing, or the published price; any other takes two, and a reason."""
    day.trade(20_100)
    assert is_refused(day.alone(), No.MARGIN_PRICE_IS_NOT_PUBLISHED)
    assert is_refused(day.alone(20_100, reason="so it is"), SettingRefusal.TWO_PEOPLE_NEEDED)
    day.phase(Phase.CLOSED)
    day.settle()
    assert is_refused(day.alone(20_150, reason="so it is"), SettingRefusal.TWO_PEOPLE_NEEDED)
    called = fact(day.ok(day.alone()), MarginCalled)
    assert (((CODE, 20_100),), ((CODE, "vwap"),), "") == (called.prices, called.sources, called.reason)

    again = fact(day.ok(day.alone(20_100)), MarginCalled)
    assert ((), ()) == (again.due, again.gain)
    day.check()


def test_a_price_by_hand_is_an_override_with_its_reason(day: Day) -> None:
    day.trade(20_100)
    day.phase(Phase.CLOSED)
    day.settle()
    assert is_refused(day.call((CODE, 20_150), reason=""), No.REASON_IS_MISSING)
    outcome = day.ok(day.call((CODE, 20_150), reason="a trade of the window is in dispute"))

    called = fact(outcome, MarginCalled)
    assert (((CODE, "by_hand"),), "a trade of the window is in dispute") == (called.sources, called.reason)
    run = runs(day.world, (), "")[0]
    assert ({CODE: "by_hand"}, called.reason) == (run["sources"], run["reason"])


def test_a_price_corrected_by_two_people_is_what_margin_is_called_at(day: Day) -> None:
    day.trade(20_100)
    day.phase(Phase.CLOSED)
    day.settle()
    corrected = CorrectFields(CODE, day.net.at // DAY, "20075", "a trade was taken back")
    day.ok(day.operator("price.correct", corrected))

    called = fact(day.ok(day.alone()), MarginCalled)
    assert (((CODE, 20_075),), ((CODE, "override"),)) == (called.prices, called.sources)


def test_on_a_day_without_a_book_the_last_price_stands(day: Day) -> None:
    """An expired month stays shut; one that has opened needs the price of its day."""
    day.trade(20_100)
    day.phase(Phase.CLOSED)
    day.settle()
    day.ok(day.alone())
    day.net.wait(3 * DAY)
    assert (20_100, "vwap") == marked(day, CODE)
    day.ok(day.alone())
    day.phase(Phase.OPENING_CALL)
    day.phase(Phase.CONTINUOUS)
    day.trade(20_150)

    assert is_refused(day.alone(), No.MARGIN_PRICE_IS_NOT_PUBLISHED)


def test_books_of_one_contract_that_settle_apart_give_no_price(day: Day) -> None:
    """A second book of the same contract settles at another price: then two people say which counts."""
    second = Instrument(code="SEP.TWO", tick=25, lot=50, currency="NOR", ref_price=20_500)
    day.ok(day.operator("instrument.list", ListFields(second, "WHEAT", Way.CLEARED, CODE, 1_000)))
    day.method("SEP.TWO")
    day.trade(20_100)
    day.phase(Phase.CLOSED)
    day.settle()
    assert (20_100, "vwap") == marked(day, CODE)
    day.phase(Phase.OPENING_CALL, "SEP.TWO")
    day.phase(Phase.CLOSED, "SEP.TWO")
    assert ("20500", "prior") == price(day.settle("SEP.TWO"))

    assert is_refused(day.alone(), No.MARGIN_PRICE_IS_NOT_PUBLISHED)
    day.ok(day.call((CODE, 20_100), reason="the first book has traded"))


def test_a_series_of_nothing_that_is_listed_is_settled_by_two_people(day: Day) -> None:
    day.method(NEXT)
    handed = SettleFields(NEXT, day.net.at // DAY, last=21_000, previous=20_900)
    alone = day.net.give("price.settle", handed, "operator")
    assert is_refused(alone, SettingRefusal.TWO_PEOPLE_NEEDED)

    day.ok(day.operator("price.settle", handed))
    assert (21_000, "last") == marked(day, NEXT)

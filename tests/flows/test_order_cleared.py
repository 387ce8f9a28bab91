"""Orders on a cleared contract: margin and position limits cover them, trades become positions."""

import pytest

from steelyard.flows.clearing_fund import MoneyFields
from steelyard.flows.command import Outcome
from steelyard.flows.market_list import ListFields
from steelyard.flows.market_phase import PhaseFields
from steelyard.flows.market_reverse import NamedFields, ReverseFields
from steelyard.flows.order import OrderFields
from steelyard.market.books import Way
from steelyard.market.clearing import positions
from steelyard.market.instruments import Instrument
from steelyard.market.orders import Side
from steelyard.market.phases import Phase
from steelyard.market.refusals.orders import OrderRefusal as No
from steelyard.members.people import KEY, Actor
from steelyard.members.roles import Role
from tests.flows.clearings import FOUR, House
from tests.flows.markets import trades
from tests.flows.payworld import ANNA, BIRK, BRAM, facts, is_refused

BUY, SELL = Side.BUY, Side.SELL
CODE = "WHEAT.SEP"
LOT = 50


class Pit(House):
    """The house's SEP contract on a book: lots of 50 t, tick 0.25."""

    def begin(self, **more: object) -> "Pit":
        super().begin(**more)
        for bic in FOUR:
            self.world.members.put_actor(Actor(f"t-{bic}", bic, KEY, (Role.TRADER,), public_key=b"t" * 32))
        instrument = Instrument(code=CODE, tick=25, lot=LOT, currency="NOR", ref_price=20_000)
        self.ok(self.operator("instrument.list", ListFields(instrument, "WHEAT", Way.CLEARED, CODE, 1_000)))
        for phase in (Phase.OPENING_CALL, Phase.CONTINUOUS):
            self.ok(self.operator("instrument.phase", PhaseFields(CODE, phase, "test")))
        return self

    def order(self, owner: str, side: Side, lots: int, price: int) -> Outcome:
        return self.net.give(
            "order.enter", OrderFields(CODE, side, lots * LOT, price), owner, actor=f"t-{owner}"
        )

    def lots(self, owner: str) -> int:
        return positions.of(self.house.book, CODE, owner).lots


@pytest.fixture
def pit() -> Pit:
    """Margin of 5,000.00 each; a lot asks for 50 x 11.00 = 550.00, so nine lots."""
    return Pit().begin()


def test_a_trade_becomes_two_positions(pit: Pit) -> None:
    """Nobody's money moves before the day is marked."""
    pit.ok(pit.order(ANNA, SELL, 6, 20_000))
    outcome = pit.ok(pit.order(BRAM, BUY, 4, 20_100))

    assert [(BRAM, ANNA, 200, 4_000_000, 4_000_000)] == trades(outcome)
    assert (4, -4) == (pit.lots(BRAM), pit.lots(ANNA))
    assert 100 == next(iter(pit.world.books.rows.values())).left
    pit.net.check()


def test_open_orders_count_against_margin(pit: Pit) -> None:
    """Five and four lots are covered, a tenth is not, on the other side it is."""
    pit.ok(pit.order(ANNA, BUY, 5, 19_000))
    pit.ok(pit.order(ANNA, BUY, 4, 19_000))

    assert is_refused(pit.order(ANNA, BUY, 1, 19_000), No.MARGIN_IS_SHORT)
    pit.ok(pit.order(ANNA, SELL, 9, 21_000))
    pit.net.check()


def test_open_orders_count_against_the_position_limit(pit: Pit) -> None:
    """500 lots of a group."""
    pit.give_cash(ANNA, 100_000_000)
    pit.ok(pit.deposit(ANNA, 50_000_000))
    pit.ok(pit.order(ANNA, BUY, 500, 19_000))

    assert is_refused(pit.order(ANNA, BUY, 1, 19_000), No.POSITION_LIMIT_WOULD_BE_EXCEEDED)
    pit.net.check()


def test_a_resting_order_whose_margin_has_gone_is_cancelled_as_it_is_met(pit: Pit) -> None:
    """Anna takes her margin out; who comes meets the next."""
    pit.ok(pit.order(ANNA, SELL, 5, 20_000))
    pit.ok(pit.order(BIRK, SELL, 5, 20_100))
    pit.ok(pit.net.give("clearing.collateral.withdraw", MoneyFields("NOR", 500_000), ANNA))

    outcome = pit.ok(pit.order(BRAM, BUY, 3, 20_100))

    assert [(BRAM, BIRK)] == [(buyer, seller) for buyer, seller, *_ in trades(outcome)]
    assert {BIRK} == {row.owner for row in pit.world.books.rows.values()}
    pit.net.check()


def test_a_cleared_trade_is_taken_back_by_its_mirror_image(pit: Pit) -> None:
    """Both positions are gone."""
    pit.ok(pit.order(ANNA, SELL, 4, 20_000))
    outcome = pit.ok(pit.order(BRAM, BUY, 4, 20_000))
    trade = next(fact.trade_id for fact in facts(outcome) if type(fact).__name__ == "MarketTraded")
    for side in (ANNA, BRAM):
        pit.ok(pit.net.give("trade.agree_reversal", NamedFields(trade), side, actor=f"t-{side}"))

    pit.ok(pit.operator("trade.reverse", ReverseFields(trade, "wrong month")))

    assert (0, 0) == (pit.lots(BRAM), pit.lots(ANNA))
    pit.net.check()


def test_who_is_no_member_of_the_house_enters_no_order(pit: Pit) -> None:
    """Its refusal says so."""
    other = "CLEOOST0"
    pit.world.members.put_actor(Actor(f"t-{other}", other, KEY, (Role.TRADER,), public_key=b"t" * 32))

    assert "CLEARING_MEMBER_NOT_FOUND" == _name(pit.order(other, BUY, 1, 20_000))


def _name(outcome: Outcome) -> str:
    from steelyard.market.refusals.clearing import ClearingRefusal

    return next(one.name for one in ClearingRefusal if one.code == outcome.refusal)


@pytest.mark.parametrize(("lot", "kg"), [(1, 50_000), (50, 100), (10, 1_000), (1, 1_000)])
def test_a_listing_is_in_tonnes_and_its_lot_the_contracts_unit(lot: int, kg: int) -> None:
    """Prices are for a tonne, and a lot is a lot of the house: else a position would be of another size."""
    pit = Pit().begin()
    instrument = Instrument(code="WHEAT.ODD", tick=25, lot=lot, currency="NOR", ref_price=20_000)

    outcome = pit.operator("instrument.list", ListFields(instrument, "WHEAT", Way.CLEARED, CODE, kg))

    assert is_refused(outcome, No.LISTING_SETTLES_IN_NOTHING)

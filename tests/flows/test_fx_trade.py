"""Trades between two banks: entered by both, matched with no tolerance, settled PvP on their date or not at all."""

from typing import Any

import pytest

from steelyard.flows.facts import TradeMoved
from steelyard.fx.refusals import FxRefusal
from steelyard.fx.trades import TRADE_STEPS, TradeEvent, TradeState, step
from steelyard.values.calendars import Calendar, CalendarRow
from steelyard.values.instants import DAY, HOUR
from steelyard.values.refusal import Refusal
from tests.flows.payworld import ANNA, ARNE, BRAM, START, Network, facts, is_refused, notices, told

TODAY = START // DAY
TERMS = (ANNA, BRAM, "NOR", 1_000, "SUD", 22_500)


@pytest.fixture
def net() -> Network:
    network = Network()
    network.fund(ANNA, "NOR", 1_000)
    network.fund(BRAM, "SUD", 22_500)
    return network


def both(net: Network, on: int = TODAY) -> bytes:
    """Let both sides enter the same trade; give the id of its first entry."""
    mine = net.trade(ANNA, BRAM, "NOR", 1_000, "SUD", 22_500, on)
    net.trade(BRAM, ANNA, "SUD", 22_500, "NOR", 1_000, on)
    return bytes(facts(mine)[0].trade)


def states(net: Network) -> list[str]:
    return [fact.state for outcome in net.outcomes for fact in facts(outcome) if isinstance(fact, TradeMoved)]


def state(net: Network, trade: bytes) -> str:
    found = net.world.fx.trade(trade)
    assert found is not None
    return str(found.state)


@pytest.mark.parametrize("before", TradeState)
@pytest.mark.parametrize("event", TradeEvent)
def test_the_table_of_trades_is_total(before: TradeState, event: TradeEvent) -> None:
    assert TRADE_STEPS[before].get(event) == step(before, event)


def test_a_trade_that_both_enter_settles_as_one_bundle(net: Network) -> None:
    trade = both(net)

    assert states(net) == ["ENTERED", "MATCHED", "WAITING", "SETTLED"]
    assert (net.balance(ANNA, "NOR"), net.balance(BRAM, "NOR")) == (0, 1_000)
    assert (net.balance(ANNA, "SUD"), net.balance(BRAM, "SUD")) == (22_500, 0)
    assert len(net.legs[-1]) == 2 * 128
    assert sorted(told(net.outcomes[-1]))[-2:] == [(BRAM, "trade.matched"), (BRAM, "trade.settled")]
    assert state(net, trade) == "SETTLED"
    net.check()


@pytest.mark.parametrize("change", [("SUD", 22_501), ("SUD", 22_500, 1)])
def test_a_minor_unit_or_a_day_apart_is_no_match(net: Network, change: tuple[Any, ...]) -> None:
    net.trade(ANNA, BRAM, "NOR", 1_000, "SUD", 22_500, TODAY)
    net.trade(BRAM, ANNA, change[0], change[1], "NOR", 1_000, TODAY + (change[2] if len(change) > 2 else 0))

    assert states(net) == ["ENTERED", "ENTERED"]
    net.check()


def test_entering_the_same_side_twice_is_two_trades(net: Network) -> None:
    for _ in range(2):
        net.trade(ANNA, BRAM, "NOR", 500, "SUD", 11_250, TODAY)
    net.trade(BRAM, ANNA, "SUD", 11_250, "NOR", 500, TODAY)
    assert net.balance(BRAM, "NOR") == 500
    net.trade(BRAM, ANNA, "SUD", 11_250, "NOR", 500, TODAY)

    assert net.balance(BRAM, "NOR") == 1_000
    net.check()


def test_a_trade_waits_for_its_date(net: Network) -> None:
    trade = both(net, TODAY + 2)
    assert state(net, trade) == "WAITING"
    net.wait(DAY)
    assert state(net, trade) == "WAITING"
    net.wait(DAY)

    assert state(net, trade) == "SETTLED"
    net.check()


def test_a_trade_waits_for_the_side_that_is_short_and_settles_at_its_inflow(net: Network) -> None:
    net.pay(BRAM, ANNA, "SUD", 500)
    trade = both(net)
    assert state(net, trade) == "WAITING"
    assert net.balance(ANNA, "NOR") == 1_000
    other = net.again()
    for one in (net, other):
        one.fund(BRAM, "SUD", 500)

    assert state(net, trade) == state(other, trade) == "SETTLED"
    assert net.world.state_hash() == other.world.state_hash()
    net.check()


def last(net: Network) -> TradeMoved:
    """Give what was told last of a trade."""
    return [one for outcome in net.outcomes for one in facts(outcome) if isinstance(one, TradeMoved)][-1]


def test_a_trade_that_is_not_funded_by_the_close_has_failed_and_nothing_moved(net: Network) -> None:
    net.pay(BRAM, ANNA, "SUD", 500)
    trade = both(net)
    net.wait(DAY)

    assert state(net, trade) == "FAILED"
    assert (net.balance(ANNA, "NOR"), net.balance(BRAM, "NOR")) == (1_000, 0)
    assert sorted(notice.recipient for notice in notices(net, "trade.failed")) == [ANNA, BRAM]
    assert FxRefusal.TRADE_FUNDS_DID_NOT_COME.code == last(net).refusal
    assert not net.world.queues.anything
    net.check()


def test_an_entry_that_the_other_side_does_not_make_is_unmatched_at_the_close(net: Network) -> None:
    mine = facts(net.trade(ANNA, BRAM, "NOR", 1_000, "SUD", 22_500, TODAY))[0].trade
    net.wait(DAY)

    assert state(net, mine) == "UNMATCHED"
    assert FxRefusal.TRADE_WAS_NOT_MATCHED.code == last(net).refusal
    assert [notice.recipient for notice in notices(net, "trade.unmatched")] == [ANNA]
    assert net.world.fx.partner(net.world.fx.trades[mine]) is None


def test_an_entry_is_taken_back_alone_a_matched_trade_by_both(net: Network) -> None:
    alone = facts(net.trade(ANNA, BRAM, "NOR", 1, "SUD", 1, TODAY))[0].trade
    assert is_refused(net.untrade(BRAM, alone), FxRefusal.TRADE_NOT_FOUND)
    net.untrade(ANNA, alone)
    assert state(net, alone) == "CANCELLED"

    matched = both(net, TODAY + 1)
    assert told(net.untrade(BRAM, matched)) == [(ANNA, "trade.cancel_asked")]
    net.untrade(BRAM, matched)
    assert state(net, matched) == "WAITING"
    net.untrade(ANNA, matched)
    assert state(net, matched) == "CANCELLED"
    assert is_refused(net.untrade(ANNA, matched), FxRefusal.TRADE_STATE_FORBIDS)
    net.wait(2 * DAY)
    assert net.balance(ANNA, "NOR") == 1_000
    net.check()


def test_either_side_finds_the_trade_under_its_own_id(net: Network) -> None:
    both(net)
    trade = next(iter(net.world.fx.trades.values()))

    assert trade.other
    assert net.world.fx.trade(trade.other) == trade
    assert is_refused(net.untrade(ARNE, trade.other), FxRefusal.TRADE_NOT_FOUND)


def test_a_suspended_side_keeps_its_trade_from_settling(net: Network) -> None:
    net.pay(BRAM, ANNA, "SUD", 500)
    trade = both(net)
    net.suspend(BRAM)
    net.fund(BRAM, "SUD", 500)

    assert state(net, trade) == "WAITING"
    net.wait(DAY)
    assert state(net, trade) == "FAILED"
    net.check()


def closing(net: Network) -> None:
    """Let NOR close on even days from tomorrow on, and today at 09:00."""
    rows = tuple(
        CalendarRow(
            on, on * DAY, on == TODAY or on % 2 == 1,
            ((on * DAY, on * DAY + 9 * HOUR),) if on == TODAY or on % 2 == 1 else (),
        )
        for on in range(TODAY - 1, TODAY + 30)
    )  # fmt: skip
    net.world.calendars.put(Calendar("NOR", rows, {}, revision=2, in_force_from=0))


def late(net: Network) -> None:
    closing(net)
    net.at = TODAY * DAY + 9 * HOUR


def drop(net: Network) -> None:
    net.world.members.accounts.drop("settlement", BRAM, "SUD")


CASES: list[tuple[Refusal, Any, tuple[Any, ...]]] = [
    (FxRefusal.TRADE_PARTIES_MUST_DIFFER, None, (ANNA, ANNA, "NOR", 1, "SUD", 1, TODAY)),
    (FxRefusal.TRADE_PARTY_IS_NOT_ACTIVE, None, (ANNA, "NOBODY00", "NOR", 1, "SUD", 1, TODAY)),
    (FxRefusal.TRADE_CURRENCIES_MUST_DIFFER, None, (ANNA, BRAM, "NOR", 1, "NOR", 1, TODAY)),
    (FxRefusal.TRADE_AMOUNT_MUST_BE_POSITIVE, None, (ANNA, BRAM, "NOR", 0, "SUD", 1, TODAY)),
    (FxRefusal.TRADE_ACCOUNT_NOT_FOUND, drop, (ANNA, BRAM, "NOR", 1, "SUD", 1, TODAY)),
    (FxRefusal.TRADE_VALUE_DATE_HAS_PASSED, None, (ANNA, BRAM, "NOR", 1, "SUD", 1, TODAY - 1)),
    (FxRefusal.TRADE_VALUE_DATE_IS_NO_BUSINESS_DAY, closing, (ANNA, BRAM, "NOR", 1, "SUD", 1, TODAY + 2)),
    (FxRefusal.TRADE_VALUE_DATE_IS_TOO_FAR, None, (ANNA, BRAM, "NOR", 1, "SUD", 1, TODAY + 401)),
    (FxRefusal.TRADE_CUT_OFF_HAS_PASSED, late, (ANNA, BRAM, "NOR", 1, "SUD", 1, TODAY)),
]


@pytest.mark.parametrize(("refusal", "before", "given"), CASES)
def test_an_entry_that_breaks_a_rule_is_refused_by_it(
    net: Network, refusal: Refusal, before: Any, given: tuple[Any, ...]
) -> None:
    if before is not None:
        before(net)

    assert is_refused(net.trade(*given), refusal)
    assert net.world.fx.trades == {}

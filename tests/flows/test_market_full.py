"""What stands open in a market is bounded: the next one is refused and leaves no trace; what ends makes room."""

import pytest

from steelyard.flows import market_beat, market_list, market_quote, order
from steelyard.flows.market_beat import BeatFields
from steelyard.flows.market_list import ListFields
from steelyard.market.books import Way
from steelyard.market.instruments import Instrument
from steelyard.market.orders import Side
from steelyard.market.refusals.orders import OrderRefusal as No
from tests.flows.goods import BUYER, RYE, done
from tests.flows.markets import KG, Market
from tests.flows.payworld import PONS, is_refused


@pytest.fixture(scope="module")
def net() -> Market:
    net = Market()
    net.ready(BUYER, "OST", 1_000_000)
    net.ready(PONS, "SUD", 1_000_000)
    return net


def test_orders_of_one_owner(net: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "OWN_MAX", 2)
    first, _ = (net.entered(BUYER, Side.BUY, 1, 100) for _ in range(2))
    before = net.titles_and_money()

    assert is_refused(net.order(BUYER, Side.BUY, 1, 100), No.TOO_MANY_ORDERS)
    assert before == net.titles_and_money()
    done(net.unorder(BUYER, first))
    done(net.order(BUYER, Side.BUY, 1, 100))


def test_firm_quotes_of_one_provider(net: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(market_quote, "OWN_MAX", 1)
    done(net.firm(PONS, "SUD", "OST", 2, 1, 100))

    assert is_refused(net.firm(PONS, "SUD", "OST", 2, 1, 100), No.TOO_MANY_ORDERS)


def test_sessions_of_one_owner(net: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(market_beat, "OWN_MAX", 1)
    done(net.trader(BUYER, "order.beat", BeatFields("one")))

    assert is_refused(net.trader(BUYER, "order.beat", BeatFields("two")), No.TOO_MANY_ORDERS)
    done(net.trader(BUYER, "order.beat", BeatFields("one")))


def test_instruments_of_all(net: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(market_list, "INSTRUMENTS_MAX", len(net.world.books.listings))
    fields = ListFields(Instrument(code="RYE-MORE", currency="OST"), "RYE", Way.SPOT, RYE, KG, (), 0)

    assert is_refused(net.two("instrument.list", fields, "operator"), No.TOO_MANY_ORDERS)

"""A call that is opened by hand in a book of many currencies ends by itself, as one in a single currency does."""

import pytest

from steelyard.flows.market_facts import AuctionDone
from steelyard.market.orders import Side
from steelyard.market.phases import Phase
from steelyard.values.instants import HOUR
from tests.flows.goods import BUYER, SELLER
from tests.flows.markets import SPOT, WIDE, Market
from tests.flows.payworld import facts


@pytest.mark.parametrize("code", [SPOT, WIDE])
def test_a_volatility_call_by_hand_ends_by_its_clock_and_trades(code: str) -> None:
    net = Market()
    net.stocked(60)
    net.ready(BUYER, "OST", 1_000_000)
    net.phase(code, Phase.VOLATILITY_CALL)
    for owner, side in ((SELLER, Side.SELL), (BUYER, Side.BUY)):
        net.entered(owner, side, 10, 10_000, code, currency="OST")
    ended = [fact for outcome in net.wait(HOUR) for fact in facts(outcome) if isinstance(fact, AuctionDone)]

    assert [10] == [one.volume for one in ended]
    assert Phase.CONTINUOUS is net.world.books.books[code].phase
    assert 10_000 == net.kg(BUYER)
    net.check()

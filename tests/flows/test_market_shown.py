"""What the public sees of a command with several orders: each book's levels once, after all its trades."""

from steelyard.flows.command import Outcome
from steelyard.flows.market_facts import DepthMoved, MarketTraded
from steelyard.flows.order import CancelFields, MassFields, OrderFields
from steelyard.market.orders import Side
from tests.flows.goods import BUYER, SELLER, done
from tests.flows.markets import SPOT, WIDE, Market
from tests.flows.payworld import facts

BUY, SELL = Side.BUY, Side.SELL


def shown(outcome: Outcome) -> list[DepthMoved]:
    return [fact for fact in facts(outcome) if isinstance(fact, DepthMoved)]


def test_levels_that_several_orders_change_are_shown_once_for_each_book_in_turn() -> None:
    """60 t stand at 100.00; of 40 + 30 t that come only 60 find goods. Two orders in the other book, then one here."""
    net = Market()
    net.stocked(60)
    net.ready(BUYER, "OST", 5_000_000)
    net.entered(SELLER, SELL, 60, 10_000)
    orders = (
        OrderFields(SPOT, BUY, 40, 10_000), OrderFields(SPOT, BUY, 30, 10_000),
        OrderFields(WIDE, BUY, 5, 9_000, currency="OST"), OrderFields(WIDE, BUY, 6, 9_000, currency="OST"),
        OrderFields(SPOT, BUY, 1, 9_900),
    )  # fmt: skip

    outcome = done(net.many(BUYER, *orders))

    assert [
        (SPOT, (("OST", BUY, 10_000, 10), ("OST", SELL, 10_000, 0))),
        (WIDE, (("OST", BUY, 9_000, 11),)),
        (SPOT, (("OST", BUY, 9_900, 1),)),
    ] == [(one.instrument, one.levels) for one in shown(outcome)]
    told = [type(fact) for fact in facts(outcome)]
    assert told.index(DepthMoved) > max(n for n, kind in enumerate(told) if kind is MarketTraded)
    net.check()


def test_orders_refused_among_others_show_nothing() -> None:
    net = Market()
    net.ready(BUYER, "OST", 100_000)
    orders = (
        OrderFields(WIDE, BUY, 5, 10_000, currency="OST"),
        OrderFields(WIDE, BUY, 1, 10_000, currency="OST", post_only=True),
        OrderFields(WIDE, BUY, 500, 10_000, currency="OST"),
    )
    (one,) = shown(done(net.many(BUYER, *orders)))
    levels = [level for level in net.world.books.depths[WIDE].levels() if level.side == BUY]

    assert [tuple(level) for level in levels] == list(one.levels)
    net.check()


def test_what_leaves_together_is_shown_once() -> None:
    net = Market()
    net.ready(BUYER, "OST", 1_000_000)
    first, second = (net.entered(BUYER, BUY, 5, 9_000) for _ in range(2))
    net.entered(BUYER, BUY, 5, 9_000)

    (one,) = shown(done(net.trader(BUYER, "order.cancel", CancelFields((first, second)))))
    assert (("OST", BUY, 9_000, 5),) == one.levels
    net.entered(BUYER, BUY, 5, 8_000)
    (one,) = shown(done(net.trader(BUYER, "order.cancel_all", MassFields())))
    assert (("OST", BUY, 8_000, 0), ("OST", BUY, 9_000, 0)) == one.levels
    net.check()

"""FX orders under attack: prices of a part of the currencies, ids used again, money that is gone."""

from steelyard.flows.command import Code
from steelyard.flows.hand import EndFields
from steelyard.liquidity.order_book import AUCTION
from steelyard.liquidity.order_refusals import OrderRefusal as No
from tests.flows.fxorders import MONEY, Market, fills
from tests.flows.payworld import ANNA, BRAM, is_refused

MUCH = 9 * 10**17


def test_prices_of_a_part_of_the_currencies_do_not_leave_the_band():
    """One price alone has no ratio; against the references of the others it may be a thousandfold."""
    net = Market(fx_floating=["NOR", "SUD"], fx_orders_min=1)
    net.put(ANNA, "NOR", "SUD", 2_000)
    net.put(BRAM, "SUD", "NOR", 2)
    net.ask(AUCTION)
    units = dict(net.world.fx_orders.open.batch.units)
    price = str(units["SUD"] * 500)
    outcome = net.fill(prices=[("SUD", price)], sold=[2_000, 2], bought=[2, 2_000])

    assert is_refused(outcome, No.FX_PRICES_OUTSIDE_BAND), outcome
    net.check()


def test_no_fill_is_priced_half_by_the_auction_half_by_the_reference():
    net = Market(fx_floating=["NOR", "SUD", "OST"], fx_orders_min=1)
    net.put(ANNA, "NOR", "SUD", 2_000)
    net.put(BRAM, "SUD", "NOR", 1_000)
    net.put(BRAM, "OST", "NOR", 100)
    net.put(ANNA, "NOR", "OST", 2_000)
    net.ask(AUCTION)
    units = dict(net.world.fx_orders.open.batch.units)
    prices = [(asset, str(units[asset] * 7)) for asset in ("NOR", "SUD")]

    assert is_refused(net.fill(prices=prices), No.FX_PRICES_OUTSIDE_BAND)
    net.check()


def test_an_orders_money_is_nobodys_to_release_or_settle_by_hand():
    net = Market()
    order_id = net.put(ANNA, "NOR", "SUD", 1_200)
    held = net.order(order_id).bundle_id
    for name in ("reserve.release", "reserve.settle"):
        for who in (ANNA, BRAM):
            outcome = net.give(name, EndFields(held), who)
            assert Code.REFUSED == outcome.code, (name, who)
    net.check()

    assert MONEY - 1_200 == net.available(ANNA, "NOR")


def test_amounts_near_the_end_of_what_a_leg_moves_are_filled_to_the_minor_unit():
    """Two orders of almost 10^18 each and a price with long digits."""
    net = Market()
    net.fund(ANNA, "NOR", MUCH)
    net.fund(BRAM, "SUD", MUCH)
    net.rate("SUD", "NOR", 2 * 10**9 + 7, 10**9 + 9)
    net.put(ANNA, "NOR", "SUD", MUCH)
    net.put(BRAM, "SUD", "NOR", MUCH - 1)
    net.ask()
    outcome = net.fill()

    assert Code.DONE == outcome.code, outcome.refusal
    assert fills(outcome)
    assert all(abs(minor) <= 2 for minor in net.rests().values())
    net.check()


def test_nobody_pays_for_nothing():
    """Seven SUD are worth less than one OST: the order waits, its money stays its owner's."""
    net = Market()
    order_id = net.put(ANNA, "SUD", "OST", 7)
    net.put(BRAM, "SUD", "OST", 20)
    net.put(BRAM, "OST", "SUD", 5)
    net.ask()
    outcome = net.fill()

    assert Code.DONE == outcome.code
    assert [2] == [fill.bought_minor for fill in fills(outcome) if fill.buy == "OST"]
    assert (MONEY, 7) == (net.balance(ANNA, "SUD"), net.order(order_id).open_minor)
    net.check()


def test_two_currencies_with_rates_against_a_third_alone_trade():
    net = Market()
    net.put(ANNA, "SUD", "OST", 50)
    net.put(BRAM, "OST", "SUD", 5)
    assert Code.DONE == net.ask().code

    assert 2 == len(fills(net.fill()))
    net.check()

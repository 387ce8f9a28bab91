"""FX orders under attack: prices of a part of the currencies, ids used again, money that is gone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.flows.command import Code
from steelyard.flows.hand import EndFields
from steelyard.liquidity.fx_check import credits
from steelyard.liquidity.order_book import AUCTION, REFERENCE
from steelyard.liquidity.order_refusals import OrderRefusal as No
from tests.flows.batches import same_state
from tests.flows.fxorders import MONEY, Market, fills
from tests.flows.payworld import ANNA, ARNE, BRAM, is_refused

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


# The rule of an auction


def auction(*orders, **figures):
    """Give a market with an open auction of NOR and SUD, worth 1 and 2, for (owner, sell, amount, limit)."""
    net = Market(fx_floating=["NOR", "SUD"], fx_orders_min=1, fx_band_bp=500, **figures)
    for owner, sell, amount, limit in orders:
        net.put(owner, sell, "SUD" if sell == "NOR" else "NOR", amount, limit)
    net.ask(AUCTION)
    return net


def lied(net, sold, *, prices=(("NOR", "1"), ("SUD", "2"))):
    """Propose these debits by order, credits as the machine will work them out, and give what became of it."""
    orders = [*net.world.fx_orders.in_order()]
    chosen = [(order, minor) for order, minor in zip(orders, sold, strict=True) if minor]
    seqs = [order.seq for order, _ in chosen]
    worth = {asset: int(text) for asset, text in prices}
    before = same_state(net)
    outcome = net.fill(
        seqs=[seq - last for seq, last in zip(seqs, [0, *seqs], strict=False)],
        sold=[minor for _, minor in chosen],
        bought=credits(chosen, worth).bought,
        prices=list(prices),
        certificates=[],
    )
    return outcome, before == same_state(net)


EQUAL = ((ANNA, "NOR", 200, (1, 2)), (ARNE, "NOR", 200, (1, 2)), (BRAM, "SUD", 100, (196, 100)))


@pytest.mark.parametrize("sold", [(200, 0, 100), (0, 200, 100), (110, 90, 100), (0, 0, 0)])
def test_one_of_two_equal_orders_is_not_filled_before_the_other(sold):
    outcome, unchanged = lied(auction(*EQUAL), sold)

    assert is_refused(outcome, No.FX_FILL_OUT_OF_ORDER), outcome
    assert unchanged


def test_equal_orders_of_an_auction_share():
    net = auction(*EQUAL)
    outcome, _ = lied(net, (100, 100, 100))

    assert [(100, 50), (100, 50), (100, 200)] == [
        (one.sold_minor, one.bought_minor) for one in fills(outcome)
    ]
    net.check()


LADDER = ((ANNA, "NOR", 200, (49, 100)), (ARNE, "NOR", 200, (498, 1000)), (BRAM, "SUD", 150, (196, 100)))


@pytest.mark.parametrize("sold", [(100, 200, 150), (150, 150, 150), (200, 0, 100), (198, 100, 149)])
def test_who_would_take_less_is_filled_before_who_wants_more(sold):
    outcome, unchanged = lied(auction(*LADDER), sold)

    assert is_refused(outcome, No.FX_FILL_OUT_OF_ORDER), outcome
    assert unchanged


def test_an_auction_at_given_prices_is_filled_as_the_rule_says():
    net = auction(*LADDER)

    assert 3 == len(fills(lied(net, (200, 100, 150))[0]))
    net.check()


def test_an_order_beyond_its_owners_cap_is_out_of_order():
    net = auction(*EQUAL)
    net.world.fx_orders.caps[ANNA, "NOR"] = 150
    outcome, unchanged = lied(net, (160, 40, 100))

    assert outcome.refusal in (No.FX_CAP_WOULD_BE_EXCEEDED.code, No.FX_FILL_OUT_OF_ORDER.code)
    assert unchanged


def test_a_currency_whose_orders_are_good_enough_is_named():
    """Prices of NOR and SUD alone would pass over who trades OST."""
    net = Market(fx_floating=["NOR", "SUD", "OST"], fx_orders_min=1, fx_band_bp=500)
    net.put(ANNA, "NOR", "SUD", 200)
    net.put(BRAM, "SUD", "NOR", 100)
    net.put(ARNE, "OST", "NOR", 100)
    net.ask(AUCTION)
    outcome, unchanged = lied(net, (200, 100, 0))

    assert is_refused(outcome, No.FX_PRICES_OUTSIDE_BAND)
    assert unchanged


# Fills for nothing, and out of nothing


def test_a_fill_that_buys_nothing_is_refused():
    net = Market()
    net.put(ANNA, "NOR", "OST", 200)
    net.put(BRAM, "OST", "NOR", 10)
    net.ask()
    before = same_state(net)

    assert is_refused(net.fill(sold=[19, 1], bought=[0, 19]), No.FX_FILL_BUYS_NOTHING)
    assert before == same_state(net)


def test_fills_that_sell_less_than_they_buy_are_refused():
    """What Bram would give is left out, so that the residual account would pay Anna."""
    net = Market()
    net.put(ANNA, "NOR", "SUD", 200)
    net.put(BRAM, "SUD", "NOR", 100)
    net.ask()
    good, before = net.fields(), same_state(net)
    outcome = net.fill(seqs=good.seqs[:1], sold=[200], bought=[100])

    assert is_refused(outcome, No.FX_FILLS_DO_NOT_BALANCE), outcome
    assert before == same_state(net)


BOOK = st.lists(
    st.tuples(
        st.sampled_from((ANNA, BRAM, ARNE)), st.permutations(("NOR", "SUD", "OST")), st.integers(1, 90),
        st.sampled_from(((0, 1), (0, 1), (1, 2), (2, 1), (1, 20), (20, 1), (1, 10), (10, 1))),
    ),
    min_size=2, max_size=10,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    book=BOOK,
    caps=st.dictionaries(st.sampled_from(("NOR", "SUD", "OST")), st.integers(0, 60)),
    kind=st.booleans(),
)
def test_nobody_ever_gives_for_nothing_and_residual_accounts_give_roundings_alone(book, caps, kind):
    """Orders of a few minor units, some of which buy one minor unit, some none."""
    net = Market(fx_floating=["NOR", "SUD", "OST"] if kind else [], fx_orders_min=1, fx_band_bp=500)
    for owner, (sell, buy, _), amount, limit in book:
        net.put(owner, sell, buy, amount, limit)
    for asset, minor in caps.items():
        net.cap(ANNA, asset, minor)
    if net.ask(AUCTION if kind else REFERENCE).code:
        return
    outcome = net.fill()

    assert Code.DONE == outcome.code, outcome
    assert all(fill.bought_minor > 0 for fill in fills(outcome))
    assert all(minor > -2 for minor in net.rests().values())
    net.check()

"""Whatever a solver proposes for FX orders: refused with nothing changed, or every promise to their owners kept."""

from itertools import combinations
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.flows import pool
from steelyard.flows.fx_fill import FillFields
from steelyard.liquidity.order_book import AUCTION, REFERENCE, FxOrder
from tests.flows.batches import same_state
from tests.flows.fxorders import Market, fills
from tests.flows.payworld import ANNA, ARNE, ASSETS, BANKS, BRAM, CLEO

WAYS = [(one, two) for one in ASSETS for two in ASSETS if one != two]
LIMITS = [(0, 1), (1, 2), (49, 100), (2, 1), (196, 100), (1, 20), (20, 1), (1, 10), (10, 1)]
ORDERS = st.lists(
    st.tuples(
        st.sampled_from((ANNA, ARNE, BRAM, CLEO)), st.sampled_from(WAYS), st.integers(1, 400), st.sampled_from(LIMITS)
    ),
    min_size=2, max_size=9,
)  # fmt: skip
LIES = st.fixed_dictionaries(
    {},
    optional={
        "out": st.sets(st.integers(0, 8), max_size=3),
        "shift": st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(1, 200)), max_size=3),
        "add": st.lists(st.tuples(st.integers(0, 8), st.integers(-200, 200)), max_size=2),
        "prices": st.lists(st.sampled_from([1, 2, 3, 20, 41, 2001]), min_size=3, max_size=3),
        "priced": st.just(False),
    },
)


def lying(net: Market, fields: FillFields, lies: dict[str, Any]) -> FillFields:
    """Give a proposal with other debits than the honest one, its credits worked out at its prices."""
    orders = [*net.world.fx_orders.in_order()]
    seqs = [sum(fields.seqs[: place + 1]) for place in range(len(fields.seqs))]
    sold = {order.seq: 0 for order in orders} | dict(zip(seqs, fields.sold, strict=True))
    names = [order.seq for order in orders]
    for place in sorted(lies.get("out", ())):
        sold[names[place % len(names)]] = 0
    for one, other, much in lies.get("shift", ()):
        sold[names[one % len(names)]] += much
        sold[names[other % len(names)]] -= much
    for place, much in lies.get("add", ()):
        sold[names[place % len(names)]] += much
    prices = fields.prices
    if "prices" in lies:
        prices = [(asset, str(price)) for asset, price in zip(sorted(ASSETS), lies["prices"], strict=True)]
    if "priced" in lies:
        prices = []
    worth = dict(net.world.fx_orders.open.batch.units) | {asset: int(text) for asset, text in prices}
    chosen = [(order, sold[order.seq]) for order in orders if sold[order.seq] > 0]
    seqs = [order.seq for order, _ in chosen]
    return msgspec.structs.replace(
        fields,
        seqs=[seq - last for seq, last in zip(seqs, [0, *seqs], strict=False)],
        sold=[minor for _, minor in chosen],
        bought=dealt(chosen, worth),
        prices=prices,
        certificates=[],
    )


def dealt(chosen: list[tuple[FxOrder, int]], worth: dict[str, int]) -> list[int]:
    """Work credits out as the rules say: rounded down, what is over dealt pro rata, largest remainder, oldest first."""
    bought = [sold * worth[order.sell] // worth[order.buy] for order, sold in chosen]
    for asset in ASSETS:
        over = sum(sold for order, sold in chosen if order.sell == asset)
        mine = [place for place, (order, _) in enumerate(chosen) if order.buy == asset and bought[place]]
        total = sum(bought[place] for place in mine)
        over -= sum(bought[place] for place, (order, _) in enumerate(chosen) if order.buy == asset)
        if over > 0 and total:
            shares = {place: divmod(bought[place] * over, total) for place in mine}
            left = over - sum(share for share, _ in shares.values())
            lucky = sorted(mine, key=lambda place: (-shares[place][1], place))[:left]
            for place in mine:
                bought[place] += shares[place][0] + (place in lucky)
    return bought


def holds(before: dict[bytes, FxOrder], filled: list[Any], net: Market) -> None:
    """Find every promise kept by fills, looked at two by two."""
    for one in filled:
        order, (sell, buy) = before[one.order_id], map(int, one.price)
        assert 0 < one.sold_minor <= order.open_minor
        assert one.bought_minor > 0
        assert one.sold_minor * sell // buy <= one.bought_minor
        assert sell * order.limit_den >= buy * order.limit_num
    for one, two in combinations(filled, 2):
        first, second = before[one.order_id], before[two.order_id]
        same = (first.sell, first.buy, first.limit) == (second.sell, second.buy, second.limit)
        if same:  # one share of both, within a minor unit of each
            gap = one.sold_minor * second.open_minor - two.sold_minor * first.open_minor
            assert abs(gap) < first.open_minor + second.open_minor
    for asset in ASSETS:
        assert -net.balance("operator", asset, "residual") < len(ASSETS)
        if pool.transit(net.world, asset):
            assert 0 == net.world.engine.balance(pool.transit(net.world, asset)).balance


@settings(max_examples=120, deadline=None)
@given(book=ORDERS, lies=LIES, floating=st.booleans())
def test_a_lie_about_fills_is_refused_or_harmless(
    book: list[Any], lies: dict[str, Any], floating: bool
) -> None:
    net = Market(fx_floating=list(ASSETS) if floating else [], fx_orders_min=1, fx_band_bp=500)
    for owner, way, amount, limit in book:
        net.put(owner, *way, amount, limit)
    if net.ask(AUCTION if floating else REFERENCE).code:
        return
    before, state = dict(net.world.fx_orders.orders), same_state(net)
    total = {asset: sum(net.balance(bic, asset) for bic in BANKS) for asset in ASSETS}
    outcome = net.give("fx_batch.propose", lying(net, net.fields(), lies), "operator", actor="node")

    net.check()
    if outcome.code:
        assert state == same_state(net)
        assert net.fill().code == 0  # the honest one still stands
    else:
        holds(before, fills(outcome), net)
        for asset in ASSETS:
            rest = net.balance("operator", asset, "residual")
            assert total[asset] == sum(net.balance(bic, asset) for bic in BANKS) + rest

"""What fills of an FX batch come to at its prices, worked out anew to compare; plain whole numbers, no search.

A credit is the debit times the price of what is sold over the price of what is bought, rounded down. What is then
left of a currency goes to its buyers pro rata to their credits (largest remainder, ties by seq); a lack, or a rest
nobody bought, is its residual account's. At reference rates all orders of a pair give in the same proportion; the
rule of an auction stands in `auction_check.py`. An order whose share would pay for nothing is left out of either.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from steelyard.liquidity.order_book import FxOrder
from steelyard.liquidity.orders import Order
from steelyard.liquidity.units import column, deal

Prices = Mapping[str, int]
"""What a minor unit of each currency is worth; only ratios mean anything"""
Caps = Mapping[tuple[str, str], int]
Pair = tuple[str, str]
"""(sold, bought)"""


class Row(NamedTuple):
    """An order as the checks see it: `size` is what its owner's cap lets into the batch, 0/1 takes any rate."""

    seq: int
    owner: str
    sell: str
    buy: str
    size: int
    limit_num: int
    limit_den: int


class Credited(NamedTuple):
    """Minor units that each fill gives, in the order of the fills, and what residual accounts take (below 0: give)."""

    bought: list[int]
    residual: dict[str, int]


def row(order: FxOrder) -> Row:
    """Give a standing order as the checks see it."""
    return Row(
        order.seq, order.owner, order.sell, order.buy, order.open_minor, order.limit_num, order.limit_den
    )


def row_of(order: Order) -> Row:
    """Give an order of a snapshot as the checks see it."""
    num, den = (0, 1) if order.limit is None else order.limit.as_integer_ratio()
    return Row(order.seq, order.member, order.sell, order.buy, order.amount_minor, num, den)


def is_within_limit(order: FxOrder | Row, prices: Prices) -> bool:
    """Tell whether the ratio of two prices is at least an order's limit, exactly."""
    return prices[order.sell] * order.limit_den >= prices[order.buy] * order.limit_num


def dust(pair: Pair, prices: Prices) -> int:
    """Give the most minor units of what is sold that are worth less than one of what is bought.

    >>> dust(("NOR", "OST"), {"NOR": 1, "OST": 20})
    19
    """
    return (prices[pair[1]] - 1) // prices[pair[0]]


def credits(fills: Sequence[tuple[FxOrder | Row, int]], prices: Prices) -> Credited:
    """Give what fills (order, minor units sold), by ascending seq, get."""
    bought = [sold * prices[order.sell] // prices[order.buy] for order, sold in fills]
    left: dict[str, int] = {}
    buyers: dict[str, list[int]] = {}
    for place, (order, sold) in enumerate(fills):
        left[order.sell] = left.get(order.sell, 0) + sold
        left[order.buy] = left.get(order.buy, 0) - bought[place]
        if bought[place]:
            buyers.setdefault(order.buy, []).append(place)
    for asset, places in buyers.items():
        if left[asset] > 0:
            extra = deal(column([bought[place] for place in places]), left[asset]).tolist()
            for place, more in zip(places, extra, strict=True):
                bought[place] += more
            left[asset] = 0
    return Credited(bought, {asset: left[asset] for asset in sorted(left) if left[asset]})


def is_balanced(rows: Iterable[Row], residual: Mapping[str, int]) -> bool:
    """Tell whether what lacks of each currency is a rounding: less than a minor unit per pair that sells it."""
    pairs = {(one.sell, one.buy) for one in rows}
    selling: dict[str, int] = {}
    for sell, _ in sorted(pairs):
        selling[sell] = selling.get(sell, 0) + 1
    return all(-minor < max(1, selling.get(asset, 0)) for asset, minor in residual.items())


def capped(rows: Iterable[Row], caps: Caps) -> list[Row]:
    """Give orders, by ascending seq, as their owners' caps let them into a batch: the newest are cut."""
    if not caps:
        return list(rows)
    room, found = dict(caps), []
    for one in rows:
        key = one.owner, one.sell
        if key in room:
            size = min(one.size, room[key])
            room[key] -= size
            if size:
                found.append(one if size == one.size else one._replace(size=size))
        else:
            found.append(one)
    return found


def alive(rows: Sequence[Row], sold_of: Mapping[int, int], prices: Prices) -> list[Row]:
    """Give those of one pair and limit whose share would pay for something, and all that have one.

    Left out is an order without a fill that together with those that have one would get less than it takes to
    buy a minor unit.
    """
    least = dust((rows[0].sell, rows[0].buy), prices) + 1
    total = sum(sold_of.get(one.seq, 0) for one in rows)
    sizes = sum(one.size for one in rows if one.seq in sold_of)
    return [
        one
        for one in rows
        if one.seq in sold_of
        or (one.size >= least and (not total or one.size * total >= least * (sizes + one.size)))
    ]


def is_shared(rows: Iterable[Row], sold_of: Mapping[int, int]) -> bool:
    """Tell whether orders are filled in one proportion: a share of each size within a minor unit of what is sold.

    >>> one, two = Row(1, "A", "NOR", "SUD", 100, 0, 1), Row(2, "B", "NOR", "SUD", 50, 0, 1)
    >>> is_shared([one, two], {1: 67, 2: 33}), is_shared([one, two], {1: 70, 2: 30})
    (True, False)
    """
    low, high = (-1, 1), (2, 1)
    for one in rows:
        sold, size = sold_of.get(one.seq, 0), one.size
        if (sold - 1) * low[1] > low[0] * size:
            low = sold - 1, size
        if (sold + 1) * high[1] < high[0] * size:
            high = sold + 1, size
    return low[0] * high[1] < high[0] * low[1]


def passed_over(rows: Iterable[Row], sold_of: Mapping[int, int], prices: Prices) -> list[Pair]:
    """Give the pairs of currencies whose orders that take the rate are not all filled in one proportion."""
    pairs: dict[Pair, list[Row]] = {}
    for one in rows:
        if is_within_limit(one, prices):
            pairs.setdefault((one.sell, one.buy), []).append(one)
    return [pair for pair in sorted(pairs) if not is_shared(alive(pairs[pair], sold_of, prices), sold_of)]


def are_named(rows: Iterable[Row], prices: Iterable[str], units: Prices) -> bool:
    """Tell whether prices name the currencies of all orders that are worth a minor unit of what they buy."""
    named = frozenset(prices)
    return all({one.sell, one.buy} <= named for one in rows if one.size > dust((one.sell, one.buy), units))


def within_band(prices: Prices, units: Prices, band_bp: int) -> bool:
    """Tell whether on some common scale every price is within the band round its reference."""
    most = least = next(iter(prices))
    for asset in prices:
        if prices[asset] * units[most] > prices[most] * units[asset]:
            most = asset
        if prices[asset] * units[least] < prices[least] * units[asset]:
            least = asset
    high, low = prices[most] * units[least], prices[least] * units[most]
    return high * (10_000 - band_bp) <= low * (10_000 + band_bp)

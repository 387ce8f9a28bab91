"""What fills of an FX batch come to at its prices, worked out anew to compare; plain whole numbers, no search.

A credit is the debit times the price of what is sold over the price of what is bought, rounded down. What is then
left of a currency goes to its buyers pro rata to their credits (largest remainder, ties by seq); a lack, or a rest
nobody bought, is its residual account's. At reference rates all orders of a pair give in the same proportion.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from steelyard.liquidity.order_book import FxOrder
from steelyard.liquidity.units import column, deal

Prices = Mapping[str, int]
"""What a minor unit of each currency is worth; only ratios mean anything"""


class Credited(NamedTuple):
    """Minor units that each fill gives, in the order of the fills, and what residual accounts take (below 0: give)."""

    bought: list[int]
    residual: dict[str, int]


def is_within_limit(order: FxOrder, prices: Prices) -> bool:
    """Tell whether the ratio of two prices is at least an order's limit, exactly."""
    return prices[order.sell] * order.limit_den >= prices[order.buy] * order.limit_num


def credits(fills: Sequence[tuple[FxOrder, int]], prices: Prices) -> Credited:
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


def sizes(orders: Iterable[FxOrder], caps: Mapping[tuple[str, str], int]) -> dict[int, int]:
    """Give how much of each order, by ascending seq, its owner's cap lets into a batch: its newest are cut."""
    room, found = dict(caps), {}
    for order in orders:
        key = order.owner, order.sell
        size = min(order.open_minor, room.get(key, order.open_minor))
        if key in room:
            room[key] -= size
        if size:
            found[order.seq] = size
    return found


def passed_over(
    orders: Iterable[FxOrder], size_of: Mapping[int, int], sold_of: Mapping[int, int]
) -> tuple[str, str] | None:
    """Give the first pair of currencies whose orders are not all filled in one proportion, or None.

    One proportion: some share of every size is less than one minor unit away from what is sold of it.
    """
    lows: dict[tuple[str, str], tuple[int, int]] = {}
    highs: dict[tuple[str, str], tuple[int, int]] = {}
    for order in orders:
        size, sold, pair = size_of.get(order.seq, 0), sold_of.get(order.seq, 0), (order.sell, order.buy)
        if not size:
            continue
        low, high = lows.get(pair), highs.get(pair)
        if low is None or (sold - 1) * low[1] > low[0] * size:
            lows[pair] = sold - 1, size
        if high is None or (sold + 1) * high[1] < high[0] * size:
            highs[pair] = sold + 1, size
    for pair in sorted(lows):
        low, high = lows[pair], highs[pair]
        if low[0] * high[1] >= high[0] * low[1]:
            return pair
    return None


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

"""The call auction: one price at which the most trades, and who trades with whom at it.

D(p) is what would be bought at p: market buys and bids at p or more. S(p) is what would be sold. `RULE` is the
whole rule of the price. Quantities are lots, prices minor units on the tick; sums are of any size, so nothing
overflows. Icebergs count with their full size. Self-trade prevention is off: everybody trades at one price.

Candidates are prices of orders, not every tick between them: a price that nobody wrote can win only as the
reference, or as the middle where there is none.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import accumulate
from operator import attrgetter, sub
from typing import NamedTuple

from msgspec import Struct

RULE = """\
Candidates are the limit prices of the orders in the book, and the reference where market orders take part.
1. The candidates with the largest volume, the smaller of what is bought and what is sold, remain.
2. Of these remain those with the smallest surplus, whichever side it is on.
3. Buyers in surplus at all that remain: the highest of them. Sellers in surplus at all: the lowest.
   With a pressure cap of k per cent and a reference: instead the reference moved by k per cent to the side
   of the pressure, rounded to the tick towards the reference, clamped between the lowest and the highest.
4. Else the reference, clamped between the lowest and the highest that remain; without a reference their
   middle, rounded down to the tick.
Only market orders: the reference; without one there is no price. No volume: no price.
"""
"""How the price is found, in words that docs and API print."""

Level = tuple[int, int]
"""A limit price and a quantity at it; a price may come more than once."""


class CallOrder(NamedTuple):
    """An order in a call. `price` is None for a market order; `time` is the sequence number that ranks it."""

    id: str
    price: int | None
    quantity: int
    time: int


class CallTrade(NamedTuple):
    """One buyer and one seller of the auction; all trade at its price."""

    buy: str
    sell: str
    quantity: int


class Uncrossed(Struct, array_like=True, frozen=True, gc=False):
    """What an auction came to. `surplus` is what was bought at the price less what was sold."""

    price: int
    volume: int
    surplus: int
    trades: list[CallTrade]


def auction_price(
    bids: Iterable[Level],
    asks: Iterable[Level],
    *,
    market_buy: int = 0,
    market_sell: int = 0,
    reference: int | None = None,
    tick: int = 1,
    pressure_cap_pct: int | str | Fraction | None = None,
) -> tuple[int, int, int] | None:
    """Find price, volume and surplus (buys less sells) of a call auction, or None where there is no price.

    `bids` and `asks` are (limit price, quantity > 0) in any order, prices and `reference` on the tick; market
    quantities are sums. `pressure_cap_pct` is an exact decimal.

    Rule 4 cannot lose volume at a price between candidates: what is bought falls and what is sold rises with the
    price, so between two candidates each of them is at least the smaller of what it is at the ends.

    >>> auction_price([(512, 40), (511, 30), (509, 50)], [(508, 20), (510, 35), (512, 60)])
    (511, 55, 15)
    >>> auction_price([], [(1490, 30)], market_buy=25, reference=1500)
    (1490, 25, -5)
    >>> auction_price([(71, 30), (70, 10), (66, 40)], [(65, 25), (68, 15), (72, 50)], reference=69)
    (69, 40, 0)
    """
    curve = _Curve(bids, asks, market_buy, market_sell, reference)
    if not curve.prices:
        return None
    volumes = list(map(min, curve.bought, curve.sold))
    volume = max(volumes)
    if volume <= 0:
        return None
    surpluses = list(map(sub, curve.bought, curve.sold))
    # Volume has one plateau and the surplus falls along it, so what remains lies side by side.
    most = [place for place, one in enumerate(volumes) if one == volume]
    least = min(abs(surpluses[place]) for place in most)
    left = [place for place in most if abs(surpluses[place]) == least]
    first, last = surpluses[left[0]], surpluses[left[-1]]
    pressure = 1 if last > 0 else -1 if first < 0 else 0
    low, high = curve.prices[left[0]], curve.prices[left[-1]]
    price = _choose(low, high, pressure, reference=reference, tick=tick, cap=pressure_cap_pct)
    bought, sold = curve.at(price)
    return price, min(bought, sold), bought - sold


def uncross(
    bids: Iterable[CallOrder],
    asks: Iterable[CallOrder],
    *,
    reference: int | None = None,
    tick: int = 1,
    pressure_cap_pct: int | str | Fraction | None = None,
) -> Uncrossed | None:
    """Find the price of a call auction and pair its orders, or None where there is no price.

    >>> done = uncross([CallOrder("b", 102, 5, 1)], [CallOrder("s", 100, 3, 2)], reference=101)
    >>> done.price, done.surplus, [tuple(trade) for trade in done.trades]
    (102, 2, [('b', 's', 3)])
    """
    bids, asks = list(bids), list(asks)
    found = auction_price(
        [(one.price, one.quantity) for one in bids if one.price is not None],
        [(one.price, one.quantity) for one in asks if one.price is not None],
        market_buy=sum([one.quantity for one in bids if one.price is None]),
        market_sell=sum([one.quantity for one in asks if one.price is None]),
        reference=reference,
        tick=tick,
        pressure_cap_pct=pressure_cap_pct,
    )
    if found is None:
        return None
    price, volume, surplus = found
    buys = ranked([one for one in bids if one.price is None or one.price >= price], highest_first=True)
    sells = ranked([one for one in asks if one.price is None or one.price <= price], highest_first=False)
    return Uncrossed(price, volume, surplus, pair(buys, sells, volume))


def ranked(orders: Iterable[CallOrder], *, highest_first: bool) -> list[CallOrder]:
    """Order one side for allocation: market orders, then better limits, then time.

    >>> [one.id for one in ranked([CallOrder("a", 7, 1, 1), CallOrder("b", 9, 1, 2), CallOrder("c", None, 1, 3)],
    ...     highest_first=True)]
    ['c', 'b', 'a']
    """
    in_time = sorted(orders, key=attrgetter("time"))
    limits = [one for one in in_time if one.price is not None]
    limits.sort(key=attrgetter("price"), reverse=highest_first)  # keeps the order of equals, reversed or not
    return [one for one in in_time if one.price is None] + limits


def pair(buys: Sequence[CallOrder], sells: Sequence[CallOrder], volume: int) -> list[CallTrade]:
    """Pair both sides from the front until `volume` has traded; the last order of a side may be partial.

    Both are in the order of allocation, and hold at least `volume` each.

    >>> pair([CallOrder("b", 9, 5, 1)], [CallOrder("s", 8, 2, 2), CallOrder("t", 9, 9, 3)], 5)
    [CallTrade(buy='b', sell='s', quantity=2), CallTrade(buy='b', sell='t', quantity=3)]
    """
    trades: list[CallTrade] = []
    buying, selling = iter(buys), iter(sells)
    buy = sell = ""
    buy_left = sell_left = 0
    while volume:
        if not buy_left:
            buy, _, buy_left, _ = next(buying)
        if not sell_left:
            sell, _, sell_left, _ = next(selling)
        quantity = buy_left if buy_left < sell_left else sell_left
        if quantity > volume:
            quantity = volume
        trades.append(CallTrade(buy, sell, quantity))
        buy_left -= quantity
        sell_left -= quantity
        volume -= quantity
    return trades


class _Curve:
    """What is bought and sold at every candidate; `prices` ascend, the other two lists lie beside them."""

    __slots__ = ("bought", "market_buy", "market_sell", "prices", "sold")

    def __init__(
        self,
        bids: Iterable[Level],
        asks: Iterable[Level],
        market_buy: int,
        market_sell: int,
        reference: int | None,
    ) -> None:
        buy, sell = _by_price(bids), _by_price(asks)
        candidates = buy.keys() | sell.keys()
        if reference is not None and (market_buy or market_sell):
            candidates.add(reference)
        self.prices = sorted(candidates)
        self.market_buy, self.market_sell = market_buy, market_sell
        bought = accumulate([buy.get(price, 0) for price in reversed(self.prices)], initial=market_buy)
        self.bought = list(bought)[:0:-1]
        sold = accumulate([sell.get(price, 0) for price in self.prices], initial=market_sell)
        self.sold = list(sold)[1:]

    def at(self, price: int) -> tuple[int, int]:
        """Give what is bought and sold at any price, a candidate or not."""
        place = bisect_left(self.prices, price)
        inside = place < len(self.prices)
        if inside and self.prices[place] == price:
            return self.bought[place], self.sold[place]
        return (
            self.bought[place] if inside else self.market_buy,
            self.sold[place - 1] if place else self.market_sell,
        )


def _by_price(levels: Iterable[Level]) -> dict[int, int]:
    sums: dict[int, int] = {}
    for price, quantity in levels:
        sums[price] = sums.get(price, 0) + quantity
    return sums


def _choose(
    low: int,
    high: int,
    pressure: int,
    *,
    reference: int | None,
    tick: int,
    cap: int | str | Fraction | None,
) -> int:
    """Apply rules 3 and 4 to the range of what remains."""
    if pressure and (cap is None or reference is None):
        return high if pressure > 0 else low
    if reference is None:
        return (low + high) // (2 * tick) * tick
    if pressure and cap is not None:
        reference = _pressed(reference, pressure, cap=Fraction(cap), tick=tick)
    return min(max(reference, low), high)


def _pressed(reference: int, pressure: int, *, cap: Fraction, tick: int) -> int:
    """Move the reference by `cap` per cent to the side of the pressure, rounded to the tick towards it.

    >>> _pressed(1010, 1, cap=Fraction(1), tick=5), _pressed(1010, -1, cap=Fraction(1), tick=5)
    (1020, 1000)
    """
    num = reference * (100 * cap.denominator + pressure * cap.numerator)
    den = 100 * cap.denominator * tick
    rises = num > reference * 100 * cap.denominator
    return (num // den if rises else -(-num // den)) * tick

"""The call auction as the rule reads, price by price and order by order. Shares nothing with the system."""

from fractions import Fraction
from math import ceil, floor


def naive_price(bids, asks, market_buy, market_sell, reference, tick, cap):
    """Give (price, volume, surplus) or None; bids and asks are (price, quantity)."""

    def bought(price):
        return market_buy + sum(quantity for limit, quantity in bids if limit >= price)

    def sold(price):
        return market_sell + sum(quantity for limit, quantity in asks if limit <= price)

    candidates = [limit for limit, _ in bids + asks]
    if reference is not None and market_buy + market_sell > 0:
        candidates.append(reference)
    if not candidates:
        return None
    volume = max(min(bought(price), sold(price)) for price in candidates)
    if volume == 0:
        return None
    left = [price for price in candidates if min(bought(price), sold(price)) == volume]
    smallest = min(abs(bought(price) - sold(price)) for price in left)
    left = [price for price in left if abs(bought(price) - sold(price)) == smallest]
    surpluses = [bought(price) - sold(price) for price in left]
    if all(one > 0 for one in surpluses) or all(one < 0 for one in surpluses):
        if cap is None or reference is None:
            price = max(left) if surpluses[0] > 0 else min(left)
        elif surpluses[0] > 0:
            target = floor(Fraction(reference * (100 + cap), 100 * tick)) * tick
            price = sorted([min(left), target, max(left)])[1]
        else:
            target = ceil(Fraction(reference * (100 - cap), 100 * tick)) * tick
            price = sorted([min(left), target, max(left)])[1]
    elif reference is not None:
        price = sorted([min(left), reference, max(left)])[1]
    else:
        price = floor(Fraction(min(left) + max(left), 2 * tick)) * tick
    return price, min(bought(price), sold(price)), bought(price) - sold(price)


def naive_trades(bids, asks, price, volume):
    """Pair unit by unit; orders are (id, price or None, quantity, time)."""

    def units(orders, sign):
        inside = [one for one in orders if one[1] is None or sign * one[1] >= sign * price]
        inside.sort(key=lambda one: (one[1] is not None, -sign * (one[1] or 0), one[3]))
        return [one[0] for one in inside for _ in range(one[2])][:volume]

    trades = []
    for buy, sell in zip(units(bids, 1), units(asks, -1), strict=True):
        if trades and trades[-1][:2] == [buy, sell]:
            trades[-1][2] += 1
        else:
            trades.append([buy, sell, 1])
    return trades

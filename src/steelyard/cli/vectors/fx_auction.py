"""`fx-auction/1`: limit orders that make their own prices.

Amounts and ratios are compared within a millionth. The rules hold exactly: at the prices found orders strictly in
the money fill whole, those out of it not at all, and of each currency as much is sold as is bought.
"""

from fractions import Fraction
from typing import Any

from steelyard.cli.vectors.compare import Check, Failure, judged, same
from steelyard.liquidity.algorithms.price_batch import Prices, find_prices
from steelyard.liquidity.orders import Order

CLOSE = Fraction(1, 10**6)


def judge(case: dict[str, Any]) -> list[Failure]:
    """Check a case, and the rules whatever is expected."""
    orders = [
        Order(one["id"], one["sell"], one["buy"], one["amount"], Fraction(one["min_rate"]), seq=place)
        for place, one in enumerate(case["orders"])
    ]
    found = find_prices(orders)
    checks: dict[str, Check] = {
        "fills": lambda expected: _fills("fills", expected, found),
        "price_ratio": lambda expected: _ratios(expected, found),
        "pair_only_fills": lambda expected: _fills(
            "pair_only_fills", expected, find_prices(orders, pair_only=True)
        ),
        "note": lambda _: [],
    }
    broken = [Failure("rules", rule=rule) for rule in _broken(orders, found)]
    return [*judged(case["expect"], checks), *broken]


def _fills(key: str, expected: dict[str, str], found: Prices) -> list[Failure]:
    failures: list[Failure] = []
    for name, text in expected.items():
        fill = found.fills.get(name)
        if fill is None or not _close(Fraction(text), Fraction(fill)):
            failures += same(f"{key}.{name}", text, None if fill is None else str(fill))
    return failures


def _ratios(expected: list[list[str]], found: Prices) -> list[Failure]:
    failures: list[Failure] = []
    for a, b, text in expected:
        key = f"price_ratio.{a}/{b}"
        ratio = found.ratio(a, b) if {a, b} <= found.prices.keys() else None
        if ratio is None or not _close(Fraction(text), ratio):
            failures += same(key, text, None if ratio is None else str(ratio))
    return failures


def _close(wanted: Fraction, given: Fraction) -> bool:
    return abs(wanted - given) <= CLOSE * abs(wanted)


def _broken(orders: list[Order], found: Prices) -> list[str]:
    """Name the rules that prices and fills break; without prices only that nothing fills."""
    broken, left = [], dict[str, Fraction]()
    for one in orders:
        fill = Fraction(found.fills.get(one.id, 0))
        if not found.prices:
            if fill:
                broken.append(f"{one.id} sells {fill} without prices")
            continue
        ratio, limit = found.ratio(one.sell, one.buy), one.limit or 0
        least = one.amount_minor if ratio > limit else 0
        most = one.amount_minor if ratio >= limit else 0
        if not least <= fill <= most:
            broken.append(f"{one.id} sells {fill} of {one.amount_minor} at {ratio}, limit {limit}")
        left[one.sell] = left.get(one.sell, Fraction(0)) + fill
        left[one.buy] = left.get(one.buy, Fraction(0)) - fill * ratio
    broken += [
        f"of {currency} {rest} more is sold than bought" for currency, rest in sorted(left.items()) if rest
    ]
    return broken

"""The forward curve: the settlement price of every delivery month, with the tier that it comes from.

A month without a settlement price has none on the curve. Nothing is drawn between months.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from msgspec import Struct

from steelyard.market.settlement_price import Tier

Exact = int | str | Fraction


class CurvePoint(Struct, array_like=True, frozen=True, gc=False):
    """A month of the curve, "YYYY-MM". `price` is "p/q" text in minor units of the contract's unit; empty: none."""

    month: str
    price: str = ""
    tier: str = ""


def forward_curve(months: Iterable[str], settled: Mapping[str, tuple[Exact, int | str]]) -> list[CurvePoint]:
    """Give the curve over listed months, in their order; `settled` is (price, tier or its name) by month.

    >>> [(point.month, point.price, point.tier) for point in
    ...  forward_curve(["2027-05", "2027-03", "2027-09"], {"2027-03": (210, 1), "2027-09": ("841/4", 4)})]
    [('2027-03', '210', 'vwap'), ('2027-05', '', ''), ('2027-09', '841/4', 'neighbour')]
    """
    points = []
    for month in sorted(set(months)):
        price, tier = settled.get(month, (None, 0))
        if price is None:
            points.append(CurvePoint(month))
        else:
            name = tier if isinstance(tier, str) else Tier(tier).name.lower()
            points.append(CurvePoint(month, str(Fraction(price)), name))
    return points

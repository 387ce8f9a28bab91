"""Group `settlement_price`: the price of a day and the tier it comes from."""

from fractions import Fraction
from typing import Any

from steelyard.cli.vectors.compare import Failure, judged, same
from steelyard.cli.vectors.market.values import exact, number, unknown_inputs
from steelyard.market.settlement_price import Tier, settlement_price

INPUTS = frozenset({"tick", "prior", "window_trades", "last", "bid", "ask", "neighbour_change"})


def judge(given: dict[str, Any], expect: dict[str, Any]) -> list[Failure]:
    """Check a case."""

    def maybe(name: str) -> Fraction | None:
        value = given.get(name)
        return None if value is None else exact(value)

    price, tier = settlement_price(
        [(exact(price), exact(lots)) for price, lots in given.get("window_trades", ())],
        tick=exact(given["tick"]),
        previous=maybe("prior"),
        last=maybe("last"),
        bid=maybe("bid"),
        ask=maybe("ask"),
        neighbour_change=maybe("neighbour_change"),
    )
    return unknown_inputs(given, INPUTS) + judged(
        expect,
        {
            "price": lambda one: number("price", one, price),
            "tier": lambda one: same("tier", one, Tier(tier).name.lower()),
        },
    )

"""`fx-fixed-batch/1`: orders at reference values; how much value matches, how much pairs alone would match."""

from collections import Counter
from typing import Any

from steelyard.cli.vectors.compare import Check, Failure, judged, same
from steelyard.liquidity.algorithms.reference_batch import Matched, match_at_reference, pair_only_value
from steelyard.liquidity.orders import Order
from steelyard.solve.flow import OrToolsFlow


def judge(case: dict[str, Any]) -> list[Failure]:
    """Check a case, and that its fills keep the rules of the batch whatever is expected."""
    values: dict[str, int] = case["reference_value_per_minor_unit"]
    orders = [
        Order(one["id"], one["sell_ccy"], one["buy_ccy"], one["amount"], seq=place)
        for place, one in enumerate(case["orders"])
    ]
    matched = match_at_reference(orders, values, solver=OrToolsFlow())
    unit = 10**matched.digits
    pairs = pair_only_value(orders, values)
    checks: dict[str, Check] = {
        "gross_value": lambda expected: same("gross_value", expected * unit, matched.gross_value),
        "max_matched_value": lambda expected: same("max_matched_value", expected * unit, matched.value),
        "pair_only_matched_value": lambda expected: same("pair_only_matched_value", expected * unit, pairs),
        "excess_demand_value": lambda expected: _excess(expected, unit, matched),
    }
    broken = [Failure("fills", rule=rule) for rule in _broken(orders, values, matched)]
    return [*judged(case["expect"], checks), *broken]


def _excess(expected: dict[str, int], unit: int, matched: Matched) -> list[Failure]:
    """Compare currency by currency."""
    failures: list[Failure] = []
    for currency in sorted({*expected, *matched.excess}):
        wanted = expected.get(currency, 0) * unit
        failures += same(f"excess_demand_value.{currency}", wanted, matched.excess.get(currency, 0))
    return failures


def _broken(orders: list[Order], values: dict[str, int], matched: Matched) -> list[str]:
    """Name the rules that fills break.

    Nobody sells more than its order. Nobody gets more than it sold is worth, but for what rounding leaves: below one
    minor unit an order. What is sold of a currency is what is bought of it and the rest that is accounted for; what
    is taken from the residual account is below one minor unit for each pair.
    """
    known, left, broken = {one.id: one for one in orders}, Counter[str](), []
    for name, fill in matched.fills.items():
        one = known.get(name)
        if one is None or not 0 < fill.sold_minor <= one.amount_minor or fill.bought_minor < 0:
            broken.append(f"{name} sells {fill.sold_minor} for {fill.bought_minor}")
            continue
        left[one.sell] += fill.sold_minor
        left[one.buy] -= fill.bought_minor
        due = fill.sold_minor * values[one.sell]
        if fill.bought_minor * values[one.buy] > due + values[one.buy] * len(orders):
            broken.append(f"{name} gets {fill.bought_minor}, worth more than it sold")
    pairs = len({(one.sell, one.buy) for one in orders})
    for currency in sorted(values):
        rest = matched.residual_minor.get(currency, 0)
        if left[currency] != rest:
            broken.append(
                f"{currency} leaves {left[currency]} minor units, of which {rest} are accounted for"
            )
        if rest < 0 and -rest >= pairs:
            broken.append(f"{currency} takes {-rest} minor units from the residual account")
    return broken

"""Group `margin`: by scan of a price range, by history (FHS), and variation margin; which one, its inputs tell."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from steelyard.cli.vectors.compare import Check, Failure, judged
from steelyard.cli.vectors.market.values import exact, number, numbers, unknown_inputs, whole, wholes
from steelyard.market.clearing.fhs import CONFIDENCE, DAYS, DECAY, History, fhs_risk, sigma_now
from steelyard.market.clearing.margin import Held, scan_margin, variation_margin

CENT, FINE = Fraction(1, 100), Fraction(1, 10**9)
SCAN = frozenset({"lots", "unit_t", "scan_range_per_t", "intermonth_charge_per_t", "settle"})
HISTORY = frozenset(
    {"position_value", "mpor_days", "confidence", "lambda", "var0", "returns", "stress_returns"}
)
VARIATION = frozenset({"unit_t", "prev_settle", "settle", "carried", "trades"})


def judge(given: dict[str, Any], expect: dict[str, Any]) -> list[Failure]:
    """Check a case."""
    if "returns" in given:
        return unknown_inputs(given, HISTORY) + judged(expect, _history(given))
    if "lots" in given:
        return unknown_inputs(given, SCAN) + judged(expect, _scan(given))
    return unknown_inputs(given, VARIATION) + judged(expect, _variation(given))


def _scan(given: Mapping[str, Any]) -> dict[str, Check]:
    margin = scan_margin(
        wholes(given["lots"]),
        unit=exact(given["unit_t"]),
        scan_range=exact(given["scan_range_per_t"]),
        spread_charge=exact(given.get("intermonth_charge_per_t", 0)),
    )
    return {"margin": lambda one: number("margin", one, margin)}


def _history(given: Mapping[str, Any]) -> dict[str, Check]:
    returns = [float(exact(one)) for one in given["returns"]]
    stress = [[float(exact(one))] for one in given.get("stress_returns") or ()]
    var0, decay = float(exact(given["var0"])), exact(given.get("lambda", DECAY))
    (found,) = fhs_risk(
        [[float(exact(given["position_value"]))]],  # type: ignore[list-item]
        History([[one] for one in returns], [var0], stress),
        days=whole(given.get("mpor_days", DAYS)),
        confidence=exact(given.get("confidence", CONFIDENCE)),
        decay=decay,
    )
    sigma = sigma_now(returns, var0, decay)
    return {
        "sigma_now": lambda one: number("sigma_now", one, sigma, within=FINE),
        "var": lambda one: number("var", one, found.var, within=CENT),
        "es": lambda one: number("es", one, found.es, within=CENT),
        "stressed_var": lambda one: number("stressed_var", one, found.stressed_var, within=CENT),
        "margin": lambda one: number("margin", one, found.exact, within=CENT),
    }


def _variation(given: Mapping[str, Any]) -> dict[str, Check]:
    unit, settle = exact(given["unit_t"]), exact(given["settle"])
    held = [
        Held(member, whole(lots), exact(given["prev_settle"]), unit)
        for member, lots in given.get("carried", {}).items()
    ]
    for trade in given.get("trades", ()):
        lots, price = whole(trade["lots"]), exact(trade["price"])
        held.append(Held(trade["buyer"], lots, price, unit))
        held.append(Held(trade["seller"], -lots, price, unit))
        if set(trade) - {"buyer", "seller", "lots", "price"}:
            raise ValueError(f"unknown keys in trade {trade!r}")
    found = variation_margin(held, settle)
    return {"vm": lambda one: numbers("vm", one, found)}

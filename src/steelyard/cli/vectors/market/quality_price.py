"""Group `quality_price`: what goods are worth by their analysis.

A case writes its schedule flat: `X_basis` for the factors that move weight or price, `X_min` and `X_max` under
`reject`. A rule counts where the analysis has the factor.
"""

from collections.abc import Mapping
from typing import Any

from steelyard.cli.vectors.compare import Failure, judged, same
from steelyard.cli.vectors.market.values import exact, number, unknown_inputs, whole
from steelyard.market.quality import WHOLE, Factor, FactorRule, QualitySchedule, quality_price

INPUTS = frozenset({"price_minor", "gross_kg", "analysis", "schedule"})
STEP = "protein_per_0_1"
RULES = {"moisture": FactorRule.SHRINK, "protein": FactorRule.STEP, "impurities": FactorRule.POINT}
POINT_BP = 100


def judge(given: dict[str, Any], expect: dict[str, Any]) -> list[Failure]:
    """Check a case."""
    schedule, unknown = _schedule(given.get("schedule", {}), given["analysis"])
    found = quality_price(
        schedule,
        {name: _millionths(value) for name, value in given["analysis"].items()},
        net_kg=whole(given["gross_kg"]),
        price=exact(given["price_minor"]),
    )
    accepted = found.refusal is None
    return (
        unknown_inputs(given, INPUTS)
        + [Failure(f"input.schedule.{name}", rule="unknown input") for name in unknown]
        + judged(
            expect,
            {
                "accepted": lambda one: same("accepted", one, accepted),
                "net_kg": lambda one: number("net_kg", one, found.net_kg if accepted else None),
                "unit_price_minor": lambda one: number(
                    "unit_price_minor", one, found.unit_price if accepted else None
                ),
                "amount_minor": lambda one: number(
                    "amount_minor", one, found.amount_minor if accepted else None
                ),
            },
        )
    )


def _schedule(flat: Mapping[str, Any], analysis: Mapping[str, Any]) -> tuple[QualitySchedule, list[str]]:
    """Build the schedule of a case, and give what of it is not known."""
    known, bounds = {"reject", STEP, *(f"{name}_basis" for name in RULES)}, dict(flat.get("reject", {}))
    factors = []
    for name in analysis:
        basis = flat.get(f"{name}_basis") if name in RULES else None
        low, high = bounds.pop(f"{name}_min", None), bounds.pop(f"{name}_max", None)
        factors.append(
            Factor(
                name,
                FactorRule.LIMIT if basis is None else RULES[name],
                basis=0 if basis is None else _millionths(basis),
                step_minor=whole(flat.get(STEP, 0)) if name == "protein" else 0,
                point_bp=POINT_BP,
                least=None if low is None else _millionths(low),
                most=None if high is None else _millionths(high),
            )
        )
    unknown = [name for name in flat if name not in known]
    odd = [f"reject.{name}" for name in bounds if not name.endswith(("_min", "_max"))]
    return QualitySchedule(tuple(factors)), unknown + odd


def _millionths(value: Any) -> int:
    return whole(str(exact(value) * WHOLE))

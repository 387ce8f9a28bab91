"""What goods are worth by their certificate: a contract's schedule of quality, applied exactly.

A schedule is data: one line for each factor, with the rule by which it moves weight or price and the values that
the contract accepts at all. All rules act on the price and the weight agreed, none on what another has made of them;
the amount is rounded once, half-even, at the end.

Worse goods never pay more: weight and price fall (or stay) as a factor worsens, and the price never falls below zero.
"""

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction

from msgspec import Struct

from steelyard.market.refusals.delivery import DeliveryRefusal
from steelyard.values.amount import AmountFault, parse_minor
from steelyard.values.rate import Rounding, rounded

DIGITS = 6
WHOLE = 10**DIGITS
"""Factors are whole millionths of their unit (percent, seconds, kg/hl): 11.5 % is 11,500,000."""
PRICE_KG = 1_000


class FactorRule(StrEnum):
    """How a factor moves what is paid."""

    LIMIT = "limit"
    """It does not: it is only accepted or not"""
    SHRINK = "shrink"
    """Above its basis it shrinks the weight, by what dry matter that is short: (100 - m) / (100 - basis)"""
    STEP = "step"
    """Money for each full step above its basis, up to a number of steps; off for each started step below"""
    POINT = "point"
    """Above its basis a share of the price off, for each point, linear"""


class Factor(Struct, array_like=True, frozen=True, gc=False, forbid_unknown_fields=True):
    """One line of a schedule. `basis`, `step`, `least` and `most` are in millionths of the factor's unit.

    `step` and `step_minor` count for STEP: so many minor units of price for each step; `steps_max` bounds what is
    added. `point_bp` counts for POINT: hundredths of a percent of the price for each point above the basis.
    Goods below `least` or above `most` are not the contract's; None where there is no such bound.
    """

    name: str
    rule: FactorRule = FactorRule.LIMIT
    basis: int = 0
    step: int = WHOLE // 10
    step_minor: int = 0
    steps_max: int = 10
    point_bp: int = 0
    least: int | None = None
    most: int | None = None

    def __post_init__(self) -> None:
        if not (self.step > 0 and self.step_minor >= 0 and self.steps_max >= 0 and self.point_bp >= 0):
            raise ValueError("a step is more than zero, and worse goods never pay more")
        if self.rule is FactorRule.SHRINK and not 0 <= self.basis < 100 * WHOLE:
            raise ValueError("the basis of moisture lies below 100 percent")


class QualitySchedule(Struct, array_like=True, frozen=True, gc=False, forbid_unknown_fields=True):
    """The factors of a contract, in the order in which a certificate is read. A price is for `price_kg` kg."""

    factors: tuple[Factor, ...]
    price_kg: int = PRICE_KG


class QualityPrice(Struct, array_like=True, frozen=True):
    """What is paid. `net_kg` is the weight after shrinking, `unit_price` exact, per `price_kg`.

    Where the goods are refused the rest is zero, and `factor` names the line of the schedule that refused them.
    """

    net_kg: int = 0
    unit_price: Fraction = Fraction(0)
    amount_minor: int = 0
    refusal: DeliveryRefusal | None = None
    factor: str = ""


def quality_price(
    schedule: QualitySchedule, certificate: Mapping[str, int], *, net_kg: int, price: int | Fraction
) -> QualityPrice:
    """Price goods by their certificate: net weight times (price and adjustments), rounded once half-even.

    `certificate` gives each factor in millionths of its unit; what the schedule does not name counts for nothing.
    `net_kg` > 0 is the weight without container; `price` >= 0 is in minor units for the schedule's `price_kg`.

    >>> wheat = QualitySchedule((
    ...     Factor("moisture", FactorRule.SHRINK, basis=millionths("14.0")),
    ...     Factor("protein", FactorRule.STEP, basis=millionths("11.5"), step_minor=50),
    ...     Factor("impurities", FactorRule.POINT, basis=millionths("2.0"), point_bp=100, most=millionths("4.0")),
    ... ))
    >>> found = {"moisture": millionths("15.5"), "protein": millionths("11.9"), "impurities": millionths("2.4")}
    >>> paid = quality_price(wheat, found, net_kg=500_000, price=24_000)
    >>> paid.net_kg, paid.unit_price, paid.amount_minor
    (491279, Fraction(24104, 1), 11841789)
    >>> quality_price(wheat, found | {"impurities": millionths("4.1")}, net_kg=500_000, price=24_000).refusal.name
    'QUALITY_OUTSIDE_CONTRACT'
    """
    for factor in schedule.factors:
        refusal = _refused(factor, certificate)
        if refusal is not None:
            return QualityPrice(refusal=refusal, factor=factor.name)
    kept = Fraction(net_kg)
    unit = Fraction(price)
    for factor in schedule.factors:
        value = certificate[factor.name]
        if factor.rule is FactorRule.SHRINK:
            kept *= _dry_share(factor.basis, value)
        elif factor.rule is FactorRule.STEP:
            unit += _steps(factor, value) * factor.step_minor
        elif factor.rule is FactorRule.POINT:
            unit -= price * Fraction(max(0, value - factor.basis) * factor.point_bp, WHOLE * 10_000)
    whole_kg, unit = int(kept), max(unit, Fraction(0))
    due = unit * Fraction(whole_kg, schedule.price_kg)
    return QualityPrice(whole_kg, unit, rounded(due.numerator, due.denominator, Rounding.HALF_EVEN))


def millionths(text: str) -> int:
    """Read a decimal text as whole millionths; ValueError where it is none, or finer than a millionth.

    >>> millionths("11.5"), millionths("220")
    (11500000, 220000000)
    """
    value = parse_minor(text, DIGITS, zero_allowed=True)
    if isinstance(value, AmountFault):
        raise ValueError(f"{text!r}: {value.value}")
    return value


def _refused(factor: Factor, certificate: Mapping[str, int]) -> DeliveryRefusal | None:
    value = certificate.get(factor.name)
    if value is None:
        return DeliveryRefusal.QUALITY_FACTOR_IS_MISSING
    low = factor.least is not None and value < factor.least
    high = factor.most is not None and value > factor.most
    wet = factor.rule is FactorRule.SHRINK and value > 100 * WHOLE
    return DeliveryRefusal.QUALITY_OUTSIDE_CONTRACT if low or high or wet else None


def _dry_share(basis: int, value: int) -> Fraction:
    """Give what is left of a weight whose moisture is above its basis."""
    return Fraction(100 * WHOLE - max(basis, value), 100 * WHOLE - basis)


def _steps(factor: Factor, value: int) -> int:
    """Count full steps above the basis, up to the most that are paid; below it started steps, negative."""
    return min((value - factor.basis) // factor.step, factor.steps_max)

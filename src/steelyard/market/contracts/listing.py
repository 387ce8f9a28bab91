"""From a contract to what others need of it: a book its instrument, clearing its terms, energy its quantities."""

from fractions import Fraction

from steelyard.market.clearing import positions
from steelyard.market.contracts.energy_supply import EnergySupply
from steelyard.market.contracts.future import Future, MonthDates
from steelyard.market.contracts.terms import BP, Measure, Terms
from steelyard.market.energy import supply
from steelyard.market.instruments import Instrument


def instrument(contract: Terms, *, month: str = "", reference: int | None = None) -> Instrument:
    """Give the instrument of a contract, of a future for one of its months; `reference` is its first price.

    Quantities are lots, each of the contract's `unit`.
    """
    code = contract.instrument_code(month) if isinstance(contract, Future) else contract.code
    return Instrument(
        code=code,
        tick=contract.tick_minor,
        currency=contract.currency,
        basket=contract.basket,
        ref_price=reference,
        limit_bp=contract.limits.daily_bp,
        limit_step=contract.limits.daily_step_minor,
        collar_bp=contract.limits.collar_bp or None,
        calendar=" ".join(contract.calendars),
    )


def clearing_terms(
    contract: Future, dates: MonthDates, *, asset: str, median_lots: int = 0
) -> positions.Terms:
    """Give what clearing knows of a month of a future, margined in an asset; ValueError where it is not weighed."""
    if contract.measure is not Measure.KG or contract.price_per != positions.KG_PER_PRICE:
        raise ValueError("clearing counts prices a tonne")
    return positions.Terms(
        contract.instrument_code(dates.month),
        contract.commodity,
        asset,
        contract.unit,
        contract.tick_minor,
        contract.margin.scan_range_minor,
        contract.margin.spread_charge_minor,
        contract.limits.position_lots,
        contract.limits.delivery_month_lots,
        dates.delivery_from_on,
        contract.margin.delivery_month_bp,
        median_lots,
    )


def supply_terms(contract: EnergySupply) -> supply.Contract:
    """Give what taking or paying needs of a supply contract."""
    return supply.Contract(
        contract.annual_units,
        Fraction(contract.take_or_pay_bp, BP),
        Fraction(contract.downward_tolerance_bp, BP),
        contract.make_up_years,
        Fraction(contract.carry_forward_bp, BP),
        contract.carry_forward_years,
    )

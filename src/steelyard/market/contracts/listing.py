"""From a contract to what clearing needs of it."""

from steelyard.market.clearing import positions
from steelyard.market.contracts.future import Future, MonthDates
from steelyard.market.contracts.terms import Measure


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

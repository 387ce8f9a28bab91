"""From a contract to what clearing needs of it."""

from steelyard.market.clearing import positions
from steelyard.market.contracts.forward import Forward
from steelyard.market.contracts.future import Future, MonthDates
from steelyard.market.contracts.terms import Measure, Terms


def is_by_month(contract: Terms) -> bool:
    """Tell whether a contract is cleared, and so traded by its months."""
    return isinstance(contract, Future) or (isinstance(contract, Forward) and contract.is_cleared)


def instrument_code(contract: Terms, month: str) -> str:
    """Give the code of the instrument of a month: it is read by everybody as it stands, contract, then month."""
    return f"{contract.code}-{month}" if month else contract.code


def clearing_terms(
    contract: Terms, dates: MonthDates, *, asset: str, median_lots: int = 0
) -> positions.Terms:
    """Give what clearing knows of a month of a contract, margined in an asset; ValueError where it is not weighed."""
    if contract.measure is not Measure.KG or contract.price_per != positions.KG_PER_PRICE:
        raise ValueError("clearing counts prices a tonne")
    return positions.Terms(
        instrument_code(contract, dates.month),
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

"""From a contract to what a book trades: its instruments, one for each month, or one."""

from steelyard.market.contracts.future import Future
from steelyard.market.contracts.terms import Terms
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

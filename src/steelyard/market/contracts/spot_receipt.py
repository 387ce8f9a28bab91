"""Spot against warehouse receipts: title and money in one bundle, at once or pre-funded on the next business day."""

from steelyard.market.contracts.dates import ROLL_MAX, Business
from steelyard.market.contracts.terms import Terms, require
from steelyard.values.instants import Day


class SpotReceipt(Terms, array_like=True, frozen=True, kw_only=True, tag="spot_receipt"):
    """Receipts of one grade against money. `settle_days` is 0 (at once) or 1 (the next business day)."""

    settle_days: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        require("settle_days", self.settle_days in (0, 1), "at once or on the next business day")

    def settles_on(self, traded_on: Day, is_business: Business) -> Day | None:
        """Give the date on which a trade settles, or None where the calendar does not reach."""
        if not self.settle_days:
            return traded_on
        return next((traded_on + away for away in range(1, ROLL_MAX) if is_business(traded_on + away)), None)

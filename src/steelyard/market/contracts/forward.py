"""Forwards: goods of a grade at a place within a shipment period, between two parties or through the counterparty."""

from msgspec import Struct

from steelyard.market.contracts.dates import Anchor, Business, DateRule, Roll, month_of
from steelyard.market.contracts.future import MonthDates
from steelyard.market.contracts.terms import Terms, require
from steelyard.values.instants import Day


class Shipment(Struct, array_like=True, frozen=True, gc=False):
    """When the goods of one forward are shipped, both dates included."""

    from_on: Day
    to_on: Day


class Forward(Terms, array_like=True, frozen=True, kw_only=True, tag="forward"):
    """A sale for later. A cleared forward is traded and margined as a future is, by the month of its shipment.

    The other is between the two alone.
    """

    is_cleared: bool = False
    shipment_days_max: int = 60
    ahead_days_max: int = 540

    def __post_init__(self) -> None:
        super().__post_init__()
        fits = 0 < self.shipment_days_max <= self.ahead_days_max
        require("shipment_days_max", fits, "a shipment period is a day or more, within the time ahead")

    def dates(self, month: str, is_business: Business) -> MonthDates | None:
        """Give the dates of a month of shipment, traded to the day before it; None beyond the calendar."""
        year, number = month_of(month)
        start, last, end = (
            rule.on(year, number, is_business)
            for rule in (
                DateRule(Anchor.MONTH_START),
                DateRule(Anchor.MONTH_START, business_days=-1),
                DateRule(Anchor.MONTH_END, roll=Roll.PRECEDING),
            )
        )
        if start is None or last is None or end is None:
            return None
        return MonthDates(month, last, last, start, end)

    def takes(self, shipment: Shipment, *, traded_on: Day) -> bool:
        """Tell whether a shipment period fits the contract.

        It begins after the trade, is no longer than the contract says and ends within the time ahead.
        """
        days = shipment.to_on - shipment.from_on + 1
        ends_in_time = shipment.to_on <= traded_on + self.ahead_days_max
        return shipment.from_on > traded_on and 0 < days <= self.shipment_days_max and ends_in_time

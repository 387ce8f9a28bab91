"""Forwards: goods of a grade at a place within a shipment period, between two parties or through the counterparty."""

from msgspec import Struct

from steelyard.market.contracts.terms import Terms, require
from steelyard.values.instants import Day


class Shipment(Struct, array_like=True, frozen=True, gc=False):
    """When the goods of one forward are shipped, both dates included."""

    from_on: Day
    to_on: Day


class Forward(Terms, array_like=True, frozen=True, kw_only=True, tag="forward"):
    """A sale for later. A cleared forward is margined as a future is; the other is between the two alone."""

    is_cleared: bool = False
    shipment_days_max: int = 60
    ahead_days_max: int = 540

    def __post_init__(self) -> None:
        super().__post_init__()
        fits = 0 < self.shipment_days_max <= self.ahead_days_max
        require("shipment_days_max", fits, "a shipment period is a day or more, within the time ahead")

    def takes(self, shipment: Shipment, *, traded_on: Day) -> bool:
        """Tell whether a shipment period fits the contract.

        It begins after the trade, is no longer than the contract says and ends within the time ahead.
        """
        days = shipment.to_on - shipment.from_on + 1
        ends_in_time = shipment.to_on <= traded_on + self.ahead_days_max
        return shipment.from_on > traded_on and 0 < days <= self.shipment_days_max and ends_in_time

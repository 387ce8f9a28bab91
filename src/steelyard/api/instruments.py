"""In which currency an instrument is traded, as a gateway remembers it for a while.

The prices of an order are read in that currency. A memory that is some seconds old can only misread the decimals of an
instrument that was listed anew in another currency, which no open order can be of.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from steelyard.api.gateway import Gateway

REMEMBERED_SECONDS = 5.0


class Instruments:
    """The currencies of instruments, by code."""

    def __init__(self, gateway: "Gateway") -> None:
        self._gateway = gateway
        self._known: dict[str, tuple[str, float]] = {}

    async def currency(self, code: str) -> str:
        """Give the currency of an instrument, empty where it has a basket or is not listed."""
        now = self._gateway.monotonic()
        known = self._known.get(code)
        if known is not None and now < known[1]:
            return known[0]
        reader = self._gateway.stores.reader
        row = await self._gateway.aside(lambda: reader.one("instrument", code=code))
        currency = "" if row is None else str(row["currency"])
        if row is not None:
            self._known[code] = (currency, now + REMEMBERED_SECONDS)
        return currency

"""Trades on the spot that settle on a later day: goods and money are set aside from the trade on, and move then."""

from collections.abc import Iterator

from msgspec import Struct

from steelyard.values.instants import Day
from steelyard.values.wide import packed, unpacked


class DueTrade(Struct, array_like=True, frozen=True, gc=False):
    """One trade that waits for its day. Its bundle, under its id, holds money and title; `receipts` are locked."""

    trade_id: bytes
    instrument: str
    buyer: str
    seller: str
    provider: str
    receipts: tuple[bytes, ...]
    settles_on: Day
    refusal: int = 0
    """What stopped it on its day, 0 for nothing yet"""


class DueTrades:
    """The trades that wait for their day, by id."""

    __slots__ = ("_all",)

    def __init__(self) -> None:
        self._all: dict[bytes, DueTrade] = {}

    def __len__(self) -> int:
        return len(self._all)

    def get(self, trade_id: bytes) -> DueTrade | None:
        """Give a trade that waits."""
        return self._all.get(trade_id)

    def put(self, trade: DueTrade) -> None:
        """Let a trade wait, as it is now."""
        self._all[trade.trade_id] = trade

    def drop(self, trade_id: bytes) -> None:
        """Forget a trade that has settled or was taken back."""
        del self._all[trade_id]

    def each(self) -> Iterator[DueTrade]:
        """Give every trade that waits, by id."""
        yield from (self._all[key] for key in sorted(self._all))

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return packed(list(self.each()))

    @classmethod
    def decode(cls, data: bytes) -> "DueTrades":
        """Build what `encode` described."""
        made = cls()
        for trade in unpacked(data, list[DueTrade]):
            made.put(trade)
        return made

"""Trades of the last quarter of an hour: what it takes to take one back, and who has agreed to it."""

from typing import Self

from msgspec import Struct

from steelyard.market.prints import Mark
from steelyard.values.instants import MINUTE, Day, Instant
from steelyard.values.wide import packed, unpacked

WITHIN = 15 * MINUTE
TRADES_MAX = 100_000
"""Beyond it the oldest are forgotten early."""


class Given(Struct, array_like=True, frozen=True, gc=False):
    """A receipt that a trade gave, and its kg."""

    receipt_id: bytes
    kg: int


class RecentTrade(Struct, array_like=True, frozen=True, gc=False):
    """A trade that may still be taken back. `money` are its legs (source, target, minor); cleared ones have none."""

    trade_id: bytes
    instrument: str
    buyer: str
    seller: str
    provider: str
    quantity: int
    price: int
    at: Instant
    money: tuple[tuple[int, int, int], ...] = ()
    given: tuple[Given, ...] = ()
    agreed: tuple[str, ...] = ()
    mark: Mark = ""
    """Its price as it counts towards settlement, empty where it does not"""
    counted_as: tuple[str, str] = ("", "")
    """As whom buyer and seller count in the benchmark of day `on`"""
    on: Day = 0

    @property
    def sides(self) -> frozenset[str]:
        """Whose agreement it takes: both sides', and the provider's whose money moved."""
        return frozenset(side for side in (self.buyer, self.seller, self.provider) if side)


class RecentTrades:
    """The trades that may be taken back, oldest first."""

    __slots__ = ("trades",)

    def __init__(self) -> None:
        self.trades: dict[bytes, RecentTrade] = {}

    def put(self, trade: RecentTrade) -> None:
        """Keep a trade that was just made, and forget those that are too old or too many."""
        trades = self.trades
        trades[trade.trade_id] = trade
        while trades:
            first = next(iter(trades.values()))
            if trade.at - first.at < WITHIN and len(trades) <= TRADES_MAX:
                break
            del trades[first.trade_id]

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return packed(list(self.trades.values()))

    @classmethod
    def decode(cls, content: bytes) -> Self:
        """Build the state that `content` describes: the inverse of encode."""
        made = cls()
        made.trades = {one.trade_id: one for one in unpacked(content, list[RecentTrade])}
        return made

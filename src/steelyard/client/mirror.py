"""A book at one's own place, made from the public stream: from a snapshot and what follows, or from daily files.

The numbers of a stream rise by one. What comes twice is passed over; where one is missing `Gap` says after which to
ask again, and nothing was taken from beyond it.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

import msgspec

from steelyard.client.market import BookShown, FeedItem, LevelShown

BUY, SELL = 0, 1
Place = tuple[str, int, int]
"""Currency, side, price in minor units; 0 for orders without one"""


class Gap(Exception):
    """Items are missing after this number."""

    def __init__(self, after: int) -> None:
        super().__init__(f"items after number {after} are missing")
        self.after = after


class FileIsAnother(ValueError):
    """A daily file has another hash than was given."""


class Level(NamedTuple):
    """How much is shown at a price, minor units."""

    currency: str
    price_minor: int
    quantity: int


class BookMirror:
    """One instrument's levels and phase, at number `seq` of its stream."""

    def __init__(self, instrument: str) -> None:
        self.instrument = instrument
        self.seq = 0
        self.phase: int | None = None
        self._levels: dict[Place, int] = {}

    @classmethod
    def of(cls, book: BookShown) -> "BookMirror":
        """Begin with a snapshot."""
        mirror = cls(book.instrument)
        mirror.seq = book.seq
        for side, levels in ((BUY, book.bids), (SELL, book.asks)):
            for level in levels:
                mirror._levels[level.currency, side, _minor(level)] = level.quantity
        return mirror

    def take(self, items: Iterable[FeedItem]) -> None:
        """Take what follows; raises Gap before the first item beyond a missing one."""
        for item in items:
            if item.seq <= self.seq:
                continue
            if item.seq != self.seq + 1:
                raise Gap(self.seq)
            if item.kind == "level":
                self._put(item.data["levels"])
            elif item.kind == "phase":
                self.phase = item.data["phase"]
            self.seq = item.seq

    def take_file(self, content: bytes, *, sha: str | None = None) -> None:
        """Take a daily file, a JSON line an item; raises FileIsAnother where its hash is not `sha`."""
        if sha is not None and sha256(content).hexdigest() != sha:
            raise FileIsAnother("the file's SHA-256 is another")
        decode = msgspec.json.Decoder(FeedItem).decode
        self.take(decode(line) for line in content.splitlines() if line)

    def bids(self) -> list[Level]:
        """Give what is bid for, by currency, best first; orders without a price before all."""
        return self._side(BUY)

    def asks(self) -> list[Level]:
        """Give what is offered, by currency, best first; orders without a price before all."""
        return self._side(SELL)

    def _side(self, side: int) -> list[Level]:
        found = [
            Level(currency, price, quantity)
            for (currency, of, price), quantity in self._levels.items()
            if of == side
        ]
        sign = 1 if side == SELL else -1
        return sorted(found, key=lambda one: (one.currency, one.price_minor > 0, sign * one.price_minor))

    def _put(self, levels: Iterable[tuple[str, int, int, int]]) -> None:
        for currency, side, price, quantity in levels:
            if quantity:
                self._levels[currency, side, price] = quantity
            else:
                self._levels.pop((currency, side, price), None)


def _minor(level: LevelShown) -> int:
    return int(level.price_minor or 0)

"""How large a payment must be to settle in parts: the amount at the 99th percentile of the last twenty days.

Per currency and business day only the largest amounts are kept, as many as the percentile of all twenty days can
need, up to `KEPT`; below that many per day the percentile is exact (nearest rank), above it is too high rather
than too low, so that fewer payments are split. The cap changes when a day ends, never within one.
"""

from heapq import heappush, heapreplace

import msgspec
from msgspec import Struct

DAYS = 20
KEPT = 20_000
PERCENT = 99


class Amounts(Struct, array_like=True, gc=False):
    """What is kept of one day: how many payments there were, and the largest of their amounts, as a heap."""

    count: int = 0
    largest: list[int] = []


class Tranches:
    """Amounts of each currency by day, and the cap that follows from those that are over."""

    __slots__ = ("_caps", "_days", "_today")

    def __init__(self) -> None:
        self._today: dict[str, Amounts] = {}
        self._days: dict[str, list[Amounts]] = {}
        self._caps: dict[str, int] = {}

    def count(self, asset: str, amount_minor: int) -> None:
        """Count a payment of today."""
        today = self._today.get(asset)
        if today is None:
            today = self._today[asset] = Amounts()
        today.count += 1
        if len(today.largest) < KEPT:
            heappush(today.largest, amount_minor)
        elif amount_minor > today.largest[0]:
            heapreplace(today.largest, amount_minor)

    def cap(self, asset: str) -> int | None:
        """Give the amount above which a payment may be split; None before a first day is over."""
        return self._caps.get(asset)

    def end_day(self, asset: str) -> int | None:
        """Let a business day be over; give the cap that counts from here on."""
        days = self._days.setdefault(asset, [])
        days.append(self._today.pop(asset, Amounts()))
        del days[:-DAYS]
        cap = percentile(days)
        if cap is not None:
            self._caps[asset] = cap
        return self._caps.get(asset)

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        every = sorted({*self._today, *self._days})
        saved = [
            (name, self._today.get(name), self._days.get(name, []), self._caps.get(name)) for name in every
        ]
        return msgspec.msgpack.encode(saved)

    @classmethod
    def decode(cls, data: bytes) -> "Tranches":
        """Build what `encode` described."""
        tranches = cls()
        kind = list[tuple[str, Amounts | None, list[Amounts], int | None]]
        for name, today, days, cap in msgspec.msgpack.decode(data, type=kind):
            if today is not None:
                tranches._today[name] = today
            if days:
                tranches._days[name] = days
            if cap is not None:
                tranches._caps[name] = cap
        return tranches


def percentile(days: list[Amounts]) -> int | None:
    """Give the amount at the 99th percentile, nearest rank, of all days together; None where nothing was paid.

    >>> percentile([Amounts(150, sorted(range(1, 151)))]), percentile([Amounts(3, [5, 9, 7])])
    (149, 9)
    """
    count = sum(day.count for day in days)
    if not count:
        return None
    above = count - -(-count * PERCENT // 100)  # payments that stand above the one at the rank
    largest = sorted((amount for day in days for amount in day.largest), reverse=True)
    return largest[min(above, len(largest) - 1)]

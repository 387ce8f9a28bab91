"""Who settles trades in the PvP queue, on which terms, and by when each member pays in what it is short.

A member is enrolled by the settlement agent of its own currency, with the most it may be short in all; each
currency's settlement agent says how far a member may be short of that currency, and the currency's haircut.
"""

from msgspec import Struct

from steelyard.liquidity.algorithms.pvp import PayIn, missed
from steelyard.liquidity.batches import Batch
from steelyard.values.instants import Instant
from steelyard.values.wide import packed, unpacked

PVP = "pvp"
HAIRCUT_BP = 1_000
"""Of a currency whose settlement agent has said nothing"""


class DuePayIns(Struct, array_like=True, frozen=True):
    """What a member was short when its schedule was made, and by when it pays in how much of that."""

    short: tuple[tuple[str, int], ...]
    """(currency, minor units)"""
    steps: tuple[tuple[str, int, int], ...]
    """(currency, due at, minor units)"""

    def lacking(self, short_now: dict[str, int], *, at: Instant) -> dict[str, int]:
        """Give per currency what was due by now and is still short; with any of it a member is stopped."""
        paid = {asset: max(0, minor - short_now.get(asset, 0)) for asset, minor in self.short}
        return missed([PayIn(*step) for step in self.steps], paid, at=at)


class PvpBook:
    """All terms of the PvP queue. `quiet` is set while a batch is booked: wiring, no state."""

    __slots__ = ("aggregates", "haircuts", "open", "quiet", "schedules", "short_limits")

    def __init__(self) -> None:
        self.short_limits: dict[tuple[str, str], int] = {}
        self.haircuts: dict[str, int] = {}
        self.aggregates: dict[str, tuple[str, int]] = {}
        """By member: the most it is short in all, in minor units of a currency"""
        self.schedules: dict[str, DuePayIns] = {}
        self.open: Batch | None = None
        self.quiet = False

    def haircut(self, assets: list[str]) -> int:
        """Give the one haircut of a run over these currencies: the largest of theirs."""
        return max((self.haircuts.get(asset, HAIRCUT_BP) for asset in assets), default=HAIRCUT_BP)

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return packed(
            _Saved(
                [(*key, self.short_limits[key]) for key in sorted(self.short_limits)],
                sorted(self.haircuts.items()),
                [(bic, *self.aggregates[bic]) for bic in sorted(self.aggregates)],
                [(bic, self.schedules[bic]) for bic in sorted(self.schedules)],
                self.open,
            )
        )

    @classmethod
    def decode(cls, data: bytes) -> "PvpBook":
        """Build what `encode` described."""
        book, saved = cls(), unpacked(data, _Saved)
        book.short_limits = {(bic, asset): minor for bic, asset, minor in saved.short_limits}
        book.haircuts = dict(saved.haircuts)
        book.aggregates = {bic: (asset, minor) for bic, asset, minor in saved.aggregates}
        book.schedules, book.open = dict(saved.schedules), saved.open
        return book


class _Saved(Struct, array_like=True, frozen=True, gc=False):
    short_limits: list[tuple[str, str, int]]
    haircuts: list[tuple[str, int]]
    aggregates: list[tuple[str, str, int]]
    schedules: list[tuple[str, DuePayIns]]
    open: Batch | None

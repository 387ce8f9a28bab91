"""How much of a currency a holder wants to hold at most: a participant for itself, a member for all of its own.

Below the cap nothing happens but a notice at 80 per cent. At the cap what comes in and raises the holding waits.
What the holder has is not kept here: whoever asks brings it.
"""

from enum import IntEnum

from msgspec import Struct

from steelyard.values.wide import packed, unpacked

NEAR_NUM, NEAR_DEN = 4, 5
"""From this share of the cap on the holder is told."""


class Told(IntEnum):
    """How far the holder has been told about a cap."""

    NOTHING = 0
    NEAR = 1
    REACHED = 2


class Cap(Struct, array_like=True, frozen=True, gc=False):
    """One cap, in minor units, and what its holder was told."""

    cap_minor: int
    told: int = Told.NOTHING


class Holdings:
    """The caps of all holders; a holder is a BIC or the code of a member."""

    __slots__ = ("_caps", "_holders")

    def __init__(self) -> None:
        self._caps: dict[tuple[str, str], Cap] = {}
        self._holders: dict[str, int] = {}  # asset -> number of caps on it

    @property
    def anything(self) -> bool:
        """Whether anybody has set a cap."""
        return bool(self._caps)

    def put(self, holder: str, asset: str, cap_minor: int) -> None:
        """Set a cap; its holder is told anew."""
        if (holder, asset) not in self._caps:
            self._holders[asset] = self._holders.get(asset, 0) + 1
        self._caps[holder, asset] = Cap(cap_minor)

    def drop(self, holder: str, asset: str) -> None:
        """Take a cap away; nothing happens where there is none."""
        if self._caps.pop((holder, asset), None) is not None:
            self._holders[asset] -= 1
            if not self._holders[asset]:
                del self._holders[asset]

    def any_of(self, asset: str) -> bool:
        """Tell whether anybody has a cap on an asset."""
        return asset in self._holders

    def cap(self, holder: str, asset: str) -> int | None:
        """Give a holder's cap on an asset, or None."""
        found = self._caps.get((holder, asset))
        return None if found is None else found.cap_minor

    def of(self, holder: str) -> list[tuple[str, int]]:
        """Give the caps of a holder by asset."""
        return sorted((asset, cap.cap_minor) for (owner, asset), cap in self._caps.items() if owner == holder)

    def stops(self, holder: str, asset: str, held_minor: int, more_minor: int) -> bool:
        """Tell whether an inflow would raise a holding above its cap."""
        found = self._caps.get((holder, asset))
        return found is not None and more_minor > 0 and held_minor + more_minor > found.cap_minor

    def news(self, holder: str, asset: str, held_minor: int, *, reached: bool = False) -> Told | None:
        """Note how full a holding is, and give what its holder must be told now: NEAR, REACHED or nothing.

        Who was told is told again only after the holding has been below the share again.
        """
        found = self._caps.get((holder, asset))
        if found is None:
            return None
        near = NEAR_DEN * held_minor >= NEAR_NUM * found.cap_minor
        level = Told.REACHED if reached else Told.NEAR if near else Told.NOTHING
        if level <= found.told and level != Told.NOTHING:
            return None
        if level != found.told:
            self._caps[holder, asset] = Cap(found.cap_minor, level)
        return None if level == Told.NOTHING else level

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return packed(_Saved([(*key, self._caps[key]) for key in sorted(self._caps)]))

    @classmethod
    def decode(cls, data: bytes) -> "Holdings":
        """Build what `encode` described."""
        holdings = cls()
        for holder, asset, cap in unpacked(data, _Saved).caps:
            holdings.put(holder, asset, cap.cap_minor)
            holdings._caps[holder, asset] = cap
        return holdings


class _Saved(Struct, array_like=True, frozen=True, gc=False):
    caps: list[tuple[str, str, Cap]]

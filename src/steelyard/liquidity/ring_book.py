"""What holders offer of foreign money they do not want to keep, and the rings that wait for everybody's consent.

A ring binds nobody's money, so a holder that offers and never agrees would let rings of others lapse again and again.
Therefore lapses are counted, by whom they were: all rings of one match that lapse by a holder are one. Who has let
so many lapse within a time rests: its offers stand, but are not matched.
"""

from collections.abc import Iterator

from msgspec import Struct

from steelyard.liquidity.rings import Ring, Stock, Swap
from steelyard.liquidity.rules import LAPSES_MAX
from steelyard.values.instants import Instant
from steelyard.values.wide import packed, unpacked

OFFERS_MAX = 20_000
RINGS_MAX = 1_000


class SurplusOffer(Struct, array_like=True, frozen=True, gc=False):
    """So much of a currency, beyond what its holder keeps, is to be placed for another."""

    owner: str
    held: str
    wanted: str
    amount_minor: int
    keep_minor: int


class OpenRing(Struct, array_like=True, frozen=True, gc=False):
    """A ring that waits. `swaps` are (holder, gives, currency, gets, currency); `consents` are of its holders."""

    ring_id: bytes
    swaps: tuple[tuple[str, int, str, int, str], ...]
    expires_at: Instant
    matched_at: Instant
    consents: tuple[str, ...] = ()

    @property
    def ring(self) -> Ring:
        """The ring as it was matched."""
        return Ring(tuple(Swap(*one) for one in self.swaps), 0)

    @property
    def is_agreed(self) -> bool:
        """Tell whether every holder has consented."""
        return all(holder in self.consents for holder in self.ring.holders())


Lapse = tuple[Instant, Instant]
"""When a match was made, and when a ring of it lapsed"""


class _Saved(Struct, array_like=True, frozen=True, gc=False):
    offers: list[SurplusOffer]
    rings: list[OpenRing]
    lapses: dict[str, list[Lapse]]
    rests: dict[str, Instant]


class RingBook:
    """Standing offers by holder and currency, the rings that wait, by id, and who rests until when."""

    __slots__ = ("_lapses", "_offers", "rests", "rings")

    def __init__(self) -> None:
        self._offers: dict[tuple[str, str], SurplusOffer] = {}
        self.rings: dict[bytes, OpenRing] = {}
        self._lapses: dict[str, list[Lapse]] = {}
        self.rests: dict[str, Instant] = {}

    def __len__(self) -> int:
        return len(self._offers)

    def put(self, offer: SurplusOffer) -> None:
        """Let an offer stand in place of the one before; an amount of 0 takes it back."""
        key = offer.owner, offer.held
        self._offers.pop(key, None)
        if offer.amount_minor:
            self._offers[key] = offer

    def offer(self, owner: str, held: str) -> SurplusOffer | None:
        """Give what a holder offers of a currency."""
        return self._offers.get((owner, held))

    def offers(self) -> Iterator[SurplusOffer]:
        """Give every offer, by holder and currency."""
        for key in sorted(self._offers):
            yield self._offers[key]

    def bound(self) -> dict[tuple[str, str], int]:
        """Give what rings that wait would take, by holder and currency."""
        found: dict[tuple[str, str], int] = {}
        for ring in self.rings.values():
            for holder, gives, asset, _, _ in ring.swaps:
                found[holder, asset] = found.get((holder, asset), 0) + gives
        return found

    def lapsed(self, owner: str, matched_at: Instant, *, at: Instant) -> bool:
        """Count a ring that lapses by a holder; tell whether it is the first of its match."""
        mine = self._lapses.setdefault(owner, [])
        if any(match == matched_at for match, _ in mine):
            return False
        mine.append((matched_at, at))
        return True

    def lapses(self, owner: str) -> int:
        """Give how many matches a holder has let lapse, as far as they count."""
        return len(self._lapses.get(owner, ()))

    def forget(self, *, since: Instant, at: Instant) -> None:
        """Let lapses before an instant count no more, and rests be over whose time has come."""
        for owner in sorted(self._lapses):
            left = [one for one in self._lapses[owner] if one[1] > since][-LAPSES_MAX:]
            if left:
                self._lapses[owner] = left
            else:
                del self._lapses[owner]
        self.rests = {owner: until for owner, until in sorted(self.rests.items()) if until > at}

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return packed(
            _Saved(
                list(self.offers()), [self.rings[key] for key in sorted(self.rings)],
                {owner: self._lapses[owner] for owner in sorted(self._lapses)},
                {owner: self.rests[owner] for owner in sorted(self.rests)},
            )
        )  # fmt: skip

    @classmethod
    def decode(cls, data: bytes) -> "RingBook":
        """Build what `encode` described."""
        saved = unpacked(data, _Saved)
        book = cls()
        for offer in saved.offers:
            book.put(offer)
        book.rings = {ring.ring_id: ring for ring in saved.rings}
        book._lapses, book.rests = saved.lapses, saved.rests
        return book


def stock(offer: SurplusOffer, *, free_minor: int, bound_minor: int) -> Stock:
    """Give what of an offer is there, of what its holder may use and no ring that waits would take.

    >>> stock(SurplusOffer("A", "NOR", "SUD", 100, 50), free_minor=130, bound_minor=30).minor
    50
    """
    minor = max(0, min(offer.amount_minor, free_minor - offer.keep_minor) - bound_minor)
    return Stock(offer.owner, offer.held, minor, offer.wanted)

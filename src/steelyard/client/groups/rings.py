"""Surplus that goes round in rings until each holder has what it wants."""

from steelyard.client.ask import Ask, Listing, order, path
from steelyard.client.rings import RingOfSwaps, RingStanding, SurplusAsked, SurplusOffer
from steelyard.client.types import Done, Money
from steelyard.client.verbs import F, Group, Lists, Verb

RINGS, OFFERS = "/v1/rings", "/v1/surplus/offers"


class Rings(Group[F]):
    """Rings in which one has a part."""

    @Verb
    def offer(self, amount: Money, wanted: str, *, keep: str = "0", key: str | None = None) -> Ask[Done]:
        """Mark money as surplus that may be placed for another currency; it stays free until a ring is booked."""
        asked = SurplusAsked(amount=amount, wanted=wanted, keep=keep)
        return order("PUT", OFFERS, asked, key=key)

    @Lists
    def offers(self, *, limit: int | None = None) -> Listing[SurplusOffer]:
        """List what one offers, by holder and currency."""
        return Listing(OFFERS, {"limit": limit}, SurplusOffer)

    @Lists
    def list(self, *, limit: int | None = None) -> Listing[RingOfSwaps]:
        """List the rings in which one has a part, newest first."""
        return Listing(RINGS, {"limit": limit}, RingOfSwaps)

    @Lists
    def standing(self, *, limit: int | None = None) -> Listing[RingStanding]:
        """List how many matches one has let lapse, and until when one's offers rest; nobody who has let none."""
        return Listing(f"{RINGS}/standing", {"limit": limit}, RingStanding)

    @Verb
    def match(self, *, key: str | None = None) -> Ask[Done]:
        """Match rings of what is offered now, as operator."""
        return order("POST", RINGS, key=key)

    @Verb
    def consent(self, ring_id: str, *, key: str | None = None) -> Ask[Done]:
        """Say yes to one's part; the last yes books the ring."""
        return order("POST", path(RINGS, ring_id, "consent"), key=key, subject=ring_id)

    @Verb
    def decline(self, ring_id: str, *, key: str | None = None) -> Ask[Done]:
        """Say no to one's part; the ring is over."""
        return order("POST", path(RINGS, ring_id, "decline"), key=key, subject=ring_id)

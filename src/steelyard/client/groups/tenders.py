"""Tenders: what a buyer runs, and what bidders do in it."""

from collections.abc import Sequence

from steelyard.client.ask import Ask, Listing, body_of, get, order, path
from steelyard.client.tenders import (
    BidAsked,
    RevealAsked,
    TenderAsked,
    TenderCancel,
    TenderRates,
    TenderShown,
    TenderWhole,
)
from steelyard.client.types import Done
from steelyard.client.verbs import F, Group, Lists, Verb

TENDERS = "/v1/tenders"


class Tenders(Group[F]):
    """Tenders, as their buyer or as a bidder. `steelyard.client.sealing.seal` seals a bid."""

    @Verb
    def draft(self, tender: TenderAsked, *, key: str | None = None) -> Ask[Done]:
        """Write a tender down; nobody else sees it yet."""
        return order("POST", TENDERS, tender, key=key)

    @Lists
    def list(
        self, *, buyer: str | None = None, state: str | None = None, limit: int | None = None
    ) -> Listing[TenderShown]:
        """List tenders that are published, and one's own."""
        return Listing(TENDERS, {"buyer": buyer, "state": state, "limit": limit}, TenderShown)

    @Verb
    def get(self, tender_id: str) -> Ask[TenderWhole]:
        """Show a tender with its terms; bids from the opening on, then the award."""
        return get(path(TENDERS, tender_id), TenderWhole)

    @Verb
    def file(self, tender_id: str) -> Ask[bytes]:
        """Fetch what an award is recomputed from: `steelyard verify tender` checks it."""
        return Ask("GET", path(TENDERS, tender_id, "file"), body_of, sees_writes=True)

    @Verb
    def publish(self, tender_id: str, *, key: str | None = None) -> Ask[Done]:
        """Publish a draft: bids come until its close."""
        return order("POST", path(TENDERS, tender_id, "publish"), key=key, subject=tender_id)

    @Verb
    def rate(self, tender_id: str, quote_ids: Sequence[str], *, key: str | None = None) -> Ask[Done]:
        """Name the firm quotes at which foreign offers are counted."""
        asked = TenderRates(quote_ids=[*quote_ids])
        return order("PUT", path(TENDERS, tender_id, "rates"), asked, key=key, subject=tender_id)

    @Verb
    def bid(self, tender_id: str, commitment: str, *, key: str | None = None) -> Ask[Done]:
        """Commit to offers by their hash; the bond is set aside. A second time replaces the first."""
        asked = BidAsked(commitment=commitment)
        return order("POST", path(TENDERS, tender_id, "bid"), asked, key=key, subject=tender_id)

    @Verb
    def withdraw(self, tender_id: str, *, key: str | None = None) -> Ask[Done]:
        """Take one's bid back before the close."""
        return order("POST", path(TENDERS, tender_id, "withdraw"), key=key, subject=tender_id)

    @Verb
    def reveal(self, tender_id: str, revealed: RevealAsked, *, key: str | None = None) -> Ask[Done]:
        """Reveal, after the close, what was committed to; nobody sees it before the opening."""
        return order("POST", path(TENDERS, tender_id, "reveal"), revealed, key=key, subject=tender_id)

    @Verb
    def evaluate(self, tender_id: str, *, key: str | None = None) -> Ask[Done]:
        """Have what is on the table now evaluated anew."""
        return order("POST", path(TENDERS, tender_id, "evaluate"), key=key, subject=tender_id)

    @Verb
    def stand(self, tender_id: str, *, key: str | None = None) -> Ask[Done]:
        """Let an evaluation stand for objections."""
        return order("POST", path(TENDERS, tender_id, "stand"), key=key, subject=tender_id)

    @Verb
    def award(self, tender_id: str, *, key: str | None = None) -> Ask[Done]:
        """Award what has stood; without proof that nothing is cheaper it takes two people."""
        return order("POST", path(TENDERS, tender_id, "award"), key=key, subject=tender_id)

    @Verb
    def sign(self, tender_id: str, *, key: str | None = None) -> Ask[Done]:
        """Sign as a winner."""
        return order("POST", path(TENDERS, tender_id, "sign"), key=key, subject=tender_id)

    @Verb
    def cancel(self, tender_id: str, reason: str, *, key: str | None = None) -> Ask[Done]:
        """End a tender before it is awarded; every bond goes back."""
        asked = TenderCancel(reason=reason)
        return order("POST", path(TENDERS, tender_id, "cancel"), asked, key=key, subject=tender_id)

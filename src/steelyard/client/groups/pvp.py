"""The PvP queue: where its members stand; terms and pay-ins, for settlement agents."""

from steelyard.client.ask import Ask, Listing, order
from steelyard.client.pvp import PayInsAsked, PvpPosition, PvpTermsAsked
from steelyard.client.types import Done
from steelyard.client.verbs import F, Group, Lists, Verb


class Pvp(Group[F]):
    """Members of the PvP queue."""

    @Lists
    def list(
        self, *, participant: str | None = None, currency: str | None = None, limit: int | None = None
    ) -> Listing[PvpPosition]:
        """List where members stand, per currency: one's own, as settlement agent one's banks' too."""
        filters = {"participant": participant, "currency": currency, "limit": limit}
        return Listing("/v1/pvp", filters, PvpPosition)

    @Verb
    def set_terms(self, terms: PvpTermsAsked, *, key: str | None = None) -> Ask[Done]:
        """Say how far a participant may be short of one's currency; what lets it be shorter takes two people."""
        return order("PUT", "/v1/pvp/terms", terms, key=key)

    @Verb
    def set_pay_ins(self, pay_ins: PayInsAsked, *, key: str | None = None) -> Ask[Done]:
        """Fix by when a bank pays in what it is short now."""
        return order("PUT", "/v1/pvp/pay-ins", pay_ins, key=key)

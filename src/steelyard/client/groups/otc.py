"""Trades made outside the book: registered by one side, confirmed by the other, taken back by both."""

from steelyard.client.ask import Ask, Listing, get, order, path
from steelyard.client.otc import OtcAsked, OtcShown
from steelyard.client.types import Done
from steelyard.client.verbs import F, Group, Lists, Verb

OTC = "/v1/otc-trades"


class OtcTrades(Group[F]):
    """Trades made outside the book that one registers for published prices."""

    @Verb
    def register(self, trade: OtcAsked, *, key: str | None = None) -> Ask[Done]:
        """Offer a registration to the other side."""
        return order("POST", OTC, trade, key=key)

    @Lists
    def list(self, *, state: str | None = None, limit: int | None = None) -> Listing[OtcShown]:
        """List one's registrations, newest first."""
        return Listing(OTC, {"state": state, "limit": limit}, OtcShown)

    @Verb
    def show(self, trade_id: str) -> Ask[OtcShown]:
        """Give a registration of one's own."""
        return get(path(OTC, trade_id), OtcShown)

    @Verb
    def confirm(self, trade_id: str, *, key: str | None = None) -> Ask[Done]:
        """Confirm what the other side has offered: it counts towards the next fixing."""
        return order("POST", path(OTC, trade_id, "confirm"), key=key, subject=trade_id)

    @Verb
    def withdraw(self, trade_id: str, *, key: str | None = None) -> Ask[Done]:
        """Drop what is only offered, or ask to take back what counts; the other side's asking agrees."""
        return order("POST", path(OTC, trade_id, "withdraw"), key=key, subject=trade_id)

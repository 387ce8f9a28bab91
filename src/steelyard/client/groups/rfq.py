"""Requests for quotes: asked of dealers, answered, taken."""

from steelyard.client.ask import Ask, Listing, order, path
from steelyard.client.rfq import OwnQuote, QuoteGiven, QuoteTaken, RfqAsked, RfqPast, RfqShown
from steelyard.client.types import Done
from steelyard.client.verbs import F, Group, Lists, Verb

RFQ = "/v1/rfq"


class Rfqs(Group[F]):
    """Requests that one makes or may answer."""

    @Verb
    def ask(self, request: RfqAsked, *, key: str | None = None) -> Ask[Done]:
        """Ask dealers for quotes."""
        return order("POST", RFQ, request, key=key)

    @Lists
    def list(self, *, code: str | None = None, limit: int | None = None) -> Listing[RfqShown]:
        """List open requests with the answers that one may see."""
        return Listing(RFQ, {"code": code, "limit": limit}, RfqShown)

    @Lists
    def own(self, *, state: str | None = None, limit: int | None = None) -> Listing[RfqPast]:
        """List one's own requests, open and over."""
        return Listing("/v1/own-rfq", {"state": state, "limit": limit}, RfqPast)

    @Lists
    def own_answers(self, *, state: str | None = None, limit: int | None = None) -> Listing[OwnQuote]:
        """List what became of one's own answers."""
        return Listing("/v1/own-rfq-answers", {"state": state, "limit": limit}, OwnQuote)

    @Verb
    def answer(self, rfq_id: str, given: QuoteGiven, *, key: str | None = None) -> Ask[Done]:
        """Answer as a dealer: firm until the instant that the answer names."""
        return order("POST", path(RFQ, rfq_id, "answers"), given, key=key, subject=rfq_id)

    @Verb
    def accept(self, rfq_id: str, taken: QuoteTaken, *, key: str | None = None) -> Ask[Done]:
        """Take an answer: title and money move at once, or nothing does."""
        return order("POST", path(RFQ, rfq_id, "accept"), taken, key=key, subject=rfq_id)

    @Verb
    def withdraw(self, rfq_id: str, *, key: str | None = None) -> Ask[Done]:
        """Take a request back; its answers end."""
        return order("POST", path(RFQ, rfq_id, "withdraw"), key=key, subject=rfq_id)

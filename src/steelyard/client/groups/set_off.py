"""Claims that are set off in circles, without money."""

from steelyard.client.ask import Ask, Listing, get, order, path
from steelyard.client.set_off import Claim, ClaimAsked, SetOffAsked, SetOffRuleAsked
from steelyard.client.types import Done
from steelyard.client.verbs import F, Group, Lists, Verb

CLAIMS = "/v1/set-off/claims"


class SetOff(Group[F]):
    """Claims of one's own, and set-offs."""

    @Verb
    def file(self, claim: ClaimAsked, *, key: str | None = None) -> Ask[Done]:
        """File a claim, as its debtor or its creditor; the other side confirms it."""
        return order("POST", CLAIMS, claim, key=key)

    @Verb
    def confirm(self, claim_id: str, *, key: str | None = None) -> Ask[Done]:
        """Own up to a claim that the other side has filed."""
        return order("POST", path(CLAIMS, claim_id, "confirm"), key=key, subject=claim_id)

    @Verb
    def withdraw(self, claim_id: str, *, key: str | None = None) -> Ask[Done]:
        """Take back a claim: until both have confirmed it either side, after that its creditor."""
        return order("POST", path(CLAIMS, claim_id, "withdraw"), key=key, subject=claim_id)

    @Verb
    def get(self, claim_id: str) -> Ask[Claim]:
        """Give a claim as it stands, with what was set off of it."""
        return get(path(CLAIMS, claim_id), Claim)

    @Lists
    def list(
        self, *, state: str | None = None, currency: str | None = None, limit: int | None = None
    ) -> Listing[Claim]:
        """List claims of one's own, newest first."""
        return Listing(CLAIMS, {"state": state, "currency": currency, "limit": limit}, Claim)

    @Verb
    def ask(self, currency: str, *, key: str | None = None) -> Ask[Done]:
        """Ask for a set-off of a currency's claims, as operator or its settlement agent."""
        return order("POST", "/v1/set-off/batches", SetOffAsked(currency=currency), key=key)

    @Verb
    def allow(self, allowed: bool, *, key: str | None = None) -> Ask[Done]:
        """Say, as settlement agent, whether claims of one's member's banks may be set off."""
        return order("PUT", "/v1/set-off/rule", SetOffRuleAsked(allowed=allowed), key=key)

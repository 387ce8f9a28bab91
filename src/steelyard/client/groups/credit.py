"""Credit lines: given by settlement agents in their currencies, drawn and repaid."""

from steelyard.client.ask import Ask, Listing, order, path
from steelyard.client.credit import (
    AutoDrawAsked,
    CreditCase,
    CreditLine,
    CreditLineAsked,
    DrawAsked,
    RepayAsked,
)
from steelyard.client.types import Done, Money
from steelyard.client.verbs import F, Group, Lists, Verb

LINES = "/v1/credit-lines"


class CreditLines(Group[F]):
    """Lines that one gives or has."""

    @Verb
    def put(self, line: CreditLineAsked, *, key: str | None = None) -> Ask[Done]:
        """Give a line in one's own currency, or change its terms; what opens or widens it takes two people."""
        return order("PUT", LINES, line, key=key)

    @Lists
    def list(
        self, *, kind: str | None = None, currency: str | None = None, limit: int | None = None
    ) -> Listing[CreditLine]:
        """List lines with what is used of them, their lots and cases."""
        return Listing(LINES, {"kind": kind, "currency": currency, "limit": limit}, CreditLine)

    @Lists
    def cases(self, *, limit: int | None = None) -> Listing[CreditCase]:
        """List what was not repaid or given back in time."""
        return Listing("/v1/credit-cases", {"limit": limit}, CreditCase)

    @Verb
    def close(self, line_id: str, *, key: str | None = None) -> Ask[Done]:
        """Close one's own line for new use."""
        return order("POST", path(LINES, line_id, "close"), key=key, subject=line_id)

    @Verb
    def auto_draw(
        self, line_id: str, auto_draw: bool, *, cycle_cap: str = "0", key: str | None = None
    ) -> Ask[Done]:
        """Let cycles draw on a line that one has, each up to a cap."""
        asked = AutoDrawAsked(auto_draw=auto_draw, cycle_cap=cycle_cap)
        return order("PUT", path(LINES, line_id, "auto-draw"), asked, key=key, subject=line_id)

    @Verb
    def draw(self, line_id: str, participant: str, amount: Money, *, key: str | None = None) -> Ask[Done]:
        """Draw on a line for a participant of one's member."""
        asked = DrawAsked(participant=participant, amount=amount)
        return order("POST", path(LINES, line_id, "draw"), asked, key=key, subject=line_id)

    @Verb
    def repay(
        self,
        line_id: str,
        amount: Money,
        *,
        participant: str | None = None,
        lot: int | None = None,
        key: str | None = None,
    ) -> Ask[Done]:
        """Repay what was drawn; of a swap a lot, whole."""
        asked = RepayAsked(amount=amount, participant=participant, lot=lot)
        return order("POST", path(LINES, line_id, "repay"), asked, key=key, subject=line_id)

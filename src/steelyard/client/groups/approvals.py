"""What waits for a second person."""

from collections.abc import Sequence

from steelyard.client.ask import Ask, Listing, get, order, path
from steelyard.client.types import Approval, Decision, Done
from steelyard.client.verbs import F, Group, Lists, Verb

APPROVALS = "/v1/approvals"


class Approvals(Group[F]):
    """Proposals. A sensitive act is proposed by its own address; here it is decided on."""

    @Verb
    def get(self, proposal: str) -> Ask[Approval]:
        """Give a proposal with all its fields."""
        return get(path(APPROVALS, proposal), Approval)

    @Verb
    def approve(self, proposal: str, shown: str, *, key: str | None = None) -> Ask[Done]:
        """Say yes to exactly what was shown: `shown` is the digest that came with it."""
        return order(
            "POST", path(APPROVALS, proposal, "approve"), Decision(shown=shown), key=key, subject=proposal
        )

    @Verb
    def decline(self, proposal: str, shown: str, *, key: str | None = None) -> Ask[Done]:
        """Say no to what was shown."""
        return order(
            "POST", path(APPROVALS, proposal, "decline"), Decision(shown=shown), key=key, subject=proposal
        )

    @Lists
    def list(
        self, *, state: Sequence[str] | str | None = None, limit: int | None = None
    ) -> Listing[Approval]:
        """List what waits, or waited."""
        return Listing(APPROVALS, {"state": state, "limit": limit}, Approval)

"""What waits for a second person."""

from collections.abc import Sequence

from steelyard.client.ask import Ask, Listing, change, get, path
from steelyard.client.groups.fx import doubt
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
        return change(
            "POST", path(APPROVALS, proposal, "approve"), Decision(shown=shown), Done, key=key, unknown=doubt
        )

    @Verb
    def decline(self, proposal: str, shown: str, *, key: str | None = None) -> Ask[Done]:
        """Say no to what was shown."""
        return change(
            "POST", path(APPROVALS, proposal, "decline"), Decision(shown=shown), Done, key=key, unknown=doubt
        )

    @Lists
    def list(
        self, *, state: Sequence[str] | str | None = None, limit: int | None = None
    ) -> Listing[Approval]:
        """List what waits, or waited."""
        return Listing(APPROVALS, {"state": state, "limit": limit}, Approval)

"""The node about itself, and the sandbox."""

from typing import Any

from steelyard.client.ask import Ask, change, get
from steelyard.client.types import AdvanceAsked, Advanced, Status
from steelyard.client.verbs import F, Group, Verb


class Service(Group[F]):
    """Status and health; neither needs a key."""

    @Verb
    def status(self) -> Ask[Status]:
        """Say how the node and its members are."""
        return get("/v1/status", Status, sees_writes=False)

    @Verb
    def health(self) -> Ask[dict[str, Any]]:
        """Give the node's health as it sees it."""
        return get("/health", dict[str, Any], sees_writes=False)


class Sandbox(Group[F]):
    """What only nodes of the profiles demo and test can do."""

    @Verb
    def advance(self, to: str, *, key: str | None = None) -> Ask[Advanced]:
        """Move a simulated clock: to `cut_off`, `next_business_day`, an instant, or by a span such as PT15M."""
        return change("POST", "/v1/sandbox/advance", AdvanceAsked(to=to), Advanced, key=key)

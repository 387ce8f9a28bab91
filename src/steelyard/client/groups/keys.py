"""API keys of one's own."""

from collections.abc import Sequence

from steelyard.client.ask import Ask, Listing, change, path
from steelyard.client.types import ApiKeyAsked, ApiKeyShown
from steelyard.client.verbs import F, Group, Lists, Verb

KEYS = "/v1/api-keys"


class ApiKeys(Group[F]):
    """Keys, without their secrets."""

    @Verb
    def new(
        self,
        *,
        holder: str | None = None,
        label: str = "",
        scopes: Sequence[str] = (),
        addresses: Sequence[str] = (),
        days: int = 90,
        key: str | None = None,
    ) -> Ask[ApiKeyShown]:
        """Make a key; its text is in the answer, once."""
        asked = ApiKeyAsked(
            holder=holder, label=label, scopes=[*scopes], addresses=[*addresses], days=days
        )  # fmt: skip
        return change("POST", KEYS, asked, ApiKeyShown, key=key)

    @Verb
    def revoke(self, id: str, *, key: str | None = None) -> Ask[ApiKeyShown]:
        """Revoke a key for good."""
        return change("DELETE", path(KEYS, id), None, ApiKeyShown, key=key)

    @Lists
    def list(self, *, limit: int | None = None) -> Listing[ApiKeyShown]:
        """List one's keys, revoked ones too."""
        return Listing(KEYS, {"limit": limit}, ApiKeyShown)

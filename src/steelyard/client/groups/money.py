"""Money in and out: asked for by participants, answered by the settlement agent."""

from steelyard.client.ask import Ask, change
from steelyard.client.groups.fx import doubt
from steelyard.client.types import Done, FundAsked, RedeemAsked
from steelyard.client.types import Money as Amount
from steelyard.client.verbs import F, Group, Verb


class Money(Group[F]):
    """Funding and redemption."""

    @Verb
    def fund(
        self,
        asset: str,
        value: str,
        *,
        participant: str | None = None,
        reference: str | None = None,
        key: str | None = None,
    ) -> Ask[Done]:
        """Announce money that was locked outside and is to be issued here."""
        asked = FundAsked(amount=Amount(asset, value), participant=participant, reference=reference)
        return change("POST", "/v1/fund", asked, Done, key=key, unknown=doubt)

    @Verb
    def redeem(
        self, asset: str, value: str, *, reference: str | None = None, key: str | None = None
    ) -> Ask[Done]:
        """Ask for money to be paid out outside."""
        asked = RedeemAsked(amount=Amount(asset, value), reference=reference)
        return change("POST", "/v1/redeem", asked, Done, key=key, unknown=doubt)

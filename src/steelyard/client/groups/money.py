"""Money in and out: asked for by participants, answered by the settlement agent."""

from steelyard.client import acts
from steelyard.client.ask import Ask, Listing, Versioned, get_versioned, order, path
from steelyard.client.types import Currency, Done, FundAsked, Funding, Money, RedeemAsked, Redemption
from steelyard.client.verbs import F, Group, Lists, Verb


class Funds(Group[F]):
    """Money that comes in: locked at the settlement agent, then issued here."""

    @Verb
    def ask(self, amount: Money, *, key: str | None = None) -> Ask[Done]:
        """Announce money that is being locked outside and is to be issued here."""
        return order("POST", "/v1/fund", FundAsked(amount=amount), key=key)

    @Verb
    def advise(
        self,
        participant: str,
        amount: Money,
        advice: str,
        *,
        funding: str | None = None,
        key: str | None = None,
    ) -> Ask[Done]:
        """Report, as settlement agent, money that is locked; `funding` names the request, if there was one."""
        asked = acts.AdviceAsked(participant=participant, amount=amount, advice=advice, funding=funding)
        return order("POST", "/v1/advices", asked, key=key)

    @Verb
    def issue(self, participant: str, amount: Money, reference: str, *, key: str | None = None) -> Ask[Done]:
        """Issue by hand, as settlement agent; `reference` is that of the money locked."""
        asked = acts.IssueAsked(participant=participant, amount=amount, reference=reference)
        return order("POST", "/v1/issue", asked, key=key)

    @Verb
    def refuse(self, funding: str, *, reason: str = "", key: str | None = None) -> Ask[Done]:
        """Turn a request away, as settlement agent."""
        address = path("/v1/fundings", funding, "refuse")
        return order("POST", address, acts.Because(reason=reason), key=key, subject=funding)

    @Verb
    def rule(self, funding: str, *, issue: bool, key: str | None = None) -> Ask[Done]:
        """Rule on money that was advised and not issued: issue it now, or pay it back."""
        address = path("/v1/fundings", funding, "rule")
        return order("POST", address, acts.FundingRuling(issue=issue), key=key, subject=funding)

    @Lists
    def list(
        self,
        *,
        state: str | None = None,
        currency: str | None = None,
        participant: str | None = None,
        limit: int | None = None,
    ) -> Listing[Funding]:
        """List fundings, newest first."""
        fields = {"state": state, "currency": currency, "participant": participant, "limit": limit}
        return Listing("/v1/fundings", fields, Funding)


class Redemptions(Group[F]):
    """Money that goes out: set aside here, paid by the RTGS, then given back to the settlement agent."""

    @Verb
    def ask(self, amount: Money, *, key: str | None = None) -> Ask[Done]:
        """Ask for money to be paid out outside."""
        return order("POST", "/v1/redeem", RedeemAsked(amount=amount), key=key)

    @Verb
    def withdraw(self, redemption: str, *, reason: str = "", key: str | None = None) -> Ask[Done]:
        """Take one back that is not yet ordered."""
        address = path("/v1/redemptions", redemption, "withdraw")
        return order("POST", address, acts.Because(reason=reason), key=key, subject=redemption)

    @Verb
    def advise(
        self,
        redemption: str,
        *,
        paid: bool,
        amount: Money,
        payout: str = "",
        reason: str = "",
        key: str | None = None,
    ) -> Ask[Done]:
        """Report, as settlement agent, what the RTGS did with the pay-out."""
        asked = acts.PayoutAsked(paid=paid, amount=amount, payout=payout, reason=reason)
        return order(
            "POST", path("/v1/redemptions", redemption, "advise"), asked, key=key, subject=redemption
        )

    @Verb
    def rule(self, redemption: str, *, paid: bool, statement: str, key: str | None = None) -> Ask[Done]:
        """Rule on an overdue pay-out by what the RTGS's statement says."""
        asked = acts.RedemptionRuling(paid=paid, statement=statement)
        return order("POST", path("/v1/redemptions", redemption, "rule"), asked, key=key, subject=redemption)

    @Lists
    def list(
        self,
        *,
        state: str | None = None,
        currency: str | None = None,
        participant: str | None = None,
        limit: int | None = None,
    ) -> Listing[Redemption]:
        """List redemptions, newest first."""
        fields = {"state": state, "currency": currency, "participant": participant, "limit": limit}
        return Listing("/v1/redemptions", fields, Redemption)


class Currencies(Group[F]):
    """What a settlement agent rules about its currency."""

    @Verb
    def get(self, asset: str) -> Ask[Versioned[Currency]]:
        """Give its rules, with the version that a change must name."""
        return get_versioned(path("/v1/currencies", asset), Currency)

    @Verb
    def cap(self, cap: Money, version: str, *, key: str | None = None) -> Ask[Done]:
        """Set how much of it is issued at most."""
        address = path("/v1/currencies", cap.asset, "cap")
        return order("PUT", address, acts.CapAsked(cap=cap), key=key, version=version)

    @Verb
    def rules(
        self, asset: str, rules: acts.CurrencyRules, version: str, *, key: str | None = None
    ) -> Ask[Done]:
        """Set its rules, all of them anew."""
        return order("PUT", path("/v1/currencies", asset, "rules"), rules, key=key, version=version)

    @Verb
    def reconcile(self, statement: acts.ReserveStatement, *, key: str | None = None) -> Ask[Done]:
        """Enter a statement of the reserve account, to be compared with what is issued."""
        return order("POST", "/v1/reserve-statements", statement, key=key)

    @Verb
    def clear(self, asset: str, reason: str, *, key: str | None = None) -> Ask[Done]:
        """Say that two people have looked into its differences."""
        return order("POST", path("/v1/currencies", asset, "clear"), acts.Clearing(reason=reason), key=key)

    @Verb
    def ask(self, currencies: "list[str]", *, key: str | None = None) -> Ask[Done]:
        """Ask, as participant, to hold further currencies."""
        return order("POST", "/v1/currencies", acts.CurrenciesAsked(currencies=currencies), key=key)

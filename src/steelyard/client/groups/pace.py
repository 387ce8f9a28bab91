"""Throughput rules of currencies, and what followed from them."""

from steelyard.client.ask import Ask, Listing, get, order, path
from steelyard.client.pace import PaceDay, PaceRule, PaceRuleAsked
from steelyard.client.types import Done
from steelyard.client.verbs import F, Group, Lists, Verb

RULES = "/v1/throughput/rules"


class Pace(Group[F]):
    """What follows from sending late."""

    @Verb
    def rule(self, currency: str) -> Ask[PaceRule]:
        """Give a currency's throughput rule."""
        return get(path(RULES, currency), PaceRule)

    @Verb
    def set_rule(self, currency: str, rule: PaceRuleAsked, *, key: str | None = None) -> Ask[Done]:
        """Set it, as the currency's settlement agent, by two people."""
        return order("PUT", path(RULES, currency), rule, key=key, subject=currency)

    @Lists
    def days(
        self, *, currency: str | None = None, participant: str | None = None, limit: int | None = None
    ) -> Listing[PaceDay]:
        """List what ends of days said, newest first: of oneself, and what is published of others."""
        asked = {"currency": currency, "participant": participant, "limit": limit}
        return Listing("/v1/throughput/days", asked, PaceDay)

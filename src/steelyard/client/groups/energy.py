"""Energy: supply contracts, matches, indices."""

from steelyard.client.ask import Ask, Listing, get, order, path
from steelyard.client.energy import (
    EnergyBillPaid,
    EnergyBillShown,
    EnergyDealShown,
    GiveUpAsked,
    IndexAsked,
    IndexShown,
    MatchAsked,
    MatchBrought,
    MatchShown,
    MonthAsked,
    NominationAsked,
    ShortAsked,
    SupplyAsked,
    SupplyShown,
    SupplyWhole,
    TakeAsked,
)
from steelyard.client.types import Done
from steelyard.client.verbs import F, Group, Lists, Verb

CONTRACTS, MATCHES, INDICES = "/v1/energy/contracts", "/v1/energy/matches", "/v1/energy/indices"
DEALS, BILLS = "/v1/energy/deals", "/v1/energy/bills"


class Energy(Group[F]):
    """Contracts that one sells or buys by; matches and indices, which everybody sees."""

    @Verb
    def register(self, contract: SupplyAsked, *, key: str | None = None) -> Ask[Done]:
        """Offer a contract to its buyer."""
        return order("POST", CONTRACTS, contract, key=key)

    @Lists
    def contracts(self, *, state: str | None = None, limit: int | None = None) -> Listing[SupplyShown]:
        """List contracts that one sells or buys by, newest first."""
        return Listing(CONTRACTS, {"state": state, "limit": limit}, SupplyShown)

    @Verb
    def contract(self, contract_id: str) -> Ask[SupplyWhole]:
        """Show a contract with its months, years and make-up bank."""
        return get(path(CONTRACTS, contract_id), SupplyWhole)

    @Verb
    def agree(self, contract_id: str, *, key: str | None = None) -> Ask[Done]:
        """Agree to a contract as its buyer: it runs."""
        return order("POST", path(CONTRACTS, contract_id, "agree"), key=key, subject=contract_id)

    @Verb
    def withdraw(self, contract_id: str, *, key: str | None = None) -> Ask[Done]:
        """Take a contract back, as its seller, that is not agreed to."""
        return order("POST", path(CONTRACTS, contract_id, "withdraw"), key=key, subject=contract_id)

    @Verb
    def nominate(self, contract_id: str, asked: NominationAsked, *, key: str | None = None) -> Ask[Done]:
        """Say as the buyer what is wanted in a month."""
        return order("POST", path(CONTRACTS, contract_id, "nominate"), asked, key=key, subject=contract_id)

    @Verb
    def give_up(self, contract_id: str, quantity: int, *, key: str | None = None) -> Ask[Done]:
        """Give up a part of the coming year's quantity, within the tolerance."""
        asked = GiveUpAsked(quantity=quantity)
        return order("POST", path(CONTRACTS, contract_id, "give-up"), asked, key=key, subject=contract_id)

    @Verb
    def take(self, contract_id: str, asked: TakeAsked, *, key: str | None = None) -> Ask[Done]:
        """Report as the seller what happened in a month."""
        return order("POST", path(CONTRACTS, contract_id, "take"), asked, key=key, subject=contract_id)

    @Verb
    def confirm(
        self,
        contract_id: str,
        month: str,
        *,
        quote_id: str | None = None,
        later: bool = False,
        key: str | None = None,
    ) -> Ask[Done]:
        """Confirm a month as the buyer, and pay it: now, from another currency by a firm quote, or later by a bill."""
        asked = MonthAsked(month=month, quote_id=quote_id, later=later)
        return order("POST", path(CONTRACTS, contract_id, "confirm"), asked, key=key, subject=contract_id)

    @Verb
    def settle_year(self, contract_id: str, *, key: str | None = None) -> Ask[Done]:
        """Settle the contract year whose months are all confirmed: take-or-pay."""
        return order("POST", path(CONTRACTS, contract_id, "settle-year"), key=key, subject=contract_id)

    @Verb
    def ask_match(self, network: MatchAsked, *, key: str | None = None) -> Ask[Done]:
        """Have a network matched by the node's solver, as operator."""
        return order("POST", MATCHES, network, key=key)

    @Verb
    def bring_match(self, match: MatchBrought, *, key: str | None = None) -> Ask[Done]:
        """Publish a match that was computed elsewhere, with its proof, as operator."""
        return order("PUT", MATCHES, match, key=key)

    @Lists
    def matches(self, *, limit: int | None = None) -> Listing[MatchShown]:
        """List published matches, newest first."""
        return Listing(MATCHES, {"limit": limit}, MatchShown)

    @Verb
    def publish_match(self, match_id: str, *, key: str | None = None) -> Ask[Done]:
        """Publish cargoes that leave a gap, as two people of the operator."""
        return order("POST", path(MATCHES, match_id, "publish"), key=key, subject=match_id)

    @Verb
    def withdraw_match(self, match_id: str, *, key: str | None = None) -> Ask[Done]:
        """Take back a question that is open, or cargoes that leave a gap, as operator."""
        return order("POST", path(MATCHES, match_id, "withdraw"), key=key, subject=match_id)

    @Lists
    def deals(self, *, limit: int | None = None) -> Listing[EnergyDealShown]:
        """List deals, newest first: matches that are settled once all their parties accept."""
        return Listing(DEALS, {"limit": limit}, EnergyDealShown)

    @Verb
    def accept(self, match_id: str, *, key: str | None = None) -> Ask[Done]:
        """Accept a deal as one of its parties."""
        return order("POST", path(DEALS, match_id, "accept"), key=key, subject=match_id)

    @Verb
    def short(self, match_id: str, node: str, quantity: int, *, key: str | None = None) -> Ask[Done]:
        """Report what one has failed to bring to a node of a deal; it is billed at once."""
        asked = ShortAsked(node=node, quantity=quantity)
        return order("POST", path(DEALS, match_id, "short"), asked, key=key, subject=match_id)

    @Verb
    def decline(self, match_id: str, *, key: str | None = None) -> Ask[Done]:
        """Decline a deal before all have accepted it."""
        return order("POST", path(DEALS, match_id, "decline"), key=key, subject=match_id)

    @Lists
    def bills(self, *, state: str | None = None, limit: int | None = None) -> Listing[EnergyBillShown]:
        """List bills that one pays or gets, newest first."""
        return Listing(BILLS, {"state": state, "limit": limit}, EnergyBillShown)

    @Verb
    def pay(self, bill_id: str, quote_id: str | None = None, *, key: str | None = None) -> Ask[Done]:
        """Pay a bill at once, in its currency or by a firm quote; both legs move or none."""
        asked = EnergyBillPaid(quote_id=quote_id)
        return order("POST", path(BILLS, bill_id, "pay"), asked, key=key, subject=bill_id)

    @Verb
    def put_index(
        self, index: str, month: str, value_minor: str, source: str, *, key: str | None = None
    ) -> Ask[Done]:
        """Enter an outside index's value in a month that is over, as operator, once; a second person agrees."""
        asked = IndexAsked(index=index, month=month, value_minor=value_minor, source=source)
        return order("POST", INDICES, asked, key=key)

    @Lists
    def indices(self, *, index: str | None = None, limit: int | None = None) -> Listing[IndexShown]:
        """List the values of indices."""
        return Listing(INDICES, {"index": index, "limit": limit}, IndexShown)

"""Energy: supply contracts with take-or-pay, matches of who has with who needs, indices of prices."""

from steelyard.api import listing, wire
from steelyard.api.auth.visibility import view_of
from steelyard.api.call import Call, Reply, tell
from steelyard.api.listing import Field, Listing, everything, own
from steelyard.api.problems import ProblemError
from steelyard.api.route import Param, Route, lists
from steelyard.api.routes.acts import Act, routes_of
from steelyard.api.views import energy as view
from steelyard.client import energy as shapes
from steelyard.market.energy.supplies import MONTHS, YEARS_MAX, SupplyState
from steelyard.storage.queries import Found

Rows = tuple[Found | None, list[Found], list[Found]]


async def list_energy_contracts(call: Call) -> Reply:
    """List contracts that one sells or buys by, newest first."""
    return await listing.answer(call, CONTRACTS)


async def get_energy_contract(call: Call) -> Reply:
    """Show a contract: its terms, months, settled years and what stands in its make-up bank."""
    contract_id, reader = wire.path_id(call.path_params["id"]), call.gateway.stores.reader
    of_it = [("contract_id", "=", contract_id)]

    def work() -> Rows:
        row = reader.one("supply", contract_id=contract_id)
        months = reader.page("supply_month", of_it, limit=MONTHS * YEARS_MAX)
        return row, months, reader.page("supply_year", of_it, limit=YEARS_MAX)

    row, months, years = await call.gateway.aside(work)
    if row is None:
        raise ProblemError("not-found")
    view_of(call.who, call.directory.members).need(row["seller"], row["buyer"])
    return tell(view.whole(row, months, years, await view.supply_of(call), call))


async def list_energy_matches(call: Call) -> Reply:
    """List published matches, newest first: flows, prices of nodes, what stays unserved and why."""
    return await listing.answer(call, MATCHES)


async def list_energy_deals(call: Call) -> Reply:
    """List deals, newest first: matches that are settled, who has accepted them, what they still make due."""
    return await listing.answer(call, DEALS)


async def list_energy_bills(call: Call) -> Reply:
    """List bills that one pays or gets, newest first."""
    return await listing.answer(call, BILLS)


async def list_energy_indices(call: Call) -> Reply:
    """List the values of indices by month."""
    return await listing.answer(call, INDICES)


CONTRACTS = Listing(
    "supply", shapes.SupplyShown, view.supply, own("seller", "buyer"),
    (Field(Param("state", "words", "In these states.", tuple(one.value for one in SupplyState)), "state"),),
)  # fmt: skip
MATCHES = Listing("energy_match", shapes.MatchShown, view.match, everything)
DEALS = Listing("energy_deal", shapes.EnergyDealShown, view.deal, everything)
BILLS = Listing(
    "energy_bill", shapes.EnergyBillShown, view.bill, own("debtor", "creditor"),
    (Field(Param("state", "words", "In these states.", ("OPEN", "PAID")), "state"),),
)  # fmt: skip
INDICES = Listing(
    "energy_index", shapes.IndexShown, view.index_row, everything,
    (Field(Param("index", "text", "Of this index."), "name"),), newest_first=False,
)  # fmt: skip
_ALL, _ONE = "/v1/energy/contracts", "/v1/energy/contracts/{id}"
_MATCHES, _INDICES = "/v1/energy/matches", "/v1/energy/indices"
_DEALS, _BILLS = "/v1/energy/deals", "/v1/energy/bills"
ACTS = (
    Act("POST", _ALL, "tender", "energy.register", shapes.SupplyAsked, view.registered,
        "Offer a supply contract to its buyer"),
    Act("POST", f"{_ONE}/agree", "tender", "energy.agree", None, view.named, "Agree to a contract as its buyer"),
    Act("POST", f"{_ONE}/withdraw", "tender", "energy.withdraw", None, view.named,
        "Take a contract back that is not agreed to"),
    Act("POST", f"{_ONE}/nominate", "tender", "energy.nominate", shapes.NominationAsked, view.nominated,
        "Say as the buyer what is wanted in a month"),
    Act("POST", f"{_ONE}/give-up", "tender", "energy.give_up", shapes.GiveUpAsked, view.given_up,
        "Give up a part of the coming year's quantity"),
    Act("POST", f"{_ONE}/take", "tender", "energy.take", shapes.TakeAsked, view.taken,
        "Report as the seller what happened in a month"),
    Act("POST", f"{_ONE}/confirm", "tender", "energy.confirm", shapes.MonthAsked, view.confirmed,
        "Confirm a month as the buyer, and pay it"),
    Act("POST", f"{_ONE}/settle-year", "tender", "energy.settle_year", None, view.named,
        "Settle a contract year: take-or-pay"),
    Act("POST", _MATCHES, "rate", "energy.ask", shapes.MatchAsked, view.asked_match,
        "Have a network matched by the node's solver"),
    Act("PUT", _MATCHES, "rate", "energy.match", shapes.MatchBrought, view.brought,
        "Publish a match that was computed elsewhere, with its proof"),
    Act("POST", f"{_MATCHES}/{{id}}/publish", "rate", "energy.publish", None, view.match_named,
        "Publish cargoes that leave a gap, as two people"),
    Act("POST", f"{_MATCHES}/{{id}}/withdraw", "rate", "energy.withdraw_match", None, view.match_named,
        "Take a question back, or cargoes that leave a gap"),
    Act("POST", f"{_DEALS}/{{id}}/accept", "tender", "energy.accept", None, view.deal_named,
        "Accept a deal as one of its parties"),
    Act("POST", f"{_DEALS}/{{id}}/decline", "tender", "energy.decline", None, view.deal_named,
        "Decline a deal before all have accepted it"),
    Act("POST", f"{_DEALS}/{{id}}/short", "tender", "energy.short", shapes.ShortAsked, view.short,
        "Report what one has failed to deliver by a deal"),
    Act("POST", f"{_BILLS}/{{id}}/pay", "tender", "energy.pay", shapes.EnergyBillPaid, view.paid_bill,
        "Pay a bill at once, in its currency or by a firm quote"),
    Act("POST", _INDICES, "rate", "energy.index", shapes.IndexAsked, view.index,
        "Enter an index's value in a month that is over"),
)  # fmt: skip
ROUTES = (
    lists(_ALL, "read", list_energy_contracts, "Supply contracts", shapes.SupplyShown, CONTRACTS.query),
    Route("GET", _ONE, "read", get_energy_contract, "A supply contract", told=shapes.SupplyWhole),
    lists(_MATCHES, "read", list_energy_matches, "Published matches of energy", shapes.MatchShown, MATCHES.query),
    lists(_DEALS, "read", list_energy_deals, "Deals: matches that are settled", shapes.EnergyDealShown, DEALS.query),
    lists(_BILLS, "read", list_energy_bills, "Bills of energy", shapes.EnergyBillShown, BILLS.query),
    lists(_INDICES, "read", list_energy_indices, "Indices of energy", shapes.IndexShown, INDICES.query),
    *routes_of(ACTS),
)  # fmt: skip

"""Clearing: how one stands, contracts, runs, claims, the fund and defaults; and every order about them, a line each."""

from collections.abc import Callable
from typing import Any

from steelyard.api import listing
from steelyard.api.auth.visibility import view_of
from steelyard.api.call import Call, Reply, tell
from steelyard.api.listing import ITEMS
from steelyard.api.orders import order
from steelyard.api.route import Param, Route, lists
from steelyard.api.routes.acts import Act, answered, routes_of
from steelyard.api.views import clearing as views
from steelyard.api.wire import Faults
from steelyard.client import clearing as shapes
from steelyard.client import types
from steelyard.flows import clearing_reduce
from steelyard.flows.clearing_default import BidFields
from steelyard.flows.clearing_margin import RunFields
from steelyard.flows.clearing_receipts import NamedFields, SeizeFields
from steelyard.flows.clearing_terms import JoinFields

Row = dict[str, Any]


async def get_margin(call: Call) -> Reply:
    """Show how a member stands: positions, what they need, what covers it, what is due."""
    bic = call.query.get("participant", call.who.owner)
    view_of(call.who, call.directory.members).need(bic)
    found = await call.gateway.read("clearing_standing", bic)
    row = found.decoded(Row | None)
    told = views.no_standing(bic) if row is None else views.standing(row, call.directory)
    return tell(told, seq=found.seq)


def _reads(
    read: str, kind: Any, make: Callable[..., Any], key: Callable[[Any], Any], name: str, about: str
) -> Any:
    """Give the function of a route that lists what the state tells of clearing."""

    async def run(call: Call) -> Reply:
        viewer = "" if view_of(call.who, call.directory.members).owners is None else call.who.owner
        found = await call.gateway.read(read, viewer=viewer)
        items = [make(row, call.directory) for row in found.decoded(list[Row])]
        return await listing.answer_items(call, kind, items, key, seq=found.seq)

    run.__name__, run.__doc__ = name, f"{about}."
    return run


async def list_clearing_cases(call: Call) -> Reply:
    """List defaults and reductions: open ones and the last that are over. Bids are the bidder's own."""
    viewer = "" if view_of(call.who, call.directory.members).owners is None else call.who.owner
    found, scales = await call.gateway.read("clearing_cases", viewer=viewer), await _scales(call)
    items = [views.case(row, scales, call.directory) for row in found.decoded(list[Row])]
    return await listing.answer_items(
        call, shapes.Case, items, lambda one: (one.state == "CLOSED", -one.number), seq=found.seq
    )


async def bid_in_default(call: Call) -> Reply:
    """Bid for lots of a portfolio that is sold."""
    asked, faults, case_id = call.asked(shapes.BidAsked), Faults(), views.at_id(call)
    scales = await _scales(call)
    if asked.contract not in scales:
        faults.add("/contract", "contract-unknown", "nothing is cleared under this code", asked.contract)
        faults.end()
    minor = views.price(asked.price, scales[asked.contract], faults, "/price")
    faults.end()
    fields = BidFields(case_id, asked.contract, asked.lots, minor)
    return answered(await order(call, "clearing.default.bid", fields))


async def _scales(call: Call) -> dict[str, int]:
    """Give the decimals of the prices of each contract."""
    rows = (await call.gateway.read("clearing_contracts")).decoded(list[Row])
    return {row["contract"]: call.directory.scale(row["asset"]) for row in rows}


def _named(fields: type[Any]) -> Any:
    """Give what makes the fields of an act on what the address names."""
    return lambda call, asked, faults: fields(views.at_id(call))


_ROOT = "/v1/clearing"
_RUN, _CASE, _RECEIPT = f"{_ROOT}/runs/{{id}}", f"{_ROOT}/cases/{{id}}", f"{_ROOT}/receipts/{{id}}"
ACTS: tuple[Act, ...] = (
    Act("POST", f"{_ROOT}/join", "cleared", "clearing.join", shapes.JoinAsked,
        lambda call, a, f: JoinFields(a.currency), "Become a member of the clearing house in a currency"),
    Act("POST", f"{_ROOT}/collateral/deposit", "cleared", "clearing.collateral.deposit", shapes.ClearingMoney,
        views.moved, "Put cash on one's margin account"),
    Act("POST", f"{_ROOT}/collateral/withdraw", "cleared", "clearing.collateral.withdraw", shapes.ClearingMoney,
        views.moved, "Take back cash that covers nothing"),
    Act("POST", f"{_RECEIPT}/lodge", "cleared", "clearing.receipt.lodge", None, _named(NamedFields),
        "Lodge a receipt as collateral"),
    Act("POST", f"{_RECEIPT}/return", "cleared", "clearing.receipt.return", None, _named(NamedFields),
        "Take a lodged receipt back"),
    Act("POST", f"{_RECEIPT}/seize", "clearing", "clearing.receipt.seize", shapes.SeizeAsked,
        lambda call, a, f: SeizeFields(views.at_id(call), a.currency), "Hand a defaulter's receipt to the sponsor"),
    Act("POST", f"{_ROOT}/fund/contribute", "cleared", "clearing.fund.contribute", shapes.ContributionAsked,
        views.contribution, "Pay into the default fund"),
    Act("POST", f"{_ROOT}/fund/take-back", "cleared", "clearing.fund.take_back", shapes.ClearingMoney, views.moved,
        "Take back what the default fund does not need"),
    Act("POST", f"{_ROOT}/fund/give-back", "clearing", "clearing.fund.give_back", shapes.ContributionAsked,
        views.contribution, "Give a sponsor its money back"),
    Act("POST", f"{_ROOT}/fund/size", "clearing", "clearing.fund.size", shapes.StressesAsked, views.stresses,
        "Size the default fund of a currency"),
    Act("PUT", f"{_ROOT}/desks", "clearing", "clearing.desk", shapes.DeskAsked, views.desk,
        "Set how a currency is cleared"),
    Act("PUT", f"{_ROOT}/contracts", "clearing", "clearing.contract", shapes.ContractAsked, views.terms,
        "Set the terms of a cleared contract"),
    Act("PUT", f"{_ROOT}/collateral", "clearing", "clearing.accept", shapes.AcceptedAsked, views.accept,
        "Set what counts as collateral"),
    Act("POST", f"{_ROOT}/runs", "margin", "clearing.margin.call", shapes.RunAsked, views.called,
        "Mark a currency's contracts and call variation margin"),
    Act("POST", f"{_RUN}/collect", "margin", "clearing.margin.collect", None, _named(RunFields),
        "Collect in a run what is there now"),
    Act("POST", f"{_RUN}/pay", "margin", "clearing.margin.pay", None, _named(RunFields), "Pay the gainers of a run"),
    Act("POST", f"{_RUN}/pay-in", "cleared", "clearing.margin.pay_in", None, _named(RunFields),
        "Pay what one owes in a run"),
    Act("POST", f"{_ROOT}/models", "margin", "clearing.margin.model", shapes.ModelAsked, views.modelled,
        "Enter what a margin model has found"),
    Act("POST", f"{_ROOT}/claims/pay", "cleared", "clearing.claim.pay", shapes.ClaimPayment, views.claim_payment,
        "Pay what one owes out of runs"),
    Act("POST", f"{_ROOT}/cases", "clearing", "clearing.default.open", shapes.CaseAsked, views.case_opened,
        "Open a member's default"),
    Act("POST", f"{_CASE}/receipt-bids", "cleared", "clearing.default.bid_receipt", shapes.GoodsBidAsked,
        views.goods_bid, "Bid for a receipt of a defaulter"),
    Act("POST", f"{_CASE}/steps", "clearing", "clearing.default.step", shapes.StepAsked, views.case_step,
        "Take a step of a default"),
    Act("POST", f"{_ROOT}/readmissions", "clearing", "clearing.member.readmit", shapes.ReadmitAsked,
        views.readmitted, "Let a member back that was expelled"),
    Act("POST", f"{_ROOT}/reductions", "clearing", "clearing.reduction.open", shapes.ReductionAsked,
        views.reduction, "Open the reduction of lots above a limit"),
    Act("POST", f"{_CASE}/reduce", "clearing", "clearing.reduction.auction", shapes.ReportAsked,
        lambda call, a, f: clearing_reduce.AuctionFields(views.at_id(call), bytes.fromhex(a.report)),
        "Sell the lots of a reduction"),
)  # fmt: skip
"""Every order about clearing but bids, whose price is read by its contract."""

_CONTRACTS, _RUNS = (
    "Contracts that are cleared",
    "Runs of variation margin: open ones and the last that are over",
)
_CLAIMS, _FUND = "Open claims out of runs, oldest first", "The default fund of each currency"
_ACCEPTED = "What counts as collateral"
_BIC = Param("participant", "bic", "Whose; one's own where nothing is said.")
ROUTES = (
    Route("GET", f"{_ROOT}/margin", "read", get_margin, "How a member stands in clearing",
          told=shapes.MarginStanding, query=(_BIC,)),
    lists(f"{_ROOT}/contracts", "read",
          _reads("clearing_contracts", shapes.ContractTerms, views.contract, lambda one: (one.contract,),
                 "list_cleared_contracts", _CONTRACTS), _CONTRACTS, shapes.ContractTerms, ITEMS),
    lists(f"{_ROOT}/collateral", "read",
          _reads("clearing_accepted", shapes.AcceptedTerms, views.accepted, lambda one: (one.asset,),
                 "list_accepted_collateral", _ACCEPTED), _ACCEPTED, shapes.AcceptedTerms, ITEMS),
    lists(f"{_ROOT}/runs", "read",
          _reads("clearing_runs", shapes.Run, views.run, lambda one: (one.state != "CALLED", -one.number),
                 "list_margin_runs", _RUNS), _RUNS, shapes.Run, ITEMS),
    lists(f"{_ROOT}/claims", "read",
          _reads("clearing_claims", shapes.ClearingClaim, views.claim,
                 lambda one: (one.on or "", one.run_id, one.participant), "list_clearing_claims", _CLAIMS),
          _CLAIMS, shapes.ClearingClaim, ITEMS),
    lists(f"{_ROOT}/cases", "read", list_clearing_cases, "Defaults and reductions", shapes.Case, ITEMS),
    lists(f"{_ROOT}/fund", "read",
          _reads("clearing_fund", shapes.Fund, views.fund, lambda one: (one.currency,), "list_default_funds",
                 _FUND), _FUND, shapes.Fund, ITEMS),
    Route("POST", f"{_CASE}/bids", "cleared", bid_in_default, "Bid in a default", shapes.BidAsked, types.Done,
          keyed=True),
    *routes_of(ACTS),
)  # fmt: skip

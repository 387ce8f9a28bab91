"""Tenders: drafted and published by a buyer, bid in under seal, opened, evaluated, awarded, signed."""

from typing import Any

from steelyard.api import listing
from steelyard.api.auth.visibility import Views, view_of
from steelyard.api.call import Call, Reply, tell
from steelyard.api.listing import Field, Listing
from steelyard.api.orders import Recorded, order
from steelyard.api.problems import ProblemError
from steelyard.api.route import Param, Route, lists
from steelyard.api.routes.acts import Act, answered, routes_of
from steelyard.api.views import tender_words
from steelyard.api.views import tenders as view
from steelyard.api.wire import Faults
from steelyard.client import tenders as shapes
from steelyard.client import types
from steelyard.flows import tender_file
from steelyard.market.refusals.tenders import TenderRefusal
from steelyard.market.tenders import TenderState

EXPLAINED = frozenset(
    one.code
    for one in (
        TenderRefusal.TENDER_NOT_FOUND,
        TenderRefusal.TENDER_STATE_FORBIDS,
        TenderRefusal.AWARD_IS_EMPTY,
        TenderRefusal.STANDSTILL_IS_NOT_OVER,
    )
)
"""Refusals that hang on where a tender is"""


async def list_tenders(call: Call) -> Reply:
    """List tenders that are published, and one's own, newest first."""
    return await listing.answer(call, TENDERS)


async def get_tender(call: Call) -> Reply:
    """Show a tender: its terms, from the opening on its bids, then the award and why offers were rejected."""
    case = await view.case_of(call)
    if case is None:
        raise ProblemError("not-found")
    return tell(view.whole(case, call))


async def get_tender_file(call: Call) -> Reply:
    """Give what an award is recomputed from: all inputs, commitments with their salts, the award."""
    case = await view.case_of(call)
    if case is None:
        raise ProblemError("not-found")
    file = tender_file.of_case(case)
    if file is None:
        raise ProblemError("not-found", f"no award is published of it: {tender_words.happened(case)}")
    return Reply(200, tender_file.write(file))


async def reveal_bid(call: Call) -> Reply:
    """Reveal what was committed to; it is shown to nobody before the opening."""
    asked, faults = call.asked(shapes.RevealAsked), Faults()
    fields = await view.revealed(call, asked, faults)
    faults.end()
    found = await order(call, "tender.reveal", fields)
    return answered(found, because=await _explain(call, found) if found.is_refused else "")


async def _explain(call: Call, found: Recorded) -> str:
    """Say of an order that the state forbids where the tender is; of one that is not there nothing."""
    if found.outcome.refusal not in EXPLAINED or "id" not in call.path_params:
        return ""
    case = await view.case_of(call)
    return tender_words.refused(case) if case is not None else ""


def _views(call: Call) -> Views:
    """Give the views of tenders: what is published is everybody's, what never was its buyer's alone."""
    seen = view_of(call.who, call.directory.members)
    public = [("state", "!=", TenderState.DRAFT.value), ("event", "!=", "DROPPED")]
    return [[]] if seen.owners is None else [public, *seen.of("buyer")]


def _words(param: str) -> Any:
    return Param(param, "words", "In these states.", tuple(state.value for state in TenderState))


TENDERS = Listing(
    "tender",
    shapes.TenderShown,
    view.row,
    _views,
    (Field(Param("buyer", "bic", "Of this buyer."), "buyer"), Field(_words("state"), "state")),
)
_ALL, _ONE = "/v1/tenders", "/v1/tenders/{id}"


def _plain(word: str, about: str) -> Act:
    return Act(
        "POST", f"{_ONE}/{word}", "tender", f"tender.{word}", None, view.named, about, explain=_explain
    )


ACTS = (
    Act("POST", _ALL, "tender", "tender.draft", shapes.TenderAsked, view.draft, "Draft a tender"),
    _plain("publish", "Publish a tender: bids come until its close"),
    Act("PUT", f"{_ONE}/rates", "tender", "tender.rate", shapes.TenderRates, view.rates,
        "Name the firm quotes at which foreign offers are counted", explain=_explain),
    Act("POST", f"{_ONE}/bid", "tender", "tender.bid", shapes.BidAsked, view.bid,
        "Commit to offers by their hash; the bond is set aside", explain=_explain),
    Act("POST", f"{_ONE}/withdraw", "tender", "tender.withdraw", None, view.bid_named,
        "Take a bid back before the close", explain=_explain),
    _plain("evaluate", "Have a tender evaluated anew"),
    _plain("stand", "Let an evaluation stand for objections"),
    _plain("award", "Award what has stood; without proof by two people"),
    _plain("sign", "Sign as a winner"),
    Act("POST", f"{_ONE}/cancel", "tender", "tender.cancel", shapes.TenderCancel, view.cancelled,
        "End a tender before it is awarded", explain=_explain),
)  # fmt: skip
ROUTES = (
    lists(_ALL, "read", list_tenders, "Tenders", shapes.TenderShown, TENDERS.query),
    Route("GET", _ONE, "read", get_tender, "A tender", told=shapes.TenderWhole),
    Route("GET", f"{_ONE}/file", "read", get_tender_file, "What an award is recomputed from"),
    *routes_of(ACTS),
    Route("POST", f"{_ONE}/reveal", "tender", reveal_bid, "Reveal a bid after the close", shapes.RevealAsked,
          types.Done, keyed=True),
)  # fmt: skip

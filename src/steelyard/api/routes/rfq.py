"""Requests for quotes: asked of dealers, answered firmly, taken as one bundle of title and money."""

from steelyard.api import listing
from steelyard.api.call import Call, Reply
from steelyard.api.listing import ITEMS, Field, Listing, own
from steelyard.api.orders import order
from steelyard.api.route import Param, Route, lists
from steelyard.api.routes import acts
from steelyard.api.routes.acts import Act, routes_of
from steelyard.api.views import rfq as view
from steelyard.api.wire import Faults
from steelyard.client import rfq as shapes
from steelyard.client import types


async def list_rfq(call: Call) -> Reply:
    """List open requests that one made or may answer; its requester sees every answer, a dealer its own."""
    found = await view.open_requests(call)
    if "code" in call.query:
        found = [one for one in found if one.code == call.query["code"]]
    items = [view.shown(one, call, call.gateway.now()) for one in found]
    return await listing.answer_items(call, shapes.RfqShown, items, lambda one: (one.valid_until, one.rfq_id))


async def list_own_rfq(call: Call) -> Reply:
    """List one's own requests, open and over, newest first."""
    return await listing.answer(call, REQUESTS)


async def list_own_rfq_answers(call: Call) -> Reply:
    """List one's own answers and what became of them, newest first."""
    return await listing.answer(call, ANSWERS)


async def answer_rfq(call: Call) -> Reply:
    """Answer a request: what is offered is locked, and the money of a bid set aside, as long as it stands."""
    asked, faults = call.asked(shapes.QuoteGiven), Faults()
    fields = await view.answered(call, asked, faults)
    faults.end()
    return acts.answered(await order(call, "rfq.answer", fields))


def _states(*words: str) -> Field:
    return Field(Param("state", "words", "In these states.", words), "state")


REQUESTS = Listing(
    "rfq", shapes.RfqPast, view.past, own("requester"), (_states("OPEN", "OVER", "WITHDRAWN"),)
)
ANSWERS = Listing(
    "rfq_answer", shapes.OwnQuote, view.own_answer, own("dealer"), (_states("FIRM", "TAKEN", "ENDED"),)
)
_ALL, _ONE = "/v1/rfq", "/v1/rfq/{id}"
ACTS = (
    Act("POST", _ALL, "tender", "rfq.request", shapes.RfqAsked, view.requested, "Ask dealers for quotes"),
    Act("POST", f"{_ONE}/accept", "tender", "rfq.accept", shapes.QuoteTaken, view.accepted, "Take an answer"),
    Act("POST", f"{_ONE}/withdraw", "tender", "rfq.withdraw", None, view.named, "Take a request back"),
)
ROUTES = (
    lists(_ALL, "read", list_rfq, "Open requests for quotes", shapes.RfqShown,
          (Param("code", "text", "For receipts of this class."), *ITEMS)),
    lists("/v1/own-rfq", "read", list_own_rfq, "One's requests for quotes", shapes.RfqPast, REQUESTS.query),
    lists("/v1/own-rfq-answers", "read", list_own_rfq_answers, "One's answers to requests", shapes.OwnQuote,
          ANSWERS.query),
    *routes_of(ACTS),
    Route("POST", f"{_ONE}/answers", "tender", answer_rfq, "Answer a request as a dealer", shapes.QuoteGiven,
          types.Done, keyed=True),
)  # fmt: skip

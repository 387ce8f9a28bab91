"""Forwards between two parties: offered, accepted, their cargo named, rings of them offset, failures and hindrances."""

from steelyard.api import listing
from steelyard.api.call import Call, Reply, tell
from steelyard.api.goods import Act, Noun, path_id, reach_of, routes_of
from steelyard.api.listing import Field, Listing
from steelyard.api.problems import ProblemError
from steelyard.api.route import Param, Route, lists
from steelyard.api.views import forwards as view
from steelyard.client import forwards as shapes
from steelyard.client.titles import PaperAsked
from steelyard.flows.forward_facts import ForwardMoved
from steelyard.market.forwards import ForwardState
from steelyard.storage.queries import Found

OWNERS = ("seller", "buyer")
MOVES_MAX = 10_000


async def list_forwards(call: Call) -> Reply:
    """List forwards that one is a side of."""
    views = (await reach_of(call)).of(OWNERS)
    return await listing.answer(call, FORWARDS._replace(views=lambda call: views))


async def get_forward(call: Call) -> Reply:
    """Show a forward with every step."""
    reach, reader, forward_id = await reach_of(call), call.gateway.stores.reader, path_id(call)

    def work() -> tuple[Found, list[Found]] | None:
        row = reader.one("forward", forward_id=forward_id)
        of_it = [("forward_id", "=", forward_id)]
        return (row, reader.page("forward_move", of_it, limit=MOVES_MAX)) if row is not None else None

    found = await call.gateway.aside(work)
    if found is None or not reach.sees(found[0], OWNERS):
        raise ProblemError("not-found")
    return tell(view.whole(*found, call))


async def _sees(call: Call) -> bool:
    if "id" not in call.path_params:
        return True
    reach, reader, forward_id = await reach_of(call), call.gateway.stores.reader, path_id(call)
    row = await call.gateway.aside(lambda: reader.one("forward", forward_id=forward_id))
    return row is not None and reach.sees(row, OWNERS)


FORWARD = Noun(ForwardMoved, "forward_id", "forwards", view.NOT_ONES, _sees)
_ALL, _AT = "/v1/forwards", "/v1/forwards/{id}"
ACTS = (
    Act("POST", _ALL, "title", "forward.offer", shapes.ForwardAsked, view.offered, "Offer a forward to the other side"),
    Act("POST", f"{_AT}/accept", "title", "forward.accept", None, view.named, "Accept a forward"),
    Act("POST", f"{_AT}/decline", "title", "forward.decline", None, view.named, "Decline a forward, or take it back"),
    Act("POST", f"{_AT}/appropriate", "title", "forward.appropriate", shapes.CargoAsked, view.cargo,
        "Name the cargo of a forward: a delivery begins"),
    Act("POST", f"{_AT}/renounce", "title", "forward.renounce", PaperAsked, view.papered,
        "Renounce a forward and owe the difference"),
    Act("POST", f"{_AT}/circle", "title", "forward.circle", None, view.circle, "Offset rings of forwards"),
    Act("POST", f"{_AT}/hinder", "site", "forward.hinder", shapes.HindranceAsked, view.hindrance,
        "Let a prohibition or force majeure stand between"),
    Act("POST", f"{_AT}/resume", "site", "forward.resume", PaperAsked, view.papered, "End what stands between"),
    Act("POST", f"{_AT}/rule", "site", "forward.rule", shapes.MarketAsked, view.market,
        "Say what the market was worth at a failure"),
)  # fmt: skip
FORWARDS = Listing(
    "forward", shapes.ForwardShown, lambda row, call: shapes.ForwardShown(**view.fields(row, call)),
    listing.own(*OWNERS),
    (
        Field(Param("contract", "text", "Of this contract."), "contract"),
        Field(Param("state", "words", "In these states.", tuple(one.value for one in ForwardState)), "state"),
    ),
)  # fmt: skip
ROUTES = (
    lists(_ALL, "read", list_forwards, "Forwards", shapes.ForwardShown, FORWARDS.query),
    Route("GET", _AT, "read", get_forward, "A forward and what is next", told=shapes.ForwardWhole),
    *routes_of(ACTS, FORWARD),
)

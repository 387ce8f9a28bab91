"""Trades made outside the book: registered by both sides, so that they count for published prices."""

from steelyard.api import listing, wire
from steelyard.api.auth.visibility import view_of
from steelyard.api.call import Call, Reply, tell
from steelyard.api.listing import Field, Listing, own
from steelyard.api.problems import ProblemError
from steelyard.api.route import Param, Route, lists
from steelyard.api.routes.acts import Act, routes_of
from steelyard.api.views import otc as view
from steelyard.client import otc as shapes
from steelyard.market.otc import OtcState


async def list_otc_trades(call: Call) -> Reply:
    """List one's registrations, newest first; those who read the whole network see all."""
    return await listing.answer(call, TRADES)


async def get_otc_trade(call: Call) -> Reply:
    """Show a registration of one's own."""
    trade_id, seen = wire.path_id(call.path_params["id"]), view_of(call.who, call.directory.members)

    def work() -> shapes.OtcShown:
        row = call.gateway.stores.reader.one("otc_trade", trade_id=trade_id)
        if row is None:
            raise ProblemError("not-found")
        seen.need(row["buyer"], row["seller"])
        return view.shown(row, call)

    return tell(await call.gateway.aside(work))


TRADES = Listing(
    "otc_trade", shapes.OtcShown, view.shown, own("buyer", "seller"),
    (Field(Param("state", "words", "In these states.", tuple(one.value for one in OtcState)), "state"),),
)  # fmt: skip
_ALL, _ONE = "/v1/otc-trades", "/v1/otc-trades/{id}"
ACTS = (
    Act(
        "POST",
        _ALL,
        "tender",
        "otc.register",
        shapes.OtcAsked,
        view.registered,
        "Register a trade made outside",
    ),
    Act("POST", f"{_ONE}/confirm", "tender", "otc.confirm", None, view.named, "Confirm a registration"),
    Act("POST", f"{_ONE}/withdraw", "tender", "otc.withdraw", None, view.named, "Take a registration back"),
)
ROUTES = (
    lists(_ALL, "read", list_otc_trades, "One's registered trades", shapes.OtcShown, TRADES.query),
    Route("GET", _ONE, "read", get_otc_trade, "A registered trade", told=shapes.OtcShown),
    *routes_of(ACTS),
)

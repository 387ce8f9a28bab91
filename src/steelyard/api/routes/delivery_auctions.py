"""The auctions of failed deliveries: those under way, and offers in them. Everybody sees them; offers are one's own."""

from typing import Any

from steelyard.api import listing
from steelyard.api.auth.visibility import view_of
from steelyard.api.call import Call, Reply
from steelyard.api.listing import ITEMS
from steelyard.api.route import lists
from steelyard.api.routes.acts import Act, routes_of
from steelyard.api.views import deliveries as view
from steelyard.client import deliveries as shapes

_ALL = "/v1/delivery-auctions"


async def list_delivery_auctions(call: Call) -> Reply:
    """List the buy-ins and sell-outs of failed deliveries that take offers."""
    viewer = "" if view_of(call.who, call.directory.members).owners is None else call.who.owner
    found = await call.gateway.read("delivery_auctions", viewer=viewer)
    items = [view.auction(row, call.directory) for row in found.decoded(list[dict[str, Any]])]
    return await listing.answer_items(
        call, shapes.DeliveryAuction, items, lambda one: (one.closes_at, one.delivery_id), seq=found.seq
    )


ROUTES = (
    lists(_ALL, "read", list_delivery_auctions, "Buy-ins and sell-outs of failed deliveries", shapes.DeliveryAuction,
          ITEMS),
    *routes_of(
        (
            Act("POST", f"{_ALL}/{{id}}/bids", "title", "delivery.bid", shapes.CoverBid, view.bid,
                "Offer goods or money for lots of a failed delivery"),
            Act("POST", f"{_ALL}/{{id}}/back", "title", "delivery.back", shapes.CoverBack, view.back,
                "Say up to which price one trades on after the other side has failed"),
        )
    ),
)  # fmt: skip

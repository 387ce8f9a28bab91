"""What gateways ask the state about deliveries: the auctions of failed ones, which everybody may bid in.

Sides are not named to others, and offers are the bidder's own and the operator's, as are prices that a side trades on.
"""

from collections.abc import Callable
from typing import Any

from steelyard.flows.deliveries import S
from steelyard.flows.world import World
from steelyard.market.deliveries import Delivery
from steelyard.members.roles import OwnerKind

Params = tuple[Any, ...]
Row = dict[str, Any]


def auctions(world: World, params: Params, viewer: str) -> list[Row]:
    """Give the auctions of failed deliveries that are under way, by the order in which the deliveries were opened."""
    whole = viewer == "" or world.members.owner_kind(viewer) is OwnerKind.OPERATOR
    return [_auction(one, viewer, whole=whole) for one in world.deliveries.each() if one.auction is not None]


def _auction(one: Delivery, viewer: str, *, whole: bool) -> Row:
    auction, terms = one.auction, one.terms
    assert auction is not None
    buys = one.state is S.BUY_IN
    trades_on = whole or viewer == (one.buyer if buys else one.seller)
    return {
        "delivery_id": one.delivery_id, "buys": buys, "instrument": terms.instrument, "site": terms.site,
        "grade": terms.grade, "lots": terms.lots, "unit_kg": terms.unit_kg, "currency": terms.currency,
        "price_kg": terms.schedule.price_kg, "agreed_minor": terms.agreed_minor, "limit_minor": auction.limit_minor,
        "closes_at": auction.closes_at, "is_bill": bool(one.bill),
        "backed_minor": auction.back_minor if trades_on else 0,
        "offers": [
            [offer.number, offer.bidder, offer.lots, offer.price_minor]
            for offer in auction.offers
            if whole or offer.bidder == viewer
        ],
    }  # fmt: skip


READS: tuple[tuple[str, Callable[[World, Params, str], Any]], ...] = (("delivery_auctions", auctions),)

"""The auction that makes up for a side of a delivery that has failed: buy-in for a seller, sell-out for a buyer.

The lots of the delivery are one market order in a call auction, by the rule of all call auctions; offers of others meet
it. In a buy-in they sell goods that are locked, in a sell-out they buy with money that is set aside, so every offer is
firm until the auction is over. Two people open it and say the worst price that counts: no offer beyond is taken.

The side that has not failed may trade on, up to (for a seller: down to) a price of its own. Then goods and money change
hands at the price of the auction; else it is paid the difference alone.
"""

from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct

from steelyard.market.auctions.call import CallOrder, uncross
from steelyard.values.instants import Instant

OFFERS_MAX = 200
OWN_OFFERS_MAX = 20
"""Offers of one bidder in an auction: nobody fills it alone"""
OWN_ORDER = "failed"


class Offer(Struct, array_like=True, frozen=True, gc=False):
    """What somebody offers: so many lots, to sell or to buy, at the worst price that he takes.

    `receipts` are the goods of who sells, `reservation` the money of who buys.
    """

    number: int
    bidder: str
    lots: int
    price_minor: int
    receipts: tuple[bytes, ...] = ()
    reservation: bytes = b""


class CoverAuction(Struct, array_like=True, frozen=True, gc=False):
    """An auction under way. `back_minor` is the price up to which the side that has not failed trades on, 0: not.

    `reservation` is that side's money, where it buys.
    """

    closes_at: Instant
    limit_minor: int
    document: bytes
    offers: tuple[Offer, ...] = ()
    back_minor: int = 0
    reservation: bytes = b""


class Filled(NamedTuple):
    """An offer that has won, and how many lots of it."""

    offer: Offer
    lots: int


def is_within(price_minor: int, limit_minor: int, *, buys: bool) -> bool:
    """Tell whether a price is the limit or better, seen from who trades on the failed delivery's behalf.

    >>> is_within(240, 250, buys=True), is_within(240, 250, buys=False)
    (True, False)
    """
    return 0 < price_minor <= limit_minor if buys else price_minor >= limit_minor


def uncrossed(
    lots: int, offers: Iterable[Offer], *, buys: bool, reference: int
) -> tuple[int, list[Filled]] | None:
    """Find the price of an auction and who has won how many lots, or None where nobody has offered.

    `buys` says that the delivery's lots are bought in; `reference` is the price agreed.

    >>> offers = [Offer(1, "A", 3, 260), Offer(2, "B", 2, 250), Offer(3, "C", 4, 255)]
    >>> [(one.offer.bidder, one.lots) for one in uncrossed(5, offers, buys=True, reference=240)[1]]
    [('B', 2), ('C', 3)]
    >>> uncrossed(5, offers, buys=True, reference=240)[0], uncrossed(5, offers, buys=False, reference=240)[0]
    (255, 255)
    """
    by_number = {str(one.number): one for one in offers}
    theirs = [CallOrder(key, one.price_minor, one.lots, one.number) for key, one in by_number.items()]
    own = [CallOrder(OWN_ORDER, None, lots, 0)]
    found = uncross(*((own, theirs) if buys else (theirs, own)), reference=reference)
    if found is None:
        return None
    return found.price, [
        Filled(by_number[one.sell if buys else one.buy], one.quantity) for one in found.trades
    ]

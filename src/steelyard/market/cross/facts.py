"""What a book in many currencies answers, and how it hands a trade to whoever books its bundle."""

from collections.abc import Callable
from enum import IntEnum

from msgspec import Struct

from steelyard.market.orders import (
    Accepted,
    Cancelled,
    CancelRejected,
    Decremented,
    PhaseChanged,
    PhaseRejected,
    Refused,
    Replaced,
    ReplaceRejected,
    Side,
)


class CrossTrade(Struct, array_like=True, frozen=True, gc=False, tag="cross_trade"):
    """One fill. `price` is the resting order's, in its currency; in an auction 0, the amounts say all.

    `taker` is the side that came, None in an auction. `quote_no` 0: one currency, or an auction's rates.
    """

    buy: int
    sell: int
    quantity: int
    price: int
    buyer_currency: str
    buyer_minor: int
    seller_currency: str
    seller_minor: int
    quote_no: int
    taker: Side | None


class CrossAuction(Struct, array_like=True, frozen=True, gc=False, tag="cross_auction"):
    """What a call came to: the price as minor units of the basket, exact. A `num` of 0: no price."""

    num: int
    den: int
    volume: int = 0
    surplus: int = 0


CrossFact = (
    Accepted
    | Refused
    | CrossTrade
    | CrossAuction
    | Cancelled
    | CancelRejected
    | Replaced
    | ReplaceRejected
    | Decremented
    | PhaseChanged
    | PhaseRejected
)


class Failed(IntEnum):
    """Whose side of a trade's bundle failed."""

    BUYER = 0
    SELLER = 1
    QUOTE = 2


Booking = Callable[[CrossTrade], Failed | None]
"""Books the bundle of a trade, whole or not at all, and says whose side failed."""


def agreed(trade: CrossTrade) -> Failed | None:
    """Book nothing: for a book whose trades are not settled here."""
    return None

"""What a book in many currencies answers, and how it hands a trade to whoever books its bundle."""

from collections.abc import Callable
from enum import IntEnum
from fractions import Fraction

from msgspec import Struct

from steelyard.market.orders import (
    Accepted,
    CallExtended,
    Cancelled,
    CancelRejected,
    Decremented,
    PhaseChanged,
    PhaseRejected,
    Refused,
    Released,
    Replaced,
    ReplaceRejected,
    Side,
    VolatilityCall,
)


class CrossTrade(Struct, array_like=True, frozen=True, gc=False, tag="cross_trade"):
    """One fill. `price` is the resting order's, in its currency; in an auction 0, the amounts say all.

    `taker` is the side that came, None in an auction. `quote_no` 0: one currency, or an auction's rates. `value` is
    the price in the unit of the basket at the rates of its moment, None where no quotes tell it.
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
    value: Fraction | None = None


class CrossAuction(Struct, array_like=True, frozen=True, gc=False, tag="cross_auction"):
    """What a call came to: the price as minor units of the basket, exact. A `num` of 0: no price.

    `rates` are what it froze: basket minor units for one minor unit of each currency that took part.
    """

    num: int
    den: int
    volume: int = 0
    surplus: int = 0
    rates: tuple[tuple[str, Fraction], ...] = ()


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
    | Released
    | PhaseChanged
    | PhaseRejected
    | VolatilityCall
    | CallExtended
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

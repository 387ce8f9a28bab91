"""What is traded, as the book sees it: ticks, lots, bands and the choices that venues make differently.

Only the terms of trading are here; what is delivered, where and in which quality is the contract's. Prices are
minor units on the tick, quantities multiples of the lot. No instrument is special in code.
"""

from enum import IntEnum

from msgspec import Struct

PRICE_MAX = QUANTITY_MAX = 10**18 - 1


class SelfTrade(IntEnum):
    """What happens when an order meets one of its own group. The order that comes decides."""

    NONE = 0
    """They trade like any two"""
    CANCEL_TAKER = 1
    """The rest of the order that comes is cancelled, its fills stand"""
    CANCEL_MAKER = 2
    """The resting order is cancelled, the one that comes goes on"""
    CANCEL_BOTH = 3
    DECREMENT = 4
    """Both lose the smaller quantity, nothing trades"""


class Instrument(Struct, array_like=True, frozen=True, gc=False, kw_only=True):
    """The terms on which one thing is traded.

    `ref_price` is the settlement price of the day before, `last_price` the last trade; both only start a book,
    which keeps its own from then on. So do the daily limits `limit_low` and `limit_high` (orders beyond are
    refused) and the collar `dyn_low` and `dyn_high` (a trade outside starts a volatility call); `collar_bp`
    works the collar out anew after every auction, None leaves it as it is. With a basket all of these are in its
    minor units, while tick and the prices of orders are in the minor units of each order's own currency.
    """

    code: str
    tick: int = 1
    lot: int = 1
    currency: str = ""
    """The one currency of its orders, empty where each order is in its owner's"""
    basket: str = ""
    """The unit in which orders of several currencies are compared, empty with one currency"""
    stp: SelfTrade = SelfTrade.CANCEL_TAKER
    ref_price: int | None = None
    last_price: int | None = None
    limit_low: int | None = None
    limit_high: int | None = None
    limit_bp: int = 700
    """How far a price may go from the reference in a day, in hundredths of a per cent"""
    limit_step: int = 1
    """To what the daily limit is rounded, minor units"""
    dyn_low: int | None = None
    dyn_high: int | None = None
    collar_bp: int | None = None
    rest_market: bool = False
    """What is left of a market order rests without a price; otherwise it is cancelled"""
    pressure_cap_pct: str | None = None
    """Per cent as a decimal text, exact"""
    post_close: bool = False
    """Orders at the settlement price trade after the close"""
    peaks_max: int = 1_000
    """The most peaks that an iceberg may be shown in"""
    call_seconds: int = 120
    """How long a volatility call lasts"""
    calendar: str = ""
    """The name of its trading calendar"""
    basket_holds: tuple[tuple[str, int], ...] = ()
    """What one unit of the basket, 100 minor units, holds: (currency, minor units), by currency"""

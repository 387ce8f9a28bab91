"""What a book is asked and what it answers: events in, facts out, all of them small and made of integers.

Orders, members and groups are numbers here; who keeps the books knows the names. Member 0 is nobody, group 0 no
group. A price is minor units, None for an order without one; a quantity is in the units of the instrument.
"""

from enum import IntEnum

from msgspec import Struct

from steelyard.market.instruments import SelfTrade
from steelyard.market.phases import Phase
from steelyard.values.instants import Day


class Side(IntEnum):
    """Who an order is for."""

    BUY = 0
    SELL = 1


class Type(IntEnum):
    """What price an order takes."""

    LIMIT = 0
    MARKET = 1
    MTL = 2
    """Market to limit: the best level, then a limit order at its price"""


class Tif(IntEnum):
    """How long an order is good."""

    GTC = 0
    DAY = 1
    GTD = 2
    """Until the end of the day `until_on`"""
    GFA = 3
    """For the auction of the call in which it comes"""
    IOC = 4
    FOK = 5


class Status(IntEnum):
    """Where an order is."""

    OPEN = 0
    FILLED = 1
    CANCELLED = 2
    REJECTED = 3
    STOP_WAIT = 4


class Why(IntEnum):
    """Why an order was cancelled, a phase changed, a call went on."""

    ASKED = 0
    REST = 1
    """What was left of an order that may not rest"""
    NOT_WHOLE = 2
    """It had to fill whole and could not"""
    SELF_TRADE = 3
    MASS = 4
    DISCONNECTED = 5
    EXPIRED = 6
    LIMITS = 7
    """New daily limits leave it outside"""
    COLLAR = 8
    AUCTION = 9
    CALENDAR = 10
    OPERATOR = 11
    BUNDLE = 12
    """The bundle of a trade was refused, and this order's side failed"""


class NewOrder(Struct, array_like=True, frozen=True, gc=False, tag="new", tag_field="event"):
    """Enter an order."""

    order_id: int
    side: Side
    quantity: int
    price: int | None = None
    type: Type = Type.LIMIT
    tif: Tif = Tif.GTC
    stop: int | None = None
    peak: int | None = None
    post_only: bool = False
    aon: bool = False
    member: int = 0
    group: int = 0
    stp: SelfTrade | None = None
    """None: as the instrument says"""
    until_on: Day = 0


class Cancel(Struct, array_like=True, frozen=True, gc=False, tag="cancel", tag_field="event"):
    """Take an order out. Only the market itself gives another reason than that it was asked to."""

    order_id: int
    why: Why = Why.ASKED


class Replace(Struct, array_like=True, frozen=True, gc=False, tag="replace", tag_field="event"):
    """Change an order's total quantity, its price, or both; None leaves it.

    With `of_open` the quantity is what is to be open instead of the total. With `to_back` the order loses its
    time whatever changes. Both are there for streams of other venues' messages.
    """

    order_id: int
    quantity: int | None = None
    price: int | None = None
    of_open: bool = False
    to_back: bool = False


class MassCancel(Struct, array_like=True, frozen=True, gc=False, tag="mass_cancel", tag_field="event"):
    """Take out all orders of a member, a group, a side, or all of the book, in the order of their times."""

    member: int | None = None
    group: int | None = None
    side: Side | None = None
    why: Why = Why.MASS


class PhaseTo(Struct, array_like=True, frozen=True, gc=False, tag="phase", tag_field="event"):
    """Change the phase. A call that is left for a matching phase is uncrossed first. `on` is the day that ends."""

    phase: Phase
    why: Why = Why.CALENDAR
    on: Day = 0


class Uncross(Struct, array_like=True, frozen=True, gc=False, tag="uncross", tag_field="event"):
    """End a call: one price, all trades at it, then the phase named, or the one the call interrupted.

    A volatility call that would end outside twice the collar is extended once and then waits for `forced`.
    """

    to: Phase | None = None
    forced: bool = False
    on: Day = 0
    """The day that ends, where the phase named is CLOSED"""


class Bands(Struct, array_like=True, frozen=True, gc=False, tag="bands", tag_field="event"):
    """Set reference, daily limits and collar; orders beyond the new limits are cancelled. None: there is none."""

    reference: int | None = None
    limit_low: int | None = None
    limit_high: int | None = None
    dyn_low: int | None = None
    dyn_high: int | None = None


class Settlement(Struct, array_like=True, frozen=True, gc=False, tag="settlement", tag_field="event"):
    """Set the settlement price, at which alone orders trade after the close."""

    price: int


Event = NewOrder | Cancel | Replace | MassCancel | PhaseTo | Uncross | Bands | Settlement


class Accepted(Struct, array_like=True, frozen=True, gc=False, tag="accepted"):
    """The order has entered; what it did follows."""

    order_id: int


class Refused(Struct, array_like=True, frozen=True, gc=False, tag="refused"):
    """The order has not entered. `code` is that of an OrderRefusal."""

    order_id: int
    code: int


class Trade(Struct, array_like=True, frozen=True, gc=False, tag="trade"):
    """One fill. `taker` is the side that came, None in an auction; `own`: both are of one group."""

    buy: int
    sell: int
    quantity: int
    price: int
    taker: Side | None = None
    own: bool = False


class Cancelled(Struct, array_like=True, frozen=True, gc=False, tag="cancelled"):
    """The order has ended with `left` not traded."""

    order_id: int
    left: int
    why: Why


class CancelRejected(Struct, array_like=True, frozen=True, gc=False, tag="cancel_rejected"):
    """Nothing was cancelled."""

    order_id: int
    code: int


class Replaced(Struct, array_like=True, frozen=True, gc=False, tag="replaced"):
    """The order has its new terms and `left` open before it trades; 0 ends it."""

    order_id: int
    left: int


class ReplaceRejected(Struct, array_like=True, frozen=True, gc=False, tag="replace_rejected"):
    """The order is as it was."""

    order_id: int
    code: int


class Decremented(Struct, array_like=True, frozen=True, gc=False, tag="decremented"):
    """Two orders of one group met, and both lost the quantity."""

    taker: int
    maker: int
    quantity: int


class Released(Struct, array_like=True, frozen=True, gc=False, tag="released"):
    """A stop order enters the book now."""

    order_id: int


class PhaseChanged(Struct, array_like=True, frozen=True, gc=False, tag="phase_changed"):
    """The phase is another one."""

    phase: Phase
    why: Why


class PhaseRejected(Struct, array_like=True, frozen=True, gc=False, tag="phase_rejected"):
    """The phase stays as it is."""

    phase: Phase
    code: int


class VolatilityCall(Struct, array_like=True, frozen=True, gc=False, tag="volatility_call"):
    """A trade at this price would have been outside the collar."""

    price: int


class Auction(Struct, array_like=True, frozen=True, gc=False, tag="auction"):
    """What a call came to. `surplus`: bought less sold at the price. A price of None: nothing trades."""

    price: int | None
    volume: int = 0
    surplus: int = 0


class CallExtended(Struct, array_like=True, frozen=True, gc=False, tag="call_extended"):
    """The call goes on; `operator`: it has been extended once and somebody has to end it."""

    price: int
    operator: bool


Fact = (
    Accepted
    | Refused
    | Trade
    | Cancelled
    | CancelRejected
    | Replaced
    | ReplaceRejected
    | Decremented
    | Released
    | PhaseChanged
    | PhaseRejected
    | VolatilityCall
    | Auction
    | CallExtended
)

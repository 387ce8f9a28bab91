"""The shapes of auctions: their terms by format, bids, sealed orders, and what each came to.

A price is a decimal text in the instrument's currency for one unit of it; lots are whole units.
"""

from typing import Annotated, Literal

from msgspec import Meta

from steelyard.client.acts import Decimal
from steelyard.client.market import InstrumentCode, Quantity, SideWord
from steelyard.client.types import Amount, Asked, HexDigest, InstantText, Money, Told

FormatWord = Literal["english", "dutch", "reverse_rounds", "best_and_final", "sealed"]
Lots = Annotated[int, Meta(ge=1, lt=10**12, description="Whole units of the instrument.")]
Seconds = Annotated[int, Meta(ge=0, le=86_400)]
Few = Annotated[int, Meta(ge=1, le=1_000)]
Cause = Annotated[str, Meta(min_length=1, max_length=35)]
Salt = Annotated[
    str, Meta(pattern=r"^[0-9a-f]{32}$(?!\n)", description="16 bytes of chance in lower-case hex.")
]


class EnglishAsked(Asked):
    """Open bids that rise. A bid in the last `extend_seconds` moves the close. The reserve is kept to the end."""

    instrument: InstrumentCode
    lots: Lots
    start: Decimal
    step: Decimal
    opens_at: InstantText
    closes_at: InstantText
    reserve: Decimal = "0"
    extend_seconds: Seconds = 0
    extensions_max: Annotated[int, Meta(ge=0, le=1_000)] = 0


class DutchAsked(Asked):
    """A price that falls from the start to the floor by a step an interval; who takes lots pays that of the moment."""

    instrument: InstrumentCode
    lots: Lots
    start: Decimal
    floor: Decimal
    step: Decimal
    opens_at: InstantText
    interval_seconds: Annotated[int, Meta(ge=1, le=86_400)]


class ReverseAsked(Asked):
    """The owner buys; sellers offer less in three rounds, of which fewer go on each time."""

    instrument: InstrumentCode
    lots: Lots
    ceiling: Decimal
    step: Decimal
    opens_at: InstantText
    ends_at: Annotated[list[InstantText], Meta(min_length=3, max_length=3)]
    keep: tuple[Few, Few] = (5, 3)


class FinalAsked(Asked):
    """One offer each, then a last one of the best `keep`. The reserve is kept to the end."""

    instrument: InstrumentCode
    lots: Lots
    side: Annotated[SideWord, Meta(description="What the owner does.")]
    reserve: Decimal
    opens_at: InstantText
    offers_end_at: InstantText
    final_end_at: InstantText
    keep: Few = 3


class SealedAsked(Asked):
    """A call with sealed orders: committed to before the close, opened after it. Unopened: the deposit's rule."""

    instrument: InstrumentCode
    opens_at: InstantText
    closes_at: InstantText
    reveal_until_at: InstantText
    reference: Decimal | None = None
    pressure_cap_pct: str | None = None
    deposit: Money | None = None
    forfeits: bool = True


class BidAsked(Asked):
    """A bid or an offer; in a Dutch auction a take, whose price is the most that is paid, null for any."""

    lots: Lots
    price: Decimal | None = None


class CommitAsked(Asked):
    """The SHA-256 of an order and its salt."""

    commitment: HexDigest


class RevealAsked(Asked):
    """The order that was committed to; a market order has no price."""

    order_id: Annotated[str, Meta(min_length=1, max_length=64)]
    side: SideWord
    quantity: Quantity
    salt: Salt
    price: Decimal | None = None


class CancelAsked(Asked):
    """Why an auction ends before its time."""

    reason: Cause


class AwardShown(Told):
    """What a bid got. Whose it is is told to him and to the auction's owner."""

    bid_id: str
    bidder: str | None
    lots: int
    price: str


class AuctionShown(Told):
    """An auction as it stands. `terms` are those of its format; a reserve is told when it is over."""

    auction_id: str
    format: FormatWord
    owner: str
    instrument: str
    currency: str | None
    tick: str
    lots: int | None
    state: str
    terms: dict[str, str]
    due_at: str | None
    reason: str
    awards: list[AwardShown]
    root: str | None
    price: str | None
    volume: int | None
    entered_at: str
    changed_at: str


class BidShown(Told):
    """A bid. Whose it is is told to him and to the auction's owner."""

    bid_id: str
    bidder: str | None
    price: str | None
    lots: int
    at: str


class CommitmentShown(Told):
    """A sealed order as everybody sees it: what was committed to, and whether it was opened."""

    commitment: str
    owner: str | None
    state: Literal["committed", "revealed"]
    deposit: Amount | None
    deposit_state: Literal["", "held", "returned", "forfeited"]
    at: str

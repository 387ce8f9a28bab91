"""The shapes of credit lines that cross the wire: intraday, between members, and swaps."""

from typing import Annotated, Literal

from msgspec import Meta

from steelyard.client.acts import Decimal
from steelyard.client.types import Amount, Asked, AssetCode, BicText, InstantText, Money, Name, Told

Bp = Annotated[int, Meta(ge=0, le=10_000)]
Days = Annotated[int, Meta(ge=0, le=3_660)]
LineName = Literal["intraday", "member", "swap"]


class CollateralAsked(Asked):
    """What is pledged: how much of it, the price of one in the line's currency, and what is taken off."""

    asset: Name
    quantity: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    price: Decimal
    haircut_bp: Bp = 0
    reservation: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")] | None = None
    """What its owner has set aside of it, where it is booked here: the line locks that"""


class CreditLineAsked(Asked):
    """A line in one's own currency, all its terms anew.

    `intraday`: for a participant, against `collateral`, until `repay_at` and so each day. `member`: for the
    settlement agent of another member, drawn in lots that are too old after `age_limit_days`. `swap`: for such an
    agent too, against its own currency `pledge`, back after `tenor_days`.
    """

    kind: LineName
    currency: AssetCode
    partner: BicText
    cap: Decimal
    rate_bp: Bp = 0
    from_at: InstantText | None = None
    to_at: InstantText | None = None
    repay_at: InstantText | None = None
    collateral: Annotated[list[CollateralAsked], Meta(max_length=1_000)] = []
    age_limit_days: Days = 0
    tenor_days: Days = 0
    pledge: AssetCode | None = None
    margin_bp: Bp = 0
    rate_source: Annotated[str, Meta(max_length=64)] = ""


class AutoDrawAsked(Asked):
    """Whether cycles may draw on a line by themselves, and how much each at most."""

    auto_draw: bool
    cycle_cap: Decimal = "0"


class DrawAsked(Asked):
    """How much is drawn on a line, and for which participant of the own member."""

    participant: BicText
    amount: Money


class RepayAsked(Asked):
    """How much of a line is repaid: a settlement agent says by whom; of a swap which lot, whole."""

    amount: Money
    participant: BicText | None = None
    lot: Annotated[int, Meta(ge=1, le=2**62)] | None = None


class Collateral(Told):
    """What is pledged, and what it counts for; the price is in minor units of the line's currency, exact."""

    asset: str
    quantity: str
    price: str
    haircut_bp: int
    value: Amount
    reservation: str | None


class CreditLot(Told):
    """A draw that is not repaid whole."""

    lot: int
    amount: Amount
    open: Amount
    opened_on: str | None
    age_days: int
    participant: str | None
    due_at: str | None
    """Of a swap: when it goes back by itself"""
    pledged: Amount | None
    cycle: str | None


class CreditCase(Told):
    """What was not repaid or given back in time: people look after it."""

    case_id: str
    line_id: str
    kind: str
    lot: int | None
    amount: Amount
    opened_at: str
    closed_at: str | None


class CreditLine(Told):
    """A credit line as lender and borrower see it. `most` is the cap, or what its collateral counts for if less."""

    line_id: str
    kind: LineName
    lender: str
    borrower: str
    currency: str
    account: str
    state: Literal["open", "closed"]
    usable: bool
    why: str | None
    """Name of the rule that keeps it from being used"""
    cap: Amount
    most: Amount
    used: Amount
    room: Amount
    rate_bp: int
    from_at: str | None
    to_at: str | None
    repay_at: str | None
    collateral: list[Collateral]
    age_limit_days: int | None
    tenor_days: int | None
    margin_bp: int | None
    rate_source: str | None
    pledge: str | None
    auto_draw: bool
    cycle_cap: Amount
    lots: list[CreditLot]
    cases: list[CreditCase]

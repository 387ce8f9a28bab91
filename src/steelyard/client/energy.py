"""The shapes of energy: supply contracts with take-or-pay, matches of who has with who needs, indices.

Months are YYYY-MM. Quantities are whole units of the contract. Shares are decimals such as 0.80.
"""

from typing import Annotated, Literal

from msgspec import Meta

from steelyard.client.acts import Decimal
from steelyard.client.types import Amount, Asked, AssetCode, BicText, Reference, Told

Month = Annotated[
    str, Meta(pattern=r"^(19[7-9][0-9]|2[0-9]{3})-(0[1-9]|1[0-2])$(?!\n)", description="A month.")
]
Units = Annotated[int, Meta(ge=0, lt=10**15, description="Whole units.")]
Share = Annotated[
    str, Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9})?$(?!\n)", description="A decimal, such as 0.80.")
]
Years = Annotated[int, Meta(ge=0, le=30)]


class PointAsked(Asked):
    """A delivery point and how much it takes in a month at most; in a nomination, how much is wanted there."""

    point: Reference
    quantity: Units


class SupplyAsked(Asked):
    """A contract as its seller offers it.

    Price of a month: `base` + `slope` x mean of the index in the three months before, per unit. An index that is
    published is a series of prices of this system, whose monthly means count; another's values are entered.
    """

    buyer: BicText
    asset: AssetCode
    unit: Reference
    acq: Annotated[int, Meta(ge=1, lt=10**15, description="Annual contract quantity.")]
    take_or_pay: Share
    first_month: Month
    years: Annotated[int, Meta(ge=1, le=30)]
    points: Annotated[list[PointAsked], Meta(min_length=1, max_length=16)]
    index: Reference
    base: Decimal
    slope: Share
    above: Share = "0"
    tolerance: Share = "0"
    makeup_years: Years = 0
    carry_share: Share = "0"
    carry_years: Years = 0
    notice_s: Annotated[int, Meta(ge=0, le=34_560_000)] = 0
    index_is_published: bool = False


class NominationAsked(Asked):
    """What the buyer wants in a month, by delivery point; it replaces what was nominated before."""

    month: Month
    points: Annotated[list[PointAsked], Meta(max_length=16)]


class GiveUpAsked(Asked):
    """What of the annual quantity the buyer gives up for the coming year."""

    quantity: Units


class TakeAsked(Asked):
    """What was taken in a month, what the seller failed to deliver, what force majeure kept away."""

    month: Month
    taken: Units
    shortfall: Units = 0
    force_majeure: Units = 0


class MonthAsked(Asked):
    """A month."""

    month: Month


class IndexAsked(Asked):
    """An outside index's value in a month, in minor units of the contracts that are priced by it; given once.

    `source` says who published it, and where.
    """

    index: Reference
    month: Month
    value_minor: Share
    source: Annotated[str, Meta(min_length=1, max_length=200)]


class NodeAsked(Asked):
    """A place: it has `amount` units (above zero), needs them (below), or passes on.

    `price_minor` is what it asks, or bids; without it who has asks nothing, who needs bids whatever it costs.
    """

    id: Reference
    amount: Annotated[int, Meta(gt=-(10**15), lt=10**15)]
    price_minor: Annotated[int, Meta(ge=0, lt=10**11)] | None = None
    product: Annotated[str, Meta(max_length=35)] = ""
    month: Annotated[str, Meta(max_length=35)] = ""


class RouteAsked(Asked):
    """A way from a node to another, at a cost per unit; without a capacity it carries anything."""

    id: Reference
    source: Reference
    target: Reference
    cost_minor: Annotated[int, Meta(ge=0, lt=10**11)]
    capacity: Units | None = None


class MatchAsked(Asked):
    """A network to be matched by the node's solver."""

    nodes: Annotated[list[NodeAsked], Meta(min_length=1, max_length=500)]
    routes: Annotated[list[RouteAsked], Meta(max_length=5_000)]


class PriceProof(Asked):
    """A price of a node that proves a match: a ratio."""

    num: Annotated[int, Meta(ge=0, le=2**62)]
    den: Annotated[int, Meta(ge=1, le=1_000_000)] = 1


class MatchBrought(Asked):
    """A match that was computed elsewhere, with its proof: quantities by route, prices by node, in their order."""

    nodes: Annotated[list[NodeAsked], Meta(min_length=1, max_length=500)]
    routes: Annotated[list[RouteAsked], Meta(max_length=5_000)]
    flows: Annotated[list[Units], Meta(max_length=5_000)]
    prices: Annotated[list[PriceProof], Meta(max_length=500)]
    cost_minor: Annotated[int, Meta(ge=0, le=2**62)]


class SupplyShown(Told):
    """A contract in a list. `year` counts contract years from 1."""

    contract_id: str
    seller: str
    buyer: str
    asset: str
    unit: str
    acq: int
    first_month: str
    years: int
    state: Literal["OFFERED", "RUNNING", "ENDED", "CANCELLED"]
    year: int
    entered_at: str
    changed_at: str


class PointShown(Told):
    """A delivery point with a quantity."""

    point: str
    quantity: int


class SupplyTermsShown(Told):
    """The terms of a contract. Shares are exact ratios as text; `base` is in minor units per unit."""

    take_or_pay: str
    index: str
    index_is_published: bool
    base_minor: str
    slope: str
    above: str
    tolerance: str
    makeup_years: int
    carry_share: str
    carry_years: int
    notice_s: int
    points: list[PointShown]


class SupplyMonthShown(Told):
    """A month: nominated, reported, or confirmed and paid at a price (an exact ratio of minor units per unit)."""

    month: str
    event: str
    nominated: int
    taken: int
    shortfall: int
    force_majeure: int
    price_minor: str | None
    paid: Amount | None
    bundle_id: str | None


class SupplyYearShown(Told):
    """A settled year: take-or-pay and make-up as exact ratios, and what was booked of them."""

    year: int
    taken: int
    top_quantity: str
    deficiency: str
    price_minor: str
    recovered: str
    expired: str
    carry_used: str
    bank: str
    booked_quantity: int
    paid: Amount
    bundle_id: str | None


class LotShown(Told):
    """What a year has handed on, an exact ratio of units."""

    year: int
    quantity: str


class SupplyWhole(Told):
    """A contract with its months, years, and what stands in its make-up bank. Terms are there while it runs."""

    contract: SupplyShown
    terms: SupplyTermsShown | None
    given_up: int | None
    months: list[SupplyMonthShown]
    settled_years: list[SupplyYearShown]
    makeup: list[LotShown]
    carry_forward: list[LotShown]


class RouteUsed(Told):
    """So much over a route."""

    route: str
    quantity: int


class NodePrice(Told):
    """A node's price, and the highest that proves the match as well; null: any above."""

    node: str
    price_minor: str
    highest_minor: str | None


class NodeLeft(Told):
    """What is left at a node: unserved, with the reason, or unsold."""

    node: str
    quantity: int
    why: str | None


class MatchShown(Told):
    """A published match; `digest` is the SHA-256 over its network, costs are minor units of it."""

    match_id: str
    digest: str
    cost_minor: str
    surplus_minor: str | None
    flows: list[RouteUsed]
    prices: list[NodePrice]
    marginal: list[str]
    unserved: list[NodeLeft]
    unsold: list[NodeLeft]
    at: str


class IndexShown(Told):
    """An outside index's value in a month: an exact ratio of minor units, and who says so."""

    index: str
    month: str
    value_minor: str
    source: str

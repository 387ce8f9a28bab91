"""The shapes of energy: supply contracts with take-or-pay, matches of who has with who needs, indices.

Months are YYYY-MM. Quantities are whole units of the contract. Shares are decimals such as 0.80.
"""

from typing import Annotated, Literal

from msgspec import Meta, field

from steelyard.client.acts import Decimal
from steelyard.client.types import (
    Amount,
    Asked,
    AssetCode,
    BicText,
    InstantText,
    Reference,
    Told,
    UuidText,
)

Month = Annotated[
    str, Meta(pattern=r"^(19[7-9][0-9]|2[0-9]{3})-(0[1-9]|1[0-2])$(?!\n)", description="A month.")
]
Units = Annotated[int, Meta(ge=0, lt=10**15, description="Whole units.")]
Share = Annotated[
    str, Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9})?$(?!\n)", description="A decimal, such as 0.80.")
]
Years = Annotated[int, Meta(ge=0, le=30)]
RatioText = Annotated[
    str,
    Meta(pattern=r"^-?[0-9]{1,300}(/[0-9]{1,300})?$(?!\n)", description="An exact ratio in lowest terms."),
]
Ratios = Annotated[list[RatioText], Meta(max_length=5_000)]


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
    """A month that is confirmed: paid now, with a quote from another currency; or `later`, by a bill."""

    month: Month
    quote_id: UuidText | None = None
    later: bool = False


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
    owner: Annotated[str, Meta(max_length=11)] = ""
    """BIC of who is paid, or pays, where the match is settled"""


class KeepsAsked(Asked):
    """What arrives of what enters a route: 97 of 100, such as."""

    num: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    den: Annotated[int, Meta(ge=1, le=1_000_000)] = 1


class RouteAsked(Asked):
    """A way from a node to another, at a cost per unit that enters; without a capacity it carries anything.

    `keeps` is what arrives of what enters. With a `lot` it carries whole cargoes of so many units alone.
    """

    id: Reference
    source: Reference
    target: Reference
    cost_minor: Annotated[int, Meta(ge=0, lt=10**11)]
    capacity: Units | None = None
    keeps: KeepsAsked = field(default_factory=KeepsAsked)
    lot: Units = 0
    owner: Annotated[str, Meta(max_length=11)] = ""
    """BIC of who carries, and is paid for it where the match is settled"""


class SharedAsked(Asked):
    """A capacity that several routes share, such as a pipeline or a terminal."""

    id: Reference
    capacity: Units
    routes: Annotated[list[Reference], Meta(min_length=1, max_length=5_000)]
    owner: Annotated[str, Meta(max_length=11)] = ""


class MatchAsked(Asked):
    """A network to be matched by the node's solver. `asset` is the currency of its costs and prices.

    With `accept_until` it is settled in that currency if all parties accept in time.
    """

    nodes: Annotated[list[NodeAsked], Meta(min_length=1, max_length=500)]
    routes: Annotated[list[RouteAsked], Meta(max_length=5_000)]
    shared: Annotated[list[SharedAsked], Meta(max_length=32)] = []
    asset: Annotated[str, Meta(max_length=32)] = ""
    accept_until: InstantText | None = None


class PriceProof(Asked):
    """A price of a node that proves a match: a ratio."""

    num: Annotated[int, Meta(ge=0, le=2**62)]
    den: Annotated[int, Meta(ge=1, le=1_000_000)] = 1


class WeightBrought(Asked):
    """How much of a column a proof weighs: columns are routes, markets, wastes, free capacities, from 0."""

    column: Annotated[int, Meta(ge=0, le=20_000)]
    weight: RatioText


class ProofBrought(Asked):
    """The proof of a network whose routes lose, share a capacity or carry cargoes: exact ratios such as 4800/97."""

    flows: Ratios
    cost: RatioText
    prices: Ratios
    rents: Ratios
    second: Ratios
    rent_proofs: Annotated[list[Annotated[list[WeightBrought], Meta(max_length=10_000)]], Meta(max_length=32)]
    price_proof: Annotated[list[WeightBrought], Meta(max_length=10_000)]
    highest: Ratios
    high_proof: Annotated[list[WeightBrought], Meta(max_length=10_000)]
    rising: Ratios


class MatchBrought(MatchAsked):
    """A match that was computed elsewhere, with its proof: quantities by route, prices by node, in their order.

    Of a network that is not plain `proof` says all that; `flows` and `cost_minor` are then of cargoes alone.
    """

    flows: Annotated[list[Units], Meta(max_length=5_000)] = []
    prices: Annotated[list[PriceProof], Meta(max_length=500)] = []
    cost_minor: Annotated[int, Meta(ge=0, le=2**62)] = 0
    proof: ProofBrought | None = None


class EnergyBillPaid(Asked):
    """How a bill is paid: in its currency, or by a firm quote that brings its creditor just its amount."""

    quote_id: UuidText | None = None


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
    """A month: nominated, reported, or confirmed at a price (an exact ratio of minor units per unit).

    `paid` is what it costs; `bundle_id` is there where it was paid at once, else a bill says how it stands.
    """

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
    repaid: Amount
    """For what was recovered, from seller to buyer"""
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
    """So much enters a route: an exact ratio."""

    route: str
    quantity: str


class NodePrice(Told):
    """A node's price, and the highest that proves the match as well; null: any above."""

    node: str
    price_minor: str
    highest_minor: str | None


class NodeLeft(Told):
    """What is left at a node: unserved, with the reason, or unsold; an exact ratio."""

    node: str
    quantity: str
    why: str | None


class NodeServed(Told):
    """Whole units that reach a node."""

    node: str
    quantity: int


class SharedRent(Told):
    """What a unit of a shared capacity is worth: an exact ratio."""

    shared: str
    rent_minor: str


class MatchShown(Told):
    """A match; `digest` is the SHA-256 over its network, costs and prices are exact ratios of minor units of `asset`.

    Where its network named no currency `asset` is null.
    UNPROVED: cargoes that may cost up to `gap_minor` less wait for two people of the operator.
    """

    match_id: str
    digest: str
    state: Literal["PUBLISHED", "UNPROVED"]
    asset: str | None
    cost_minor: str
    surplus_minor: str | None
    gap_minor: int
    flows: list[RouteUsed]
    prices: list[NodePrice]
    rents: list[SharedRent]
    marginal: list[str]
    unserved: list[NodeLeft]
    unsold: list[NodeLeft]
    delivered: list[NodeServed]
    at: str


class EnergyDueShown(Told):
    """What a party will owe another for a month."""

    month: str
    debtor: str
    creditor: str
    amount: Amount


class EnergyServed(Told):
    """What a deal brings to a node that needs: whole units, at a price a unit in minor units, an exact ratio."""

    node: str
    owner: str
    month: str
    quantity: int
    price_minor: str


class EnergyShortfall(Told):
    """What a party has failed to bring to a node, and what it owes for it."""

    node: str
    party: str
    quantity: int
    amount: Amount


class ShortAsked(Asked):
    """So many whole units that one has failed to bring to a node of a deal."""

    node: Reference
    quantity: Annotated[int, Meta(ge=1, lt=10**15)]


class EnergyDealShown(Told):
    """A match that is settled once all its parties accept it; `dues` is what is still to be billed.

    BILLED: all its months are; what was not delivered may still be reported.
    """

    match_id: str
    asset: str
    state: Literal["OFFERED", "AGREED", "BILLED", "ENDED", "CANCELLED"]
    parties: list[str]
    accepted: list[str]
    accept_until: str
    dues: list[EnergyDueShown]
    served: list[EnergyServed]
    shortfalls: list[EnergyShortfall]
    entered_at: str
    changed_at: str


class EnergyBillShown(Told):
    """A bill. What is open of it is paid at once by its order, or by an ordinary payment of just that with its UETR.

    A payment that ended with a part settled has paid that part; the rest is open, under another UETR.
    """

    bill_id: str
    subject: str
    what: Literal["month", "deficiency", "recovery", "match", "shortfall"]
    month: str
    debtor: str
    creditor: str
    amount: Amount
    open: Amount
    due_at: str
    uetr: str
    state: Literal["OPEN", "PAID"]
    bundle_id: str | None
    entered_at: str
    changed_at: str


class IndexShown(Told):
    """An outside index's value in a month: an exact ratio of minor units, and who says so."""

    index: str
    month: str
    value_minor: str
    source: str

"""The facts about energy supply contracts. The list of all facts: `facts.py`."""

from steelyard.flows.fact import Fact


class SupplyMoved(Fact, frozen=True, tag="supply"):
    """A supply contract is in this state now, in its contract year `year`, counted from 0."""

    contract_id: bytes
    seller: str
    buyer: str
    asset: str
    unit: str
    acq: int
    first_month: int
    years: int
    event: str
    state: str
    year: int


class SupplyMonth(Fact, frozen=True, tag="supply.month"):
    """What is known of a month: nominated, reported, confirmed and paid. `price` is an exact ratio as text."""

    contract_id: bytes
    month: int
    event: str
    nominated: int
    taken: int
    shortfall: int
    force_majeure: int
    price: str = ""
    amount_minor: int = 0
    bundle_id: bytes = b""


class SupplyYear(Fact, frozen=True, tag="supply.year"):
    """A contract year is settled: take-or-pay, exact as text, and what was booked of it."""

    contract_id: bytes
    year: int
    taken: int
    top_quantity: str
    deficiency: str
    price: str
    recovered: str
    expired: str
    carry_used: str
    bank: str
    booked_quantity: int
    payment_minor: int
    repaid_minor: int
    """For what was recovered, from seller to buyer"""
    bundle_id: bytes


class IndexPut(Fact, frozen=True, tag="energy.index"):
    """An outside index has this value in a month, an exact ratio of minor units; `source` says so."""

    index: str
    month: int
    num: int
    den: int
    source: str


class EnergyAsked(Fact, frozen=True, tag="energy.ask"):
    """A network is asked about (ASKED); nobody answered in time (UNANSWERED); it was taken back (WITHDRAWN)."""

    match_id: bytes
    state: str


class EnergyMatched(Fact, frozen=True, tag="energy.match"):
    """A match stood every check. Quantities, prices and costs are exact ratios as text.

    `digest` is SHA-256 over nodes, routes and shared capacities. `surplus` is empty where not all have bids. `state` is
    PUBLISHED, or UNPROVED where cargoes leave a gap that two people have not accepted yet.
    """

    match_id: bytes
    digest: bytes
    state: str
    asset: str
    cost: str
    surplus: str
    gap_minor: int
    flows: tuple[tuple[str, str], ...]
    prices: tuple[tuple[str, str, str], ...]
    """(node, price, highest price that proves it as well; empty: any above)"""
    rents: tuple[tuple[str, str], ...]
    marginal: tuple[str, ...]
    unserved: tuple[tuple[str, str, str], ...]
    unsold: tuple[tuple[str, str], ...]
    delivered: tuple[tuple[str, int], ...]


class DealMoved(Fact, frozen=True, tag="energy.deal"):
    """A deal is in this state now. `dues` are what is still to be billed: (month, debtor, creditor, minor units).

    `served` is what reaches nodes that need: (node, owner, month, whole units, price a unit); `shortfalls` what was not
    delivered of it: (node, who failed, units, minor units that it owes).
    """

    match_id: bytes
    asset: str
    parties: tuple[str, ...]
    accepted: tuple[str, ...]
    accept_until: int
    event: str
    state: str
    dues: tuple[tuple[int, str, str, int], ...]
    served: tuple[tuple[str, str, int, int, str], ...] = ()
    shortfalls: tuple[tuple[str, str, int, int], ...] = ()


class EnergyBilled(Fact, frozen=True, tag="energy.bill"):
    """A bill is OPEN, and paid by a payment with this UETR, or PAID; `bundle_id` where it was paid at once."""

    bill_id: bytes
    subject: bytes
    what: str
    month: int
    debtor: str
    creditor: str
    asset: str
    amount_minor: int
    due_at: int
    uetr: bytes
    state: str
    bundle_id: bytes
    paid_minor: int = 0
    """What of it is paid; the rest is owed"""


ENERGY_FACTS = (
    SupplyMoved, SupplyMonth, SupplyYear, IndexPut, EnergyAsked, EnergyMatched, DealMoved, EnergyBilled,
)  # fmt: skip

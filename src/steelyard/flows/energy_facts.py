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
    bundle_id: bytes


class IndexPut(Fact, frozen=True, tag="energy.index"):
    """An outside index has this value in a month, an exact ratio of minor units; `source` says so."""

    index: str
    month: int
    num: int
    den: int
    source: str


class EnergyAsked(Fact, frozen=True, tag="energy.ask"):
    """A network is asked about (ASKED), or nobody answered in time (UNANSWERED)."""

    match_id: bytes
    state: str


class EnergyMatched(Fact, frozen=True, tag="energy.match"):
    """A match was published; `digest` is SHA-256 over nodes and routes, `surplus_minor` -1 where not all have bids."""

    match_id: bytes
    digest: bytes
    cost_minor: int
    surplus_minor: int
    flows: tuple[tuple[str, int], ...]
    prices: tuple[tuple[str, int, int], ...]
    """(node, price, highest price that proves it as well; -1 any above)"""
    marginal: tuple[str, ...]
    unserved: tuple[tuple[str, int, str], ...]
    unsold: tuple[tuple[str, int], ...]


ENERGY_FACTS = (SupplyMoved, SupplyMonth, SupplyYear, IndexPut, EnergyAsked, EnergyMatched)

"""The facts about tenders, requests for quotes and energy contracts. The list of all facts: `facts.py`."""

from steelyard.flows.fact import Fact


class TenderMoved(Fact, frozen=True, tag="tender"):
    """A tender is in this state now. `due_at` ends it by itself, 0 for never."""

    tender_id: bytes
    buyer: str
    asset: str
    cargoes: int
    cargo_t: int
    bond_minor: int
    event: str
    state: str
    due_at: int
    reason: str = ""


class BidMoved(Fact, frozen=True, tag="tender.bid"):
    """What a bidder did, or what became of its bond; `offers` counts those revealed.

    `event` is COMMITTED, WITHDRAWN, REVEALED, SIGNED, BOND_RETURNED, BOND_FORFEITED or OUT.
    """

    tender_id: bytes
    bidder: str
    event: str
    commitment: bytes
    offers: int
    bond_minor: int
    bond: bytes
    """Bundle that set it aside; empty where there is none"""


class TenderEvaluated(Fact, frozen=True, tag="tender.award"):
    """What an evaluation found: the award, or the rules in conflict. `digest` is SHA-256 over all inputs."""

    tender_id: bytes
    ask: int
    by: str
    digest: bytes
    cargoes: tuple[tuple[str, str, int], ...]
    """(offer, vessel, count)"""
    cost_minor: int
    bound_minor: int
    proved: bool
    second_minor: int
    """-1 there is none, -2 not known"""
    rejected: tuple[tuple[str, str, int], ...]
    """(offer, why, entry price; -1 at none, -2 not known)"""
    conflict: tuple[str, ...]


TENDER_FACTS = (TenderMoved, BidMoved, TenderEvaluated)
